## Why connecting can fail, and what the game is told.
extends "res://suite.gd"

const SERVERS := ["none"]


func test_nothing_listens() -> void:
	var server := make_raw_server()
	server.stop()
	var address := server.url.trim_prefix("ws://")
	await _expect_failure(server.url, SocketIOClient.ERROR_REFUSED, [address, "is the server running"])


func test_the_host_has_no_address() -> void:
	var words := ["nonexistent.invalid:3000", "check its spelling"]
	await _expect_failure("ws://nonexistent.invalid:3000", SocketIOClient.ERROR_DNS, words)


func test_the_host_cannot_be_reached() -> void:
	# No TCP connection can lead to a multicast address.
	var words := ["224.0.0.1:3000", "check the address and the network"]
	await _expect_failure("ws://224.0.0.1:3000", SocketIOClient.ERROR_UNREACHABLE, words)


func test_the_server_answers_with_a_status_and_a_reason() -> void:
	var advice := {
		"400 Bad Request": "the server refused the WebSocket connection",
		"401 Unauthorized": "check its credentials",
		"403 Forbidden": "check its credentials, headers and origin rules",
		"404 Not Found": "nothing is at /socket.io/: check the path",
		"429 Too Many Requests": "try again later",
		"500 Internal Server Error": "look at its log",
		"502 Bad Gateway": "the proxy before it is not ready",
		"503 Service Unavailable": "try again later",
	}
	for status: String in advice:
		var answer := _http_answer(status, "what the server says")
		var words := ["HTTP " + status, '"what the server says"', advice[status]]
		var error := await _expect_answer_fails(answer, SocketIOClient.ERROR_HTTP_STATUS, words)
		expect_eq(error.get("http_status"), status.to_int(), "http_status of " + status)


func test_the_servers_reason_may_be_json() -> void:
	var answer := _http_answer("403 Forbidden", '{"code":4,"message":"Forbidden by the host"}')
	await _expect_answer_fails(answer, SocketIOClient.ERROR_HTTP_STATUS, ["Forbidden by the host"])


func test_a_web_page() -> void:
	var answer := _http_answer("200 OK", "<!doctype html><title>My Game</title><p>Welcome")
	var words := ["HTTP 200 OK", '"My Game"', "is not a WebSocket: check the path"]
	var error := await _expect_answer_fails(answer, SocketIOClient.ERROR_HTTP_STATUS, words)
	expect_eq(error.get("http_status"), 200, "http_status")


func test_a_redirect_names_its_target() -> void:
	var answer := "HTTP/1.1 301 Moved Permanently\r\nLocation: https://example.com/socket.io/\r\nContent-Length: 0\r\n\r\n"
	var words := ["connect to https://example.com/socket.io/ instead"]
	var error := await _expect_answer_fails(answer, SocketIOClient.ERROR_HTTP_STATUS, words)
	expect_eq(error.get("http_status"), 301, "http_status")


func test_the_server_speaks_another_protocol_version() -> void:
	var answer := _http_answer("400 Bad Request", '{"code":5,"message":"Unsupported protocol version"}')
	var words := ["this client needs Socket.IO 3 or later"]
	await _expect_answer_fails(answer, SocketIOClient.ERROR_UNSUPPORTED_VERSION, words)


func test_a_version_2_server() -> void:
	var server := make_raw_server()
	server.accepts_namespaces = false
	# It lets every client into the main namespace at once, and gives it no session id.
	server.greeting = "40"
	await _expect_failure(server.url, SocketIOClient.ERROR_UNSUPPORTED_VERSION, ["version 2"])


func test_the_server_does_not_speak_http() -> void:
	var words := ["220 mail.example.com ESMTP", "check the host and the port"]
	await _expect_answer_fails("220 mail.example.com ESMTP\r\n", SocketIOClient.ERROR_NOT_SOCKET_IO, words)


func test_a_websocket_server_that_is_no_socket_io_server() -> void:
	var server := make_raw_server()
	server.opening = "hello, what is your name?"
	await _expect_failure(server.url, SocketIOClient.ERROR_NOT_SOCKET_IO, ["does not speak Socket.IO", "hello, what"])


func test_a_websocket_server_that_says_nothing() -> void:
	var server := make_raw_server()
	server.opening = ""
	var client := _make_impatient_client()
	var words := ["did not send the Socket.IO handshake in time"]
	await _expect_failure(server.url, SocketIOClient.ERROR_TIMEOUT, words, client)


func test_a_server_that_says_nothing() -> void:
	var silent := TCPServer.new()
	expect_eq(silent.listen(0, "127.0.0.1"), OK, "listening")
	var address := "127.0.0.1:%d" % silent.get_local_port()
	for scheme: String in ["ws://", "wss://"]:
		var client := _make_impatient_client()
		var words := ["did not answer in time"]
		await _expect_failure(scheme + address, SocketIOClient.ERROR_TIMEOUT, words, client)


func test_a_server_that_hangs_up_at_once() -> void:
	var server := make_raw_server()
	server.hangs_up = true
	var words := ["without an answer", "check that a Socket.IO server answers at the path /socket.io/", "https://"]
	await _expect_failure(server.url, SocketIOClient.ERROR_NOT_SOCKET_IO, words)


func test_a_connection_that_ends_before_the_open_packet() -> void:
	var server := make_raw_server()
	server.opening = ""
	var client := _make_client()
	var errors := record(client.connect_error)
	client.connect_to_url(server.url)
	await expect_until(server.is_open, "the WebSocket")
	server.close_websocket()
	await expect_until(func() -> bool: return not errors.is_empty(), "connect_error")
	client.close()


func test_a_connect_reply_without_a_session_id() -> void:
	var server := make_raw_server()
	server.accepts_namespaces = false
	var client := _make_client()
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
	var client := _make_client()
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
	var words := ["does not speak TLS: use http://"]
	await _expect_failure(server.url.replace("ws://", "wss://"), SocketIOClient.ERROR_TLS, words)


func test_no_tls_to_a_port_with_tls() -> void:
	var server := RawServer.new()
	var crypto := Crypto.new()
	var key := crypto.generate_rsa(2048)
	server.listen_tls(key, crypto.generate_self_signed_certificate(key, "CN=localhost,O=Tests,C=ZZ"))
	_raw_servers.append(server)
	# Like most such servers it hangs up without a word.
	var words := ["without an answer", "if the server uses TLS, write https://"]
	await _expect_failure(server.url.replace("wss://", "ws://"), SocketIOClient.ERROR_NOT_SOCKET_IO, words)


func test_no_tls_to_a_port_whose_server_says_that_it_wants_tls() -> void:
	var texts := [
		"<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>",
		"Client sent an HTTP request to an HTTPS server.\n",
		"Reason: You're speaking plain HTTP to an SSL-enabled server port.",
	]
	for text: String in texts:
		var words := ["HTTP 400 Bad Request", "the server uses TLS: write https://"]
		await _expect_answer_fails(_http_answer("400 Bad Request", text), SocketIOClient.ERROR_TLS, words)


func test_a_failure_is_never_silent_and_never_connected() -> void:
	var server := make_raw_server()
	server.stop()
	var client := _make_client()
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
	var client := _make_client()
	var errors := record(client.connect_error)
	client.connect_to_url(closed.url)
	await expect_until(func() -> bool: return not errors.is_empty(), "connect_error")
	client.close()
	await connect_raw(make_raw_server(), client)


func test_connecting_again_in_the_connect_error_handler() -> void:
	var closed := make_raw_server()
	closed.stop()
	var server := make_raw_server()
	var client := _make_client()
	var results := []
	client.connect_error.connect(func(_error: Dictionary) -> void:
		client.close()
		results.append(client.connect_to_url(server.url)))
	client.connect_to_url(closed.url)
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	expect_eq(results, [OK], "connect_to_url")


func test_a_connection_that_ends_before_the_namespace_is_accepted() -> void:
	var server := make_raw_server()
	server.accepts_namespaces = false
	var client := _make_client()
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
	var client := _make_client()
	var errors := record(client.connect_error)
	client.connect_to_url(server.url)
	await expect_until(func() -> bool: return server.texts().has("40"), "the CONNECT packet")
	server.send("445")
	await expect_count(errors, 1, "connect_error")
	if not errors.is_empty():
		expect_eq(errors[0].code, SocketIOClient.ERROR_PROTOCOL, "code")


func _make_client() -> SocketIOClient:
	var client := make_client()
	client.reconnection = false
	return client


func _make_impatient_client() -> SocketIOClient:
	var client := _make_client()
	client.connect_timeout = 0.4
	return client


func _http_answer(status: String, body: String) -> String:
	return "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % [status, body.to_utf8_buffer().size(), body]


func _expect_answer_fails(answer: String, code: SocketIOClient.ConnectError, words: Array) -> Dictionary:
	var server := make_raw_server()
	server.http_answer = answer
	return await _expect_failure(server.url, code, words)


## Expects one failure with this code, and a message that has these words in it.
func _expect_failure(
	address: String, code: SocketIOClient.ConnectError, words: Array, client := _make_client()
) -> Dictionary:
	var errors := record(client.connect_error)
	var connected := record(client.connected)
	expect_eq(client.connect_to_url(address), OK, "connect_to_url")
	await expect_count(errors, 1, "connect_error of " + address, 10.0)
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state after the failure")
	expect_eq(connected, [], "connected")
	client.close()
	if errors.is_empty():
		return {}
	var error: Dictionary = errors[0]
	expect_eq(error.get("code"), code, "code (%s)" % error.get("message"))
	for word: String in words:
		expect_true(word in error.get("message", ""), "the message says \"%s\": %s" % [word, error.get("message")])
	return error
