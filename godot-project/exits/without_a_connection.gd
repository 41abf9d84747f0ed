## A game that registers listeners and never connects.
extends SceneTree


func _initialize() -> void:
	SocketIOClient.get_singleton().get_namespace().on("news", func(data: Array) -> void: print(data))
	SocketIOClient.get_singleton().connected.connect(func(id: String) -> void: print(id))
	SocketIOClient.get_singleton().create_namespace("/chat").on("news", func(data: Array) -> void: print(data))
	SocketIOClient.get_singleton().get_namespace().emit_with_ack("ask", [], func(answer: Array) -> void: print(answer), 0.0)
	quit()
