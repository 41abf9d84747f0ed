# expect-exit: 8
# server: node
# witness: last_words
## What is emitted in the frame of the end arrives: before quit(), before close() and quit(), and by a node that leaves the
## tree because of it.
extends SceneTree

const EVENTS := 200

var _clients: Dictionary[String, SocketIOClient] = {}
var _connected := 0


func _initialize() -> void:
	var closed := _join("closed")
	var open := _join("open")
	root.add_child(Leaver.new(_join("left")))
	while _connected < _clients.size():
		await process_frame
	_speak("closed", closed)
	_clients.closed.close()
	_speak("open", open)
	quit(8)


func _join(key: String) -> SocketIONamespace:
	var client := SocketIOClient.new()
	client.connected.connect(func(_id: String) -> void: _connected += 1)
	client.connect_to_url(OS.get_cmdline_user_args()[1])
	_clients[key] = client
	return client.get_namespace()


func _speak(key: String, main: SocketIONamespace) -> void:
	for i in EVENTS:
		main.emit("remember", [key, i, "x".repeat(1000)])


class Leaver:
	extends Node

	var _main: SocketIONamespace

	func _init(main: SocketIONamespace) -> void:
		_main = main

	func _exit_tree() -> void:
		for i in EVENTS:
			_main.emit("remember", ["left", i])
