## The clients that stay for the whole soak: behind each proxy some, and witnesses that no fault touches and whose events
## must all come back in order.
extends RefCounted

const Weather := preload("res://soak/weather.gd")

const BEHIND_PLAIN := 8
const BEHIND_ENCRYPTED := 4
const BEHIND_POLLING := 4
const WITNESSES := 4
## Events that each client sends, and lets the server send, in a flood.
const FLOOD := 200
const ACK_TIMEOUT := 3.0

## Events that came.
var events := 0
var reconnects := 0
## What must not happen.
var problems: PackedStringArray = []

var _clients: Array[SocketIOClient] = []
var _witnesses: Array[SocketIOClient] = []
## For each witness the number that it sends next, and the one that must come next.
var _sent: PackedInt64Array = []
var _received: PackedInt64Array = []
## The callbacks that have not run yet, by their number.
var _waiting_callbacks := {}
var _callbacks := 0
var _attachment := PackedByteArray()


func connect_all(weather: Weather, server: String) -> void:
	_attachment.resize(500)
	for i in BEHIND_PLAIN:
		_connect_one(weather.plain)
	for i in BEHIND_ENCRYPTED:
		_connect_one(weather.encrypted)
	for i in BEHIND_POLLING:
		_connect_one(weather.polling)
	for i in WITNESSES:
		var witness := _connect_one({"url": server.replace("http", "ws"), "tls": null})
		_witnesses.append(witness)
		_sent.append(0)
		_received.append(0)
		witness.get_namespace().on("numbered", _on_numbered.bind(i))


## Sends events of every kind and asks the server for as many.
func flood() -> void:
	for client in _clients:
		var main := client.get_namespace()
		var chat := client.get_namespace("/chat")
		main.emit("burst", [FLOOD])
		for i in FLOOD:
			match i % 10:
				0:
					main.emit("echo", [i, _attachment])
				1:
					_emit_with_ack(chat, i)
				2:
					chat.emit("echo", [{"position": [i, i * 0.5], "name": "player %d" % i}])
				3:
					main.emit_volatile("echo", [i])
				_:
					main.emit("echo", [i])
	for i in _witnesses.size():
		for n in FLOOD:
			_witnesses[i].get_namespace().emit("emit_named", ["numbered", _sent[i]])
			_sent[i] += 1


## Waits until each client has got an answer over the connection that it has now.
func answer_all(deadline: int) -> void:
	for client in _clients:
		for path: String in ["/", "/chat"]:
			while Time.get_ticks_msec() < deadline:
				var reply: SocketIOReply = await client.get_namespace(path).request("echo_ack", ["rest"], ACK_TIMEOUT)
				if reply.is_ok():
					break


func is_at_rest() -> bool:
	return _waiting_callbacks.is_empty() and _sent == _received and _clients.all(_is_idle)


## Returns what keeps it from resting.
func describe() -> String:
	return "%d acks, witnesses have %s of %s, %d clients are busy" % [
		_waiting_callbacks.size(), _received, _sent, _clients.size() - _clients.filter(_is_idle).size(),
	]


func close_all() -> void:
	for client in _clients:
		client.close()


func _connect_one(place: Dictionary) -> SocketIOClient:
	var client := SocketIOClient.new()
	_clients.append(client)
	client.reconnection_delay = 0.05
	client.reconnection_delay_max = 0.2
	client.connect_timeout = 3.0
	client.connect_error.connect(func(_error: Dictionary) -> void: pass)
	client.reconnected.connect(func(_attempt: int) -> void: reconnects += 1)
	client.connect_to_url(place.url, {"name": "soak"}, place.tls)
	client.create_namespace("/chat").connect_to_namespace({"name": "soak"})
	for path: String in ["/", "/chat"]:
		client.get_namespace(path).event_received.connect(_on_event)
	return client


func _is_idle(client: SocketIOClient) -> bool:
	var statistics := client.get_statistics()
	return (
		client.get_namespace().is_namespace_connected() and client.get_namespace("/chat").is_namespace_connected()
		and statistics.events_waiting_to_send == 0 and statistics.events_waiting_to_dispatch == 0)


func _on_event(_event: String, _data: Array) -> void:
	events += 1


func _on_numbered(data: Array, witness: int) -> void:
	if data != [_received[witness]]:
		problems.append("witness %d got %s in place of %d" % [witness, data, _received[witness]])
	_received[witness] += 1


func _emit_with_ack(channel: SocketIONamespace, value: int) -> void:
	var number := _callbacks
	_callbacks += 1
	_waiting_callbacks[number] = true
	channel.emit_with_ack("echo_ack", [value], func(answer: Array) -> void:
		if answer != [value] and answer != ["timeout"]:
			problems.append("the answer to %d was %s" % [value, answer])
		if not _waiting_callbacks.erase(number):
			problems.append("the callback %d ran twice" % number), ACK_TIMEOUT)
