## A script of the node itself, with the methods that the engine calls of it.
extends SocketIONode

var calls := []


func _enter_tree() -> void:
	calls.append("enter")


func _exit_tree() -> void:
	calls.append("exit")
