# server: node
## A script that connects from its _init, before there is a frame.
extends SceneTree


func _init() -> void:
	var main := SocketIOClient.get_singleton().get_namespace()
	if SocketIOClient.get_singleton().connect_to_url(OS.get_cmdline_user_args()[1]) != OK:
		quit(1)
	main.emit_with_ack("echo_ack", ["early"], _on_answer)


func _on_answer(answer: Array) -> void:
	quit(0 if answer == ["early"] else 2)
