## A scene with nodes that connect by themselves: one with a client of its own, two on the shared one. It is changed in the
## middle of what they receive.
extends Node

const EVENTS := 100

## Where the nodes connect to.
static var url: String
## Whether the nodes of the present scene have all that they asked for.
static var is_ready := false

var _received := 0


func _ready() -> void:
	is_ready = false
	for shares: bool in [false, true, true]:
		var node := SocketIONode.new()
		node.url = url
		node.share_singleton = shares
		node.namespaces = PackedStringArray(["/chat"])
		add_child(node)
		node.get_namespace("/chat").on("burst", _on_burst)
		node.get_namespace("/chat").emit("burst", [EVENTS])


func _exit_tree() -> void:
	is_ready = false


## Two nodes listen on one namespace of the shared client, and each has asked.
func _on_burst(_data: Array) -> void:
	_received += 1
	is_ready = _received == EVENTS * (1 + 2 * 2)
