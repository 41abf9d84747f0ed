## The ends that a real server brings about.
extends "res://suite.gd"

const SERVERS := ["node", "polling", "upgrade", "python", "python_polling", "rust"]
const NOT_ON := {
	"test_drop_by_the_server_ends_every_namespace": {"rust": "socketioxide has no call for it on one client"},
	"test_close_by_the_server_is_a_transport_close": {"rust": "socketioxide has no call for it on one client"},
}


func test_the_end_of_the_only_namespace_ends_the_connection() -> void:
	var client := await connect_client()
	var order := []
	client.get_namespace().on("goodbye", func(_data: Array) -> void: order.append("goodbye"))
	client.disconnected.connect(func(reason: String) -> void: order.append(reason))
	client.get_namespace().emit("leave_me")
	await expect_count(order, 2, "calls")
	expect_eq(order, ["goodbye", "io server disconnect"], "order")
	await expect_until(func() -> bool: return not client.is_socket_connected(), "the end of the connection")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func test_no_rejoin_follows_the_servers_disconnect() -> void:
	var client := await connect_client()
	var connected := record(client.connected)
	var ended := record(client.disconnected)
	client.get_namespace().emit("leave_me")
	await expect_count(ended, 1, "disconnected")
	await wait(1.8)
	expect_eq(connected, [], "connected")
	expect_eq(client.get_namespace().get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state")


func test_drop_by_the_server_ends_every_namespace() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var goodbyes := listen(client.get_namespace(), "goodbye")
	var main_ended := record(client.get_namespace().disconnected)
	var chat_ended := record(chat.disconnected)
	client.get_namespace().emit("drop_me")
	await expect_count(main_ended, 1, "disconnected of /")
	await expect_count(chat_ended, 1, "disconnected of /chat")
	expect_eq(goodbyes.size(), 1, "nothing before it is lost")
	expect_eq(main_ended + chat_ended, ["io server disconnect", "io server disconnect"], "reasons")


func test_close_by_the_server_is_a_transport_close() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var ended := record(client.disconnected)
	var chat_ended := record(chat.disconnected)
	client.get_namespace().emit("close_me")
	await expect_count(ended, 1, "disconnected")
	await expect_count(chat_ended, 1, "disconnected of /chat")
	expect_eq(ended + chat_ended, ["transport close", "transport close"], "reasons")
	expect_eq(client.is_socket_connected(), false, "is_socket_connected")


func test_an_emit_after_the_servers_disconnect_is_an_error() -> void:
	var client := await connect_client()
	var ended := record(client.disconnected)
	client.get_namespace().emit("leave_me")
	await expect_count(ended, 1, "disconnected")
	expect_error("emit \"echo\"")
	client.get_namespace().emit("echo", [1])


func test_connecting_again_after_the_servers_disconnect() -> void:
	var client := await connect_client()
	var ended := record(client.disconnected)
	client.get_namespace().emit("leave_me")
	await expect_count(ended, 1, "disconnected")
	await connect_client(client)
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer")


func test_more_attachments_than_allowed_are_a_parse_error() -> void:
	var client := await connect_client()
	var ended := record(client.disconnected)
	client.get_namespace().emit("many_attachments", [11])
	await expect_count(ended, 1, "disconnected")
	expect_eq(ended, ["parse error"], "reason")
