# timeout: 40
## Clients whose last reference goes in each step of connecting: in the look-up of the name, in the TLS handshake, in the
## WebSocket handshake, in that of Engine.IO, and in the frame in which they begin.
extends SceneTree

var _server := TCPServer.new()
var _signals := 0


func _initialize() -> void:
	_server.listen(0, "127.0.0.1")
	_make("ws://nonexistent.invalid")
	_make("ws://127.0.0.1:%d" % _server.get_local_port())
	await _free_when_it_has_written("wss://127.0.0.1:%d", "")
	await _free_when_it_has_written("ws://127.0.0.1:%d", "")
	await _free_when_it_has_written("ws://127.0.0.1:%d", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n")
	await create_timer(0.2).timeout
	quit(0 if _signals == 0 else 1)


## Returns a client that tells of nothing once it is freed, and keeps itself alive by no listener.
func _make(url: String) -> SocketIOClient:
	var client := SocketIOClient.new()
	client.connect_error.connect(func(_error: Dictionary) -> void: _signals += 1)
	client.disconnected.connect(func(_reason: String) -> void: _signals += 1)
	client.get_namespace().emit_with_ack("echo_ack", [], func(_answer: Array) -> void: pass)
	client.connect_to_url(url)
	return client


func _free_when_it_has_written(url: String, answer: String) -> void:
	# The one that was freed at once may have got as far as the server.
	while _server.is_connection_available():
		_server.take_connection()
	var client := _make(url % _server.get_local_port())
	while not _server.is_connection_available():
		await process_frame
	var peer := _server.take_connection()
	while peer.get_available_bytes() == 0:
		peer.poll()
		await process_frame
	peer.put_data(answer.to_utf8_buffer())
	await process_frame
	var alive: WeakRef = weakref(client)
	client = null
	if alive.get_ref() != null:
		_signals += 100
	# The end of the connection is what the server sees.
	while peer.get_status() == StreamPeerTCP.STATUS_CONNECTED:
		# Unread bytes would hide the end.
		if peer.get_available_bytes() > 0:
			peer.get_data(peer.get_available_bytes())
		await process_frame
		peer.poll()
