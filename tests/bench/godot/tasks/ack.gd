## The round trip of an acknowledgement.
extends "res://task.gd"

const WARM_UP := 50

var _answered := false


func run() -> void:
	var client := await open_client()
	var times := PackedFloat64Array()
	for i in arguments.count + WARM_UP:
		_answered = false
		var start := Time.get_ticks_usec()
		client.ask("echo", [i], _on_answer)
		if arguments.fps > 0:
			await until(_is_answered, client.poll)
		else:
			while not _answered:
				client.poll()
		if i >= WARM_UP:
			times.append(Time.get_ticks_usec() - start)
	report_times("ack", times)
	client.close()


func _is_answered() -> bool:
	return _answered


func _on_answer(_data: Array) -> void:
	_answered = true
