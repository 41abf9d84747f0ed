@tool
extends "res://shared/editor_test.gd"
## Exports the presets of this project as packs, which needs neither templates nor an SDK. Only the one for Android without
## the permission for the network may be warned of, both at its option in the export dialog and in the report of the
## export.
##
## [codeblock lang=text]
## godot --headless --editor --path tests/export
## [/codeblock]

const OPTION := "permissions/internet"
const PRESETS := {"offline": true, "online": false, "custom": false, "desktop": false}
const PACK := "user://exported.pck"

var _platforms := PlatformCollector.new()
var _checked := []


func _enter_tree() -> void:
	add_export_plugin(_platforms)
	super()


func _exit_tree() -> void:
	remove_export_plugin(_platforms)


func _run() -> void:
	await _until_scanned()
	_open_export_dialog()
	var dialog: Window = _find("ProjectExportDialog")
	var inspector: EditorInspector = dialog.find_children("*", "EditorInspector", true, false)[0]
	var presets: ItemList = dialog.find_children("*", "ItemList", true, false)[0]
	await _until(func() -> bool: return presets.item_count == PRESETS.size(), "the presets")
	for index in presets.item_count:
		presets.select(index)
		presets.item_selected.emit(index)
		await _until(func() -> bool: return inspector.get_edited_object() != null, "the options of preset %d" % index)
		_check(inspector.get_edited_object())
	_expect(_checked == PRESETS.keys(), "the export dialog shows the presets %s" % [_checked])
	DirAccess.remove_absolute(PACK)
	dialog.hide()


## Looks at what is told about a preset.
func _check(preset: Object) -> void:
	var name: String = preset.get_preset_name()
	_checked.append(name)
	var is_warned_of: bool = PRESETS[name]
	var at_option: String = preset.call("_get_property_warning", OPTION)
	_expect(at_option.contains(OPTION) == is_warned_of, "%s: at the option stands: %s" % [name, at_option])
	_expect(preset.call("_get_property_warning", "package/name") == "", "%s: a warning at another option" % name)

	var platform: EditorExportPlatform = _platforms.found.get("Linux" if name == "desktop" else "Android")
	var before := platform.get_message_count()
	_expect(platform.export_pack(preset, false, PACK) == OK, "%s: the export failed" % name)
	var told := range(before, platform.get_message_count()).filter(
		func(index: int) -> bool: return platform.get_message_category(index) == "Socket.IO")
	var texts := told.map(platform.get_message_text)
	_expect(texts.size() == int(is_warned_of), "%s: the export reports %s" % [name, texts])
	_expect(texts.all(func(text: String) -> bool: return text.contains(OPTION)), "%s: the export reports %s" % [name, texts])


func _open_export_dialog() -> void:
	for menu: PopupMenu in EditorInterface.get_base_control().find_children("*", "PopupMenu", true, false):
		for index in menu.item_count:
			if menu.get_item_text(index) == "Export...":
				menu.id_pressed.emit(menu.get_item_id(index))
				return
	push_error("the editor has no menu with Export...")


func _find(type: String) -> Node:
	return EditorInterface.get_base_control().find_children("*", type, true, false)[0]




## Is asked about every platform, and so gets to know them.
class PlatformCollector:
	extends EditorExportPlugin

	## By the name of the operating system.
	var found := {}

	func _get_name() -> String:
		return "PlatformCollector"

	func _supports_platform(platform: EditorExportPlatform) -> bool:
		found[platform.get_os_name()] = platform
		return false
