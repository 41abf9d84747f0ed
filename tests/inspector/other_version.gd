extends Node
## A game whose addon is of another version than the editor's, and perhaps broken: it speaks with the debugger by itself, and
## does not use the addon. What it is told it tells the plugin, and an event that it is to emit is a command for it.

## What no inspector can make sense of. None of it may be shown, or print an error.
const NONSENSE: Array[Array] = [
	["", []],
	[":", [1]],
	["from_the_future", [1, 2, 3]],
	["clients", []],
	["clients", [1]],
	["clients", [[1, "two", null, {}, {"client": "one"}, {"namespaces": [{"path": 1}]}]]],
	["clients", [{"client": 1}]],
	["packets", []],
	["packets", [1]],
	["packets", [1, 0]],
	["packets", ["one", 0, []]],
	["packets", [1, -1, []]],
	["packets", [1, 0, {}]],
	["packets", [1, 0, [1, "two", [], {}, [1], [null, null, null, null, null, null, null, null, null, null]]]],
	["packets", [1, 0, [[1, 1.0, true, "UNHEARD_OF", "/", "nonsense", 1, -1, -1.0, 0]]]],
	["packets", [1, 0, [["1", 1.0, true, "EVENT", "/", "nonsense", 1, -1, -1.0, 0]]]],
	["packets", [1, 0, [[1, 1.0, 1, "EVENT", "/", "nonsense", 1, -1, -1.0, 0]]]],
	["packets", [1, 0, [[1, NAN, true, "EVENT", "/", "nonsense", 1, -1, -1.0, 0]]]],
	["packets", [1, 0, [[1, 1.0, true, "EVENT", "/", "nonsense", -5, -1, -1.0, 0]]]],
	["payload", []],
	["payload", [1, 1]],
	["payload", ["one", "two", "three", "four"]],
	["payload", [1, 999, Vector2(1, 2), 5]],
]

var _number := 0


func _ready() -> void:
	EngineDebugger.register_message_capture("socket_io", _take)
	_send("hello", [1])
	EngineDebugger.send_message("game:ready", [])


func _take(message: String, data: Array) -> bool:
	EngineDebugger.send_message("game:told", [message, data])
	match message:
		"watch":
			_send("hello", [1])
			if data[0]:
				_show()
		"get_payload":
			_send("payload", [data[0], data[1], ["Ada", {"at": [1, 2.5]}, PackedByteArray([0, 255])], ""])
		"emit":
			_obey(data[2], data[3])
	return true


## What any inspector understands.
func _show() -> void:
	_send("clients", [[_client()]])
	_send("packets", [1, 0, [
		_packet(false, "CONNECT", "/chat", "", 20),
		_packet(true, "PING", "", "", 1),
		_packet(false, "EVENT", "/chat", "say", 1500, 7),
		_packet(true, "ACK", "/chat", "say", 12, 7, 0.025),
	]])


func _obey(command: String, arguments: Array) -> void:
	match command:
		"packet":
			_send("packets", [1, 3, [_packet(true, "EVENT", "/", arguments[0], 5)]])
		"latency":
			_send("clients", [[_client({"latency": arguments[0]})]])
		"flood":
			for message in 60:
				_send("packets", [1, 0, range(100).map(func(_i: int) -> Array: return _packet(true, "EVENT", "/", "flood", 5))])
			_send("packets", [1, 0, [_packet(true, "EVENT", "/", "end of the flood", 5)]])
		"nonsense":
			for message in NONSENSE:
				_send(message[0], message[1])
			_send("clients", [[_client(), _client({"client": 2, "state": 7, "latency": "low", "namespaces": 5})]])
			# The engine sends a typed array as such.
			var packets: Array[Array] = [_packet(true, "EVENT", "/", "sense", 5)]
			_send("packets", [1, 0, packets])


func _client(changes := {}) -> Dictionary:
	var client := {
		"client": 1,
		"url": "ws://example.com/game",
		"state": 2,
		"transport": "websocket",
		"session_id": "abcd…",
		"latency": 0.025,
		"added_latency": 0.0,
		"statistics": {"events_received": 10, "events_sent": 20, "bytes_received": 30, "bytes_sent": 40, "reconnects": 3},
		"bytes_waiting_to_send": 2048,
		"bytes_waiting_to_dispatch": 5,
		"reading_paused": false,
		"dispatch_usec": 1500,
		"namespaces": [
			{"path": "/", "state": 2, "session_id": "efgh…", "recovered": false, "events_received": 4, "events_emitted": 5},
			{"path": "/chat", "state": 1, "session_id": "", "recovered": false, "events_received": 1, "events_emitted": 0},
		],
	}
	client.merge(changes, true)
	return client


func _packet(incoming: bool, type: String, path: String, event: String, size: int, ack := -1, round_trip := -1.0) -> Array:
	_number += 1
	return [_number, 1.5, incoming, type, path, event, size, ack, round_trip, 0]


func _send(message: String, data: Array) -> void:
	EngineDebugger.send_message("socket_io:" + message, data)
