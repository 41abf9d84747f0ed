# server: node
## A game whose monitors are read until it quits: they are gone when the scripts are.
extends SceneTree

const MONITOR := "Socket.IO/Events Received per Second"


func _initialize() -> void:
	SocketIOClient.get_singleton().connected.connect(func(_id: String) -> void: quit())
	SocketIOClient.get_singleton().connect_to_url(OS.get_cmdline_user_args()[1])


func _process(_delta: float) -> bool:
	if not Performance.has_custom_monitor(MONITOR):
		push_error("there is no monitor")
	Performance.get_custom_monitor(MONITOR)
	return false


func _finalize() -> void:
	for monitor in Performance.get_custom_monitor_names():
		push_error("a monitor is still there: " + monitor)
