## An object of the game's, which must be freed on the main thread.
extends RefCounted

static var made := 0
static var ended := 0
static var ended_elsewhere := 0


func _init() -> void:
	made += 1


func _notification(what: int) -> void:
	if what == NOTIFICATION_PREDELETE:
		ended += 1
		if OS.get_thread_caller_id() != OS.get_main_thread_id():
			ended_elsewhere += 1
