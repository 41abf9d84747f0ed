# server: node
## A game whose nodes still ask the server while they leave the tree for ever.
extends SceneTree


func _initialize() -> void:
	root.add_child(Leaver.new())
	SocketIOClient.get_singleton().connect_to_url(OS.get_cmdline_user_args()[1])
	await SocketIOClient.get_singleton().connected
	quit()


class Leaver:
	extends Node

	func _exit_tree() -> void:
		_ask()
		_wait_for()

	func _notification(what: int) -> void:
		if what == NOTIFICATION_PREDELETE:
			SocketIOClient.get_singleton().get_namespace().emit_with_ack("echo_ack", [], func(answer: Array) -> void: print(answer))
			SocketIOClient.get_singleton().get_namespace().request("echo_ack")

	func _ask() -> void:
		print("answer: ", (await SocketIOClient.get_singleton().get_namespace().request("echo_ack")).error)

	func _wait_for() -> void:
		print("event: ", (await SocketIOClient.get_singleton().get_namespace().wait_for("never")).error)
