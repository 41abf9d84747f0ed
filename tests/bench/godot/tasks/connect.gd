## The time from the call that connects until the namespace is joined.
extends "res://task.gd"

const WARM_UP := 2


func run() -> void:
	var times := PackedFloat64Array()
	for i in arguments.count + WARM_UP:
		var start := Time.get_ticks_usec()
		var client := await open_client()
		if i >= WARM_UP:
			times.append(Time.get_ticks_usec() - start)
		client.close()
		client.poll()
	report_times("connect", times)
