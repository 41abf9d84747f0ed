# A game that was made with the package: it connects in both ways, asks the server and ends.
extends Node

const SERVER := "--server"

@onready var net: SocketIONode = $Net


func _ready() -> void:
	var url := _server_url()
	var shared := SocketIOClient.get_singleton().get_namespace("/")
	SocketIOClient.get_singleton().connect_error.connect(_give_up)
	SocketIOClient.get_singleton().connect_to_url(url)
	var answer: SocketIOReply = await shared.request("echo_ack", [PackedByteArray([1, 2])])

	net.url = url
	net.connect_error.connect(_give_up)
	net.get_client().connect_to_url(url)
	var second: SocketIOReply = await net.get_namespace("/").request("echo_ack", ["text"])

	var has_monitors := Performance.has_custom_monitor("Socket.IO/Latency (ms)")
	var is_right := answer.data == [PackedByteArray([1, 2])] and second.data == ["text"] and has_monitors == OS.is_debug_build()
	print("answers: ", answer.data, " ", second.data, " monitors: ", has_monitors)
	SocketIOClient.get_singleton().close()
	get_tree().quit(0 if is_right else 1)


func _give_up(error: Dictionary) -> void:
	print(error.message)
	get_tree().quit(1)


func _server_url() -> String:
	var arguments := OS.get_cmdline_user_args()
	return arguments[arguments.find(SERVER) + 1]
