extends PanelContainer
## The private room: asks for its word, then shows who is in it and what they say.

const RoomClient := preload("res://room_client.gd")
const PrivateRoomClient := preload("res://private_room_client.gd")

var _client: RoomClient
var _room: PrivateRoomClient
var _word := ""


func use(client: RoomClient) -> void:
	_client = client
	_room = client.private_room
	_room.members_changed.connect(_on_members_changed)
	_room.refused.connect(_show_door)
	_room.left.connect(_on_left)
	_room.line_heard.connect(_add_line)
	_show_door("Those who know the same word meet here.")


## Enters the room of a word.
func enter(word: String) -> void:
	_word = word.strip_edges()
	if _word.is_empty():
		return
	(%Word as LineEdit).release_focus()
	(%Log as RichTextLabel).clear()
	(%Status as Label).text = "Knocking..."
	_room.enter(_client.me, _word)


## Says something in the room.
func say(text: String) -> void:
	(%Input as LineEdit).clear()
	(%Input as LineEdit).release_focus()
	text = text.strip_edges()
	if text.is_empty():
		return
	_add_line({"name": _client.me.name, "color": _client.me.color, "text": text})
	if await _room.say(text) < 0:
		_add_small("That was not delivered.")


func _on_members_changed(names: Array) -> void:
	(%Door as Control).hide()
	(%Inside as Control).show()
	(%Leave as Button).show()
	(%Status as Label).text = "\"%s\": %s" % [_word, ", ".join(names)]


func _on_left() -> void:
	_show_door("You are no longer in the room of \"%s\"." % _word)


func _on_leave_pressed() -> void:
	_room.leave()


func _on_enter_pressed() -> void:
	enter((%Word as LineEdit).text)


func _show_door(status: String) -> void:
	(%Door as Control).show()
	(%Inside as Control).hide()
	(%Leave as Button).hide()
	(%Status as Label).text = status


func _add_line(line: Dictionary) -> void:
	var log_label: RichTextLabel = %Log
	log_label.push_color(Color(line.color))
	log_label.add_text("%s  " % line.name)
	log_label.pop()
	# add_text, so that what players write is never taken for BBCode.
	log_label.add_text("%s\n" % line.text)


func _add_small(text: String) -> void:
	var log_label: RichTextLabel = %Log
	log_label.push_color(Color("8f9eb8"))
	log_label.push_font_size(13)
	log_label.add_text("%s\n" % text)
	log_label.pop()
	log_label.pop()
