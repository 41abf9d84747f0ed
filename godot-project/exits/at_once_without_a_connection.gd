## How long the engine itself takes for its end, to compare with.
extends SceneTree


func _initialize() -> void:
	await process_frame
	print("QUITS NOW")
	quit()
