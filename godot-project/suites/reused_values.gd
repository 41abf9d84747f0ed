## The containers of an event are filled again with a later one, unless the game holds them. Whatever a listener has done to
## them, every event must be as the server sent it, and what the game keeps must stay as it was.
extends "res://suite.gd"

const SERVERS := ["none"]
const TIMEOUTS := {
	"test_any_listener_gets_every_event_as_it_was_sent": 60.0,
	"test_the_same_where_the_main_thread_makes_them": 60.0,
	"test_the_same_with_new_values_for_each_event": 60.0,
}
const BUILD_ON_WORKER := "socket_io/threads/build_values_on_worker"
const FILL_AGAIN := "socket_io/memory/fill_values_again"
const EVENTS := 1500

var _random := RandomNumberGenerator.new()
var _raw_server: RawServer
var _expected: Array[String] = []
var _kept: Array[Variant] = []
## What each of [member _kept] was when it was kept.
var _kept_as: Array[String] = []
var _weak: Array[WeakRef] = []
var _received := 0


## Something with an end of its own, which must be on the main thread.
class Item:
	extends RefCounted

	static var ended_elsewhere := 0

	func _notification(what: int) -> void:
		if what == NOTIFICATION_PREDELETE and OS.get_thread_caller_id() != OS.get_main_thread_id():
			ended_elsewhere += 1


func clean_up() -> void:
	await super()
	for setting: String in [BUILD_ON_WORKER, FILL_AGAIN]:
		ProjectSettings.set_setting(setting, null)
	# The next client that connects reads them.
	await connect_raw(make_raw_server())
	await super()


func test_any_listener_gets_every_event_as_it_was_sent() -> void:
	await _play(true)


func test_the_same_where_the_main_thread_makes_them() -> void:
	await _play(false)


func test_the_same_with_new_values_for_each_event() -> void:
	ProjectSettings.set_setting(FILL_AGAIN, false)
	await _play(true)


func test_with_new_values_for_each_event_nothing_outlives_its_listener() -> void:
	ProjectSettings.set_setting(FILL_AGAIN, false)
	var channel := await _channel()
	var items := _leave_an_item_in_each_event(channel)
	for i in 3:
		_raw_server.send('42["e",{"id":%d}]' % i)
		await expect_count(items, i + 1, "events")
		expect_true(items[i].get_ref() == null, "what event %d has left is still there" % i)


func test_an_event_is_made_of_the_one_before() -> void:
	var channel := await _channel()
	var items := _leave_an_item_in_each_event(channel)
	for i in 10:
		_raw_server.send('42["e",{"id":%d}]' % i)
		await expect_count(items, i + 1, "events")
		expect_true(items[i].get_ref() != null, "the Dictionary of event %d is gone" % i)
		if i > 0:
			# Filled again, and the rest that only the main thread may let go of is let go of in a frame.
			await frames(2)
			expect_true(items[i - 1].get_ref() == null, "the Dictionary of event %d is still as it was" % (i - 1))


func test_what_is_kept_is_never_used_again() -> void:
	var channel := await _channel()
	var kept := listen(channel, "move")
	for i in 50:
		_raw_server.send('42["move",{"id":%d}]' % i)
	await expect_count(kept, 50, "events")
	for i in 50:
		expect_eq(kept[i], [{"id": i}], "event %d" % i)
		kept[i][0].id = -1


func test_keys_come_in_the_order_in_which_they_were_sent() -> void:
	var channel := await _channel()
	var orders := []
	channel.on("e", func(data: Array) -> void:
		orders.append(data[0].keys())
		# The same keys afterwards, in another order.
		var first: Variant = data[0].a
		data[0].erase("a")
		data[0].a = first
	)
	for i in 20:
		_raw_server.send('42["e",{"a":1,"b":2,"c":3}]')
		await frames(1)
	await expect_count(orders, 20, "events")
	for order: Array in orders:
		expect_eq(order, ["a", "b", "c"], "keys")


func test_texts_whose_bytes_look_alike_are_told_apart() -> void:
	var channel := await _channel()
	var seen := []
	channel.on("e", func(data: Array) -> void: seen.append(var_to_str(data)))
	# The characters of the first are the bytes of the second.
	var texts := ["\u00c3\u00a9", "\u00e9"]
	for i in 10:
		_raw_server.send('42["e",{"a":1,"b":1,"c":1,"text":"%s","%s":1}]' % [texts[i % 2], texts[i % 2]])
		await frames(1)
	await expect_count(seen, 10, "events")
	for i in 10:
		expect_eq(seen[i], var_to_str([{"a": 1, "b": 1, "c": 1, "text": texts[i % 2], texts[i % 2]: 1}]), "event %d" % i)


func test_read_only_and_typed_containers_are_left_alone() -> void:
	var channel := await _channel()
	var seen := []
	channel.on("e", func(data: Array) -> void:
		seen.append(var_to_str(data))
		match seen.size() % 4:
			0:
				data[0].list.make_read_only()
			1:
				data[0].make_read_only()
			2:
				data.make_read_only()
			3:
				data[0].list = [1, 2, 3] as Array[int]
	)
	for i in 40:
		_raw_server.send('42["e",{"list":["%d",%d]}]' % [i, i])
		await frames(1)
	await expect_count(seen, 40, "events")
	for i in 40:
		expect_eq(seen[i], var_to_str([{"list": [str(i), i]}]), "event %d" % i)


func test_an_object_that_a_listener_has_put_into_the_data_is_freed() -> void:
	var channel := await _channel()
	var items: Array[WeakRef] = []
	channel.on("e", func(data: Array) -> void:
		var item := Item.new()
		items.append(weakref(item))
		data[0].item = item
		data[0][item] = "a key"
	)
	for i in 10:
		_raw_server.send('42["e",{"id":%d}]' % i)
		await frames(1)
	await expect_count(items, 10, "events")
	# Without any further event, too.
	await expect_until(
		func() -> bool: return items.all(func(item: WeakRef) -> bool: return item.get_ref() == null), "the end of the objects"
	)


func test_what_a_listener_has_appended_ends_on_the_main_thread() -> void:
	var channel := await _channel()
	var items: Array[WeakRef] = []
	Item.ended_elsewhere = 0
	channel.on("e", func(data: Array) -> void:
		for part: Array in [data, data[0].list]:
			var item := Item.new()
			items.append(weakref(item))
			part.append(item)
	)
	for i in 20:
		_raw_server.send('42["e",{"list":[1,2]}]')
		await frames(2)
	await expect_until(
		func() -> bool: return items.all(func(item: WeakRef) -> bool: return item.get_ref() == null), "the end of the objects"
	)
	expect_eq(items.size(), 40, "objects")
	expect_eq(Item.ended_elsewhere, 0, "objects that ended on another thread")


func test_attachments_are_as_they_were_sent() -> void:
	var channel := await _channel()
	var seen := listen(channel, "kept")
	var passing: Array[PackedByteArray] = []
	channel.on("e", func(data: Array) -> void:
		var copy := PackedByteArray()
		copy.append_array(data[0])
		passing.append(copy)
		if passing.size() % 2 == 0:
			data[0][0] = 255
	)
	for i in 20:
		for event: String in ["e", "kept"]:
			_raw_server.send('451-["%s",{"_placeholder":true,"num":0}]' % event)
			_raw_server.send_bytes(_bytes(i))
		await frames(1)
	await expect_count(seen, 20, "kept attachments")
	await expect_count(passing, 20, "passing attachments")
	for i in 20:
		expect_eq(passing[i], _bytes(i), "attachment %d" % i)
		expect_eq(seen[i], [_bytes(i)], "kept attachment %d" % i)


func test_one_attachment_in_two_places_is_one_value_in_each_event() -> void:
	var channel := await _channel()
	var seen := []
	channel.on("e", func(data: Array) -> void: seen.append([data[0].size(), data[1].size()]))
	for i in 10:
		_raw_server.send('451-["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]')
		_raw_server.send_bytes(_bytes(i))
		await frames(1)
	await expect_count(seen, 10, "events")
	for i in 10:
		expect_eq(seen[i], [_bytes(i).size(), _bytes(i).size()], "sizes")


func test_answers_are_made_anew_or_again_alike() -> void:
	var channel := await _channel()
	var answers := []
	for i in 30:
		channel.emit_with_ack("ask", [], func(answer: Array) -> void:
			answers.append(var_to_str(answer))
			answer[0].clear()
		)
		await frames(1)
		_raw_server.send('43%d[{"n":%d,"list":[%d]}]' % [i, i, i])
		await frames(2)
	await expect_count(answers, 30, "answers")
	for i in 30:
		expect_eq(answers[i], var_to_str([{"n": i, "list": [i]}]), "answer %d" % i)


func _play(on_worker: bool) -> void:
	ProjectSettings.set_setting(BUILD_ON_WORKER, on_worker)
	Item.ended_elsewhere = 0
	var channel := await _channel()
	_random.randomize()
	print("seed: ", _random.seed)
	channel.on("e", _on_event)
	channel.on("f", _on_event)
	var sent := 0
	while sent < EVENTS:
		# As many as a frame brings, or a few at a time.
		for i in _random.randi_range(1, 60) if _random.randf() < 0.3 else 1:
			var data := _data()
			_expected.append(var_to_str(data))
			_raw_server.send("42%s" % JSON.stringify([["e", "f"][sent % 2]] + data, "", false, true))
			sent += 1
		await frames(1)
	await expect_until(func() -> bool: return _received == sent, "the arrival of %d events" % sent, 20.0)
	for i in _kept.size():
		var now := str(_kept[i])
		if now != _kept_as[i]:
			fail("kept as %s, now %s (seed %d)" % [_kept_as[i], now, _random.seed])
			return
	expect_true(_kept.size() > 50, "only %d values were kept" % _kept.size())
	_kept.clear()
	await expect_until(
		func() -> bool: return _weak.all(func(item: WeakRef) -> bool: return item.get_ref() == null), "the end of all objects"
	)
	expect_eq(Item.ended_elsewhere, 0, "objects that ended on another thread")


func _on_event(data: Array) -> void:
	var got := var_to_str(data)
	if got != _expected[_received]:
		fail("event %d: expected %s, got %s (seed %d)" % [_received, _expected[_received], got, _random.seed])
	_received += 1
	for i in _random.randi_range(0, 2):
		_change(_any_part_of(data))
	if _random.randf() < 0.2:
		var part: Variant = _any_part_of(data)
		_keep(part if _random.randf() < 0.5 else part.duplicate())


## Does what a game may do to data that came.
func _change(part: Variant) -> void:
	if part.is_read_only() or part is Array and part.is_typed():
		return
	if part is Array:
		match _random.randi_range(0, 6):
			0:
				part.append(_value(2))
			1:
				part.clear()
			2:
				part.append(_item())
			3:
				part.reverse()
			4:
				part.make_read_only()
			5:
				var typed: Array[float] = [1.5, 2.5]
				part.append(typed)
			6:
				part.append(_value.bind(_item()))
	else:
		match _random.randi_range(0, 7):
			0:
				part["more"] = _value(2)
			1:
				part.clear()
			2:
				part["item"] = _item()
			3:
				_reinsert_first_key(part)
			4:
				part[_item()] = 1
			5:
				part.make_read_only()
			6:
				part[&"name"] = "another"
			7:
				var key := [1]
				part.merge({1: 2, null: [], Vector2.ONE: {}, NAN: 0, key: 0})
				# It is not found under this any more.
				key.append(2)


func _keep(part: Variant) -> void:
	_kept.append(part)
	_kept_as.append(str(part))


func _item() -> Item:
	var item := Item.new()
	_weak.append(weakref(item))
	return item


func _reinsert_first_key(dictionary: Dictionary) -> void:
	if not dictionary.is_empty():
		var key: Variant = dictionary.keys()[0]
		var value: Variant = dictionary[key]
		dictionary.erase(key)
		dictionary[key] = value


func _any_part_of(data: Variant) -> Variant:
	while _random.randf() < 0.7:
		var parts: Array = []
		for part: Variant in data.values() if data is Dictionary else data:
			if part is Array or part is Dictionary:
				parts.append(part)
		if parts.is_empty():
			break
		data = parts[_random.randi() % parts.size()]
	return data


## The arguments of an event: a few kinds, whose values and sizes change.
func _data() -> Array:
	match _random.randi_range(0, 3):
		0:
			return [_entity()]
		1:
			var entities := []
			for i in _random.randi_range(0, 6):
				entities.append(_entity())
			return [entities, _random.randi_range(0, 100)]
		2:
			return [{"state": _value(4)}, _value(1)]
	return range(_random.randi_range(0, 20))


func _entity() -> Dictionary:
	var entity := {"id": _random.randi_range(0, 1000), "x": _random.randi_range(0, 100) + 0.5}
	if _random.randf() < 0.2:
		entity["tags"] = ["a", "b", _value(1)]
	entity["name"] = ["", "Ada", "Gr\u00fc\u00dfe", "a name that is longer than the others"][_random.randi() % 4]
	if _random.randf() < 0.1:
		entity["more"] = _value(2)
	return entity


## Any value that looks the same after JSON.
func _value(depth: int) -> Variant:
	match _random.randi_range(0, 7 if depth > 0 else 5):
		0:
			return null
		1:
			return _random.randf() < 0.5
		2:
			return _random.randi_range(-1000, 1000)
		3:
			return _random.randi_range(-1000, 1000) + 0.25
		4:
			return str(_random.randi_range(0, 20))
		5:
			return "\u4e2d"
		6:
			var array := []
			for i in _random.randi_range(0, 4):
				array.append(_value(depth - 1))
			return array
	var dictionary := {}
	for key: String in ["a", "b", "a longer key", "\u00e9"]:
		if _random.randf() < 0.6:
			dictionary[key] = _value(depth - 1)
	return dictionary


## Returns an array that collects what a listener puts into the data of each event.
func _leave_an_item_in_each_event(channel: SocketIONamespace) -> Array[WeakRef]:
	var items: Array[WeakRef] = []
	channel.on("e", func(data: Array) -> void:
		var item := Item.new()
		items.append(weakref(item))
		data[0].item = item
	)
	return items


func _channel() -> SocketIONamespace:
	_raw_server = make_raw_server()
	return (await connect_raw(_raw_server)).get_namespace()


func _bytes(i: int) -> PackedByteArray:
	var bytes := PackedByteArray()
	bytes.resize(100 + i / 4)
	bytes.fill(i)
	return bytes
