# server: node
## A game that quits in the frame in which it starts to connect.
extends SceneTree


func _initialize() -> void:
	SocketIOClient.get_singleton().connected.connect(func(id: String) -> void: print(id))
	SocketIOClient.get_singleton().get_namespace().emit("echo", ["never sent"])
	SocketIOClient.get_singleton().connect_to_url(OS.get_cmdline_user_args()[1])
	quit()
