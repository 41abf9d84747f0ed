# server: node
## A game that quits while it is connected, with lambdas as listeners, connected to signals and waiting for an ack.
extends SceneTree


func _initialize() -> void:
	var main := SocketIOClient.get_singleton().get_namespace()
	main.on("echo", func(data: Array) -> void: print("echo ", data))
	main.on("question", func(_data: Array, ack: Callable) -> void: ack.call([]))
	main.connected.connect(func(id: String) -> void: print("joined as ", id))
	main.event_received.connect(func(event: String, _data: Array) -> void: print("received ", event))
	SocketIOClient.get_singleton().connected.connect(_on_connected)
	SocketIOClient.get_singleton().disconnected.connect(func(reason: String) -> void: print("ended: ", reason))
	SocketIOClient.get_singleton().connect_error.connect(func(_error: Dictionary) -> void: quit(1))
	SocketIOClient.get_singleton().connect_to_url(OS.get_cmdline_user_args()[1])


func _on_connected(_id: String) -> void:
	var main := SocketIOClient.get_singleton().get_namespace()
	main.emit_with_ack("ack_never", [], func(answer: Array) -> void: print("answer ", answer), 0.0)
	main.emit_with_ack("echo_ack", [1], func(_answer: Array) -> void: quit(0))
