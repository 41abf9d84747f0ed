## A scene with a SocketIONode whose signals are connected in the scene file.
extends Node

## Set before the scene enters the tree.
var server_url: String
## The signals that came, as [name, arguments...].
var signals := []

@onready var net: SocketIONode = $Net


func _ready() -> void:
	net.url = server_url
	net.auth = {"token": "secret"}


## The names of the signals that came.
func names() -> Array:
	return signals.map(func(emission: Array) -> String: return emission[0])


func _on_net_connected(session_id: String) -> void:
	signals.append(["connected", session_id])


func _on_net_disconnected(reason: String) -> void:
	signals.append(["disconnected", reason])


func _on_net_connect_error(error: Dictionary) -> void:
	signals.append(["connect_error", error])


func _on_net_namespace_connected(namespace_path: String) -> void:
	signals.append(["namespace_connected", namespace_path])


func _on_net_namespace_disconnected(namespace_path: String) -> void:
	signals.append(["namespace_disconnected", namespace_path])


func _on_net_reconnect_attempt(attempt: int, delay: float) -> void:
	signals.append(["reconnect_attempt", attempt, delay])


func _on_net_reconnected(attempt: int) -> void:
	signals.append(["reconnected", attempt])


func _on_net_reconnect_failed() -> void:
	signals.append(["reconnect_failed"])
