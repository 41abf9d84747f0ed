## The base of what a test drives in another process, by commands on a TCP port: one JSON object a line, each answered by
## one line. What it has opened there ends with this object.
extends RefCounted

const Arguments := preload("res://arguments.gd")
## How long an answer may take. A server takes its time to start.
const PATIENCE := 10.0

var _control := StreamPeerTCP.new()
var _answer: PackedByteArray = []


## Connects to the address that this argument of the command line has. Returns whether it could.
func connect_control(argument: String) -> bool:
	var address := Arguments.new().value(argument).trim_prefix("tcp://")
	if _control.connect_to_host(address.get_slice(":", 0), address.get_slice(":", 1).to_int()) != OK:
		return false
	await _until(func() -> bool:
		_control.poll()
		return _control.get_status() != StreamPeerTCP.STATUS_CONNECTING)
	_control.set_no_delay(true)
	return _control.get_status() == StreamPeerTCP.STATUS_CONNECTED


## Sends a command and returns the answer; an empty one, after an error that fails the run, when it was refused.
func ask(command: Dictionary) -> Dictionary:
	_control.put_data((JSON.stringify(command) + "\n").to_utf8_buffer())
	var lines: PackedStringArray = []
	await _until(func() -> bool:
		var line := _read_line()
		if not line.is_empty():
			lines.append(line)
		return not lines.is_empty())
	var answer: Dictionary = JSON.parse_string(lines[0]) if not lines.is_empty() else {"error": "no answer"}
	if answer.has("error"):
		push_error("The command \"%s\" was refused: %s" % [command.do, answer.error])
		return {}
	return answer


func _read_line() -> String:
	_control.poll()
	var available := _control.get_available_bytes()
	if available > 0:
		_answer.append_array(_control.get_data(available)[1])
	var line_end := _answer.find(10)
	if line_end < 0:
		return ""
	var line := _answer.slice(0, line_end).get_string_from_utf8()
	_answer = _answer.slice(line_end + 1)
	return line


func _until(condition: Callable) -> void:
	var deadline := Time.get_ticks_msec() + roundi(PATIENCE * 1000.0)
	while not condition.call() and Time.get_ticks_msec() < deadline:
		await (Engine.get_main_loop() as SceneTree).process_frame
