## The way in which tests of Blazium's SocketIOClient module use it: the singleton is driven by hand against a mock
## made of Godot's WebSocketPeer, within one frame.
extends "res://suite.gd"

const SERVERS := ["blazium"]
const OPEN_PACKET := '0{"sid":"mock-engine-sid","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'
const STEP_MSEC := 50
const STEPS := 40

var _tcp := TCPServer.new()
var _websocket: WebSocketPeer
var _greeted := false
var _packets: PackedStringArray = []
var _answers := {"40": '40[{"sid":"mock-123"}]'}
var _connections: Array = []


func test_the_engine_has_the_shared_client_by_the_name_of_its_class() -> void:
	expect_true(Engine.has_singleton("SocketIOClient"), "the engine has the singleton")
	expect_true(Engine.get_singleton("SocketIOClient") == SocketIOClient.get_singleton(), "the engine's singleton")


func test_connected_brings_the_session_id_of_a_payload_in_an_array() -> void:
	var ids := []
	_start()
	_connect_signal(SocketIOClient.connected, func(id: String) -> void: ids.append(id))
	_connect_to_mock()
	_drive(func() -> bool: return not ids.is_empty())
	expect_eq(ids, ["mock-123"], "connected")
	expect_eq(SocketIOClient.get_namespace("/").get_session_id(), "mock-123", "session id")
	expect_eq(SocketIOClient.get_engine_io_session_id(), "mock-engine-sid", "engine session id")
	expect_eq(SocketIOClient.is_socket_connected(), true, "is_socket_connected")
	expect_eq(
		SocketIOClient.get_connection_state(), SocketIOClient.STATE_CONNECTED, "state"
	)
	_stop()


func test_an_event_with_a_space_after_its_comma() -> void:
	_start()
	var events := []
	var main := SocketIOClient.get_namespace("/")
	var received := func(event: String, data: Array) -> void: events.append([event, data])
	_connect_signal(main.event_received, received)
	_connect_to_mock()
	_drive(main.is_namespace_connected)
	_websocket.send_text('42["chat_message", {"user":"admin"}]')
	_drive(func() -> bool: return not events.is_empty())
	expect_eq(events, [["chat_message", [{"user": "admin"}]]], "event_received")
	_stop()


func test_a_listener_of_the_singleton() -> void:
	_start()
	var calls := []
	var main := SocketIOClient.get_namespace("/")
	var listener := func(data: Array) -> void: calls.append(data)
	main.on("chat_message", listener)
	_connect_to_mock()
	_drive(main.is_namespace_connected)
	_websocket.send_text('42["chat_message", {"user":"admin"}]')
	_drive(func() -> bool: return not calls.is_empty())
	main.off("chat_message", listener)
	expect_eq(calls, [[{"user": "admin"}]], "calls")
	_stop()


func test_emit_reaches_the_mock() -> void:
	_start()
	_connect_to_mock()
	var main := SocketIOClient.get_namespace("/")
	_drive(main.is_namespace_connected)
	main.emit("move", [{"x": 1}])
	_drive(func() -> bool: return _packets.size() > 1)
	expect_eq(_packets[-1], '42["move",{"x":1}]', "packet")
	_stop()


func test_an_ack_in_the_mocks_own_spelling() -> void:
	_start()
	_connect_to_mock()
	var answers := []
	var main := SocketIOClient.get_namespace("/")
	_drive(main.is_namespace_connected)
	main.emit_with_ack("ask", [1], func(answer: Array) -> void: answers.append(answer))
	_drive(func() -> bool: return _packets.size() > 1)
	expect_true(_packets[-1].begins_with("42") and _packets[-1].ends_with('["ask",1]'), "packet: " + _packets[-1])
	_websocket.send_text("43%s[ \"yes\" ]" % _packets[-1].substr(2).get_slice("[", 0))
	_drive(func() -> bool: return not answers.is_empty())
	expect_eq(answers, [["yes"]], "answers")
	_stop()


func test_a_namespace_joins_with_a_payload_in_an_array() -> void:
	_answers["40/lobby"] = '40/lobby,[{"sid":"mock-lobby"}]'
	_start()
	_connect_to_mock()
	_drive(SocketIOClient.get_namespace("/").is_namespace_connected)
	var lobby := SocketIOClient.get_singleton().create_namespace("/lobby")
	var ids := []
	_connect_signal(lobby.connected, func(id: String) -> void: ids.append(id))
	expect_eq(lobby.connect_to_namespace(), OK, "connect_to_namespace")
	_drive(func() -> bool: return not ids.is_empty())
	expect_eq(ids, ["mock-lobby"], "connected")
	expect_true(_packets[-1].begins_with("40/lobby"), "packet: " + _packets[-1])
	_stop()


func test_auth_goes_with_the_connect_packet() -> void:
	_start()
	_connect_to_mock({"token": "abc"})
	_drive(SocketIOClient.get_namespace("/").is_namespace_connected)
	expect_eq(_packets[0], '40{"token":"abc"}', "packet")
	_stop()


func test_a_refusal_of_the_mock() -> void:
	_answers["40"] = '44{"message":"Not authorized","data":{"code":"E001"}}'
	_start()
	var errors := []
	_connect_signal(SocketIOClient.connect_error, func(error: Dictionary) -> void: errors.append(error))
	_connect_to_mock()
	_drive(func() -> bool: return not errors.is_empty())
	expect_true("Not authorized" in errors[0].message, "message: %s" % errors[0].message)
	expect_eq(errors[0].data, {"code": "E001"}, "data")
	_stop()


func test_close_reaches_the_mock_and_it_can_start_again() -> void:
	for attempt in 3:
		_start()
		_connect_to_mock()
		_drive(SocketIOClient.get_namespace("/").is_namespace_connected)
		SocketIOClient.close()
		_drive(func() -> bool: return _websocket.get_ready_state() == WebSocketPeer.STATE_CLOSED)
		expect_eq(SocketIOClient.is_socket_connected(), false, "is_socket_connected")
		_stop()


func _start() -> void:
	keep(SocketIOClient.get_singleton())
	SocketIOClient.close()
	_packets.clear()
	_greeted = false
	_websocket = null
	expect_eq(_tcp.listen(0, "127.0.0.1"), OK, "listen")


func _connect_to_mock(auth := {}) -> void:
	var address := "ws://127.0.0.1:%d" % _tcp.get_local_port()
	expect_eq(SocketIOClient.connect_to_url(address, auth), OK, "connect_to_url")


func _drive(done: Callable) -> void:
	for step in STEPS:
		SocketIOClient.poll()
		_poll_mock()
		if done.call():
			return
		OS.delay_msec(STEP_MSEC)
	fail("what was waited for did not happen")


func _poll_mock() -> void:
	if _websocket == null:
		if not _tcp.is_connection_available():
			return
		_websocket = WebSocketPeer.new()
		_websocket.accept_stream(_tcp.take_connection())
	_websocket.poll()
	if _websocket.get_ready_state() == WebSocketPeer.STATE_OPEN and not _greeted:
		_websocket.send_text(OPEN_PACKET)
		_greeted = true
	while _websocket.get_available_packet_count() > 0:
		_answer(_websocket.get_packet().get_string_from_utf8())


func _answer(packet: String) -> void:
	_packets.append(packet)
	for request: String in _answers:
		if packet.trim_suffix(",") == request or packet.begins_with(request + "{") or packet.begins_with(request + ",{"):
			_websocket.send_text(_answers[request])


func _connect_signal(source: Signal, handler: Callable) -> void:
	source.connect(handler)
	_connections.append([source, handler])


func _stop() -> void:
	SocketIOClient.close()
	SocketIOClient.poll()
	for connection: Array in _connections:
		connection[0].disconnect(connection[1])
	_connections.clear()
	_tcp.stop()
