# server: node
## A game that quits with clients of its own still open, held by nodes, variables and lambdas.
extends SceneTree

var _clients: Array[SocketIOClient] = []
var _connected := 0


func _initialize() -> void:
	for i in 10:
		var client := SocketIOClient.new()
		client.connected.connect(_on_connected)
		client.get_namespace().on("echo", func(_data: Array) -> void: print(client.get_connection_url()))
		client.connect_to_url(OS.get_cmdline_user_args()[1])
		_clients.append(client)


func _on_connected(_id: String) -> void:
	_connected += 1
	if _connected == _clients.size():
		quit()
