# expect-exit: 7
# server: node
## The exit code is the game's own, whatever is registered.
extends SceneTree


func _initialize() -> void:
	SocketIOClient.get_namespace().on("echo", func(_data: Array) -> void: pass)
	SocketIOClient.connected.connect(func(_id: String) -> void: quit(7))
	SocketIOClient.disconnected.connect(func(_reason: String) -> void: pass)
	SocketIOClient.connect_error.connect(func(_error: Dictionary) -> void: quit(1))
	SocketIOClient.connect_to_url(OS.get_cmdline_user_args()[1])
