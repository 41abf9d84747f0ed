## A handler may call anything.
extends "res://suite.gd"

const SERVERS := ["node", "polling", "upgrade", "python", "rust"]


func test_close_in_an_event_handler() -> void:
	var client := await connect_client()
	var events := []
	client.get_namespace().on("burst", func(data: Array) -> void:
		events.append(data)
		client.close())
	client.get_namespace().emit("burst", [5])
	await expect_count(events, 1, "events")
	await wait(0.2)
	expect_eq(events, [[0]], "no event follows close()")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func test_close_and_connect_in_an_event_handler() -> void:
	var client := await connect_client()
	var connected := record(client.connected)
	client.get_namespace().on("echo", func(_data: Array) -> void:
		client.close()
		expect_eq(client.connect_to_url(url()), OK, "connect_to_url"))
	client.get_namespace().emit("echo")
	await expect_count(connected, 1, "connected")
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer")


func test_close_in_the_connected_handler() -> void:
	var client := make_client()
	var order := []
	client.connected.connect(func(_id: String) -> void:
		order.append("connected")
		client.close())
	client.disconnected.connect(func(reason: String) -> void: order.append(reason))
	client.connect_to_url(url())
	await expect_count(order, 2, "signals")
	expect_eq(order, ["connected", "io client disconnect"], "order")


func test_connected_and_disconnected_alternate_when_a_handler_closes_and_polls() -> void:
	var client := make_client()
	var main := client.get_namespace()
	var order := []
	main.connected.connect(func(_id: String) -> void:
		order.append("joined")
		client.close()
		client.poll())
	main.disconnected.connect(func(_reason: String) -> void: order.append("left"))
	client.connected.connect(func(_id: String) -> void: order.append("connected"))
	client.disconnected.connect(func(_reason: String) -> void: order.append("disconnected"))
	client.namespace_connected.connect(func(_path: String) -> void: order.append("namespace_connected"))
	client.namespace_disconnected.connect(func(_path: String) -> void: order.append("namespace_disconnected"))
	client.connect_to_url(url())
	await expect_count(order, 6, "signals")
	expect_eq(
		order, ["joined", "connected", "namespace_connected", "left", "disconnected", "namespace_disconnected"], "order"
	)


func test_connect_in_the_disconnected_handler() -> void:
	var client := await connect_client()
	var connected := record(client.connected)
	var results := []
	client.disconnected.connect(func(_reason: String) -> void:
		if results.is_empty():
			results.append(client.connect_to_url(url())))
	client.close()
	await expect_count(connected, 1, "connected")
	expect_eq(results, [OK], "connect_to_url")


func test_connect_in_the_disconnected_handler_when_the_server_ended_it() -> void:
	var client := await connect_client()
	var connected := record(client.connected)
	var results := []
	client.disconnected.connect(func(_reason: String) -> void:
		if results.is_empty():
			results.append(client.connect_to_url(url())))
	client.get_namespace().emit("leave_me")
	await expect_count(connected, 1, "connected")
	expect_eq(results, [OK], "connect_to_url")


func test_emit_in_an_event_handler() -> void:
	var main := (await connect_client()).get_namespace()
	var numbers := []
	main.on("echo", func(data: Array) -> void:
		numbers.append(data[0])
		if data[0] < 5:
			main.emit("echo", [data[0] + 1]))
	main.emit("echo", [1])
	await expect_count(numbers, 5, "events")
	expect_eq(numbers, [1, 2, 3, 4, 5], "numbers")


func test_on_and_off_in_an_event_handler() -> void:
	var main := (await connect_client()).get_namespace()
	var calls := []
	# In an array, because a lambda takes a copy of a variable that is assigned after it.
	var handlers: Array[Callable] = []
	handlers.append(func(_data: Array) -> void:
		calls.append("first")
		main.off("echo", handlers[0])
		main.on("echo", func(_later: Array) -> void: calls.append("second")))
	main.on("echo", handlers[0])
	await reply(main, "echo", [], "echo")
	await reply(main, "echo", [], "echo")
	expect_eq(calls, ["first", "second"], "calls")
	handlers.clear()


func test_a_handler_that_removes_the_next_one() -> void:
	var main := (await connect_client()).get_namespace()
	var calls := []
	var second := func(_data: Array) -> void: calls.append("second")
	main.on("echo", func(_data: Array) -> void:
		calls.append("first")
		main.off("echo", second))
	main.on("echo", second)
	await reply(main, "echo", [], "echo")
	await reply(main, "echo", [], "echo")
	expect_eq(calls.count("first"), 2, "calls of the first")
	expect_true(calls.count("second") <= 1, "the removed one runs at most once more")


func test_poll_in_an_event_handler() -> void:
	var client := await connect_client()
	var numbers := []
	client.get_namespace().on("burst", func(data: Array) -> void:
		client.poll()
		numbers.append(data[0]))
	client.get_namespace().emit("burst", [50])
	await expect_count(numbers, 50, "events")
	await frames(3)
	numbers.sort()
	expect_eq(numbers, range(50), "each event once")


func test_create_and_join_a_namespace_in_a_handler() -> void:
	var client := await connect_client()
	client.get_namespace().on("echo", func(_data: Array) -> void: client.create_namespace("/chat").connect_to_namespace())
	client.get_namespace().emit("echo")
	await expect_until(func() -> bool: return client.has_namespace("/chat"), "creating")
	await expect_until(client.get_namespace("/chat").is_namespace_connected, "joining")


func test_leave_in_the_connected_handler_of_the_namespace() -> void:
	var client := await connect_client()
	var chat := client.create_namespace("/chat")
	var ended := record(chat.disconnected)
	chat.connected.connect(func(_id: String) -> void: chat.disconnect_from_namespace())
	chat.connect_to_namespace()
	await expect_count(ended, 1, "disconnected")
	expect_eq(ended, ["io client disconnect"], "disconnected")
	expect_eq(chat.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state")


func test_close_in_an_ack_callback() -> void:
	var client := await connect_client()
	var answers := []
	for i in 3:
		client.get_namespace().emit_with_ack("echo_ack", [i], func(answer: Array) -> void:
			answers.append(answer)
			client.close())
	await expect_count(answers, 3, "answers")
	await frames(3)
	expect_eq(answers, [[0], ["timeout"], ["timeout"]], "each callback runs once")


func test_a_handler_may_free_its_own_node() -> void:
	var main := (await connect_client()).get_namespace()
	var node := Leaver.new()
	var calls := node.calls
	main.on("echo", node.leave)
	await reply(main, "echo", [], "echo")
	await frames(2)
	expect_true(not is_instance_valid(node), "the node is gone")
	await reply(main, "echo", [], "echo")
	expect_eq(calls, ["called"], "calls")


func test_a_handler_may_drop_the_last_reference_to_its_own_object() -> void:
	var main := (await connect_client()).get_namespace()
	var calls := []
	var listeners: Array[SelfDropper] = [SelfDropper.new()]
	listeners[0].calls = calls
	listeners[0].holder = listeners
	var watch: WeakRef = weakref(listeners[0])
	main.on("echo", listeners[0].leave)
	await reply(main, "echo", [], "echo")
	await reply(main, "echo", [], "echo")
	expect_eq(calls, ["called"], "calls")
	expect_eq(watch.get_ref(), null, "the listener is gone")


func test_a_handler_may_free_the_object_of_another_listener() -> void:
	var main := (await connect_client()).get_namespace()
	var victim := Leaver.new()
	var calls := victim.calls
	main.on("echo", func(_data: Array) -> void:
		if is_instance_valid(victim):
			victim.free())
	main.on("echo", victim.leave)
	await reply(main, "echo", [], "echo")
	expect_eq(calls, [], "calls of the freed one")


func test_a_handler_may_drop_the_last_reference_to_its_client() -> void:
	var holder: Array[SocketIOClient] = [SocketIOClient.new()]
	holder[0].connect_to_url(url())
	var calls := []
	var main := holder[0].get_namespace()
	await expect_until(main.is_namespace_connected, "connecting")
	var watch: WeakRef = weakref(holder[0])
	main.on("echo", func(_data: Array) -> void:
		calls.append("called")
		holder.clear())
	main.emit("echo")
	main = null
	await expect_count(calls, 1, "calls")
	await frames(3)
	expect_eq(watch.get_ref(), null, "the client is gone")


func test_the_connected_handler_may_drop_the_last_reference_to_its_client() -> void:
	var holder: Array[SocketIOClient] = [SocketIOClient.new()]
	var watch: WeakRef = weakref(holder[0])
	var calls := []
	holder[0].connected.connect(func(_id: String) -> void:
		calls.append("called")
		holder.clear())
	holder[0].connect_to_url(url())
	await expect_count(calls, 1, "calls")
	await frames(3)
	expect_eq(watch.get_ref(), null, "the client is gone")


func test_an_ack_callback_may_drop_the_last_reference_to_its_client() -> void:
	var holder: Array[SocketIOClient] = [SocketIOClient.new()]
	var watch: WeakRef = weakref(holder[0])
	var calls := []
	holder[0].get_namespace().emit_with_ack("echo_ack", [1], func(answer: Array) -> void:
		calls.append(answer)
		holder.clear())
	holder[0].connect_to_url(url())
	await expect_count(calls, 1, "calls")
	await frames(3)
	expect_eq(calls, [[1]], "calls")
	expect_eq(watch.get_ref(), null, "the client is gone")


func test_events_of_the_old_connection_do_not_reach_the_new_one() -> void:
	var client := await connect_client()
	var numbers := []
	client.get_namespace().on("burst", func(data: Array) -> void:
		numbers.append(data[0])
		if numbers.size() == 1:
			client.close()
			client.connect_to_url(url()))
	client.get_namespace().emit("burst", [100])
	await expect_count(numbers, 1, "events")
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	await wait(0.2)
	expect_eq(numbers, [0], "events")


class Leaver:
	extends Node

	var calls := []

	func leave(_data: Array) -> void:
		calls.append("called")
		queue_free()


class SelfDropper:
	extends RefCounted

	var calls: Array
	var holder: Array

	func leave(_data: Array) -> void:
		calls.append("called")
		holder.clear()


func test_a_handler_that_polls_for_each_of_many_events() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.auto_poll = false
	var numbers := []
	client.get_namespace().on("number", func(data: Array) -> void:
		numbers.append(data[0])
		client.poll()
	)
	for number: int in 3000:
		server.send('42["number",%d]' % number)
	await expect_until(
		func() -> bool: return client.get_statistics().events_waiting_to_dispatch >= 3000, "3000 events in the queue"
	)
	client.poll()
	# A nested poll takes later events before the outer one goes on, so only their number is known.
	await expect_until(func() -> bool:
		client.poll()
		return numbers.size() >= 3000, "all events")
	numbers.sort()
	expect_eq(numbers, range(3000), "numbers")
