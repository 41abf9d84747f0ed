## The memory that this process has held since a moment, at its peak.
##
## On Linux it is the resident memory of the whole process. Other systems tell only what the engine has allocated, and
## only in a debug build; there a growth is looked for, and not its peak.
extends RefCounted

const _STATUS := "/proc/self/status"
const _RESET := "/proc/self/clear_refs"
## Has the kernel forget the peak so far.
const _FORGET_THE_PEAK := "5"

var _before: int


## Begins to watch.
func _init() -> void:
	var reset := FileAccess.open(_RESET, FileAccess.WRITE)
	if reset != null:
		reset.store_string(_FORGET_THE_PEAK)
		reset.close()
	_before = _resident("VmRSS")


## Returns how many bytes more than in the beginning were held at once.
func growth() -> int:
	return maxi(0, _resident("VmHWM") - _before)


func _resident(field: String) -> int:
	if not FileAccess.file_exists(_STATUS):
		return OS.get_static_memory_usage()
	# A file of the kernel has no length, which Godot would go by.
	var file := FileAccess.open(_STATUS, FileAccess.READ)
	while not file.eof_reached():
		var line := file.get_line()
		if line.begins_with(field + ":"):
			return line.to_int() * 1024
	return 0
