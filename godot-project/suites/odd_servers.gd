## Servers that real ones never are: packets in odd shapes, and broken ones.
extends "res://suite.gd"

const SERVERS := ["none"]

var _server: RawServer
var _client: SocketIOClient
var _ended: Array


func test_spaces_in_the_json() -> void:
	await _connect()
	var events := listen(_client.get_namespace(), "spaced")
	_server.send('42[ "spaced" , { "a" : [ 1 , 2.0 ] } ]')
	await expect_count(events, 1, "events")
	expect_eq(events, [[{"a": [1, 2.0]}]], "data")


func test_an_event_that_names_the_main_namespace() -> void:
	await _connect()
	var events := listen(_client.get_namespace(), "named")
	_server.send('42/,["named",1]')
	await expect_count(events, 1, "events")


func test_an_event_whose_name_is_a_number() -> void:
	await _connect()
	var received := record(_client.get_namespace().event_received)
	_server.send('42[7,"data"]')
	await expect_count(received, 1, "events")
	expect_eq(received, [["7", ["data"]]], "event")


func test_an_event_of_a_namespace_that_is_not_joined_is_ignored() -> void:
	await _connect()
	_server.send('42/nowhere,["lost"]')
	await _expect_alive()


func test_an_ack_nobody_waits_for_is_ignored() -> void:
	await _connect()
	_server.send('43999["lost"]')
	await _expect_alive()


func test_an_ack_sent_twice_calls_back_once() -> void:
	await _connect()
	var answers := []
	_client.get_namespace().emit_with_ack("ask", [], func(answer: Array) -> void: answers.append(answer), 0.0)
	await expect_until(func() -> bool: return not _server.events().is_empty(), "the question")
	expect_eq(_server.events(), ['420["ask"]'], "packet")
	_server.send('430["first"]')
	_server.send('430["second"]')
	await expect_count(answers, 1, "answers")
	await _expect_alive()
	expect_eq(answers, [["first"]], "answers")


func test_an_answer_with_binary_on_the_wire() -> void:
	await _connect()
	_client.get_namespace().on("question", func(_data: Array, ack: Callable) -> void: ack.call([PackedByteArray([5])]))
	_server.send('4212["question"]')
	await expect_until(func() -> bool: return _server.messages.size() >= 3, "the answer")
	expect_eq(_server.messages.slice(1), ['461-12[{"_placeholder":true,"num":0}]', PackedByteArray([5])], "messages")


func test_an_empty_answer_on_the_wire() -> void:
	await _connect()
	_client.get_namespace().on("question", func(_data: Array, ack: Callable) -> void: ack.call([]))
	_server.send('4212["question"]')
	await expect_until(func() -> bool: return _server.messages.size() >= 2, "the answer")
	expect_eq(_server.messages.slice(1), ["4312[]"], "messages")


func test_the_connect_packet_of_a_namespace() -> void:
	await _connect()
	await join(_client, "/chat")
	await join(_client, "/with-auth", {"a": 1})
	expect_eq(_server.texts(), ["40", "40/chat,", '40/with-auth,{"a":1}'], "packets")


func test_events_before_the_connect_reply_come_after_connected() -> void:
	_server = make_raw_server()
	_server.accepts_namespaces = false
	_client = make_client()
	var order := []
	_client.get_namespace().connected.connect(func(_id: String) -> void: order.append("connected"))
	_client.get_namespace().on("early", func(data: Array) -> void: order.append(data))
	_client.connect_to_url(_server.url)
	await expect_until(func() -> bool: return _server.texts() == ["40"], "CONNECT")
	_server.send('42["early",1]')
	await frames(10)
	expect_eq(order, [], "before the reply")
	_server.send('40{"sid":"late"}')
	await expect_count(order, 2, "calls")
	await frames(3)
	order.sort_custom(func(a: Variant, _b: Variant) -> bool: return a is Array)
	expect_eq(order, [[1], "connected"], "both come once")


func test_nothing_is_emitted_before_the_connect_reply() -> void:
	_server = make_raw_server()
	_server.accepts_namespaces = false
	_client = make_client()
	_client.connect_to_url(_server.url)
	_client.get_namespace().emit("early")
	await expect_until(func() -> bool: return not _server.texts().is_empty(), "CONNECT")
	await wait(0.2)
	expect_eq(_server.texts(), ["40"], "packets before the reply")
	_server.send('40{"sid":"late"}')
	await expect_until(func() -> bool: return _server.events() == ['42["early"]'], "the event")


func test_a_ping_is_answered_with_a_pong() -> void:
	await _connect()
	_server.send("2")
	await expect_until(func() -> bool: return _server.texts().back() == "3", "the pong")


func test_a_noop_is_ignored() -> void:
	await _connect()
	_server.send("6")
	await _expect_alive()


func test_no_ping_in_time_is_a_ping_timeout() -> void:
	_server = make_raw_server()
	_server.opening = '0{"sid":"s","upgrades":[],"pingInterval":300,"pingTimeout":200}'
	await _join()
	var ended := record(_client.disconnected)
	var start := Time.get_ticks_msec()
	await expect_count(ended, 1, "disconnected")
	expect_eq(ended, ["ping timeout"], "reason")
	expect_near((Time.get_ticks_msec() - start) / 1000.0, 0.5, 0.25, "seconds until then")


func test_an_engine_close_packet_is_a_transport_close() -> void:
	await _connect()
	_server.send("1")
	await _expect_end("transport close")


func test_a_websocket_close_is_a_transport_close() -> void:
	await _connect()
	_server.close_websocket()
	await _expect_end("transport close")


func test_a_lost_tcp_connection_is_a_transport_close() -> void:
	await _connect()
	_server.drop()
	await _expect_end("transport close")


func test_what_came_before_the_close_is_delivered() -> void:
	await _connect()
	var events := listen(_client.get_namespace(), "last")
	for i in 20:
		_server.send('42["last",%d]' % i)
	_server.close_websocket()
	await _expect_end("transport close")
	expect_eq(events.size(), 20, "events")


func test_a_disconnect_packet_is_an_io_server_disconnect() -> void:
	await _connect()
	_server.send("41")
	await _expect_end("io server disconnect")


func test_an_unknown_engine_packet_is_a_transport_error() -> void:
	await _connect()
	_server.send("9")
	await _expect_end("transport error")


func test_an_unknown_packet_type_is_a_parse_error() -> void:
	await _expect_parse_error("49")


func test_broken_json_is_a_parse_error() -> void:
	await _expect_parse_error('42["broken",')


func test_an_event_that_is_no_array_is_a_parse_error() -> void:
	await _expect_parse_error('42{"name":"event"}')


func test_an_event_without_a_name_is_a_parse_error() -> void:
	await _expect_parse_error("42[]")


func test_an_event_with_a_reserved_name_is_a_parse_error() -> void:
	await _expect_parse_error('42["connect_error"]')


func test_an_ack_that_is_no_array_is_a_parse_error() -> void:
	await _expect_parse_error('430{"no":"array"}')


func test_a_binary_event_without_attachments_is_a_parse_error() -> void:
	await _expect_parse_error('450-["event"]')


func test_text_while_attachments_are_pending_is_a_parse_error() -> void:
	await _connect()
	_server.send('451-["half",{"_placeholder":true,"num":0}]')
	_server.send('42["interrupts"]')
	await _expect_end("parse error")


func test_an_attachment_that_nobody_announced_is_a_parse_error() -> void:
	await _connect()
	_server.send_bytes(PackedByteArray([1, 2, 3]))
	await _expect_end("parse error")


func test_a_placeholder_out_of_range_is_a_parse_error() -> void:
	await _connect()
	_server.send('451-["bad",{"_placeholder":true,"num":5}]')
	_server.send_bytes(PackedByteArray([1]))
	await _expect_end("parse error")


func test_json_nested_without_end_is_a_parse_error() -> void:
	await _expect_parse_error('42["deep",' + "[".repeat(5000) + "]".repeat(5000) + "]")


func test_numbers_that_do_not_fit_64_bits_become_floats() -> void:
	await _connect()
	var events := listen(_client.get_namespace(), "numbers")
	_server.send('42["numbers",9223372036854775808,-9223372036854775809,1e3,1.0,-0]')
	await expect_count(events, 1, "events")
	expect_eq(events, [[9223372036854775808.0, -9223372036854775809.0, 1000.0, 1.0, 0]], "data")


func test_the_last_of_two_equal_keys_counts() -> void:
	await _connect()
	var events := listen(_client.get_namespace(), "keys")
	_server.send('42["keys",{"a":1,"a":2}]')
	await expect_count(events, 1, "events")
	expect_eq(events, [[{"a": 2}]], "data")


func test_nul_in_a_text_becomes_a_replacement_character() -> void:
	await _connect()
	var events := listen(_client.get_namespace(), "nul")
	_server.send('42["nul","a\\u0000b"]')
	await expect_count(events, 1, "events")
	expect_eq(events, [["a\ufffdb"]], "data")


func test_connecting_again_after_a_parse_error() -> void:
	await _expect_parse_error("49")
	await expect_until(func() -> bool: return not _client.is_socket_connected(), "the end of the connection")
	_client.close()
	await connect_raw(_server, _client)
	await _expect_alive()


func _connect() -> void:
	_server = make_raw_server()
	await _join()
	_ended = record(_client.disconnected)


func _join() -> void:
	_client = make_client()
	_client.reconnection = false
	await connect_raw(_server, _client)


func _expect_parse_error(packet: String) -> void:
	await _connect()
	_server.send(packet)
	await _expect_end("parse error")


func _expect_end(reason: String) -> void:
	await expect_count(_ended, 1, "disconnected")
	expect_eq(_ended, [reason], "reason")
	expect_eq(_client.get_namespace().get_session_id(), "", "session id")


func _expect_alive() -> void:
	var events := listen(_client.get_namespace(), "still there")
	_server.send('42["still there"]')
	await expect_count(events, 1, "events of a connection that goes on")
