@tool
extends RefCounted
## The inspector's tab, as a user sees and uses it.

var root: Control


## Finds the tab of the first session. There may be only one.
static func find() -> Array[Node]:
	return EditorInterface.get_base_control().find_children("SocketIO", "VBoxContainer", true, false)


func _init(node: Control) -> void:
	root = node


## Brings it into sight: the editor's panels are tabs themselves.
func bring_into_sight() -> void:
	var inner: Control = root
	var outer := root.get_parent()
	while outer is Control:
		if outer is TabContainer and outer.get_tab_idx_from_control(inner) >= 0:
			outer.current_tab = outer.get_tab_idx_from_control(inner)
		if not outer.visible and outer != EditorInterface.get_base_control():
			outer.show()
		inner = outer
		outer = outer.get_parent()


## Leaves it for the first tab of the debugger.
func leave() -> void:
	(root.get_parent() as TabContainer).current_tab = 0


func title() -> String:
	var tabs: TabContainer = root.get_parent()
	return tabs.get_tab_title(tabs.get_tab_idx_from_control(root))


## The texts of a tree's items, a row each.
func rows(tree_name: String) -> Array[Array]:
	var found: Array[Array] = []
	var tree: Tree = part(tree_name)
	var item := tree.get_root()
	while item != null:
		item = item.get_next_in_tree()
		if item != null:
			found.append(range(tree.columns).map(func(column: int) -> String: return item.get_text(column)))
	return found.filter(func(row: Array) -> bool: return not "".join(row).is_empty())


## A column of the packets in sight.
func column(index: int) -> Array:
	return rows("Packets").map(func(row: Array) -> String: return row[index])


## Selects the packet in sight that has this text in a column.
func select_packet(index: int, text: String) -> void:
	for item in (part("Packets") as Tree).get_root().get_children():
		if item.get_text(index) == text:
			item.select(0)
			return


## Turns the mouse wheel over the packets.
func turn_wheel(direction: MouseButton, factor := 1.0) -> void:
	var event := InputEventMouseButton.new()
	event.button_index = direction
	event.pressed = true
	event.factor = factor
	event.position = (part("Packets") as Control).get_global_rect().get_center()
	event.global_position = event.position
	root.get_viewport().push_input(event)


## Presses a key while the packets have the focus.
func press_key(key: Key) -> void:
	(part("Packets") as Control).grab_focus()
	var event := InputEventKey.new()
	event.keycode = key
	event.pressed = true
	root.get_viewport().push_input(event)


## Which of the packets that pass the filter is selected, from 0 on; -1 if none in sight is.
func selected_row() -> int:
	var selected := (part("Packets") as Tree).get_selected()
	return -1 if selected == null else int((part("Scroll") as Range).value) + selected.get_index()


func is_pressed(button: String) -> bool:
	return part(button).button_pressed


func text(node_name: String) -> String:
	return part(node_name).text


func press(button: String) -> void:
	part(button).pressed.emit()


func toggle(button: String, is_on: bool) -> void:
	part(button).button_pressed = is_on


func is_enabled(button: String) -> bool:
	return not part(button).disabled


func type_into(field: String, typed: String) -> void:
	part(field).text = typed
	if part(field) is LineEdit:
		part(field).text_changed.emit(typed)


## Emits by the dialog. Returns what the dialog says is wrong.
func emit(path: String, event: String, arguments: String, target := 0) -> String:
	var dialog: ConfirmationDialog = part("EmitDialog")
	press("Emit")
	part("Target").select(target)
	for field: Array in [["Namespace", path], ["Event", event], ["Arguments", arguments]]:
		var control: Control = dialog.find_child(field[0], true, false)
		control.text = field[1]
		if control is LineEdit:
			control.text_changed.emit(field[1])
		else:
			control.text_changed.emit()
	var problem: String = text("Problem")
	if dialog.get_ok_button().disabled:
		dialog.hide()
	else:
		dialog.get_ok_button().pressed.emit()
	return problem


func part(node_name: String) -> Node:
	return root.find_child(node_name, true, false)
