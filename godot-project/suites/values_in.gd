## What the values of real servers become.
extends "res://suite.gd"

const SERVERS := ["node", "polling", "upgrade", "python", "rust"]
const NOT_ON := {
	"test_lone_surrogates_become_replacement_characters": {"rust": "a Rust string cannot hold a lone surrogate"},
	"test_integers_to_the_ends_of_64_bits_come_back": {
		"node": "JavaScript has no integers above 2^53",
		"polling": "JavaScript has no integers above 2^53",
		"upgrade": "JavaScript has no integers above 2^53",
	},
}


func test_known_values_of_every_kind() -> void:
	var main := (await connect_client()).get_namespace()
	var types: Array = await reply(main, "types", [], "types")
	var expected := [
		null, true, false, 0, -1, 2147483648, 9007199254740991, -9007199254740991, 0.1, -2.5, 1e300, _float(1),
		"", "text", "h\u00e9llo", "\U01F600\U01F468\u200d\U01F680", "a\ufffdb", "\"\\\n\t/",
		[], {}, [[]], {"a": {}}, [[[[[[[[[["bottom"]]]]]]]]]], {"z": 1, "a": 2, "m": 3},
	]
	expect_eq(types.size(), expected.size(), "number of values")
	for i in mini(types.size(), expected.size()):
		expect_eq(types[i], expected[i], "types[%d]" % i)


func test_objects_keep_the_order_of_their_keys() -> void:
	var main := (await connect_client()).get_namespace()
	var types: Array = await reply(main, "types", [], "types")
	expect_eq(types[-1].keys(), ["z", "a", "m"], "keys")


func test_integers_to_the_ends_of_64_bits_arrive() -> void:
	var main := (await connect_client()).get_namespace()
	var expected := [9223372036854775807, -9223372036854775807 - 1, 9007199254740993]
	expect_eq(await reply(main, "int64", [], "int64"), expected, "integers")


func test_integers_to_the_ends_of_64_bits_come_back() -> void:
	var main := (await connect_client()).get_namespace()
	var integers := [9223372036854775807, -9223372036854775807 - 1, 9007199254740993, -9007199254740993]
	expect_eq(await ask(main, "echo_ack", integers), integers, "integers")


func test_floats_come_back_bit_by_bit() -> void:
	var main := (await connect_client()).get_namespace()
	var floats := [0.1, 1.0 / 3.0, PI, 1.7976931348623157e308, _float(1 << 52), _float(1), -123456.789e-5]
	expect_eq(await ask(main, "echo_ack", floats), floats, "floats")


func test_lone_surrogates_become_replacement_characters() -> void:
	var main := (await connect_client()).get_namespace()
	expect_eq(await reply(main, "surrogates", [], "surrogates"), ["a\ufffdb", "\ufffd"], "strings")


func test_texts_come_back() -> void:
	var main := (await connect_client()).get_namespace()
	var texts := ["", " ", "\"\\/", "\n\r\t\u0001\u001f\u007f", "\u2028\u2029", "\u00e4\u4e2d\U01F600", "\U010FFFF", "null"]
	expect_eq(await ask(main, "echo_ack", texts), texts, "texts")


func test_texts_keep_a_byte_order_mark() -> void:
	var main := (await connect_client()).get_namespace()
	var data := [
		"\ufeff", "\ufeffa", "a\ufeff", "\ufeff\ufeff\u00e9\U01F600", "\ufffe", "\uffff", "\ufeff" + "x".repeat(1000),
		{"\ufeff": "\ufeff", "\ufeffa": 1, "a": ["\ufeff"], "\ufeff" + "long".repeat(10): 2},
	]
	for i in 3:
		var answer: Array = await ask(main, "echo_ack", data)
		expect_eq(answer, data, "texts")
		expect_eq(answer.slice(0, 7).map(func(text: String) -> int: return text.length()), [1, 2, 2, 4, 1, 1, 1001], "lengths")
		expect_eq(answer[7].keys(), data[7].keys(), "keys")


func test_a_name_keeps_a_byte_order_mark() -> void:
	var main := (await connect_client()).get_namespace()
	var received := record(main.event_received)
	var sent := record(main.event_emitted)
	expect_eq(await reply(main, "emit_named", ["\ufeffname", 1], "\ufeffname"), [1], "data")
	main.emit("\ufeffunknown", [])
	expect_eq(received, [["\ufeffname", [1]]], "event_received")
	await expect_count(sent, 2, "event_emitted")
	expect_eq(sent[1], ["\ufeffunknown", []], "event_emitted")


func test_ten_levels_of_nesting_come_back() -> void:
	var main := (await connect_client()).get_namespace()
	var nested: Variant = {"bottom": true}
	for i in 10:
		nested = [nested] if i % 2 == 0 else {"level": nested}
	expect_eq(await ask(main, "echo_ack", [nested]), [nested], "nested")


func test_empty_containers_come_back() -> void:
	var main := (await connect_client()).get_namespace()
	var data := [[], {}, [[], {}], {"a": [], "b": {}}]
	expect_eq(await ask(main, "echo_ack", data), data, "containers")


func test_keys_may_be_any_text() -> void:
	var main := (await connect_client()).get_namespace()
	var data := [{"": 1, " ": 2, "\U01F600": 3, "a.b": 4, "\"": 5}]
	expect_eq(await ask(main, "echo_ack", data), data, "keys")


## A float by its bits: GDScript's parser takes the smallest ones for zero.
func _float(bits: int) -> float:
	var bytes := PackedByteArray()
	bytes.resize(8)
	bytes.encode_s64(0, bits)
	return bytes.decode_double(0)
