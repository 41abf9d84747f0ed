## Servers that are hostile in TLS. tls.gd has the certificates that are to be refused.
extends "res://hostile_suite.gd"

const SERVERS := ["node"]


func test_a_chain_of_a_hundred_certificates() -> void:
	await prepare_attack("at_the_end_of_100")
	begin_attack()
	await expect_failure(SocketIOClient.ERROR_TLS)


func test_a_chain_of_a_thousand_certificates() -> void:
	await prepare_attack("at_the_end_of_1000")
	begin_attack()
	await expect_failure(SocketIOClient.ERROR_TLS)


func test_garbage_in_place_of_tls() -> void:
	await _attack_over_tls([HostileServer.write(PackedByteArray(range(256)), HostileServer.WITHOUT_END)])
	await expect_failure(SocketIOClient.ERROR_TLS)


func test_a_tls_record_without_an_end() -> void:
	# A handshake message of 16 MiB, in records of 16 KiB.
	var record := PackedByteArray([22, 3, 3, 0x40, 0, 2, 0xFF, 0xFF, 0xFF])
	record.resize(5 + 0x4000)
	await _attack_over_tls([HostileServer.write(record, HostileServer.WITHOUT_END)])
	await expect_failure(SocketIOClient.ERROR_TLS)


func test_tls_alerts_without_an_end() -> void:
	var warning := PackedByteArray([21, 3, 3, 0, 2, 1, 0])
	await _attack_over_tls([HostileServer.write(warning, HostileServer.WITHOUT_END)])
	await expect_failure(SocketIOClient.ERROR_TLS)


func test_a_tls_handshake_of_one_byte_at_a_time() -> void:
	client = make_client()
	client.reconnection = false
	client.connect_timeout = 0.5
	await _attack_over_tls([HostileServer.trickle([22, 3, 3, 0x40, 0, 2, 0, 0x30, 0], 0.2)])
	await expect_failure(SocketIOClient.ERROR_TIMEOUT, ["not the TLS handshake"])


func test_a_server_that_hangs_up_in_the_tls_handshake() -> void:
	await _attack_over_tls([HostileServer.write([22, 3, 3, 0, 50]), HostileServer.end()])
	await expect_failure(SocketIOClient.ERROR_TLS)


func test_hostile_frames_over_tls() -> void:
	await prepare_attack("right")
	await server.play(HostileServer.UPGRADE, texts_after_joining(["49"]))
	begin_attack(TLSOptions.client_unsafe())
	await expect_end("parse error")


func test_fragments_without_an_end_over_tls() -> void:
	await prepare_attack("right")
	var begun := HostileServer.frame(HostileServer.TEXT, "4".to_utf8_buffer(), 0)
	var more := HostileServer.frame(HostileServer.CONTINUATION, [], 0)
	var steps := [HostileServer.write(begun), HostileServer.write(more, HostileServer.WITHOUT_END)]
	await server.play(HostileServer.UPGRADE, after_joining(steps, IMPATIENT_OPEN_PACKET))
	begin_attack(TLSOptions.client_unsafe())
	await expect_end("ping timeout")


## Plays a script in place of the TLS handshake.
func _attack_over_tls(steps: Array) -> void:
	await prepare_attack()
	server.url = server.url.replace("ws://", "wss://")
	await server.play(HostileServer.CONNECT, steps)
	begin_attack()
