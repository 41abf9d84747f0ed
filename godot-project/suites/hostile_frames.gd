## WebSocket frames that break RFC 6455, and close frames of every code.
extends "res://hostile_suite.gd"

const SERVERS := ["node"]
## The bits of a frame's first byte that only an extension may set. The first one marks a compressed message.
const RSV1 := 0x40
const RSV2 := 0x20
const RSV3 := 0x10


#region Frames

func test_a_compressed_frame_that_was_never_negotiated() -> void:
	await _expect_transport_error(_frame(HostileServer.TEXT, "42[]", HostileServer.FIN | RSV1))


func test_the_second_reserved_bit() -> void:
	await _expect_transport_error(_frame(HostileServer.TEXT, '42["a"]', HostileServer.FIN | RSV2))


func test_the_third_reserved_bit() -> void:
	await _expect_transport_error(_frame(HostileServer.TEXT, '42["a"]', HostileServer.FIN | RSV3))


func test_a_reserved_kind_of_message() -> void:
	await _expect_transport_error(_frame(0x3, '42["a"]'))


func test_a_reserved_kind_of_control_frame() -> void:
	await _expect_transport_error(_frame(0xB, ""))


func test_a_masked_frame() -> void:
	# The mask is zero, so the payload is plain.
	var bytes := PackedByteArray([HostileServer.FIN | HostileServer.TEXT, 0x80 | 7, 0, 0, 0, 0])
	await _expect_transport_error(HostileServer.write(bytes + '42["a"]'.to_utf8_buffer()))


func test_a_control_frame_in_fragments() -> void:
	await _expect_transport_error(_frame(HostileServer.PING, "ping", 0))


func test_a_control_frame_that_is_too_long() -> void:
	await _expect_transport_error(_frame(HostileServer.PING, "p".repeat(126)))


func test_a_continuation_of_nothing() -> void:
	await _expect_transport_error(_frame(HostileServer.CONTINUATION, '42["a"]'))


func test_a_message_in_the_middle_of_another() -> void:
	var begun := HostileServer.frame(HostileServer.TEXT, '42["a'.to_utf8_buffer(), 0)
	var other := HostileServer.frame(HostileServer.TEXT, '42["b"]'.to_utf8_buffer())
	await _expect_transport_error(HostileServer.write(begun + other))


func test_a_length_of_two_to_the_63() -> void:
	await _expect_transport_error(HostileServer.write([0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]))


func test_the_largest_length() -> void:
	await _expect_transport_error(HostileServer.write([0x81, 127, 0x7F, 255, 255, 255, 255, 255, 255, 255]))


func test_the_head_of_a_message_past_the_limit_costs_nothing() -> void:
	await _expect_transport_error(HostileServer.write(HostileServer.frame_head(0x81, 65 * MIB)))


func test_the_head_of_a_message_within_the_limit_costs_little_until_it_comes() -> void:
	var head := HostileServer.write(HostileServer.frame_head(0x81, 60 * MIB))
	await attack(after_joining([head, HostileServer.write_text("4"), HostileServer.end()]))
	await expect_end("transport close")


func test_fragments_without_an_end() -> void:
	_make_small_client()
	var begun := HostileServer.frame(HostileServer.TEXT, "4".to_utf8_buffer(), 0)
	var more := HostileServer.frame(HostileServer.CONTINUATION, "x".repeat(1000).to_utf8_buffer(), 0)
	await attack(after_joining([HostileServer.write(begun), HostileServer.write(more, HostileServer.WITHOUT_END)]))
	await expect_end("transport error")


func test_fragments_of_nothing_without_an_end() -> void:
	var begun := HostileServer.frame(HostileServer.TEXT, '42["half'.to_utf8_buffer(), 0)
	var more := HostileServer.frame(HostileServer.CONTINUATION, [], 0)
	var steps := [HostileServer.write(begun), HostileServer.write(more, HostileServer.WITHOUT_END)]
	await attack(after_joining(steps, IMPATIENT_OPEN_PACKET))
	await expect_end("ping timeout")


func test_a_hundred_thousand_fragments_are_one_message() -> void:
	var begun := HostileServer.frame(HostileServer.TEXT, '42["still there","'.to_utf8_buffer(), 0)
	var more := HostileServer.frame(HostileServer.CONTINUATION, "x".to_utf8_buffer(), 0)
	var last := HostileServer.frame(HostileServer.CONTINUATION, '"]'.to_utf8_buffer())
	var steps := [HostileServer.write(begun), HostileServer.write(more, 100_000), HostileServer.write(last)]
	await attack(after_joining(steps))
	await expect_unharmed()


func test_control_frames_between_fragments_are_harmless() -> void:
	var begun := HostileServer.frame(HostileServer.TEXT, '42["still '.to_utf8_buffer(), 0)
	var last := HostileServer.frame(HostileServer.CONTINUATION, 'there"]'.to_utf8_buffer())
	await attack(after_joining([HostileServer.write(begun), _frame(HostileServer.PING, "?"), HostileServer.write(last)]))
	await expect_unharmed()


func test_a_message_that_is_cut_in_the_middle() -> void:
	var head := HostileServer.write(HostileServer.frame_head(0x81, 100))
	await attack(after_joining([head, HostileServer.write_text('42["cut'), HostileServer.end()]))
	await expect_end("transport close")


func test_a_reset_in_the_middle_of_a_message() -> void:
	var head := HostileServer.write(HostileServer.frame_head(0x81, 100))
	await attack([HostileServer.accept(), HostileServer.text(OPEN_PACKET), HostileServer.text(JOINED),
		HostileServer.wait_for("40"), head, HostileServer.reset()])
	await expect_end("transport close")


func test_a_message_one_byte_at_a_time() -> void:
	var bytes := HostileServer.frame(HostileServer.TEXT, LAST.to_utf8_buffer())
	await attack(after_joining([HostileServer.trickle(bytes, 0.002)]))
	await expect_unharmed()

#endregion


#region Text

func test_text_that_is_not_utf_8() -> void:
	await _expect_bad_text([0xFF, 0xFE])


func test_text_that_ends_in_a_character() -> void:
	await _expect_bad_text([0xF0, 0x9F, 0x98])


func test_text_with_a_surrogate() -> void:
	await _expect_bad_text([0xED, 0xA0, 0x80])


func test_text_with_an_overlong_character() -> void:
	await _expect_bad_text([0xC0, 0xAF])


func test_text_with_a_character_past_unicode() -> void:
	await _expect_bad_text([0xF4, 0x90, 0x80, 0x80])


func test_text_that_is_not_utf_8_in_its_second_fragment() -> void:
	var begun := HostileServer.frame(HostileServer.TEXT, '42["a'.to_utf8_buffer(), 0)
	var more := HostileServer.frame(HostileServer.CONTINUATION, [0xC3, 0x28])
	await _expect_transport_error(HostileServer.write(begun + more))

#endregion


#region Close frames

func test_close_frames_of_every_code_of_the_protocol() -> void:
	for code: int in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]:
		await _expect_closed_with(_close_payload(code))


func test_close_frames_of_every_code_of_an_application() -> void:
	for code: int in [3000, 3999, 4000, 4999]:
		await _expect_closed_with(_close_payload(code))


func test_close_frames_of_codes_that_may_not_be_sent() -> void:
	for code: int in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535]:
		await _expect_closed_with(_close_payload(code))


func test_a_close_frame_without_a_code() -> void:
	await _expect_closed_with([])


func test_a_close_frame_with_half_a_code() -> void:
	await _expect_transport_error(HostileServer.write(HostileServer.frame(HostileServer.CLOSE, [3])))


func test_a_close_frame_whose_reason_is_not_utf_8() -> void:
	var payload := _close_payload(1000) + PackedByteArray([0xFF])
	await _expect_transport_error(HostileServer.write(HostileServer.frame(HostileServer.CLOSE, payload)))


func test_a_close_frame_that_is_too_long() -> void:
	var payload := _close_payload(1000) + "r".repeat(124).to_utf8_buffer()
	await _expect_transport_error(HostileServer.write(HostileServer.frame(HostileServer.CLOSE, payload)))


func test_what_comes_after_a_close_frame_is_not_delivered() -> void:
	await prepare_attack()
	var late := listen(client.get_namespace(), "late")
	var close := HostileServer.write(HostileServer.frame(HostileServer.CLOSE, _close_payload(1000)))
	await server.play(HostileServer.UPGRADE, after_joining([close, HostileServer.text('42["late"]', 100_000)]))
	begin_attack()
	await expect_end("transport close")
	expect_eq(late, [], "events after the close frame")

#endregion


## A step that sends one frame.
func _frame(opcode: int, payload: String, bits := HostileServer.FIN) -> Dictionary:
	return HostileServer.write(HostileServer.frame(opcode, payload.to_utf8_buffer(), bits))


func _close_payload(code: int) -> PackedByteArray:
	return [code >> 8, code & 0xFF]


## A client that takes messages up to a mebibyte.
func _make_small_client() -> void:
	client = make_client()
	client.reconnection = false
	client.max_payload_size = MIB


func _expect_transport_error(step: Dictionary) -> void:
	await attack(after_joining([step]))
	await expect_end("transport error")


func _expect_bad_text(bytes: PackedByteArray) -> void:
	var payload := '42["'.to_utf8_buffer() + bytes + '"]'.to_utf8_buffer()
	await _expect_transport_error(HostileServer.write(HostileServer.frame(HostileServer.TEXT, payload)))


func _expect_closed_with(payload: PackedByteArray) -> void:
	client = null
	await attack(after_joining([HostileServer.write(HostileServer.frame(HostileServer.CLOSE, payload))]))
	await expect_end("transport close")
