## How many events a second the server counts, and what each takes of the processor.
extends "res://task.gd"

## Events between two polls, as if in one frame.
const PER_POLL := 500

var _counted := -1


func run() -> void:
	var client := await open_client()
	var data := arguments.event().slice(1)
	await _send(client, data, ceili(arguments.count / 10.0))
	var cpu := cpu_time()
	var start := Time.get_ticks_usec()
	await _send(client, data, arguments.count)
	report_rate(arguments.count, Time.get_ticks_usec() - start, cpu_time() - cpu)
	client.close()


func _send(client: BenchClient, data: Array, count: int) -> void:
	_counted = -1
	for i in count:
		client.emit_event("sink", data)
		if i % PER_POLL == 0:
			client.poll()
	client.ask("total", [], _on_total)
	await until(_has_answer, _poll_without_haste.bind(client))
	if _counted != count:
		fail("the server has counted %d of %d" % [_counted, count])


func _poll_without_haste(client: BenchClient) -> void:
	client.poll()
	OS.delay_usec(50)


func _has_answer() -> bool:
	return _counted >= 0


func _on_total(data: Array) -> void:
	_counted = data[0]
