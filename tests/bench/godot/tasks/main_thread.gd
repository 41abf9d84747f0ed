## What an event costs the main thread, next to what the engine takes for the same text. The ways take turns, batch by
## batch.
##
## For each workload: `in`, from taking the events out to the return of their listener, while nothing else goes on;
## `in_kept`, the same with a listener that keeps what it gets; `out`, the call of emit(). The rest is what the engine and a
## client by hand take.
extends "res://task.gd"

## The text of the events that wait at once: what comes in a frame of a busy game, and stays in the cache.
const BATCH_SIZE := 50_000
const BATCHES := 12
const WAYS := ["in", "in_kept", "out", "parse", "stringify", "duplicate", "by_hand_in", "by_hand_out"]

var _addon: SocketIOClient
var _namespace: SocketIONamespace
var _by_hand: BenchClient
var _count := 0
## What the listener has kept.
var _kept := []
var _keeps := false


func run() -> void:
	_addon = SocketIOClient.new()
	_addon.auto_poll = false
	_namespace = _addon.get_namespace()
	_addon.connect_to_url(arguments.url)
	await until(_namespace.is_namespace_connected, _addon.poll)
	arguments.client = "by_hand"
	_by_hand = await open_client()
	for workload in DirAccess.get_files_at(arguments.payload):
		await _measure(workload.get_basename())
	_addon.close()
	_by_hand.close()


func _measure(workload: String) -> void:
	var text := FileAccess.get_file_as_string(arguments.payload.path_join(workload + ".json"))
	var event: Array = Arguments.exact(JSON.parse_string(text))
	var batch := clampi(BATCH_SIZE / text.length(), 1, 500)
	var packet := ("42" + text).to_utf8_buffer()
	_namespace.on(event[0], _on_event)
	_by_hand.listen(event[0], _on_event)
	var times := {}
	for way: String in WAYS:
		times[way] = []
	for i in BATCHES + 1:
		for way: String in WAYS:
			var start := await _prepare(way, workload, batch)
			match way:
				"in", "in_kept":
					_addon.poll()
				"out":
					for n in batch:
						_namespace.emit("sink", event)
				"parse":
					for n in batch:
						JSON.parse_string(text)
				"stringify":
					for n in batch:
						JSON.stringify(event)
				"duplicate":
					for n in batch:
						event.duplicate(true)
				"by_hand_in":
					for n in batch:
						_by_hand.receive_text(packet)
				"by_hand_out":
					for n in batch:
						_by_hand.emit_event("sink", event)
			var usec := Time.get_ticks_usec() - start
			# The first batch of each warms up.
			if i > 0:
				times[way].append(usec / float(batch))
			if "in" in way.split("_") and _count != batch:
				fail("%s: %d of %d events came" % [workload, _count, batch])
	_namespace.off_all()
	for way: String in WAYS:
		figures["%s.%s" % [workload, way]] = median(times[way])


## Makes ready what a batch needs, and returns when it starts.
func _prepare(way: String, workload: String, batch: int) -> int:
	_count = 0
	_kept.clear()
	_keeps = way == "in_kept"
	match way:
		"in", "in_kept":
			_namespace.emit("burst", [workload, batch])
			await until(_is_waiting.bind(batch), _rest)
		"out", "by_hand_out":
			await until(_is_sent, _by_hand.poll)
	return Time.get_ticks_usec()


func _is_waiting(count: int) -> bool:
	return _addon.get_statistics().events_waiting_to_dispatch >= count


func _is_sent() -> bool:
	return _addon.get_statistics().events_waiting_to_send == 0


func _rest() -> void:
	OS.delay_usec(100)


func _on_event(data: Array) -> void:
	_count += 1
	if _keeps:
		_kept.append(data)
