## Why connecting can fail, and what the game is told.
extends "res://suite.gd"

const SERVERS := ["none"]


func test_nothing_listens() -> void:
	var server := make_raw_server()
	server.stop()
	var error := await _expect_failure(server.url, SocketIOClient.ERROR_REFUSED)
	expect_true(server.url.trim_prefix("ws://") in error.get("message", ""), "the message names the host: %s" % error)


func test_the_host_has_no_address() -> void:
	await _expect_failure("ws://nonexistent.invalid:3000", SocketIOClient.ERROR_DNS)


func test_the_server_answers_not_found() -> void:
	var error := await _expect_answer_fails(
		"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nNot Found", SocketIOClient.ERROR_HTTP_STATUS
	)
	expect_eq(error.get("http_status"), 404, "http_status")


func test_the_server_answers_forbidden_with_a_reason() -> void:
	var body := '{"code":4,"message":"Forbidden by the host"}'
	var error := await _expect_answer_fails(
		"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n%s" % [body.length(), body],
		SocketIOClient.ERROR_HTTP_STATUS
	)
	expect_eq(error.get("http_status"), 403, "http_status")
	expect_true("Forbidden by the host" in error.get("message", ""), "message: %s" % error)


func test_the_server_speaks_another_protocol_version() -> void:
	var body := '{"code":5,"message":"Unsupported protocol version"}'
	await _expect_answer_fails(
		"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%s" % [body.length(), body],
		SocketIOClient.ERROR_UNSUPPORTED_VERSION
	)


func test_the_server_does_not_speak_http() -> void:
	await _expect_answer_fails("220 mail.example.com ESMTP\r\n", SocketIOClient.ERROR_NOT_SOCKET_IO)


func test_a_websocket_server_that_is_no_socket_io_server() -> void:
	var server := make_raw_server()
	server.opening = "hello, what is your name?"
	await _expect_failure(server.url, SocketIOClient.ERROR_NOT_SOCKET_IO)


func test_a_connection_that_ends_before_the_open_packet() -> void:
	var server := make_raw_server()
	server.opening = ""
	var client := make_client()
	var errors := record(client.connect_error)
	client.connect_to_url(server.url)
	await expect_until(server.is_open, "the WebSocket")
	server.close_websocket()
	await expect_until(func() -> bool: return not errors.is_empty(), "connect_error")
	client.close()


func test_a_connect_reply_without_a_session_id() -> void:
	var server := make_raw_server()
	server.accepts_namespaces = false
	var client := make_client()
	var errors := record(client.connect_error)
	client.connect_to_url(server.url)
	await expect_until(func() -> bool: return server.texts() == ["40"], "CONNECT")
	server.send("40")
	await expect_until(func() -> bool: return not errors.is_empty(), "connect_error")
	expect_eq(errors[0].get("code"), SocketIOClient.ERROR_UNSUPPORTED_VERSION, "code")
	client.close()


func test_a_refusal_of_the_main_namespace() -> void:
	var server := make_raw_server()
	server.accepts_namespaces = false
	var client := make_client()
	var errors := record(client.connect_error)
	var connected := record(client.connected)
	var ended := record(client.disconnected)
	client.connect_to_url(server.url)
	await expect_until(func() -> bool: return server.texts() == ["40"], "CONNECT")
	server.send('44{"message":"go away","data":[1,{"why":"closed"}]}')
	await expect_count(errors, 1, "connect_error")
	expect_true("go away" in errors[0].message, "message: %s" % errors[0].message)
	expect_eq(errors[0].code, SocketIOClient.ERROR_NAMESPACE_REFUSED, "code")
	expect_eq(errors[0].data, [1, {"why": "closed"}], "data")
	expect_eq(errors[0].namespace, "/", "namespace")
	await expect_until(func() -> bool: return client.get_connection_state() == SocketIOClient.STATE_DISCONNECTED, "the end")
	expect_eq([connected, ended], [[], []], "other signals")


func test_a_refusal_that_is_a_bare_string() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	var errors := record(client.connect_error)
	server.accepts_namespaces = false
	client.create_namespace("/nope").connect_to_namespace()
	await expect_until(func() -> bool: return server.texts().back() == "40/nope,", "CONNECT")
	server.send('44/nope,"Unable to connect"')
	await expect_count(errors, 1, "connect_error")
	expect_true("Unable to connect" in errors[0].message, "message: %s" % errors[0].message)
	expect_eq(errors[0].namespace, "/nope", "namespace")


func test_tls_to_a_port_without_tls() -> void:
	var server := make_raw_server()
	server.http_answer = "HTTP/1.1 400 Bad Request\r\n\r\n"
	await _expect_failure(server.url.replace("ws://", "wss://"), SocketIOClient.ERROR_TLS)


func test_a_failure_is_never_silent_and_never_connected() -> void:
	var server := make_raw_server()
	server.stop()
	var client := make_client()
	var connected := record(client.connected)
	var ended := record(client.disconnected)
	var errors := record(client.connect_error)
	client.connect_to_url(server.url)
	expect_eq(errors, [], "connect_error within the call")
	await expect_until(func() -> bool: return not errors.is_empty(), "connect_error")
	client.close()
	await frames(3)
	expect_eq([connected, ended], [[], []], "connected and disconnected")


func test_connecting_to_another_server_after_a_failure() -> void:
	var closed := make_raw_server()
	closed.stop()
	var client := make_client()
	var errors := record(client.connect_error)
	client.connect_to_url(closed.url)
	await expect_until(func() -> bool: return not errors.is_empty(), "connect_error")
	client.close()
	await connect_raw(make_raw_server(), client)


func test_connecting_again_in_the_connect_error_handler() -> void:
	var closed := make_raw_server()
	closed.stop()
	var server := make_raw_server()
	var client := make_client()
	var results := []
	client.connect_error.connect(func(_error: Dictionary) -> void:
		client.close()
		results.append(client.connect_to_url(server.url)))
	client.connect_to_url(closed.url)
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	expect_eq(results, [OK], "connect_to_url")


func _expect_answer_fails(answer: String, code: SocketIOClient.ConnectError) -> Dictionary:
	var server := make_raw_server()
	server.http_answer = answer
	return await _expect_failure(server.url, code)


func _expect_failure(address: String, code: SocketIOClient.ConnectError) -> Dictionary:
	var client := make_client()
	var errors := record(client.connect_error)
	expect_eq(client.connect_to_url(address), OK, "connect_to_url")
	await expect_until(func() -> bool: return not errors.is_empty(), "connect_error", 10.0)
	client.close()
	if errors.is_empty():
		return {}
	var error: Dictionary = errors[0]
	expect_eq(error.get("code"), code, "code (%s)" % error.get("message"))
	expect_true(error.get("message") is String and not error.message.is_empty(), "there is a message")
	return error


func test_a_connection_that_ends_before_the_namespace_is_accepted() -> void:
	var server := make_raw_server()
	server.accepts_namespaces = false
	var client := make_client()
	var errors := record(client.connect_error)
	var ended := record(client.disconnected)
	client.connect_to_url(server.url)
	await expect_until(func() -> bool: return server.texts().has("40"), "the CONNECT packet")
	server.close_websocket()
	await expect_count(errors, 1, "connect_error")
	if not errors.is_empty():
		expect_eq(errors[0].code, SocketIOClient.ERROR_UNKNOWN, "code")
		expect_eq(errors[0].get("namespace"), "/", "namespace")
		expect_true("transport close" in errors[0].message, "message: %s" % errors[0])
	expect_eq(ended, [], "disconnected, without a connected before it")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func test_a_connect_error_that_is_none() -> void:
	var server := make_raw_server()
	server.accepts_namespaces = false
	var client := make_client()
	var errors := record(client.connect_error)
	client.connect_to_url(server.url)
	await expect_until(func() -> bool: return server.texts().has("40"), "the CONNECT packet")
	server.send("445")
	await expect_count(errors, 1, "connect_error")
	if not errors.is_empty():
		expect_eq(errors[0].code, SocketIOClient.ERROR_PROTOCOL, "code")
