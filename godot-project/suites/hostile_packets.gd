## Packets that break the protocol, each rule of S19 once (odd_servers.gd has some more), and packets that are only
## absurd.
extends "res://hostile_suite.gd"

const EngineLog := preload("res://suites/secrets/engine_log.gd")

const SERVERS := ["node"]


#region The header

func test_s19_an_empty_packet() -> void:
	await expect_parse_error(["4"])


func test_s19_a_type_that_is_no_digit() -> void:
	await expect_parse_error(["4\u0662[\"a\"]"])


func test_s19_an_attachment_count_that_is_missing() -> void:
	await expect_parse_error(['45-["a"]'])


func test_s19_a_negative_attachment_count() -> void:
	await expect_parse_error(['45-1-["a"]'])


func test_s19_an_attachment_count_with_a_fraction() -> void:
	await expect_parse_error(['451.5-["a"]'])


func test_s19_an_attachment_count_without_its_hyphen() -> void:
	await expect_parse_error(['451["a"]'])


func test_s19_an_attachment_count_past_64_bits() -> void:
	await expect_parse_error(['45' + "9".repeat(100) + '-["a"]'])


func test_s19_a_binary_ack_of_no_attachments() -> void:
	await expect_parse_error(['460-0[]'])


func test_an_id_past_64_bits() -> void:
	await expect_parse_error(['4218446744073709551616["a"]'])


func test_an_ack_with_an_id_of_a_megabyte() -> void:
	await expect_parse_error(['43' + "1".repeat(MIB) + '["a"]'])


func test_an_ack_with_a_negative_id() -> void:
	await expect_parse_error(['43-1["a"]'])


func test_an_ack_without_an_id() -> void:
	await expect_parse_error(['43["a"]'])


func test_a_space_before_the_payload() -> void:
	# The official parser takes it for the ack id 0.
	await expect_parse_error(['42 ["a"]'])


func test_a_namespace_without_its_comma() -> void:
	await expect_parse_error(["42/" + "n".repeat(MIB)])

#endregion


#region The payload

func test_s19_a_connect_payload_that_is_a_number() -> void:
	await expect_parse_error(["40-5"])


func test_s19_a_connect_payload_that_is_a_string() -> void:
	await expect_parse_error(['40"sid"'])


func test_s19_a_connect_payload_that_is_an_array_of_no_object() -> void:
	await expect_parse_error(["40[1]"])


func test_s19_a_connect_payload_that_is_null() -> void:
	await expect_parse_error(["40null"])


func test_s19_a_disconnect_with_a_payload() -> void:
	await expect_parse_error(["41{}"])


func test_s19_a_connect_error_that_is_an_array() -> void:
	await expect_parse_error(["44[1]"])


func test_s19_a_connect_error_that_is_null() -> void:
	await expect_parse_error(["44null"])


func test_s19_an_event_without_a_payload() -> void:
	await expect_parse_error(["42"])


func test_s19_an_event_whose_name_is_null() -> void:
	await expect_parse_error(["42[null]"])


func test_s19_an_event_whose_name_is_a_boolean() -> void:
	await expect_parse_error(["42[true,1]"])


func test_s19_an_event_whose_name_is_an_object() -> void:
	await expect_parse_error(['42[{"name":"a"}]'])


func test_s19_an_event_whose_name_is_an_array() -> void:
	await expect_parse_error(['42[["a"]]'])


func test_s19_a_reserved_name_of_the_server() -> void:
	await expect_parse_error(['42["disconnecting"]'])


func test_s19_a_reserved_name_of_an_event_emitter() -> void:
	await expect_parse_error(['42["newListener"]'])


func test_s19_an_ack_that_is_a_string() -> void:
	await expect_parse_error(['430"answer"'])

#endregion


#region The JSON

func test_json_that_ends_in_a_string() -> void:
	await expect_parse_error(['42["a","b'])


func test_json_that_ends_in_an_escape() -> void:
	await expect_parse_error(['42["a","\\u12'])


func test_json_that_ends_in_a_number() -> void:
	await expect_parse_error(['42["a",-'])


func test_json_that_ends_in_an_object() -> void:
	await expect_parse_error(['42["a",{"b":'])


func test_json_with_something_after_it() -> void:
	await expect_parse_error(['42["a"]["b"]'])


func test_json_with_a_comma_too_many() -> void:
	await expect_parse_error(['42["a",]'])


func test_json_with_a_number_that_is_none() -> void:
	await expect_parse_error(['42["a",NaN]'])


func test_json_with_a_number_too_large_for_any_type() -> void:
	await expect_parse_error(['42["a",1e999]'])


func test_json_with_a_leading_zero() -> void:
	await expect_parse_error(['42["a",01]'])


func test_json_with_a_key_that_is_no_string() -> void:
	await expect_parse_error(['42["a",{1:2}]'])


func test_json_with_a_line_break_in_a_string() -> void:
	await expect_parse_error(['42["a\nb"]'])


func test_json_with_an_unknown_escape() -> void:
	await expect_parse_error(['42["a\\x41"]'])


func test_arrays_nested_a_hundred_thousand_times() -> void:
	await expect_parse_error(['42["a",' + "[".repeat(100_000)])


func test_objects_nested_a_hundred_thousand_times() -> void:
	await expect_parse_error(['42["a",' + '{"a":'.repeat(100_000)])


func test_nesting_one_level_past_the_limit() -> void:
	# The outermost array counts.
	await expect_parse_error(['42["a",' + "[".repeat(128) + "]".repeat(128) + "]"])


func test_nesting_at_the_limit_is_taken() -> void:
	var deepest := '42["deep",' + "[".repeat(127) + "]".repeat(127) + "]"
	var events := await _expect_unharmed_by([deepest], "deep")
	var depth := 0
	var inner: Array = events[0]
	while not inner.is_empty():
		inner = inner[0]
		depth += 1
	expect_eq(depth, 127, "depth of the arguments")


func test_a_number_of_a_million_digits() -> void:
	var events := await _expect_unharmed_by(['42["digits",0.' + "3".repeat(1_000_000) + "]"], "digits")
	expect_eq(events, [[1.0 / 3.0]], "data")


func test_a_million_escaped_characters() -> void:
	var events := await _expect_unharmed_by(['42["escapes","' + "\\ud83d\\ude00".repeat(100_000) + '"]'], "escapes")
	expect_eq(events, [["\U01f600".repeat(100_000)]], "data")

#endregion


#region Engine.IO packets

func test_a_second_open_packet() -> void:
	await attack(texts_after_joining([OPEN_PACKET]))
	await expect_end("transport error")


func test_an_empty_text_message() -> void:
	await attack(texts_after_joining([""]))
	await expect_end("transport error")


func test_base64_on_a_websocket() -> void:
	await attack(texts_after_joining(["bAQID"]))
	await expect_end("transport error")


func test_a_packet_type_that_is_a_letter_of_two_bytes() -> void:
	await attack(texts_after_joining(["\u00e9"]))
	await expect_end("transport error")


func test_pongs_and_upgrades_that_nobody_asked_for_are_ignored() -> void:
	await _expect_unharmed_by(["3", "3probe", "5", "6", "2probe"])

#endregion


#region Packets that are not broken

func test_a_second_connect_reply_is_ignored() -> void:
	await _expect_unharmed_by(['40{"sid":"other"}'])


func test_packets_of_unknown_namespaces_are_ignored() -> void:
	await _expect_unharmed_by(['40/x,{"sid":"s"}', "41/x,", '42/x,["a"]', '43/x,0["a"]', '44/x,{"message":"m"}'])


func test_a_namespace_of_a_megabyte_is_ignored() -> void:
	await _expect_unharmed_by(["42/" + "n".repeat(MIB) + ',["a"]'])


func test_a_connect_error_for_a_joined_namespace_ends_it() -> void:
	await attack(texts_after_joining(['44{"message":"too late"}']))
	await expect_end("io server disconnect")


func test_a_connect_reply_without_a_session_id_for_a_joined_namespace_ends_it() -> void:
	await attack(texts_after_joining(["405"]))
	await expect_end("io server disconnect")


func test_a_placeholder_without_attachments_is_an_object() -> void:
	var events := await _expect_unharmed_by(['42["p",{"_placeholder":true,"num":0}]'], "p")
	expect_eq(events, [[{"_placeholder": true, "num": 0}]], "data")


func test_ids_of_every_size_are_ignored_where_nobody_waits() -> void:
	await _expect_unharmed_by(["430[]", "4318446744073709551615[]", "4300000000000000000000000[]"])


func test_a_second_disconnect_is_ignored() -> void:
	await attack(texts_after_joining(["41", "41", "41"]))
	await expect_end("io server disconnect")


func test_a_namespace_that_is_refused_with_a_megabyte() -> void:
	var long := JSON.stringify("no ".repeat(400_000))
	await attack([HostileServer.accept(), HostileServer.text(OPEN_PACKET), HostileServer.text("44" + long)])
	await expect_count(errors, 1, "connect_error")
	for error: Dictionary in errors:
		expect_eq(error.code, SocketIOClient.ERROR_NAMESPACE_REFUSED, "code")
	expect_eq([connected, disconnected], [[], []], "connected, disconnected")
	await expect_recovery(2 * SOME_MEMORY)


func test_a_refusal_that_nobody_listens_to_cannot_paint_the_console() -> void:
	var log := EngineLog.new()
	await prepare_attack()
	for connection: Dictionary in client.connect_error.get_connections():
		client.connect_error.disconnect(connection.callable)
	var refusal := '44{"message":"no\\u001b[31m\\u0007\\nFAKE ERROR\\n%s"}' % "x".repeat(MIB)
	var texts := [OPEN_PACKET, refusal]
	await server.play(HostileServer.UPGRADE, [HostileServer.accept()] + texts.map(HostileServer.text))
	OS.add_logger(log)
	begin_attack()
	await expect_until(func() -> bool: return "FAKE ERROR" in log.text(), "the warning")
	OS.remove_logger(log)
	var lines := Array(log.text().split("\n")).filter(func(line: String) -> bool: return "FAKE ERROR" in line)
	expect_eq(lines.size(), 1, "lines")
	for line: String in lines:
		expect_true('SocketIOClient: The server refused the namespace "/": no' in line, "its line begins with what it is: %s" % line.left(200))
		expect_true(line.length() < 1000, "the line has %d characters" % line.length())
		expect_true(_is_clean(line), "the line has control characters: %s" % line.left(200).c_escape())
	await expect_recovery(2 * SOME_MEMORY)

#endregion


## Expects that these texts do nothing but bring events of a name, whose data this returns.
func _expect_unharmed_by(texts: Array, event := "") -> Array:
	await prepare_attack()
	await server.play(HostileServer.UPGRADE, texts_after_joining(texts + [LAST]))
	var events := listen(client.get_namespace(), event)
	begin_attack()
	await expect_unharmed()
	return events
