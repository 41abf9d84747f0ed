@tool
extends EditorPlugin
## A test in the editor. Whatever is wrong is printed as an error; at the end the editor prints "DONE" and quits.
##
## The projects of such tests have this folder as [code]res://shared[/code], where [code]cargo xtask test[/code] puts it.

const PATIENCE_MSEC := 60_000


func _enter_tree() -> void:
	_begin.call_deferred()


## The test.
func _run() -> void:
	push_error("there is no test")


func _begin() -> void:
	await _run()
	# It would outlive the editor.
	if EditorInterface.is_playing_scene():
		EditorInterface.stop_playing_scene()
		await _until(func() -> bool: return not EditorInterface.is_playing_scene(), "the end of the game")
	print("DONE")
	get_tree().quit()


## What comes after this name on the command line.
func _argument(name: String) -> String:
	var arguments := OS.get_cmdline_user_args()
	return arguments[arguments.find(name) + 1]


## Waits until a condition, which may await, is true.
func _until(condition: Callable, what: String) -> void:
	var deadline := Time.get_ticks_msec() + PATIENCE_MSEC
	while not await condition.call():
		if Time.get_ticks_msec() > deadline:
			push_error("waited in vain: " + what)
			return
		await get_tree().process_frame


func _until_scanned() -> void:
	await _until(func() -> bool: return not EditorInterface.get_resource_filesystem().is_scanning(), "the first scan")


func _expect(condition: bool, problem: String) -> void:
	if not condition:
		push_error(problem)


func _expect_eq(actual: Variant, expected: Variant, what: String) -> void:
	_expect(actual == expected, "%s: %s in place of %s" % [what, actual, expected])


func _frames(count: int) -> void:
	for frame in count:
		await get_tree().process_frame
