## What networks do to an encrypted connection. The proxy sees and hurts what is encrypted; TLS ends behind it.
extends "res://fault_suite.gd"

const SERVERS := ["node", "polling"]
const NOT_ON := {
	"test_reconnects_in_every_way_lose_nothing": {"polling": "its cuts are those of the WebSocket's bytes"},
}
const TIMEOUTS := {"test_reconnects_in_every_way_lose_nothing": 120.0}
const SEED := 21


func test_one_byte_at_a_time_is_enough() -> void:
	await open_tls_proxy()
	await proxy.split(1, FaultProxy.BOTH, FaultProxy.ALL)
	await expect_echo()
	expect_eq((await proxy.status()).tls_refused, 0, "refused by the client")


func test_a_slow_line_loses_nothing() -> void:
	await open_tls_proxy()
	await proxy.throttle(50_000, FaultProxy.BOTH, FaultProxy.ALL)
	await proxy.delay(0.03, FaultProxy.BOTH, FaultProxy.ALL)
	await expect_burst()


func test_a_line_that_stalls_for_a_while_is_not_lost() -> void:
	await open_tls_proxy()
	var client := make_quick_client()
	await join_through_proxy(client)
	await expect_stall_loses_nothing(client)


func test_what_was_emitted_before_close_arrives_over_a_slow_line() -> void:
	var key := fresh_key("tls close")
	var witness := await connect_client()
	await open_tls_proxy()
	var client := make_quick_client()
	await join_through_proxy(client)
	await proxy.throttle(100_000, FaultProxy.TO_SERVER)
	for i in 50:
		client.get_namespace().emit("remember", [key, i, "x".repeat(500)])
	client.close()
	var kept := []
	for attempt in 200:
		kept = await recall(witness.get_namespace(), key)
		if kept.size() == 50:
			break
		await frames(2)
	expect_eq(kept.map(func(data: Array) -> int: return data[0]), range(50), "events")


func test_a_black_hole_in_the_tls_handshake_is_a_time_out() -> void:
	await open_tls_proxy()
	await proxy.swallow_after_bytes_to_client(100, FaultProxy.NEXT)
	var client := make_quick_client()
	client.connect_timeout = 1.0
	var errors := record(client.connect_error)
	await join_through_proxy(client)
	expect_true(not errors.is_empty(), "connect_error")
	expect_eq(errors[0].code, SocketIOClient.ERROR_TIMEOUT, "code")
	expect_true("but not the TLS handshake" in errors[0].message, "message: " + errors[0].message)


func test_a_cut_and_a_reset_in_the_tls_handshake_are_told_and_survived() -> void:
	await open_tls_proxy()
	for rule: Callable in [
		proxy.cut_after_bytes_to_client, proxy.reset_after_bytes_to_client,
		proxy.cut_after_bytes_to_server, proxy.reset_after_bytes_to_server,
	]:
		await rule.call(100, FaultProxy.NEXT)
		var client := make_quick_client()
		var errors := record(client.connect_error)
		await join_through_proxy(client)
		expect_eq(errors.size(), 1, "connect_error")
		expect_true(errors[0].code in [SocketIOClient.ERROR_TLS, SocketIOClient.ERROR_REFUSED], "code of %s" % errors[0])
		client.close()


func test_a_byte_that_was_changed_ends_the_connection_and_nothing_wrong_arrives() -> void:
	await open_tls_proxy()
	var client := make_quick_client()
	await join_through_proxy(client)
	var ended := record(client.disconnected)
	var events := listen(client.get_namespace(), "echo")
	await proxy.corrupt_after_bytes_to_client(20)
	client.get_namespace().emit("echo", ["a text that comes back, and whose bytes are more than those before the wrong one"])
	await expect_count(ended, 1, "disconnected")
	await expect_until(client.get_namespace().is_namespace_connected, "coming back")
	expect_eq(events, [], "events")
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer")


func test_reconnects_in_every_way_lose_nothing() -> void:
	var random := RandomNumberGenerator.new()
	random.seed = SEED
	await open_tls_proxy()
	var client := make_quick_client()
	client.connect_timeout = 3.0
	var ticks := []
	var wrong := []
	var main := client.get_namespace()
	main.on("tick", func(data: Array) -> void: ticks.append(data[0]))
	await join_through_proxy(client, "/recovery")
	await reply(main, "echo", [], "echo")
	main.connected.connect(func(_id: String) -> void:
		if not main.recovered:
			wrong.append("a session that was not recovered"))
	main.emit("stream", [1 << 50, 4, 200])
	# What is on the way when the first fault comes would be lost.
	await expect_until(func() -> bool: return not ticks.is_empty(), "the first tick")
	var opening: int = (await proxy.status()).bytes_to_client
	for i in 16:
		var made: int = (await proxy.status()).made
		match i % 4:
			0:
				await proxy.cut()
			1:
				await proxy.reset()
			2:
				await proxy.cut_after_bytes_to_client(random.randi_range(0, 600))
			3:
				# In the handshake of TLS, of the WebSocket or of Engine.IO, of the next connection.
				await proxy.cut_after_bytes_to_client(random.randi_range(0, opening), FaultProxy.NEXT)
				await proxy.cut()
				made += 1
		await _expect_ticks_after(client, made, ticks)
	var sent: Variant = await ask(main, "end_stream")
	await expect_until(func() -> bool: return ticks.size() >= sent[0], "the last tick")
	expect_eq(ticks, range(sent[0]), "ticks")
	expect_eq(wrong, [], "what went wrong")


func _expect_ticks_after(client: SocketIOClient, made: int, ticks: Array) -> void:
	var deadline := Time.get_ticks_msec() + 10_000
	while (await proxy.status()).made <= made or not client.get_namespace().is_namespace_connected():
		await frames(1)
		if Time.get_ticks_msec() > deadline or cancelled:
			fail("it did not come back")
			return
	var count := ticks.size()
	await expect_until(func() -> bool: return ticks.size() > count, "the next tick")
