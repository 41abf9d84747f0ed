# server: node
## A game that quits while a function awaits a signal of a client. The client is in a member variable: the engine loses what such
## a function holds in variables of its own.
extends SceneTree

var _client := SocketIOClient.get_singleton()


func _initialize() -> void:
	_wait_for_the_end()
	_client.connected.connect(func(_id: String) -> void: quit())
	_client.connect_to_url(OS.get_cmdline_user_args()[1])


func _wait_for_the_end() -> void:
	await _client.disconnected
	print("the connection ended")
