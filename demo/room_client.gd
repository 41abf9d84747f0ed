extends Node
## Everything that this game says to the server and hears from it.
##
## The scenes know only the methods and signals below. server/server.js is the other end.

signal joined(me: Dictionary, others: Array)
signal failed(message: String)
signal left(reason: String)
signal player_joined(player: Dictionary)
signal player_left(id: String)
signal player_moved(id: String, place: Vector2)
signal player_rolled(id: String, number: int)
signal picture_received(id: String, png: PackedByteArray)
signal line_heard(line: Dictionary)
signal asked_if_ready

## One connection to the server, shared by the namespaces.
var client: SocketIOClient
## The main namespace, "/": the players and what they do.
var room: SocketIONamespace
## The namespace "/chat": what the players say.
var chat: SocketIONamespace
## This player, as the server sees it. Empty until joined.
var me := {}

var _wish := {}


func _init(socketio_client: SocketIOClient) -> void:
	client = socketio_client
	client.connect_error.connect(_on_connect_error)
	client.disconnected.connect(_on_disconnected)

	# The main namespace is there from the start, any other one is created by its first use.
	room = client.get_namespace("/")
	room.connected.connect(_on_room_connected)
	room.on("player_joined", _on_player_joined)
	room.on("player_left", _on_player_left)
	room.on("player_moved", _on_player_moved)
	room.on("player_rolled", _on_player_rolled)
	room.on("player_picture", _on_player_picture)
	room.on("are_you_ready", _on_are_you_ready)

	chat = client.create_namespace("/chat")
	chat.on("said", _on_said)


## Connects, and joins the room as soon as the connection stands. `joined` or `failed` follows.
func enter(url: String, player_name: String, color: Color) -> void:
	_wish = {"name": player_name, "color": "#" + color.to_html(false)}
	if client.connect_to_url(url) != OK:
		failed.emit("This is not the address of a server: %s" % url)


## Leaves the room and closes the connection. `left` follows.
func leave() -> void:
	client.close()


func move_to(place: Vector2) -> void:
	room.emit("move", [place.x, place.y])


## Says something in the chat. Returns to how many players it was delivered, -1 if it was not.
func say(text: String) -> int:
	var answer: Array = await ask(chat, "say", [text])
	return answer[0] if answer[0] is int else -1


## Returns the newest lines of the chat, oldest first.
func history(count: int) -> Array:
	var answer: Array = await ask(chat, "history", [count])
	return answer[0] if answer[0] is Array else []


## Returns the number that the server rolled, 0 if it did not answer.
func roll(sides: int) -> int:
	var answer: Array = await ask(room, "roll", [sides])
	return answer[0] if answer[0] is int else 0


## The server asks every player. Returns `[the names of those who are ready, how many were asked]`.
func ready_check() -> Array:
	var answer: Array = await ask(room, "ready_check")
	return answer if answer.size() == 2 else [[], 0]


## Shows a picture to everybody. Returns what the server stored: the same bytes, unless it refused them.
func send_picture(png: PackedByteArray) -> PackedByteArray:
	# A PackedByteArray anywhere in the data travels as binary, in both directions.
	var answer: Array = await ask(room, "picture", [png])
	return answer[0] if answer[0] is PackedByteArray else PackedByteArray()


## Emits an event and waits for the server's answer, which is `["timeout"]` when there is none.
func ask(target: SocketIONamespace, event: String, data: Array = []) -> Array:
	var question := Question.new()
	target.emit_with_ack(event, data, question.answer)
	return await question.answered


func _on_room_connected(_session_id: String) -> void:
	var answer: Array = await ask(room, "join", [_wish])
	if not answer[0] is Dictionary:
		failed.emit("The server did not let you in.")
		return
	var reply: Dictionary = answer[0]
	me = reply.you
	joined.emit(me, reply.players)
	# The auth tells the chat who this is.
	chat.connect_to_namespace({"player": me.id})


func _on_connect_error(error: Dictionary) -> void:
	failed.emit(error.message)


func _on_disconnected(reason: String) -> void:
	me = {}
	left.emit(reason)


# A listener gets one Array: what the server emitted after the name of the event.
func _on_player_joined(data: Array) -> void:
	player_joined.emit(data[0])


func _on_player_left(data: Array) -> void:
	player_left.emit(data[0])


func _on_player_moved(data: Array) -> void:
	player_moved.emit(data[0], Vector2(data[1], data[2]))


func _on_player_rolled(data: Array) -> void:
	player_rolled.emit(data[0], data[1])


func _on_player_picture(data: Array) -> void:
	picture_received.emit(data[0], data[1])


# The server asks, so the listener takes a second parameter: what answers.
func _on_are_you_ready(_data: Array, ack: Callable) -> void:
	ack.call([me.name])
	asked_if_ready.emit()


func _on_said(data: Array) -> void:
	line_heard.emit(data[0])


## Turns the callback of `emit_with_ack` into a signal, which can be awaited.
class Question:
	signal answered(data: Array)

	func answer(data: Array) -> void:
		answered.emit(data)
