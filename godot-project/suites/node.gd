## SocketIONode in the tree: when it connects and closes, and the client's signals as its own.
extends "res://suites/node/node_suite.gd"

const SERVERS := ["node", "python", "rust"]
const NOT_ON := {
	"test_a_lost_connection_is_told_and_made_again": {"rust": "socketioxide has no call for close_me"},
	"test_a_namespace_that_was_ended_is_not_joined_again_by_a_reconnect": {"rust": "socketioxide has no call for close_me"},
}
const OwnMethods := preload("res://suites/node/own_methods.gd")


func test_it_connects_when_it_enters_the_tree() -> void:
	var node := make_node()
	var connected := record(node.connected)
	await frames(3)
	expect_eq(node.get_client().get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state outside of the tree")
	enter(node)
	await expect_count(connected, 1, "connected")
	expect_eq(connected, [node.get_namespace("/").get_session_id()], "session id")
	expect_eq(node.get_client().get_connection_url(), url(), "url")


func test_a_saved_scene_connects() -> void:
	var path := "user://saved_node.tscn"
	var scene := PackedScene.new()
	var properties := {"auth": {"token": "secret"}, "namespaces": PackedStringArray(["/chat", "/admin"]), "query": {"a": "1"}}
	scene.pack(make_node(properties))
	expect_eq(ResourceSaver.save(scene, path), OK, "saving")
	var loaded: PackedScene = ResourceLoader.load(path, "", ResourceLoader.CACHE_MODE_IGNORE)
	var node: SocketIONode = loaded.instantiate()
	hold(node)
	enter(node)
	for namespace_path: String in ["/", "/chat", "/admin"]:
		await expect_until(node.get_namespace(namespace_path).is_namespace_connected, "joining " + namespace_path)
		expect_eq(await ask(node.get_namespace(namespace_path), "auth"), [{"token": "secret"}], "auth of " + namespace_path)
	var handshake: Array = await ask(node.get_namespace("/"), "handshake")
	expect_eq(handshake[0].query.get("a"), "1", "query")
	DirAccess.remove_absolute(path)


func test_signals_that_are_connected_in_the_scene_file_arrive() -> void:
	var level := make_level()
	enter(level)
	await expect_until(func() -> bool: return level.signals.size() >= 3, "signals")
	var id: String = level.net.get_namespace("/").get_session_id()
	var joined := [["namespace_connected", "/"], ["connected", id], ["namespace_connected", "/chat"]]
	level.signals.sort()
	joined.sort()
	expect_eq(level.signals, joined, "signals of joining")
	level.signals.clear()
	level.net.get_client().close()
	await expect_until(func() -> bool: return level.signals.size() >= 3, "signals of closing")
	var left := [
		["disconnected", "io client disconnect"], ["namespace_disconnected", "/"], ["namespace_disconnected", "/chat"],
	]
	level.signals.sort()
	expect_eq(level.signals, left, "signals of closing")


func test_what_is_set_in_ready_counts_for_the_first_attempt() -> void:
	var level := make_level()
	enter(level)
	await expect_until(level.net.get_namespace("/").is_namespace_connected, "connecting")
	expect_eq(await ask(level.net.get_namespace("/"), "auth"), [{"token": "secret"}], "auth")


func test_listeners_that_are_registered_in_ready_get_the_first_event() -> void:
	var level := make_level()
	enter(level)
	var listener := level.get_node("Listener")
	await expect_count(listener.welcomes, 1, "welcome")
	expect_eq(listener.welcomes, [[level.net.get_namespace("/chat").get_session_id()]], "welcome")


func test_listeners_and_emits_may_come_before_the_tree() -> void:
	var node := make_node({"namespaces": PackedStringArray(["/chat"])})
	var echoes := listen(node.get_namespace("/chat"), "echo")
	node.get_namespace("/chat").emit("echo", [1])
	enter(node)
	await expect_count(echoes, 1, "echo")
	expect_eq(echoes, [[1]], "echo")


func test_a_failed_attempt_is_told() -> void:
	var level := make_level()
	level.server_url = "ws://127.0.0.1:1"
	enter(level)
	await expect_until(func() -> bool: return "reconnect_failed" in level.names(), "giving up")
	expect_eq(level.names(), ["connect_error", "reconnect_attempt", "connect_error", "reconnect_failed"], "signals")
	expect_eq(level.signals[0][1].code, SocketIOClient.ERROR_REFUSED, "code")
	expect_eq(level.signals[1], ["reconnect_attempt", 1, 0.1], "attempt")


func test_a_lost_connection_is_told_and_made_again() -> void:
	var level := make_level()
	enter(level)
	await expect_until(func() -> bool: return level.signals.size() >= 3, "connecting")
	level.signals.clear()
	level.net.get_namespace("/").emit("close_me")
	await expect_until(func() -> bool: return level.names().count("namespace_connected") == 2, "coming back")
	expect_true(["disconnected", "transport close"] in level.signals, "disconnected in %s" % [level.signals])
	expect_true(["reconnect_attempt", 1, 0.1] in level.signals, "reconnect_attempt in %s" % [level.signals])
	expect_true(["reconnected", 1] in level.signals, "reconnected in %s" % [level.signals])
	expect_eq(level.names().count("connected"), 1, "connected again")


func test_a_refused_namespace_is_told() -> void:
	var node := make_node({"namespaces": PackedStringArray(["/admin", "/chat"])})
	var errors := record(node.connect_error)
	enter(node)
	await expect_count(errors, 1, "connect_error")
	expect_eq([errors[0].code, errors[0].namespace], [SocketIOClient.ERROR_NAMESPACE_REFUSED, "/admin"], "error")
	await expect_until(node.get_namespace("/chat").is_namespace_connected, "joining the other")


func test_a_path_that_is_no_namespace_is_told_and_the_others_are_joined() -> void:
	var node := make_node({"namespaces": PackedStringArray(["chat", "/chat", "/chat"])})
	expect_error("SocketIONode \"Net\": \"chat\" is not a namespace: its path must begin with \"/\"")
	enter(node)
	await expect_until(node.get_namespace("/chat").is_namespace_connected, "joining the other")


func test_an_empty_url_is_told() -> void:
	expect_error("SocketIONode \"Net\": The URL is empty")
	enter(make_node({"url": ""}))
	await frames(3)


func test_an_auth_that_cannot_be_sent_is_told() -> void:
	var node := make_node()
	node.auth = {"me": node}
	expect_error("SocketIONode \"Net\": auth.me is an Object")
	enter(node)
	await frames(3)
	expect_eq(node.get_client().get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func test_without_autoconnect_it_leaves_connecting_to_the_game() -> void:
	var node := make_node({"autoconnect": false, "namespaces": PackedStringArray(["/chat"])})
	var connected := record(node.connected)
	enter(node)
	await frames(5)
	expect_eq(node.get_client().get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")
	expect_eq(node.get_client().connect_to_url(url(), {"by": "code"}, TLSOptions.client()), OK, "connect_to_url")
	await expect_count(connected, 1, "connected")
	expect_eq(await ask(node.get_namespace("/"), "auth"), [{"by": "code"}], "auth")
	await expect_until(node.get_namespace("/chat").is_namespace_connected, "joining /chat")


func test_code_that_connects_in_ready_comes_first() -> void:
	var node := make_node({"auth": {"by": "node"}})
	var connected := record(node.connected)
	enter(node)
	expect_eq(node.get_client().connect_to_url(url(), {"by": "code"}), OK, "connect_to_url")
	await expect_count(connected, 1, "connected")
	expect_eq(await ask(node.get_namespace("/"), "auth"), [{"by": "code"}], "auth")
	await frames(5)
	expect_eq(connected.size(), 1, "connected")


func test_it_works_while_the_tree_is_paused() -> void:
	tree.paused = true
	var node := await connect_node()
	expect_eq(await ask(node.get_namespace("/"), "echo_ack", ["paused"]), ["paused"], "answer")
	var disconnected := record(node.disconnected)
	leave(node)
	await expect_count(disconnected, 1, "disconnected")


func test_leaving_the_tree_closes_its_client() -> void:
	var witness := (await connect_client()).get_namespace()
	var node := await connect_node({"namespaces": PackedStringArray(["/chat"])})
	var id: String = node.get_namespace("/").get_session_id()
	var disconnected := record(node.disconnected)
	witness.emit("remember", ["before"])
	leave(node)
	expect_eq(node.get_client().get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")
	await expect_count(disconnected, 1, "disconnected")
	expect_eq(disconnected, ["io client disconnect"], "reason")
	var ended := func() -> bool: return await ask(witness, "is_connected", [id]) == [false]
	var gone := false
	for attempt in 50:
		gone = await ended.call()
		if gone:
			break
	expect_true(gone, "the server knows")


func test_what_was_emitted_before_leaving_is_sent() -> void:
	var witness := (await connect_client()).get_namespace()
	var node := await connect_node()
	var key: String = node.get_namespace("/").get_session_id()
	node.get_namespace("/").emit("remember", [key, "last words"])
	leave(node)
	var recalled: Array = []
	for attempt in 50:
		recalled = await ask(witness, "recall", [key])
		if recalled != [[]]:
			break
	expect_eq(recalled, [[["last words"]]], "what the server got")


func test_coming_back_connects_again() -> void:
	var node := make_node({"namespaces": PackedStringArray(["/chat"])})
	var client := node.get_client()
	var connected := record(node.connected)
	var disconnected := record(node.disconnected)
	var echoes := listen(node.get_namespace("/chat"), "echo")
	for round in 3:
		enter(node)
		await expect_until(node.get_namespace("/chat").is_namespace_connected, "joining /chat")
		await expect_count(connected, round + 1, "connected")
		node.get_namespace("/chat").emit("echo", [round])
		await expect_count(echoes, round + 1, "echo")
		leave(node)
		await expect_count(disconnected, round + 1, "disconnected")
	expect_true(node.get_client() == client, "the same client")
	expect_eq(echoes, [[0], [1], [2]], "echoes")


func test_leaving_and_coming_back_in_one_frame_connects_once() -> void:
	var node := await connect_node()
	var connected := record(node.connected)
	var disconnected := record(node.disconnected)
	for round in 3:
		leave(node)
		enter(node)
	await expect_count(connected, 1, "connected")
	await frames(5)
	expect_eq([connected.size(), disconnected.size()], [1, 1], "signals")


func test_a_namespace_that_was_ended_is_not_joined_again_by_a_reconnect() -> void:
	var node := await connect_node({"namespaces": PackedStringArray(["/chat"]), "reconnection_delay": 0.1})
	await expect_until(node.get_namespace("/chat").is_namespace_connected, "joining /chat")
	node.get_namespace("/chat").disconnect_from_namespace()
	var connected := record(node.connected)
	node.get_namespace("/").emit("close_me")
	await expect_count(connected, 1, "connected again")
	await frames(10)
	expect_eq(node.get_namespace("/chat").get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state of /chat")


func test_freed_in_the_frame_in_which_it_entered_it_connects_to_nothing() -> void:
	var server := make_raw_server()
	var node := make_node({"url": server.url})
	enter(node)
	node.free()
	await wait(0.1)
	expect_eq(server.connections, 0, "connections")


func test_freed_while_connecting() -> void:
	for frame in 6:
		var node := make_node({"namespaces": PackedStringArray(["/chat", "/slow"])})
		var connected := record(node.connected)
		enter(node)
		await frames(frame)
		node.free()
		await frames(2)
		expect_true(connected.size() <= 1, "connected after being freed")
	expect_eq(await ask((await connect_client()).get_namespace(), "echo_ack", [1]), [1], "the next client")


func test_freed_in_a_handler_of_its_own() -> void:
	var node := make_node()
	var witness: WeakRef = weakref(node.get_client())
	var id := node.get_instance_id()
	node.connected.connect(func(_id: String) -> void: node.queue_free())
	enter(node)
	await expect_until(func() -> bool: return not is_instance_id_valid(id), "being freed")
	await frames(2)
	expect_eq(witness.get_ref(), null, "its client")


func test_taken_out_of_the_tree_in_a_handler() -> void:
	var node := make_node()
	var disconnected := record(node.disconnected)
	node.connected.connect(func(_id: String) -> void: leave(node))
	enter(node)
	await expect_count(disconnected, 1, "disconnected")
	expect_eq(node.get_client().get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func test_a_client_that_outlives_its_node_is_closed_and_silent() -> void:
	var node := await connect_node()
	var client := node.get_client()
	keep(client)
	node.free()
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")
	await connect_client(client)
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer")


func test_several_nodes_have_clients_of_their_own() -> void:
	var nodes: Array[SocketIONode] = []
	for i in 5:
		nodes.append(make_node({"auth": {"number": i}}))
		enter(nodes[i])
	var ids := {}
	for i in nodes.size():
		await expect_until(nodes[i].get_namespace("/").is_namespace_connected, "connecting")
		expect_eq(await ask(nodes[i].get_namespace("/"), "auth"), [{"number": i}], "auth")
		ids[nodes[i].get_client().get_engine_io_session_id()] = true
	expect_eq(ids.size(), 5, "connections")
	leave(nodes[0])
	await frames(3)
	expect_eq(await ask(nodes[1].get_namespace("/"), "echo_ack", [1]), [1], "the others stay")


func test_a_script_of_the_node_does_not_take_its_place() -> void:
	var node: OwnMethods = OwnMethods.new()
	node.url = url()
	hold(node)
	enter(node)
	await expect_until(node.get_namespace("/").is_namespace_connected, "connecting")
	leave(node)
	expect_eq(node.calls, ["enter", "exit"], "the script's methods")
	expect_eq(node.get_client().get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func test_a_scene_may_be_instantiated_on_a_thread() -> void:
	var scene := PackedScene.new()
	scene.pack(make_node({"auth": {"a": 1}, "query": {"b": "2"}, "reconnection_delay": 2.5, "auto_poll": true}))
	var made: Variant = await on_thread(scene.instantiate)
	var node: SocketIONode = made
	hold(node)
	expect_eq([node.url, node.auth, node.reconnection_delay], [url(), {"a": 1}, 2.5], "properties")
	enter(node)
	await expect_until(node.get_namespace("/").is_namespace_connected, "connecting")
	expect_eq(await ask(node.get_namespace("/"), "auth"), [{"a": 1}], "auth")
	var handshake: Array = await ask(node.get_namespace("/"), "handshake")
	expect_eq(handshake[0].query.get("b"), "2", "query")


func test_a_call_from_another_thread_does_nothing() -> void:
	var node := await connect_node()
	for call: String in ["url", "path", "share_singleton", "get_client", "get_namespace"]:
		expect_error("SocketIONode.%s was called from another thread and did nothing" % call)
	var made: Variant = await on_thread(func() -> Array:
		node.url = "ws://elsewhere"
		node.path = "/elsewhere/"
		node.share_singleton = true
		return [node.get_client(), node.get_namespace("/chat")]
	)
	expect_eq(made, [null, null], "results")
	expect_eq([node.url, node.path, node.share_singleton], [url(), "/socket.io/", false], "properties")
	expect_eq(await ask(node.get_namespace("/"), "echo_ack", [1]), [1], "answer")


func test_get_namespace_is_null_where_there_can_be_none() -> void:
	expect_error("SocketIONode.get_namespace: \"chat\" is not a namespace")
	expect_eq(make_node().get_namespace("chat"), null, "get_namespace")


func test_a_client_that_outlives_its_node_tells_of_the_node() -> void:
	var node := await connect_node()
	var client := node.get_client()
	node.free()
	await frames(2)
	expect_error("emit \"echo\": \"/\" is not connected (io client disconnect): the SocketIONode of its client was freed")
	client.get_namespace().emit("echo", [1])
	expect_error("\"/chat\" cannot be joined while its client is not connecting: the SocketIONode of its client was freed")
	expect_eq(client.create_namespace("/chat").connect_to_namespace(), ERR_UNCONFIGURED, "connect_to_namespace")
	await connect_client(client)
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer")


func test_a_namespace_that_outlives_its_node_tells_of_the_node() -> void:
	var node := await connect_node()
	var main := node.get_namespace("/")
	node.free()
	await frames(2)
	expect_error("the SocketIONode that this namespace is from was freed")
	main.emit("echo", [1])
	expect_error("the SocketIONode that this namespace is from was freed")
	expect_eq(main.connect_to_namespace(), ERR_UNCONFIGURED, "connect_to_namespace")
