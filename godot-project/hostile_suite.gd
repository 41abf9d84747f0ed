## The base of the suites in which the server is an enemy.
##
## Each test says what the server does, and which documented signal, reason or error the game gets. All of them expect
## besides that the client has held little memory, and that it connects to a good server afterwards.
extends "res://suite.gd"

const HostileServer := preload("res://hostile_server.gd")
const Memory := preload("res://hostile_memory.gd")

const MIB := 1024 * 1024
## What an attack may make the client hold, unless the test says more: buffers, and what the system's allocator keeps.
const SOME_MEMORY := 16 * MIB
const OPEN_PACKET := '0{"sid":"hostile","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'
## The open packet of a server without patience, for what only the heartbeat ends.
const IMPATIENT_OPEN_PACKET := '0{"sid":"hostile","upgrades":[],"pingInterval":300,"pingTimeout":200}'
const JOINED := '40{"sid":"victim"}'
## What [method expect_unharmed] has the server send last.
const LAST := '42["still there"]'

var client: SocketIOClient
var server: HostileServer
## What the client's signals have brought.
var connected: Array
var disconnected: Array
var errors: Array
## The memory since the attack began.
var memory: Memory


## Has a client connect to a server that plays a script, for the request of a WebSocket unless it says otherwise.
func attack(steps: Array, occasion := HostileServer.UPGRADE) -> void:
	await prepare_attack()
	await server.play(occasion, steps)
	begin_attack()


## Makes a client that does not come back, and a server without a script.
func prepare_attack(certificate := "") -> void:
	server = HostileServer.new()
	var opened: bool = await server.open(certificate)
	expect_true(opened, "the hostile server listens")
	if client == null:
		client = make_client()
		client.reconnection = false
	else:
		# From the attack before this one.
		client.close()
		await frames(2)
	connected = record(client.connected)
	disconnected = record(client.disconnected)
	errors = record(client.connect_error)


## Has the client connect.
func begin_attack(tls_options: TLSOptions = null) -> void:
	memory = Memory.new()
	expect_eq(client.connect_to_url(server.url, {}, tls_options), OK, "connect_to_url")


## Returns a script that accepts the client and its main namespace, and goes on with these steps.
func after_joining(steps: Array, open_packet := OPEN_PACKET) -> Array:
	return [HostileServer.accept(), HostileServer.text(open_packet), HostileServer.text(JOINED)] + steps


## Returns a script that has the client join, and sends these texts.
func texts_after_joining(texts: Array) -> Array:
	return after_joining(texts.map(func(characters: String) -> Dictionary: return HostileServer.text(characters)))


## Expects the attack to end a connection that was joined, for this reason.
func expect_end(reason: String, at_most := SOME_MEMORY, patience := PATIENCE) -> void:
	await expect_count(disconnected, 1, "disconnected", patience)
	expect_eq([connected, disconnected, errors], [["victim"], [reason], []], "connected, disconnected, connect_error")
	await expect_recovery(at_most)


## Expects these texts, sent to a client that has joined, to end the connection as a parse error (S19).
func expect_parse_error(texts: Array, at_most := SOME_MEMORY) -> void:
	await attack(texts_after_joining(texts))
	await expect_end("parse error", at_most)


## Expects connecting to fail with this code, and a message with these words that is not long.
func expect_failure(code: SocketIOClient.ConnectError, words := [], at_most := SOME_MEMORY) -> void:
	await expect_count(errors, 1, "connect_error", 10.0)
	expect_eq([connected, disconnected], [[], []], "connected, disconnected")
	for error: Dictionary in errors:
		expect_eq(error.code, code, "code of %s" % error)
		expect_true(error.message.length() < 1000, "the message has %d characters" % error.message.length())
		expect_true(_is_clean(error.message), "the message has control characters: %s" % error.message.c_escape())
		for word: String in words:
			expect_true(word in error.message, "the message says \"%s\": %s" % [word, error.message])
	await expect_recovery(at_most)


## Expects the attack to do nothing: after it an event still comes, which the script has to end with.
func expect_unharmed(at_most := SOME_MEMORY, patience := PATIENCE) -> void:
	var arrived := [false]
	client.get_namespace().on("still there", func(_data: Array) -> void: arrived[0] = true)
	await expect_until(func() -> bool: return arrived[0], "the event after the attack", patience)
	expect_eq([connected, disconnected, errors], [["victim"], [], []], "connected, disconnected, connect_error")
	await expect_recovery(at_most)


## Expects that the attack has cost little memory, and that the same client connects to a good server now.
func expect_recovery(at_most := SOME_MEMORY) -> void:
	var growth := memory.growth()
	expect_true(growth <= at_most, "the client held %.1f MiB, at most %.1f were expected" % [
		growth / float(MIB), at_most / float(MIB)])
	client.close()
	await connect_client(client)
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1, PackedByteArray([2])]), [1, PackedByteArray([2])], "echo")
	server = null


func _is_clean(message: String) -> bool:
	for character in message:
		if character.unicode_at(0) < 32:
			return false
	return true
