## The monitors that the editor's Debugger shows.
extends "res://suite.gd"

const SERVERS := ["node"]
const LATENCY := "Socket.IO/Latency (ms)"
const RECEIVED := "Socket.IO/Events Received per Second"
const SENT := "Socket.IO/Events Sent per Second"
const TO_DISPATCH := "Socket.IO/Events Waiting to Dispatch"
const TO_SEND := "Socket.IO/Events Waiting to Send"
const DISPATCH_TIME := "Socket.IO/Dispatch Time (usec)"
const ALL := [LATENCY, RECEIVED, SENT, TO_DISPATCH, TO_SEND, DISPATCH_TIME]
## What belongs to a time is counted anew when it is read after more than half a second.
const INTERVAL := 0.6


func test_a_connection_adds_the_monitors() -> void:
	await connect_client()
	for name: String in ALL:
		expect_true(Performance.has_custom_monitor(name), "there is no %s" % name)
		# In more parts the editor would not see the group.
		expect_eq(name.get_slice_count("/"), 2, "parts of " + name)
		expect_true(_read(name) >= 0.0, "%s is %s" % [name, _read(name)])


func test_events_per_second() -> void:
	var first := (await connect_client()).get_namespace()
	var second := (await connect_client()).get_namespace()
	await _begin()
	var begun_after := Time.get_ticks_usec()
	_read(RECEIVED)
	var begun_before := Time.get_ticks_usec()
	var echoes := [listen(first, "echo"), listen(second, "echo")]
	for i in 100:
		first.emit("echo", [i])
		second.emit("echo", [i])
	for list: Array in echoes:
		await expect_count(list, 100, "echoes")
	await wait(INTERVAL)
	var ended_after := Time.get_ticks_usec()
	var rates := {"received": _read(RECEIVED), "sent": _read(SENT)}
	var ended_before := Time.get_ticks_usec()
	for what: String in rates:
		# However slow the machine is, the two readings were in these times.
		var least := 200e6 / (ended_before - begun_after)
		var most := 200e6 / (ended_after - begun_before)
		expect_true(
			rates[what] >= least and rates[what] <= most, "%s %s a second, of %s to %s" % [rates[what], what, least, most]
		)
	await wait(INTERVAL)
	expect_eq([_read(RECEIVED), _read(SENT)], [0.0, 0.0], "a second in which nothing came")


func test_events_that_wait_to_be_dispatched() -> void:
	var first := await connect_client()
	var second := await connect_client()
	for client in [first, second]:
		client.auto_poll = false
		client.get_namespace().emit("burst", [7])
	await expect_until(func() -> bool: return _read(TO_DISPATCH) == 14.0, "14 waiting events")
	first.poll()
	expect_eq(_read(TO_DISPATCH), 7.0, "events that still wait")
	second.poll()
	expect_eq(_read(TO_DISPATCH), 0.0, "events that still wait")


func test_events_that_wait_to_be_sent() -> void:
	var client := make_client()
	# It listens, but never answers.
	var server := TCPServer.new()
	server.listen(0, "127.0.0.1")
	client.connect_to_url("ws://127.0.0.1:%d" % server.get_local_port())
	for i in 5:
		client.get_namespace().emit("echo", [i])
	await expect_until(func() -> bool: return client.get_statistics().events_waiting_to_send == 5, "5 waiting events")
	expect_eq(_read(TO_SEND), 5.0, "events that wait")


func test_the_longest_dispatch() -> void:
	var channel := (await connect_client()).get_namespace()
	await _begin()
	channel.once("echo", func(_data: Array) -> void: OS.delay_msec(30))
	await reply(channel, "echo", [], "echo")
	await wait(INTERVAL)
	expect_true(_read(DISPATCH_TIME) >= 30_000.0, "a dispatch of 30 ms took %s µs" % _read(DISPATCH_TIME))
	await expect_until(func() -> bool: return _read(DISPATCH_TIME) < 30_000.0, "forgetting it")


func test_the_latency_is_that_of_the_shared_client() -> void:
	var slow := make_raw_server()
	# It answers once a frame, the real one at once.
	var delay := func() -> void: OS.delay_msec(20)
	tree.process_frame.connect(delay)
	var other := await connect_raw(slow)
	await expect_until(func() -> bool: return _is_latency_of(other), "the latency of the only client")
	tree.process_frame.disconnect(delay)
	var shared := await connect_client(singleton())
	await expect_until(func() -> bool: return _is_latency_of(shared), "the latency of the shared client")
	shared.close()
	await expect_until(func() -> bool: return _is_latency_of(other), "the latency of the other client")
	var latency := _read(LATENCY)
	other.close()
	# Clients of other suites may still be there.
	expect_true(_read(LATENCY) != latency, "the latency of a closed client is still %s ms" % latency)


func _read(name: StringName) -> float:
	return Performance.get_custom_monitor(name)


## Reads what was before the test.
func _begin() -> void:
	_read(RECEIVED)
	await wait(INTERVAL)
	_read(RECEIVED)
	await wait(INTERVAL)


func _is_latency_of(client: SocketIOClient) -> bool:
	return client.get_latency() > 0.0 and absf(_read(LATENCY) - client.get_latency() * 1e3) < 0.001
