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
