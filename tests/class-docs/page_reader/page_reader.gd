@tool
extends EditorPlugin
## Prints what F1 shows for each class of the addon, and quits the editor.
##
## Each page stands between the lines "PAGE <class>" and "END <class>". Before that, SocketIONode is looked at in an open
## scene, and the addon's setting among those of the project; what is wrong there is an error.

const NodeInspection := preload("res://page_reader/node_inspection.gd")
## The editor reads the documentation of extensions on a thread of its own, so a page may be opened before that.
const TRIES := 40
const FRAMES_BETWEEN_TRIES := 15
const SETTING := "socket_io/compatibility/blazium"
const UNDESCRIBED := "There is currently no description"


func _enter_tree() -> void:
	_run.call_deferred()


func _run() -> void:
	_look_at_the_setting()
	await NodeInspection.new(get_tree()).run()
	await _read_pages()
	get_tree().quit()


func _look_at_the_setting() -> void:
	for property in ProjectSettings.get_property_list():
		if property.name == SETTING:
			var is_right: bool = property.type == TYPE_BOOL and property.usage & PROPERTY_USAGE_EDITOR_BASIC_SETTING != 0
			if not is_right or ProjectSettings.property_get_revert(SETTING) != false or ProjectSettings.get_setting(SETTING) != false:
				push_error("the setting %s is not as it should be: %s" % [SETTING, property])
			return
	push_error("the dialog of the project's settings does not show %s" % SETTING)


func _read_pages() -> void:
	for class_title in ClassDB.get_class_list():
		if class_title.begins_with("SocketIO"):
			print("PAGE %s\n%s\nEND %s" % [class_title, await _read_page(class_title), class_title])


func _read_page(class_title: String) -> String:
	var text := ""
	for _try in TRIES:
		await _frames(FRAMES_BETWEEN_TRIES)
		EditorInterface.get_script_editor().goto_help("class_name:" + class_title)
		await _frames(2)
		var page := EditorInterface.get_script_editor().find_child(class_title, true, false)
		if page == null:
			continue
		text = _text_of(page)
		if not text.is_empty() and not text.contains(UNDESCRIBED):
			break
		page.free()
	return text


func _text_of(page: Node) -> String:
	var labels := page.find_children("*", "RichTextLabel", true, false)
	return "" if labels.is_empty() else (labels[0] as RichTextLabel).get_parsed_text()


func _frames(count: int) -> void:
	for _frame in count:
		await get_tree().process_frame
