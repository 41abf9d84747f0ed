## A game that the traffic inspector looks into: connected, with secrets, and told what to do by events that the inspector
## makes it receive.
extends SceneTree

const Arguments := preload("res://arguments.gd")
## In seconds: a game must not outlive its test.
const LIFETIME := 100.0

var _url := Arguments.new().value("--server")
var _second: SocketIOClient


func _initialize() -> void:
	create_timer(LIFETIME).timeout.connect(quit.bind(3))
	var client := SocketIOClient.get_singleton()
	client.extra_headers = {"X-Token": "hidden-header"}
	client.reconnection_delay = 0.05
	var main := client.get_namespace()
	main.on("ask", func(data: Array) -> void: main.emit_with_ack("echo_ack", data, Callable(self, "_ignore"), 60.0))
	main.on("tell", func(data: Array) -> void: _remember("told", data))
	main.on("nest", func(data: Array) -> void: main.emit("nested", [_nested(data[0])]))
	main.on("tell_session_ids", func(_data: Array) -> void: _remember("session ids", _session_ids()))
	main.on("begin_second", func(_data: Array) -> void: _begin_second())
	main.on("quit", func(_data: Array) -> void: quit(0))
	client.create_namespace("/admin")
	client.connect_to_url(_url + "/?key=hidden-query", {"token": "hidden-auth"})
	client.get_namespace("/admin").connect_to_namespace({"token": "secret"})


func _ignore(_answer: Array) -> void:
	pass


func _nested(depth: int) -> Array:
	return [] if depth == 1 else [_nested(depth - 1)]


func _remember(what: String, data: Array) -> void:
	SocketIOClient.get_singleton().get_namespace().emit("remember", ["%s of %d" % [what, OS.get_process_id()]] + data)


func _session_ids() -> Array:
	var of_namespaces := ["/", "/admin"].map(func(path: String) -> String:
		return SocketIOClient.get_singleton().get_namespace(path).get_session_id())
	return [SocketIOClient.get_singleton().get_engine_io_session_id()] + of_namespaces


func _begin_second() -> void:
	_second = SocketIOClient.new()
	_second.connect_to_url(_url)
