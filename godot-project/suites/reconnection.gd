## A connection that is lost comes back by itself.
extends "res://fault_suite.gd"

const SERVERS := ["node", "python", "rust"]


func test_s3_a_cut_connection_comes_back_with_a_new_session() -> void:
	var client := await connect_through_proxy()
	var order := follow(client)
	var first := client.get_namespace().get_session_id()
	await cut_and_return(client)
	expect_eq(order, ["disconnected: transport close", "reconnect_attempt 1", "reconnected 1", "connected"], "signals")
	expect_true(client.get_namespace().get_session_id() != first, "the session is a new one")
	expect_eq(await ask(client.get_namespace(), "whoami"), [client.get_namespace().get_session_id()], "session")


func test_s5_a_reset_connection_comes_back() -> void:
	var client := await connect_through_proxy()
	var ended := record(client.disconnected)
	var connected := record(client.connected)
	await proxy.reset()
	await expect_count(connected, 1, "connected again")
	expect_true(ended in [["transport close"], ["transport error"]], "disconnected: %s" % [ended])


func test_s5_a_parse_error_reconnects() -> void:
	await _expect_a_reconnect_after("49", "parse error")


func test_s5_a_transport_error_reconnects() -> void:
	await _expect_a_reconnect_after("9", "transport error")


func test_s5_a_close_packet_of_the_engine_reconnects() -> void:
	await _expect_a_reconnect_after("1", "transport close")


func test_s4_reconnected_comes_when_the_transport_is_open() -> void:
	var client := await connect_through_proxy()
	var seen := []
	client.reconnected.connect(func(_attempt: int) -> void:
		seen.append([client.is_socket_connected(), client.get_namespace().is_namespace_connected()]))
	await cut_and_return(client)
	expect_eq(seen, [[true, false]], "socket and namespace at reconnected")


func test_states_while_waiting_to_reconnect() -> void:
	var client := await connect_through_proxy()
	await go_offline(client)
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_CONNECTING, "state of the client")
	expect_eq(client.get_namespace().get_connection_state(), SocketIONamespace.STATE_CONNECTING, "state of /")
	expect_eq(client.is_socket_connected(), false, "is_socket_connected")
	expect_eq(client.get_engine_io_session_id(), "", "engine session")
	expect_eq(client.get_namespace().get_session_id(), "", "session")
	await go_online(client)
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_CONNECTED, "state in the end")


func test_s3_the_first_attempt_is_retried_as_well() -> void:
	await open_proxy()
	await proxy.refuse()
	var client := make_quick_client()
	var order := follow(client)
	expect_eq(client.connect_to_url(proxy.url), OK, "connect_to_url")
	await expect_until(func() -> bool: return order.count("connect_error") >= 2, "two failures")
	expect_eq(order.slice(0, 3), ["connect_error", "reconnect_attempt 1", "connect_error"], "signals")
	await go_online(client)
	var attempts := order.filter(func(entry: String) -> bool: return entry.begins_with("reconnect_attempt")).size()
	expect_eq(order.slice(-2), ["reconnected %d" % attempts, "connected"], "last signals")


func test_a_failed_attempt_is_a_connect_error_with_its_code() -> void:
	var client := await connect_through_proxy()
	var errors := record(client.connect_error)
	await go_offline(client)
	await expect_until(func() -> bool: return not errors.is_empty(), "connect_error")
	expect_eq(errors[0].code, SocketIOClient.ERROR_REFUSED, "code")


func test_s4_at_the_limit_reconnect_failed_and_no_more() -> void:
	var client := await connect_through_proxy()
	client.reconnection_attempts = 3
	var order := follow(client)
	await proxy.refuse()
	await proxy.cut()
	await expect_until(func() -> bool: return "reconnect_failed" in order, "reconnect_failed")
	await proxy.accept()
	await wait(0.3)
	expect_eq(order, [
		"disconnected: transport close",
		"reconnect_attempt 1", "connect_error", "reconnect_attempt 2", "connect_error", "reconnect_attempt 3", "connect_error",
		"reconnect_failed",
	], "signals")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")
	expect_eq((await proxy.status()).made, 1, "connections")


func test_connecting_again_after_reconnect_failed() -> void:
	var client := await connect_through_proxy()
	client.reconnection_attempts = 1
	var failed := record(client.reconnect_failed)
	await proxy.refuse()
	await proxy.cut()
	await expect_count(failed, 1, "reconnect_failed")
	await proxy.accept()
	await join_through_proxy(client)
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer")


func test_without_reconnection_the_end_is_final() -> void:
	var client := await connect_through_proxy()
	client.reconnection = false
	var order := follow(client)
	await proxy.cut()
	await expect_count(order, 1, "signals")
	await wait(0.3)
	expect_eq(order, ["disconnected: transport close"], "signals")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")
	expect_eq((await proxy.status()).made, 1, "connections")


func test_query_is_sent_with_every_attempt() -> void:
	await open_proxy()
	var client := make_quick_client()
	client.query = {"room": "blue"}
	await join_through_proxy(client)
	await cut_and_return(client)
	var answer: Array = await ask(client.get_namespace(), "handshake")
	expect_eq(answer[0].query.get("room"), "blue", "query.room")


func test_listeners_survive() -> void:
	var client := await connect_through_proxy()
	var events := listen(client.get_namespace(), "echo")
	await cut_and_return(client)
	client.get_namespace().emit("echo", ["again"])
	await expect_count(events, 1, "events")
	await frames(5)
	expect_eq(events, [["again"]], "events")


func test_connect_to_url_while_reconnecting_is_refused() -> void:
	var client := await connect_through_proxy()
	await go_offline(client)
	expect_error("connect_to_url")
	expect_eq(client.connect_to_url(proxy.url), ERR_ALREADY_IN_USE, "connect_to_url")
	await go_online(client)


func test_reconnect_now_does_not_wait() -> void:
	var client := await connect_through_proxy()
	client.reconnection_delay = 60.0
	client.reconnection_delay_max = 60.0
	var attempts := record(client.reconnect_attempt)
	await go_offline(client)
	await proxy.accept()
	client.reconnect_now()
	await expect_until(client.get_namespace().is_namespace_connected, "coming back")
	expect_eq(attempts.size(), 1, "attempts")
	expect_eq(attempts[0][0], 1, "attempt")
	expect_true(attempts[0][1] < 5.0, "delay is what was waited, not what was planned: %s" % attempts[0][1])


func test_reconnect_now_begins_to_count_again() -> void:
	var client := await connect_through_proxy()
	var attempts := record(client.reconnect_attempt)
	client.reconnection_delay_max = 60.0
	await go_offline(client)
	await expect_until(func() -> bool: return attempts.size() >= 4, "attempts")
	var before := attempts.size()
	client.reconnect_now()
	await expect_until(func() -> bool: return attempts.size() > before, "another attempt")
	expect_eq(attempts[before][0], 1, "attempt")


func test_reconnect_now_of_a_connected_client_does_nothing() -> void:
	var client := await connect_through_proxy()
	var order := follow(client)
	client.reconnect_now()
	await wait(0.2)
	expect_eq(order, [], "signals")
	expect_eq((await proxy.status()).made, 1, "connections")


func test_pause_drops_the_connection_without_a_packet() -> void:
	var client := await connect_through_proxy()
	var witness := await connect_client()
	var ended := record(client.disconnected)
	var id := client.get_namespace().get_session_id()
	client.pause_connection()
	await expect_count(ended, 1, "disconnected")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_CONNECTING, "state")
	expect_true(await proxy.until_the_server_noticed(), "the connection ends")
	var end: Array = [null]
	for attempt in 50:
		end = await ask(witness.get_namespace(), "end_of", [id])
		if end != [null]:
			break
		await wait(0.05)
	expect_eq(end, ["connection"], "how the session ended")
	await wait(0.3)
	expect_eq((await proxy.status()).made, 1, "connections while paused")


func test_pause_and_resume_in_one_frame() -> void:
	var client := await connect_through_proxy()
	var connected := record(client.connected)
	client.pause_connection()
	client.resume_connection()
	await expect_count(connected, 1, "connected again")
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer")
	expect_eq((await proxy.status()).open_to_client, 1, "open connections")


func test_one_connection_at_a_time() -> void:
	var client := await connect_through_proxy()
	var most := 0
	for i in 10:
		if i % 2 == 0:
			await proxy.cut()
		else:
			await proxy.reset()
		for attempt in 20:
			most = maxi(most, (await proxy.status()).open_to_client)
		await expect_until(client.get_namespace().is_namespace_connected, "coming back")
	expect_true(most <= 1, "%d connections at once" % most)


func test_statistics_count_the_reconnects() -> void:
	var client := await connect_through_proxy()
	for i in 3:
		await cut_and_return(client)
	expect_eq(client.get_statistics().get("reconnects"), 3, "reconnects")


func test_two_clients_reconnect_on_their_own() -> void:
	var client := await connect_through_proxy()
	var other := await connect_client()
	var ended := record(other.disconnected)
	await cut_and_return(client)
	expect_eq(ended, [], "disconnected of the other")
	expect_eq(await ask(other.get_namespace(), "echo_ack", [1]), [1], "answer")


## Has a raw server send a packet that ends the connection.
func _expect_a_reconnect_after(packet: String, reason: String) -> void:
	var raw_server := make_raw_server()
	var client := await connect_raw(raw_server, make_quick_client())
	var order := follow(client)
	raw_server.send(packet)
	await expect_until(func() -> bool: return "connected" in order, "coming back")
	expect_eq(order, ["disconnected: " + reason, "reconnect_attempt 1", "reconnected 1", "connected"], "signals")
	expect_eq(raw_server.connections, 2, "connections")
