## How many events a second reach a handler, and what each takes of the processor.
extends "res://task.gd"

var _left := 0


func run() -> void:
	var client := await open_client()
	client.listen(arguments.event()[0], _on_event)
	await _burst(client, ceili(arguments.count / 10.0))
	var cpu := cpu_time()
	var start := Time.get_ticks_usec()
	await _burst(client, arguments.count)
	report_rate(arguments.count, Time.get_ticks_usec() - start, cpu_time() - cpu)
	client.close()


func _burst(client: BenchClient, count: int) -> void:
	_left = count
	client.emit_event("burst", [arguments.kind, count])
	await until(_is_done, client.poll if arguments.fps > 0 else _poll_without_haste.bind(client))


## Polls, and leaves the processor to the server when nothing had come: there are two, and three who want them.
func _poll_without_haste(client: BenchClient) -> void:
	var left := _left
	client.poll()
	if _left == left:
		OS.delay_usec(500)


func _is_done() -> bool:
	return _left <= 0


func _on_event(_data: Array) -> void:
	_left -= 1
