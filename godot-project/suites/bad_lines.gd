## Lines that are silent, slow, or stall for a while.
extends "res://fault_suite.gd"

const SERVERS := ["node", "polling", "upgrade", "python", "rust"]
const NOT_ON := {
	"test_s7_silence_is_a_ping_timeout_and_the_client_reconnects": {"rust": "one endpoint per process"},
	"test_pings_that_arrive_do_not_hide_that_nothing_else_does": {"rust": "one endpoint per process"},
}


func test_s7_silence_is_a_ping_timeout_and_the_client_reconnects() -> void:
	var client := await connect_through_proxy("/fast")
	var order := follow(client)
	var start := Time.get_ticks_msec()
	await proxy.swallow()
	await expect_until(func() -> bool: return order.has("connected"), "coming back")
	expect_eq(order, ["disconnected: ping timeout", "reconnect_attempt 1", "reconnected 1", "connected"], "signals")
	var seconds := (Time.get_ticks_msec() - start) / 1000.0
	# The usual times are 45 s.
	expect_true(seconds < 4.5, "pingInterval + pingTimeout is 1.5 s, and it took %s s" % seconds)


func test_pings_that_arrive_do_not_hide_that_nothing_else_does() -> void:
	var client := await connect_through_proxy("/fast")
	var connected := record(client.connected)
	# The server misses the pongs and closes.
	await proxy.swallow(FaultProxy.TO_SERVER)
	await expect_count(connected, 1, "connected again")
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer")


func test_connect_timeout_ends_an_attempt_that_nobody_answers() -> void:
	await open_proxy()
	await proxy.swallow(FaultProxy.BOTH, FaultProxy.NEXT)
	var client := make_quick_client()
	client.connect_timeout = 0.3
	var order := follow(client)
	var errors := record(client.connect_error)
	await join_through_proxy(client)
	expect_eq(order, ["connect_error", "reconnect_attempt 1", "reconnected 1", "connected"], "signals")
	expect_eq(errors[0].code, SocketIOClient.ERROR_TIMEOUT, "code")


func test_one_byte_at_a_time_is_enough() -> void:
	await open_proxy()
	await proxy.split(1, FaultProxy.BOTH, FaultProxy.ALL)
	await expect_echo()


func test_a_slow_line_loses_nothing() -> void:
	await open_proxy()
	await proxy.throttle(20_000, FaultProxy.BOTH, FaultProxy.ALL)
	await proxy.delay(0.05, FaultProxy.BOTH, FaultProxy.ALL)
	await expect_burst()


func test_a_line_that_stalls_for_a_while_is_not_lost() -> void:
	var client := await connect_through_proxy()
	await expect_stall_loses_nothing(client)
