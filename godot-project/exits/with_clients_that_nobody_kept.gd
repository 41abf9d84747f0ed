# server: node
## A client that only a local variable held is freed at the end of the function. One warning of the game's says to keep it, and
## none comes of a client that was closed, whose connection had ended, or that belongs to a node, nor at the exit.
extends SceneTree

const WarningLog := preload("res://suites/node/warning_log.gd")

var _log := WarningLog.new()
var _kept := SocketIOClient.new()


func _initialize() -> void:
	OS.add_logger(_log)
	_run.call_deferred(OS.get_cmdline_user_args()[1])


func _run(url: String) -> void:
	_connect_and_close(url)
	await _be_disconnected(url)
	await _fail()
	await _use_nodes(url)
	_expect_warnings(0)
	_connect(url)
	_connect(url)
	await process_frame
	_expect_warnings(1)
	_kept.connect_to_url(url)
	await _kept.connected
	quit()


func _connect(url: String) -> void:
	var client := SocketIOClient.new()
	client.connect_to_url(url)


func _connect_and_close(url: String) -> void:
	var client := SocketIOClient.new()
	client.connect_to_url(url)
	client.close()


## The server ends the only namespace, and with it the connection.
func _be_disconnected(url: String) -> void:
	var client := SocketIOClient.new()
	client.connect_to_url(url)
	client.get_namespace("/").emit("leave_me")
	await client.disconnected
	await process_frame


func _fail() -> void:
	var client := SocketIOClient.new()
	client.reconnection = false
	client.connect_to_url("ws://127.0.0.1:1")
	await client.connect_error
	await process_frame


func _use_nodes(url: String) -> void:
	var node := SocketIONode.new()
	node.url = url
	root.add_child(node)
	await node.connected
	await process_frame
	node.free()
	var outside := SocketIONode.new()
	outside.get_client().connect_to_url(url)
	outside.free()
	await process_frame


func _expect_warnings(count: int) -> void:
	var warnings := _log.messages.filter(func(message: String) -> bool: return "Keep it in a member variable" in message)
	if warnings.size() != count:
		push_error("%d warnings in place of %d: %s" % [warnings.size(), count, _log.messages])
