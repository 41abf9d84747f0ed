## A burst that takes many frames: what the longest dispatch takes, that order is kept, and that the connection lives
## while the game does not poll at all.
extends "res://task.gd"

const BUDGET_USEC := 2_000
## The server gives up a client that has not answered a ping for two seconds.
const BLOCKED_MSEC := 4_000

var _expected := 0
var _out_of_order := 0
var _disconnects := 0


func run() -> void:
	var client := SocketIOClient.new()
	client.auto_poll = false
	client.reconnection = false
	client.poll_budget_usec = BUDGET_USEC
	client.max_buffered_size = 1 << 30
	client.disconnected.connect(_on_disconnected)
	client.connect_to_url(arguments.url)
	var ns := client.get_namespace()
	await until(ns.is_namespace_connected, client.poll)
	ns.on("ordered", _on_ordered)
	ns.emit("order", [arguments.count])
	OS.delay_msec(BLOCKED_MSEC)
	figures.waiting = client.get_statistics().events_waiting_to_dispatch

	var times: Array[int] = []
	var uninterrupted: Array[int] = []
	while _expected < arguments.count and _disconnects == 0:
		await tree.process_frame
		var interruptions := _interruptions()
		var start := Time.get_ticks_usec()
		client.poll()
		times.append(Time.get_ticks_usec() - start)
		if _interruptions() == interruptions and interruptions >= 0:
			uninterrupted.append(times[-1])
	figures.frames = times.size()
	figures.longest_usec = times.max()
	if not uninterrupted.is_empty():
		figures.longest_uninterrupted_usec = uninterrupted.max()
	figures.median_usec = median(times)
	figures.out_of_order = _out_of_order
	figures.disconnects = _disconnects
	client.close()


## How often the system has given the main thread's processor to somebody else; -1 where that cannot be known.
func _interruptions() -> int:
	var file := FileAccess.open("/proc/self/status", FileAccess.READ)
	while file and not file.eof_reached():
		var line := file.get_line()
		if line.begins_with("nonvoluntary_ctxt_switches:"):
			return line.get_slice(":", 1).strip_edges().to_int()
	return -1


func _on_ordered(data: Array) -> void:
	if data[0] != _expected:
		_out_of_order += 1
	_expected = data[0] + 1


func _on_disconnected(_reason: String) -> void:
	_disconnects += 1
