## What a callback is called with, by its parameters, and what is told of one that cannot be called.
extends "res://suite.gd"

const SERVERS := ["none"]

var calls := []
var server: RawServer
var main: SocketIONamespace


func test_an_optional_second_parameter_does_not_get_the_ack() -> void:
	await _connect()
	main.on("hit", _hear_silently)
	main.on("hit", _hear_untyped)
	main.on("hit", Static.hear.bind(calls))
	main.on("hit", func(data: Array, silent := false) -> void: calls.append([data, silent]))
	main.on("hit", func(data: Array, silent: Variant = false) -> void: calls.append([data, silent]))
	main.once("hit", _hear_silently)
	# One that asks for an answer as well.
	server.send('427["hit",1]')
	await _expect_next_event()
	expect_eq(calls, [[[1], false], [[1], false], [[1], false], [[1], false], [[1], false], [[1], false]], "calls")


func test_an_optional_second_parameter_for_a_callable_gets_the_ack() -> void:
	await _connect()
	main.on("one", _answer_if_typed)
	main.on("two", _answer_if_null)
	server.send('421["one"]')
	server.send('422["two"]')
	await expect_until(func() -> bool: return server.texts().has('432["null"]'), "the second answer")
	expect_true(server.texts().has('431["typed"]'), "the first answer")


func test_a_required_second_parameter_gets_the_ack() -> void:
	await _connect()
	main.on("one", func(_data: Array, ack: Callable) -> void: ack.call(["lambda"]))
	main.on("two", func(_data: Variant, ack: Variant) -> void: ack.call(["untyped"]))
	main.on("three", _answer)
	main.on("four", _answer_with_tag.bind("bound"))
	main.once("five", (func(_data: Array, ack: Callable, tag: String) -> void: ack.call([tag])).bind("bound"))
	main.on("six", Static.answer)
	for question: String in ['421["one"]', '422["two"]', '423["three"]', '424["four"]', '425["five"]', '426["six"]']:
		server.send(question)
	await expect_until(func() -> bool: return server.texts().has('436["static"]'), "the last answer")
	for answer: String in ['431["lambda"]', '432["untyped"]', '433["method"]', '434["bound"]', '435["bound"]']:
		expect_true(server.texts().has(answer), answer)


func test_a_function_that_takes_any_number_may_be_bound() -> void:
	await _connect()
	main.on("hit", _hear_all.bind(4))
	main.on("hit", _hear_all.bind(4, 5))
	main.on("hit", _hear_more.bind(4))
	server.send('42["hit",1]')
	await _expect_next_event()
	expect_eq(calls, [[[1], 4], [[1], 4, 5], [[1], 4]], "calls")
	calls.clear()
	main.emit_with_ack("ask", [], _hear_all.bind(6))
	await expect_until(func() -> bool: return server.texts().has('420["ask"]'), "the question")
	server.send('430[2]')
	await expect_count(calls, 1, "answers")
	expect_eq(calls, [[[2], 6]], "answers")


func test_a_required_second_parameter_of_another_type_is_told() -> void:
	await _connect()
	expect_error("SocketIONamespace.on: the callback for \"hit\" takes bool as \"silent\"")
	main.on("hit", _hear_strictly)
	expect_eq(main.has_listeners("hit"), false, "has_listeners")
	main.on("hit", func(_data: Array, silent: bool) -> void: fail("called with %s" % silent))
	expect_error("its parameter 2 takes bool, but gets the Callable that answers the server")
	server.send('42["hit",1]')
	await _expect_next_event()


func test_a_typed_array_is_told() -> void:
	await _connect()
	var node := Remote.new()
	for method: Callable in [_list, _list_tagged.bind("tag"), _list_and_answer, Static.list, node.list]:
		expect_error("takes an Array[Dictionary] as \"rows\", but gets an Array of any values: write rows: Array")
		main.on("list", method)
	expect_error("once: the callback for \"list\" takes an Array[Dictionary]")
	main.once("list", _list)
	expect_eq(main.has_listeners("list"), false, "has_listeners")
	main.on("list", func(rows: Array[Dictionary]) -> void: fail("called with %s" % [rows]))
	expect_error("its parameter 1 is an array of one type, such as Array[Dictionary]")
	server.send('42["list",{"a":1}]')
	await _expect_next_event()
	node.free()


func test_another_type_is_told() -> void:
	await _connect()
	expect_error("takes String as \"text\", but gets an Array, which holds all values: write text: Array")
	main.on("text", _read)
	expect_error("takes String as \"text\"")
	main.on("text", _read_tagged.bind("tag"))
	expect_eq(main.has_listeners("text"), false, "has_listeners")


func test_a_packed_array_gets_the_data() -> void:
	await _connect()
	main.on("words", _hear_words)
	main.on("words", func(words: PackedStringArray) -> void: calls.append(words))
	server.send('42["words","a","b"]')
	await expect_count(calls, 2, "calls")
	expect_eq(calls, [PackedStringArray(["a", "b"]), PackedStringArray(["a", "b"])], "calls")


func test_bound_and_unbound_methods() -> void:
	await _connect()
	main.on("hit", _hear_tagged.bind("bound"))
	main.on("hit", _hear_tagged.bind("twice").bind())
	main.on("hit", _hear_nothing.unbind(1))
	main.on("hit", _hear_nothing.unbind(2))
	main.on("hit", _hear.unbind(1))
	main.on("hit", _hear_silently.bind(true))
	main.on("hit", (func(data: Array) -> void: calls.append(data)).unbind(1))
	main.on("hit", (func() -> void: calls.append("nothing")).unbind(1))
	main.on("hit", (func(data: Array, tag: String) -> void: calls.append([data, tag])).bind("lambda"))
	server.send('42["hit",1]')
	await _expect_next_event()
	expect_eq(calls, [
		[[1], "bound"], [[1], "twice"], "nothing", "nothing", [1], [[1], true], [1], "nothing", [[1], "lambda"],
	], "calls")


func test_ack_callbacks() -> void:
	await _connect()
	main.emit_with_ack("ask", [], _hear)
	main.emit_with_ack("ask", [], _hear_silently)
	main.emit_with_ack("ask", [], _hear_tagged.bind("bound"))
	main.emit_with_ack("ask", [], _hear_nothing.unbind(1))
	await expect_until(func() -> bool: return server.events().size() == 4, "the questions")
	for id in 4:
		server.send("43%d[1]" % id)
	await expect_count(calls, 4, "calls")
	expect_eq(calls, [[1], [[1], false], [[1], "bound"], "nothing"], "calls")


func test_ack_callbacks_that_do_not_fit_are_told() -> void:
	await _connect()
	for method: Callable in [_list_silently, _list_tagged_twice.bind(1)]:
		expect_error("emit_with_ack: the callback takes an Array[Dictionary] as \"rows\"")
		main.emit_with_ack("ask", [], method)
	expect_error("emit_with_ack: the callback takes 2 parameters, but is called with one Array, the server's answer")
	main.emit_with_ack("ask", [], _hear_tagged)
	expect_error("emit_with_ack: the callback takes 2 parameters, but is called with one Array, the server's answer")
	main.emit_with_ack("ask", [], func(_error: Variant, _answer: Variant) -> void: pass)
	main.emit_with_ack("ask", [], _list)
	main.emit_with_ack("ask", [], func(rows: Array[Dictionary]) -> void: fail("called with %s" % [rows]))
	main.emit_with_ack("ask", [], (func(_answer: Array, number: int) -> void: fail("%d" % number)).bind("text"))
	expect_error("was not called: its parameter 1 is an array of one type, such as Array[Dictionary]")
	expect_error("was not called: its parameter 1 is an array of one type, such as Array[Dictionary]")
	expect_error("was not called: its parameter 2 takes int, which is not what is bound to it")
	await expect_until(func() -> bool: return server.events().size() == 3, "the questions")
	for id in 3:
		server.send("43%d[1]" % id)
	await _expect_next_event()


func _connect() -> void:
	server = make_raw_server()
	main = (await connect_raw(server)).get_namespace()


## Waits until what was sent before has been dispatched.
func _expect_next_event() -> void:
	var events := listen(main, "next")
	server.send('42["next"]')
	await expect_count(events, 1, "the event after it")


func _hear(data: Array) -> void:
	calls.append(data)


func _hear_nothing() -> void:
	calls.append("nothing")


func _hear_silently(data: Array, silent := false) -> void:
	calls.append([data, silent])


func _hear_untyped(data: Variant, silent: Variant = false) -> void:
	calls.append([data, silent])


func _hear_strictly(data: Array, silent: bool) -> void:
	calls.append([data, silent])


func _hear_tagged(data: Array, tag: String) -> void:
	calls.append([data, tag])


func _hear_words(words: PackedStringArray) -> void:
	calls.append(words)


func _answer(_data: Array, ack: Callable) -> void:
	ack.call(["method"])


func _answer_with_tag(_data: Array, ack: Callable, tag: String) -> void:
	ack.call([tag])


func _answer_if_typed(_data: Array, ack := Callable()) -> void:
	ack.call(["typed"])


func _answer_if_null(_data: Array, ack: Variant = null) -> void:
	ack.call(["null"])


func _read(text: String) -> void:
	calls.append(text)


func _list(rows: Array[Dictionary]) -> void:
	fail("called with %s" % [rows])


func _read_tagged(text: String, tag: String) -> void:
	calls.append([text, tag])


func _list_tagged(rows: Array[Dictionary], _tag: String) -> void:
	fail("called with %s" % [rows])


func _list_tagged_twice(rows: Array[Dictionary], _tag := 1, _second := 2) -> void:
	fail("called with %s" % [rows])


func _hear_all(...arguments: Array) -> void:
	calls.append(arguments)


func _hear_more(data: Array, ...arguments: Array) -> void:
	calls.append([data] + arguments)


func _list_silently(rows: Array[Dictionary], _silent := false) -> void:
	fail("called with %s" % [rows])


func _list_and_answer(rows: Array[Dictionary], _ack: Callable) -> void:
	fail("called with %s" % [rows])


class Static:
	static func hear(data: Array, calls: Array, silent := false) -> void:
		calls.append([data, silent])

	static func answer(_data: Array, ack: Callable) -> void:
		ack.call(["static"])

	static func list(rows: Array[Dictionary]) -> void:
		print(rows)


class Remote:
	extends Node

	@rpc func list(rows: Array[Dictionary]) -> void:
		print(rows)
