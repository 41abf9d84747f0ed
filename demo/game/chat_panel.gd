extends PanelContainer
## The chat: what was said, and a field to say something. Enter goes to the field, Escape leaves it.

signal submitted(text: String)

var _entries: Array[Dictionary] = []
var _is_drawn := true


## Adds what somebody said, `{name, color, text}`, with a `remark` below it if there is one. Returns the index for
## `set_remark`.
func add_line(line: Dictionary) -> int:
	_entries.append(line)
	_is_drawn = false
	return _entries.size() - 1


## Adds what happened.
func add_notice(text: String) -> void:
	_entries.append({"text": text})
	_is_drawn = false


## Changes the remark below a line.
func set_remark(index: int, remark: String) -> void:
	_entries[index]["remark"] = remark
	_is_drawn = false


func _process(_delta: float) -> void:
	# Once for all that the frame has brought: after a lost connection that may be many lines.
	if not _is_drawn:
		_is_drawn = true
		_redraw()


func _unhandled_key_input(event: InputEvent) -> void:
	if event.is_action_pressed("ui_text_submit"):
		(%Input as LineEdit).grab_focus()
		get_viewport().set_input_as_handled()


func _on_input_gui_input(event: InputEvent) -> void:
	if event.is_action_pressed("ui_cancel"):
		(%Input as LineEdit).release_focus()


func _on_input_text_submitted(text: String) -> void:
	var input: LineEdit = %Input
	input.clear()
	input.release_focus()
	if not text.strip_edges().is_empty():
		submitted.emit(text.strip_edges())


func _redraw() -> void:
	var log_label: RichTextLabel = %Log
	log_label.clear()
	for entry in _entries:
		if entry.has("name"):
			log_label.push_color(Color(entry.color))
			log_label.add_text("%s  " % entry.name)
			log_label.pop()
			# add_text, so that what players write is never taken for BBCode.
			log_label.add_text("%s\n" % entry.text)
		else:
			_add_small("%s\n" % entry.text)
		if entry.has("remark"):
			_add_small("%s\n" % entry.remark)


func _add_small(text: String) -> void:
	var log_label: RichTextLabel = %Log
	log_label.push_color(Color("8f9eb8"))
	log_label.push_font_size(13)
	log_label.add_text(text)
	log_label.pop()
	log_label.pop()
