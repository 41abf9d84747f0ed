## Collects the warnings of the engine.
extends Logger

var messages := []


func has(part: String) -> bool:
	return messages.any(func(message: String) -> bool: return part in message)


func _log_error(
	_function: String, _file: String, _line: int, code: String, rationale: String, _editor_notify: bool, error_type: int,
	_script_backtraces: Array[ScriptBacktrace]
) -> void:
	if error_type == ERROR_TYPE_WARNING:
		messages.append(code if rationale.is_empty() else rationale)
