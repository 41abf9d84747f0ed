# Plays the example scene as its user does: it waits for what appears, and presses the buttons.
extends Node

const EXAMPLE := preload("res://addons/socketio/example/example.tscn")
const LIMIT_MSEC := 20_000

var _example: Control = EXAMPLE.instantiate()
var _has_failed := false


func _ready() -> void:
	var arguments := OS.get_cmdline_user_args()
	_example.set("url", arguments[arguments.find("--server") + 1])
	add_child(_example)
	await _wait_for("it is connected", func() -> bool: return _text("%State") == "connected")
	_button("%Hello").pressed.emit()
	await _wait_for("the server's welcome", func() -> bool: return "Welcome, Ada!" in _text("%Log"))
	_button("%Roll").pressed.emit()
	await _wait_for("the server's answer", func() -> bool: return "the server rolled " in _text("%Log"))
	await _wait_for("the button is free again", func() -> bool: return not _button("%Roll").disabled)
	_example.free()
	if not _has_failed:
		print("the example works")
	get_tree().quit(1 if _has_failed else 0)


func _wait_for(what: String, is_there: Callable) -> void:
	var deadline := Time.get_ticks_msec() + LIMIT_MSEC
	while not is_there.call():
		if Time.get_ticks_msec() > deadline:
			print("waited in vain until ", what, "; the example shows: ", _text("%State"), "\n", _text("%Log"))
			_has_failed = true
			return
		await get_tree().process_frame


func _text(path: NodePath) -> String:
	var node := _example.get_node(path)
	return (node as RichTextLabel).get_parsed_text() if node is RichTextLabel else (node as Label).text


func _button(path: NodePath) -> Button:
	return _example.get_node(path)
