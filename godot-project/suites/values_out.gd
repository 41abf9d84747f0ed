## What each kind of Variant looks like on the wire.
extends "res://suite.gd"

const SERVERS := ["none"]

var _server: RawServer
var _client: SocketIOClient


func test_null_and_booleans() -> void:
	await _expect_wire([null, true, false], "[null,true,false]")


func test_integers_to_the_ends_of_64_bits() -> void:
	await _expect_wire(
		[0, -1, 9223372036854775807, -9223372036854775807 - 1],
		"[0,-1,9223372036854775807,-9223372036854775808]"
	)


func test_floats_keep_their_fraction_and_their_bits() -> void:
	await _expect_wire([1.0, -2.5, 0.1, 1.0 / 3.0], "[1.0,-2.5,0.1,0.3333333333333333]")


func test_nan_and_infinities_become_null() -> void:
	await _expect_wire([NAN, INF, -INF, {"x": NAN}], '[null,null,null,{"x":null}]')


func test_strings_are_escaped() -> void:
	await _expect_wire(["", "a\"b\\c", "\n\t\u0001", "h\u00e9\U01F600"], '["","a\\"b\\\\c","\\n\\t\\u0001","h\u00e9\U01F600"]')


func test_strings_keep_a_byte_order_mark() -> void:
	await _expect_wire(
		["\ufeff", "\ufeffa\ufeff", &"\ufeffname", {"\ufeffkey": 1, &"\ufeff": 2}, PackedStringArray(["\ufeffb"])],
		'["\ufeff","\ufeffa\ufeff","\ufeffname",{"\ufeffkey":1,"\ufeff":2},["\ufeffb"]]'
	)


func test_string_names_and_node_paths_become_strings() -> void:
	await _expect_wire([&"name", ^"Root/Child:position"], '["name","Root/Child:position"]')


func test_arrays_and_dictionaries_nest() -> void:
	await _expect_wire([[], {}, [[1]], {"a": {"b": []}}], '[[],{},[[1]],{"a":{"b":[]}}]')


func test_dictionaries_keep_the_order_of_their_keys() -> void:
	await _expect_wire([{"z": 1, "a": 2, "m": 3}], '[{"z":1,"a":2,"m":3}]')


func test_keys_that_are_not_strings_are_written_as_their_str() -> void:
	await _expect_wire(
		[{1: "int", 2.5: "float", true: "bool", &"name": "string name", Vector2i(1, 2): "vector", null: "null"}],
		'[{"1":"int","2.5":"float","true":"bool","name":"string name","(1, 2)":"vector","<null>":"null"}]'
	)


func test_strings_of_any_length_are_written_whole() -> void:
	var texts := []
	for length in 70:
		for odd: String in ["a", "\"", "\n", "\u00e9", "\u4e2d", "\U01F600", "\u007f"]:
			for place: int in [0, length / 2, length]:
				texts.append("x".repeat(place) + odd + "y".repeat(length - place))
	await _connect()
	_client.get_namespace().emit("value", texts)
	await expect_until(func() -> bool: return not _server.events().is_empty(), "the packet")
	expect_eq(JSON.parse_string(_server.events()[0].trim_prefix("42")), ["value"] + texts, "texts")


func test_typed_arrays_and_dictionaries() -> void:
	var numbers: Array[int] = [1, 2]
	await _expect_wire([numbers], "[[1,2]]")


func test_packed_arrays_of_numbers() -> void:
	await _expect_wire(
		[
			PackedInt32Array([-2147483648, 2147483647]), PackedInt64Array([9223372036854775807]),
			PackedFloat32Array([0.5, 0.1]), PackedFloat64Array([0.1]),
		],
		"[[-2147483648,2147483647],[9223372036854775807],[0.5,0.1],[0.1]]"
	)


func test_packed_arrays_of_strings() -> void:
	await _expect_wire([PackedStringArray(["a", "\""])], '[["a","\\""]]')


func test_packed_arrays_of_vectors_and_colors() -> void:
	await _expect_wire(
		[
			PackedVector2Array([Vector2(1, 2)]), PackedVector3Array([Vector3(1, 2, 3)]),
			PackedVector4Array([Vector4(1, 2, 3, 4)]), PackedColorArray([Color(1, 0, 0.5, 1)]),
		],
		'[[{"x":1.0,"y":2.0}],[{"x":1.0,"y":2.0,"z":3.0}],[{"x":1.0,"y":2.0,"z":3.0,"w":4.0}],'
			+ '[{"r":1.0,"g":0.0,"b":0.5,"a":1.0}]]'
	)


func test_empty_packed_arrays() -> void:
	await _expect_wire([PackedInt32Array(), PackedStringArray(), PackedVector2Array()], "[[],[],[]]")


func test_vectors() -> void:
	await _expect_wire(
		[Vector2(1, 2), Vector3(1, 2, 3), Vector4(1, 2, 3, 4)],
		'[{"x":1.0,"y":2.0},{"x":1.0,"y":2.0,"z":3.0},{"x":1.0,"y":2.0,"z":3.0,"w":4.0}]'
	)


func test_integer_vectors() -> void:
	await _expect_wire(
		[Vector2i(1, -2), Vector3i(1, 2, 3), Vector4i(1, 2, 3, 4)],
		'[{"x":1,"y":-2},{"x":1,"y":2,"z":3},{"x":1,"y":2,"z":3,"w":4}]'
	)


func test_single_precision_components_have_no_more_digits_than_they_need() -> void:
	await _expect_wire([Vector2(0.1, 2.3), Color(0.1, 0.2, 0.3, 0.4)], '[{"x":0.1,"y":2.3},{"r":0.1,"g":0.2,"b":0.3,"a":0.4}]')


func test_color_and_quaternion() -> void:
	await _expect_wire(
		[Color(1, 0, 0.5, 0.25), Quaternion(0, 0, 0, 1)],
		'[{"r":1.0,"g":0.0,"b":0.5,"a":0.25},{"x":0.0,"y":0.0,"z":0.0,"w":1.0}]'
	)


func test_rects() -> void:
	await _expect_wire(
		[Rect2(1, 2, 3, 4), Rect2i(1, 2, 3, 4)],
		'[{"position":{"x":1.0,"y":2.0},"size":{"x":3.0,"y":4.0}},{"position":{"x":1,"y":2},"size":{"x":3,"y":4}}]'
	)


func test_plane_and_aabb() -> void:
	await _expect_wire(
		[Plane(Vector3(0, 1, 0), 2.5), AABB(Vector3(1, 2, 3), Vector3(4, 5, 6))],
		'[{"normal":{"x":0.0,"y":1.0,"z":0.0},"d":2.5},'
			+ '{"position":{"x":1.0,"y":2.0,"z":3.0},"size":{"x":4.0,"y":5.0,"z":6.0}}]'
	)


func test_transforms() -> void:
	var basis := Basis(Vector3(1, 2, 3), Vector3(4, 5, 6), Vector3(7, 8, 9))
	var basis_on_wire := '{"x":{"x":1.0,"y":2.0,"z":3.0},"y":{"x":4.0,"y":5.0,"z":6.0},"z":{"x":7.0,"y":8.0,"z":9.0}}'
	await _expect_wire(
		[basis, Transform3D(basis, Vector3(0.5, -1, 0)), Transform2D(Vector2(1, 2), Vector2(3, 4), Vector2(5, 6))],
		'[%s,{"basis":%s,"origin":{"x":0.5,"y":-1.0,"z":0.0}},' % [basis_on_wire, basis_on_wire]
			+ '{"x":{"x":1.0,"y":2.0},"y":{"x":3.0,"y":4.0},"origin":{"x":5.0,"y":6.0}}]'
	)


func test_projection() -> void:
	await _expect_wire(
		[Projection(Vector4(1, 2, 3, 4), Vector4(5, 6, 7, 8), Vector4(9, 10, 11, 12), Vector4(13, 14, 15, NAN))],
		'[{"x":{"x":1.0,"y":2.0,"z":3.0,"w":4.0},"y":{"x":5.0,"y":6.0,"z":7.0,"w":8.0},'
			+ '"z":{"x":9.0,"y":10.0,"z":11.0,"w":12.0},"w":{"x":13.0,"y":14.0,"z":15.0,"w":null}}]'
	)


func test_every_mathematical_type_is_an_object_of_what_gdscript_calls_its_members() -> void:
	# Single precision holds these numbers as they are.
	var basis := Basis(Vector3(1, 2, 3), Vector3(4, 5, 6), Vector3(7, 8, 9.5))
	var values := {
		Vector2(1, 2): ["x", "y"], Vector2i(1, 2): ["x", "y"], Rect2(1, 2, 3, 4): ["position", "size"],
		Rect2i(1, 2, 3, 4): ["position", "size"], Vector3(1, 2, 3): ["x", "y", "z"], Vector3i(1, 2, 3): ["x", "y", "z"],
		Transform2D(Vector2(1, 2), Vector2(3, 4), Vector2(5, 6)): ["x", "y", "origin"], Vector4(1, 2, 3, 4): ["x", "y", "z", "w"],
		Vector4i(1, 2, 3, 4): ["x", "y", "z", "w"], Plane(1, 2, 3, 4): ["normal", "d"],
		Quaternion(0.5, -0.5, 0.25, 1): ["x", "y", "z", "w"], AABB(Vector3.ONE, Vector3.UP): ["position", "size"],
		basis: ["x", "y", "z"],
		Transform3D(basis, Vector3.UP): ["basis", "origin"], Projection(Transform3D(basis)): ["x", "y", "z", "w"],
		Color(1, 0, 0.5, 1): ["r", "g", "b", "a"],
	}
	await _connect()
	for value: Variant in values:
		var members := {}
		for member: String in values[value]:
			members[member] = value[member]
		_client.get_namespace().emit("value", [value])
		_client.get_namespace().emit("value", [members])
	await expect_until(func() -> bool: return _server.events().size() >= 2 * values.size(), "the packets")
	for i in values.size():
		expect_eq(_server.events()[2 * i], _server.events()[2 * i + 1], type_string(typeof(values.keys()[i])))


func test_bytes_become_placeholders_and_follow_in_order() -> void:
	await _connect()
	_client.get_namespace().emit("value", [{"a": PackedByteArray([1])}, [PackedByteArray()], PackedByteArray([2, 3])])
	await expect_until(func() -> bool: return _server.messages.size() >= 5, "the packet and its attachments")
	expect_eq(
		_server.messages.slice(1),
		[
			'453-["value",{"a":{"_placeholder":true,"num":0}},[{"_placeholder":true,"num":1}],{"_placeholder":true,"num":2}]',
			PackedByteArray([1]), PackedByteArray(), PackedByteArray([2, 3]),
		],
		"messages"
	)


func test_an_event_name_is_escaped() -> void:
	await _connect()
	_client.get_namespace().emit("a\"b\n", [])
	await expect_until(func() -> bool: return not _server.events().is_empty(), "the packet")
	expect_eq(_server.events(), ['42["a\\"b\\n"]'], "packet")


func test_hundred_levels_are_sent() -> void:
	await _connect()
	_client.get_namespace().emit("value", [_nested(100)])
	await expect_until(func() -> bool: return not _server.events().is_empty(), "the packet")
	expect_eq(_server.events(), ['42["value",' + "[".repeat(100) + "]".repeat(100) + "]"], "packet")


func test_an_object_is_refused() -> void:
	await _expect_refusal("move", [1, {"weapon": RefCounted.new()}], "emit \"move\": data[1].weapon is an Object")


func test_a_callable_is_refused() -> void:
	await _expect_refusal("value", [_nested], "emit \"value\": data[0] is a Callable")


func test_a_signal_is_refused() -> void:
	await _expect_refusal("value", [[tree.process_frame]], "emit \"value\": data[0][0] is a Signal")


func test_a_rid_is_refused() -> void:
	await _expect_refusal("value", [{"deep": [{"id": RID()}]}], "emit \"value\": data[0].deep[0].id is a RID")


func test_a_refused_object_is_named_and_what_to_send() -> void:
	var node := Node2D.new()
	var timer := tree.create_timer(0.0)
	var sword := GDScript.new()
	sword.source_code = "class_name Sword\nextends RefCounted\n"
	expect_eq(sword.reload(), OK, "the script")
	for value: Array in [
		[node, "an Object, a Node2D: send its properties, e.g. in a Dictionary, or its name"],
		[timer, "an Object, a SceneTreeTimer: send its properties, e.g. in a Dictionary"],
		[sword.new(), "an Object, a Sword (RefCounted): send its properties, e.g. in a Dictionary"],
		[_nested, "a Callable: send what it returns, or the name of its method"],
		[tree.process_frame, "a Signal: send its name, or emit an event when it is emitted"],
		[RID(), "a RID: it means nothing outside of this process; send an id of the game's own"],
	]:
		await _expect_refusal("move", [1, {"weapon": value[0]}], "emit \"move\": data[1].weapon is " + value[1])
	node.free()


func test_an_object_that_was_freed_is_refused() -> void:
	var data := [Node.new()]
	data[0].free()
	await _expect_refusal("value", data, "data[0] is an Object that was freed: ask is_instance_valid() before sending")


func test_no_object_is_null() -> void:
	await _expect_wire([tree.root.get_node_or_null("nobody"), {"target": tree.root.get_parent()}], '[null,{"target":null}]')


func test_a_key_that_is_no_identifier_is_quoted_in_the_place() -> void:
	await _expect_refusal("value", [{"two words": RID()}], "emit \"value\": data[0][\"two words\"] is a RID")


func test_a_cycle_of_arrays_is_refused() -> void:
	var loop := []
	loop.append([loop])
	await _expect_refusal("value", [loop], "emit \"value\": data[0][0][0] contains itself")
	loop.clear()


func test_a_cycle_of_dictionaries_is_refused() -> void:
	var loop := {}
	loop["self"] = loop
	await _expect_refusal("value", [loop], "emit \"value\": data[0].self contains itself")
	loop.clear()


func test_data_that_contains_itself_is_refused() -> void:
	var data := []
	data.append(data)
	await _expect_refusal("value", data, "contains itself")
	data.clear()


func test_the_same_container_twice_is_no_cycle() -> void:
	var shared := {"n": 1}
	await _expect_wire([shared, [shared], shared], '[{"n":1},[{"n":1}],{"n":1}]')


func test_nesting_beyond_the_limit_is_refused() -> void:
	await _expect_refusal("value", [_nested(500)], "is nested deeper than")


func test_a_refused_emit_with_ack_calls_back_once() -> void:
	await _connect()
	var answers := []
	expect_error("emit \"value\": data[0] is an Object")
	_client.get_namespace().emit_with_ack("value", [RefCounted.new()], func(answer: Array) -> void: answers.append(answer), 0.0)
	expect_eq(answers, [], "answers within the call")
	await expect_count(answers, 1, "answers")
	expect_eq(answers, [["timeout"]], "answers")
	expect_eq(_server.events(), [], "packets")


func test_an_answer_that_cannot_be_sent_is_refused() -> void:
	await _connect()
	_client.get_namespace().on("question", func(_data: Array, ack: Callable) -> void: ack.call([{"node": RefCounted.new()}]))
	expect_error("node is an Object")
	_server.send('427["question"]')
	await wait(0.2)
	expect_eq(_server.texts().size(), 1, "messages")


func test_reserved_names_are_refused() -> void:
	await _connect()
	for name: String in ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]:
		expect_error("emit \"%s\"" % name)
		_client.get_namespace().emit(name, [1])
	await _expect_nothing_sent()


func test_an_emit_larger_than_the_server_takes_is_refused() -> void:
	await _connect()
	expect_error("emit \"value\"")
	_client.get_namespace().emit("value", ["x".repeat(1_100_000)])
	await _expect_nothing_sent()


func _connect() -> void:
	_server = make_raw_server()
	_client = await connect_raw(_server)


func _expect_wire(data: Array, expected: String) -> void:
	await _connect()
	_client.get_namespace().emit("value", data)
	await expect_until(func() -> bool: return not _server.events().is_empty(), "the packet")
	var packet: String = "" if _server.events().is_empty() else _server.events()[0]
	var actual := "[" + packet.trim_prefix('42["value",')
	expect_eq(actual, expected, "data on the wire")


func _expect_refusal(event: String, data: Array, message: String) -> void:
	await _connect()
	expect_error(message)
	_client.get_namespace().emit(event, data)
	await _expect_nothing_sent()


## The next event comes alone: nothing else was sent, and the connection is unharmed.
func _expect_nothing_sent() -> void:
	_client.get_namespace().emit("fine", [])
	await expect_until(func() -> bool: return not _server.events().is_empty(), "the next event")
	expect_eq(_server.events(), ['42["fine"]'], "packets")


func _nested(levels: int) -> Array:
	var nested := []
	for i in levels - 1:
		nested = [nested]
	return nested
