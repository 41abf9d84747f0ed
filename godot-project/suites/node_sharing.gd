## Several SocketIONodes on the shared client.
extends "res://suites/node/node_suite.gd"

const SERVERS := ["node", "python", "rust"]
const WarningLog := preload("res://suites/node/warning_log.gd")

var _warnings: WarningLog


func clean_up() -> void:
	var shared := SocketIOClient.get_singleton()
	await super()
	shared.close()
	await frames(2)
	var plain := SocketIOClient.new()
	for property: Dictionary in ClassDB.class_get_property_list("SocketIOClient", true):
		if property.usage & PROPERTY_USAGE_STORAGE:
			shared.set(property.name, plain.get(property.name))
	if _warnings != null:
		OS.remove_logger(_warnings)


func test_it_uses_the_singleton() -> void:
	var node := await connect_node({"share_singleton": true})
	expect_true(node.get_client() == SocketIOClient.get_singleton(), "the shared client")
	expect_eq(SocketIOClient.get_singleton().get_connection_url(), url(), "url")
	expect_true(node.get_namespace("/chat") == SocketIOClient.get_singleton().get_namespace("/chat"), "namespace")


func test_nodes_that_share_have_one_connection_and_each_its_signals() -> void:
	var first := make_node({"share_singleton": true, "namespaces": PackedStringArray(["/chat"])})
	var second := make_node({"share_singleton": true, "namespaces": PackedStringArray(["/slow"])})
	var own := make_node()
	var connected := [record(first.connected), record(second.connected), record(own.connected)]
	for node: SocketIONode in [first, second, own]:
		enter(node)
	for path: String in ["/chat", "/slow"]:
		await expect_until(first.get_namespace(path).is_namespace_connected, "joining " + path)
	await expect_count(connected[2], 1, "connected of the node with a client of its own")
	expect_eq(connected[0], connected[1], "session ids")
	expect_eq([connected[0].size(), connected[1].size()], [1, 1], "connected")
	expect_true(connected[0] != connected[2], "another session")


func test_leaving_the_tree_leaves_the_shared_connection_as_it_is() -> void:
	var first := await connect_node({"share_singleton": true, "namespaces": PackedStringArray(["/chat"])})
	var second := await connect_node({"share_singleton": true})
	await expect_until(first.get_namespace("/chat").is_namespace_connected, "joining /chat")
	var silent := record(first.disconnected)
	var told := record(second.disconnected)
	leave(first)
	await frames(3)
	expect_eq(second.get_client().get_connection_state(), SocketIOClient.STATE_CONNECTED, "state")
	expect_true(second.get_namespace("/chat").is_namespace_connected(), "the namespace stays joined")
	expect_eq(await ask(second.get_namespace("/"), "echo_ack", [1]), [1], "answer")
	first.free()
	second.get_client().close()
	await expect_count(told, 1, "disconnected")
	expect_eq(silent, [], "signals of the one that had left")


func test_the_last_one_leaves_it_connected_as_well() -> void:
	var node := await connect_node({"share_singleton": true})
	var id: String = node.get_client().get_engine_io_session_id()
	node.free()
	await frames(3)
	var next := await connect_node({"share_singleton": true})
	expect_eq(next.get_client().get_engine_io_session_id(), id, "the same connection")


func test_coming_back_it_emits_signals_once() -> void:
	var node := await connect_node({"share_singleton": true})
	for round in 3:
		leave(node)
		enter(node)
	await frames(2)
	var disconnected := record(node.disconnected)
	node.get_client().close()
	await expect_count(disconnected, 1, "disconnected")
	await frames(2)
	expect_eq(disconnected.size(), 1, "disconnected")


func test_without_a_url_it_waits_for_others_to_connect() -> void:
	var node := make_node({"share_singleton": true, "url": "", "namespaces": PackedStringArray(["/chat"])})
	var connected := record(node.connected)
	enter(node)
	await frames(5)
	expect_eq(node.get_client().get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")
	SocketIOClient.get_singleton().connect_to_url(url())
	await expect_until(node.get_namespace("/chat").is_namespace_connected, "joining /chat")
	expect_eq(connected.size(), 1, "connected")


func test_another_url_than_that_of_the_connection_is_warned_of() -> void:
	await connect_node({"share_singleton": true, "url": url() + "?token=secret"})
	_watch_warnings()
	await connect_node({"share_singleton": true, "url": "ws://elsewhere.invalid"})
	await frames(2)
	expect_eq(_warnings.messages.size(), 1, "warnings: %s" % [_warnings.messages])
	expect_true(_warnings.has("its url is not used, for the shared client is connected or connecting to " + url()), "warning")
	expect_true(not _warnings.has("secret"), "the secret is masked")


func test_the_same_url_or_none_is_not_warned_of() -> void:
	await connect_node({"share_singleton": true})
	_watch_warnings()
	await connect_node({"share_singleton": true})
	await connect_node({"share_singleton": true, "url": ""})
	await frames(2)
	expect_eq(_warnings.messages, [], "warnings")


func test_the_node_that_connects_brings_its_options() -> void:
	SocketIOClient.get_singleton().extra_headers = {"X-By": "code"}
	SocketIOClient.get_singleton().reconnection_delay = 3.0
	var node := make_node({"share_singleton": true, "query": {"by": "node"}, "reconnection_delay": 2.0})
	await frames(2)
	expect_eq(SocketIOClient.get_singleton().reconnection_delay, 3.0, "before it enters the tree")
	enter(node)
	await expect_until(node.get_namespace("/").is_namespace_connected, "connecting")
	var handshake: Array = await ask(node.get_namespace("/"), "handshake")
	expect_eq([handshake[0].query.get("by"), handshake[0].headers.get("x-by")], ["node", "code"], "handshake")
	expect_eq(SocketIOClient.get_singleton().reconnection_delay, 2.0, "reconnection_delay")


func test_a_node_that_finds_it_connected_keeps_its_options_to_itself() -> void:
	await connect_node({"share_singleton": true, "reconnection_delay": 2.0})
	var second := await connect_node({"share_singleton": true, "reconnection_delay": 4.0})
	await frames(3)
	expect_eq([second.get_client().reconnection_delay, second.reconnection_delay], [2.0, 4.0], "reconnection_delay")


func test_an_option_that_is_changed_in_the_tree_reaches_the_shared_client() -> void:
	var node := await connect_node({"share_singleton": true})
	node.reconnection_delay = 4.0
	node.auto_poll = true
	expect_eq([SocketIOClient.get_singleton().reconnection_delay, node.reconnection_delay], [4.0, 4.0], "reconnection_delay")
	leave(node)
	node.reconnection_delay = 5.0
	expect_eq([SocketIOClient.get_singleton().reconnection_delay, node.reconnection_delay], [4.0, 5.0], "after leaving")


func test_it_can_be_switched_at_run_time() -> void:
	var node := await connect_node()
	var own := node.get_client()
	var connected := record(node.connected)
	var disconnected := record(node.disconnected)
	node.share_singleton = true
	expect_eq(own.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state of its own client")
	await expect_count(connected, 1, "connected")
	expect_eq(connected, [SocketIOClient.get_singleton().get_namespace().get_session_id()], "session id")
	expect_eq(disconnected.size(), 1, "disconnected")
	node.share_singleton = false
	await expect_count(connected, 2, "connected with its own")
	expect_true(node.get_client() == own, "its own client")
	expect_eq(SocketIOClient.get_singleton().get_connection_state(), SocketIOClient.STATE_CONNECTED, "state of the shared one")


func test_a_failure_that_nobody_listens_to_is_printed_once() -> void:
	_watch_warnings()
	var closed := "ws://127.0.0.1:1"
	var nodes := [make_node({"url": closed, "share_singleton": true}), make_node({"url": closed, "share_singleton": true})]
	for node: SocketIONode in nodes:
		node.reconnection_delay = 0.05
		enter(node)
	await expect_until(func() -> bool: return not _warnings.messages.is_empty(), "the warning")
	await wait(0.3)
	expect_eq(_warnings.messages.size(), 1, "warnings: %s" % [_warnings.messages])
	expect_true(_warnings.has("SocketIONode: "), "warning")


func test_a_failure_that_somebody_listens_to_is_not_printed() -> void:
	_watch_warnings()
	for listens: Callable in [
		func(node: SocketIONode) -> Signal: return node.connect_error,
		func(node: SocketIONode) -> Signal: return node.get_client().connect_error,
		func(node: SocketIONode) -> Signal: return node.get_namespace("/").connect_error,
	]:
		var node := make_node({"url": "ws://127.0.0.1:1", "reconnection_delay": 0.05})
		var errors := record(listens.call(node))
		enter(node)
		await expect_until(func() -> bool: return errors.size() >= 2, "connect_error")
		node.free()
	expect_eq(_warnings.messages, [], "warnings")


func _watch_warnings() -> void:
	_warnings = WarningLog.new()
	OS.add_logger(_warnings)


func test_a_scene_that_is_visited_four_times_hears_everything_once() -> void:
	var shared := SocketIOClient.get_singleton()
	var heard := []
	for visit in 4:
		var node := make_node({"share_singleton": true, "namespaces": PackedStringArray(["/chat"])})
		var scene := Visit.new(heard)
		hold(scene)
		scene.add_child(node)
		node.namespace_connected.connect(scene.hear_text)
		node.get_namespace("/chat").on("echo", scene.hear)
		node.get_namespace("/chat").event_received.connect(scene.hear_event)
		enter(scene)
		await expect_until(node.get_namespace("/chat").is_namespace_connected, "joining")
		await frames(2)
		heard.clear()
		await reply(node.get_namespace("/chat"), "echo", [visit], "echo")
		await frames(2)
		expect_eq(heard, [[visit], ["echo", [visit]]], "visit %d" % visit)
		expect_eq(shared.connected.get_connections().size(), 1, "connections of the shared client's signal")
		scene.free()
	expect_eq(shared.connected.get_connections().size(), 0, "connections after the last visit")


class Visit:
	extends Node

	var _heard: Array

	func _init(heard: Array) -> void:
		_heard = heard

	func hear(data: Array) -> void:
		_heard.append(data)

	func hear_text(text: String) -> void:
		_heard.append(text)

	func hear_event(event_name: String, data: Array) -> void:
		_heard.append([event_name, data])
