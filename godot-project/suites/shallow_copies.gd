## A shallow copy of an Array copies nothing until one of the two changes: both share one buffer, in which each element
## counts one holder although two Arrays reach it. What the game reaches through such a copy is the game's.
extends "res://suite.gd"

const SERVERS := ["none"]
const TIMEOUTS := {
	"test_the_worker_reads_nothing_that_a_copy_reaches": 60.0,
	"test_a_task_reads_a_copy_while_events_come": 60.0,
}
const RACES := 400
const KEYS := 200

var _raw_server: RawServer


## Something whose end must be on the main thread.
class Item:
	extends RefCounted

	static var ended := 0
	static var ended_elsewhere := 0

	func _notification(what: int) -> void:
		if what == NOTIFICATION_PREDELETE:
			ended += 1
			if OS.get_thread_caller_id() != OS.get_main_thread_id():
				ended_elsewhere += 1


## Returns each way to make a shallow copy.
static func _copy(array: Array, way: int) -> Array:
	match way % 4:
		0:
			return array.duplicate()
		1:
			var assigned := []
			assigned.assign(array)
			return assigned
		2:
			return Array(array, TYPE_NIL, &"", null)
	# A copy of a copy.
	return array.duplicate().duplicate()


func test_the_worker_reads_nothing_that_a_copy_reaches() -> void:
	var channel := await _channel()
	var copies: Array[Array] = []
	var received := [0]
	channel.on("race", func(data: Array) -> void:
		received[0] += 1
		if data[8] is Array:
			copies.append(_copy(data[8], received[0]))
		if copies.size() > 8:
			copies.pop_front()
	)
	var key := 0
	for i in RACES:
		_send_race(_race_json() if i % 2 == 0 else "5")
		_raw_server.poll()
		# Meanwhile the worker fills the Array of the event before again.
		for repetition in 40:
			for copy in copies:
				key = (key + 1) % KEYS
				copy[0].erase(str(key))
				copy[0][str(key)] = range(200)
		await frames(1)
	await expect_until(func() -> bool: return received[0] == RACES, "the arrival of all events", 20.0)
	for copy in copies:
		expect_eq(copy[0].size(), KEYS, "keys of a copy")


func test_a_task_reads_a_copy_while_events_come() -> void:
	var channel := await _channel()
	var tasks: Array[int] = []
	var wrong := [0]
	channel.on("race", func(data: Array) -> void:
		if data[8] is not Array or tasks.size() > 40:
			return
		var copy := _copy(data[8], tasks.size())
		tasks.append(WorkerThreadPool.add_task(func() -> void:
			for repetition in 3:
				if var_to_str(copy[0]).hash() != _race_hash:
					wrong[0] += 1
		))
	)
	var sent := 0
	while tasks.size() <= 40 and sent < 400:
		_send_race(_race_json() if sent % 2 == 0 else "5")
		sent += 1
		await frames(1)
	for task in tasks:
		WorkerThreadPool.wait_for_task_completion(task)
	expect_true(tasks.size() > 20, "only %d tasks ran" % tasks.size())
	expect_eq(wrong[0], 0, "copies that have changed")


func test_an_object_that_a_copy_reaches_ends_on_the_main_thread() -> void:
	var channel := await _channel()
	var kept := [[]]
	var way := [0]
	Item.ended = 0
	Item.ended_elsewhere = 0
	channel.on("large", func(data: Array) -> void: kept[0] = _copy(data, way[0]))
	channel.on("after", func(_data: Array) -> void:
		kept[0][0][0]["k"] = Item.new()
		kept[0] = []
	)
	var bytes := PackedByteArray()
	bytes.resize(400_000)
	for i in 8:
		way[0] = i
		var text := "x".repeat(400_000)
		# As an attachment and as a text, which differ in who has room for them.
		if i % 2 == 0:
			_raw_server.send('451-["large",[{"k":1},{"_placeholder":true,"num":0}]]')
			_raw_server.send_bytes(bytes)
		else:
			_raw_server.send('42["large",[{"k":1},"%s"]]' % text)
		_raw_server.send('42["after"]')
		await expect_until(func() -> bool: return Item.ended == way[0] + 1, "the end of object %d" % i)
	expect_eq(Item.ended_elsewhere, 0, "objects that ended on another thread")


func test_an_object_put_into_what_a_copy_reaches_stays() -> void:
	var channel := await _channel()
	var kept: Array[Array] = []
	Item.ended = 0
	channel.on("e", func(data: Array) -> void:
		if data[0] is Array:
			kept.append(_copy(data[0], kept.size()))
			kept[-1][0]["item"] = Item.new()
	)
	for i in 12:
		_raw_server.send('42["e",[{"n":%d}],1]' % i)
		_raw_server.send('42["e",%d,1]' % i)
		await frames(2)
	await expect_count(kept, 12, "copies")
	await frames(4)
	for i in 12:
		expect_eq(kept[i][0].n, i, "number of copy %d" % i)
		expect_true(kept[i][0].get("item") is Item, "copy %d has lost its object" % i)
	expect_eq(Item.ended, 0, "objects that ended")


func test_a_copy_of_any_depth_stays_as_it_was() -> void:
	var channel := await _channel()
	var kept: Array[Array] = []
	var kept_as: Array[String] = []
	channel.on("e", func(data: Array) -> void:
		# Before there are copies: to write an Array as text makes its buffer its own.
		var parts: Array[Array] = []
		var part: Variant = data
		while part is Array:
			parts.append(part)
			kept_as.append(var_to_str(part))
			part = part[0]
		for each in parts:
			kept.append(_copy(each, kept.size()))
	)
	for i in 40:
		_raw_server.send('42["e",[[[{"a":[%d]}],%d],{"b":%d}]]' % [i, i, i])
		if i % 3 == 0:
			_raw_server.send('42["e",[[%d,{"a":1}],2]]' % i)
		await frames(1)
	await expect_until(func() -> bool: return kept.size() >= 40 * 4, "copies")
	for i in kept.size():
		expect_eq(var_to_str(kept[i]), kept_as[i], "copy %d" % i)


func _channel() -> SocketIONamespace:
	_raw_server = make_raw_server()
	return (await connect_raw(_raw_server)).get_namespace()


func _send_race(last: String) -> void:
	_raw_server.send('42["race",1,2,3,4,5,6,7,8,%s]' % last)


var _race: String
var _race_hash: int


## An Array of a large Dictionary.
func _race_json() -> String:
	if _race.is_empty():
		var dictionary := {}
		for key in KEYS:
			dictionary[str(key)] = range(200)
		_race = JSON.stringify([dictionary])
		_race_hash = var_to_str(dictionary).hash()
	return _race
