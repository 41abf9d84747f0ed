## The base of the suites about SocketIONode.
extends "res://suite.gd"

## The node and the scripts around it, as a designer saves them.
const Level := preload("res://suites/node/level.gd")
const LEVEL := preload("res://suites/node/level.tscn")

var _nodes: Array[Node] = []


func clean_up() -> void:
	for node in _nodes:
		if is_instance_valid(node):
			node.free()
	_nodes.clear()
	await super()


## Returns a node with these properties, and with the server's address unless they have another. It is freed after the
## test.
func make_node(properties := {}) -> SocketIONode:
	var node := SocketIONode.new()
	node.name = "Net"
	node.url = url()
	for property: String in properties:
		node.set(property, properties[property])
	hold(node)
	return node


## Has a node freed after the test.
func hold(node: Node) -> void:
	_nodes.append(node)


## Adds a node to the tree.
func enter(node: Node) -> void:
	tree.root.add_child(node)


## Takes a node out of the tree.
func leave(node: Node) -> void:
	node.get_parent().remove_child(node)


## Returns a node in the tree whose main namespace is joined.
func connect_node(properties := {}) -> SocketIONode:
	var node := make_node(properties)
	enter(node)
	await expect_until(node.get_namespace("/").is_namespace_connected, "connecting")
	return node


## Returns the scene, with the server's address in it.
func make_level() -> Level:
	var level: Level = LEVEL.instantiate()
	level.server_url = url()
	hold(level)
	return level


## Returns what a thread makes.
func on_thread(call: Callable) -> Variant:
	var thread := Thread.new()
	thread.start(call)
	await until(func() -> bool: return not thread.is_alive())
	return thread.wait_to_finish()


## Packs a node and returns the properties that the scene saves of it.
func saved_properties(node: Node) -> Dictionary:
	var scene := PackedScene.new()
	expect_eq(scene.pack(node), OK, "packing")
	var saved := {}
	var state := scene.get_state()
	for i in state.get_node_property_count(0):
		saved[str(state.get_node_property_name(0, i))] = state.get_node_property_value(0, i)
	return saved
