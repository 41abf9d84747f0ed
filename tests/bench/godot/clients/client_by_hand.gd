## What a good developer would write by hand on WebSocketPeer: one namespace, events, acknowledgements, attachments.
extends "res://clients/bench_client.gd"

const BUFFER_SIZE := 16 << 20
const MAX_WAITING_PACKETS := 1 << 18

var _socket := WebSocketPeer.new()
var _is_open := false
var _listeners := {}
var _pending := {}
var _last_id := 0
## A packet whose attachments are still to come.
var _incomplete: Array
var _missing := 0
var _attachments: Array[PackedByteArray]


func open(url: String) -> void:
	_socket.inbound_buffer_size = BUFFER_SIZE
	_socket.outbound_buffer_size = BUFFER_SIZE
	_socket.max_queued_packets = MAX_WAITING_PACKETS
	_socket.connect_to_url(url.replace("http://", "ws://") + "/socket.io/?EIO=4&transport=websocket")


func is_open() -> bool:
	return _is_open


func poll() -> void:
	_socket.poll()
	while _socket.get_available_packet_count() > 0:
		var packet := _socket.get_packet()
		if _socket.was_string_packet():
			receive_text(packet)
		else:
			_receive_attachment(packet)


func listen(event: String, callback: Callable) -> void:
	_listeners[event] = callback


func emit_event(event: String, data: Array) -> void:
	_emit(event, data, "")


func ask(event: String, data: Array, callback: Callable) -> void:
	_last_id += 1
	_pending[_last_id] = callback
	_emit(event, data, str(_last_id))


func close() -> void:
	_socket.close()


## Takes a text message.
func receive_text(packet: PackedByteArray) -> void:
	var text := packet.get_string_from_utf8()
	match text.unicode_at(0):
		0x30: # "0", the handshake
			_send_text("40")
		0x32: # "2", a ping
			_send_text("3")
		0x34: # "4", a message
			_receive_packet(text)


func _receive_packet(text: String) -> void:
	match text.unicode_at(1):
		0x30: # "0", CONNECT
			_is_open = true
		0x32: # "2", EVENT
			_dispatch(JSON.parse_string(text.substr(2)))
		0x33: # "3", ACK
			var start := text.find("[")
			var id := text.substr(2, start - 2).to_int()
			var callback: Callable = _pending[id]
			_pending.erase(id)
			callback.call(JSON.parse_string(text.substr(start)))
		0x35: # "5", BINARY_EVENT
			var dash := text.find("-")
			_missing = text.substr(2, dash - 2).to_int()
			_incomplete = JSON.parse_string(text.substr(dash + 1))
			_attachments.clear()


func _receive_attachment(data: PackedByteArray) -> void:
	_attachments.append(data)
	if _attachments.size() == _missing:
		_dispatch(_fill(_incomplete))


func _dispatch(event: Array) -> void:
	var callback: Variant = _listeners.get(event.pop_front())
	if callback:
		callback.call(event)


func _fill(value: Variant) -> Variant:
	if value is Dictionary:
		if value.get("_placeholder", false):
			return _attachments[int(value.num)]
		for key: String in value:
			value[key] = _fill(value[key])
	elif value is Array:
		for i: int in value.size():
			value[i] = _fill(value[i])
	return value


func _emit(event: String, data: Array, id: String) -> void:
	var attachments: Array[PackedByteArray] = []
	var whole: Array = [event]
	for value: Variant in data:
		if value is PackedByteArray:
			whole.append({"_placeholder": true, "num": attachments.size()})
			attachments.append(value)
		else:
			whole.append(value)
	var json := JSON.stringify(whole)
	_send_text("42%s%s" % [id, json] if attachments.is_empty() else "45%d-%s%s" % [attachments.size(), id, json])
	for attachment in attachments:
		_wait_for_room(attachment.size())
		_socket.send(attachment)


func _send_text(text: String) -> void:
	_wait_for_room(text.length())
	_socket.send_text(text)


## The buffer must not overflow.
func _wait_for_room(size: int) -> void:
	while _socket.get_current_outbound_buffered_amount() + size > BUFFER_SIZE / 2:
		_socket.poll()
