# server: node
## Ten connections, each with something to send, end with the engine, which does not wait for them.
extends SceneTree

var _clients: Array[SocketIOClient] = []
var _connected := 0


func _initialize() -> void:
	for i in 10:
		var client := SocketIOClient.new()
		client.connected.connect(_on_connected)
		client.connect_to_url(OS.get_cmdline_user_args()[1])
		_clients.append(client)


func _on_connected(_id: String) -> void:
	_connected += 1
	if _connected < _clients.size():
		return
	for client in _clients:
		for i in 100:
			client.get_namespace().emit("echo", [i])
		client.get_namespace().emit_with_ack("ack_never", [], func(answer: Array) -> void: print(answer), 0.0)
	print("QUITS AT ", roundi(Time.get_unix_time_from_system() * 1000.0))
	quit()
