## A server that sends any bytes, in a process of its own, so that the memory of this one is that of the client.
##
## [codeblock]
## var server := HostileServer.new()
## await server.open()
## await server.play(HostileServer.UPGRADE, [HostileServer.accept(), HostileServer.text("42[")])
## client.connect_to_url(server.url)
## [/codeblock]
##
## A script is a list of steps, which the functions here make. The server and its connections end with this object.
extends "res://control_connection.gd"

## When a script is played: as soon as a client has connected, in place of everything else.
const CONNECT := "connect"
## When a script is played: for the request of a WebSocket.
const UPGRADE := "upgrade"
## When a script is played: for a GET, or a POST, of long-polling.
const GET := "get"
const POST := "post"

## The kinds of WebSocket frames.
const CONTINUATION := 0x0
const TEXT := 0x1
const BINARY := 0x2
const CLOSE := 0x8
const PING := 0x9
const PONG := 0xA
## The bit of a frame's first byte that says that the message ends with it.
const FIN := 0x80

## A number of times that has no end.
const WITHOUT_END := 1_000_000_000

## What a client connects to.
var url: String


## Listens on a free loopback port, with TLS if there is the name of a certificate. Returns whether it does.
func open(certificate := "") -> bool:
	if not await connect_control("--hostile-server"):
		return false
	var command := {"do": "listen"}
	if not certificate.is_empty():
		var folder := Arguments.new().value("--certificates")
		command.certificate = folder.path_join(certificate + ".crt")
		command.key = folder.path_join(certificate + ".key")
	var answer := await ask(command)
	url = "%s:%d" % ["ws://127.0.0.1" if certificate.is_empty() else "wss://localhost", answer.get("port", 0)]
	return answer.has("port")


## Adds a script for the next such occasion that has none. The last one is played for every later one as well.
func play(occasion: String, steps: Array) -> void:
	await ask({"do": "play", "occasion": occasion, "steps": steps})


## Returns how many connections were made.
func connections() -> int:
	return int((await ask({"do": "status"})).get("connections", 0))


## Returns how many text messages have come on WebSockets.
func texts() -> int:
	return int((await ask({"do": "status"})).get("texts", 0))


#region Steps

## Writes bytes, so many times.
static func write(bytes: PackedByteArray, times := 1) -> Dictionary:
	return {"do": "write", "base64": Marshalls.raw_to_base64(bytes), "times": times}


## Writes text in UTF-8, so many times.
static func write_text(characters: String, times := 1) -> Dictionary:
	return write(characters.to_utf8_buffer(), times)


## Writes text again and again, until the client ends the connection.
static func flood(characters: String) -> Dictionary:
	return write_text(characters, WITHOUT_END)


## Answers an HTTP request.
static func answer(status_line: String, body: String, headers := "") -> Dictionary:
	return write_text(http(status_line, body, headers))


## Writes bytes one at a time.
static func trickle(bytes: PackedByteArray, seconds_between: float) -> Dictionary:
	return {"do": "trickle", "base64": Marshalls.raw_to_base64(bytes), "ms": roundi(seconds_between * 1000.0)}


## Answers the request for a WebSocket as a good server does, with further lines in the head.
static func accept(headers := "") -> Dictionary:
	return {"do": "accept", "headers": headers}


## Sends a text message, so many times.
static func text(characters: String, times := 1) -> Dictionary:
	return write(frame(TEXT, characters.to_utf8_buffer()), times)


## Sends a binary message, so many times.
static func binary(bytes: PackedByteArray, times := 1) -> Dictionary:
	return write(frame(BINARY, bytes), times)


## Waits until the client has sent this text message.
static func wait_for(characters: String) -> Dictionary:
	return {"do": "wait_for", "text": characters}


## Does nothing for a while.
static func pause(seconds: float) -> Dictionary:
	return {"do": "pause", "ms": roundi(seconds * 1000.0)}


## Reads nothing more that the client sends.
static func stop_reading() -> Dictionary:
	return {"do": "stop_reading"}


## Ends the connection with FIN.
static func end() -> Dictionary:
	return {"do": "end"}


## Ends the connection with RST.
static func reset() -> Dictionary:
	return {"do": "reset"}

#endregion


#region Bytes

## Returns a WebSocket frame that is a message of its own, or with other bits than [constant FIN] before its opcode.
static func frame(opcode: int, payload: PackedByteArray, bits := FIN) -> PackedByteArray:
	return frame_head(bits | opcode, payload.size()) + payload


## Returns the head of a frame: its first byte, and a length that nothing has to follow.
static func frame_head(first: int, length: int) -> PackedByteArray:
	var head := PackedByteArray([first])
	if length in range(126):
		head.append(length)
	elif length in range(0x10000):
		head.append_array([126, length >> 8, length & 0xFF])
	else:
		head.append(127)
		for shift in range(56, -1, -8):
			head.append((length >> shift) & 0xFF)
	return head


## Returns an HTTP answer with its length.
static func http(status_line: String, body: String, headers := "") -> String:
	var length := body.to_utf8_buffer().size()
	return "HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s" % [status_line, length, headers, body]

#endregion
