# server: node
## A game that quits while its nodes are connected, one with a client of its own and two on the shared one, and somebody
## still waits for a signal of a node.
extends SceneTree

var _connected := 0


func _initialize() -> void:
	for shares: bool in [false, true, true]:
		var node := SocketIONode.new()
		node.url = OS.get_cmdline_user_args()[1]
		node.share_singleton = shares
		node.namespaces = PackedStringArray(["/chat"])
		node.connected.connect(func(_id: String) -> void: _count(node))
		root.add_child(node)
		_wait_for_the_end(node)


func _count(node: SocketIONode) -> void:
	_connected += 1
	node.get_namespace("/chat").on("never", func(_data: Array) -> void: print(node.name))
	if _connected == 3:
		quit()


func _wait_for_the_end(node: SocketIONode) -> void:
	await node.reconnect_failed
	print("never")
