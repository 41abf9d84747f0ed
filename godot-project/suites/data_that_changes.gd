## An Object as a key is written as what its `_to_string()` returns, and that may do anything to the data which is just being
## sent. What is written is whole, and what was there before or after.
extends "res://suite.gd"

const SERVERS := ["none"]
const FILL_AGAIN := "socket_io/memory/fill_values_again"
## So many that a place in memory which was let go of is taken by something else.
const MANY := 200

var _server: RawServer
var _channel: SocketIONamespace
var _others := []


## Does something when it is written.
class ActingKey:
	extends RefCounted

	var _runs: Callable

	func _init(runs: Callable) -> void:
		_runs = runs

	func _to_string() -> String:
		_runs.call()
		return "key"


func clean_up() -> void:
	await super()
	_others.clear()
	ProjectSettings.set_setting(FILL_AGAIN, null)
	# The next client that connects reads it.
	await connect_raw(make_raw_server())
	await super()


func test_a_dictionary_that_is_emptied_from_inside_ends_there() -> void:
	for fills_again: bool in [true, false]:
		var data := {"first": 1}
		data.inner = {ActingKey.new(func() -> void: data.clear()): [2]}
		data.last = 3
		# By the functions of the engine, the entries are those at the start.
		var last := '' if fills_again else ',"last":3'
		await _expect_wire(fills_again, [data, 4], '[{"first":1,"inner":{"key":[2]}%s},4]' % last)


func test_a_dictionary_that_grows_from_inside_is_written_with_what_was_there() -> void:
	for fills_again: bool in [true, false]:
		var data := {"first": 1}
		data.inner = {ActingKey.new(func() -> void: data.more = 4): [2]}
		data.last = 3
		var more := ',"more":4' if fills_again else ''
		await _expect_wire(fills_again, [data], '[{"first":1,"inner":{"key":[2]},"last":3%s}]' % more)
		data.clear()


func test_an_array_that_is_emptied_from_inside_ends_there() -> void:
	for fills_again: bool in [true, false]:
		var data := [1]
		data.append_array([{ActingKey.new(data.clear): [2]}, 3])
		await _expect_wire(fills_again, [data, 4], '[[1,{"key":[2]}],4]')


func test_an_array_that_grows_from_inside_is_written_as_it_is_then() -> void:
	for fills_again: bool in [true, false]:
		var data := [1]
		data.append_array([{ActingKey.new(func() -> void: data.append_array(range(MANY))): [2]}, 3])
		var more := JSON.stringify(range(MANY)).trim_prefix("[").replace(".0", "")
		await _expect_wire(fills_again, [data], '[[1,{"key":[2]},3,%s]' % more)
		data.clear()


func test_the_dictionary_that_has_the_key_is_written_as_it_was() -> void:
	for fills_again: bool in [true, false]:
		var data := {}
		data.first = {"x": [1]}
		data[ActingKey.new(func() -> void: data.clear())] = {"x": [2]}
		data.last = {"x": [3]}
		await _expect_wire(fills_again, [data], '[{"first":{"x":[1]},"key":{"x":[2]},"last":{"x":[3]}}]')


func test_what_is_between_is_written_although_nobody_else_has_it_any_more() -> void:
	for fills_again: bool in [true, false]:
		var data := {}
		data.entries = {"inner": {"first": {_letting_go_of(data): 1}, "last": 2}, "more": 3}
		await _expect_wire(fills_again, [data, 4], '[{"entries":{"inner":{"first":{"key":1},"last":2},"more":3}},4]')
		var list := []
		list.append([[[{_letting_go_of(list): 1}, 2], 3], 5])
		await _expect_wire(fills_again, [list, 4], '[[[[[{"key":1},2],3],5]],4]')


func test_the_place_of_what_cannot_be_sent_is_told_although_it_is_gone() -> void:
	for fills_again: bool in [true, false]:
		var data := {}
		data["entries %d" % MANY] = {"inner": {_letting_go_of(data): self}}
		await _connect(fills_again)
		expect_error('data[0]["entries %d"].inner.key is an Object' % MANY)
		_channel.emit("value", [data])


func test_what_was_let_go_of_is_not_read_any_more() -> void:
	for fills_again: bool in [true, false]:
		var data := {}
		for i in MANY:
			data["key %d" % i] = {"text %d" % i: ["deep %d" % i]}
		data["key %d" % (MANY / 2)][_letting_go_of(data)] = {}
		await _connect(fills_again)
		_channel.emit("value", [data, "end"])
		await expect_until(func() -> bool: return not _server.events().is_empty(), "the packet")
		var packet: Array = JSON.parse_string(_server.events()[0].trim_prefix("42"))
		expect_eq(packet.size(), 3, "arguments")
		expect_eq(packet[2], "end", "the last")
		for i in MANY / 2 + 1:
			var expected := {"text %d" % i: ["deep %d" % i]}
			if i == MANY / 2:
				expected["key"] = {}
			expect_eq(packet[1].get("key %d" % i), expected, "entry %d" % i)
		expect_true(not packet[1].has("other"), "something else was sent")


## A key that empties a container, and has other things take the memory that was let go of.
func _letting_go_of(container: Variant) -> ActingKey:
	return ActingKey.new(func() -> void:
		container.clear()
		for i in 10 * MANY:
			_others.append_array([{"other %d" % i: ["other"]}, [[i], i]])
	)


func _connect(fills_again: bool) -> void:
	ProjectSettings.set_setting(FILL_AGAIN, fills_again)
	_server = make_raw_server()
	_channel = (await connect_raw(_server)).get_namespace()


func _expect_wire(fills_again: bool, data: Array, expected: String) -> void:
	await _connect(fills_again)
	_channel.emit("value", data)
	await expect_until(func() -> bool: return not _server.events().is_empty(), "the packet")
	expect_eq("[" + _server.events()[0].trim_prefix('42["value",'), expected, "data on the wire")
