## Talks to the server of the quick start, which is in docs/quick-start.md: start it, open this scene and press F6.
##
## No game needs this folder. Copy from it what you like, and delete it.
extends Control

@export var url: String = "http://127.0.0.1:3000"

# A client lives as long as something holds it, so it is kept in a member. A game with one connection for all of its
# scenes uses SocketIOClient.get_singleton() in its place.
var _client: SocketIOClient = SocketIOClient.new()
var _room: SocketIONamespace = _client.get_namespace("/")

@onready var _state: Label = %State
@onready var _name: LineEdit = %Name
@onready var _hello: Button = %Hello
@onready var _roll: Button = %Roll
@onready var _log: RichTextLabel = %Log


func _ready() -> void:
	_hello.pressed.connect(_say_hello)
	_roll.pressed.connect(_ask_for_a_number)

	_client.connection_state_changed.connect(_show_state)
	_client.connect_error.connect(_show_error)
	_room.on("welcome", _on_welcome)
	_room.on("joined", _on_joined)
	if _client.connect_to_url(url) == OK:
		_write("connecting to " + url)


func _exit_tree() -> void:
	_client.close()


## Sends an event. Before the connection is there it waits, so nothing has to be checked.
func _say_hello() -> void:
	_room.emit("hello", [_name.text])


## Sends an event and awaits its answer.
func _ask_for_a_number() -> void:
	_roll.disabled = true
	var reply: SocketIOReply = await _room.request("roll", [6])
	_roll.disabled = false
	if reply.is_ok():
		# Numbers that a server writes without a fraction arrive as int.
		var number: int = reply.data[0]
		_write("the server rolled %d" % number)
	else:
		_write("no answer: " + error_string(reply.error))


## A listener gets one Array: what the server gave emit() after the name.
func _on_welcome(data: Array) -> void:
	var text: String = data[0]
	_write(text)


func _on_joined(data: Array) -> void:
	var player: String = data[0]
	_write(player + " came in")


func _show_state(state: SocketIOClient.ConnectionState) -> void:
	match state:
		SocketIOClient.STATE_CONNECTED:
			_state.text = "connected"
		SocketIOClient.STATE_CONNECTING:
			_state.text = "connecting"
		SocketIOClient.STATE_DISCONNECTED:
			_state.text = "disconnected"


## The client goes on trying by itself: this only tells why it is not connected yet.
func _show_error(error: Dictionary) -> void:
	var message: String = error.message
	_write(message)


func _write(line: String) -> void:
	_log.add_text(line + "\n")
