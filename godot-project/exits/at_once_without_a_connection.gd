## How long the engine itself takes for its end, to compare with.
extends SceneTree


func _initialize() -> void:
	await process_frame
	print("QUITS AT ", roundi(Time.get_unix_time_from_system() * 1000.0))
	quit()
