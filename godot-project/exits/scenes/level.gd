## A scene that is changed by its own handlers, while more events are on their way to it.
extends Node

## The scenes so far.
static var count := 0

var _events := 0


func _ready() -> void:
	count += 1
	SocketIOClient.get_singleton().get_namespace().on("burst", _on_burst)
	$Own.get_namespace("/").on("burst", _on_burst)
	$Own.get_namespace("/").emit("burst", [100])
	SocketIOClient.get_singleton().get_namespace().emit("burst", [100])


func _on_burst(_data: Array) -> void:
	_events += 1
	if _events != 10:
		return
	match count:
		1, 3:
			get_tree().change_scene_to_file("res://exits/scenes/level.tscn")
		2:
			get_tree().reload_current_scene()
		4:
			get_tree().change_scene_to_packed(load("res://exits/scenes/level.tscn"))
		_:
			get_tree().quit(5)
