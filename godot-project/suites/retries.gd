## Events that are sent again until the server has acknowledged them.
extends "res://fault_suite.gd"

const SERVERS := ["node", "polling", "upgrade"]


func test_s15_an_event_without_an_ack_is_sent_again_and_then_given_up() -> void:
	var raw_server := make_raw_server()
	var main := await _connect_raw(raw_server, 2, 0.1)
	var answers := _emit(main, "lonely", 0.1)
	await expect_count(answers, 1, "answers")
	await wait(0.3)
	expect_eq(answers, [["timeout"]], "answers")
	expect_eq(_names(raw_server), ["lonely", "lonely", "lonely"], "tries")


func test_s15_each_try_has_an_ack_id_of_its_own() -> void:
	var raw_server := make_raw_server()
	var main := await _connect_raw(raw_server, 2, 0.1)
	await expect_count(_emit(main, "lonely", 0.1), 1, "answers")
	var ids := _ids(raw_server)
	expect_eq(ids.size(), 3, "ids")
	expect_true(ids[0] != ids[1] and ids[1] != ids[2] and ids[0] != ids[2], "ids differ: %s" % [ids])


func test_s15_one_event_is_in_flight() -> void:
	var raw_server := make_raw_server()
	var main := await _connect_raw(raw_server, 3, 10.0)
	var first := _emit(main, "first", 10.0)
	var second := _emit(main, "second", 10.0)
	main.emit("third")
	await expect_until(func() -> bool: return _names(raw_server) == ["first"], "the first event")
	await wait(0.2)
	expect_eq(_names(raw_server), ["first"], "in flight")
	raw_server.send("43%s[1]" % _ids(raw_server)[0])
	await expect_until(func() -> bool: return _names(raw_server) == ["first", "second"], "the second event")
	await wait(0.2)
	expect_eq([first, second], [[[1]], []], "answers")
	raw_server.send("43%s[2]" % _ids(raw_server)[1])
	await expect_until(func() -> bool: return _names(raw_server) == ["first", "second", "third"], "the third event")
	expect_eq(second, [[2]], "the second answer")


func test_s15_what_is_given_up_makes_room_for_the_next() -> void:
	var raw_server := make_raw_server()
	var main := await _connect_raw(raw_server, 1, 0.1)
	var first := _emit(main, "first", 0.1)
	var second := _emit(main, "second", 0.1)
	await expect_until(func() -> bool: return _names(raw_server) == ["first", "first", "second"], "the second event")
	expect_eq(first, [["timeout"]], "the first answer")
	raw_server.send("43%s[2]" % _ids(raw_server)[2])
	await expect_count(second, 1, "the second answer")
	expect_eq(second, [[2]], "the second answer")


func test_s15_a_late_ack_of_an_older_try_is_ignored() -> void:
	var raw_server := make_raw_server()
	var main := await _connect_raw(raw_server, 5, 0.4)
	var answers := _emit(main, "slow", 0.4)
	await expect_until(func() -> bool: return _names(raw_server).size() == 2, "the second try")
	var ids := _ids(raw_server)
	raw_server.send('43%s["old"]' % ids[0])
	await wait(0.1)
	expect_eq(answers, [], "answers after the late ack")
	raw_server.send('43%s["new"]' % ids[1])
	await expect_count(answers, 1, "answers")
	expect_eq(answers, [["new"]], "answers")


func test_s15_the_head_is_sent_again_after_a_reconnect() -> void:
	var raw_server := make_raw_server()
	var main := await _connect_raw(raw_server, 3, 10.0)
	var first := _emit(main, "first", 10.0)
	var second := _emit(main, "second", 10.0)
	await expect_until(func() -> bool: return _names(raw_server) == ["first"], "the first event")
	raw_server.drop()
	await expect_until(func() -> bool: return _names(raw_server) == ["first", "first"], "the first event again")
	expect_eq([first, second], [[], []], "answers while it is retried")
	raw_server.send("43%s[1]" % _ids(raw_server)[1])
	await expect_until(func() -> bool: return _names(raw_server).size() == 3, "the second event")
	raw_server.send("43%s[2]" % _ids(raw_server)[2])
	await expect_count(second, 1, "the second answer")
	expect_eq([first, second], [[[1]], [[2]]], "answers")


func test_s15_what_waits_while_offline_goes_out_in_order() -> void:
	var client := await connect_through_proxy()
	var main := client.get_namespace()
	_retry(main, 10, 1.0)
	await go_offline(client)
	var answers := []
	for i in 20:
		main.emit_with_ack("echo_ack", [i], func(answer: Array) -> void: answers.append(answer), 1.0)
	await wait(0.1)
	expect_eq(answers, [], "answers while offline")
	await go_online(client)
	await expect_count(answers, 20, "answers")
	expect_eq(answers, range(20).map(func(i: int) -> Array: return [i]), "order")


func test_s15_volatile_events_pass_the_queue() -> void:
	var raw_server := make_raw_server()
	var main := await _connect_raw(raw_server, 3, 10.0)
	_emit(main, "held", 10.0)
	main.emit_volatile("volatile")
	await expect_until(func() -> bool: return _names(raw_server).has("volatile"), "the volatile event")
	await wait(0.2)
	expect_eq(_names(raw_server), ["held", "volatile"], "events")
	expect_eq(_ids(raw_server)[1], "", "id of the volatile event")


func test_s15_plain_emits_wait_for_their_turn() -> void:
	var raw_server := make_raw_server()
	var main := await _connect_raw(raw_server, 3, 10.0)
	main.emit("first")
	main.emit("second")
	await expect_until(func() -> bool: return _names(raw_server) == ["first"], "the first event")
	await wait(0.2)
	expect_eq(_names(raw_server), ["first"], "in flight")
	expect_true(not _ids(raw_server)[0].is_empty(), "it asks for an ack")
	raw_server.send("43%s[]" % _ids(raw_server)[0])
	await expect_until(func() -> bool: return _names(raw_server) == ["first", "second"], "the second event")


func test_s15_binary_is_sent_again_whole() -> void:
	var raw_server := make_raw_server()
	var main := await _connect_raw(raw_server, 1, 0.2)
	var answers := []
	main.emit_with_ack("picture", [PackedByteArray([1, 2])], func(answer: Array) -> void: answers.append(answer), 0.2)
	await expect_count(answers, 1, "answers")
	var attachments := raw_server.messages.filter(func(message: Variant) -> bool: return message is PackedByteArray)
	expect_eq(attachments, [PackedByteArray([1, 2]), PackedByteArray([1, 2])], "attachments")


func test_close_gives_up_what_is_queued_once() -> void:
	var raw_server := make_raw_server()
	var main := await _connect_raw(raw_server, 3, 10.0)
	var first := _emit(main, "first", 10.0)
	var second := _emit(main, "second", 10.0)
	await expect_until(func() -> bool: return _names(raw_server) == ["first"], "the first event")
	_clients[0].close()
	expect_eq([first, second], [[], []], "answers within the call")
	await expect_until(func() -> bool: return not first.is_empty() and not second.is_empty(), "the answers")
	await frames(5)
	expect_eq([first, second], [[["timeout"]], [["timeout"]]], "answers")


func test_every_event_arrives_at_least_once_through_faults() -> void:
	var client := await connect_through_proxy()
	var main := client.get_namespace()
	_retry(main, 100, 1.0)
	var answers := []
	for i in 30:
		main.emit_with_ack("echo_ack", [i], func(answer: Array) -> void: answers.append(answer), 1.0)
	for i in 8:
		await wait(0.02)
		if i % 2 == 0:
			await proxy.cut()
		else:
			await proxy.reset()
	await expect_count(answers, 30, "answers", 10.0)
	await wait(0.2)
	expect_eq(answers, range(30).map(func(i: int) -> Array: return [i]), "answers, in order and each once")


func test_request_is_retried_as_well() -> void:
	var client := await connect_through_proxy()
	var main := client.get_namespace()
	_retry(main, 10, 1.0)
	await go_offline(client)
	var replies := []
	_request(main, replies)
	await wait(0.1)
	await go_online(client)
	await expect_count(replies, 1, "replies")
	expect_eq([replies[0].is_ok(), replies[0].data], [true, ["kept"]], "reply")


func _request(main: SocketIONamespace, replies: Array) -> void:
	replies.append(await main.request("echo_ack", ["kept"], 1.0))


func _retry(channel: SocketIONamespace, retries: int, ack_timeout: float) -> void:
	channel.retries = retries
	channel.ack_timeout = ack_timeout


func _connect_raw(raw_server: RawServer, retries: int, ack_timeout: float) -> SocketIONamespace:
	var client := await connect_raw(raw_server, make_quick_client())
	_retry(client.get_namespace(), retries, ack_timeout)
	return client.get_namespace()


## Returns an array that gets the answer.
func _emit(channel: SocketIONamespace, event: String, timeout: float) -> Array:
	var answers := []
	channel.emit_with_ack(event, [], func(answer: Array) -> void: answers.append(answer), timeout)
	return answers


## Returns the names of the events that a raw server got.
func _names(raw_server: RawServer) -> Array:
	return raw_server.events().map(func(text: String) -> String: return text.get_slice('"', 1))


## Returns the ack ids of the events that a raw server got, "" where there is none.
func _ids(raw_server: RawServer) -> Array:
	return raw_server.events().map(func(text: String) -> String: return text.get_slice("[", 0).substr(2))
