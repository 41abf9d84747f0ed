## The warning that the listeners of one event pile up, as the lambdas of a scene do each time that it is loaded.
extends "res://suite.gd"

const WarningLog := preload("res://suites/node/warning_log.gd")
const SERVERS := ["none"]
## So many may come from one place.
const ALLOWED := 10

var main: SocketIONamespace
var warnings := WarningLog.new()
var _nodes: Array[Node] = []


func prepare(scene_tree: SceneTree, name: String, url: String) -> void:
	super(scene_tree, name, url)
	main = make_client().create_namespace("/room")
	OS.add_logger(warnings)


func clean_up() -> void:
	OS.remove_logger(warnings)
	for node in _nodes:
		node.free()
	main.off_all()
	main = null
	await super()


func test_lambdas_without_self() -> void:
	for i in ALLOWED:
		main.on("tick", func(_data: Array) -> void: pass)
	expect_eq(warnings.messages, [], "warnings of ten listeners")
	main.on("tick", func(_data: Array) -> void: pass)
	expect_eq(warnings.messages.size(), 1, "warnings of the eleventh")
	for part: String in ["on: 11 callbacks", "\"tick\" in \"/room\"", "listeners_that_pile_up.gd", "off()", "once()"]:
		expect_true(warnings.has(part), "the warning has " + part)
	for i in 20:
		main.on("tick", func(_data: Array) -> void: pass)
	expect_eq(warnings.messages.size(), 1, "warnings of more")


func test_once_counts_as_well() -> void:
	for i in ALLOWED + 1:
		main.once("tick", func(_data: Array) -> void: pass)
	expect_eq(warnings.messages.size(), 1, "warnings")
	expect_true(warnings.has("once: 11 callbacks"), "the warning names the call")


func test_each_event_and_each_namespace_counts_for_itself() -> void:
	var other := make_client().create_namespace("/other")
	for i in ALLOWED:
		main.on("tick", func(_data: Array) -> void: pass)
		main.on("tock", func(_data: Array) -> void: pass)
		other.on("tick", func(_data: Array) -> void: pass)
	expect_eq(warnings.messages, [], "warnings")
	other.on("tick", func(_data: Array) -> void: pass)
	main.on("tock", func(_data: Array) -> void: pass)
	expect_eq(warnings.messages.size(), 2, "warnings of the eleventh")


func test_what_was_removed_does_not_count() -> void:
	for i in 3 * ALLOWED:
		var listener := func(_data: Array) -> void: pass
		main.on("tick", listener)
		main.off("tick", listener)
	expect_eq(warnings.messages, [], "warnings")


func test_a_node_of_each_of_many_players() -> void:
	for i in 3 * ALLOWED:
		var player := _player()
		main.on("tick", player.hear)
		main.on("tock", player.make_listener())
		main.on("bound", player.hear_tagged.bind("tag"))
	expect_eq(warnings.messages, [], "warnings")


func test_nodes_that_were_freed_do_not_count() -> void:
	for i in 3 * ALLOWED:
		var player := Player.new()
		main.on("tick", player.hear)
		main.on("tick", player.make_listener())
		player.free()
	expect_eq(warnings.messages, [], "warnings")


func test_one_node_that_listens_again_and_again() -> void:
	var player := _player()
	for i in ALLOWED + 1:
		main.on("tick", player.hear)
		main.on("tock", player.make_listener())
		main.on("own", _hear)
	expect_eq(warnings.messages.size(), 3, "warnings")
	expect_true(warnings.has("<Node#"), "the warning names the object")
	expect_true(warnings.has("listeners_that_pile_up.gd"), "the warning names the script")


func test_lambdas_that_keep_their_own_object() -> void:
	for i in ALLOWED + 1:
		main.on("tick", Counted.new().make_listener())
	expect_eq(warnings.messages.size(), 1, "warnings")


func test_static_functions_and_callables_without_an_object() -> void:
	for i in ALLOWED + 1:
		main.on("tick", Player.hear_for_all)
		main.on("tock", [].append)
	expect_eq(warnings.messages.size(), 2, "warnings")
	expect_true(warnings.has("callables without an object"), "the warning says so")


func _hear(_data: Array) -> void:
	pass


func _player() -> Player:
	var player := Player.new()
	_nodes.append(player)
	return player


class Player:
	extends Node

	func hear(_data: Array) -> void:
		pass

	func hear_tagged(_data: Array, _tag: String) -> void:
		pass

	static func hear_for_all(_data: Array) -> void:
		pass

	func make_listener() -> Callable:
		return func(_data: Array) -> void: print(name)


class Counted:
	extends RefCounted

	var calls := 0

	func make_listener() -> Callable:
		return func(_data: Array) -> void: calls += 1
