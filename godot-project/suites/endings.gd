## What the game sees while a connection ends: never half of it.
extends "res://suite.gd"

const SERVERS := ["node", "polling", "upgrade"]


func test_connected_and_disconnected_alternate_when_the_budget_splits_the_end() -> void:
	var client := await connect_client()
	client.poll_budget_usec = 1
	var told := _tell(client)
	client.get_namespace().emit("leave_me")
	await expect_until(
		func() -> bool: return client.get_connection_state() == SocketIOClient.STATE_DISCONNECTED, "the end")
	expect_eq(client.get_namespace().is_namespace_connected(), false, "/ is not joined any more")
	expect_eq(client.connect_to_url(url()), OK, "connect_to_url")
	await expect_count(told, 2, "signals")
	expect_eq(told, ["disconnected", "connected"], "order")


func test_a_namespace_is_told_of_its_end_before_connect_error_lets_the_game_connect_again() -> void:
	var client := make_client()
	client.reconnection = false
	await connect_client(client)
	var slow := client.create_namespace("/slow")
	slow.connect_to_namespace()
	var told := _tell(client)
	client.connect_error.connect(func(_error: Dictionary) -> void: client.connect_to_url(url()))
	client.get_namespace().emit("close_me")
	await expect_count(told, 2, "signals")
	expect_eq(told, ["disconnected", "connected"], "order")


func test_every_namespace_can_be_joined_again_in_the_clients_disconnected() -> void:
	var client := make_client()
	client.reconnection = false
	client.connect_main_namespace = false
	var connected := record(client.connected)
	client.connect_to_url(url())
	await expect_count(connected, 1, "connected")
	var chat := await join(client, "/chat")
	var results := []
	client.disconnected.connect(func(_reason: String) -> void:
		results.append(client.connect_to_url(url()))
		results.append(chat.connect_to_namespace())
	)
	chat.emit("close_me")
	await expect_count(results, 2, "calls")
	expect_eq(results, [OK, OK], "results")
	await expect_until(chat.is_namespace_connected, "/chat is joined again")


func test_a_client_is_connected_again_without_its_main_namespace() -> void:
	var client := make_client()
	client.reconnection_delay = 0.01
	await connect_client(client)
	var chat := await join(client, "/chat")
	client.get_namespace().disconnect_from_namespace()
	var again := record(chat.connected)
	chat.emit("close_me")
	await expect_count(again, 1, "/chat joined again")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_CONNECTED, "state")


func test_waiting_ends_with_the_connection_also_when_the_game_connects_at_once() -> void:
	var client := await connect_client()
	client.poll_budget_usec = 1
	var replies := []
	_wait_for_never(client.get_namespace(), replies)
	client.get_namespace().emit("leave_me")
	await expect_until(
		func() -> bool: return client.get_connection_state() == SocketIOClient.STATE_DISCONNECTED, "the end")
	client.connect_to_url(url())
	await expect_count(replies, 1, "replies")
	expect_eq(replies, [ERR_CONNECTION_ERROR], "error")


func test_switching_reconnection_off_is_no_failure() -> void:
	var client := make_client()
	client.reconnection_delay = 5.0
	await connect_client(client)
	var failed := record(client.reconnect_failed)
	client.disconnected.connect(func(_reason: String) -> void: client.reconnection = false)
	client.get_namespace().emit("close_me")
	await expect_until(
		func() -> bool: return client.get_connection_state() == SocketIOClient.STATE_DISCONNECTED, "the end")
	await frames(10)
	expect_eq(failed, [], "reconnect_failed")


func test_a_namespace_of_a_freed_client_is_not_connected() -> void:
	var client := SocketIOClient.new()
	client.connect_to_url(url())
	var main := client.get_namespace()
	await expect_until(main.is_namespace_connected, "joined")
	client = null
	expect_eq(main.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state")
	expect_eq(main.get_session_id(), "", "session id")


func test_s17_a_wait_that_begins_in_a_listener_is_for_the_next_event() -> void:
	var client := await connect_client()
	var main := client.get_namespace()
	var pairs := []
	main.on("burst", func(data: Array) -> void:
		var number: int = data[0]
		var next = await main.wait_for("burst", 0.5)
		if next.is_ok():
			pairs.append([number, next.data[0]])
	)
	main.emit("burst", [3])
	await expect_count(pairs, 2, "pairs")
	expect_eq(pairs, [[0, 1], [1, 2]], "pairs")
	# The last one waits in vain.
	await wait(0.6)


func test_what_waits_for_its_turn_is_sent_before_close() -> void:
	var key := "retried %d" % Time.get_ticks_usec()
	var client := await connect_client()
	client.get_namespace().retries = 2
	for number in 5:
		client.get_namespace().emit("remember", [key, number])
	client.close()
	var witness := await connect_client()
	var kept := []
	for attempt in 50:
		kept = (await ask(witness.get_namespace(), "recall", [key]))[0]
		if kept.size() == 5:
			break
		await wait(0.02)
	expect_eq(kept, [[0], [1], [2], [3], [4]], "events")


func test_an_event_that_is_too_large_is_refused_before_the_game_knows_the_limit() -> void:
	var client := make_client()
	client.auto_poll = false
	client.connect_to_url(url())
	var main := client.get_namespace()
	# The worker is connected and joined, and the game has not looked yet.
	OS.delay_msec(500)
	var large := "x".repeat(5_000_000)
	main.emit("echo", [large])
	var answers := []
	main.emit_with_ack("echo_ack", ["small"], func(answer: Array) -> void: answers.append(answer))
	expect_error("was not sent")
	client.auto_poll = true
	await expect_count(answers, 1, "answers")
	expect_eq(answers, [["small"]], "answer")


func _tell(client: SocketIOClient) -> Array:
	var told := []
	client.connected.connect(func(_id: String) -> void: told.append("connected"))
	client.disconnected.connect(func(_reason: String) -> void: told.append("disconnected"))
	return told


func _wait_for_never(channel: SocketIONamespace, replies: Array) -> void:
	var reply = await channel.wait_for("never")
	replies.append(reply.error)
