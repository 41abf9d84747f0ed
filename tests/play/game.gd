extends Node
## A game that connects the shared client and tells the server who it is.

## Whether it quits as soon as the server knows it; else it stays until it is stopped.
@export var quits := false


func _ready() -> void:
	var main := SocketIOClient.get_singleton().get_namespace()
	main.connected.connect(_introduce)
	# A game must not outlive the test, which ends its server.
	main.disconnected.connect(_give_up.unbind(1))
	SocketIOClient.get_singleton().connect_error.connect(_give_up.unbind(1))
	SocketIOClient.get_singleton().connect_to_url(OS.get_cmdline_user_args()[1])


func _introduce(session_id: String) -> void:
	var main := SocketIOClient.get_singleton().get_namespace()
	# Something is under way in both directions, as in a game.
	main.emit_with_ack("ack_never", [], func(answer: Array) -> void: print(answer), 0.0)
	main.emit("burst", [1000])
	main.emit("remember", ["games", session_id, OS.get_process_id()])
	if quits:
		await main.request("whoami", [], 0.0)
		get_tree().quit()


func _give_up() -> void:
	get_tree().quit(1)
