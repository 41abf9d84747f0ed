## So many clients that are connected and do nothing, until the process is ended.
extends "res://task.gd"


func run() -> void:
	var clients: Array[BenchClient] = []
	for i in arguments.count:
		clients.append(await open_client())
	print(JSON.stringify({"ready": 1}))
	while true:
		await tree.process_frame
		for client in clients:
			client.poll()
