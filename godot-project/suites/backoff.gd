## How long a client waits before it tries again, and what ends the waiting.
extends "res://fault_suite.gd"

const SERVERS := ["none"]
const UNAVAILABLE := "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n%s\r\n"


func test_s2_the_delay_doubles_up_to_its_maximum() -> void:
	var client := _make_client(0.02, 0.1, 0.0)
	var delays := await _delays(client, 5)
	for i in 5:
		expect_near(delays[i], [0.02, 0.04, 0.08, 0.1, 0.1][i], 0.001, "delay %d" % (i + 1))


func test_the_delay_is_what_passes_before_the_attempt() -> void:
	var client := _make_client(0.2, 0.2, 0.0)
	var times := []
	client.connect_error.connect(func(_error: Dictionary) -> void: times.append(Time.get_ticks_msec()))
	client.reconnect_attempt.connect(func(_attempt: int, _delay: float) -> void: times.append(Time.get_ticks_msec()))
	_connect_to_nothing(client)
	await until(func() -> bool: return times.size() >= 2)
	expect_true(times.size() >= 2, "an error and an attempt")
	expect_near((times[1] - times[0]) / 1000.0, 0.2, 0.08, "seconds between them")


func test_s2_jitter_is_applied_after_the_cap() -> void:
	var client := _make_client(0.02, 0.02, 0.5)
	var delays := await _delays(client, 20)
	for delay: float in delays:
		expect_true(delay >= 0.0099 and delay <= 0.0301, "delay %s is not within a half of 0.02" % delay)
	var lowest: float = delays.min()
	var highest: float = delays.max()
	expect_true(highest > 0.02, "none of them is above the maximum: clients would return in step")
	expect_true(highest - lowest > 0.002, "they differ")


func test_s2_jitter_differs_from_client_to_client() -> void:
	var first := await _delays(_make_client(0.02, 0.02, 0.5), 3)
	var second := await _delays(_make_client(0.02, 0.02, 0.5), 3)
	expect_true(first != second, "both waited %s" % [first])


func test_s2_success_starts_the_backoff_again() -> void:
	var raw_server := make_raw_server()
	await open_proxy(raw_server.url)
	var client := _make_client(0.02, 5.0, 0.0)
	await join_through_proxy(client)
	var attempts := record(client.reconnect_attempt)
	await proxy.refuse()
	await proxy.cut()
	await expect_until(func() -> bool: return attempts.size() >= 3, "three attempts")
	await go_online(client)
	attempts.clear()
	await cut_and_return(client)
	expect_eq(attempts[0][0], 1, "attempt")
	expect_near(attempts[0][1], 0.02, 0.001, "delay")


func test_s2_close_starts_the_backoff_again() -> void:
	var client := _make_client(0.02, 5.0, 0.0)
	await _delays(client, 3)
	expect_near((await _delays(client, 1))[0], 0.02, 0.001, "delay")


func test_s4_attempts_count_from_one() -> void:
	var client := _make_client(0.01, 0.01, 0.0)
	var attempts := record(client.reconnect_attempt)
	_connect_to_nothing(client)
	await expect_until(func() -> bool: return attempts.size() >= 3, "attempts")
	expect_eq(attempts.slice(0, 3).map(func(attempt: Array) -> int: return attempt[0]), [1, 2, 3], "numbers")


func test_s4_a_limit_counts_the_tries_after_the_first_one() -> void:
	var client := _make_client(0.01, 0.01, 0.0)
	client.reconnection_attempts = 2
	var order := follow(client)
	_connect_to_nothing(client)
	await expect_until(func() -> bool: return "reconnect_failed" in order, "reconnect_failed")
	await wait(0.2)
	expect_eq(order, [
		"connect_error", "reconnect_attempt 1", "connect_error", "reconnect_attempt 2", "connect_error", "reconnect_failed",
	], "signals")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")
	expect_eq(client.get_namespace().get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state of /")


func test_acks_that_wait_at_reconnect_failed_are_timeouts() -> void:
	var client := _make_client(0.01, 0.01, 0.0)
	client.reconnection_attempts = 1
	var answers := []
	_connect_to_nothing(client)
	client.get_namespace().emit_with_ack("ask", [], func(answer: Array) -> void: answers.append(answer), 0.0)
	await expect_count(answers, 1, "answers")
	expect_eq(answers, [["timeout"]], "answers")


func test_without_reconnection_the_first_failure_is_the_end() -> void:
	var client := _make_client(0.01, 0.01, 0.0)
	client.reconnection = false
	var order := follow(client)
	_connect_to_nothing(client)
	await expect_count(order, 1, "signals")
	await wait(0.2)
	expect_eq(order, ["connect_error"], "signals")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func test_reconnect_now_skips_the_wait_of_a_first_attempt() -> void:
	var raw_server := make_raw_server()
	await open_proxy(raw_server.url)
	await proxy.refuse()
	var client := _make_client(60.0, 60.0, 0.0)
	var errors := record(client.connect_error)
	client.connect_to_url(proxy.url)
	await expect_count(errors, 1, "connect_error")
	await proxy.accept()
	client.reconnect_now()
	await expect_until(client.get_namespace().is_namespace_connected, "joining /")


func test_retry_after_of_503_is_honoured() -> void:
	await _expect_retry_after("503 Service Unavailable")


func test_retry_after_of_429_is_honoured() -> void:
	await _expect_retry_after("429 Too Many Requests")


func test_503_without_retry_after_is_retried_as_anything_else() -> void:
	var raw_server := make_raw_server()
	raw_server.http_answer = UNAVAILABLE % ["503 Service Unavailable", ""]
	var client := _make_client(0.02, 0.02, 0.0)
	var attempts := record(client.reconnect_attempt)
	client.connect_to_url(raw_server.url)
	await expect_until(func() -> bool: return not attempts.is_empty(), "an attempt")
	expect_near(attempts[0][1], 0.02, 0.001, "delay")


func test_close_ends_a_wait_for_retry_after() -> void:
	var raw_server := make_raw_server()
	raw_server.http_answer = UNAVAILABLE % ["503 Service Unavailable", "Retry-After: 1\r\n"]
	var client := _make_client(0.02, 0.02, 0.0)
	var order := follow(client)
	client.connect_to_url(raw_server.url)
	await expect_count(order, 1, "signals")
	client.close()
	await wait(1.3)
	expect_eq(order, ["connect_error"], "signals")
	expect_eq(raw_server.connections, 1, "connections")


func test_s3_close_while_connecting_is_final() -> void:
	var raw_server := make_raw_server()
	await open_proxy(raw_server.url)
	await proxy.swallow(FaultProxy.BOTH, FaultProxy.NEXT)
	var client := _make_client(0.01, 0.01, 0.0)
	var order := follow(client)
	client.connect_to_url(proxy.url)
	await expect_until(func() -> bool: return raw_server.connections == 1, "the connection")
	await _expect_close_is_final(client, order)
	expect_eq(raw_server.connections, 1, "connections")


func test_s3_close_in_a_silent_handshake_is_final() -> void:
	var raw_server := make_raw_server()
	raw_server.opening = ""
	var client := _make_client(0.01, 0.01, 0.0)
	var order := follow(client)
	client.connect_to_url(raw_server.url)
	await expect_until(raw_server.is_open, "the WebSocket")
	await _expect_close_is_final(client, order)
	expect_eq(raw_server.connections, 1, "connections")


func test_s3_close_in_a_silent_reconnect_is_final() -> void:
	var raw_server := make_raw_server()
	var client := _make_client(0.01, 0.01, 0.0)
	await connect_raw(raw_server, client)
	var order := follow(client)
	raw_server.opening = ""
	raw_server.drop()
	await expect_until(func() -> bool: return raw_server.connections == 2 and raw_server.is_open(), "the second WebSocket")
	order.clear()
	await _expect_close_is_final(client, order)
	expect_eq(raw_server.connections, 2, "connections")


func test_a_silent_handshake_is_a_timeout_and_tried_again() -> void:
	var raw_server := make_raw_server()
	raw_server.opening = ""
	var client := _make_client(0.01, 0.01, 0.0)
	client.connect_timeout = 0.3
	var errors := record(client.connect_error)
	client.connect_to_url(raw_server.url)
	await expect_until(func() -> bool: return raw_server.connections >= 2, "the second connection")
	expect_eq(errors[0].code, SocketIOClient.ERROR_TIMEOUT, "code")


func test_s9_no_namespace_is_joined_twice() -> void:
	var raw_server := make_raw_server()
	var client := _make_client(0.01, 0.01, 0.0)
	await connect_raw(raw_server, client)
	var chat := await join(client, "/chat", {"a": 1})
	var connected := record(chat.connected)
	raw_server.messages.clear()
	raw_server.drop()
	await expect_count(connected, 1, "connected again")
	await wait(0.2)
	var packets := raw_server.texts()
	packets.sort()
	expect_eq(packets, ["40", '40/chat,{"a":1}'], "packets")


func _make_client(delay: float, delay_max: float, factor: float) -> SocketIOClient:
	var client := make_client()
	client.reconnection_delay = delay
	client.reconnection_delay_max = delay_max
	client.randomization_factor = factor
	return client


## Connects to a port where nobody listens.
func _connect_to_nothing(client: SocketIOClient) -> void:
	var raw_server := make_raw_server()
	raw_server.stop()
	expect_eq(client.connect_to_url(raw_server.url), OK, "connect_to_url")


## Returns the first delays of a client that finds nobody; then it is closed.
func _delays(client: SocketIOClient, count: int) -> Array:
	var attempts := record(client.reconnect_attempt)
	_connect_to_nothing(client)
	await expect_until(func() -> bool: return attempts.size() >= count, "%d attempts" % count)
	client.close()
	await frames(3)
	return attempts.slice(0, count).map(func(attempt: Array) -> float: return attempt[1])


func _expect_retry_after(status: String) -> void:
	var raw_server := make_raw_server()
	raw_server.http_answer = UNAVAILABLE % [status, "Retry-After: 1\r\n"]
	var client := _make_client(0.01, 0.05, 0.0)
	var errors := record(client.connect_error)
	var attempts := record(client.reconnect_attempt)
	var start := Time.get_ticks_msec()
	client.connect_to_url(raw_server.url)
	await expect_count(errors, 1, "connect_error")
	raw_server.http_answer = ""
	await expect_until(client.get_namespace().is_namespace_connected, "joining /")
	expect_eq(errors[0].http_status, status.to_int(), "status")
	expect_true(Time.get_ticks_msec() - start >= 1000, "the client waits as long as it was told")
	expect_eq(attempts.size(), 1, "attempts")
	expect_true(attempts[0][1] >= 1.0, "delay: %s" % attempts[0][1])


func _expect_close_is_final(client: SocketIOClient, order: Array) -> void:
	client.close()
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")
	await wait(0.3)
	expect_eq(order, [], "signals after close()")
