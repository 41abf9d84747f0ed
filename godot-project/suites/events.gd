## Events both ways, and the listeners.
extends "res://suite.gd"

const SERVERS := ["node", "polling", "upgrade", "python", "python_polling", "rust"]
const TIMEOUTS := {"test_a_burst_keeps_its_order": 30.0}


func test_data_arrives_as_sent() -> void:
	var main := (await connect_client()).get_namespace()
	var data := [null, true, false, -7, 2.5, "text", [1, [2, []]], {"a": {"b": []}}]
	expect_eq(await reply(main, "echo", data, "echo"), data, "data")


func test_event_without_data() -> void:
	var main := (await connect_client()).get_namespace()
	expect_eq(await reply(main, "echo", [], "echo"), [], "data")


func test_data_is_an_argument_that_may_be_left_out() -> void:
	var main := (await connect_client()).get_namespace()
	var events := listen(main, "echo")
	main.emit("echo")
	await expect_count(events, 1, "events")
	expect_eq(events, [[]], "data")


func test_an_array_in_the_data_stays_one_argument() -> void:
	var main := (await connect_client()).get_namespace()
	expect_eq(await reply(main, "echo", [[1, 2]], "echo"), [[1, 2]], "data")


func test_typed_arrays_are_data_as_well() -> void:
	var main := (await connect_client()).get_namespace()
	var data: Array[String] = ["a", "b"]
	expect_eq(await reply(main, "echo", data, "echo"), ["a", "b"], "data")


func test_data_may_change_after_emit() -> void:
	var main := (await connect_client()).get_namespace()
	var events := listen(main, "echo")
	var inner := {"n": 1}
	main.emit("echo", [inner])
	inner.n = 2
	await expect_count(events, 1, "events")
	expect_eq(events, [[{"n": 1}]], "data")


func test_event_names_may_be_any_text() -> void:
	var main := (await connect_client()).get_namespace()
	for name: String in ["with space", "a:b/c", "h\u00e9llo", "\U01F600", "\"quoted\"", "a,b", "[0]", "42"]:
		expect_eq(await reply(main, "emit_named", [name, 1], name), [1], name)


## As in the official client.
func test_an_event_name_may_be_empty() -> void:
	var main := (await connect_client()).get_namespace()
	expect_eq(await ask(main, "", [1]), [1], "the answer to an event without a name")
	expect_eq(await reply(main, "emit_named", ["", 1], ""), [1], "an event without a name")


func test_events_keep_their_order() -> void:
	var main := (await connect_client()).get_namespace()
	var events := listen(main, "echo")
	for i in 200:
		main.emit("echo", [i])
	await expect_count(events, 200, "events")
	expect_eq(events, range(200).map(func(i: int) -> Array: return [i]), "order")


func test_a_burst_keeps_its_order() -> void:
	var main := (await connect_client()).get_namespace()
	var events := listen(main, "burst")
	main.emit("burst", [5000])
	await expect_count(events, 5000, "events", 20.0)
	expect_eq(events, range(5000).map(func(i: int) -> Array: return [i]), "order")


func test_listeners_run_in_the_order_registered() -> void:
	var main := (await connect_client()).get_namespace()
	var order := []
	for i in 5:
		main.on("echo", func(_data: Array) -> void: order.append(i))
	main.emit("echo")
	await expect_count(order, 5, "calls")
	expect_eq(order, [0, 1, 2, 3, 4], "order")


func test_the_same_callable_registered_twice_runs_twice() -> void:
	var main := (await connect_client()).get_namespace()
	var calls := []
	var listener := func(data: Array) -> void: calls.append(data)
	main.on("echo", listener)
	main.on("echo", listener)
	main.emit("echo", [1])
	await expect_count(calls, 2, "calls")
	await frames(3)
	expect_eq(calls, [[1], [1]], "calls")


func test_off_removes_one_registration() -> void:
	var main := (await connect_client()).get_namespace()
	var calls := []
	var listener := func(data: Array) -> void: calls.append(data)
	main.on("echo", listener)
	main.on("echo", listener)
	main.off("echo", listener)
	await reply(main, "echo", [1], "echo")
	expect_eq(calls, [[1]], "calls with one registration left")
	main.off("echo", listener)
	await reply(main, "echo", [2], "echo")
	expect_eq(calls, [[1]], "calls with none left")


func test_off_removes_that_very_callable_only() -> void:
	var main := (await connect_client()).get_namespace()
	var calls := []
	var kept := func(_data: Array) -> void: calls.append("kept")
	var removed := func(_data: Array) -> void: calls.append("removed")
	main.on("echo", kept)
	main.on("echo", removed)
	main.on("other", removed)
	main.off("echo", removed)
	await reply(main, "echo", [], "echo")
	expect_eq(calls, ["kept"], "calls of echo")
	await reply(main, "emit_named", ["other"], "other")
	expect_eq(calls, ["kept", "removed"], "calls with the other event")


func test_off_of_what_was_never_registered_does_nothing() -> void:
	var main := (await connect_client()).get_namespace()
	var events := listen(main, "echo")
	main.off("echo", func(_data: Array) -> void: pass)
	main.off("nothing", func(_data: Array) -> void: pass)
	main.emit("echo", [1])
	await expect_count(events, 1, "events")


func test_off_takes_bound_and_method_callables() -> void:
	var main := (await connect_client()).get_namespace()
	_calls.clear()
	main.on("echo", _remember)
	main.on("echo", _remember_with.bind("bound"))
	main.off("echo", _remember)
	main.off("echo", _remember_with.bind("bound"))
	await reply(main, "echo", [1], "echo")
	expect_eq(_calls, [], "calls")


func test_bound_arguments_come_after_the_data() -> void:
	var main := (await connect_client()).get_namespace()
	_calls.clear()
	main.on("echo", _remember_with.bind("bound"))
	await reply(main, "echo", [1], "echo")
	expect_eq(_calls, [[[1], "bound"]], "calls")


func test_a_method_of_a_builtin_type_may_listen() -> void:
	var main := (await connect_client()).get_namespace()
	var events := []
	main.on("echo", events.append)
	await reply(main, "echo", [1], "echo")
	expect_eq(events, [[1]], "events")


func test_listeners_may_be_registered_before_connecting() -> void:
	var client := make_client()
	var events := listen(client.get_namespace(), "echo")
	await connect_client(client)
	client.get_namespace().emit("echo", ["early"])
	await expect_count(events, 1, "events")


func test_listeners_stay_over_close_and_connect() -> void:
	var client := await connect_client()
	var events := listen(client.get_namespace(), "echo")
	client.close()
	await connect_client(client)
	client.get_namespace().emit("echo", ["again"])
	await expect_count(events, 1, "events")
	expect_eq(events, [["again"]], "data")


func test_event_received_comes_after_the_listeners() -> void:
	var main := (await connect_client()).get_namespace()
	var order := []
	main.event_received.connect(func(event: String, data: Array) -> void: order.append([event, data]))
	main.on("echo", func(_data: Array) -> void: order.append("listener"))
	main.emit("echo", [1])
	await expect_count(order, 2, "calls")
	expect_eq(order, ["listener", ["echo", [1]]], "order")


func test_event_received_comes_without_a_listener() -> void:
	var main := (await connect_client()).get_namespace()
	var received := record(main.event_received)
	main.emit("emit_named", ["unheard", 1, "two"])
	await expect_count(received, 1, "event_received")
	expect_eq(received, [["unheard", [1, "two"]]], "event_received")


func test_s17_a_listener_added_during_dispatch_waits_for_the_next_event() -> void:
	var main := (await connect_client()).get_namespace()
	var late := []
	var add := func(_data: Array) -> void: main.on("echo", func(data: Array) -> void: late.append(data))
	main.on("echo", add)
	await reply(main, "echo", [1], "echo")
	expect_eq(late, [], "calls during the event that added it")
	main.off("echo", add)
	await reply(main, "echo", [2], "echo")
	expect_eq(late, [[2]], "calls of the next event")


func test_each_listener_gets_the_data() -> void:
	var main := (await connect_client()).get_namespace()
	var first := listen(main, "echo")
	var second := listen(main, "echo")
	main.emit("echo", [{"a": 1}])
	await expect_count(second, 1, "events")
	expect_eq(first, [[{"a": 1}]], "first")
	expect_eq(second, [[{"a": 1}]], "second")


func test_an_event_larger_than_64_kib_arrives() -> void:
	var main := (await connect_client()).get_namespace()
	var text := "0123456789abcdef".repeat(20000)
	var data: Variant = await reply(main, "echo", [text], "echo")
	expect_true(same(data, [text]), "the text of %d characters came back" % text.length())


var _calls := []


func _remember(data: Array) -> void:
	_calls.append(data)


func _remember_with(data: Array, extra: String) -> void:
	_calls.append([data, extra])
