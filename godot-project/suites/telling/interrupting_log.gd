## Calls back in the middle of printing an error or a warning.
extends Logger

var _part: String
var _callback: Callable


## Calls back when something with this text in it is printed.
func _init(part: String, callback: Callable) -> void:
	_part = part
	_callback = callback


func _log_error(
	_function: String, _file: String, _line: int, code: String, rationale: String, _editor_notify: bool,
	_error_type: int, _script_backtraces: Array[ScriptBacktrace]
) -> void:
	if _part in code or _part in rationale:
		_callback.call()
