## Servers that send more than anybody can want.
extends "res://hostile_suite.gd"

const SERVERS := ["node"]


#region Heartbeats

func test_a_flood_of_heartbeats() -> void:
	await _expect_unharmed_by([HostileServer.text("2", 300_000)])


func test_a_flood_of_heartbeats_whose_answers_nobody_reads() -> void:
	await _expect_unharmed_by([HostileServer.stop_reading(), HostileServer.text("2", 2_000_000)])


func test_a_thousand_websocket_pings_at_once() -> void:
	# One more that the socket takes no answer to would be an attack.
	var ping := HostileServer.frame(HostileServer.PING, "p".repeat(125).to_utf8_buffer())
	await _expect_unharmed_by([HostileServer.write(ping, 999)])


func test_a_flood_of_websocket_pings_whose_answers_nobody_reads() -> void:
	var ping := HostileServer.frame(HostileServer.PING, "p".repeat(125).to_utf8_buffer())
	await attack(after_joining([HostileServer.stop_reading(), HostileServer.write(ping, HostileServer.WITHOUT_END)]))
	await expect_end("transport error", SOME_MEMORY, 10.0)


func test_a_flood_of_websocket_pongs() -> void:
	var pong := HostileServer.frame(HostileServer.PONG, [0, 0, 0, 0, 0, 0, 0, 1])
	await _expect_unharmed_by([HostileServer.write(pong, 300_000)])


func test_a_flood_of_noops() -> void:
	await _expect_unharmed_by([HostileServer.text("6", 300_000)])

#endregion


#region Packets

func test_a_flood_of_events() -> void:
	var count := [0]
	await prepare_attack()
	client.get_namespace().on("tick", func(_data: Array) -> void: count[0] += 1)
	await _play_and_end([HostileServer.text('42["tick",1]', 100_000)])
	await expect_unharmed(4 * SOME_MEMORY)
	expect_eq(count, [100_000], "events")


func test_a_flood_of_events_with_names_of_their_own() -> void:
	var steps := []
	for i in 10_000:
		steps.append(HostileServer.frame(HostileServer.TEXT, ('42["name %d",1]' % i).to_utf8_buffer()))
	var bytes := PackedByteArray()
	for frame: PackedByteArray in steps:
		bytes.append_array(frame)
	await _expect_unharmed_by([HostileServer.write(bytes, 5)])


func test_a_flood_of_questions_that_nobody_answers() -> void:
	await _expect_unharmed_by([HostileServer.text('427["question"]', 100_000)], 4 * SOME_MEMORY)


func test_a_flood_of_questions_whose_answers_nobody_reads() -> void:
	await prepare_attack()
	var acks := [0]
	client.get_namespace().on("question", func(_data: Array, ack: Callable) -> void:
		ack.call(["x".repeat(100)])
		acks[0] += 1)
	await _play_and_end([HostileServer.stop_reading(), HostileServer.text('427["question"]', 50_000)])
	await expect_unharmed(4 * SOME_MEMORY)
	expect_eq(acks, [50_000], "answers")


func test_a_flood_of_answers_that_nobody_asked_for() -> void:
	await _expect_unharmed_by([HostileServer.text('435["answer"]', 300_000)])


func test_a_flood_of_connect_replies() -> void:
	await _expect_unharmed_by([HostileServer.text(JOINED, 100_000)])


func test_a_flood_of_connect_errors() -> void:
	var refusal := HostileServer.text('44{"message":"no","data":{"why":"because"}}', 100_000)
	await attack([HostileServer.accept(), HostileServer.text(OPEN_PACKET), refusal])
	await expect_failure(SocketIOClient.ERROR_NAMESPACE_REFUSED, ["no"])


func test_a_flood_of_disconnects() -> void:
	await attack(after_joining([HostileServer.text("41", 100_000)]))
	await expect_end("io server disconnect")


func test_a_flood_of_packets_of_unknown_namespaces() -> void:
	await _expect_unharmed_by([HostileServer.text('42/nowhere,["event"]', 300_000)])


func test_a_flood_of_events_before_the_connect_reply() -> void:
	_make_client().max_buffered_size = MIB
	var early := HostileServer.text('42["early","%s"]' % "x".repeat(1000), HostileServer.WITHOUT_END)
	await attack([HostileServer.accept(), HostileServer.text(OPEN_PACKET), early])
	await expect_count(errors, 1, "connect_error")
	expect_eq([connected, disconnected], [[], []], "connected, disconnected")
	for error: Dictionary in errors:
		expect_true("parse error" in error.message, "message: %s" % error.message)
	await expect_recovery()

#endregion


#region Sizes

func test_64_mebibytes_of_text() -> void:
	# With the header of its packet it is more than max_payload_size allows.
	await _attack_with_text_of(64 * MIB + 8192)
	await expect_end("transport error", SOME_MEMORY, 10.0)


func test_text_as_large_as_the_game_allows() -> void:
	_make_client().max_payload_size = 8 * MIB
	await prepare_attack()
	var events := listen(client.get_namespace(), "large")
	var text := '42["large","%s"]' % "x".repeat(8 * MIB - 15)
	await server.play(HostileServer.UPGRADE, texts_after_joining([text, LAST]))
	begin_attack()
	# The frame, the packet and the values each hold it; Godot has four bytes for a character.
	await expect_unharmed(8 * 8 * MIB)
	expect_eq(events.map(func(data: Array) -> int: return data[0].length()), [8 * MIB - 15], "lengths")


func test_text_one_byte_larger_than_the_game_allows() -> void:
	_make_client().max_payload_size = MIB
	await attack(texts_after_joining(['42["large","%s"]' % "x".repeat(MIB)]))
	await expect_end("parse error")


func test_an_event_of_a_million_empty_containers() -> void:
	await attack(texts_after_joining(['42["many",[%s{}]]' % "[],{},".repeat(100_000), LAST]))
	await expect_unharmed(8 * SOME_MEMORY)


func test_an_object_of_a_hundred_thousand_keys() -> void:
	var keys: PackedStringArray = []
	for i in 100_000:
		keys.append('"key %d":%d' % [i, i])
	await attack(texts_after_joining(['42["keys",{%s}]' % ",".join(keys), LAST]))
	await expect_unharmed(8 * SOME_MEMORY)

#endregion


#region Again and again

func test_a_hundred_attacks_cost_no_more_than_one() -> void:
	_make_client()
	await prepare_attack()
	await server.play(HostileServer.UPGRADE, texts_after_joining(['42["a",' + "[".repeat(1000)]))
	for round in 100:
		if round == 10:
			memory = Memory.new()
		client.connect_to_url(server.url)
		await expect_count(disconnected, round + 1, "disconnected")
		client.close()
	expect_eq(disconnected.count("parse error"), 100, "parse errors")
	await expect_recovery()


func test_a_server_that_breaks_every_connection_is_asked_no_faster_than_the_delay() -> void:
	_make_client().reconnection = true
	client.reconnection_delay = 0.2
	client.randomization_factor = 0.0
	await prepare_attack()
	await server.play(HostileServer.UPGRADE, texts_after_joining(["49"]))
	var delays := []
	client.reconnect_attempt.connect(func(_attempt: int, delay: float) -> void: delays.append(delay))
	var start := Time.get_ticks_msec()
	begin_attack()
	await expect_until(func() -> bool: return delays.size() >= 5, "five attempts")
	expect_true(Time.get_ticks_msec() - start >= 900, "five attempts in %d ms" % (Time.get_ticks_msec() - start))
	expect_true(delays.all(func(delay: float) -> bool: return delay >= 0.2), "delays: %s" % [delays])
	var connections := await server.connections()
	expect_true(connections >= 5, "%d connections" % connections)
	await expect_recovery()

#endregion


func _make_client() -> SocketIOClient:
	client = make_client()
	client.reconnection = false
	return client


func _play_and_end(steps: Array) -> void:
	await server.play(HostileServer.UPGRADE, after_joining(steps + [HostileServer.text(LAST)]))
	begin_attack()


func _expect_unharmed_by(steps: Array, at_most := SOME_MEMORY) -> void:
	await prepare_attack()
	await _play_and_end(steps)
	await expect_unharmed(at_most, 12.0)


## A text message that is never held as a whole on the other side.
func _attack_with_text_of(bytes: int) -> void:
	var head := HostileServer.write(HostileServer.frame_head(HostileServer.FIN | HostileServer.TEXT, bytes))
	await attack(after_joining([head, HostileServer.write_text("x".repeat(1024), bytes / 1024)]))
