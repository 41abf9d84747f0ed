## How much of what has arrived one frame dispatches.
extends "res://suite.gd"

const SERVERS := ["none"]


func test_poll_budget_leaves_the_rest_for_the_next_frame() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.poll_budget_usec = 60_000
	client.auto_poll = false
	var numbers := []
	client.get_namespace().on("tick", func(data: Array) -> void:
		numbers.append(data[0])
		OS.delay_msec(4)
	)
	await _send_ticks(server, client, 30)
	client.poll()
	# A busy machine delays for longer than it is asked to.
	expect_true(numbers.size() in range(2, 17), "of 30 events of 4 ms, %d in 60 ms" % numbers.size())
	expect_eq(client.get_statistics().events_waiting_to_dispatch, 30 - numbers.size(), "events_waiting_to_dispatch")
	for i in 30:
		client.poll()
	expect_eq(numbers, range(30), "all events, in order")


func test_a_poll_dispatches_one_event_at_least() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.poll_budget_usec = 1
	client.auto_poll = false
	var numbers := []
	client.get_namespace().on("tick", func(data: Array) -> void:
		numbers.append(data[0])
		OS.delay_msec(2)
	)
	await _send_ticks(server, client, 5)
	for i in 5:
		client.poll()
		expect_eq(numbers.size(), i + 1, "events after %d polls" % (i + 1))
	expect_eq(numbers, range(5), "order")


func test_without_a_budget_a_poll_dispatches_everything() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.auto_poll = false
	var numbers := []
	client.get_namespace().on("tick", func(data: Array) -> void: numbers.append(data[0]))
	await _send_ticks(server, client, 500)
	client.poll()
	expect_eq(numbers, range(500), "events")


func test_close_comes_before_what_the_budget_left() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.poll_budget_usec = 1
	client.auto_poll = false
	var order := []
	client.get_namespace().on("tick", func(data: Array) -> void:
		order.append(data[0])
		OS.delay_msec(1)
	)
	client.disconnected.connect(func(reason: String) -> void: order.append(reason))
	await _send_ticks(server, client, 5)
	client.poll()
	client.close()
	for i in 10:
		client.poll()
	expect_eq(order, [0, "io client disconnect"], "no event follows close()")


func test_of_coalesced_events_only_the_newest_is_dispatched() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.auto_poll = false
	var main := client.get_namespace()
	main.coalesce("move")
	var seen := []
	main.event_received.connect(func(event: String, data: Array) -> void: seen.append([event, data]))
	var moves := listen(main, "move")
	await _send(server, client, ['42["move",1]', '42["chat","a"]', '42["move",2]', '42["chat","b"]', '42["move",3]', '42["chat","c"]'])
	client.poll()
	expect_eq(moves, [[3]], "calls of the listener")
	expect_eq(
		seen, [["chat", ["a"]], ["chat", ["b"]], ["move", [3]], ["chat", ["c"]]], "events, each at its place"
	)
	await _send(server, client, ['42["move",4]'])
	client.poll()
	expect_eq(moves, [[3], [4]], "an event of the next frame")


func test_coalescing_is_for_one_namespace_and_can_be_ended() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	await join(client, "/chat")
	client.auto_poll = false
	client.get_namespace().coalesce("move")
	var main_moves := listen(client.get_namespace(), "move")
	var chat_moves := listen(client.get_namespace("/chat"), "move")
	await _send(server, client, ['42["move",1]', '42/chat,["move",1]', '42["move",2]', '42/chat,["move",2]'])
	client.poll()
	expect_eq([main_moves, chat_moves], [[[2]], [[1], [2]]], "events")
	client.get_namespace().coalesce("move", false)
	await _send(server, client, ['42["move",3]', '42["move",4]'])
	client.poll()
	expect_eq(main_moves, [[2], [3], [4]], "events after it was ended")


func test_an_event_that_wants_an_answer_is_never_dropped() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.auto_poll = false
	client.get_namespace().coalesce("ask")
	client.get_namespace().on("ask", func(data: Array, ack: Callable) -> void: ack.call([data[0] * 10]))
	await _send(server, client, ['421["ask",1]', '422["ask",2]', '42["ask",3]', '423["ask",4]'])
	client.poll()
	await expect_until(func() -> bool: return server.texts().has("433[40]"), "the last answer")
	expect_true(server.texts().has("431[10]") and server.texts().has("432[20]"), "all answers: %s" % [server.texts()])


func test_the_budget_and_coalescing_together_dispatch_the_newest() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.poll_budget_usec = 1
	client.auto_poll = false
	client.get_namespace().coalesce("tick")
	var numbers := []
	client.get_namespace().on("other", func(_data: Array) -> void: OS.delay_msec(2))
	client.get_namespace().on("tick", func(data: Array) -> void: numbers.append(data[0]))
	await _send(server, client, ['42["other"]', '42["tick",0]', '42["tick",1]'])
	client.poll()
	expect_eq(numbers, [], "the first poll is used up by the other event")
	await _send(server, client, ['42["tick",2]'], 3)
	client.poll()
	expect_eq(numbers, [2], "what waited gives way to what came later")


## Sends numbered events and waits until all of them wait for a poll.
func _send_ticks(server: RawServer, client: SocketIOClient, count: int) -> void:
	var packets := range(count).map(func(i: int) -> String: return '42["tick",%d]' % i)
	await _send(server, client, packets)


## Sends packets and waits until that many events wait for a poll.
func _send(server: RawServer, client: SocketIOClient, packets: Array, count := packets.size()) -> void:
	for packet: String in packets:
		server.send(packet)
	await expect_until(
		func() -> bool: return client.get_statistics().events_waiting_to_dispatch == count, "%d events arrive" % count
	)
