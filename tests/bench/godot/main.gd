## Runs one task and prints its figures as one line of JSON.
extends Node

const Arguments := preload("res://arguments.gd")
const Task := preload("res://task.gd")


func _ready() -> void:
	# A headless engine sleeps 6.9 ms in each frame unless it is told not to.
	OS.low_processor_usage_mode_sleep_usec = 0
	var arguments := Arguments.new(OS.get_cmdline_user_args())
	Engine.max_fps = arguments.fps
	var script: GDScript = load("res://tasks/%s.gd" % arguments.task)
	if script == null or not script.can_instantiate():
		get_tree().quit(1)
		return
	var task: Task = script.new()
	task.arguments = arguments
	task.tree = get_tree()
	await task.run()
	print(JSON.stringify(task.figures))
	get_tree().quit()
