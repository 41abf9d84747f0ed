## Loads the extension, as the engine does at its start, and prints how long that took.
extends Node


func _ready() -> void:
	var start := Time.get_ticks_usec()
	var status := GDExtensionManager.load_extension("res://addons/socketio/socketio.gdextension")
	var usec := Time.get_ticks_usec() - start
	if status != GDExtensionManager.LOAD_STATUS_OK:
		push_error("the extension does not load: %d" % status)
		get_tree().quit(1)
		return
	print(JSON.stringify({"load_usec": usec}))
	get_tree().quit()
