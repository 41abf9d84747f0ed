# server: node
## A game whose listeners are gone before it quits.
extends SceneTree


func _initialize() -> void:
	var node := Node.new()
	var main := SocketIOClient.get_singleton().get_namespace()
	main.on("echo", func(_data: Array) -> void: node.name = "never")
	SocketIOClient.get_singleton().connected.connect(node.set_name)
	node.free()
	main.emit_with_ack("echo_ack", [], func(_answer: Array) -> void: quit())
	SocketIOClient.get_singleton().connect_to_url(OS.get_cmdline_user_args()[1])
