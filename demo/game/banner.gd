extends PanelContainer
## Shows how the connection stands: the client's state, and each namespace with its own session.

const RoomClient := preload("res://room_client.gd")
const GOOD := Color("7ddf8f")
const WAITING := Color("ffd35c")
const BAD := Color("ff7a70")

var client: RoomClient
var player_count := 0


func _process(_delta: float) -> void:
	if client == null:
		return
	_show_connection(client.client)
	_show_namespace(%RoomState, client.room)
	_show_namespace(%ChatState, client.chat)
	_show_latency(client.client.get_latency())


func _show_connection(socketio: SocketIOClient) -> void:
	var state: Label = %State
	match socketio.get_connection_state():
		SocketIOClient.STATE_CONNECTED:
			state.text = "Connected to %s" % socketio.get_connection_url()
			state.modulate = GOOD
		SocketIOClient.STATE_CONNECTING:
			state.text = "Connecting to %s" % socketio.get_connection_url()
			state.modulate = WAITING
		_:
			state.text = "Not connected"
			state.modulate = BAD
	(%Details as Label).text = "%s  ·  Engine.IO session %s  ·  %d %s in the room" % [
		socketio.get_transport_name(), socketio.get_engine_io_session_id(),
		player_count, "player" if player_count == 1 else "players",
	]


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
