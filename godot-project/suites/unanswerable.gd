## Requests that can no longer be answered: they end at once, and nothing of them is sent later.
extends "res://suite.gd"

const SERVERS := ["node", "polling", "upgrade", "python", "rust"]


func test_a_refusal_ends_requests_at_once_and_says_why() -> void:
	var client := await connect_client()
	var errors := record(client.connect_error)
	var admin := client.create_namespace("/admin")
	var start := Time.get_ticks_msec()
	admin.connect_to_namespace({"token": "wrong"})
	var replies := []
	_collect(admin.request("echo_ack", [1]), replies)
	_collect(admin.request("echo_ack", [2], 0), replies)
	var answers := []
	admin.emit_with_ack("echo_ack", [3], func(answer: Array) -> void: answers.append(answer))
	await expect_count(replies, 2, "replies")
	expect_true(Time.get_ticks_msec() - start < 2000, "at once, not after the time-out")
	expect_eq(errors.size(), 1, "errors")
	expect_eq(errors[0].namespace, "/admin", "namespace of the refusal")
	expect_eq(errors[0].code, SocketIOClient.ERROR_NAMESPACE_REFUSED, "code of the refusal")
	for reply: SocketIOReply in replies:
		expect_eq([reply.error, reply.is_ok(), reply.data], [ERR_CONNECTION_ERROR, false, errors], "reply")
	expect_eq(answers, [["timeout"]], "answers")


func test_a_refusal_of_the_last_namespace_says_why_as_well() -> void:
	var client := make_client()
	var errors := record(client.connect_error)
	client.connect_to_url(url(), {"refuse": true})
	var replies := []
	_collect(client.get_namespace().request("echo_ack", [1]), replies)
	_collect(client.get_namespace().wait_for("news"), replies)
	await expect_count(replies, 2, "replies", 2.0)
	for reply: SocketIOReply in replies:
		expect_eq([reply.error, reply.data], [ERR_CONNECTION_ERROR, errors], "reply")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func test_a_refusal_ends_requests_with_retries() -> void:
	var client := await connect_client()
	client.connect_error.connect(func(_error: Dictionary) -> void: pass)
	var admin := client.create_namespace("/admin")
	admin.retries = 3
	admin.connect_to_namespace()
	var reply: SocketIOReply = await admin.request("echo_ack", [1], 1.0)
	expect_eq([reply.error, reply.data.size()], [ERR_CONNECTION_ERROR, 1], "reply")


func test_a_refusal_after_a_loss_ends_what_has_waited_since() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.connect_error.connect(func(_error: Dictionary) -> void: pass)
	client.reconnection_delay = 0.05
	server.accepts_namespaces = false
	server.greeting = '44{"message":"full"}'
	server.drop()
	await expect_until(func() -> bool: return not client.get_namespace().is_namespace_connected(), "the loss")
	var replies := []
	_collect(client.get_namespace().request("ask"), replies)
	await expect_count(replies, 1, "replies", 2.0)
	expect_eq(replies[0].error, ERR_CONNECTION_ERROR, "error")
	expect_eq(replies[0].data[0].message, "full", "message of the refusal")


func test_what_ended_with_a_refusal_is_not_sent_after_a_later_join() -> void:
	var key := "refused-%d" % Time.get_ticks_usec()
	var client := await connect_client()
	client.connect_error.connect(func(_error: Dictionary) -> void: pass)
	var admin := client.create_namespace("/admin")
	var replies := []
	admin.emit("remember", [key, "plain"])
	_collect(admin.request("remember", [key, "asked"]), replies)
	admin.connect_to_namespace()
	await expect_count(replies, 1, "replies", 2.0)
	expect_eq(replies[0].error, ERR_CONNECTION_ERROR, "error")
	admin.connect_to_namespace({"token": "secret"})
	expect_eq(await ask(admin, "recall", [key]), [[["plain"]]], "what the server got")


func test_giving_up_ends_requests_and_nothing_of_them_is_sent_later() -> void:
	var key := "given-up-%d" % Time.get_ticks_usec()
	var server := make_raw_server()
	server.stop()
	var client := make_client()
	client.reconnection_delay = 0.02
	client.reconnection_attempts = 1
	client.connect_error.connect(func(_error: Dictionary) -> void: pass)
	client.connect_to_url(server.url)
	var main := client.get_namespace()
	var replies := []
	var answers := []
	_collect(main.request("remember", [key, "asked"]), replies)
	_collect(client.create_namespace("/chat").request("echo_ack"), replies)
	main.emit_with_ack("remember", [key, "called"], func(answer: Array) -> void: answers.append(answer))
	await client.reconnect_failed
	await expect_count(replies, 2, "replies", 1.0)
	expect_eq(replies[0].error, ERR_CONNECTION_ERROR, "error")
	expect_eq(replies[1].error, ERR_CONNECTION_ERROR, "error in a namespace that nobody joins")
	expect_eq(answers, [["timeout"]], "answers")
	await connect_client(client)
	expect_eq(await ask(main, "recall", [key]), [[]], "what the server got")


func test_a_request_that_crosses_the_giving_up_ends_as_well() -> void:
	var server := make_raw_server()
	server.stop()
	var client := make_client()
	client.auto_poll = false
	client.reconnection = false
	client.connect_error.connect(func(_error: Dictionary) -> void: pass)
	client.connect_to_url(server.url)
	# The client has given up already, and this one has not heard of it.
	await wait(0.3)
	var replies := []
	_collect(client.get_namespace().request("ask", [], 0), replies)
	_collect(client.get_namespace().request("ask"), replies)
	client.auto_poll = true
	await expect_count(replies, 2, "replies", 1.0)
	expect_eq([replies[0].error, replies[1].error], [ERR_CONNECTION_ERROR, ERR_CONNECTION_ERROR], "errors")


func test_the_end_of_the_namespace_ends_requests_that_wait_for_their_turn() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	chat.retries = 2
	var replies := []
	_collect(chat.request("leave_me"), replies)
	_collect(chat.request("echo_ack", [1]), replies)
	await expect_until(func() -> bool: return not chat.is_namespace_connected(), "the end")
	await expect_count(replies, 2, "replies", 1.0)
	for reply: SocketIOReply in replies:
		# The first one may have been acknowledged before.
		expect_true(reply.error in [OK, ERR_CONNECTION_ERROR], "error %s" % reply.error)
	expect_eq(replies.back().error, ERR_CONNECTION_ERROR, "error")


func _collect(awaited: Signal, replies: Array) -> void:
	replies.append(await awaited)
