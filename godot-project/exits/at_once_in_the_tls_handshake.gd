## A peer that takes the connection and says nothing, so that the TLS handshake goes on for ever.
extends SceneTree

var _server := TCPServer.new()


func _initialize() -> void:
	_server.listen(0, "127.0.0.1")
	SocketIOClient.get_singleton().connect_to_url("wss://127.0.0.1:%d" % _server.get_local_port())
	while not _server.is_connection_available():
		await process_frame
	var peer := _server.take_connection()
	while peer.get_available_bytes() == 0:
		peer.poll()
		await process_frame
	print("QUITS AT ", roundi(Time.get_unix_time_from_system() * 1000.0))
	quit()
