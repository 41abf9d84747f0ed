## Received values are the same whether the worker or the main thread makes them, as the project setting says.
extends "res://suite.gd"

const SERVERS := ["node", "python", "rust"]
const SETTING := "socket_io/threads/build_values_on_worker"
const FILL_AGAIN := "socket_io/memory/fill_values_again"


func clean_up() -> void:
	await super()
	ProjectSettings.set_setting(SETTING, null)
	ProjectSettings.set_setting(FILL_AGAIN, null)


func test_the_setting_decides_who_makes_them() -> void:
	# Values count for max_buffered_size as what they are, and Variants take more than what they are made from: two such
	# events have room, but not one of Variants.
	expect_eq(await _events_that_have_room(false), 2, "events not made into Variants yet")
	expect_eq(await _events_that_have_room(true), 1, "events of Variants")


func test_values_of_every_kind_are_the_same() -> void:
	expect_eq(await _replies(false, "types", []), await _replies(true, "types", []), "types")


func test_large_integers_are_the_same() -> void:
	expect_eq(await _replies(false, "int64", []), await _replies(true, "int64", []), "integers")


func test_attachments_are_the_same() -> void:
	var expected: Array = await _replies(true, "binary", [])
	expect_eq(await _replies(false, "binary", []), expected, "binary")
	expect_eq(typeof(expected[-1][0]), TYPE_PACKED_BYTE_ARRAY, "type of an attachment")


func test_what_is_sent_comes_back_from_either() -> void:
	var data := [{"a": [1, -0.5, "\u00e4\u4e2d\U01F600", null], "b": {"c": [[true], {}]}}, "", PackedByteArray([0, 255])]
	for on_worker: bool in [true, false]:
		expect_eq(await _replies(on_worker, "echo", data), data, "echo, made on the worker: %s" % on_worker)


func test_texts_with_a_byte_order_mark_come_back_from_either() -> void:
	var data := ["\ufeff", "\ufeffa", {"\ufeffa": "\ufeff\u00e9", "\ufeff" + "long".repeat(20): "\ufeff"}]
	for fill_again: bool in [true, false]:
		ProjectSettings.set_setting(FILL_AGAIN, fill_again)
		for on_worker: bool in [true, false]:
			var main := (await _connect(on_worker)).get_namespace()
			for i in 3:
				expect_eq(await reply(main, "echo", data, "echo"), data, "echo %d, made on the worker: %s" % [i, on_worker])


func test_answers_come_from_either() -> void:
	for on_worker: bool in [true, false]:
		var main := (await _connect(on_worker)).get_namespace()
		expect_eq(await ask(main, "echo_ack", [{"n": [1, 2.5]}]), [{"n": [1, 2.5]}], "answer")


func test_a_value_that_is_kept_is_nobody_elses() -> void:
	for on_worker: bool in [true, false]:
		var main := (await _connect(on_worker)).get_namespace()
		var first: Array = await reply(main, "echo", [{"key": [1]}], "echo")
		first[0]["key"].append(2)
		first[0]["another"] = self
		expect_eq(await reply(main, "echo", [{"key": [1]}], "echo"), [{"key": [1]}], "the next event")


func test_values_are_the_same_by_the_functions_of_the_engine_alone() -> void:
	var events := ["types", "int64", "binary"]
	var data := [{"a": [1, -0.5, true, "\u00e4\u4e2d\U01F600", null], "b": {"c": [[true], {}]}}, "", PackedByteArray([0, 255])]
	var expected := []
	for event: String in events:
		expected.append(await _replies(true, event, []))
	for on_worker: bool in [true, false]:
		ProjectSettings.set_setting(FILL_AGAIN, false)
		for i in events.size():
			expect_eq(await _replies(on_worker, events[i], []), expected[i], events[i])
		expect_eq(await _replies(on_worker, "echo", data), data, "echo")


func _connect(on_worker: bool) -> SocketIOClient:
	ProjectSettings.set_setting(SETTING, on_worker)
	return await connect_client()


func _replies(on_worker: bool, event: String, data: Array) -> Array:
	return await reply((await _connect(on_worker)).get_namespace(), event, data, event)


func _events_that_have_room(on_worker: bool) -> int:
	ProjectSettings.set_setting(SETTING, on_worker)
	var client := make_client()
	client.max_buffered_size = 40_000
	await connect_client(client)
	var main := client.get_namespace()
	var echoes := listen(main, "echo")
	client.auto_poll = false
	for i in 2:
		main.emit("echo", [range(1000)])
	await frames(60)
	var waiting: int = client.get_statistics().events_waiting_to_dispatch
	client.auto_poll = true
	await expect_count(echoes, 2, "echoes in the end")
	return waiting
