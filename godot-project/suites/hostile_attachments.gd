## Attachments that do not fit their packet, and packets that do not fit their attachments (S19, S20).
extends "res://hostile_suite.gd"

const SERVERS := ["node"]
## A packet with one attachment.
const HEADER := '451-["b",{"_placeholder":true,"num":0}]'


func test_a_placeholder_with_a_negative_number() -> void:
	await _expect_bad_placeholder("-1")


func test_a_placeholder_with_a_huge_number() -> void:
	await _expect_bad_placeholder("9223372036854775807")


func test_a_placeholder_with_a_number_past_64_bits() -> void:
	await _expect_bad_placeholder("18446744073709551616")


func test_a_placeholder_with_a_fraction() -> void:
	await _expect_bad_placeholder("0.5")


func test_a_placeholder_with_a_float() -> void:
	await _expect_bad_placeholder("0.0")


func test_a_placeholder_with_a_string() -> void:
	await _expect_bad_placeholder('"0"')


func test_a_placeholder_with_null() -> void:
	await _expect_bad_placeholder("null")


func test_a_placeholder_one_past_the_last_attachment() -> void:
	await _expect_bad_placeholder("1")


func test_a_placeholder_without_a_number() -> void:
	await expect_parse_error(['451-["b",{"_placeholder":true}]'])


func test_a_placeholder_out_of_range_in_an_ack() -> void:
	await expect_parse_error(['461-0[{"_placeholder":true,"num":7}]'])


func test_the_same_attachment_twice() -> void:
	var packet := '451-["b",{"_placeholder":true,"num":0},[{"num":0,"_placeholder":true}]]'
	var events := await _expect_unharmed_by([HostileServer.text(packet), HostileServer.binary([1, 2])])
	expect_eq(events, [[PackedByteArray([1, 2]), [PackedByteArray([1, 2])]]], "data")


func test_an_attachment_that_many_placeholders_name_is_there_once() -> void:
	var bytes := PackedByteArray()
	bytes.resize(MIB)
	var placeholders: PackedStringArray = []
	placeholders.resize(1000)
	placeholders.fill('{"_placeholder":true,"num":0}')
	var packet := HostileServer.text('451-["b",%s]' % ",".join(placeholders))
	var events := await _expect_unharmed_by([packet, HostileServer.binary(bytes)])
	expect_eq(events.map(func(data: Array) -> int: return data.size()), [1000], "attachments")
	var data: Array = events[0]
	data[0][7] = 5
	expect_eq([data[0][7], data[1][7], data[999]], [5, 0, bytes], "each is one of its own")


func test_an_attachment_that_no_placeholder_names() -> void:
	var events := await _expect_unharmed_by([HostileServer.text('451-["b",1]'), HostileServer.binary([1, 2])])
	expect_eq(events, [[1]], "data")


func test_the_header_of_a_million_attachments() -> void:
	await expect_parse_error(['451000000-["b"]'])


func test_one_attachment_past_the_limit() -> void:
	await expect_parse_error(['4511-["b"]'])


func test_a_hundred_thousand_attachments_where_the_game_allows_them() -> void:
	_make_client().max_attachments = 100_000
	var packet := '45100000-["b",{"_placeholder":true,"num":99999}]'
	var steps := [HostileServer.text(packet), HostileServer.binary([7], 100_000)]
	var events := await _expect_unharmed_by(steps, 2 * SOME_MEMORY)
	expect_eq(events, [[PackedByteArray([7])]], "data")


func test_a_binary_message_without_a_header() -> void:
	await attack(after_joining([HostileServer.binary([1, 2, 3])]))
	await expect_end("parse error")


func test_one_attachment_too_many() -> void:
	await attack(after_joining([HostileServer.text(HEADER), HostileServer.binary([1], 2)]))
	await expect_end("parse error")


func test_a_binary_message_before_the_open_packet() -> void:
	await attack([HostileServer.accept(), HostileServer.binary([1, 2, 3])])
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO, ["its first message was binary"])


func test_a_packet_between_a_header_and_its_attachment() -> void:
	await expect_parse_error([HEADER, '42["between"]'])


func test_an_ack_between_a_header_and_its_attachment() -> void:
	await expect_parse_error([HEADER, "430[]"])


func test_a_second_header_before_the_attachment() -> void:
	await expect_parse_error([HEADER, HEADER])


func test_a_heartbeat_between_a_header_and_its_attachment_is_harmless() -> void:
	var steps := [HostileServer.text(HEADER), HostileServer.text("2"), HostileServer.binary([5])]
	var events := await _expect_unharmed_by(steps)
	expect_eq(events, [[PackedByteArray([5])]], "data")


func test_attachments_that_never_come() -> void:
	await attack(after_joining([HostileServer.text(HEADER)], IMPATIENT_OPEN_PACKET))
	await expect_end("ping timeout")


func test_attachments_that_never_come_while_the_heart_beats() -> void:
	await attack(after_joining([HostileServer.text(HEADER), HostileServer.text("2", 2)]))
	await expect_end("parse error")


func test_an_end_of_the_session_between_attachments() -> void:
	await attack(texts_after_joining([HEADER, "1"]))
	await expect_end("transport close")


func test_a_half_read_packet_is_forgotten_with_its_connection() -> void:
	_make_client().reconnection = true
	client.reconnection_delay = 0.01
	await prepare_attack()
	var half := after_joining([HostileServer.text(HEADER), HostileServer.end()])
	await server.play(HostileServer.UPGRADE, half)
	await server.play(HostileServer.UPGRADE, texts_after_joining([LAST]))
	var events := listen(client.get_namespace(), "still there")
	begin_attack()
	await expect_count(events, 1, "events of the next connection")
	expect_eq([connected, disconnected], [["victim", "victim"], ["transport close"]], "connected, disconnected")
	await expect_recovery()


func test_an_attachment_larger_than_a_packet_may_be() -> void:
	_make_client().max_payload_size = MIB
	var head := HostileServer.frame_head(HostileServer.FIN | HostileServer.BINARY, 256 * MIB)
	await attack(after_joining([HostileServer.text(HEADER), HostileServer.write(head), _noise(256)]))
	await expect_end("transport error")


func test_attachments_that_are_too_large_together() -> void:
	_make_client().max_payload_size = 4 * MIB
	var bytes := PackedByteArray()
	bytes.resize(MIB)
	await attack(after_joining([HostileServer.text('4510-["b"]'), HostileServer.binary(bytes, 10)]))
	await expect_end("parse error")


func _expect_bad_placeholder(number: String) -> void:
	await expect_parse_error(['451-["b",{"_placeholder":true,"num":%s}]' % number])


func _make_client() -> SocketIOClient:
	client = make_client()
	client.reconnection = false
	return client


func _noise(mebibytes: int) -> Dictionary:
	var bytes := PackedByteArray()
	bytes.resize(MIB)
	return HostileServer.write(bytes, mebibytes)


## Expects that this brings events, whose data this returns, and does no harm.
func _expect_unharmed_by(steps: Array, at_most := SOME_MEMORY) -> Array:
	await prepare_attack()
	await server.play(HostileServer.UPGRADE, after_joining(steps + [HostileServer.text(LAST)]))
	var events := listen(client.get_namespace(), "b")
	begin_attack()
	await expect_unharmed(at_most)
	return events
