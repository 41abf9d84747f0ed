## HTTP long-polling, and moving from it to a WebSocket.
extends "res://fault_suite.gd"

const SERVERS := ["polling", "upgrade"]
const NOT_ON := {
	"test_s21_without_websocket_the_client_polls": {"upgrade": "it has WebSocket"},
	"test_a_lost_session_is_restored_by_polling": {"upgrade": "it goes on by WebSocket"},
	"test_s26_binary_data_that_base64_makes_too_large_is_refused": {"upgrade": "it goes on by WebSocket"},
	"test_s22_the_session_moves_to_a_websocket": {"polling": "it has no WebSocket"},
	"test_s22_nothing_is_lost_or_reordered_by_the_move": {"polling": "it has no WebSocket"},
	"test_s22_a_client_that_comes_back_moves_again": {"polling": "it has no WebSocket"},
	"test_s22_close_during_the_move_sends_everything": {"polling": "it has no WebSocket"},
}


func test_s21_without_websocket_the_client_polls() -> void:
	var client := await connect_client()
	expect_eq(client.get_transport_name(), "polling", "transport")
	expect_eq(await ask(client.get_namespace(), "echo_ack", ["text", 1.5, PackedByteArray([0, 255])]),
		["text", 1.5, PackedByteArray([0, 255])], "answer")
	await wait(0.3)
	expect_eq(client.get_transport_name(), "polling", "transport later")
	expect_true(client.get_latency() >= 0.0, "the round trip is measured")
	client.close()
	expect_eq(client.get_transport_name(), "", "transport after close")


func test_the_request_is_the_games() -> void:
	var client := make_client()
	client.query = {"level": 3}
	client.extra_headers = {"X-Token": "secret"}
	await connect_client(client, {"name": "Ada"})
	var handshake: Dictionary = (await ask(client.get_namespace(), "handshake"))[0]
	expect_eq(handshake.query.get("level"), "3", "query")
	expect_eq(handshake.query.get("transport"), "polling", "transport")
	expect_eq(handshake.headers.get("x-token"), "secret", "header")
	expect_eq(await ask(client.get_namespace(), "auth"), [{"name": "Ada"}], "auth")


func test_megabytes_come_through() -> void:
	var client := await connect_client()
	var bytes := PackedByteArray()
	bytes.resize(1 << 20)
	for i in range(0, bytes.size(), 997):
		bytes[i] = i % 256
	var text := "\u00e9".repeat(300_000)
	for attempt in 3:
		expect_eq(await ask(client.get_namespace(), "echo_ack", [bytes, text, bytes]), [bytes, text, bytes], "answer")


func test_s26_binary_data_that_base64_makes_too_large_is_refused() -> void:
	var client := await connect_client()
	var bytes := PackedByteArray()
	bytes.resize(3_200_000)
	expect_error("more than the 4194304")
	client.get_namespace().emit("echo", [bytes])
	bytes.resize(3_000_000)
	expect_eq(await ask(client.get_namespace(), "echo_ack", [bytes]), [bytes], "answer")


func test_what_was_emitted_before_close_arrives() -> void:
	var witness := await connect_client()
	var key := "polling close %s" % client_key()
	for delay in [0.0, 0.02, 0.1]:
		var client := await connect_client()
		await wait(delay)
		for i in 100:
			client.get_namespace().emit("remember", ["%s %s" % [key, delay], i])
		client.close()
		var recalled := []
		for attempt in 100:
			recalled = (await ask(witness.get_namespace(), "recall", ["%s %s" % [key, delay]]))[0]
			if recalled.size() == 100:
				break
			await frames(2)
		expect_eq(recalled, range(100).map(func(i: int) -> Array: return [i]), "events")


func test_the_server_hears_of_the_end() -> void:
	var witness := await connect_client()
	var client := await connect_client()
	var id := client.get_namespace().get_session_id()
	client.close()
	var end := [null]
	for attempt in 200:
		end = await ask(witness.get_namespace(), "end_of", [id])
		if end != [null]:
			break
		await frames(2)
	expect_eq(end, ["packet"], "end")


func test_a_lost_session_is_restored_by_polling() -> void:
	var client := await connect_through_proxy("/recovery")
	var main := client.get_namespace()
	await ask(main, "join", ["room"])
	var id := main.get_session_id()
	var ticks := listen(main, "tick")
	main.emit("stream", [300, 5, 4])
	await expect_until(func() -> bool: return ticks.size() >= 10, "ticks")
	await go_offline(client)
	# The server notices by its heartbeat.
	await wait(1.0)
	await go_online(client)
	expect_eq(client.get_transport_name(), "polling", "transport")
	expect_eq([main.recovered, main.get_session_id()], [true, id], "recovered, session id")
	await expect_count(ticks, 300, "ticks")
	expect_eq(ticks.map(func(data: Array) -> int: return data[0]), range(300), "ticks")


func test_s22_the_session_moves_to_a_websocket() -> void:
	var client := await connect_client()
	var id := client.get_engine_io_session_id()
	var ended := record(client.disconnected)
	await expect_until(func() -> bool: return client.get_transport_name() == "websocket", "moving")
	expect_eq(client.get_engine_io_session_id(), id, "session id")
	expect_eq(await ask(client.get_namespace(), "echo_ack", [PackedByteArray([1])]), [PackedByteArray([1])], "answer")
	expect_eq(ended, [], "disconnected")


func test_s22_nothing_is_lost_or_reordered_by_the_move() -> void:
	await open_proxy()
	for attempt in 20:
		# So the move takes several frames.
		await proxy.delay(0.005 * (attempt % 4 + 1), FaultProxy.BOTH, FaultProxy.ALL)
		var client := make_client()
		var events := listen(client.get_namespace(), "echo")
		var transports := {}
		client.connect_to_url(proxy.url)
		var sent := 0
		while sent < 400:
			for i in 10:
				client.get_namespace().emit("echo", [sent, PackedByteArray([sent % 256])] if i == 0 else [sent])
				sent += 1
			transports[client.get_transport_name()] = true
			await frames(1)
		await expect_count(events, sent, "events")
		expect_eq(events.map(func(data: Array) -> int: return data[0]), range(sent), "events")
		expect_true(transports.has("polling") and transports.has("websocket"), "transports: %s" % [transports.keys()])
		client.close()


func test_s22_a_client_that_comes_back_moves_again() -> void:
	var client := await connect_through_proxy()
	await expect_until(func() -> bool: return client.get_transport_name() == "websocket", "moving")
	await cut_and_return(client)
	await expect_until(func() -> bool: return client.get_transport_name() == "websocket", "moving again")
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer")


func test_s22_close_during_the_move_sends_everything() -> void:
	var witness := await connect_client()
	for attempt in 40:
		var key := "moving %s %d" % [client_key(), attempt]
		var client := make_client()
		client.connect_to_url(url())
		await expect_until(client.get_namespace().is_namespace_connected, "joining /")
		OS.delay_usec(attempt * 200)
		for i in 20:
			client.get_namespace().emit("remember", [key, i])
		client.close()
		var recalled := []
		for look in 100:
			recalled = (await ask(witness.get_namespace(), "recall", [key]))[0]
			if recalled.size() == 20:
				break
			await frames(2)
		expect_eq(recalled, range(20).map(func(i: int) -> Array: return [i]), "events of client %d" % attempt)


## A text that no other test has.
func client_key() -> String:
	return "%d" % Time.get_ticks_usec()
