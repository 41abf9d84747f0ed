extends Node
## Everything that this game says to the server and hears from it. The chat is in chat_client.gd, private rooms are in
## private_room_client.gd.
##
## The scenes know only the methods and signals below. server/server.js is the other end.

## In the room for the first time.
signal joined(me: Dictionary, others: Array)
## In the room again, after the connection was lost.
signal returned(others: Array)
## There is no connection, and there will be none until `enter` or `try_now`.
signal failed(message: String)
## This player has left.
signal left
signal player_joined(player: Dictionary)
signal player_left(id: String)
signal player_moved(id: String, place: Vector2)
signal player_rolled(id: String, number: int)
signal picture_received(id: String, png: PackedByteArray)
signal asked_if_ready

const ChatClient := preload("res://chat_client.gd")
const PrivateRoomClient := preload("res://private_room_client.gd")

## One connection to the server, shared by the namespaces.
var client: SocketIOClient
## The main namespace, "/": the players and what they do.
var room: SocketIONamespace
## The namespace "/chat": what the players say.
var chat: ChatClient
## The namespace "/private": what is said among those who know a word.
var private_room: PrivateRoomClient
## This player, as the server sees it. Empty until joined.
var me := {}
## Whether the player is in the room now: not while the connection is lost.
var is_inside := false

var _url := ""
var _wish := {}


func _init(socketio_client: SocketIOClient) -> void:
	client = socketio_client
	client.connect_error.connect(_on_connect_error)

	room = client.get_namespace("/")
	room.connected.connect(_on_room_connected)
	room.disconnected.connect(_on_room_disconnected)
	room.on("player_joined", _on_player_joined)
	room.on("player_left", _on_player_left)
	room.on("places", _on_places)
	# Each has the places of everybody. If more than one waits for a frame, only the newest is worth the work.
	room.coalesce("places")
	room.on("player_rolled", _on_player_rolled)
	room.on("player_picture", _on_player_picture)
	room.on("are_you_ready", _on_are_you_ready)

	chat = ChatClient.new(client)
	private_room = PrivateRoomClient.new(client)


## Connects, and joins the room as soon as the connection stands. `joined` or `failed` follows.
func enter(url: String, player_name: String, color: Color) -> void:
	_url = url
	# The id stays when the connection is lost: so the others see the same player come back.
	var id := Crypto.new().generate_random_bytes(8).hex_encode()
	_wish = {"id": id, "name": player_name, "color": "#" + color.to_html(false)}
	me = {}
	chat.begin()
	if client.connect_to_url(url) != OK:
		failed.emit("This is not the address of a server: %s" % url)


## Connects again: at once in place of later, or after `failed`.
func try_now() -> void:
	if client.get_connection_state() == SocketIOClient.STATE_DISCONNECTED:
		client.connect_to_url(_url)
	else:
		client.reconnect_now()


## Leaves the room and closes the connection.
func leave() -> void:
	client.close()
	me = {}
	left.emit()


## Tells of a step on the way.
func step_to(place: Vector2) -> void:
	_stand_at(place)
	# A volatile event is dropped where it cannot be sent at once. The next step comes soon and tells the newer place, so
	# nobody should wait for this one.
	if is_inside:
		room.emit_volatile("move", [place.x, place.y])


## Tells where the player stays: this has to arrive.
func stop_at(place: Vector2) -> void:
	_stand_at(place)
	# While the connection is lost there is nothing to tell: the place goes along when joining again.
	if is_inside:
		room.emit("move", [place.x, place.y])


## Returns the number that the server rolled, 0 if it did not answer.
func roll(sides: int) -> int:
	var reply: SocketIOReply = await room.request("roll", [sides])
	return reply.data[0] if reply.is_ok() else 0


## The server asks every player. Returns `[the names of those who are ready, how many were asked]`, nothing if
## it did not answer.
func ready_check() -> Array:
	var reply: SocketIOReply = await room.request("ready_check")
	return reply.data if reply.is_ok() else []


## Shows a picture to everybody. Returns what the server stored: the same bytes, unless it refused them.
func send_picture(png: PackedByteArray) -> PackedByteArray:
	# A PackedByteArray anywhere in the data travels as binary, in both directions.
	var reply: SocketIOReply = await room.request("picture", [png])
	return reply.data[0] if reply.is_ok() and reply.data[0] is PackedByteArray else PackedByteArray()


func _stand_at(place: Vector2) -> void:
	me.x = place.x
	me.y = place.y


# This is emitted after every reconnection as well. Such a session is a new one: the server has to be told who
# this is, and what has changed meanwhile has to be asked for.
func _on_room_connected(_session_id: String) -> void:
	var is_back := not me.is_empty()
	var reply: SocketIOReply = await room.request("join", [me if is_back else _wish])
	if reply.error == ERR_CONNECTION_ERROR:
		# Lost again, or left.
		return
	if not reply.is_ok() or not reply.data[0] is Dictionary:
		_give_up("The server did not let you in.")
		return
	me = reply.data[0].you
	is_inside = true
	if is_back:
		returned.emit(reply.data[0].players)
	else:
		joined.emit(me, reply.data[0].players)
	chat.join(me)


func _on_room_disconnected(reason: String) -> void:
	is_inside = false
	# Any other lost connection is made again by the client itself.
	if reason == "io server disconnect":
		_give_up("The server has ended your visit.")


func _on_connect_error(error: Dictionary) -> void:
	# Whoever is not let into a private room stays in this one.
	if error.get("namespace") == private_room.space.get_namespace_path():
		return
	# Nobody is let in by asking again, and whoever is not inside yet may want to correct the address.
	if error.code == SocketIOClient.ERROR_NAMESPACE_REFUSED or me.is_empty():
		_give_up(error.message)


func _give_up(message: String) -> void:
	client.close()
	failed.emit(message)


# A listener gets one Array: what the server emitted after the name of the event.
func _on_player_joined(data: Array) -> void:
	player_joined.emit(data[0])


func _on_player_left(data: Array) -> void:
	player_left.emit(data[0])


func _on_places(data: Array) -> void:
	var places: Dictionary = data[0]
	for id: String in places:
		# The own player is where this game has put it, which the server hears of later.
		if id != me.get("id"):
			player_moved.emit(id, Vector2(places[id][0], places[id][1]))


func _on_player_rolled(data: Array) -> void:
	player_rolled.emit(data[0], data[1])


func _on_player_picture(data: Array) -> void:
	picture_received.emit(data[0], data[1])


# The server asks, so the listener takes a second parameter: what answers.
func _on_are_you_ready(_data: Array, ack: Callable) -> void:
	ack.call([me.name])
	asked_if_ready.emit()
