extends Node
## A game that connects the shared client, and answers what it hears.


func _ready() -> void:
	var main := SocketIOClient.get_singleton().get_namespace()
	main.on("said", func(data: Array) -> void: main.emit("echo", ["heard " + data[0]]))
	SocketIOClient.get_singleton().reconnection_delay = 0.1
	var error := SocketIOClient.get_singleton().connect_to_url(OS.get_cmdline_user_args()[1], {"token": "hush"})
	if error != OK:
		get_tree().quit(1)
