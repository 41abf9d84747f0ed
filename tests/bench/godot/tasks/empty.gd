## The engine alone, until the process is ended.
extends "res://task.gd"


func run() -> void:
	print(JSON.stringify({"ready": 1}))
	while true:
		await tree.process_frame
