## The editor's side of the engine's remote debugger: starts a game that connects to it, and exchanges messages with it.
##
## [codeblock]
## var debugger := EditorDebugger.new()
## debugger.listen()
## debugger.start_game(godot, ["-s", "res://game.gd"])
## # In each frame:
## debugger.poll()
## [/codeblock]
extends RefCounted

## What a game's messages begin with that are kept.
const PREFIX := "socket_io:"
## The thread of the game that takes messages.
const MAIN_THREAD := 1
const MAX_MESSAGE := 16 << 20

## The messages of the game, in their order: each an array of its name, without the prefix, and its data.
var messages: Array[Array] = []
## What the game has told besides that it stands still because of an error or a breakpoint.
var is_halted := false
## The process of the game, 0 before there is one.
var process_id := 0

var _server := TCPServer.new()
var _stream: StreamPeerTCP
var _packets := PacketPeerStream.new()


## Listens on a free port.
func listen() -> Error:
	return _server.listen(0, "127.0.0.1")


## Starts a game of this project, with further arguments. What it prints is printed here.
func start_game(godot: String, arguments: PackedStringArray) -> void:
	var own := ["--headless", "--path", ProjectSettings.globalize_path("res://")]
	own += ["--remote-debug", "tcp://127.0.0.1:%d" % _server.get_local_port()]
	process_id = OS.create_process(godot, PackedStringArray(own) + arguments)


## Takes what has come. To be called in each frame.
func poll() -> void:
	if _stream == null:
		if not _server.is_connection_available():
			return
		_stream = _server.take_connection()
		_packets.input_buffer_max_size = MAX_MESSAGE
		_packets.output_buffer_max_size = MAX_MESSAGE
		_packets.stream_peer = _stream
	_stream.poll()
	if _stream.get_status() != StreamPeerTCP.STATUS_CONNECTED:
		return
	while _packets.get_available_packet_count() > 0:
		_take(_packets.get_var())


## Sends a message to the game, without the prefix.
func send(message: String, data: Array) -> void:
	_packets.put_var([PREFIX + message, MAIN_THREAD, data])


## The data of all messages of that name.
func of(message: String) -> Array:
	return messages.filter(func(kept: Array) -> bool: return kept[0] == message).map(
		func(kept: Array) -> Array: return kept[1])


## Whether the game's process has not ended.
func is_running() -> bool:
	return process_id > 0 and OS.is_process_running(process_id)


## Lets go of the game, which is killed if it still runs.
func stop() -> void:
	if is_running():
		OS.kill(process_id)
	if _stream != null:
		_stream.disconnect_from_host()
	_server.stop()


func _take(message: Variant) -> void:
	var name: String = message[0]
	if name == "debug_enter":
		is_halted = true
	elif name.begins_with(PREFIX):
		messages.append([name.trim_prefix(PREFIX), message[2]])
