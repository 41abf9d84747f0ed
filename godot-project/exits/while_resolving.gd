# timeout: 20
## A game that quits while the name of its server is looked up.
extends SceneTree


func _initialize() -> void:
	SocketIOClient.get_singleton().connect_to_url("ws://nonexistent.invalid:3000")
	quit()
