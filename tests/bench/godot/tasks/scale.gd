## Whether the cost of an event stays the same when there is more of something: the time that the main thread spends in
## poll() for each event, and for acks in the emit as well. The events wait before they are dispatched, so that the
## worker is not at work meanwhile.
extends "res://task.gd"

## Events of one measurement, where it is not their number that is varied.
const EVENTS := 10_000
const POLL_USEC := 2_000
## So many events wait before the first dispatch; of more, the rest comes meanwhile.
const MAX_WAITING := 10_000

var _count := 0
var _bytes := 0
var _usec := 0


func run() -> void:
	for count: int in [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]:
		if arguments.count > 0 and count > arguments.count:
			break
		await _events(count)
	for count: int in [1, 10, 100]:
		await _clients(count)
	for count: int in [1, 10, 100, 1_000]:
		await _namespaces(count)
	for count: int in [1, 10, 100, 1_000]:
		await _listeners(count)
	for count: int in [1, 10, 100, 1_000, 10_000]:
		await _pending_acks(count)
	for size: int in [10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000]:
		await _payload(size)


func _events(count: int) -> void:
	var client := await _open(arguments.url)
	client.get_namespace().on("move", _on_event)
	# A single event is near the clock's resolution.
	var repetitions := clampi(1_000 / count, 1, 200)
	_reset()
	for i in repetitions:
		client.get_namespace().emit("burst", ["small", count])
		await _drain([client], count * (i + 1))
	figures["events.%d" % count] = _usec / float(count * repetitions)
	client.close()


func _clients(count: int) -> void:
	var clients: Array[SocketIOClient] = []
	for i in count:
		var client := await _open(arguments.url)
		client.get_namespace().on("move", _on_event)
		clients.append(client)
	_reset()
	for client in clients:
		client.get_namespace().emit("burst", ["small", EVENTS / count])
	await _drain(clients, EVENTS)
	figures["clients.%d" % count] = _usec / float(EVENTS)
	for client in clients:
		client.close()


func _namespaces(count: int) -> void:
	var client := await _open(arguments.server_url)
	var namespaces: Array[SocketIONamespace] = [client.get_namespace()]
	for i in count - 1:
		var ns := client.create_namespace("/%d" % i)
		ns.connect_to_namespace()
		namespaces.append(ns)
	for ns in namespaces:
		ns.on("move", _on_event)
	await until(func() -> bool: return namespaces.all(_is_joined), client.poll)
	_reset()
	client.get_namespace().emit("spread", [EVENTS])
	await _drain([client], EVENTS)
	figures["namespaces.%d" % count] = _usec / float(EVENTS)
	client.close()


## Listeners of other events; one of each, and one of the event.
func _listeners(count: int) -> void:
	var client := await _open(arguments.url)
	client.get_namespace().on("move", _on_event)
	for i in count - 1:
		client.get_namespace().on("other %d" % i, _on_event)
	_reset()
	client.get_namespace().emit("burst", ["small", EVENTS])
	await _drain([client], EVENTS)
	figures["listeners.%d" % count] = _usec / float(EVENTS)
	client.close()


## The cost of asking and getting the answer, while others wait for theirs.
func _pending_acks(count: int) -> void:
	var client := await _open(arguments.server_url)
	var ns := client.get_namespace()
	for i in count - 1:
		ns.emit_with_ack("silence", [], _on_event, 600.0)
	_reset()
	for batch in 20:
		var start := Time.get_ticks_usec()
		for i in 100:
			ns.emit_with_ack("echo", [i], _on_event, 600.0)
		_usec += Time.get_ticks_usec() - start
		await _drain([client], (batch + 1) * 100)
	figures["pending_acks.%d" % count] = _usec / 2_000.0
	ns.off_all()
	client.close()
	client.poll()


## The cost of each byte, of one text.
func _payload(size: int) -> void:
	var client := await _open(arguments.server_url)
	client.get_namespace().on("sized", _on_sized)
	var count := clampi(10_000_000 / size, 3, 1_000)
	client.max_buffered_size = 1 << 30
	_reset()
	client.get_namespace().emit("sized", [size, count])
	await _drain([client], count)
	if _bytes != size * count:
		fail("%d bytes came in place of %d" % [_bytes, size * count])
	figures["payload_bytes.%d" % size] = _usec / float(count)
	client.close()


func _open(url: String) -> SocketIOClient:
	var client := SocketIOClient.new()
	client.auto_poll = false
	client.reconnection = false
	client.connect_to_url(url)
	await until(client.get_namespace().is_namespace_connected, client.poll)
	return client


## Dispatches until so many have come, and adds up the time of the polls that did something.
func _drain(clients: Array[SocketIOClient], count: int) -> void:
	var deadline := Time.get_ticks_msec() + LIMIT_MSEC
	var expected := mini(count - _count, MAX_WAITING)
	while _waiting(clients) < expected and Time.get_ticks_msec() < deadline:
		OS.delay_usec(100)
	while _count < count:
		OS.delay_usec(POLL_USEC if count > 1_000 else 100)
		for client in clients:
			if client.get_statistics().events_waiting_to_dispatch == 0:
				continue
			var start := Time.get_ticks_usec()
			client.poll()
			_usec += Time.get_ticks_usec() - start
		if Time.get_ticks_msec() > deadline:
			fail("%d of %d events came" % [_count, count])
			return


func _waiting(clients: Array[SocketIOClient]) -> int:
	var waiting := 0
	for client in clients:
		waiting += client.get_statistics().events_waiting_to_dispatch
	return waiting


func _reset() -> void:
	_count = 0
	_bytes = 0
	_usec = 0


func _is_joined(ns: SocketIONamespace) -> bool:
	return ns.is_namespace_connected()


func _on_event(_data: Array) -> void:
	_count += 1


func _on_sized(data: Array) -> void:
	_count += 1
	_bytes += data[0].length()
