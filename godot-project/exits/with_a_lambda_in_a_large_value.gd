# expect-exit: 9
## A listener puts a lambda into a large value in the last frame, while the worker is busy with the next one: the lambda must
## end before its script does.
extends SceneTree

const RawServer := preload("res://raw_server.gd")
const BUSY_MSEC := 400

var _raw_server := RawServer.new()
var _is_done := false


func _initialize() -> void:
	_raw_server.listen()
	var client := SocketIOClient.new()
	client.connect_to_url(_raw_server.url)
	while not client.get_namespace().is_namespace_connected():
		_raw_server.poll()
		await process_frame
	client.get_namespace().on("large", _on_large)
	var bytes := PackedByteArray()
	bytes.resize(400_000)
	_raw_server.send('451-["large",{"_placeholder":true,"num":0}]')
	_raw_server.send_bytes(bytes)
	while not _is_done:
		_raw_server.poll()
		await process_frame


func _on_large(data: Array) -> void:
	var objects := PackedStringArray()
	objects.resize(1_300_000)
	objects.fill('{"a":0}')
	_raw_server.send('42["other",[%s]]' % ",".join(objects))
	var end := Time.get_ticks_msec() + BUSY_MSEC
	while Time.get_ticks_msec() < end:
		_raw_server.poll()
		OS.delay_msec(1)
	var captured := [data.size()]
	data.append(func() -> void: print(captured))
	_is_done = true
	quit(9)
