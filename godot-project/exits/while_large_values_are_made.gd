# expect-exit: 9
# ends-within: 800
## The end does not wait for a worker that makes a million Dictionaries, which takes more than a second.
extends SceneTree

const RawServer := preload("res://raw_server.gd")

var _raw_server := RawServer.new()


func _initialize() -> void:
	_raw_server.listen()
	var client := SocketIOClient.new()
	client.connect_to_url(_raw_server.url)
	while not client.get_namespace().is_namespace_connected():
		_raw_server.poll()
		await process_frame
	var objects := PackedStringArray()
	objects.resize(1_300_000)
	objects.fill('{"a":0}')
	_raw_server.send('42["large",[%s]]' % ",".join(objects))
	while _raw_server.unsent() > 0:
		_raw_server.poll()
		await process_frame
	# The worker has all of it in a moment.
	await create_timer(0.15).timeout
	print("QUITS AT ", roundi(Time.get_unix_time_from_system() * 1000.0))
	quit(9)
