## Large values are made by the worker, and end there: a frame has no time to give megabytes back. Whatever a game does to them,
## they must be as they were sent, their memory must come back, and what a game has put into them must end on the main thread.
extends "res://suite.gd"

const SERVERS := ["none"]
const BUILD_ON_WORKER := "socket_io/threads/build_values_on_worker"
const MEGABYTE := 1 << 20
## More than what is kept to be filled again.
const LENGTH := 8 * MEGABYTE

var _raw_server: RawServer


## Something with an end of its own, which must be on the main thread.
class Item:
	extends RefCounted

	static var ended := 0
	static var ended_elsewhere := 0

	func _notification(what: int) -> void:
		if what == NOTIFICATION_PREDELETE:
			ended += 1
			if OS.get_thread_caller_id() != OS.get_main_thread_id():
				ended_elsewhere += 1


func clean_up() -> void:
	await super()
	ProjectSettings.set_setting(BUILD_ON_WORKER, null)
	# The next client that connects reads it.
	await connect_raw(make_raw_server())
	await super()


func test_the_memory_of_what_is_over_comes_back() -> void:
	await _expect_memory_back(func(_data: Array) -> void: pass)


func test_it_comes_back_where_the_main_thread_makes_them() -> void:
	ProjectSettings.set_setting(BUILD_ON_WORKER, false)
	await _expect_memory_back(func(_data: Array) -> void: pass)


func test_it_comes_back_when_the_game_lets_go_of_what_it_has_kept() -> void:
	var kept := []
	await _expect_memory_back(
		func(data: Array) -> void:
			kept.append(data)
			if kept.size() > 1:
				kept.pop_front()
	)
	expect_eq(kept.size(), 1, "values that were kept")
	expect_eq(kept[0][0].length(), LENGTH, "characters of what was kept")


func test_it_comes_back_within_one_frame_that_polls() -> void:
	_raw_server = make_raw_server()
	var client := await connect_raw(_raw_server)
	client.auto_poll = false
	var received := [0]
	client.get_namespace().on("large", func(_data: Array) -> void: received[0] += 1)
	_poll_until(client, func() -> bool: return received[0] == 1, true)
	var before := OS.get_static_memory_usage()
	for number in range(2, 5):
		_poll_until(client, func() -> bool: return received[0] == number, true)
	_poll_until(client, func() -> bool: return OS.get_static_memory_usage() < before + LENGTH)
	expect_true(OS.get_static_memory_usage() < before + LENGTH, "the values are still there")


func test_what_waits_to_be_filled_again_goes_after_the_last_client() -> void:
	_raw_server = make_raw_server()
	var client := await connect_raw(_raw_server, SocketIOClient.new())
	var received := [0]
	client.get_namespace().on("large", func(_data: Array) -> void: received[0] += 1)
	_raw_server.send('42["large","%s"]' % "x".repeat(LENGTH / 4))
	await expect_until(func() -> bool: return received[0] == 1, "the event")
	client.close()
	client = null
	# Until the server's buffers are gone, and not yet the value.
	await frames(20)
	var with_it := OS.get_static_memory_usage()
	await expect_until(func() -> bool: return OS.get_static_memory_usage() < with_it - LENGTH / 2, "the end of the value", 10.0)


## Polls both sides without a frame between, after sending an event if there is one to send.
func _poll_until(client: SocketIOClient, condition: Callable, sends := false) -> void:
	if sends:
		_raw_server.send('42["large","%s"]' % "x".repeat(LENGTH))
	var end := Time.get_ticks_msec() + 3_000
	while not condition.call() and Time.get_ticks_msec() < end:
		_raw_server.poll()
		client.poll()
		OS.delay_msec(1)


func test_answers_and_attachments_come_back_too() -> void:
	var channel := await _channel()
	var received := [0]
	var answers := []
	channel.on("blob", func(_data: Array) -> void: received[0] += 1)
	var bytes := PackedByteArray()
	bytes.resize(LENGTH)
	await _expect_memory_of(
		func(number: int) -> void:
			channel.emit_with_ack("ask", [], func(answer: Array) -> void: answers.append(answer[0].length()))
			await frames(1)
			_raw_server.send('43%d["%s"]' % [number, "x".repeat(LENGTH)])
			await expect_count(answers, number + 1, "answers")
			_raw_server.send('451-["blob",{"_placeholder":true,"num":0}]')
			_raw_server.send_bytes(bytes)
			await expect_until(func() -> bool: return received[0] == number + 1, "event %d" % number)
	)
	expect_eq(answers, [LENGTH, LENGTH, LENGTH, LENGTH], "characters of the answers")


func test_bytes_that_are_never_sent_come_back() -> void:
	await _expect_memory_of(
		func(_number: int) -> void:
			var bytes := PackedByteArray()
			bytes.resize(4 * LENGTH)
			# Nothing holds it afterwards.
			var client := SocketIOClient.new()
			client.get_namespace().emit("large", [bytes])
	)


func test_one_that_comes_with_many_small_ones_is_as_it_was_sent() -> void:
	var channel := await _channel()
	var seen := []
	channel.on("small", func(data: Array) -> void: seen.append(data[0]))
	channel.on(
		"large",
		func(data: Array) -> void:
			expect_eq(data[0].length(), MEGABYTE, "characters")
			expect_true(data[0].begins_with("<") and data[0].ends_with(">"), "the text is another")
			seen.append(data[1])
	)
	var number := 0
	for i in 5:
		for j in 200:
			if j % 50 == 25:
				_raw_server.send('42["large","<%s>",%d]' % ["x".repeat(MEGABYTE - 2), number])
			else:
				_raw_server.send('42["small",%d]' % number)
			number += 1
		await frames(1)
	await expect_count(seen, number, "events")
	expect_eq(seen, range(number), "the order")


func test_what_a_listener_has_put_into_them_ends_on_the_main_thread() -> void:
	var channel := await _channel()
	Item.ended = 0
	Item.ended_elsewhere = 0
	var kept := []
	var put := [0]
	channel.on(
		"large",
		func(data: Array) -> void:
			# In some of them nothing, so that all of it is the worker's.
			match put[0] % 6:
				1:
					data.append(Item.new())
				2:
					data[1].list.append(Item.new())
				3:
					data[1][Item.new()] = "a key"
				4:
					data[1].item = Item.new()
				5:
					data[1].deep = {"typed": [Item.new()] as Array[Item]}
					kept.append(data[1])
			put[0] += 1
	)
	for i in 24:
		_raw_server.send('42["large","%s",{"list":[{"a":1},{"b":[2,"x"]}]}]' % "x".repeat(LENGTH / 4))
		await frames(2)
	await expect_until(func() -> bool: return put[0] == 24, "the events")
	kept.clear()
	await expect_until(func() -> bool: return Item.ended == 20, "the end of the objects")
	expect_eq(Item.ended_elsewhere, 0, "objects that ended on another thread")


func test_one_may_be_the_last_that_a_client_gets() -> void:
	_raw_server = make_raw_server()
	var ended := [0]
	await _expect_memory_of(
		func(number: int) -> void:
			var client := await connect_raw(_raw_server)
			client.get_namespace().on("large", func(_data: Array) -> void:
				client.close()
				ended[0] += 1
			)
			_raw_server.send('42["large","%s"]' % "x".repeat(LENGTH))
			await expect_until(func() -> bool: return ended[0] == number + 1, "event %d" % number)
			client.get_namespace().off_all("large")
	)


func _expect_memory_back(listener: Callable) -> void:
	var channel := await _channel()
	var received := [0]
	channel.on("large", listener)
	channel.on("large", func(_data: Array) -> void: received[0] += 1)
	await _expect_memory_of(
		func(number: int) -> void:
			_raw_server.send('42["large","%s"]' % "x".repeat(LENGTH))
			await expect_until(func() -> bool: return received[0] == number + 1, "event %d" % number)
	)


## Does something again and again, which must not take more memory each time. The first time is not looked at: the test's own
## server has its buffers from then on.
func _expect_memory_of(times: Callable) -> void:
	await times.call(0)
	await wait(0.1)
	var before := OS.get_static_memory_usage()
	for number in range(1, 4):
		await times.call(number)
	await expect_until(func() -> bool: return OS.get_static_memory_usage() < before + LENGTH, "the end of the values")


func _channel() -> SocketIONamespace:
	_raw_server = make_raw_server()
	return (await connect_raw(_raw_server)).get_namespace()
