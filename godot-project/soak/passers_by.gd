## Clients that come and go: some stay for an answer, some leave while they still connect, and some are only dropped.
extends RefCounted

enum Leaving { CLOSE, DROP, ANSWER }

var random: RandomNumberGenerator
## How many are on their way now, and how many there were.
var count := 0
var total := 0


func send_one(place: Dictionary, tree: SceneTree) -> void:
	count += 1
	total += 1
	await _pass_by(place, tree)
	count -= 1


func _pass_by(place: Dictionary, tree: SceneTree) -> void:
	var client := SocketIOClient.new()
	client.reconnection = false
	client.connect_timeout = 3.0
	client.connect_error.connect(func(_error: Dictionary) -> void: pass)
	client.connect_to_url(place.url, {}, place.tls)
	for frame in random.randi_range(0, 20):
		await tree.process_frame
	match random.randi_range(0, 2):
		Leaving.CLOSE:
			client.close()
		Leaving.ANSWER:
			# Also a refused one resolves.
			if client.get_connection_state() != SocketIOClient.STATE_DISCONNECTED:
				await client.get_namespace().request("echo_ack", [1], 3.0)
			client.close()
