## What the tasks need of a client.
extends RefCounted


func open(_url: String) -> void:
	pass


func is_open() -> bool:
	return false


func poll() -> void:
	pass


## Calls [param callback] with the arguments of every event of this name, as one Array.
func listen(_event: String, _callback: Callable) -> void:
	pass


func emit_event(_event: String, _data: Array) -> void:
	pass


## Calls [param callback] with the server's answer, as one Array.
func ask(_event: String, _data: Array, _callback: Callable) -> void:
	pass


func close() -> void:
	pass
