## What is secret stays secret: in logs, errors, statistics and properties, from the server's next neighbour, and from a
## server that is not the right one.
extends "res://fault_suite.gd"

const EngineLog := preload("res://suites/secrets/engine_log.gd")

const SERVERS := ["node", "polling", "upgrade"]
const NOT_ON := {
	"test_a_bad_certificate_in_the_move_to_a_websocket_is_refused": {
		"node": "it begins with a WebSocket", "polling": "it has no WebSocket",
	},
}
## The certificates that nobody may take for the server's, whether or not its authority is trusted.
const BAD_CERTIFICATES: Array[String] = [
	"self_signed", "expired", "not_yet_valid", "of_another_name", "of_another_authority", "without_its_intermediate",
]
## Part of every secret here.
const HIDDEN := "hidden"

var _log: EngineLog
var _nodes: Array[Node] = []


func prepare(scene_tree: SceneTree, name: String, address: String) -> void:
	super(scene_tree, name, address)
	_log = EngineLog.new()
	OS.add_logger(_log)


func clean_up() -> void:
	for node in _nodes:
		node.free()
	_nodes.clear()
	await super()
	OS.remove_logger(_log)


#region What is read

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

#endregion


#region What is smuggled in

func test_a_url_with_a_line_break_is_refused() -> void:
	var client := make_client()
	for part: String in ["\r\n", "\n", "\r", "\t"]:
		for wrong: String in ["/%sX-Admin: 1", "/?a=%sb", "/#%s/", "@%shost"]:
			expect_error("line break or another control character")
			expect_eq(client.connect_to_url(url() + wrong % part), ERR_INVALID_PARAMETER, "connect_to_url " + wrong)
	var node := _make_node(url() + "/\r\nX-Admin: 1")
	expect_error("line break or another control character")
	tree.root.add_child(node)
	await frames(2)
	expect_eq(node.get_client().get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func test_a_path_or_a_header_with_a_line_break_is_refused() -> void:
	for object: Object in [make_client(), _make_node()]:
		for wrong: String in ["/a\r\nX-Admin: 1", "/a\nb", "/\r"]:
			expect_error(".path")
			object.path = wrong
			expect_eq(object.path, "/socket.io/", "path")
		for headers: Dictionary in [
			{"X-Token": "a\r\nX-Admin: 1"}, {"X-Token": "a\nb"}, {"X-Token": "a\rb"}, {"X\r\nX-Admin: 1": "a"}, {"X: a": "b"},
			{"": "a"}, {"X Y": "a"}, {"Connection": "close"}, {"Content-Length": "5"}, {"Transfer-Encoding": "chunked"},
		]:
			expect_error(".extra_headers")
			object.extra_headers = headers
			expect_eq(object.extra_headers, {}, "extra_headers")


func test_a_line_break_in_query_or_auth_is_data() -> void:
	var value := "a\r\nX-Admin: 1\r\n\r\nGET / HTTP/1.1\t&x=y#z"
	var client := make_client()
	client.query = {"key": value, "X\r\nX-Admin": "1"}
	await connect_client(client, {"token": value, "X\r\nX-Admin: 1": value})
	var handshake: Dictionary = (await ask(client.get_namespace(), "handshake"))[0]
	expect_eq(handshake.query.get("key"), value, "the value")
	expect_eq(handshake.query.get("X\r\nX-Admin"), "1", "the key")
	expect_true(not handshake.headers.has("x-admin"), "no other header: %s" % [handshake.headers])
	expect_eq(await ask(client.get_namespace(), "auth"), [{"token": value, "X\r\nX-Admin: 1": value}], "auth")


func test_the_query_cannot_replace_what_the_protocol_sets() -> void:
	var client := make_client()
	client.query = {"EIO": 3, "transport": "other", "sid": "stolen"}
	await connect_client(client)
	var handshake: Dictionary = (await ask(client.get_namespace(), "handshake"))[0]
	expect_eq(handshake.query.get("EIO"), "4", "EIO")
	expect_true(handshake.query.get("transport") != "other", "transport")

#endregion


#region Who the server is

func test_a_bad_certificate_is_refused_by_wss_and_https() -> void:
	await open_tls_proxy()
	for certificate in BAD_CERTIFICATES:
		await proxy.present([certificate])
		for scheme: String in ["wss", "https"]:
			for options: TLSOptions in [null, TLSOptions.client(), tls_options]:
				await _expect_refused(proxy.url.replace("wss", scheme), options, certificate)
	await _expect_secured(0)
	_expect_log_hidden()


func test_the_right_certificate_of_an_unknown_authority_is_refused() -> void:
	await open_tls_proxy()
	await _expect_refused(proxy.url, null, "right")
	await _expect_secured(0)
	var client := make_quick_client()
	await join_through_proxy(client)
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer with the authority")


func test_old_versions_of_tls_are_refused() -> void:
	await open_tls_proxy()
	for version: String in ["TLSv1", "TLSv1.1"]:
		await proxy.present_old_tls(version)
		await _expect_refused(proxy.url, tls_options, version)
		await _expect_refused(proxy.url, TLSOptions.client_unsafe(), version)
	await _expect_secured(0)
	await proxy.present_old_tls("TLSv1.2")
	var client := make_quick_client()
	await join_through_proxy(client)
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer over TLS 1.2")


func test_a_bad_certificate_after_a_reconnect_is_refused() -> void:
	for certificate in BAD_CERTIFICATES:
		await open_tls_proxy()
		var client := make_quick_client()
		await join_through_proxy(client, "", {"token": "hidden-auth"})
		var errors := record(client.connect_error)
		var connected := record(client.connected)
		# The move to a WebSocket may be under way.
		await proxy.present([certificate])
		var secured: int = (await proxy.status()).tls_secured
		await proxy.cut()
		await expect_until(func() -> bool: return errors.size() >= 3, "three failures")
		_expect_tls_errors(errors)
		expect_eq((await proxy.status()).tls_secured, secured, "connections that went on")
		expect_eq(connected, [], "connected")
		await proxy.present(["right"])
		await expect_count(connected, 1, "connected to the right server again")
		client.close()


## The first connection asks for a WebSocket where there is none, the second polls.
func test_a_bad_certificate_in_the_fallback_to_long_polling_is_refused() -> void:
	if server_name == "node":
		await _expect_no_fallback()
		return
	for certificate in BAD_CERTIFICATES:
		await open_tls_proxy()
		await proxy.present(["right", certificate])
		var client := make_quick_client()
		client.reconnection = false
		var errors := record(client.connect_error)
		expect_eq(client.connect_to_url(proxy.url.replace("wss", "https"), {"token": "hidden-auth"}, tls_options), OK, "connect_to_url")
		await expect_count(errors, 1, "connect_error")
		expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")
		await _expect_secured(1, 1)


## The third connection is the WebSocket that the session would move to.
func test_a_bad_certificate_in_the_move_to_a_websocket_is_refused() -> void:
	for certificate in BAD_CERTIFICATES.filter(func(name: String) -> bool: return name != "of_another_name"):
		await open_tls_proxy()
		await proxy.present(["right", "right", certificate, "right"])
		# An address needs no look-up, so the connections are made in the order in which they are asked for.
		proxy.url = proxy.url.replace("localhost", "127.0.0.1")
		var client := make_quick_client()
		var ended := record(client.disconnected)
		await join_through_proxy(client)
		expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer")
		await _expect_secured(-1, 1)
		expect_eq(await ask(client.get_namespace(), "echo_ack", [2]), [2], "answer after it")
		expect_eq(client.get_transport_name(), "polling", "transport with " + certificate)
		expect_eq(ended, [], "disconnected")
		client.close()


func test_a_bad_certificate_is_refused_through_the_node() -> void:
	await open_tls_proxy()
	for certificate in BAD_CERTIFICATES + (["right"] as Array[String]):
		await proxy.present([certificate])
		var node := _make_node(proxy.url)
		node.auth = {"token": "hidden-auth"}
		node.reconnection_delay = 0.01
		node.reconnection_delay_max = 0.02
		var errors := record(node.connect_error)
		tree.root.add_child(node)
		await expect_until(func() -> bool: return errors.size() >= 2, "two failures")
		_expect_tls_errors(errors)
		expect_true(not node.get_namespace("/").is_namespace_connected(), "not joined")
		tree.root.remove_child(node)
	await _expect_secured(0)
	_expect_log_hidden()

#endregion


func _secret_url(address: String) -> String:
	return address.replace("://", "://name:hidden-password@") + "/?token=hidden-query"


func _make_secret_client() -> SocketIOClient:
	var client := make_quick_client()
	client.query = {"key": "hidden-key"}
	client.extra_headers = {"X-Token": "hidden-header"}
	return client


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


## Returns a node that is freed after the test.
func _make_node(address := "") -> SocketIONode:
	var node := SocketIONode.new()
	node.url = address
	_nodes.append(node)
	return node


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


func _expect_log_hidden() -> void:
	print("the end of what is looked through")
	expect_true("the end of what is looked through" in _log.text(), "the log is read")
	_expect_hidden(_log.text(), "the log")


func _expect_hidden(text: String, where: String) -> void:
	var at := text.find(HIDDEN)
	# The test's own name for what it looks for must not be what the next one finds in the log.
	var excerpt := text.substr(maxi(at - 60, 0), 90).replace(HIDDEN, "HIDDEN")
	expect_true(at < 0, "%s shows a secret: %s" % [where, excerpt])
	expect_true(not Marshalls.utf8_to_base64("name:hidden").left(12) in text, where + " shows the user info")


func _expect_refused(address: String, options: TLSOptions, certificate: String) -> void:
	var client := _make_secret_client()
	client.reconnection = false
	var errors := record(client.connect_error)
	expect_eq(client.connect_to_url(_secret_url(address), {"token": "hidden-auth"}, options), OK, "connect_to_url")
	await expect_count(errors, 1, "connect_error with the certificate " + certificate)
	_expect_tls_errors(errors)
	_expect_hidden(str(errors), "connect_error")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


## Expects so many connections to have gone on after the certificate, and to have been refused, where a number is given.
func _expect_secured(secured: int, refused := -1) -> void:
	var status := await proxy.status()
	for attempt in 200:
		# The proxy hears of the end of a connection a little later than the client.
		if status.tls_secured + status.tls_refused == status.made and status.tls_refused >= refused:
			break
		await frames(1)
		status = await proxy.status()
	if secured >= 0:
		expect_eq(status.tls_secured, secured, "connections that went on")
	if refused >= 0:
		expect_eq(status.tls_refused, refused, "connections that were refused")


func _expect_tls_errors(errors: Array) -> void:
	for error: Dictionary in errors:
		expect_eq(error.code, SocketIOClient.ERROR_TLS, "code of %s" % error)


## A server with WebSocket gives no reason to fall back: a refused certificate is the end.
func _expect_no_fallback() -> void:
	await open_tls_proxy()
	await proxy.present(["self_signed", "right"])
	await _expect_refused(proxy.url, tls_options, "self_signed")
	expect_eq((await proxy.status()).made, 1, "connections")
