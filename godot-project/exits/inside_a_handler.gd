# expect-exit: 3
# server: node
## A game that quits inside a handler of an event, with more events to come.
extends SceneTree

var _events := 0


func _initialize() -> void:
	var main := SocketIOClient.get_singleton().get_namespace()
	main.on("burst", _on_burst)
	main.emit("burst", [1000])
	SocketIOClient.get_singleton().connect_to_url(OS.get_cmdline_user_args()[1])


func _on_burst(_data: Array) -> void:
	_events += 1
	if _events == 10:
		quit(3)
