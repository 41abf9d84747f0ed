## Servers that are hostile before there is a connection: in HTTP and in the open packet. connect_errors.gd has those
## that are only wrong.
extends "res://hostile_suite.gd"

const SERVERS := ["node"]
const SWITCHING := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"


#region Bodies without an end

func test_a_200_with_a_body_of_gigabytes() -> void:
	await _attack_with_endless_body("200 OK")
	await expect_failure(SocketIOClient.ERROR_HTTP_STATUS, ["HTTP 200 OK"])


func test_a_301_with_a_body_of_gigabytes() -> void:
	await _attack_with_endless_body("301 Moved Permanently", "Location: ws://127.0.0.1:1/\r\n")
	await expect_failure(SocketIOClient.ERROR_HTTP_STATUS, ["HTTP 301", "connect to ws://127.0.0.1:1/ instead"])


func test_a_400_with_a_body_of_gigabytes() -> void:
	await _attack_with_endless_body("400 Bad Request")
	await expect_failure(SocketIOClient.ERROR_HTTP_STATUS, ["HTTP 400"])


func test_a_503_with_a_body_of_gigabytes() -> void:
	await _attack_with_endless_body("503 Service Unavailable", "Retry-After: 99999999999999999999\r\n")
	await expect_failure(SocketIOClient.ERROR_HTTP_STATUS, ["HTTP 503"])


func test_a_body_of_one_chunk_without_an_end() -> void:
	var head := "HTTP/1.1 500 Error\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n"
	await attack([HostileServer.write_text(head), HostileServer.flood("x".repeat(1024))])
	await expect_failure(SocketIOClient.ERROR_HTTP_STATUS, ["HTTP 500"])


func test_a_chunk_size_without_an_end() -> void:
	var head := "HTTP/1.1 500 Error\r\nTransfer-Encoding: chunked\r\n\r\n"
	await attack([HostileServer.write_text(head), HostileServer.flood("1;" + "x".repeat(1022))])
	await expect_failure(SocketIOClient.ERROR_HTTP_STATUS, ["HTTP 500"])


func test_a_body_that_drips() -> void:
	var head := HostileServer.write_text("HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\n")
	await attack([head, HostileServer.trickle("because I say so".to_utf8_buffer(), 0.2)])
	await expect_failure(SocketIOClient.ERROR_HTTP_STATUS, ["HTTP 403"])

#endregion


#region Heads

func test_a_header_without_an_end() -> void:
	await attack([HostileServer.write_text(SWITCHING + "X-Long: "),
		HostileServer.flood("x".repeat(1024))])
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO, ["endless headers"])


func test_headers_without_an_end() -> void:
	await attack([HostileServer.write_text(SWITCHING), HostileServer.flood("X: y\r\n")])
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO, ["endless headers"])


func test_interim_answers_without_an_end() -> void:
	await attack([HostileServer.flood("HTTP/1.1 100 Continue\r\n\r\n")])
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO, ["endless headers"])


func test_a_handshake_of_one_byte_a_second() -> void:
	_make_impatient_client(1.5)
	await attack([HostileServer.trickle(SWITCHING.to_utf8_buffer(), 1.0)])
	await expect_failure(SocketIOClient.ERROR_TIMEOUT, ["did not answer in time"])


func test_a_handshake_of_one_byte_at_a_time() -> void:
	_make_impatient_client(0.5)
	await attack([HostileServer.trickle((SWITCHING + "X-Long: " + "x".repeat(2000)).to_utf8_buffer(), 0.001)])
	await expect_failure(SocketIOClient.ERROR_TIMEOUT, ["did not answer in time"])


func test_a_header_with_nul_in_it() -> void:
	var head := (SWITCHING + "X: a").to_utf8_buffer() + PackedByteArray([0])
	await attack([HostileServer.write(head), HostileServer.write_text("\r\n\r\n")])
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO, ["is not a web server"])


func test_a_location_that_could_paint_the_console() -> void:
	var escape := String.chr(27) + "[2J"
	var location := "Location: http://x/%s%s\r\n" % ["\u00e9".repeat(20_000), escape]
	await attack([HostileServer.answer("302 Found", "", location)])
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO)


func test_a_reason_that_could_paint_the_console() -> void:
	var escape := String.chr(27) + "[31m" + String.chr(7) + String.chr(13)
	await attack([HostileServer.answer("403 Forbidden", escape + "\nFAKE ERROR\n" + "x".repeat(10_000))])
	await expect_failure(SocketIOClient.ERROR_HTTP_STATUS, ["HTTP 403"])


func test_garbage_before_101() -> void:
	await attack([HostileServer.write_text("garbage\r\n"), HostileServer.write_text(SWITCHING + "\r\n")])
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO, ["is not a web server", "garbage"])


func test_garbage_in_place_of_http() -> void:
	var bytes := PackedByteArray(range(256))
	await attack([HostileServer.write(bytes, HostileServer.WITHOUT_END)], HostileServer.CONNECT)
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO, ["is not a web server"])


func test_a_later_version_of_http() -> void:
	await attack([HostileServer.write_text("HTTP/2 101\r\n\r\n")])
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO, ["is not a web server"])


func test_garbage_after_101() -> void:
	await attack([HostileServer.accept(), HostileServer.write_text("HTTP/1.1 200 OK\r\n\r\n", 1000)])
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO)


func test_a_wrong_answer_to_the_key() -> void:
	await attack([HostileServer.write_text(SWITCHING + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")])
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO, ["does not belong to the request"])


func test_no_answer_to_the_key() -> void:
	await attack([HostileServer.write_text(SWITCHING + "\r\n")])
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO, ["does not belong to the request"])


func test_an_extension_that_was_not_asked_for() -> void:
	await attack([HostileServer.accept("Sec-WebSocket-Extensions: permessage-deflate\r\n")])
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO, ["an extension that was not asked for"])


func test_a_subprotocol_that_was_not_asked_for() -> void:
	for headers: String in ["Sec-WebSocket-Protocol: mqtt\r\n", "sec-websocket-protocol: \r\nSec-WebSocket-Protocol: a\r\n"]:
		await attack([HostileServer.accept(headers)])
		await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO, ["chooses a subprotocol that was not asked for"])

#endregion


#region Open packets

func test_an_open_packet_that_is_no_json() -> void:
	await _expect_bad_open_packet("0{", "its open packet is not JSON")


func test_an_open_packet_without_an_end() -> void:
	var head := HostileServer.write(HostileServer.frame_head(0x81, 65 * MIB))
	await attack([HostileServer.accept(), head, HostileServer.flood("0" + "[".repeat(1023))])
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO)


func test_an_open_packet_that_is_nested_deeply() -> void:
	await _expect_bad_open_packet('0{"sid":' + "[".repeat(100_000), "nested deeper than 128 levels")


func test_an_open_packet_with_an_empty_session_id() -> void:
	await _expect_bad_open_packet('0{"sid":""}', "no session id")


func test_an_open_packet_with_a_session_id_that_is_a_number() -> void:
	await _expect_bad_open_packet('0{"sid":5}', "no session id")


func test_a_namespace_before_the_open_packet() -> void:
	await _expect_bad_open_packet(JOINED, "does not speak Socket.IO")


func test_a_heartbeat_before_the_open_packet() -> void:
	await _expect_bad_open_packet("2", "does not speak Socket.IO")


func test_an_open_packet_that_never_comes() -> void:
	_make_impatient_client(0.3)
	await attack([HostileServer.accept()])
	await expect_failure(SocketIOClient.ERROR_TIMEOUT, ["did not send the Socket.IO handshake in time"])


func test_pings_in_place_of_the_open_packet() -> void:
	_make_impatient_client(0.5)
	var ping := HostileServer.frame(HostileServer.PING, [1])
	var pings := PackedByteArray()
	for i in 100:
		pings.append_array(ping)
	await attack([HostileServer.accept(), HostileServer.trickle(pings, 0.01)])
	await expect_failure(SocketIOClient.ERROR_TIMEOUT, ["did not send the Socket.IO handshake in time"])


func test_negative_intervals_are_the_usual_ones() -> void:
	await _expect_unharmed_by_open_packet('0{"sid":"s","pingInterval":-25000,"pingTimeout":-1,"maxPayload":-1}')


func test_absurd_intervals_are_for_ever() -> void:
	await _expect_unharmed_by_open_packet('0{"sid":"s","pingInterval":1e308,"pingTimeout":18446744073709551615}')


func test_intervals_of_other_types_are_the_usual_ones() -> void:
	var numbers := '"pingInterval":"now","pingTimeout":[],"maxPayload":{}'
	await _expect_unharmed_by_open_packet('0{"sid":"s",%s,"upgrades":7}' % numbers)


func test_an_interval_of_a_millisecond_is_a_ping_timeout() -> void:
	await attack(after_joining([], '0{"sid":"s","pingInterval":1,"pingTimeout":1}'))
	# Whether the namespace was joined before is a matter of that millisecond.
	await expect_until(func() -> bool: return not disconnected.is_empty() or not errors.is_empty(), "the end")
	if not disconnected.is_empty():
		expect_eq(disconnected, ["ping timeout"], "disconnected")
	else:
		expect_true("ping timeout" in errors[0].message, "message: %s" % errors)
	await expect_recovery()


func test_a_server_that_takes_one_byte_at_a_time_is_sent_nothing() -> void:
	await prepare_attack()
	var steps := after_joining([HostileServer.text(LAST)], '0{"sid":"s","maxPayload":1}')
	await server.play(HostileServer.UPGRADE, steps)
	begin_attack()
	await expect_count(connected, 1, "connected")
	expect_error("more than the 1 that the server takes in one message")
	client.get_namespace().emit("anything")
	await expect_recovery()


func test_a_session_id_of_a_megabyte() -> void:
	await _expect_unharmed_by_open_packet('0{"sid":"%s"}' % "s".repeat(MIB))


func test_fields_that_nobody_knows_are_ignored() -> void:
	await _expect_unharmed_by_open_packet('0{"x":%s,"sid":"s"}' % JSON.stringify(range(10_000)))

#endregion


func _make_impatient_client(seconds: float) -> void:
	client = make_client()
	client.reconnection = false
	client.connect_timeout = seconds


func _attack_with_endless_body(status: String, headers := "") -> void:
	var head := "HTTP/1.1 %s\r\nContent-Length: 9999999999999\r\n%s\r\n" % [status, headers]
	await attack([HostileServer.write_text(head), HostileServer.flood("x".repeat(1024))])


func _expect_bad_open_packet(packet: String, words: String) -> void:
	await attack([HostileServer.accept(), HostileServer.text(packet)])
	await expect_failure(SocketIOClient.ERROR_NOT_SOCKET_IO, [words])


func _expect_unharmed_by_open_packet(packet: String) -> void:
	await attack(after_joining([HostileServer.text(LAST)], packet))
	await expect_unharmed()
