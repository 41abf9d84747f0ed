## A server made of Godot's own TCPServer and WebSocketPeer, for what no real server can be made to do.
##
## It takes one client at a time. It says nothing by itself but what [member opening] and
## [member accepts_namespaces] tell it to, so a test plays the server packet by packet.
extends RefCounted

const OPENING := '0{"sid":"raw-engine","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'
const BUFFER_SIZE := 16 * 1024 * 1024

## The address to connect to.
var url: String
## The Engine.IO open packet that is sent as soon as the WebSocket is open; "" sends none.
var opening := OPENING
## A message that is sent after the open packet; "" sends none.
var greeting := ""
## Whether CONNECT packets are answered with a session id, [code]raw-1[/code], [code]raw-2[/code], ...
var accepts_namespaces := true
## What is written to a client in place of the WebSocket handshake, before the connection is closed.
var http_answer := ""
## Whether the connection is closed as soon as there is one.
var hangs_up := false
## The messages of the clients, in order: String for text, PackedByteArray for binary.
var messages: Array = []
## The number of connections taken so far.
var connections := 0

var _listener := TCPServer.new()
var _stream: StreamPeerTCP
var _tls_options: TLSOptions
var _tls: StreamPeerTLS
var _peer: WebSocketPeer
var _greeted := false
var _joins := 0


## Listens on a free port of the loopback address, or of another.
func listen(address := "127.0.0.1") -> Error:
	var error := _listener.listen(0, address)
	url = "ws://%s:%d" % ["[%s]" % address if ":" in address else address, _listener.get_local_port()]
	return error


## Listens as [method listen] does, and speaks TLS with this certificate.
func listen_tls(key: CryptoKey, certificate: X509Certificate) -> Error:
	var error := listen()
	url = url.replace("ws://127.0.0.1", "wss://localhost")
	present(key, certificate)
	return error


## Speaks TLS with another certificate, from the next connection on.
func present(key: CryptoKey, certificate: X509Certificate) -> void:
	_tls_options = TLSOptions.server(key, certificate)


## Does what there is to do: to be called often.
func poll() -> void:
	if _listener.is_connection_available():
		_take()
	if _tls != null:
		_shake_hands()
	if _peer == null:
		return
	_peer.poll()
	if _peer.get_ready_state() == WebSocketPeer.STATE_OPEN and not _greeted:
		_greeted = true
		for message: String in [opening, greeting]:
			if not message.is_empty():
				send(message)
	while _peer.get_available_packet_count() > 0:
		_receive(_peer.get_packet())


## Sends a text message.
func send(text: String) -> void:
	_peer.send_text(text)


## Sends a binary message.
func send_bytes(bytes: PackedByteArray) -> void:
	_peer.put_packet(bytes)


## Returns how many bytes wait to be sent.
func unsent() -> int:
	return _peer.get_current_outbound_buffered_amount()


## Returns whether a client is connected.
func is_open() -> bool:
	return _peer != null and _peer.get_ready_state() == WebSocketPeer.STATE_OPEN


## Returns the text messages so far.
func texts() -> Array:
	return messages.filter(func(message: Variant) -> bool: return message is String)


## Returns the EVENT packets so far.
func events() -> Array:
	return texts().filter(func(text: String) -> bool: return text.begins_with("42") or text.begins_with("45"))


## Closes the WebSocket in the orderly way.
func close_websocket(code := 1000, reason := "") -> void:
	_peer.close(code, reason)


## Closes the TCP connection without a word.
func drop() -> void:
	_peer = null
	_stream.disconnect_from_host()


## Leaves the connection open until the engine itself goes, which is after the addon.
func outlive_the_addon() -> void:
	Engine.set_meta("raw_server_peer", _peer)


## Stops listening and drops the client.
func stop() -> void:
	_listener.stop()
	if _stream != null:
		drop()


func _take() -> void:
	connections += 1
	_stream = _listener.take_connection()
	if hangs_up or not http_answer.is_empty():
		_stream.put_data(http_answer.to_utf8_buffer())
		# A close with unread data would reset the connection, and the answer with it.
		_read_request()
		_stream.disconnect_from_host()
		return
	if _tls_options == null:
		_accept(_stream)
		return
	_tls = StreamPeerTLS.new()
	_quietly(_tls.accept_stream.bind(_stream, _tls_options))


## A client that refuses the certificate makes Godot's own TLS print errors, which nobody tests here.
func _quietly(call: Callable) -> void:
	Engine.print_error_messages = false
	call.call()
	Engine.print_error_messages = true


func _shake_hands() -> void:
	_quietly(_tls.poll)
	if _tls.get_status() == StreamPeerTLS.STATUS_HANDSHAKING:
		return
	if _tls.get_status() == StreamPeerTLS.STATUS_CONNECTED:
		_accept(_tls)
	else:
		_stream.disconnect_from_host()
	_tls = null


func _accept(stream: StreamPeer) -> void:
	_peer = WebSocketPeer.new()
	_peer.inbound_buffer_size = BUFFER_SIZE
	_peer.outbound_buffer_size = BUFFER_SIZE
	_greeted = false
	_peer.accept_stream(stream)


func _read_request() -> void:
	for attempt in 100:
		_stream.poll()
		if _stream.get_status() != StreamPeerTCP.STATUS_CONNECTED:
			return
		if _stream.get_available_bytes() > 0:
			_stream.get_data(_stream.get_available_bytes())
			return
		OS.delay_msec(5)


func _receive(packet: PackedByteArray) -> void:
	if not _peer.was_string_packet():
		messages.append(packet)
		return
	var text := packet.get_string_from_utf8()
	messages.append(text)
	if accepts_namespaces and text.begins_with("40"):
		_joins += 1
		send('40%s{"sid":"raw-%d"}' % [_path_of(text), _joins])


## Returns the namespace of a CONNECT packet as it stands in the answer: with its comma, "" for the main one.
func _path_of(connect: String) -> String:
	var rest := connect.substr(2)
	if not rest.begins_with("/"):
		return ""
	return rest.get_slice(",", 0) + ","
