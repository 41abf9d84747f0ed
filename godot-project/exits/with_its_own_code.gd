# expect-exit: 7
# server: node
## The exit code is the game's own, whatever is registered.
extends SceneTree


func _initialize() -> void:
	SocketIOClient.get_singleton().get_namespace().on("echo", func(_data: Array) -> void: pass)
	SocketIOClient.get_singleton().connected.connect(func(_id: String) -> void: quit(7))
	SocketIOClient.get_singleton().disconnected.connect(func(_reason: String) -> void: pass)
	SocketIOClient.get_singleton().connect_error.connect(func(_error: Dictionary) -> void: quit(1))
	SocketIOClient.get_singleton().connect_to_url(OS.get_cmdline_user_args()[1])
