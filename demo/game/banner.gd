extends PanelContainer
## Shows how the connection stands, and what is done when it is lost; and each namespace with its own session.

const RoomClient := preload("res://room_client.gd")
const GOOD := Color("7ddf8f")
const WAITING := Color("ffd35c")
const BAD := Color("ff7a70")

var player_count := 0

var _client: RoomClient
## What happened last, "" when that is no news any more.
var _news := ""
## What the last attempt to connect failed of.
var _problem := ""


func watch(client: RoomClient) -> void:
	_client = client
	client.client.connection_state_changed.connect(_on_connection_state_changed)
	client.client.reconnect_attempt.connect(_on_reconnect_attempt)
	client.client.connect_error.connect(_on_connect_error)
	client.returned.connect(_on_returned)
	client.failed.connect(_on_failed)


func _process(_delta: float) -> void:
	if _client == null:
		return
	_show_connection(_client.client)
	_show_namespace(%RoomState, _client.room)
	_show_namespace(%ChatState, _client.chat.space)
	# Most of the time nobody is in a private room.
	var private_space := _client.private_room.space
	(%PrivateChip as Control).visible = private_space.get_connection_state() != SocketIONamespace.STATE_DISCONNECTED
	_show_namespace(%PrivateState, private_space)
	_show_latency(_client.client.get_latency())


# Whatever the reason: this one signal tells of each change.
func _on_connection_state_changed(state: SocketIOClient.ConnectionState) -> void:
	match state:
		SocketIOClient.STATE_CONNECTING:
			_news = "Connection lost. Trying again..."
			_problem = ""
		SocketIOClient.STATE_DISCONNECTED:
			_news = "Not connected. Press \"Join again\" to come back."


func _on_reconnect_attempt(attempt: int, _delay: float) -> void:
	_news = "Connection lost. Trying again (attempt %d)..." % attempt


func _on_connect_error(error: Dictionary) -> void:
	_problem = error.message


func _on_returned(_others: Array) -> void:
	_news = "Back again."
	(%NewsTimer as Timer).start()


func _on_news_timer_timeout() -> void:
	if _client.is_inside:
		_news = ""


func _on_failed(message: String) -> void:
	_problem = message


func _on_try_now_pressed() -> void:
	_news = "Trying again..."
	_problem = ""
	_client.try_now()


func _show_connection(socketio: SocketIOClient) -> void:
	var state: Label = %State
	var details: Label = %Details
	var try_now: Button = %TryNow
	try_now.visible = not _client.is_inside
	if _client.is_inside:
		state.text = _news if _news != "" else "Connected to %s" % socketio.get_connection_url()
		state.modulate = GOOD
		details.text = "%s  ·  Engine.IO session %s  ·  %d %s in the room" % [
			socketio.get_transport_name(), socketio.get_engine_io_session_id(),
			player_count, "player" if player_count == 1 else "players",
		]
		return
	var is_over := socketio.get_connection_state() == SocketIOClient.STATE_DISCONNECTED
	try_now.text = "Join again" if is_over else "Try now"
	state.text = _news
	state.modulate = BAD if is_over else WAITING
	details.text = _problem


func _show_latency(seconds: float) -> void:
	# Below zero while it has not been measured yet.
	(%Latency as Label).text = "%.1f ms" % (seconds * 1000.0) if seconds >= 0.0 else "..."


func _show_namespace(label: Label, space: SocketIONamespace) -> void:
	match space.get_connection_state():
		SocketIONamespace.STATE_CONNECTED:
			label.text = "%s  %s" % [space.get_namespace_path(), space.get_session_id().left(8)]
			label.modulate = GOOD
		SocketIONamespace.STATE_CONNECTING:
			label.text = "%s  joining" % space.get_namespace_path()
			label.modulate = WAITING
		_:
			label.text = "%s  not joined" % space.get_namespace_path()
			label.modulate = BAD
