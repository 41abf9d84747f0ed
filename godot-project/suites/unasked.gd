## What waits in a namespace that nobody has asked to join, or for a client that nobody has told to connect.
extends "res://suite.gd"

const SERVERS := ["none"]
const WarningLog := preload("res://suites/node/warning_log.gd")
const JOIN := "call connect_to_namespace()"
const CONNECT := "call SocketIOClient.connect_to_url()"

var _warnings := WarningLog.new()


func prepare(scene_tree: SceneTree, name: String, address: String) -> void:
	super(scene_tree, name, address)
	OS.add_logger(_warnings)


func clean_up() -> void:
	OS.remove_logger(_warnings)
	await super()


func test_a_namespace_that_nobody_has_asked_to_join() -> void:
	for use: Callable in _uses():
		var client := await connect_raw(make_raw_server())
		var chat := client.create_namespace("/chat")
		_warnings.messages.clear()
		use.call(chat)
		use.call(chat)
		expect_eq(_warnings.messages.size(), 1, "warnings: %s" % [_warnings.messages])
		expect_true(_warnings.has(JOIN) and _warnings.has("/chat"), "what to call: %s" % [_warnings.messages])
		await frames(2)
		client.close()


func test_a_client_that_nobody_has_told_to_connect() -> void:
	for use: Callable in _uses():
		var client := make_client()
		_warnings.messages.clear()
		use.call(client.get_namespace())
		use.call(client.get_namespace())
		expect_eq(_warnings.messages, [], "warnings at once")
		await wait(0.7)
		expect_eq(_warnings.messages.size(), 1, "warnings: %s" % [_warnings.messages])
		expect_true(_warnings.has(CONNECT), "what to call: %s" % [_warnings.messages])


func test_the_client_of_a_node_that_was_freed() -> void:
	var node := SocketIONode.new()
	var client := keep(node.get_client())
	node.free()
	client.get_namespace().request("ask", [], 0.05)
	await expect_until(func() -> bool: return not _warnings.messages.is_empty(), "the warning")
	expect_true(_warnings.has("the SocketIONode of its client was freed"), "what to do: %s" % [_warnings.messages])


func test_a_request_that_runs_out_of_time_earlier() -> void:
	for use: Callable in [
		func(main: SocketIONamespace) -> Signal: return main.request("ask", [], 0.05),
		func(main: SocketIONamespace) -> Signal: return main.wait_for("news", 0.05),
	]:
		_warnings.messages.clear()
		var reply: SocketIOReply = await use.call(make_client().get_namespace())
		expect_eq(reply.error, ERR_TIMEOUT, "error")
		expect_true(_warnings.has(CONNECT), "warnings: %s" % [_warnings.messages])


func test_a_client_without_a_main_namespace() -> void:
	var client := make_client()
	client.connect_main_namespace = false
	client.connect_to_url(make_raw_server().url)
	client.get_namespace().request("ask")
	expect_true(_warnings.has(JOIN), "warnings: %s" % [_warnings.messages])


func test_a_client_that_another_node_connects_a_moment_later() -> void:
	var client := make_client()
	for use: Callable in _uses():
		use.call(client.get_namespace())
		use.call(client.create_namespace("/chat"))
	await frames(3)
	client.connect_to_url(make_raw_server().url)
	client.get_namespace("/chat").connect_to_namespace()
	await wait(0.7)
	expect_eq(_warnings.messages, [], "warnings")


func test_a_request_in_a_namespace_that_is_joining() -> void:
	var client := make_client()
	client.connect_to_url(make_raw_server().url)
	client.get_namespace().request("ask", [], 0.1)
	await wait(0.3)
	expect_eq(_warnings.messages, [], "warnings")


func _uses() -> Array[Callable]:
	return [
		func(channel: SocketIONamespace) -> void: channel.emit("tell"),
		func(channel: SocketIONamespace) -> void: channel.request("ask"),
		func(channel: SocketIONamespace) -> void: channel.emit_with_ack("ask", [], func(_answer: Array) -> void: pass),
		func(channel: SocketIONamespace) -> void: channel.wait_for("news"),
	]
