## Objects that go while the connection stays, and the other way round.
extends "res://suite.gd"

const SERVERS := ["node", "python", "rust"]


func test_a_freed_listener_is_dropped_silently() -> void:
	var main := (await connect_client()).get_namespace()
	var listener := Listener.new()
	var calls := listener.calls
	main.on("echo", listener.hear)
	await reply(main, "echo", [1], "echo")
	expect_eq(calls, [[1]], "calls while it lives")
	listener.free()
	await reply(main, "echo", [2], "echo")
	expect_eq(calls, [[1]], "calls after it is gone")


func test_a_freed_listener_among_others_leaves_them_alone() -> void:
	var main := (await connect_client()).get_namespace()
	var first := listen(main, "echo")
	var listener := Listener.new()
	main.on("echo", listener.hear)
	var last := listen(main, "echo")
	listener.free()
	await reply(main, "echo", [1], "echo")
	expect_eq([first, last], [[[1]], [[1]]], "events")


func test_a_freed_ack_callback_is_dropped_silently() -> void:
	var main := (await connect_client()).get_namespace()
	var listener := Listener.new()
	var calls := listener.calls
	main.emit_with_ack("echo_ack", [1], listener.hear)
	listener.free()
	expect_eq(await ask(main, "echo_ack", [2]), [2], "the next answer")
	expect_eq(calls, [], "calls")


func test_a_lambda_of_a_freed_object_is_dropped_silently() -> void:
	var main := (await connect_client()).get_namespace()
	var listener := Listener.new()
	var calls := listener.calls
	main.on("echo", listener.make_lambda())
	await reply(main, "echo", [1], "echo")
	expect_eq(calls, [[1]], "calls while it lives")
	listener.free()
	await reply(main, "echo", [2], "echo")
	expect_eq(calls, [[1]], "calls after it is gone")


func test_a_listener_whose_script_lost_its_method_is_dropped_silently() -> void:
	var main := (await connect_client()).get_namespace()
	var object := RefCounted.new()
	object.set_script(_script("var calls := []\nfunc hear(data: Array) -> void:\n\tcalls.append(data)"))
	main.on("echo", Callable(object, "hear"))
	await reply(main, "echo", [1], "echo")
	expect_eq(object.get("calls"), [[1]], "calls while it has the method")
	object.set_script(_script("func other() -> void:\n\tpass"))
	var echoes := listen(main, "echo")
	await reply(main, "echo", [2], "echo")
	expect_eq(echoes, [[2]], "calls of the next listener")


func test_a_freed_node_connected_to_a_signal() -> void:
	var client := make_client()
	var listener := Listener.new()
	client.connected.connect(listener.hear_text)
	listener.free()
	await connect_client(client)
	expect_eq(client.connected.get_connections().size(), 0, "connections of the signal")


func test_a_listener_does_not_keep_its_object_alive() -> void:
	var main := (await connect_client()).get_namespace()
	var counted := CountedListener.new()
	var watch: WeakRef = weakref(counted)
	main.on("echo", counted.hear)
	counted = null
	expect_eq(watch.get_ref(), null, "the listener's object")
	await reply(main, "echo", [1], "echo")


func test_a_client_that_goes_closes_its_connection() -> void:
	var witness := await connect_client()
	var client := SocketIOClient.new()
	client.connect_to_url(url())
	var main := client.get_namespace()
	await expect_until(main.is_namespace_connected, "connecting")
	var id := main.get_session_id()
	expect_eq(await ask(witness.get_namespace(), "is_connected", [id]), [true], "connected before")
	main = null
	client = null
	var answer: Array = [true]
	for attempt in 50:
		answer = await ask(witness.get_namespace(), "is_connected", [id])
		if answer == [false]:
			break
		await wait(0.05)
	expect_eq(answer, [false], "connected after")


func test_a_client_that_goes_sends_what_was_emitted() -> void:
	var key := "gone-%d" % Time.get_ticks_usec()
	var client := SocketIOClient.new()
	client.connect_to_url(url())
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	client.get_namespace().emit("remember", [key, "last words"])
	client = null
	var witness := await connect_client()
	var remembered: Array = []
	for attempt in 50:
		remembered = await ask(witness.get_namespace(), "recall", [key])
		if remembered != [[]]:
			break
		await wait(0.05)
	expect_eq(remembered, [[["last words"]]], "what the server got")


func test_a_client_may_go_while_it_connects() -> void:
	for i in 10:
		var client := SocketIOClient.new()
		expect_eq(client.connect_to_url(url()), OK, "connect_to_url %d" % i)
		client = null
	await wait(0.2)


func test_the_ack_callback_of_a_client_that_goes_runs_once() -> void:
	var client := SocketIOClient.new()
	client.connect_to_url(url())
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	var answers := []
	client.get_namespace().emit_with_ack("ack_never", [], func(answer: Array) -> void: answers.append(answer), 0.0)
	client = null
	await expect_count(answers, 1, "answers")
	expect_eq(answers, [["timeout"]], "answers")


func test_a_namespace_may_outlive_its_client() -> void:
	var client := SocketIOClient.new()
	var chat := client.create_namespace("/chat")
	client = null
	expect_eq(chat.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state")
	expect_eq(chat.get_namespace_path(), "/chat", "path")
	expect_error("SocketIONamespace.connect_to_namespace: the client of this namespace was freed: keep the SocketIOClient in a member variable")
	expect_eq(chat.connect_to_namespace(), ERR_UNCONFIGURED, "connect_to_namespace")


func test_a_namespace_is_kept_by_its_client() -> void:
	var client := await connect_client()
	var events := listen(client.create_namespace("/chat"), "welcome")
	client.get_namespace("/chat").connect_to_namespace()
	await expect_count(events, 1, "welcome")


func test_an_ack_kept_after_its_client_went_does_nothing() -> void:
	var holder: Array[SocketIOClient] = [SocketIOClient.new()]
	var acks := []
	holder[0].get_namespace().on("question", func(_data: Array, ack: Callable) -> void: acks.append(ack))
	holder[0].connect_to_url(url())
	holder[0].get_namespace().emit("ask", [])
	await expect_count(acks, 1, "questions")
	holder.clear()
	acks[0].call(["nobody is there"])
	await frames(3)
	expect_true(acks[0].is_valid(), "the ack may still be called")


func test_many_clients_come_and_go() -> void:
	for i in 30:
		var client := SocketIOClient.new()
		client.connect_to_url(url())
		client.get_namespace().emit("echo", [i])
		if i % 3 == 0:
			await frames(2)
		if i % 3 == 1:
			client.close()
	var survivor := await connect_client()
	expect_eq(await ask(survivor.get_namespace(), "echo_ack", [1]), [1], "answer")


func _script(source: String) -> GDScript:
	var script := GDScript.new()
	script.source_code = source
	expect_eq(script.reload(), OK, "compiling a script")
	return script


class Listener:
	extends Node

	var calls := []

	func hear(data: Array) -> void:
		calls.append(data)

	func hear_text(text: String) -> void:
		calls.append(text)

	func make_lambda() -> Callable:
		return func(data: Array) -> void: hear(data)


class CountedListener:
	extends RefCounted

	func hear(_data: Array) -> void:
		pass


func test_a_client_whose_last_reference_goes_on_a_thread() -> void:
	var holder := [await connect_client()]
	var answers := []
	_clients.clear()
	holder[0].get_namespace().emit_with_ack("ack_never", [], func(answer: Array) -> void: answers.append(answer), 0)
	var thread := Thread.new()
	thread.start(func() -> void: holder.clear())
	await until(func() -> bool: return not thread.is_alive())
	thread.wait_to_finish()
	await expect_count(answers, 1, "acks")
	expect_eq(answers, [["timeout"]], "answer")


func test_an_ack_in_a_namespace_without_a_client() -> void:
	var orphan := SocketIOClient.new().get_namespace()
	await frames(1)
	var answers := []
	expect_error("the client of this namespace was freed")
	orphan.emit_with_ack("ask", [], func(answer: Array) -> void: answers.append(answer))
	await expect_count(answers, 1, "acks")
	expect_eq(answers, [["timeout"]], "answer")
