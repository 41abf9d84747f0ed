## Acknowledgements both ways.
extends "res://suite.gd"

const SERVERS := ["node", "polling", "upgrade", "python", "python_polling", "rust"]


func test_the_callback_gets_the_answer_as_one_array() -> void:
	var main := (await connect_client()).get_namespace()
	expect_eq(await ask(main, "echo_ack", [1, "two", [3], {"four": 4}]), [1, "two", [3], {"four": 4}], "answer")


func test_an_answer_without_arguments_is_an_empty_array() -> void:
	var main := (await connect_client()).get_namespace()
	expect_eq(await ask(main, "ack_empty"), [], "answer")


func test_an_answer_of_one_array_stays_one_argument() -> void:
	var main := (await connect_client()).get_namespace()
	expect_eq(await ask(main, "echo_ack", [[1, 2]]), [[1, 2]], "answer")


func test_an_answer_with_binary() -> void:
	var main := (await connect_client()).get_namespace()
	var data := [{"image": PackedByteArray([0, 255, 7])}, PackedByteArray()]
	expect_eq(await ask(main, "echo_ack", data), data, "answer")


func test_answers_find_their_callbacks_in_any_order() -> void:
	var main := (await connect_client()).get_namespace()
	var answers := []
	for delay: int in [300, 100, 200, 0]:
		main.emit_with_ack("ack_delayed", [delay, delay], func(answer: Array) -> void: answers.append([delay, answer]))
	await expect_count(answers, 4, "answers")
	expect_eq(answers, [[0, [0]], [100, [100]], [200, [200]], [300, [300]]], "answers")


func test_the_callback_runs_in_a_poll_and_not_in_the_call() -> void:
	var client := await connect_client()
	client.auto_poll = false
	var answers := []
	client.get_namespace().emit_with_ack("ack_empty", [], func(answer: Array) -> void: answers.append(answer))
	await wait(0.2)
	expect_eq(answers, [], "answers without poll()")
	client.poll()
	expect_eq(answers, [[]], "answers after poll()")


func test_no_answer_in_time_is_a_timeout() -> void:
	var main := (await connect_client()).get_namespace()
	var answers := []
	var start := Time.get_ticks_msec()
	main.emit_with_ack("ack_never", [], func(answer: Array) -> void: answers.append(answer), 0.3)
	await expect_count(answers, 1, "answers")
	expect_eq(answers, [["timeout"]], "answers")
	expect_near((Time.get_ticks_msec() - start) / 1000.0, 0.35, 0.1, "seconds until the timeout")


func test_the_default_timeout_is_five_seconds() -> void:
	var main := (await connect_client()).get_namespace()
	var answers := []
	var start := Time.get_ticks_msec()
	main.emit_with_ack("ack_never", [], func(answer: Array) -> void: answers.append(answer))
	await expect_count(answers, 1, "answers", 7.0)
	expect_near((Time.get_ticks_msec() - start) / 1000.0, 5.1, 0.3, "seconds until the timeout")


func test_a_late_answer_is_ignored() -> void:
	var main := (await connect_client()).get_namespace()
	var answers := []
	main.emit_with_ack("ack_delayed", [400, "late"], func(answer: Array) -> void: answers.append(answer), 0.1)
	await wait(0.8)
	expect_eq(answers, [["timeout"]], "answers")


func test_an_answer_stops_the_timeout() -> void:
	var main := (await connect_client()).get_namespace()
	var answers := []
	main.emit_with_ack("ack_empty", [], func(answer: Array) -> void: answers.append(answer), 1.0)
	await wait(1.3)
	expect_eq(answers, [[]], "answers")


func test_timeout_zero_waits_for_as_long_as_it_takes() -> void:
	var main := (await connect_client()).get_namespace()
	var answers := []
	main.emit_with_ack("ack_delayed", [400, "zero"], func(answer: Array) -> void: answers.append(answer), 0.0)
	main.emit_with_ack("ack_delayed", [400, "less"], func(answer: Array) -> void: answers.append(answer), -1.0)
	await expect_count(answers, 2, "answers")
	expect_eq(answers, [["zero"], ["less"]], "answers")


func test_close_answers_pending_callbacks_with_a_timeout_once() -> void:
	var client := await connect_client()
	var answers := []
	for limit: float in [0.0, 0.3]:
		client.get_namespace().emit_with_ack("ack_never", [], func(answer: Array) -> void: answers.append(answer), limit)
	client.close()
	expect_eq(answers, [], "answers within the call")
	await expect_count(answers, 2, "answers")
	await wait(0.5)
	expect_eq(answers, [["timeout"], ["timeout"]], "answers")


func test_leaving_the_namespace_answers_pending_callbacks_with_a_timeout() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var answers := []
	chat.emit_with_ack("ack_never", [], func(answer: Array) -> void: answers.append(answer), 0.0)
	chat.disconnect_from_namespace()
	await expect_count(answers, 1, "answers")
	expect_eq(answers, [["timeout"]], "answers")


func test_a_server_that_ends_the_namespace_answers_pending_callbacks_with_a_timeout() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var order := []
	chat.disconnected.connect(func(reason: String) -> void: order.append(reason))
	chat.emit_with_ack("ack_never", [], func(answer: Array) -> void: order.append(answer), 0.0)
	chat.emit("leave_me")
	await expect_count(order, 2, "calls")
	expect_eq(order, ["io server disconnect", ["timeout"]], "order")


func test_callbacks_may_have_bound_arguments() -> void:
	var main := (await connect_client()).get_namespace()
	var calls := []
	var callback := func(answer: Array, extra: String) -> void: calls.append([answer, extra])
	main.emit_with_ack("echo_ack", [1], callback.bind("bound"))
	await expect_count(calls, 1, "calls")
	expect_eq(calls, [[[1], "bound"]], "calls")


func test_a_handler_with_a_second_parameter_can_answer() -> void:
	var main := (await connect_client()).get_namespace()
	main.on("question", func(data: Array, ack: Callable) -> void: ack.call([data[0] * 2, "done"]))
	expect_eq(await reply(main, "ask", [21], "answer"), [42, "done"], "what the server got")


func test_an_answer_may_be_empty() -> void:
	var main := (await connect_client()).get_namespace()
	main.on("question", func(_data: Array, ack: Callable) -> void: ack.call([]))
	expect_eq(await reply(main, "ask", [], "answer"), [], "what the server got")


func test_an_answer_may_hold_binary() -> void:
	var main := (await connect_client()).get_namespace()
	var bytes := PackedByteArray([9, 8, 7])
	main.on("question", func(_data: Array, ack: Callable) -> void: ack.call([{"bytes": bytes}]))
	expect_eq(await reply(main, "ask", [], "answer"), [{"bytes": bytes}], "what the server got")


func test_a_question_with_binary_can_be_answered() -> void:
	var main := (await connect_client()).get_namespace()
	main.on("question", func(data: Array, ack: Callable) -> void: ack.call([data[0].size()]))
	expect_eq(await reply(main, "ask", [PackedByteArray([1, 2, 3])], "answer"), [3], "what the server got")


func test_an_answer_may_come_frames_later() -> void:
	var main := (await connect_client()).get_namespace()
	var acks := []
	main.on("question", func(_data: Array, ack: Callable) -> void: acks.append(ack))
	var answers := listen(main, "answer")
	main.emit("ask", [])
	await expect_count(acks, 1, "questions")
	await wait(0.1)
	acks[0].call(["later"])
	await expect_count(answers, 1, "answers")
	expect_eq(answers, [["later"]], "what the server got")


func test_only_the_first_answer_counts() -> void:
	var main := (await connect_client()).get_namespace()
	var answers := listen(main, "answer")
	main.on("question", func(_data: Array, ack: Callable) -> void:
		ack.call(["first"])
		ack.call(["second"]))
	main.emit("ask", [])
	await expect_count(answers, 1, "answers")
	await wait(0.2)
	expect_eq(answers, [["first"]], "what the server got")


func test_two_handlers_share_one_answer() -> void:
	var main := (await connect_client()).get_namespace()
	var answers := listen(main, "answer")
	main.on("question", func(_data: Array, ack: Callable) -> void: ack.call(["first"]))
	main.on("question", func(_data: Array, ack: Callable) -> void: ack.call(["second"]))
	main.emit("ask", [])
	await expect_count(answers, 1, "answers")
	await wait(0.2)
	expect_eq(answers, [["first"]], "what the server got")


func test_a_question_that_nobody_answers_stays_open() -> void:
	var main := (await connect_client()).get_namespace()
	listen(main, "question")
	expect_eq(await reply(main, "ask", [], "no_answer"), [], "what the server says")


func test_ack_of_an_event_that_asks_for_none_does_nothing() -> void:
	var client := await connect_client()
	var acks := []
	client.get_namespace().on("echo", func(_data: Array, ack: Callable) -> void:
		acks.append(ack.is_valid())
		ack.call(["nobody asked"]))
	client.get_namespace().emit("echo", [])
	await expect_count(acks, 1, "calls")
	expect_eq(acks, [true], "ack is valid")
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "the connection goes on")


func test_a_bound_handler_with_one_free_parameter_gets_no_ack() -> void:
	var main := (await connect_client()).get_namespace()
	var calls := []
	var handler := func(data: Array, extra: Variant) -> void: calls.append([data, extra])
	main.on("question", handler.bind("bound"))
	main.emit("ask", [1])
	await expect_count(calls, 1, "calls")
	expect_eq(calls, [[[1], "bound"]], "calls")


func test_a_bound_handler_with_two_free_parameters_gets_the_ack() -> void:
	var main := (await connect_client()).get_namespace()
	var handler := func(data: Array, ack: Callable, extra: String) -> void: ack.call([data[0], extra])
	main.on("question", handler.bind("bound"))
	expect_eq(await reply(main, "ask", [5], "answer"), [5, "bound"], "what the server got")


func test_a_handler_with_an_optional_second_parameter_gets_the_ack() -> void:
	var main := (await connect_client()).get_namespace()
	main.on("question", _answer_if_asked)
	expect_eq(await reply(main, "ask", [], "answer"), ["optional"], "what the server got")


func test_an_answer_after_the_session_has_ended_is_dropped() -> void:
	var client := await connect_client()
	var main := client.get_namespace()
	var acks := []
	main.on("question", func(_data: Array, ack: Callable) -> void: acks.append(ack))
	main.emit("ask", [])
	await expect_count(acks, 1, "questions")
	client.close()
	await connect_client(client)
	acks[0].call(["too late"])
	expect_eq(await ask(main, "echo_ack", [1]), [1], "the new session goes on")


func test_a_callback_may_emit_with_ack_again() -> void:
	var main := (await connect_client()).get_namespace()
	var answers := []
	main.emit_with_ack("echo_ack", [1], func(first: Array) -> void:
		main.emit_with_ack("echo_ack", [first[0] + 1], func(second: Array) -> void: answers.append(second)))
	await expect_count(answers, 1, "answers")
	expect_eq(answers, [[2]], "answers")


func test_acks_of_many_emits_each_run_once() -> void:
	var main := (await connect_client()).get_namespace()
	var answers := []
	for i in 500:
		main.emit_with_ack("echo_ack", [i], func(answer: Array) -> void: answers.append(answer))
	await expect_count(answers, 500, "answers")
	await frames(5)
	expect_eq(answers, range(500).map(func(i: int) -> Array: return [i]), "answers")


func _answer_if_asked(_data: Array, ack := Callable()) -> void:
	if ack.is_valid():
		ack.call(["optional"])
