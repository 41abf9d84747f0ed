## Awaiting answers and events.
extends "res://suite.gd"

const SERVERS := ["node", "polling", "upgrade", "python", "rust"]


func test_a_request_brings_the_answer() -> void:
	var main := (await connect_client()).get_namespace()
	var reply: SocketIOReply = await main.request("echo_ack", [1, "two", PackedByteArray([3])])
	expect_eq([reply.error, reply.is_ok()], [OK, true], "error")
	expect_eq(reply.data, [1, "two", PackedByteArray([3])], "data")


func test_printing_a_reply_shows_its_error_and_its_data() -> void:
	var main := (await connect_client()).get_namespace()
	var reply: SocketIOReply = await main.request("echo_ack", [1, "two"])
	expect_eq(str(reply), 'SocketIOReply(error: OK, data: [1, "two"])', "an answer")
	reply = await main.request("ack_never", [], 0.1)
	expect_eq(str(reply), "SocketIOReply(error: ERR_TIMEOUT, data: [])", "no answer")


func test_a_request_needs_no_data() -> void:
	var main := (await connect_client()).get_namespace()
	var reply: SocketIOReply = await main.request("ack_empty")
	expect_eq([reply.error, reply.data], [OK, []], "reply")


func test_a_request_runs_out_of_time() -> void:
	var main := (await connect_client()).get_namespace()
	var start := Time.get_ticks_msec()
	var reply: SocketIOReply = await main.request("ack_never", [], 0.3)
	expect_eq([reply.error, reply.is_ok(), reply.data], [ERR_TIMEOUT, false, []], "reply")
	expect_near((Time.get_ticks_msec() - start) / 1000.0, 0.3, 0.25, "time")


func test_ack_timeout_is_the_time_of_a_request_that_names_none() -> void:
	var main := (await connect_client()).get_namespace()
	main.ack_timeout = 0.2
	var reply: SocketIOReply = await main.request("ack_delayed", [600, "late"])
	expect_eq(reply.error, ERR_TIMEOUT, "error with the default")
	reply = await main.request("ack_delayed", [600, "in time"], 4.0)
	expect_eq([reply.error, reply.data], [OK, ["in time"]], "with a time of its own")


func test_ack_timeout_is_the_time_of_emit_with_ack_as_well() -> void:
	var main := (await connect_client()).get_namespace()
	main.ack_timeout = 0.2
	var answers := []
	main.emit_with_ack("ack_never", [], func(answer: Array) -> void: answers.append(answer))
	await expect_count(answers, 1, "answers", 1.0)
	expect_eq(answers, [["timeout"]], "answers")


func test_a_request_before_connecting_is_answered_after_it() -> void:
	var client := make_client()
	_connect_after_frames(client)
	var reply: SocketIOReply = await client.get_namespace().request("echo_ack", ["early"])
	expect_eq([reply.error, reply.data], [OK, ["early"]], "reply")


func test_requests_are_answered_each_on_its_own() -> void:
	var main := (await connect_client()).get_namespace()
	var replies := []
	for i in 20:
		_collect(main.request("ack_delayed", [100 if i % 2 == 0 else 10, i]), replies)
	await expect_count(replies, 20, "replies")
	var numbers := replies.map(func(reply: SocketIOReply) -> int: return reply.data[0])
	numbers.sort()
	expect_eq(numbers, range(20), "numbers")


func test_a_request_may_follow_a_request() -> void:
	var main := (await connect_client()).get_namespace()
	var numbers := []
	for i in 5:
		var reply: SocketIOReply = await main.request("echo_ack", [i])
		numbers.append(reply.data[0])
	expect_eq(numbers, range(5), "numbers")


func test_close_resolves_a_request_at_the_next_poll() -> void:
	var client := await connect_client()
	var replies := []
	_collect(client.get_namespace().request("ack_never", [], 0), replies)
	client.close()
	expect_eq(replies, [], "replies within the call")
	await expect_count(replies, 1, "replies")
	expect_eq([replies[0].error, replies[0].data], [ERR_CONNECTION_ERROR, []], "reply")


func test_leaving_the_namespace_resolves_a_request() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var replies := []
	_collect(chat.request("ack_never", [], 0), replies)
	chat.disconnect_from_namespace()
	await expect_count(replies, 1, "replies")
	expect_eq(replies[0].error, ERR_CONNECTION_ERROR, "error")


func test_a_lost_connection_resolves_a_request() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	var replies := []
	_collect(client.get_namespace().request("ask", [], 0), replies)
	await expect_until(func() -> bool: return not server.events().is_empty(), "the request")
	server.drop()
	await expect_count(replies, 1, "replies")
	expect_eq(replies[0].error, ERR_CONNECTION_ERROR, "error")


func test_a_request_after_the_end_is_refused_at_the_next_poll() -> void:
	var client := await connect_client()
	client.close()
	var replies := []
	expect_error("SocketIONamespace.request: emit \"echo_ack\": \"/\" is not connected")
	_collect(client.get_namespace().request("echo_ack"), replies)
	expect_eq(replies, [], "replies within the call")
	await expect_count(replies, 1, "replies")
	expect_eq(replies[0].error, ERR_CONNECTION_ERROR, "error")


func test_a_request_that_cannot_be_sent_is_refused() -> void:
	var main := (await connect_client()).get_namespace()
	expect_error("emit \"echo_ack\": data[0] is an Object")
	var reply: SocketIOReply = await main.request("echo_ack", [self])
	expect_eq(reply.error, ERR_CONNECTION_ERROR, "error of data that cannot be sent")
	expect_error("reserved by Socket.IO")
	reply = await main.request("disconnect")
	expect_eq(reply.error, ERR_CONNECTION_ERROR, "error of a reserved name")


func test_a_freed_client_resolves_its_requests_and_waits() -> void:
	var holder: Array[SocketIOClient] = [SocketIOClient.new()]
	holder[0].connect_to_url(url())
	var main := holder[0].get_namespace()
	await expect_until(main.is_namespace_connected, "connecting")
	var replies := []
	_collect(main.request("ack_never", [], 0), replies)
	_collect(main.wait_for("never"), replies)
	holder.clear()
	await expect_count(replies, 2, "replies")
	expect_eq([replies[0].error, replies[1].error], [ERR_CONNECTION_ERROR, ERR_CONNECTION_ERROR], "errors")


func test_a_namespace_without_its_client_refuses_requests_and_waits() -> void:
	var main := SocketIOClient.new().get_namespace()
	expect_error("SocketIONamespace.request: the client of this namespace was freed")
	var reply: SocketIOReply = await main.request("echo_ack")
	expect_eq(reply.error, ERR_CONNECTION_ERROR, "error of the request")
	expect_error("SocketIONamespace.wait_for: the client of this namespace was freed")
	reply = await main.wait_for("news")
	expect_eq(reply.error, ERR_CONNECTION_ERROR, "error of the wait")


func test_a_node_that_is_freed_while_it_awaits_is_not_resumed() -> void:
	var main := (await connect_client()).get_namespace()
	var calls := []
	var node := Asker.new()
	node.calls = calls
	node.main = main
	node.request()
	node.wait_for()
	node.free()
	main.emit("echo", ["for the node"])
	expect_eq(await ask(main, "ack_delayed", [300]), [], "answer")
	await frames(2)
	expect_eq(calls, [], "what the freed node did")


func test_an_awaiting_function_may_free_its_client() -> void:
	var holder: Array[SocketIOClient] = [SocketIOClient.new()]
	var watch: WeakRef = weakref(holder[0])
	holder[0].connect_to_url(url())
	var reply: SocketIOReply = await holder[0].get_namespace().request("echo_ack", [1])
	holder.clear()
	expect_eq(reply.data, [1], "data")
	await frames(3)
	expect_eq(watch.get_ref(), null, "the client is gone")


func test_a_request_from_another_thread_does_nothing() -> void:
	var main := (await connect_client()).get_namespace()
	var replies := []
	expect_error("SocketIONamespace.request was called from another thread")
	expect_error("SocketIONamespace.wait_for was called from another thread")
	var thread := Thread.new()
	thread.start(func() -> void:
		_collect(main.request("echo_ack"), replies)
		_collect(main.wait_for("news"), replies)
	)
	await until(func() -> bool: return not thread.is_alive())
	thread.wait_to_finish()
	await frames(3)
	expect_eq(await ask(main, "echo_ack", ["fine"]), ["fine"], "the next answer")
	for reply: SocketIOReply in replies:
		expect_eq(reply.error, ERR_CONNECTION_ERROR, "error")


func test_wait_for_brings_the_next_event() -> void:
	var main := (await connect_client()).get_namespace()
	main.emit("burst", [3])
	var reply: SocketIOReply = await main.wait_for("burst")
	expect_eq([reply.error, reply.data], [OK, [0]], "reply")


func test_wait_for_takes_its_own_event_only() -> void:
	var main := (await connect_client()).get_namespace()
	main.emit("echo", ["other"])
	main.emit("burst", [1])
	var reply: SocketIOReply = await main.wait_for("burst")
	expect_eq(reply.data, [0], "data")


func test_wait_for_comes_after_the_listeners_and_before_event_received() -> void:
	var main := (await connect_client()).get_namespace()
	var order := []
	_note(main.wait_for("echo"), order)
	main.event_received.connect(func(_event: String, _data: Array) -> void: order.append("event_received"))
	main.on("echo", func(_data: Array) -> void: order.append("listener"))
	main.emit("echo")
	await expect_count(order, 3, "calls")
	expect_eq(order, ["listener", "resumed", "event_received"], "order")


func test_everybody_who_waits_gets_the_event() -> void:
	var main := (await connect_client()).get_namespace()
	var replies := []
	_collect(main.wait_for("echo"), replies)
	_collect(main.wait_for("echo", 3.0), replies)
	main.emit("echo", [5])
	await expect_count(replies, 2, "replies")
	expect_eq([replies[0].data, replies[1].data], [[5], [5]], "data")
	await reply(main, "echo", [6], "echo")
	expect_eq(replies.size(), 2, "replies after the next event")


func test_wait_for_runs_out_of_time() -> void:
	var main := (await connect_client()).get_namespace()
	var start := Time.get_ticks_msec()
	var replies := []
	_collect(main.wait_for("never", 0.6), replies)
	var reply: SocketIOReply = await main.wait_for("never", 0.2)
	expect_eq([reply.error, reply.data], [ERR_TIMEOUT, []], "reply")
	expect_near((Time.get_ticks_msec() - start) / 1000.0, 0.2, 0.2, "time")
	await expect_count(replies, 1, "the longer wait")
	expect_near((Time.get_ticks_msec() - start) / 1000.0, 0.6, 0.25, "time of the longer wait")


func test_wait_for_waits_for_the_join() -> void:
	var client := make_client()
	_connect_after_frames(client)
	client.get_namespace().emit("echo", ["at last"])
	var reply: SocketIOReply = await client.get_namespace().wait_for("echo", 5.0)
	expect_eq(reply.data, ["at last"], "data")


func test_the_end_of_the_namespace_resolves_wait_for() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var replies := []
	_collect(chat.wait_for("never"), replies)
	chat.disconnect_from_namespace()
	await expect_count(replies, 1, "replies after leaving")
	_collect(client.get_namespace().wait_for("never"), replies)
	client.get_namespace().emit("leave_me")
	await expect_count(replies, 2, "replies after the server's end")
	await connect_client()
	_collect(chat.wait_for("never"), replies)
	expect_eq(replies.size(), 2, "replies within the call on an ended namespace")
	await expect_count(replies, 3, "replies on an ended namespace")
	for reply: SocketIOReply in replies:
		expect_eq(reply.error, ERR_CONNECTION_ERROR, "error")


func test_close_resolves_wait_for_in_a_namespace_that_was_never_joined() -> void:
	var client := await connect_client()
	var replies := []
	_collect(client.create_namespace("/chat").wait_for("never"), replies)
	await frames(3)
	expect_eq(replies, [], "replies before close()")
	client.close()
	await expect_count(replies, 1, "replies")
	expect_eq(replies[0].error, ERR_CONNECTION_ERROR, "error")


func test_a_refusal_resolves_wait_for() -> void:
	var client := await connect_client()
	client.connect_error.connect(func(_error: Dictionary) -> void: pass)
	var admin := client.create_namespace("/admin")
	var replies := []
	_collect(admin.wait_for("news"), replies)
	admin.connect_to_namespace()
	await expect_count(replies, 1, "replies")
	expect_eq(replies[0].error, ERR_CONNECTION_ERROR, "error")
	expect_eq(replies[0].data[0].message, "unauthorised", "message of the refusal")


func test_a_lost_connection_resolves_wait_for() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.reconnection_delay = 0.05
	var main := client.get_namespace()
	var order := []
	main.disconnected.connect(func(_reason: String) -> void:
		order.append("disconnected")
		# Waits for the next session: the loss of this one does not end it.
		_note(main.wait_for("news"), order)
	)
	_note(main.wait_for("news"), order)
	server.drop()
	await expect_count(order, 2, "calls")
	expect_eq(order, ["disconnected", "resumed"], "order")
	await expect_until(main.is_namespace_connected, "reconnecting")
	server.send('42["news"]')
	await expect_count(order, 3, "calls after the reconnect")


func test_giving_up_resolves_wait_for() -> void:
	var server := make_raw_server()
	server.stop()
	var client := make_client()
	client.reconnection = false
	client.connect_error.connect(func(_error: Dictionary) -> void: pass)
	client.connect_to_url(server.url)
	var reply: SocketIOReply = await client.get_namespace().wait_for("news")
	expect_eq(reply.error, ERR_CONNECTION_ERROR, "error")


func test_a_wait_in_a_handler_is_for_the_next_event() -> void:
	var main := (await connect_client()).get_namespace()
	var numbers := []
	_count_three(main, numbers)
	main.emit("burst", [5])
	await expect_count(numbers, 3, "numbers")
	expect_eq(numbers, [0, 1, 2], "numbers: nothing is missed while a function awaits again at once")


func test_no_server_sends_a_reserved_name() -> void:
	var main := (await connect_client()).get_namespace()
	expect_error("SocketIONamespace.wait_for: a server cannot send \"connect\"")
	var reply: SocketIOReply = await main.wait_for("connect")
	expect_eq(reply.error, ERR_CONNECTION_ERROR, "error")


func test_without_auto_poll_poll_resolves() -> void:
	var client := await connect_client()
	client.auto_poll = false
	var replies := []
	_collect(client.get_namespace().wait_for("never", 0.05), replies)
	await wait(0.2)
	expect_eq(replies, [], "replies without poll()")
	client.poll()
	expect_eq(replies.size(), 1, "replies within poll()")


func _connect_after_frames(client: SocketIOClient) -> void:
	await frames(5)
	client.connect_to_url(url())


func _collect(awaited: Signal, replies: Array) -> void:
	replies.append(await awaited)


func _note(awaited: Signal, order: Array) -> void:
	await awaited
	order.append("resumed")


func _count_three(main: SocketIONamespace, numbers: Array) -> void:
	for i in 3:
		var reply: SocketIOReply = await main.wait_for("burst")
		numbers.append(reply.data[0])


class Asker:
	extends Node

	var calls: Array
	# Not a parameter: the engine leaks those of a function whose object is freed while it awaits.
	var main: SocketIONamespace

	func request() -> void:
		await main.request("ack_delayed", [100])
		calls.append("answered")

	func wait_for() -> void:
		await main.wait_for("echo")
		calls.append("received")
