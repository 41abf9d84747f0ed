## All of GDScript's warnings as errors, for a while.
extends RefCounted

const PREFIX := "debug/gdscript/warnings/"
const ERROR := 2
## The return value of [method Signal.connect] is discarded by everybody, so no script of a game has this one as an error.
const EXCLUDED := ["return_value_discarded"]

var _before := {}


## Makes them errors for the scripts that are compiled from now on.
func make_errors(tree: SceneTree) -> void:
	for property in ProjectSettings.get_property_list():
		var setting: String = property.name
		if setting.begins_with(PREFIX) and property.type == TYPE_INT and setting.trim_prefix(PREFIX) not in EXCLUDED:
			_before[setting] = ProjectSettings.get_setting(setting)
			ProjectSettings.set_setting(setting, ERROR)
	# The compiler hears of it at the end of the frame.
	await tree.process_frame
	await tree.process_frame


## Undoes that.
func restore(tree: SceneTree) -> void:
	for setting: String in _before:
		ProjectSettings.set_setting(setting, _before[setting])
	await tree.process_frame
	await tree.process_frame
