# server: node
## A game whose listeners are gone before it quits.
extends SceneTree


func _initialize() -> void:
	var node := Node.new()
	var main := SocketIOClient.get_namespace()
	main.on("echo", func(_data: Array) -> void: node.name = "never")
	SocketIOClient.connected.connect(node.set_name)
	node.free()
	main.emit_with_ack("echo_ack", [], func(_answer: Array) -> void: quit())
	SocketIOClient.connect_to_url(OS.get_cmdline_user_args()[1])
