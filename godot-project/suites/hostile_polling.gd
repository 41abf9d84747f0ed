## Servers that are hostile over HTTP long-polling, which a client comes to where no WebSocket gets through.
extends "res://hostile_suite.gd"

const SERVERS := ["node"]
const SEPARATOR := "\u001e"


#region The first answer

func test_a_handshake_without_an_end() -> void:
	await attack([HostileServer.write_text(_endless_head()), HostileServer.write_text("0{" + "x".repeat(1022)),
		HostileServer.flood("x".repeat(1024))], HostileServer.GET)
	await expect_failure(SocketIOClient.ERROR_HTTP_STATUS)


func test_a_body_of_gigabytes_that_is_no_handshake() -> void:
	await attack([HostileServer.write_text(_endless_head()),
		HostileServer.flood("x".repeat(1024))], HostileServer.GET)
	await expect_failure(SocketIOClient.ERROR_HTTP_STATUS)


func test_an_empty_first_answer() -> void:
	await attack([_body("")], HostileServer.GET)
	await expect_failure(SocketIOClient.ERROR_HTTP_STATUS)


func test_a_first_answer_that_never_comes() -> void:
	client = make_client()
	client.reconnection = false
	client.connect_timeout = 0.5
	await attack([], HostileServer.GET)
	await expect_failure(SocketIOClient.ERROR_TIMEOUT)

#endregion


#region Bodies

func test_a_body_without_an_end() -> void:
	_make_small_client()
	await _attack_after_joining([HostileServer.write_text(_endless_head()),
		HostileServer.flood("4" + "x".repeat(1023))])
	await expect_end("transport error")


func test_a_body_that_is_cut_off() -> void:
	var head := "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
	await _attack_after_joining([HostileServer.write_text(head + "42["), HostileServer.end()])
	await expect_end("transport error")


func test_an_empty_body() -> void:
	await _attack_after_joining([_body("")])
	await expect_end("transport error")


func test_a_body_that_is_not_utf_8() -> void:
	var head := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n".to_utf8_buffer()
	await _attack_after_joining([HostileServer.write(head + PackedByteArray([0xFF, 0xFE]))])
	await expect_end("transport error")


func test_a_binary_packet_that_is_not_base64() -> void:
	await _attack_after_joining([_body('451-["b",{"_placeholder":true,"num":0}]' + SEPARATOR + "b!!!")])
	await expect_end("transport error")


func test_separators_alone() -> void:
	await _attack_after_joining([_body(SEPARATOR.repeat(1000))])
	await expect_end("transport error")


func test_a_parse_error_in_the_middle_of_a_body() -> void:
	await _attack_after_joining([_body('42["a"]' + SEPARATOR + "49" + SEPARATOR + '42["b"]')])
	await expect_end("parse error")


func test_a_second_open_packet() -> void:
	await _attack_after_joining([_body(OPEN_PACKET)])
	await expect_end("transport error")


func test_a_million_noops() -> void:
	var noops := "6" + (SEPARATOR + "6").repeat(250_000)
	await _attack_after_joining([_body(noops + SEPARATOR + LAST)])
	await expect_unharmed()


func test_a_flood_of_heartbeats_whose_answers_nobody_answers() -> void:
	await prepare_attack()
	await _play_session([_body("2" + (SEPARATOR + "2").repeat(300_000) + SEPARATOR + LAST)])
	await server.play(HostileServer.POST, [])
	begin_attack()
	await expect_unharmed()


func test_one_packet_in_chunks_of_one_byte() -> void:
	var chunks := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for character in LAST:
		chunks += "1;ignored=yes\r\n%s\r\n" % character
	await _attack_after_joining([HostileServer.write_text(chunks + "0\r\nX-Trailer: t\r\n\r\n")])
	await expect_unharmed()


func test_chunks_that_are_none() -> void:
	await _attack_after_joining([HostileServer.write_text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n")])
	await expect_end("transport error")


func test_a_chunk_larger_than_anything() -> void:
	_make_small_client()
	var head := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n"
	await _attack_after_joining([HostileServer.write_text(head), HostileServer.flood("4" + "x".repeat(1023))])
	await expect_end("transport error")

#endregion


#region Answers

func test_a_redirect_within_the_session() -> void:
	await _attack_after_joining([HostileServer.answer("302 Found", "", "Location: http://127.0.0.1:1/\r\n")])
	await expect_end("transport error")


func test_a_500_within_the_session_with_a_body_of_gigabytes() -> void:
	await _attack_after_joining([HostileServer.write_text(_endless_head("500 Internal Server Error")),
		HostileServer.flood("x".repeat(1024))])
	await expect_end("transport error")


func test_garbage_within_the_session() -> void:
	await _attack_after_joining([HostileServer.write(PackedByteArray(range(256)), 1000)])
	await expect_end("transport error")


func test_a_thousand_cookies() -> void:
	var cookies := ""
	for i in 100:
		cookies += "Set-Cookie: c%d=%s; Path=/\r\n" % [i, "x".repeat(300)]
	await _attack_after_joining([HostileServer.answer("200 OK", LAST, cookies)])
	await expect_unharmed()


func test_a_post_that_is_refused() -> void:
	await prepare_attack()
	await _play_session([])
	await server.play(HostileServer.POST, [HostileServer.answer("400 Bad Request", '{"code":1}')])
	begin_attack()
	await expect_end("transport error")


func test_a_post_that_is_answered_with_gigabytes() -> void:
	await prepare_attack()
	await _play_session([])
	await server.play(HostileServer.POST, [HostileServer.write_text(_endless_head()),
		HostileServer.flood("x".repeat(1024))])
	begin_attack()
	await expect_end("transport error")


func test_a_websocket_that_answers_the_probe_with_garbage() -> void:
	await _expect_unharmed_by_probe([HostileServer.write_text("garbage", 1000)])


func test_a_websocket_that_floods_the_probe_with_pongs() -> void:
	var pong := HostileServer.frame(HostileServer.PONG, [])
	await _expect_unharmed_by_probe([HostileServer.write(pong, HostileServer.WITHOUT_END)])

#endregion


## A step that sends a whole body.
func _body(packets: String) -> Dictionary:
	return HostileServer.write_text(HostileServer.http("200 OK", packets))


func _endless_head(status := "200 OK") -> String:
	return "HTTP/1.1 %s\r\nContent-Length: 9999999999999\r\n\r\n" % status


## Accepts the client and its main namespace, and plays these steps for the next GET.
func _play_session(steps: Array) -> void:
	await server.play(HostileServer.GET, [_body(OPEN_PACKET + SEPARATOR + JOINED)])
	await server.play(HostileServer.GET, steps)
	await server.play(HostileServer.GET, [])


func _attack_after_joining(steps: Array) -> void:
	await prepare_attack()
	await _play_session(steps)
	begin_attack()


## Has the client try to move to a WebSocket that it is given and that plays these steps, and expects that it goes on
## with long-polling.
func _expect_unharmed_by_probe(steps: Array) -> void:
	await prepare_attack()
	var opening := OPEN_PACKET.replace('"upgrades":[]', '"upgrades":["websocket"]')
	await server.play(HostileServer.UPGRADE, [HostileServer.answer("400 Bad Request", '{"code":0}')])
	await server.play(HostileServer.UPGRADE, [HostileServer.accept()] + steps)
	await server.play(HostileServer.GET, [_body(opening + SEPARATOR + JOINED)])
	await server.play(HostileServer.GET, [HostileServer.pause(0.2), _body(LAST)])
	await server.play(HostileServer.GET, [])
	begin_attack()
	await expect_unharmed()


## A client that takes messages up to a mebibyte.
func _make_small_client() -> void:
	client = make_client()
	client.reconnection = false
	client.max_payload_size = MIB
