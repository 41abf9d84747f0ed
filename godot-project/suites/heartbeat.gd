## The heartbeat, whatever the game does.
extends "res://suite.gd"

const SERVERS := ["node", "polling", "upgrade", "python", "python_polling"]
const NOT_ON := {
	"test_a_scene_that_blocks_for_a_minute_keeps_its_connection": {
		"python": "it takes a minute, and node shows it",
		"python_polling": "it takes a minute, and node shows it",
		"upgrade": "it takes a minute, and node shows it",
	},
}
const TIMEOUTS := {"test_a_scene_that_blocks_for_a_minute_keeps_its_connection": 100.0}


func test_an_idle_client_stays_connected() -> void:
	var client := await _connect_fast()
	var ended := record(client.disconnected)
	await wait(3.5)
	expect_eq(ended, [], "disconnected")
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer")


func test_a_blocked_main_thread_does_not_lose_the_connection() -> void:
	var client := await _connect_fast()
	var ended := record(client.disconnected)
	var id := client.get_namespace().get_session_id()
	OS.delay_msec(4000)
	expect_eq(await ask(client.get_namespace(), "whoami"), [id], "session")
	expect_eq(ended, [], "disconnected")


func test_without_polling_the_connection_stays() -> void:
	var client := await _connect_fast()
	client.auto_poll = false
	await wait(3.5)
	client.auto_poll = true
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer")


func test_what_came_while_the_main_thread_was_blocked_arrives() -> void:
	var client := await _connect_fast()
	var events := listen(client.get_namespace(), "burst")
	client.get_namespace().emit("burst", [500])
	OS.delay_msec(2500)
	await expect_count(events, 500, "events")


func test_the_round_trip_is_measured_while_connected() -> void:
	var client := make_client()
	expect_eq(client.get_latency(), -1.0, "latency before")
	await connect_client(client)
	await expect_until(func() -> bool: return client.get_latency() >= 0.0, "a measured round trip")
	expect_true(client.get_latency() < 1.0, "seconds: %s" % client.get_latency())
	client.close()
	await expect_until(func() -> bool: return client.get_latency() == -1.0, "no latency without a connection")


func test_a_scene_that_blocks_for_a_minute_keeps_its_connection() -> void:
	var client := await connect_client()
	var ended := record(client.disconnected)
	var id := client.get_namespace().get_session_id()
	OS.delay_msec(60_000)
	expect_eq(await ask(client.get_namespace(), "whoami"), [id], "session")
	expect_eq(ended, [], "disconnected")


func _connect_fast() -> SocketIOClient:
	var client := make_client()
	expect_eq(client.connect_to_url(url("ws", "/fast")), OK, "connect_to_url")
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	return client
