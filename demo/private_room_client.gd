extends RefCounted
## A private room: those who have said the same word hear each other in it, and nobody else does.
##
## It is a namespace that is joined only when it is wanted, over the connection that is there anyway. The word is its auth:
## the server puts the player into a room of that word, or refuses whoever brings none. After a lost connection the
## client joins again by itself, with the same auth, so there is nothing to do here for coming back.

## The server did not let this player in.
signal refused(message: String)
## Who is in the room now, this player included.
signal members_changed(names: Array)
## This player is not in the room any more, and does not come back by itself.
signal left
## Another player's line, `{name, color, text}`.
signal line_heard(line: Dictionary)

## The namespace "/private".
var space: SocketIONamespace


func _init(client: SocketIOClient) -> void:
	space = client.create_namespace("/private")
	space.disconnected.connect(_on_disconnected)
	space.connect_error.connect(_on_connect_error)
	space.on("members", func(data: Array) -> void: members_changed.emit(data[0]))
	space.on("said", func(data: Array) -> void: line_heard.emit(data[0]))


## Enters the room of a word as this player, `{id, name, color}`, and leaves the one before.
func enter(player: Dictionary, word: String) -> void:
	leave()
	space.connect_to_namespace({"id": player.id, "name": player.name, "color": player.color, "word": word})


## Leaves the room. The connection, the chat and the game go on.
func leave() -> void:
	if space.get_connection_state() != SocketIONamespace.STATE_DISCONNECTED:
		space.disconnect_from_namespace()


## Says something in the room. Returns to how many players it was delivered, -1 if nobody knows. Unlike in the chat, what
## is said while the connection is lost is not kept.
func say(text: String) -> int:
	if not space.is_namespace_connected():
		return -1
	var reply: SocketIOReply = await space.request("say", [text])
	return reply.data[0] if reply.is_ok() else -1


func _on_disconnected(_reason: String) -> void:
	if space.get_connection_state() == SocketIONamespace.STATE_DISCONNECTED:
		left.emit()


func _on_connect_error(error: Dictionary) -> void:
	# Other errors are those of the whole connection, which is made again.
	if error.code == SocketIOClient.ERROR_NAMESPACE_REFUSED:
		refused.emit(error.message)
