## The command line after `--`, for the runner and for the scripts in exits/.
extends RefCounted

## The values of each option, in the order given.
var _values := {}


func _init(arguments: PackedStringArray = OS.get_cmdline_user_args()) -> void:
	for i in range(0, arguments.size() - 1, 2):
		var option := arguments[i]
		var values: Array = _values.get_or_add(option, [])
		values.append(arguments[i + 1])


## Returns the last value of an option, or [param default] without one.
func value(option: String, default := "") -> String:
	var values: Array = _values.get(option, [])
	return default if values.is_empty() else values[-1]


## Returns all values of an option that may come several times.
func values(option: String) -> Array:
	return _values.get(option, [])
