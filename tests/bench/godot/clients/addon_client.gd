## The addon.
extends "res://clients/bench_client.gd"

var _client := SocketIOClient.new()
var _namespace := _client.get_namespace()


func _init() -> void:
	_client.auto_poll = false
	_client.reconnection = false


func open(url: String) -> void:
	_client.connect_to_url(url)


func is_open() -> bool:
	return _namespace.is_namespace_connected()


func poll() -> void:
	_client.poll()


func listen(event: String, callback: Callable) -> void:
	_namespace.on(event, callback)


func emit_event(event: String, data: Array) -> void:
	_namespace.emit(event, data)


func ask(event: String, data: Array, callback: Callable) -> void:
	_namespace.emit_with_ack(event, data, callback, 0.0)


func close() -> void:
	_client.close()
