## Collects everything that the engine prints: messages, warnings and errors with their places.
extends Logger

var _mutex := Mutex.new()
var _lines: PackedStringArray = []


func text() -> String:
	_mutex.lock()
	var joined := "\n".join(_lines)
	_mutex.unlock()
	return joined


func _log_message(message: String, _error: bool) -> void:
	_add(message)


func _log_error(
	function: String, file: String, line: int, code: String, rationale: String, _editor_notify: bool, _error_type: int,
	script_backtraces: Array[ScriptBacktrace]
) -> void:
	_add("%s %s %d %s %s" % [function, file, line, code, rationale])
	for backtrace in script_backtraces:
		_add(backtrace.format())


# Any thread may print.
func _add(line: String) -> void:
	_mutex.lock()
	_lines.append(line)
	_mutex.unlock()
