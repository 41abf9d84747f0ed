## What is secret stays secret: in logs, errors, statistics and properties, whatever the server repeats of it.
extends "res://suites/secrets/secret_suite.gd"

const SERVERS := ["node", "polling", "upgrade"]


func test_a_connection_shows_nothing_of_what_it_carries() -> void:
	var client := _make_secret_client()
	await open_proxy()
	var emissions := _record_everything(client)
	expect_eq(client.connect_to_url(_secret_url(proxy.url), {"token": "hidden-auth"}), OK, "connect_to_url")
	var main := client.get_namespace()
	await expect_until(main.is_namespace_connected, "joining /")
	expect_eq(await ask(main, "auth"), [{"token": "hidden-auth"}], "the auth that arrived")
	var handshake: Dictionary = (await ask(main, "handshake"))[0]
	expect_eq(handshake.headers.get("x-token"), "hidden-header", "the header that arrived")
	expect_eq([handshake.query.get("token"), handshake.query.get("key")], ["hidden-query", "hidden-key"], "the query")
	expect_eq(handshake.headers.get("authorization"), "Basic " + Marshalls.utf8_to_base64("name:hidden-password"), "user info")
	await cut_and_return(client)
	expect_error("already connected or connecting to ws://127.0.0.1")
	client.connect_to_url("ws://other")
	_expect_hidden(str(emissions), "signals")
	_expect_object_hidden(client)
	_expect_object_hidden(main)
	client.close()
	await frames(2)
	_expect_log_hidden()


func test_the_private_id_of_a_session_is_nowhere() -> void:
	var raw_server := make_raw_server()
	raw_server.accepts_namespaces = false
	var client := make_quick_client()
	var emissions := _record_everything(client)
	client.connect_to_url(raw_server.url)
	await expect_until(func() -> bool: return raw_server.texts() == ["40"], "CONNECT")
	raw_server.send('40{"sid":"visible","pid":"hidden-pid"}')
	await expect_until(client.get_namespace().is_namespace_connected, "joining /")
	raw_server.send('42["news","hidden-offset"]')
	await expect_until(func() -> bool: return "event_received" in str(emissions), "the event")
	raw_server.drop()
	await expect_until(func() -> bool: return raw_server.texts().size() > 1, "coming back")
	expect_true("hidden-pid" in str(raw_server.texts()), "the server is told: %s" % [raw_server.texts()])
	_expect_hidden(str(emissions).replace("hidden-offset", ""), "signals")
	_expect_object_hidden(client)
	_expect_object_hidden(client.get_namespace())
	_expect_log_hidden()


func test_a_server_that_repeats_the_request_brings_no_secret_into_the_error() -> void:
	for answer: String in [
		"HTTP/1.1 403 hidden-header\r\n\r\nNo entry for hidden-query with hidden-header: GET /socket.io/?other=hidden",
		"HTTP/1.1 301 Moved\r\nLocation: https://u:hidden@example.com/?ticket=hidden\r\n\r\n",
		"HTTP/1.1 404 Not Found\r\n\r\n<html><title>Cannot GET /socket.io/?key=hidden-key</title></html>",
		"GET /socket.io/?key=hidden-key HTTP/1.1\r\nX-Token: hidden-header\r\n\r\n",
	]:
		var raw_server := make_raw_server()
		raw_server.http_answer = answer
		# With a listener it is in the signal, without one in the log.
		for listens: bool in [true, false]:
			var client := _make_secret_client()
			client.reconnection = false
			var errors := record(client.connect_error) if listens else []
			client.connect_to_url(_secret_url(raw_server.url), {"token": "hidden-auth"})
			await expect_until(func() -> bool: return client.get_connection_state() == SocketIOClient.STATE_DISCONNECTED, "the failure")
			expect_eq(errors.size(), 1 if listens else 0, "connect_error")
			_expect_hidden(str(errors), "connect_error")
	_expect_log_hidden()


func test_a_server_that_repeats_the_request_in_its_first_message_brings_no_secret_into_the_error() -> void:
	for message: String in ["No entry: hidden-header", "No entry with the token that is hidden-header", "hidden-query, hidden-key"]:
		var raw_server := make_raw_server()
		raw_server.opening = message
		await _expect_secret_failures(raw_server, func() -> void: pass)


func test_a_server_that_repeats_the_request_in_a_close_frame_brings_no_secret_into_the_error() -> void:
	for opening: String in ["", RawServer.OPENING]:
		var raw_server := make_raw_server()
		raw_server.opening = opening
		raw_server.accepts_namespaces = false
		await _expect_secret_failures(raw_server, func() -> void:
			await expect_until(raw_server.is_open, "the WebSocket")
			if not opening.is_empty():
				await expect_until(func() -> bool: return not raw_server.texts().is_empty(), "CONNECT")
				raw_server.messages.clear()
			raw_server.close_websocket(4001, "not with hidden-header and hidden-auth" if opening else "not with hidden-header"))


func test_a_server_that_repeats_the_auth_brings_no_secret_into_the_log() -> void:
	for packet: String in ["no entry with hidden-auth", "hidden-pid or hidden-header"]:
		var raw_server := make_raw_server()
		raw_server.accepts_namespaces = false
		var client := _make_secret_client()
		client.reconnection = false
		var ends := record(client.disconnected)
		client.connect_to_url(_secret_url(raw_server.url), {"user": [{"token": "hidden-auth"}]})
		await expect_until(func() -> bool: return not raw_server.texts().is_empty(), "CONNECT")
		raw_server.send('40{"sid":"visible","pid":"hidden-pid"}')
		await expect_until(client.get_namespace().is_namespace_connected, "joining /")
		raw_server.send(packet)
		await expect_count(ends, 1, "disconnected")
		expect_eq(ends, ["transport error"], "disconnected")
	_expect_log_hidden()


func test_a_server_that_repeats_the_auth_when_the_client_comes_back_brings_no_secret_into_the_error() -> void:
	var raw_server := make_raw_server()
	var client := _make_secret_client()
	var errors := record(client.connect_error)
	client.connect_to_url(_secret_url(raw_server.url), {"token": "hidden-auth"})
	await expect_until(client.get_namespace().is_namespace_connected, "joining /")
	raw_server.http_answer = "HTTP/1.1 403 Forbidden\r\n\r\nhidden-auth has expired"
	raw_server.drop()
	await expect_until(func() -> bool: return not errors.is_empty(), "a failure")
	expect_true("*** has expired" in str(errors), "the rest of the answer is told: %s" % [errors])
	_expect_hidden(str(errors), "connect_error")
	_expect_log_hidden()


func test_every_failure_to_connect_shows_no_secret() -> void:
	var silent := make_raw_server()
	silent.opening = ""
	var closed := "ws://127.0.0.1:1"
	for address: String in [
		closed, closed.replace("ws:", "wss:"), "ws://nonexistent.invalid", url("wss"), silent.url, url("ws", "/nowhere"),
	]:
		for listens: bool in [true, false]:
			var client := _make_secret_client()
			client.reconnection = false
			client.connect_timeout = 1.0
			var errors := record(client.connect_error) if listens else []
			client.connect_to_url(_secret_url(address), {"token": "hidden-auth"})
			await expect_until(func() -> bool: return client.get_connection_state() == SocketIOClient.STATE_DISCONNECTED, "the failure at " + address)
			_expect_hidden(str(errors), "connect_error of " + address)
	_expect_log_hidden()


func test_a_wrong_call_shows_no_secret() -> void:
	var client := make_client()
	for wrong: String in [
		"name:hidden@host", "host?token=hidden", "host#hidden", "hidden@host@", "tcp://name:hidden@host", "ws://name:hidden@:3000",
		"ws://name:hidden@host:port", "ws://host/?token=hidden\r\nX: y", "name:p/hidden@host", "host/?mail=me@hidden",
	]:
		expect_error("connect_to_url")
		expect_eq(client.connect_to_url(wrong), ERR_INVALID_PARAMETER, "connect_to_url")
	expect_error('auth.list[1] is an Object')
	expect_eq(client.connect_to_url(url(), {"token": "hidden", "list": ["hidden", client]}), ERR_INVALID_PARAMETER, "connect_to_url")
	for headers: Dictionary in [
		{"Authorization": "Bearer hidden\r\nX-Admin: 1"}, {"Authorization: Bearer hidden": ""}, {"Upgrade": "hidden"},
	]:
		expect_error("extra_headers")
		client.extra_headers = headers
	expect_error("auth_provider")
	var main := client.get_namespace()
	main.auth_provider = func() -> String: return "hidden"
	client.connect_to_url(url())
	await expect_until(main.is_namespace_connected, "joining /")
	expect_error("data[0].token")
	main.emit("event", [{"token": client, "other": "hidden"}])
	_expect_log_hidden()


## Expects a client with secrets to fail to connect to a server that does something then, and to show none of them: with a
## listener in the signal, without one in the log.
func _expect_secret_failures(raw_server: RawServer, attack: Callable) -> void:
	for listens: bool in [true, false]:
		var client := _make_secret_client()
		client.reconnection = false
		var errors := record(client.connect_error) if listens else []
		client.connect_to_url(_secret_url(raw_server.url), {"token": "hidden-auth"})
		await attack.call()
		await expect_until(func() -> bool: return client.get_connection_state() == SocketIOClient.STATE_DISCONNECTED, "the failure")
		expect_eq(errors.size(), 1 if listens else 0, "connect_error")
		_expect_hidden(str(errors), "connect_error")
		expect_true(not listens or "***" in str(errors), "the rest of the server's words is told: %s" % [errors])
	_expect_log_hidden()


## Collects what every signal of a client and its main namespace brings.
func _record_everything(client: SocketIOClient) -> Array:
	var emissions := []
	for object: Object in [client, client.get_namespace()]:
		for declared: Dictionary in object.get_signal_list():
			var name: String = declared.name
			object.connect(name, func(...arguments: Array) -> void: emissions.append([name, arguments]))
	return emissions


## Expects no secret in what an object shows, but for what the game has given it and may read again.
func _expect_object_hidden(object: Object) -> void:
	var texts := [str(object)]
	for property: Dictionary in object.get_property_list():
		if property.name not in ["query", "extra_headers"]:
			texts.append("%s = %s" % [property.name, var_to_str(object.get(property.name))])
	for method: Dictionary in object.get_method_list():
		var is_getter: bool = method.name.begins_with("get_") and method.args.is_empty() and method.flags & METHOD_FLAG_CONST
		if is_getter and method.name not in ["get_connection_url", "get_query", "get_extra_headers"]:
			texts.append("%s() = %s" % [method.name, object.call(method.name)])
	expect_true(texts.size() > 10, "an object shows more than %d texts" % texts.size())
	_expect_hidden("\n".join(texts), object.get_class())
