## What suites share that look for secrets: a client that carries some, and what the engine has logged meanwhile.
extends "res://fault_suite.gd"

const EngineLog := preload("res://suites/secrets/engine_log.gd")

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


func _secret_url(address: String) -> String:
	return address.replace("://", "://name:hidden-password@") + "/?token=hidden-query"


func _make_secret_client() -> SocketIOClient:
	var client := make_quick_client()
	client.query = {"key": "hidden-key"}
	client.extra_headers = {"X-Token": "hidden-header"}
	return client


## Returns a node that is freed after the test.
func _make_node(address := "") -> SocketIONode:
	var node := SocketIONode.new()
	node.url = address
	_nodes.append(node)
	return node


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
