# expect-exit: 5
# server: node
## A game whose scenes are changed in every way by the handlers of their own events, with more events to come.
extends SceneTree


func _initialize() -> void:
	var url := OS.get_cmdline_user_args()[1]
	# Each scene's own node connects when it enters the tree.
	node_added.connect(func(node: Node) -> void:
		if node is SocketIONode:
			node.url = url
			node.autoconnect = true)
	SocketIOClient.get_singleton().connect_to_url(url)
	change_scene_to_file("res://exits/scenes/level.tscn")
