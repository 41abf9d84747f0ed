## A peer that reads nothing any more, and megabytes to send to it: the end waits for neither.
extends SceneTree

const RawServer := preload("res://raw_server.gd")

var _server := RawServer.new()
var _client := SocketIOClient.new()


func _initialize() -> void:
	_server.listen()
	_client.connect_to_url(_server.url)
	while not _client.get_namespace().is_namespace_connected():
		_server.poll()
		await process_frame
	var data := PackedByteArray()
	data.resize(900_000)
	for i in 20:
		_client.get_namespace().emit("data", [data])
	_server.outlive_the_addon()
	# As much as the system takes is on its way.
	await create_timer(0.2).timeout
	print("QUITS AT ", roundi(Time.get_unix_time_from_system() * 1000.0))
	quit(0 if _client.get_statistics().events_waiting_to_send > 0 else 1)
