## Attachments both ways.
extends "res://suite.gd"

const SERVERS := ["node", "polling", "upgrade", "python", "python_polling", "rust"]
const TIMEOUTS := {"test_one_mebibyte_both_ways": 30.0}


func test_bytes_arrive_as_sent() -> void:
	var main := (await connect_client()).get_namespace()
	var bytes := PackedByteArray(range(256))
	expect_eq(await reply(main, "echo", [bytes], "echo"), [bytes], "data")


func test_no_bytes_at_all_are_an_attachment_too() -> void:
	var main := (await connect_client()).get_namespace()
	expect_eq(await reply(main, "echo", [PackedByteArray()], "echo"), [PackedByteArray()], "data")


func test_bytes_at_any_depth() -> void:
	var main := (await connect_client()).get_namespace()
	var bytes := PackedByteArray([1, 2])
	var data := ["text", {"a": [{"b": {"c": [[bytes]]}}, 5]}, [bytes, [bytes]]]
	expect_eq(await reply(main, "echo", data, "echo"), data, "data")


func test_known_bytes_from_the_server() -> void:
	var main := (await connect_client()).get_namespace()
	var bytes := PackedByteArray([0, 1, 2, 254, 255])
	var expected := [{"name": "deep", "levels": {"a": [{"b": bytes}]}}, PackedByteArray(), "end", [bytes, bytes]]
	expect_eq(await reply(main, "binary", [], "binary"), expected, "data")


func test_several_attachments_keep_their_places() -> void:
	var main := (await connect_client()).get_namespace()
	var data := range(10).map(func(i: int) -> PackedByteArray: return PackedByteArray([i, i]))
	expect_eq(await reply(main, "echo", data, "echo"), data, "data")


func test_ten_attachments_from_the_server() -> void:
	var main := (await connect_client()).get_namespace()
	var expected := range(10).map(func(i: int) -> PackedByteArray: return PackedByteArray([i]))
	expect_eq(await reply(main, "many_attachments", [10], "many_attachments"), expected, "data")


func test_more_than_ten_attachments_are_refused() -> void:
	var client := await connect_client()
	var data := range(11).map(func(i: int) -> PackedByteArray: return PackedByteArray([i]))
	expect_error("emit \"echo\": 11 attachments")
	client.get_namespace().emit("echo", data)
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "the connection goes on")


func test_more_than_ten_attachments_with_ack_are_refused() -> void:
	var client := await connect_client()
	var answers := []
	var data := range(11).map(func(i: int) -> PackedByteArray: return PackedByteArray([i]))
	expect_error("11 attachments")
	client.get_namespace().emit_with_ack("echo_ack", data, func(answer: Array) -> void: answers.append(answer), 0.0)
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "the connection goes on")
	expect_eq(answers, [["timeout"]], "the callback runs once all the same")


func test_one_mebibyte_both_ways() -> void:
	var main := (await connect_client()).get_namespace()
	var bytes := PackedByteArray()
	bytes.resize(1024 * 1024)
	for i in range(0, bytes.size(), 4):
		bytes.encode_u32(i, i * 2654435761 & 0xffffffff)
	var data: Variant = await reply(main, "echo", [bytes], "echo")
	expect_true(same(data, [bytes]), "the bytes came back")


func test_binary_and_text_keep_their_order() -> void:
	var main := (await connect_client()).get_namespace()
	var events := listen(main, "echo")
	var expected := []
	for i in 50:
		var data := [i] if i % 2 == 0 else [i, PackedByteArray([i]), PackedByteArray([i, i])]
		main.emit("echo", data)
		expected.append(data)
	await expect_count(events, 50, "events")
	expect_eq(events, expected, "order")


func test_binary_of_two_namespaces_does_not_mix() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var main_events := listen(client.get_namespace(), "echo")
	var chat_events := listen(chat, "echo")
	var main_expected := []
	var chat_expected := []
	for i in 30:
		main_expected.append(["main", PackedByteArray([i])])
		chat_expected.append(["chat", PackedByteArray([i, i]), PackedByteArray([i])])
		client.get_namespace().emit("echo", main_expected[i])
		chat.emit("echo", chat_expected[i])
	await expect_count(main_events, 30, "events of /")
	await expect_count(chat_events, 30, "events of /chat")
	expect_eq(main_events, main_expected, "/")
	expect_eq(chat_events, chat_expected, "/chat")


func test_a_dictionary_that_looks_like_a_placeholder_is_no_attachment() -> void:
	var main := (await connect_client()).get_namespace()
	var data := [{"_placeholder": true, "num": 0}]
	expect_eq(await reply(main, "echo", data, "echo"), data, "data")


func test_bytes_may_change_after_emit() -> void:
	var main := (await connect_client()).get_namespace()
	var events := listen(main, "echo")
	var bytes := PackedByteArray([1])
	main.emit("echo", [bytes])
	bytes[0] = 2
	await expect_count(events, 1, "events")
	expect_eq(events, [[PackedByteArray([1])]], "data")


func test_many_bytes_may_change_in_any_way_after_emit() -> void:
	var client := make_client()
	var main := client.get_namespace()
	var events := listen(main, "echo")
	var changes: Array[Callable] = [
		func(bytes: PackedByteArray) -> void: bytes[0] = 2,
		func(bytes: PackedByteArray) -> void: bytes.fill(2),
		func(bytes: PackedByteArray) -> void: bytes.encode_u64(8, -1),
		func(bytes: PackedByteArray) -> void: bytes.append(2),
		func(bytes: PackedByteArray) -> void: bytes.resize(5_000),
		func(bytes: PackedByteArray) -> void: bytes.reverse(),
		func(bytes: PackedByteArray) -> void: bytes.clear(),
		func(_bytes: PackedByteArray) -> void: pass,
	]
	var sizes: Array[int] = []
	for size: int in [4_095, 4_096, 100_000]:
		for change in changes:
			var bytes := _marked_bytes(size, sizes.size())
			# They wait until the namespace is joined.
			main.emit("echo", [bytes, [bytes]])
			change.call(bytes)
			sizes.append(size)
	await connect_client(client)
	await expect_count(events, sizes.size(), "events")
	for i in sizes.size():
		# Made only now: a copy from before would have held them.
		var expected := _marked_bytes(sizes[i], i)
		expect_true(same(events[i], [expected, [expected]]), "the bytes of event %d are others" % i)


func _marked_bytes(size: int, mark: int) -> PackedByteArray:
	var bytes := PackedByteArray()
	bytes.resize(size)
	bytes.fill(mark)
	bytes[-1] = 255
	return bytes
