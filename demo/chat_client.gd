extends RefCounted
## The chat: every line arrives once and in the order said, whatever happens to the connection or the server.
##
## What makes it so is that every player numbers the own lines: 1, 2, 3... After each join the server tells
## the number of the last line that it has from us, and we say the ones after it, once more if need be: those
## typed while the connection was lost, those that went down with it, and, when the server was restarted, all
## that it has forgotten. The server takes the lines of a player in this order only, and whoever gets a number
## for the second time, server or player, drops the line.

## Another player's line, `{player, name, color, number, text}`. `is_new` is false for one that was said while
## this player was away.
signal line_heard(line: Dictionary, is_new: bool)
## The server has passed on the line of this number to `count` players.
signal line_delivered(number: int, count: int)

## The namespace "/chat".
var space: SocketIONamespace

var _my_id := ""
## What this player has said: line 1 is the first.
var _my_lines: Array[String] = []
## The last of them that the server has acknowledged.
var _delivered := 0
## The number of the last line heard of each player, by the player's id.
var _heard := {}
var _is_caught_up := false


func _init(client: SocketIOClient) -> void:
	# The main namespace is there from the start, any other one is created by its first use.
	space = client.create_namespace("/chat")
	space.connected.connect(_on_connected)
	space.disconnected.connect(_on_disconnected)
	space.on("said", _on_said)


## Begins a new chat, in which nothing has been said or heard.
func begin() -> void:
	_my_lines.clear()
	_delivered = 0
	_heard.clear()


## Joins as this player, `{id, name, color}`.
func join(player: Dictionary) -> void:
	_my_id = player.id
	# After a lost connection the namespace is joined again by itself, with the same auth.
	if space.get_connection_state() == SocketIONamespace.STATE_DISCONNECTED:
		space.connect_to_namespace({"id": player.id, "name": player.name, "color": player.color})


## Says something, now or when the connection is back. Returns the line's number; `line_delivered` follows.
func say(text: String) -> int:
	_my_lines.append(text)
	var number := _my_lines.size()
	_heard[_my_id] = number
	# Otherwise it is said after the next join, in its turn: the lines before it may have been lost.
	if _is_caught_up:
		_send(number)
	return number


func _on_connected(_session_id: String) -> void:
	# The time-out 0 means to wait for as long as the connection lasts.
	var reply: SocketIOReply = await space.request("catch_up", [_heard], 0.0)
	if not reply.is_ok():
		# Lost again. The next join asks again.
		return
	for line: Dictionary in reply.data[0]:
		_hear(line, false)
	_is_caught_up = true
	# A restarted server knows less than it has acknowledged, a living one perhaps more.
	var known: int = reply.data[1]
	for number in range(mini(known, _delivered) + 1, _my_lines.size() + 1):
		_send(number)


func _on_disconnected(_reason: String) -> void:
	_is_caught_up = false


func _send(number: int) -> void:
	var reply: SocketIOReply = await space.request("say", [number, _my_lines[number - 1]], 0.0)
	# There is no count for a line that was emitted just when the connection was lost: it waited for the next one,
	# overtook those that went down, and was refused.
	if reply.is_ok() and reply.data[0] is int and number > _delivered:
		_delivered = number
		line_delivered.emit(number, reply.data[0])


func _on_said(data: Array) -> void:
	# What is said before the answer to "catch_up" is in that answer, after older lines.
	if _is_caught_up:
		_hear(data[0], true)


func _hear(line: Dictionary, is_new: bool) -> void:
	if line.number > _heard.get(line.player, 0):
		_heard[line.player] = line.number
		line_heard.emit(line, is_new)
