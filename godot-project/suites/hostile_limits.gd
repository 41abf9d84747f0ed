## The limits of the client, each reached once. SECURITY.md has the table of them.
extends "res://hostile_suite.gd"

const SERVERS := ["node"]
const MAX_PENDING_ACKS := 100_000


func test_max_payload_size() -> void:
	_make_client().max_payload_size = 10_000
	await attack(texts_after_joining([_event_of(9_000), _event_of(11_000)]))
	await expect_end("parse error")
	expect_eq(client.get_statistics().events_received, 1, "events")


func test_max_payload_size_of_all_attachments_together() -> void:
	_make_client().max_payload_size = 10_000
	var bytes := PackedByteArray()
	bytes.resize(4_000)
	var header := HostileServer.text('453-["b"]')
	await attack(after_joining([header, HostileServer.binary(bytes, 3)]))
	await expect_end("parse error")


func test_max_attachments_of_what_comes() -> void:
	_make_client().max_attachments = 2
	var binary := HostileServer.binary([1], 2)
	await attack(after_joining([HostileServer.text('452-["b"]'), binary, HostileServer.text('453-["b"]')]))
	await expect_end("parse error")
	expect_eq(client.get_statistics().events_received, 1, "events")


func test_max_attachments_of_what_is_emitted() -> void:
	_make_client().max_attachments = 2
	await connect_client(client)
	var bytes := PackedByteArray([1])
	expect_error("3 attachments are more than the 2 of SocketIOClient.max_attachments")
	client.get_namespace().emit("echo", [bytes, bytes, bytes])
	expect_eq(await reply(client.get_namespace(), "echo", [bytes, bytes], "echo"), [bytes, bytes], "echo")


func test_the_depth_of_what_comes() -> void:
	var deep := func(depth: int) -> String: return '42["deep",%s%s]' % ["[".repeat(depth - 1), "]".repeat(depth - 1)]
	await attack(texts_after_joining([deep.call(128), deep.call(129)]))
	await expect_end("parse error")
	expect_eq(client.get_statistics().events_received, 1, "events")


func test_the_depth_of_what_is_emitted() -> void:
	await connect_client(_make_client())
	var data := []
	for level in 127:
		data = [data]
	expect_error("is nested deeper than 128 levels")
	client.get_namespace().emit("echo", [data])
	expect_eq(await reply(client.get_namespace(), "echo", [data[0]], "echo"), [data[0]], "echo")


func test_the_values_of_what_comes() -> void:
	var many := HostileServer.write_text("0,", 4_200_000)
	var length := '42["many",0]'.length() + 2 * 4_200_000
	var head := HostileServer.write(HostileServer.frame_head(HostileServer.FIN | HostileServer.TEXT, length))
	await attack(after_joining([head, HostileServer.write_text('42["many",'), many, HostileServer.write_text("0]")]))
	await expect_end("parse error", 12 * SOME_MEMORY)


func test_the_keys_of_what_comes_that_have_the_same_hash() -> void:
	await attack(texts_after_joining(['42["keys",%s]' % _keys_of_the_same_hash(256), '42["keys",%s]' % _keys_of_the_same_hash(257)]))
	await expect_end("parse error")
	expect_eq(client.get_statistics().events_received, 1, "events")


func test_the_keys_of_a_refusal_that_have_the_same_hash() -> void:
	_make_client()
	var refusal := '44{"message":"no","data":%s}' % _keys_of_the_same_hash(1 << 14)
	await attack([HostileServer.accept(), HostileServer.text(OPEN_PACKET), HostileServer.text(refusal)])
	await expect_failure(SocketIOClient.ERROR_PROTOCOL, ["the same hash"])


func test_max_buffered_size_of_what_comes() -> void:
	_make_client().max_buffered_size = MIB
	client.auto_poll = false
	await attack(after_joining([HostileServer.write(HostileServer.frame(
		HostileServer.TEXT, _event_of(1000).to_utf8_buffer()), HostileServer.WITHOUT_END)]))
	await expect_until(func() -> bool: return client.get_statistics().events_waiting_to_dispatch > 150, "the events")
	await wait(0.5)
	var waiting: int = client.get_statistics().events_waiting_to_dispatch
	# A character takes four bytes.
	expect_true(waiting in range(150, 400), "%d events of a little more than 4000 bytes wait" % waiting)
	client.auto_poll = true
	await expect_until(func() -> bool: return client.get_statistics().events_received > 5000, "the rest")
	await expect_recovery()


func test_max_buffered_size_of_what_is_emitted() -> void:
	_make_client().max_buffered_size = MIB
	await prepare_attack()
	await server.play(HostileServer.UPGRADE, [])
	begin_attack()
	for i in 10:
		client.get_namespace().emit("remember", ["limits", "x".repeat(100_000)])
	expect_error("raise SocketIOClient.max_buffered_size")
	client.get_namespace().emit("remember", ["limits", "x".repeat(100_000)])
	await expect_until(func() -> bool: return client.get_statistics().events_waiting_to_send == 10, "ten events that wait")
	await expect_recovery()


func test_max_buffered_size_of_what_comes_before_the_connect_reply() -> void:
	_make_client().max_buffered_size = 10_000
	var early := [OPEN_PACKET] + range(11).map(func(_i: int) -> String: return _event_of(1000)) + [JOINED]
	await attack([HostileServer.accept()] + early.map(HostileServer.text))
	await expect_count(errors, 1, "connect_error")
	expect_eq([connected, disconnected], [[], []], "connected, disconnected")
	await expect_recovery()


func test_the_events_that_wait_for_their_acks() -> void:
	await connect_client(_make_client())
	var main := client.get_namespace()
	var answers := {}
	var count := func(answer: Array) -> void: answers[answer] = answers.get(answer, 0) + 1
	for i in MAX_PENDING_ACKS:
		main.emit_with_ack("ack_never", [], count, 0.0)
	expect_error("100000 events wait for their acknowledgements already")
	main.emit_with_ack("echo_ack", ["refused"], count, 0.0)
	await expect_until(func() -> bool: return not answers.is_empty(), "the answer to the one that was refused")
	expect_eq(answers, {["timeout"]: 1}, "answers")
	client.close()
	await connect_client(client)
	expect_eq(answers, {["timeout"]: MAX_PENDING_ACKS + 1}, "answers after close")
	expect_eq(await ask(main, "echo_ack", [1]), [1], "answer")


func test_the_headers_of_the_handshake() -> void:
	var few := "X: y\r\n".repeat(120)
	await _attack_after_accepting_with(few)
	await expect_unharmed()
	await attack([HostileServer.accept("X: y\r\n".repeat(130))])
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO, ["endless headers"])


func test_the_bytes_of_the_headers_of_the_handshake() -> void:
	var long := "X-Long: %s\r\n" % "x".repeat(60_000)
	await _attack_after_accepting_with(long)
	await expect_unharmed()
	await attack([HostileServer.accept(long + long)])
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO, ["endless headers"])


func test_the_time_of_the_handshake() -> void:
	_make_client().connect_timeout = 0.5
	await attack([HostileServer.accept(), HostileServer.pause(0.3), HostileServer.write([0x81]), HostileServer.pause(0.3),
		HostileServer.write([1]), HostileServer.pause(0.3), HostileServer.write_text("0")])
	await expect_failure(SocketIOClient.ERROR_TIMEOUT)


func test_the_time_between_heartbeats() -> void:
	await attack(after_joining([], IMPATIENT_OPEN_PACKET))
	await expect_end("ping timeout")


func test_the_time_of_an_ack() -> void:
	await connect_client(_make_client())
	var answers := []
	client.get_namespace().emit_with_ack("ack_never", [], func(answer: Array) -> void: answers.append(answer), 0.2)
	await expect_count(answers, 1, "answers")
	expect_eq(answers, [["timeout"]], "answers")


func _make_client() -> SocketIOClient:
	client = make_client()
	client.reconnection = false
	return client


## Accepts the client with these lines in the head, and does nothing bad.
func _attack_after_accepting_with(headers: String) -> void:
	var texts := [OPEN_PACKET, JOINED, LAST]
	await attack([HostileServer.accept(headers)] + texts.map(HostileServer.text))


## A JSON object of so many keys, among which Godot cannot find one without comparing it with all of them.
func _keys_of_the_same_hash(count: int) -> String:
	var keys: PackedStringArray = []
	for number in count:
		var key := ""
		for bit in 14:
			key += "Ez" if number >> bit & 1 == 0 else "FY"
		keys.append(key)
	expect_eq(keys[count - 1].hash(), keys[0].hash(), "hashes")
	return '{"%s":0}' % '":0,"'.join(keys)


## An event whose packet has so many bytes.
func _event_of(bytes: int) -> String:
	return '42["large","%s"]' % "x".repeat(bytes - 14)
