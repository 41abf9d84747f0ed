## The properties of a client.
extends "res://suite.gd"

const SERVERS := ["node", "polling", "python", "rust"]
const NOT_ON := {
	"test_a_path_where_no_server_is": {"polling": "without WebSocket the HTTP server of Node.js answers nothing there"},
	"test_path_is_the_endpoint": {"rust": "one endpoint per process"},
	"test_the_path_of_the_url_comes_before_the_path": {"rust": "one endpoint per process"},
	"test_an_edit_in_place_counts_for_the_next_attempt": {"rust": "socketioxide has no call for close_me"},
	"test_a_wrong_edit_in_place_is_told_once_and_left_out": {"rust": "socketioxide has no call for close_me"},
	"test_without_the_main_namespace_the_signals_are_those_of_the_transport": {"rust": "socketioxide has no call for close_me"},
}
const DEFAULTS := {
	"auto_poll": true,
	"path": "/socket.io/",
	"query": {},
	"extra_headers": {},
	"reconnection": true,
	"reconnection_attempts": 0,
	"reconnection_delay": 1.0,
	"reconnection_delay_max": 5.0,
	"randomization_factor": 0.5,
	"connect_timeout": 20.0,
	"connect_main_namespace": true,
	"max_payload_size": 64 * 1024 * 1024,
	"max_attachments": 10,
	"max_buffered_size": 64 * 1024 * 1024,
	"poll_budget_usec": 0,
}


func test_every_property_has_its_default() -> void:
	var client := make_client()
	var types := {}
	for property: Dictionary in ClassDB.class_get_property_list("SocketIOClient", true):
		types[property.name] = property.type
	for property: String in DEFAULTS:
		expect_eq(client.get(property), DEFAULTS[property], property)
		expect_eq(types.get(property), typeof(DEFAULTS[property]), "type of " + property)
		expect_eq(
			ClassDB.class_get_property_default_value("SocketIOClient", property), DEFAULTS[property],
			"default of %s for the editor" % property
		)
	types.erase("SocketIOClient")
	expect_eq(types.size(), DEFAULTS.size(), "number of properties: %s" % [types.keys()])


func test_properties_keep_what_they_are_set_to() -> void:
	var client := make_client()
	var values := {
		"path": "/other/", "query": {"a": 1}, "extra_headers": {"X-A": "1"}, "reconnection": false,
		"reconnection_attempts": -1, "reconnection_delay": 0.0, "reconnection_delay_max": 60.5,
		"randomization_factor": 1.0, "connect_timeout": 0.5, "connect_main_namespace": false,
		"max_payload_size": 1, "max_attachments": 0, "max_buffered_size": 1, "poll_budget_usec": 2000,
	}
	for property: String in values:
		client.set(property, values[property])
		expect_eq(client.get(property), values[property], property)
	expect_eq(make_client().path, "/socket.io/", "path of another client")


func test_a_value_that_makes_no_sense_is_refused_and_changes_nothing() -> void:
	var client := make_client()
	var wrong := {
		"reconnection_delay": [-1.0, NAN, INF], "reconnection_delay_max": [-0.1, NAN], "randomization_factor": [-0.1, 1.1, NAN],
		"connect_timeout": [0.0, -1.0, INF], "max_payload_size": [0, -1], "max_attachments": [-1],
		"max_buffered_size": [0, -5], "poll_budget_usec": [-1],
		"extra_headers": [{"X-A": "1\r\nX-B: 2"}, {"X\nA": "1"}, {"Upgrade": "h2c"}, {"": "1"}],
	}
	for property: String in wrong:
		for value: Variant in wrong[property]:
			expect_error("SocketIOClient.%s:" % property)
			client.set(property, value)
			expect_eq(client.get(property), DEFAULTS[property], "%s after %s" % [property, value])


func test_the_properties_of_a_namespace_have_their_defaults() -> void:
	var main := make_client().get_namespace()
	expect_eq([main.auth_provider, main.ack_timeout, main.retries, main.recovered], [Callable(), 0.0, 0, false], "defaults")
	main.ack_timeout = 2.5
	main.retries = 3
	expect_eq([main.ack_timeout, main.retries], [2.5, 3], "values")
	for value: float in [-1.0, NAN, INF]:
		expect_error("SocketIONamespace.ack_timeout:")
		main.ack_timeout = value
	expect_error("SocketIONamespace.retries: -1 is not possible")
	main.retries = -1
	expect_eq([main.ack_timeout, main.retries], [2.5, 3], "values after wrong ones")


func test_path_is_the_endpoint() -> void:
	var client := make_client()
	client.path = "/fast/socket.io"
	var handshake := await _handshake_of(client)
	expect_eq(handshake.path, "/fast/socket.io/", "path")


func test_the_path_of_the_url_comes_before_the_path() -> void:
	var client := make_client()
	client.path = "socket.io"
	client.connect_to_url(url("ws", "/fast"))
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	var answer: Array = await ask(client.get_namespace(), "handshake")
	expect_eq(answer[0].path, "/fast/socket.io/", "path")


func test_a_path_where_no_server_is() -> void:
	var client := make_client()
	client.path = "/elsewhere/"
	var errors := record(client.connect_error)
	client.connect_to_url(url())
	await expect_until(func() -> bool: return not errors.is_empty(), "connect_error")
	client.close()
	# The official server closes the connection without an answer.
	var codes := [SocketIOClient.ERROR_HTTP_STATUS, SocketIOClient.ERROR_NOT_SOCKET_IO]
	expect_true(errors[0].code in codes, "code of %s" % errors[0])


func test_query_reaches_the_server() -> void:
	var client := make_client()
	client.query = {"room": "blue & red", "n": 1, &"half": 0.5, "yes": true, "umlaut": "ü"}
	var handshake := await _handshake_of(client)
	for pair: Array in [["room", "blue & red"], ["n", "1"], ["half", "0.5"], ["yes", "true"], ["umlaut", "ü"], ["EIO", "4"]]:
		expect_eq(handshake.query.get(pair[0]), pair[1], "query." + pair[0])


func test_query_is_added_to_that_of_the_url() -> void:
	var client := make_client()
	client.query = {"b": "2"}
	client.connect_to_url(url() + "/?a=1")
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	var answer: Array = await ask(client.get_namespace(), "handshake")
	expect_eq([answer[0].query.get("a"), answer[0].query.get("b")], ["1", "2"], "query")


func test_a_typed_dictionary_is_as_good() -> void:
	var client := make_client()
	var headers: Dictionary[String, int] = {"X-Level": 5}
	client.extra_headers = headers
	var query: Dictionary[StringName, String] = {&"a": "1"}
	client.query = query
	var handshake := await _handshake_of(client)
	expect_eq([handshake.headers.get("x-level"), handshake.query.get("a")], ["5", "1"], "handshake")


func test_extra_headers_reach_the_server() -> void:
	var client := make_client()
	client.extra_headers = {"X-Game-Version": "1.2", "X-Level": 5, "User-Agent": "MyGame"}
	var handshake := await _handshake_of(client)
	expect_eq(
		[handshake.headers.get("x-game-version"), handshake.headers.get("x-level"), handshake.headers.get("user-agent")],
		["1.2", "5", "MyGame"],
		"headers"
	)


func test_a_header_that_was_made_wrong_in_place_refuses_to_connect() -> void:
	var client := make_client()
	client.extra_headers["X-A"] = "1\r\nX-B: 2"
	expect_error("SocketIOClient.connect_to_url: extra_headers: the value of the header \"X-A\" holds a line break")
	expect_eq(client.connect_to_url(url()), ERR_INVALID_PARAMETER, "connect_to_url")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")
	client.extra_headers["X-A"] = "1"
	var handshake := await _handshake_of(client)
	expect_eq([handshake.headers.get("x-a"), handshake.headers.get("x-b")], ["1", null], "headers")


func test_an_edit_in_place_counts_for_the_next_attempt() -> void:
	var client := make_client()
	client.reconnection_delay = 0.3
	client.query["token"] = "first"
	await connect_client(client)
	client.disconnected.connect(func(reason: String) -> void:
		client.query["token"] = reason
		client.extra_headers["X-Lost"] = "yes"
	)
	client.get_namespace().emit("close_me")
	await expect_until(func() -> bool: return not client.get_namespace().is_namespace_connected(), "the loss")
	await expect_until(client.get_namespace().is_namespace_connected, "reconnecting")
	var answer: Array = await ask(client.get_namespace(), "handshake")
	expect_eq(answer[0].query.get("token"), "transport close", "query")
	expect_eq(answer[0].headers.get("x-lost"), "yes", "header")


func test_a_wrong_edit_in_place_is_told_once_and_left_out() -> void:
	var client := make_client()
	client.reconnection_delay = 0.2
	await connect_client(client)
	client.extra_headers["X-A"] = "1\n2"
	expect_error("SocketIOClient.extra_headers: the value of the header \"X-A\" holds a line break")
	client.get_namespace().emit("close_me")
	await expect_until(func() -> bool: return not client.get_namespace().is_namespace_connected(), "the loss")
	await expect_until(client.get_namespace().is_namespace_connected, "reconnecting")
	var answer: Array = await ask(client.get_namespace(), "handshake")
	expect_eq(answer[0].headers.get("x-a"), null, "header")


func test_connect_timeout_ends_an_attempt() -> void:
	var server := make_raw_server()
	server.opening = ""
	var client := make_client()
	client.connect_timeout = 0.4
	client.reconnection = false
	var errors := record(client.connect_error)
	var start := Time.get_ticks_msec()
	client.connect_to_url(server.url)
	await expect_count(errors, 1, "connect_error")
	expect_eq(errors[0].code, SocketIOClient.ERROR_TIMEOUT, "code")
	expect_near((Time.get_ticks_msec() - start) / 1000.0, 0.4, 0.3, "time")


func test_setting_a_property_while_waiting_to_reconnect_counts_at_once() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.reconnection_delay = 60.0
	client.reconnection_delay_max = 60.0
	server.drop()
	await expect_until(func() -> bool: return not client.is_socket_connected(), "the loss")
	client.query = {"again": "1"}
	client.reconnect_now()
	await expect_until(client.get_namespace().is_namespace_connected, "reconnecting")


func test_a_message_larger_than_max_payload_size_ends_the_connection() -> void:
	var client := make_client()
	client.max_payload_size = 100_000
	client.reconnection = false
	await connect_client(client)
	var ended := record(client.disconnected)
	expect_eq((await reply(client.get_namespace(), "echo", ["x".repeat(90_000)], "echo"))[0].length(), 90_000, "below it")
	client.get_namespace().emit("echo", ["x".repeat(110_000)])
	await expect_count(ended, 1, "disconnected")
	expect_true(ended[0] in ["parse error", "transport error"], "reason: %s" % [ended])


func test_more_than_max_attachments_are_refused_on_the_way_out() -> void:
	var client := await connect_client()
	client.max_attachments = 2
	var bytes := PackedByteArray([1])
	expect_error("3 attachments are more than the 2 of SocketIOClient.max_attachments")
	client.get_namespace().emit("echo", [bytes, bytes, bytes])
	expect_eq(await reply(client.get_namespace(), "echo", [bytes, bytes], "echo"), [bytes, bytes], "two of them")


func test_more_than_max_attachments_end_the_connection_on_the_way_in() -> void:
	var client := make_client()
	client.max_attachments = 2
	client.reconnection = false
	await connect_client(client)
	var ended := record(client.disconnected)
	client.get_namespace().emit("many_attachments", [3])
	await expect_count(ended, 1, "disconnected")
	expect_eq(ended, ["parse error"], "reason")


func test_max_attachments_can_be_raised() -> void:
	var server := make_raw_server()
	var client := make_client()
	client.max_attachments = 12
	await connect_raw(server, client)
	var attachments := range(12).map(func(i: int) -> PackedByteArray: return PackedByteArray([i]))
	var events := listen(client.get_namespace(), "many")
	client.get_namespace().emit("many", attachments)
	await expect_until(func() -> bool: return server.messages.size() == 14, "the attachments")
	for message: Variant in server.messages.slice(1):
		if message is String:
			server.send(message)
		else:
			server.send_bytes(message)
	await expect_count(events, 1, "events")
	expect_eq(events, [attachments], "data")


func test_more_than_max_buffered_size_is_refused_until_it_is_raised() -> void:
	var key := "buffered-%d" % Time.get_ticks_usec()
	var client := make_client()
	client.max_buffered_size = 10_000
	client.get_namespace().emit("remember", [key, 1])
	expect_error("raise SocketIOClient.max_buffered_size")
	client.get_namespace().emit("remember", [key, "x".repeat(10_000)])
	client.max_buffered_size = 100_000
	client.get_namespace().emit("remember", [key, "y".repeat(10_000)])
	await connect_client(client)
	expect_eq(await ask(client.get_namespace(), "recall", [key]), [[[1], ["y".repeat(10_000)]]], "what the server got")


func test_without_the_main_namespace_the_signals_are_those_of_the_transport() -> void:
	var client := make_client()
	client.connect_main_namespace = false
	client.reconnection_delay = 0.1
	var order := []
	client.connected.connect(func(id: String) -> void: order.append("connected" + id))
	client.disconnected.connect(func(reason: String) -> void: order.append(reason))
	var joined := record(client.namespace_connected)
	client.connect_to_url(url(), {"ignored": true})
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_CONNECTING, "state while connecting")
	await expect_count(order, 1, "signals")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_CONNECTED, "state")
	expect_eq(client.get_namespace().get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state of /")
	var chat := await join(client, "/chat")
	await join(client, "/")
	expect_eq(joined, ["/chat", "/"], "namespace_connected")
	client.get_namespace().disconnect_from_namespace()
	expect_eq(await ask(chat, "echo_ack", [1]), [1], "answer")
	expect_eq(order, ["connected"], "signals of joining and leaving by hand")
	chat.emit("close_me")
	await expect_count(order, 3, "signals of the loss")
	await expect_until(chat.is_namespace_connected, "rejoining")
	expect_eq(client.get_namespace().is_namespace_connected(), false, "/ is not joined again")
	client.close()
	await frames(3)
	expect_eq(
		order, ["connected", "transport close", "connected", "io client disconnect"], "signals"
	)


func test_the_main_namespace_may_be_wanted_by_the_next_connection() -> void:
	var client := make_client()
	var order := []
	client.connected.connect(func(id: String) -> void: order.append("connected" if id == "" else "joined"))
	client.disconnected.connect(func(_reason: String) -> void: order.append("ended"))
	client.connect_main_namespace = false
	client.connect_to_url(url())
	await expect_count(order, 1, "connected")
	client.close()
	client.connect_main_namespace = true
	client.connect_to_url(url())
	await expect_count(order, 3, "signals")
	client.close()
	client.connect_main_namespace = false
	client.connect_to_url(url())
	await expect_count(order, 5, "signals")
	expect_eq(order, ["connected", "ended", "joined", "ended", "connected"], "order")


func _handshake_of(client: SocketIOClient) -> Dictionary:
	await connect_client(client)
	var answer: Array = await ask(client.get_namespace(), "handshake")
	return answer[0]
