# server: node
## A game that quits while a function awaits a signal of a client.
extends SceneTree


func _initialize() -> void:
	_wait_for_the_end()
	SocketIOClient.get_singleton().connected.connect(func(_id: String) -> void: quit())
	SocketIOClient.get_singleton().connect_to_url(OS.get_cmdline_user_args()[1])


func _wait_for_the_end() -> void:
	await SocketIOClient.get_singleton().disconnected
	print("the connection ended")
