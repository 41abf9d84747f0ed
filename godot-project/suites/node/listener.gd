## A node whose _ready runs before that of the scene's root.
extends Node

var welcomes := []


func _ready() -> void:
	var net: SocketIONode = $"../Net"
	net.get_namespace("/chat").on("welcome", func(data: Array) -> void: welcomes.append(data))
