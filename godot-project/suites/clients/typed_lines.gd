## What a typed script writes first. It is compiled with all of GDScript's warnings as errors.
extends Node

@onready var client: SocketIOClient = ($Net as SocketIONode).get_client()

var answers: Array = []


func _ready() -> void:
	await _ask(client, "ready")
	var dictionary: Dictionary = {"c": client}
	var typed: SocketIOClient = dictionary["c"]
	await _ask(typed, "typed")
	# Of whatever class: GDScript warns of every cast of a Variant.
	@warning_ignore("unsafe_cast")
	await _ask(dictionary["c"] as SocketIOClient, "cast")
	var others: Array = [SocketIOClient.new(), client]
	for other: SocketIOClient in others:
		if other.get_connection_state() != SocketIOClient.STATE_DISCONNECTED:
			await _ask(other, "in a loop")
	var shared: SocketIOClient = SocketIOClient.get_singleton()
	shared.reconnection_delay = 1.0
	shared.close()


func _ask(asked: SocketIOClient, text: String) -> void:
	var reply: SocketIOReply = await asked.get_namespace("/").request("echo_ack", [text])
	answers.append(reply.data)
