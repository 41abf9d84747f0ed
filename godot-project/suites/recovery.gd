## Connection state recovery: a session that comes back with what it missed.
extends "res://fault_suite.gd"

const SERVERS := ["node", "upgrade"]
const RECOVERY := "/recovery"
## What a game may send last, and has the form of an offset.
const OWN_TEXTS := ["65f0a1b2c3d4e5f6a7b8c9d0", "Warrior", "1700000000000-0"]

var _millis := int(Time.get_unix_time_from_system() * 1000)


func test_a_first_session_is_not_recovered() -> void:
	var client := await connect_through_proxy(RECOVERY)
	expect_eq(client.get_namespace().recovered, false, "recovered")


func test_s16_a_session_comes_back_with_its_id() -> void:
	var client := await _connect()
	var main := client.get_namespace()
	var id := main.get_session_id()
	await cut_and_return(client)
	expect_eq(main.recovered, true, "recovered")
	expect_eq(main.get_session_id(), id, "session id")
	expect_eq(await ask(main, "recovered"), [true], "what the server says")
	expect_eq(await ask(main, "whoami"), [id], "the server's session id")


func test_s16_missed_events_arrive_once_and_in_order() -> void:
	var client := await _connect()
	var ticks := listen(client.get_namespace(), "tick")
	client.get_namespace().emit("stream", [100, 5, 0])
	await expect_until(func() -> bool: return ticks.size() >= 10, "ticks")
	await go_offline(client)
	await wait(0.2)
	await go_online(client)
	await expect_count(ticks, 100, "ticks")
	await wait(0.1)
	expect_eq(ticks, _numbers(100), "ticks")


func test_s16_missed_events_come_before_connected() -> void:
	var client := await _connect()
	var main := client.get_namespace()
	var order := []
	main.on("tick", func(data: Array) -> void: order.append([data[0], main.recovered]))
	main.connected.connect(func(_id: String) -> void: order.append("connected"))
	await _miss_ticks(client, 5)
	await go_online(client)
	expect_eq(order, range(5).map(func(i: int) -> Array: return [i, true]) + ["connected"], "order, with recovered")


func test_s16_the_offset_is_hidden() -> void:
	var client := await _connect()
	var main := client.get_namespace()
	var received := record(main.event_received)
	var events := listen(main, "echo")
	main.emit("echo", ["text"])
	main.emit("echo", [])
	main.emit("echo", [PackedByteArray([1]), {"a": "b"}])
	await expect_count(events, 3, "events")
	var expected := [["text"], [], [PackedByteArray([1]), {"a": "b"}]]
	expect_eq(events, expected, "data of the listeners")
	expect_eq(received, expected.map(func(data: Array) -> Array: return ["echo", data]), "data of event_received")


func test_s16_what_a_game_sends_last_stays() -> void:
	for own: String in OWN_TEXTS + [_object_id(0), _stream_id(0)]:
		for turn: Array in [["volatile", "own", "volatile"], ["own", "volatile", "volatile", "own"]]:
			var client := await connect_through_proxy(RECOVERY)
			var main := client.get_namespace()
			var received := record(main.event_received)
			for i in turn.size():
				if turn[i] == "volatile":
					main.emit("volatile", ["spawned", own])
				else:
					main.emit("emit_named", ["own", own])
				await expect_count(received, i + 1, "events")
			var expected := turn.map(func(kind: String) -> Array: return ["spawned" if kind == "volatile" else "own", [own]])
			expect_eq(received, expected, "events that end in %s" % own)
			received.clear()
			await _miss_ticks(client, 2)
			await go_online(client)
			await expect_count(received, 2, "missed events")
			expect_eq([received, main.recovered], [[["tick", [0]], ["tick", [1]]], true], "after %s" % [turn])
			client.close()


func test_s16_a_pid_without_offsets_takes_nothing() -> void:
	for own: String in OWN_TEXTS:
		var client := await connect_through_proxy("/pid")
		var echoes := listen(client.get_namespace(), "echo")
		for i in 10:
			client.get_namespace().emit("echo", [own])
			client.get_namespace().emit("echo", [i, own])
		await expect_count(echoes, 20, "echoes")
		var expected := []
		for i in 10:
			expected.append_array([[own], [i, own]])
		expect_eq(echoes, expected, "echoes")
		await cut_and_return(client)
		expect_eq(client.get_namespace().recovered, false, "recovered")
		client.close()


func test_s16_ids_of_one_moment_stay_where_one_of_them_comes_again() -> void:
	var client := await connect_through_proxy("/pid")
	var main := client.get_namespace()
	var echoes := listen(main, "echo")
	# Nothing tells the first ids from offsets, until one of them is there again.
	for i in 4:
		main.emit("echo", [_object_id(i)])
	main.emit("echo", ["hit", {"by": _object_id(2)}])
	await expect_count(echoes, 5, "echoes")
	expect_eq(echoes.slice(0, 2), [[_object_id(0)], [_object_id(1)]], "the first ids")
	echoes.clear()
	for i in 4:
		main.emit("echo", [_object_id(10 + i)])
	await expect_count(echoes, 4, "echoes")
	expect_eq(echoes, range(4).map(func(i: int) -> Array: return [_object_id(10 + i)]), "ids")


func test_s16_the_offsets_of_each_adapter_are_known_in_the_end() -> void:
	var first_hidden := {_in_memory_offset: 0, _stream_id: 1, _object_id: 2}
	for make: Callable in first_hidden:
		var raw_server := await _connect_raw({})
		var main := _client(-1).get_namespace()
		var events := listen(main, "event")
		for i in 6:
			raw_server.send('42["event",%d,"%s"]' % [i, make.call(i)])
			for own in OWN_TEXTS:
				raw_server.send('42["event","volatile","%s"]' % own)
		await expect_count(events, 6 * (1 + OWN_TEXTS.size()), "events")
		var expected := []
		for i in 6:
			expected.append([i] if i >= first_hidden[make] else [i, make.call(i)])
			expected.append_array(OWN_TEXTS.map(func(own: String) -> Array: return ["volatile", own]))
		expect_eq(events, expected, "events of %s" % make.get_method())
		expect_eq(await _rejoin_packet(raw_server), {"pid": "pid-1", "offset": make.call(5)}, "auth")
		events.clear()
		raw_server.send('42["event","%s","%s"]' % [OWN_TEXTS[0], make.call(6)])
		raw_server.send('40{"sid":"raw","pid":"pid-1"}')
		await expect_count(events, 1, "missed events")
		expect_eq([events, main.recovered], [[[OWN_TEXTS[0]]], true], "what was missed, and recovered")
		_client(-1).close()


func test_s16_the_offset_of_missed_events_is_hidden() -> void:
	var client := await _connect()
	var ticks := listen(client.get_namespace(), "tick")
	await _miss_ticks(client, 3)
	await go_online(client)
	await expect_count(ticks, 3, "ticks")
	expect_eq(ticks, _numbers(3), "ticks")


func test_s16_missed_events_keep_their_attachments() -> void:
	var client := await _connect()
	var ticks := listen(client.get_namespace(), "tick")
	await _miss_ticks(client, 3, 4)
	await go_online(client)
	await expect_count(ticks, 3, "ticks")
	var bytes := PackedByteArray([7, 7, 7, 7])
	expect_eq(ticks, [[0, bytes], [1, bytes], [2, bytes]], "ticks")


func test_s16_a_question_brings_no_offset() -> void:
	var client := await _connect()
	var questions := []
	client.get_namespace().on("question", func(data: Array, ack: Callable) -> void:
		questions.append(data)
		ack.call(["answer"]))
	expect_eq(await reply(client.get_namespace(), "ask", ["text"], "answer"), ["answer"], "answer")
	expect_eq(questions, [["text"]], "data of the question")


func test_without_recovery_a_last_text_is_data() -> void:
	var client := await connect_through_proxy()
	var events := listen(client.get_namespace(), "echo")
	client.get_namespace().emit("echo", ["a", "b"])
	await expect_count(events, 1, "events")
	expect_eq(events, [["a", "b"]], "data")


func test_a_server_without_recovery_gives_a_new_session() -> void:
	var client := await connect_through_proxy()
	var id := client.get_namespace().get_session_id()
	await reply(client.get_namespace(), "echo", ["text"], "echo")
	await cut_and_return(client)
	expect_eq(client.get_namespace().recovered, false, "recovered")
	expect_true(client.get_namespace().get_session_id() != id, "the session is a new one")
	expect_eq(await ask(client.get_namespace(), "auth"), [null], "auth")


func test_rooms_are_still_joined() -> void:
	var client := await _connect()
	var witness := await _connect_witness()
	await ask(client.get_namespace(), "join", ["blue"])
	var events := listen(client.get_namespace(), "painted")
	await go_offline(client)
	witness.emit("to_room", ["blue", "painted", "while away"])
	await ask(witness, "echo_ack")
	await go_online(client)
	witness.emit("to_room", ["blue", "painted", "after"])
	await expect_count(events, 2, "events")
	expect_eq(events, [["while away"], ["after"]], "events")


func test_s16_volatile_events_are_not_brought_back() -> void:
	var client := await _connect()
	var ticks := listen(client.get_namespace(), "volatile_tick")
	await _emit_and_go_offline(client, "stream_volatile", [40, 5])
	await wait(0.4)
	await go_online(client)
	await wait(0.2)
	expect_true(client.get_namespace().recovered, "recovered")
	expect_true(ticks.size() < 40, "%d of 40 volatile events arrived" % ticks.size())
	expect_eq(ticks.filter(func(data: Array) -> bool: return data.size() != 1), [], "volatile events with an offset")


func test_s16_events_that_ask_for_an_ack_are_not_brought_back() -> void:
	var client := await _connect()
	var main := client.get_namespace()
	var asked := []
	main.on("asked_tick", func(data: Array, ack: Callable) -> void:
		asked.append(data[0])
		ack.call([]))
	var acked := listen(main, "tick_acked")
	await _emit_and_go_offline(client, "stream_asking", [100, 5])
	await wait(0.1)
	await go_online(client)
	await expect_until(func() -> bool: return 99 in asked, "the last question")
	expect_true(main.recovered, "recovered")
	expect_true(asked.size() < 100, "%d of 100 questions arrived" % asked.size())
	await expect_until(func() -> bool: return [99] in acked, "the ack of the last question")
	var unique := {}
	for number: int in asked:
		unique[number] = true
	expect_eq(unique.size(), asked.size(), "questions that came once")


func test_each_namespace_is_recovered() -> void:
	var client := await _connect()
	var chat := await join(client, "/chat")
	var main_ticks := listen(client.get_namespace(), "tick")
	var chat_ticks := listen(chat, "tick")
	var rejoined := record(chat.connected)
	client.get_namespace().emit("stream", [60, 5, 0])
	chat.emit("stream", [60, 5, 0])
	await expect_until(func() -> bool: return main_ticks.size() >= 5 and chat_ticks.size() >= 5, "ticks")
	await go_offline(client)
	await wait(0.1)
	await go_online(client)
	await expect_count(rejoined, 1, "connected of /chat")
	await expect_count(main_ticks, 60, "ticks of /")
	await expect_count(chat_ticks, 60, "ticks of /chat")
	expect_eq([client.get_namespace().recovered, chat.recovered], [true, true], "recovered")
	expect_eq([main_ticks, chat_ticks], [_numbers(60), _numbers(60)], "ticks")


func test_recovery_after_recovery() -> void:
	var client := await _connect()
	var main := client.get_namespace()
	var id := main.get_session_id()
	for i in 5:
		await cut_and_return(client)
		expect_eq([main.recovered, main.get_session_id()], [true, id], "recovery %d" % (i + 1))


func test_what_waited_is_sent_once_after_recovery() -> void:
	var key := fresh_key("recovered")
	var client := await _connect()
	await go_offline(client)
	for i in 20:
		client.get_namespace().emit("remember", [key, i])
	await go_online(client)
	await ask(client.get_namespace(), "echo_ack")
	expect_eq(client.get_namespace().recovered, true, "recovered")
	expect_eq(await recall(client.get_namespace(), key), _numbers(20), "what the server got")


func test_close_throws_the_session_away() -> void:
	var client := await _connect()
	var id := client.get_namespace().get_session_id()
	client.close()
	await join_through_proxy(client, RECOVERY)
	expect_eq(client.get_namespace().recovered, false, "recovered")
	expect_true(client.get_namespace().get_session_id() != id, "the session is a new one")
	expect_eq(await ask(client.get_namespace(), "auth"), [null], "auth")


func test_leaving_a_namespace_throws_its_session_away() -> void:
	var client := await _connect()
	var chat := await join(client, "/chat")
	await reply(chat, "echo", [], "echo")
	chat.disconnect_from_namespace()
	await frames(3)
	await join(client, "/chat")
	expect_eq(chat.recovered, false, "recovered")
	expect_eq(await ask(chat, "auth"), [null], "auth")


func test_s16_pause_and_resume_recover_the_session() -> void:
	var client := await _connect()
	var ticks := listen(client.get_namespace(), "tick")
	var id := client.get_namespace().get_session_id()
	client.get_namespace().emit("stream", [60, 5, 0])
	await expect_until(func() -> bool: return ticks.size() >= 5, "ticks")
	client.pause_connection()
	expect_true(await proxy.until_the_server_noticed(), "the connection ends")
	await wait(0.1)
	client.resume_connection()
	await expect_count(ticks, 60, "ticks")
	expect_eq(ticks, _numbers(60), "ticks")
	expect_eq([client.get_namespace().recovered, client.get_namespace().get_session_id()], [true, id], "session")


func test_a_dead_network_is_recovered_from() -> void:
	var client := await _connect()
	var ticks := listen(client.get_namespace(), "tick")
	var witness := await _connect_witness()
	client.get_namespace().emit("stream", [100, 5, 0])
	await expect_until(func() -> bool: return ticks.size() >= 5, "ticks")
	await go_dead(client, witness)
	await go_online(client)
	await expect_count(ticks, 100, "ticks")
	expect_eq(ticks, _numbers(100), "ticks")
	expect_eq(client.get_namespace().recovered, true, "recovered")


func test_silence_in_the_middle_of_an_event_is_recovered_from() -> void:
	var client := await _connect()
	var ticks := listen(client.get_namespace(), "tick")
	var witness := await _connect_witness()
	# The second tick ends in its attachment.
	await proxy.swallow_after_bytes_to_client(500)
	client.get_namespace().emit("stream", [20, 5, 300])
	await _until_swallowed()
	expect_true(ticks.size() < 3, "%d ticks before the silence" % ticks.size())
	await go_dead(client, witness)
	await go_online(client)
	await expect_count(ticks, 20, "ticks")
	var bytes := PackedByteArray()
	bytes.resize(300)
	bytes.fill(7)
	expect_eq(ticks, range(20).map(func(i: int) -> Array: return [i, bytes]), "ticks")


func test_a_server_that_was_restarted_gives_a_new_session() -> void:
	proxy = FaultProxy.new()
	expect_true(await proxy.open_control(), "the fault proxy listens")
	var address := await proxy.start_server()
	var client := make_quick_client()
	client.connect_to_url(address.replace("http", "ws") + RECOVERY)
	await expect_until(client.get_namespace().is_namespace_connected, "joining /")
	var id := client.get_namespace().get_session_id()
	await reply(client.get_namespace(), "echo", [], "echo")
	var connected := record(client.connected)
	var ended := record(client.disconnected)
	await proxy.kill_server()
	await expect_count(ended, 1, "disconnected")
	var events := listen(client.get_namespace(), "echo")
	client.get_namespace().emit("echo", ["kept"])
	expect_eq(await proxy.start_server(), address, "address of the new server")
	await expect_count(connected, 1, "connected again")
	expect_eq(client.get_namespace().recovered, false, "recovered")
	expect_true(client.get_namespace().get_session_id() != id, "the session is a new one")
	await expect_count(events, 1, "events")
	expect_eq(events, [["kept"]], "what was emitted in between")


func test_s16_the_packets_of_a_recovery() -> void:
	var raw_server := await _connect_raw({})
	_client(0).get_namespace().on("event", func(_data: Array) -> void: pass)
	raw_server.send('42["event",1,"offset-1"]')
	raw_server.send('42["event","offset-2"]')
	raw_server.send('42["event",3]')
	raw_server.send('4217["event","not an offset",7]')
	await expect_until(func() -> bool: return _client(0).get_statistics().events_received == 4, "events")
	expect_eq(await _rejoin_packet(raw_server), {"pid": "pid-1", "offset": "offset-2"}, "auth")


func test_s16_without_an_event_there_is_no_offset() -> void:
	var raw_server := await _connect_raw({})
	expect_eq(await _rejoin_packet(raw_server), {"pid": "pid-1"}, "auth")


func test_s16_the_auth_of_the_game_wins() -> void:
	var raw_server := await _connect_raw({"token": "t", "offset": "mine"})
	raw_server.send('42["event","offset-1"]')
	await frames(10)
	expect_eq(await _rejoin_packet(raw_server), {"token": "t", "pid": "pid-1", "offset": "mine"}, "auth")


func test_s16_events_of_a_join_that_was_lost_are_dropped() -> void:
	var raw_server := await _connect_raw({})
	var events := listen(_client(0).get_namespace(), "event")
	var offsets := range(3).map(_in_memory_offset)
	raw_server.send('42["event",1,"%s"]' % offsets[0])
	await expect_count(events, 1, "events")
	await _rejoin_packet(raw_server)
	# Missed events, and the connection ends before the reply that they belong to.
	raw_server.send('42["event",2,"%s"]' % offsets[1])
	await wait(0.1)
	expect_eq(await _rejoin_packet(raw_server), {"pid": "pid-1", "offset": offsets[0]}, "auth of the next join")
	raw_server.send('42["event",2,"%s"]' % offsets[1])
	raw_server.send('42["event",3,"%s"]' % offsets[2])
	raw_server.send('40{"sid":"raw","pid":"pid-1"}')
	await expect_count(events, 3, "events")
	await frames(5)
	expect_eq(events, [[1], [2], [3]], "events")
	expect_eq(_client(0).get_namespace().recovered, true, "recovered")


func test_s16_another_pid_is_a_new_session() -> void:
	var raw_server := await _connect_raw({})
	raw_server.send('42["event",1,"offset-1"]')
	await frames(10)
	await _rejoin_packet(raw_server)
	raw_server.send('40{"sid":"other","pid":"pid-2"}')
	await expect_until(_client(0).get_namespace().is_namespace_connected, "joining /")
	expect_eq(_client(0).get_namespace().recovered, false, "recovered")
	# The offset belonged to the first session.
	expect_eq((await _rejoin_packet(raw_server)).get("pid"), "pid-2", "pid of the next join")


func test_s16_a_session_without_pid_keeps_its_last_argument() -> void:
	var raw_server := make_raw_server()
	var client := await connect_raw(raw_server)
	var events := listen(client.get_namespace(), "event")
	raw_server.send('42["event",1,"text"]')
	await expect_count(events, 1, "events")
	expect_eq(events, [[1, "text"]], "data")


## Connects, and has one event sent: a session without any event cannot be restored.
func _connect() -> SocketIOClient:
	var client := await connect_through_proxy(RECOVERY)
	await reply(client.get_namespace(), "echo", [], "echo")
	return client


## Returns the main namespace of a client with a connection of its own to the same endpoint.
func _connect_witness() -> SocketIONamespace:
	var witness := make_client()
	expect_eq(witness.connect_to_url(url("ws", RECOVERY)), OK, "connect_to_url")
	await expect_until(witness.get_namespace().is_namespace_connected, "joining / of the witness")
	return witness.get_namespace()


## Emits an event whose answers do not arrive, and has the connection cut.
func _emit_and_go_offline(client: SocketIOClient, event: String, data: Array) -> void:
	await proxy.swallow(FaultProxy.TO_CLIENT)
	var before: int = (await proxy.status()).bytes_to_server
	client.get_namespace().emit(event, data)
	# Longer than a pong, so this is the event.
	var packet := 20
	for attempt in 200:
		if (await proxy.status()).bytes_to_server >= before + packet:
			break
	await go_offline(client)


func _until_swallowed() -> void:
	for attempt in 200:
		if (await proxy.status()).swallowed_to_client > 0:
			return
	fail("nothing was swallowed")


## Has the server send ticks that do not reach the client, which is offline then.
func _miss_ticks(client: SocketIOClient, count: int, size := 0) -> void:
	await _emit_and_go_offline(client, "stream", [count, 1, size])
	await wait(0.1)


func _connect_raw(auth: Dictionary) -> RawServer:
	var raw_server := make_raw_server()
	raw_server.accepts_namespaces = false
	var client := make_quick_client()
	expect_eq(client.connect_to_url(raw_server.url, auth), OK, "connect_to_url")
	await expect_until(func() -> bool: return raw_server.texts().size() == 1, "CONNECT")
	raw_server.send('40{"sid":"raw","pid":"pid-1"}')
	await expect_until(client.get_namespace().is_namespace_connected, "joining /")
	return raw_server


func _client(index: int) -> SocketIOClient:
	return _clients[index]


## Drops the connection and returns the auth that the next CONNECT brings.
func _rejoin_packet(raw_server: RawServer) -> Dictionary:
	raw_server.messages.clear()
	raw_server.drop()
	await expect_until(func() -> bool: return not raw_server.texts().is_empty(), "the next CONNECT")
	var auth: Variant = JSON.parse_string(raw_server.texts()[0].trim_prefix("40"))
	return auth if auth is Dictionary else {}


## An offset of the in-memory adapter: the time in milliseconds, in base 64, and a number.
func _in_memory_offset(number: int) -> String:
	const DIGITS := "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
	var time := ""
	for digit in 7:
		time = DIGITS[(_millis >> (6 * digit)) % 64] + time
	return "%s.%d" % [time, number]


## An offset of the Redis streams adapter, or a game's own number for something.
func _stream_id(number: int) -> String:
	return "%d-%d" % [_millis, number]


## An offset of the MongoDB adapter, or a game's own ObjectId.
func _object_id(number: int) -> String:
	return "%08xa7b8c9d0e1%06x" % [_millis / 1000, number]


func _numbers(count: int) -> Array:
	return range(count).map(func(i: int) -> Array: return [i])
