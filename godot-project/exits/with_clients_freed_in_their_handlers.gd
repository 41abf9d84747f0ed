# server: node
## Clients whose last reference goes in a handler of their own: of a signal, an event, an answer, an error.
extends SceneTree

const KINDS := ["connected", "event", "answer", "connect_error", "disconnected"]

## The only references, by what each is to be freed in.
var _clients := {}
var _freed: Array[WeakRef] = []


func _initialize() -> void:
	var url := OS.get_cmdline_user_args()[1]
	for kind: String in KINDS:
		var client := SocketIOClient.new()
		_clients[kind] = client
		client.reconnection = false
		var main := client.get_namespace()
		match kind:
			"connected":
				client.connected.connect(func(_id: String) -> void: _free(kind))
			"event":
				main.on("burst", func(_data: Array) -> void: _free(kind))
				main.emit("burst", [50])
			"answer":
				main.emit_with_ack("echo_ack", [], func(_answer: Array) -> void: _free(kind))
			"connect_error":
				client.connect_error.connect(func(_error: Dictionary) -> void: _free(kind))
			"disconnected":
				client.disconnected.connect(func(_reason: String) -> void: _free(kind))
				main.emit("drop_me")
		client.connect_to_url("ws://127.0.0.1:1" if kind == "connect_error" else url)


func _free(kind: String) -> void:
	# Handlers that were under way may still run.
	if not _clients.has(kind):
		return
	_freed.append(weakref(_clients[kind]))
	_clients.erase(kind)
	if not _clients.is_empty():
		return
	await process_frame
	await process_frame
	quit(0 if _freed.all(func(freed: WeakRef) -> bool: return freed.get_ref() == null) else 1)
