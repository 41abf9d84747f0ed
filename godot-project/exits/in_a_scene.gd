# server: node
## A game with a scene: nodes listen, and leave the tree with it.
extends SceneTree


func _initialize() -> void:
	var player := Player.new()
	player.url = OS.get_cmdline_user_args()[1]
	root.add_child(player)


class Player:
	extends Node

	var url: String

	func _ready() -> void:
		SocketIOClient.get_singleton().connected.connect(_on_connected)
		SocketIOClient.get_singleton().get_namespace().on("echo", _on_echo)
		SocketIOClient.get_singleton().connect_to_url(url)

	func _on_connected(_id: String) -> void:
		SocketIOClient.get_singleton().get_namespace().emit("echo", ["hello"])

	func _on_echo(data: Array) -> void:
		get_tree().quit(0 if data == ["hello"] else 1)
