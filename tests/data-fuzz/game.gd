## A client and what it does to the data of the events that it gets: each is compared with its text, and what is kept is
## compared later with what it was.
extends RefCounted

const Item := preload("res://item.gd")

const EVENTS_PER_FRAME := 40
## The values of an event, about: few, so that there are many events.
const SIZES: Array[int] = [4, 12, 12, 40, 400]
## How many things are kept at the same time.
const MAX_KEPT := 300
const CHECKS_PER_FRAME := 30
## So many of the newest parts that it owns are changed without a pause in each frame, so often.
const NEWEST := 6
const CHURNS := 20
## A part that has grown larger is let go of.
const MAX_OWNED_TEXT := 20_000
const TASK_READINGS := 3


## Something that is kept, with its text.
class Kept:
	var value: Variant
	var text: String
	var where: String

	func _init(kept_value: Variant, value_text: String, description: String) -> void:
		value = kept_value
		text = value_text
		where = description

	## Keeps a part of the data itself.
	static func part(kept_part: Variant, description: String) -> Kept:
		return Kept.new(kept_part, to_text(kept_part), "part of " + description)

	## Keeps a copy that shares as much with the part as the engine lets it. The text is made first, for to write an Array
	## as text makes its buffer its own.
	static func copy(copied_part: Variant, way: int, description: String) -> Kept:
		var part_text := to_text(copied_part)
		return Kept.new(Kept.shallow_copy(copied_part, way), part_text, "copy of a part of " + description)

	static func shallow_copy(part: Variant, way: int) -> Variant:
		if part is Dictionary:
			var dictionary: Dictionary = part
			return dictionary.duplicate()
		var array: Array = part
		match way % 4:
			0:
				return array.duplicate()
			1:
				var assigned := []
				assigned.assign(array)
				return assigned
			2:
				return Array(array, TYPE_NIL, &"", null)
		return array.slice(0)

	func is_same() -> bool:
		return to_text(value) == text

	static func to_text(data: Variant) -> String:
		return JSON.stringify(data, "", false, true)


## What went wrong.
var problems: PackedStringArray = []
var events := 0
var checks := 0

var _tree: SceneTree
var _random := RandomNumberGenerator.new()
var _client := SocketIOClient.new()
var _channel := _client.get_namespace()
var _asked := 0
var _kept: Array[Kept] = []
## Parts that nobody else reaches: they are changed again and again.
var _owned: Array[Kept] = []
var _tasks: Array[int] = []
## Under way: functions that wait with data in their hands, and questions.
var _waiting := 0
var _polls := 0


func _init(tree: SceneTree, game_seed: int) -> void:
	_tree = tree
	_random.seed = game_seed


func begin(url: String) -> void:
	_channel.on("tree", _on_tree)
	if _random.randf() < 0.5:
		_channel.event_received.connect(_on_event_received)
	if _client.connect_to_url(url) != OK:
		problems.append("it does not connect")


## Waits until it is connected: on a busy machine that takes a while.
func connected(patience: float) -> void:
	var deadline := Time.get_ticks_msec() + int(patience * 1000.0)
	while not _channel.is_namespace_connected() and Time.get_ticks_msec() < deadline:
		await _tree.process_frame


## Asks for more, and does what a frame does.
func play_frame() -> void:
	if _asked - events < EVENTS_PER_FRAME and _channel.is_namespace_connected():
		var count := _random.randi_range(1, EVENTS_PER_FRAME) if _random.randf() < 0.5 else 1
		_asked += count
		_channel.emit("more", [count, SIZES[_random.randi() % SIZES.size()]])
	for kept: Kept in _some_of(_kept):
		_check(kept)
	for owned: Kept in _some_of(_owned):
		_check(owned)
		_change(_any_part_of(owned.value))
		owned.text = Kept.to_text(owned.value)
		if owned.text.length() > MAX_OWNED_TEXT:
			_owned.erase(owned)
	for owned: Kept in _owned.slice(-NEWEST):
		_churn(owned)
	for list: Array[Kept] in [_kept, _owned]:
		while list.size() > MAX_KEPT:
			list.remove_at(_random.randi() % list.size())
	if _random.randf() < 0.01:
		_kept.clear()
	_tasks = _tasks.filter(_is_running)


## Waits for what was asked for, and checks everything that is kept.
func finish(patience: float) -> void:
	var deadline := Time.get_ticks_msec() + int(patience * 1000.0)
	while (events < _asked or _waiting > 0 or not _tasks.is_empty()) and Time.get_ticks_msec() < deadline:
		_tasks = _tasks.filter(_is_running)
		await _tree.process_frame
	if events < _asked or _waiting > 0 or not _tasks.is_empty():
		problems.append("%d of %d events came, %d wait, %d tasks run" % [events, _asked, _waiting, _tasks.size()])
	for kept: Kept in _kept + _owned:
		_check(kept)
	_kept.clear()
	_owned.clear()
	_client.close()


func _on_tree(data: Array) -> void:
	events += 1
	var text: String = data[0]
	var where := "event %d (seed %d)" % [events, _random.seed]
	var got := Kept.to_text(data.slice(1))
	if got != text:
		problems.append("%s: expected %s, got %s" % [where, text.left(500), got.left(500)])
		return
	if _random.randf() < 0.3:
		_disturb_owned()
	match _random.randi_range(0, 13):
		0, 1:
			_change(_any_part_of(data))
		2:
			_change(_any_part_of(data))
			_kept.append(Kept.part(_any_part_of(data), where))
		3:
			_kept.append(_copy_of_a_part(data, where))
		4:
			_owned.append(_copy_of_a_part(data, where))
		5:
			_owned.append(Kept.part(_any_part_of(data), where))
		6:
			_freeze_and_keep(_any_part_of(data), where)
		7:
			_read_in_a_task(_copy_of_a_part(data, where))
		8:
			_hold(_copy_of_a_part(data, where) if _random.randf() < 0.5 else Kept.part(_any_part_of(data), where))
		9:
			_poll_in_a_loop(data, where)
		10:
			_type(data, where)
		11, 12:
			_owned.append(_copy_of_a_part(data, where))
		13:
			_ask(text, data.slice(1), where)


func _copy_of_a_part(data: Array, where: String) -> Kept:
	return Kept.copy(_any_part_of(data), _random.randi_range(0, 3), where)


## Another one who gets the same data, and only looks.
func _on_event_received(_event_name: String, data: Array) -> void:
	if not data.is_empty() and data[0] is not String and data[0] is not Array and data[0] is not Dictionary:
		Kept.to_text(data)


## Adds entries to the Dictionaries of a part and removes others, again and again, while the network's thread works.
##
## It is not checked before: that would make the buffers of its Arrays its own.
func _churn(owned: Kept) -> void:
	var dictionaries: Array[Dictionary] = []
	for i in 4:
		var part: Variant = _any_part_of(owned.value)
		if part is Dictionary:
			var dictionary: Dictionary = part
			if not dictionary.is_read_only():
				dictionaries.append(dictionary)
	for i in CHURNS:
		for dictionary: Dictionary in dictionaries:
			for key: Variant in dictionary.keys():
				dictionary.erase(key)
				dictionary[key] = [i, {"churned": str(i)}]
	owned.text = Kept.to_text(owned.value)


## What the game owns also changes, and ends, between two events of a dispatch.
func _disturb_owned() -> void:
	for i in mini(3, _owned.size()):
		var owned: Kept = _owned.pop_back()
		for change in 3:
			_change(_any_part_of(owned.value))
		if _random.randf() < 0.3:
			owned.text = Kept.to_text(owned.value)
			_owned.push_front(owned)


func _check(kept: Kept) -> void:
	checks += 1
	if not kept.is_same():
		problems.append("%s: kept as %s, now %s" % [kept.where, kept.text.left(500), Kept.to_text(kept.value).left(500)])
		# Once is enough.
		kept.text = Kept.to_text(kept.value)


func _some_of(list: Array[Kept]) -> Array[Kept]:
	var some: Array[Kept] = []
	for i in mini(CHECKS_PER_FRAME, list.size()):
		some.append(list[_random.randi() % list.size()])
	return some


## Does something that a game may do to a container.
func _change(part: Variant) -> void:
	if part is Dictionary:
		_change_dictionary(part)
	else:
		_change_array(part)


func _change_array(array: Array) -> void:
	if array.is_read_only() or array.is_typed():
		return
	match _random.randi_range(0, 9):
		0:
			array.append(_random.randi())
		1:
			array.append({"new": [1, 2, 3], "text": "from the game"})
		2:
			array.clear()
		3:
			array.append(Item.new())
		4:
			array.reverse()
		5:
			array.append([1.5, 2.5] as Array[float])
		6:
			array.append(Item.new().get_reference_count)
		7:
			array.resize(_random.randi_range(0, 8))
		8:
			array.append(array.duplicate())
		9:
			if not array.is_empty():
				array[_random.randi() % array.size()] = [[Item.new()]]


func _change_dictionary(dictionary: Dictionary) -> void:
	if dictionary.is_read_only():
		return
	match _random.randi_range(0, 8):
		0:
			dictionary["more"] = [1, {"deep": [2]}]
		1:
			dictionary.clear()
		2:
			dictionary["item"] = Item.new()
		3:
			if not dictionary.is_empty():
				var first: Variant = dictionary.keys()[0]
				var value: Variant = dictionary[first]
				dictionary.erase(first)
				dictionary[first] = value
		4:
			dictionary[Item.new()] = 1
		5:
			dictionary[&"name"] = "another"
		6:
			if not dictionary.is_empty():
				dictionary.erase(dictionary.keys()[-1])
		7:
			for key: Variant in dictionary.keys():
				dictionary[key] = range(3)
		8:
			dictionary["copy"] = dictionary.duplicate()


func _any_part_of(data: Variant) -> Variant:
	while _random.randf() < 0.75:
		var values: Array
		if data is Dictionary:
			var dictionary: Dictionary = data
			values = dictionary.values()
		else:
			values = data
		var parts := values.filter(func(part: Variant) -> bool: return part is Array or part is Dictionary)
		if parts.is_empty():
			break
		data = parts[_random.randi() % parts.size()]
	return data


func _freeze_and_keep(part: Variant, where: String) -> void:
	if part is Array:
		var array: Array = part
		array.make_read_only()
	else:
		var dictionary: Dictionary = part
		dictionary.make_read_only()
	_kept.append(Kept.part(part, where))


## Another thread reads it, and lets go of it last now and then.
func _read_in_a_task(kept: Kept) -> void:
	_tasks.append(WorkerThreadPool.add_task(func() -> void:
		for i in TASK_READINGS:
			if not kept.is_same():
				_report.call_deferred("%s: it was %s" % [kept.where, kept.text.left(500)])
	))


func _report(problem: String) -> void:
	problems.append(problem)


func _is_running(task: int) -> bool:
	if WorkerThreadPool.is_task_completed(task):
		WorkerThreadPool.wait_for_task_completion(task)
		return false
	return true


func _hold(kept: Kept) -> void:
	_waiting += 1
	for i in _random.randi_range(1, 5):
		await _tree.process_frame
	_check(kept)
	_waiting -= 1


## More events come while it goes through the data of this one.
func _poll_in_a_loop(data: Array, where: String) -> void:
	var text := Kept.to_text(data)
	if _polls < 3:
		_polls += 1
		for part: Variant in data:
			if part is Array or part is Dictionary:
				var part_text := Kept.to_text(part)
				_client.poll()
				if Kept.to_text(part) != part_text:
					problems.append("%s: it changed while more came" % where)
		_polls -= 1
	if Kept.to_text(data) != text:
		problems.append("%s: it changed while more came" % where)


## Puts the parts into typed arrays, which are kept or left in the data.
func _type(data: Array, where: String) -> void:
	var dictionaries: Array[Dictionary] = []
	var arrays: Array[Array] = []
	for part: Variant in data:
		if part is Dictionary:
			dictionaries.append(part)
		elif part is Array:
			arrays.append(part)
	match _random.randi_range(0, 2):
		0:
			_kept.append(Kept.part(dictionaries, where))
		1:
			data.append(dictionaries)
			data.append(arrays)
		2:
			_kept.append(Kept.part([dictionaries, arrays.duplicate()], where))


## Sends the data back, for the server to compare.
func _ask(text: String, data: Array, where: String) -> void:
	if text.length() > 50_000:
		return
	_waiting += 1
	_channel.emit_with_ack("same", [text, data], func(answer: Array) -> void:
		_waiting -= 1
		if answer != [true]:
			problems.append("%s: the server was sent something else: %s" % [where, answer]),
		60.0)
