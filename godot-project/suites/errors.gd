## A developer's mistakes: one clear error each, the documented return value, and nothing else changes.
extends "res://suite.gd"

const SERVERS := ["none"]


func test_an_empty_url() -> void:
	_expect_bad_url("")


func test_a_url_without_a_scheme() -> void:
	_expect_bad_url("localhost:3000")
	_expect_bad_url("127.0.0.1:3000")
	_expect_bad_url("socket.example.com")


func test_a_url_with_another_scheme() -> void:
	_expect_bad_url("ftp://127.0.0.1")
	_expect_bad_url("file:///etc/passwd")


func test_a_url_without_a_host() -> void:
	_expect_bad_url("ws://")
	_expect_bad_url("ws://:3000")


func test_a_url_with_a_port_that_is_none() -> void:
	_expect_bad_url("ws://127.0.0.1:port")
	_expect_bad_url("ws://127.0.0.1:70000")


func test_a_url_with_spaces_in_the_host() -> void:
	_expect_bad_url("ws://my server")


func test_a_url_with_a_zone_that_is_no_interface() -> void:
	var client := make_client()
	expect_error("percent sign without a network interface")
	expect_eq(client.connect_to_url("http://[fe80::1%]:3000"), ERR_INVALID_PARAMETER, "connect_to_url")


func test_an_ipv6_address_may_have_a_zone() -> void:
	for interface: Dictionary in IP.get_local_interfaces():
		for address: String in interface.addresses:
			if not address.begins_with("fe80:") and address != "0:0:0:0:0:0:0:1":
				continue
			# Godot's server knows no zones, and listens to all.
			var raw_server := RawServer.new()
			expect_eq(raw_server.listen("::"), OK, "listening")
			_raw_servers.append(raw_server)
			var client := make_client()
			for zone: String in ["%", "%25"]:
				var url := raw_server.url.replace("[::]", "[%s%s%s]" % [address, zone, interface.index])
				expect_eq(client.connect_to_url(url), OK, "connect_to_url")
				await expect_until(client.get_namespace().is_namespace_connected, "joining / at %s" % url)
				client.close()
				await frames(3)
	var nowhere := make_client()
	var errors := record(nowhere.connect_error)
	nowhere.reconnection = false
	expect_eq(nowhere.connect_to_url("http://[fe80::1%nonexistent]:3000"), OK, "connect_to_url")
	await expect_count(errors, 1, "connect_error")
	expect_eq(errors[0].code, SocketIOClient.ERROR_DNS, "code")
	expect_true("fe80::1%nonexistent" in errors[0].message, "it names the zone: %s" % errors[0].message)


func test_a_bad_url_does_not_stop_a_good_one() -> void:
	var server := make_raw_server()
	var client := make_client()
	expect_error("connect_to_url")
	expect_eq(client.connect_to_url("nonsense"), ERR_INVALID_PARAMETER, "the bad one")
	expect_eq(client.get_connection_url(), "", "url")
	await connect_raw(server, client)


func test_a_bad_url_while_connected_changes_nothing() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	expect_error("connect_to_url")
	expect_true(client.connect_to_url("nonsense") != OK, "connect_to_url")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_CONNECTED, "state")
	expect_eq(client.get_connection_url(), server.url, "url")


func test_tls_options_of_a_server() -> void:
	var client := make_client()
	var crypto := Crypto.new()
	var key := crypto.generate_rsa(2048)
	var options := TLSOptions.server(key, crypto.generate_self_signed_certificate(key))
	expect_error("connect_to_url")
	expect_eq(client.connect_to_url("wss://127.0.0.1:1", {}, options), ERR_INVALID_PARAMETER, "connect_to_url")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func test_a_namespace_with_a_query() -> void:
	var client := make_client()
	for path: String in ["/chat?token=hidden", "chat?token=hidden"]:
		expect_error("SocketIOClient.create_namespace: a namespace has no query: ask for \"/chat\", and give the values after")
		expect_eq(client.create_namespace(path), null, "create_namespace")
		expect_eq(client.has_namespace(path), false, "has_namespace")


func test_a_namespace_without_a_slash() -> void:
	var client := make_client()
	expect_error("must begin with \"/\"")
	expect_eq(client.create_namespace("chat"), null, "create_namespace")
	expect_eq(client.has_namespace("chat"), false, "has_namespace")


func test_an_empty_namespace() -> void:
	var client := make_client()
	expect_error("create_namespace")
	expect_eq(client.create_namespace(""), null, "create_namespace")


func test_a_namespace_that_the_protocol_cannot_carry() -> void:
	var client := make_client()
	expect_error("create_namespace")
	expect_eq(client.create_namespace("/a,b"), null, "create_namespace")


func test_emit_after_close() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.close()
	expect_error("emit \"late\"")
	client.get_namespace().emit("late", [1])
	await wait(0.2)
	expect_eq(server.events(), [], "packets")


func test_emit_with_ack_after_close() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.close()
	var answers := []
	expect_error("\"late\"")
	client.get_namespace().emit_with_ack("late", [1], func(answer: Array) -> void: answers.append(answer), 0.0)
	expect_eq(answers, [], "answers within the call")
	await expect_count(answers, 1, "answers")
	expect_eq(answers, [["timeout"]], "answers")


func test_emits_work_again_after_connecting_again() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.close()
	client.connect_to_url(server.url)
	client.get_namespace().emit("again")
	await expect_until(func() -> bool: return server.events() == ['42["again"]'], "the event")


func test_a_listener_without_parameters() -> void:
	await _expect_bad_listener(func() -> void: pass)


func test_a_listener_with_three_parameters() -> void:
	await _expect_bad_listener(func(_a: Array, _b: Callable, _c: int) -> void: pass)


func test_a_listener_that_is_no_callable() -> void:
	await _expect_bad_listener(Callable())


func test_a_listener_of_a_method_that_does_not_exist() -> void:
	await _expect_bad_listener(Callable(self, "no_such_method"))


func test_an_ack_callback_with_two_parameters() -> void:
	await _expect_bad_ack_callback(func(_a: Array, _b: int) -> void: pass)


func test_an_ack_callback_without_parameters() -> void:
	await _expect_bad_ack_callback(func() -> void: pass)


func test_an_ack_callback_that_is_no_callable() -> void:
	await _expect_bad_ack_callback(Callable())


func test_joining_a_namespace_without_a_connection() -> void:
	var client := make_client()
	expect_error("connect_to_url")
	expect_eq(client.get_namespace().connect_to_namespace(), ERR_UNCONFIGURED, "connect_to_namespace")


func test_a_call_from_another_thread_does_nothing() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	var main := client.get_namespace()
	expect_error("SocketIONamespace.emit was called from another thread")
	var thread := Thread.new()
	thread.start(func() -> void: main.emit("from a thread", []))
	await until(func() -> bool: return not thread.is_alive())
	thread.wait_to_finish()
	main.emit("fine")
	await expect_until(func() -> bool: return not server.events().is_empty(), "the next event")
	expect_eq(server.events(), ['42["fine"]'], "packets")


func test_a_call_from_the_worker_thread_pool_does_nothing() -> void:
	var client := await connect_raw(make_raw_server())
	expect_error("SocketIOClient.close was called from another thread")
	expect_error("SocketIOClient.connect_to_url was called from another thread")
	var errors := []
	var task := WorkerThreadPool.add_task(func() -> void:
		client.close()
		errors.append(client.connect_to_url("ws://localhost:1"))
	)
	await until(func() -> bool: return WorkerThreadPool.is_task_completed(task))
	WorkerThreadPool.wait_for_task_completion(task)
	expect_eq(errors, [ERR_UNAVAILABLE], "connect_to_url")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_CONNECTED, "state")


func _expect_bad_url(bad: String) -> void:
	var client := make_client()
	expect_error("connect_to_url")
	expect_eq(client.connect_to_url(bad), ERR_INVALID_PARAMETER, bad)
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func _expect_bad_listener(callback: Callable) -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	expect_error("on: the callback for \"news\"")
	client.get_namespace().on("news", callback)
	var events := listen(client.get_namespace(), "news")
	server.send('42["news"]')
	await expect_count(events, 1, "events of the good listener")


func _expect_bad_ack_callback(callback: Callable) -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	expect_error("emit_with_ack")
	client.get_namespace().emit_with_ack("question", [], callback)
	client.get_namespace().emit("fine")
	await expect_until(func() -> bool: return not server.events().is_empty(), "the next event")
	expect_eq(server.events(), ['42["fine"]'], "packets")


func test_a_listener_of_another_type_is_told() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	var heard := []
	client.get_namespace().on("news", func(text: String) -> void: heard.append(text))
	client.get_namespace().on("news", func(data: Array) -> void: heard.append(data))
	expect_error("for \"news\" was not called: its parameter 1 takes String, but gets Array")
	server.send('42["news","text"]')
	await expect_count(heard, 1, "calls")
	expect_eq(heard, [["text"]], "the calls of the other listener")


func test_an_ack_callback_of_another_type_is_told() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	var received := record(client.get_namespace().event_received)
	client.get_namespace().emit_with_ack("ask", [], func(number: int) -> void: fail("called with %d" % number))
	expect_error("was not called: its parameter 1 takes int, but gets Array")
	await expect_until(func() -> bool: return not server.events().is_empty(), "the question")
	server.send("430[5]")
	server.send('42["after"]')
	await expect_count(received, 1, "the event after the answer")


func test_listening_for_a_reserved_name() -> void:
	for reserved: String in ["connect", "disconnect", "connect_error"]:
		expect_error("a server cannot send \"%s\"" % reserved)
		make_client().get_namespace().on(reserved, func(_data: Array) -> void: pass)


func test_a_method_with_optional_parameters_is_accepted() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	var main := client.get_namespace()
	main.on("news", _hear_with_options)
	main.emit_with_ack("ask", [], _answer_with_options)
	await expect_until(func() -> bool: return not server.events().is_empty(), "the question")
	server.send('42["news",1]')
	server.send("430[5]")
	await expect_count(_heard, 2, "calls")
	expect_eq(_heard, [[[1], 3], [[5], 7]], "calls")


func test_events_that_wait_for_a_join_show_in_the_statistics() -> void:
	var client := await connect_raw(make_raw_server())
	var forgotten := client.create_namespace("/forgotten")
	forgotten.emit("one")
	forgotten.emit("two")
	await frames(10)
	expect_eq(client.get_statistics().events_waiting_to_send, 2, "events_waiting_to_send")


func test_an_answer_is_checked_as_an_emit_is() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.get_namespace().on("ask", func(data: Array, ack: Callable) -> void:
		var attachments := []
		for i: int in data[0]:
			attachments.append(PackedByteArray([i]))
		ack.call(attachments)
		ack.call(["x".repeat(1_100_000)])
		ack.call(["short"])
	)
	expect_error("11 attachments are more than the 10")
	expect_error("are more than the 1000000 that the server takes")
	server.send('427["ask",11]')
	await expect_until(func() -> bool: return server.texts().has('437["short"]'), "the answer")


func test_an_event_that_waits_is_checked_when_it_can_be_sent() -> void:
	var server := make_raw_server()
	var client := make_client()
	var answers := []
	expect_error("are more than the 1000000 that the server takes in one message")
	client.get_namespace().emit_with_ack(
		"large", ["x".repeat(1_100_000)], func(answer: Array) -> void: answers.append(answer), 0
	)
	client.get_namespace().emit("after")
	await connect_raw(server, client)
	await expect_count(answers, 1, "acks")
	expect_eq(answers, [["timeout"]], "answer")
	await expect_until(func() -> bool: return server.events() == ['42["after"]'], "the next event")


func test_an_ack_called_from_another_thread_does_nothing() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	var acks := []
	client.get_namespace().on("ask", func(_data: Array, ack: Callable) -> void: acks.append(ack))
	server.send('420["ask"]')
	await expect_count(acks, 1, "questions")
	expect_error("was called from another thread")
	var thread := Thread.new()
	var ack: Callable = acks[0]
	thread.start(func() -> void: ack.call(["from a thread"]))
	await until(func() -> bool: return not thread.is_alive())
	thread.wait_to_finish()
	ack.call(["from the main thread"])
	await expect_until(func() -> bool: return server.texts().has('430["from the main thread"]'), "the answer")


var _heard := []


func _hear_with_options(data: Array, _ack: Callable, extra := 3) -> void:
	_heard.append([data, extra])


func _answer_with_options(data: Array, extra := 7) -> void:
	_heard.append([data, extra])
