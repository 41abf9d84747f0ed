## A game that does not poll while the server floods it.
extends "res://hostile_suite.gd"

const SERVERS := ["node", "polling"]
const NOT_ON := {
	"test_what_waits_stays_below_the_limit": {"polling": "it brings its own server"},
	"test_texts_count_for_what_they_take": {"polling": "it brings its own server"},
	"test_attachments_count_for_the_limit": {"polling": "it brings its own server"},
	"test_pings_are_answered_below_the_limit": {"polling": "it brings its own server"},
	"test_past_the_limit_the_heartbeat_is_missed": {"polling": "it brings its own server"},
	"test_after_it_the_client_connects_again_when_the_game_polls": {"polling": "it brings its own server"},
	"test_at_the_limit_emits_still_go_out": {"polling": "it brings its own server"},
	"test_close_at_the_limit_is_at_once": {"polling": "it brings its own server"},
}
const TIMEOUTS := {"test_nothing_is_lost_or_reordered": 40.0}
const LIMIT := 4 * MIB
## What the client has besides what waits: buffers, and what the system's allocator needs for small pieces.
const CONSTANT := 3 * LIMIT


func test_what_waits_stays_below_the_limit() -> void:
	var tick := '42["tick","%s"]' % "x".repeat(100)
	await _flood([HostileServer.text(tick, HostileServer.WITHOUT_END)])
	await _expect_standstill()
	expect_true(memory.growth() < LIMIT + CONSTANT, "%.1f MiB are held" % (memory.growth() / float(MIB)))


func test_texts_count_for_what_they_take() -> void:
	var tick := '42["tick","%s"]' % "x".repeat(10_000)
	await _flood([HostileServer.text(tick, HostileServer.WITHOUT_END)], OPEN_PACKET, 32 * MIB)
	await _expect_standstill()
	expect_true(memory.growth() < 32 * MIB + CONSTANT, "%.1f MiB are held" % (memory.growth() / float(MIB)))


func test_attachments_count_for_the_limit() -> void:
	var bytes := PackedByteArray()
	bytes.resize(50_000)
	var header := HostileServer.frame(HostileServer.TEXT, '451-["b",{"_placeholder":true,"num":0}]'.to_utf8_buffer())
	var event := header + HostileServer.frame(HostileServer.BINARY, bytes)
	await _flood([HostileServer.write(event, HostileServer.WITHOUT_END)])
	await _expect_standstill()
	expect_true(memory.growth() < LIMIT + CONSTANT, "%.1f MiB are held" % (memory.growth() / float(MIB)))


func test_pings_are_answered_below_the_limit() -> void:
	var tick := HostileServer.text('42["tick"]')
	await _flood([tick, HostileServer.text("2"), HostileServer.wait_for("3"), HostileServer.text("2", 999), tick])
	# The open packet, the reply to CONNECT, two ticks, and the pings.
	await expect_until(func() -> bool: return client.get_statistics().packets_received == 1004, "the packets")
	expect_eq(connected, [], "signals without a poll")
	var ticks := listen(client.get_namespace(), "tick")
	client.auto_poll = true
	await expect_count(ticks, 2, "ticks")
	await expect_recovery()


func test_nothing_is_lost_or_reordered() -> void:
	const EVENTS := 100_000
	_make_client(MIB)
	await connect_client(client)
	var numbers: Array[int] = []
	var main := client.get_namespace()
	main.on("burst", func(data: Array) -> void: numbers.append(data[0]))
	client.auto_poll = false
	main.emit("burst", [EVENTS])
	await expect_until(func() -> bool: return client.get_statistics().events_waiting_to_dispatch > 500, "the flood")
	await wait(1.0)
	expect_eq(numbers.size(), 0, "events without a poll")
	expect_true(client.get_statistics().events_waiting_to_dispatch < EVENTS, "the limit was reached")
	client.auto_poll = true
	await expect_until(func() -> bool: return numbers.size() >= EVENTS, "the events", 30.0)
	expect_true(numbers == range(EVENTS), "the order")
	expect_eq(await ask(main, "echo_ack", [1]), [1], "answer")


func test_past_the_limit_the_heartbeat_is_missed() -> void:
	var numbers: Array[int] = []
	var frames_of_events := PackedByteArray()
	for i in 50_000:
		frames_of_events.append_array(HostileServer.frame(HostileServer.TEXT, ('42["tick",%d]' % i).to_utf8_buffer()))
	_make_client(MIB)
	client.get_namespace().on("tick", func(data: Array) -> void: numbers.append(data[0]))
	await _flood([HostileServer.write(frames_of_events)], '0{"sid":"s","pingInterval":400,"pingTimeout":400}', MIB)
	await _expect_standstill()
	await wait(1.0)
	client.poll()
	await expect_until(func() -> bool:
		client.poll()
		return not disconnected.is_empty(), "disconnected")
	expect_eq(disconnected, ["ping timeout"], "reason")
	expect_true(numbers.size() > 1000 and numbers.size() < 50_000, "events: %d" % numbers.size())
	expect_true(numbers == range(numbers.size()), "the order")
	client.auto_poll = true
	await expect_recovery(LIMIT + CONSTANT)


func test_after_it_the_client_connects_again_when_the_game_polls() -> void:
	_make_client(MIB)
	client.reconnection = true
	client.reconnection_delay = 0.05
	var tick := HostileServer.text('42["tick","%s"]' % "x".repeat(100), 20_000)
	await _flood([tick], '0{"sid":"s","pingInterval":400,"pingTimeout":400}', MIB)
	await _expect_standstill()
	# Time for the heartbeat to be missed, and for an attempt.
	await wait(2.0)
	expect_eq(await server.connections(), 1, "connections without a poll")
	client.auto_poll = true
	await expect_until(func() -> bool: return connected.size() >= 2, "connected again")
	expect_eq([disconnected[0], errors], ["ping timeout", []], "disconnected, connect_error")
	await expect_recovery(LIMIT + CONSTANT)


func test_at_the_limit_emits_still_go_out() -> void:
	await _flood([HostileServer.text('42["tick","%s"]' % "x".repeat(100), 200_000)])
	await _expect_standstill()
	var before := await server.texts()
	# The game does not know yet that it has joined, but the worker does.
	client.get_namespace().emit("still here")
	await _expect_more_texts_than(before)


func test_close_at_the_limit_is_at_once() -> void:
	await _flood([HostileServer.text('42["tick","%s"]' % "x".repeat(100), HostileServer.WITHOUT_END)])
	await _expect_standstill()
	var start := Time.get_ticks_msec()
	client.close()
	expect_true(Time.get_ticks_msec() - start < 200, "close took %d ms" % (Time.get_ticks_msec() - start))
	client.auto_poll = true
	await expect_recovery(LIMIT + CONSTANT)


func _make_client(limit := LIMIT) -> void:
	client = make_client()
	client.reconnection = false
	client.max_buffered_size = limit


## Connects a client that does not poll to a server that accepts it and plays these steps.
func _flood(steps: Array, open_packet := OPEN_PACKET, limit := LIMIT) -> void:
	if client == null:
		_make_client(limit)
	client.auto_poll = false
	await attack(after_joining(steps, open_packet))


## Expects that the client stops reading: nothing more arrives, and the server cannot send more.
func _expect_standstill() -> void:
	var packets := [-1, -2]
	await expect_until(func() -> bool:
		packets.append(client.get_statistics().packets_received)
		# Half a second of frames.
		return packets.size() > 125 and packets[-1] > 100 and packets[-1] == packets[-125], "the standstill", 12.0)
	expect_eq([connected, disconnected], [[], []], "signals without a poll")


## Waits until the client has sent more text messages than that.
func _expect_more_texts_than(count: int) -> void:
	var now := 0
	for attempt in 500:
		now = await server.texts()
		if now > count:
			break
	expect_true(now > count, "the client has sent %d text messages, as before" % now)
