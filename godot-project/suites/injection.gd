## Nothing can be smuggled into a request: no header by a line break, no parameter of the protocol by the query.
extends "res://suites/secrets/secret_suite.gd"

const SERVERS := ["node", "polling", "upgrade"]


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
