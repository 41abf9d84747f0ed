## Several namespaces on one connection.
extends "res://suite.gd"

const SERVERS := ["node", "polling", "upgrade", "python", "python_polling", "rust"]
const NOT_ON := {
	"test_each_namespace_has_a_session_id_of_its_own": {"rust": "socketioxide uses one id for the connection and its namespaces"},
	"test_a_refusal_brings_the_data": {"rust": "socketioxide sends a message only"},
}


func test_joining_goes_through_the_states() -> void:
	var client := await connect_client()
	var slow := client.create_namespace("/slow")
	var connected := record(slow.connected)
	expect_eq(slow.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state before")
	expect_eq(slow.connect_to_namespace(), OK, "connect_to_namespace")
	expect_eq(slow.get_connection_state(), SocketIONamespace.STATE_CONNECTING, "state while joining")
	expect_eq(slow.is_namespace_connected(), false, "is_namespace_connected while joining")
	expect_eq(slow.get_session_id(), "", "session id while joining")
	await expect_count(connected, 1, "connected")
	expect_eq(slow.get_connection_state(), SocketIONamespace.STATE_CONNECTED, "state when joined")
	expect_eq(slow.is_namespace_connected(), true, "is_namespace_connected when joined")
	expect_eq(connected, [slow.get_session_id()], "session id")


func test_each_namespace_has_a_session_id_of_its_own() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	expect_eq(await ask(chat, "whoami"), [chat.get_session_id()], "id of /chat")
	expect_true(chat.get_session_id() != client.get_namespace().get_session_id(), "the ids differ")


func test_the_client_tells_of_every_namespace() -> void:
	var client := make_client()
	var joined := record(client.namespace_connected)
	var connected := record(client.connected)
	await connect_client(client)
	await join(client, "/chat")
	expect_eq(joined, ["/", "/chat"], "namespace_connected")
	expect_eq(connected.size(), 1, "connected is that of / only")


func test_events_stay_in_their_namespace() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var main_events := listen(client.get_namespace(), "echo")
	var chat_events := listen(chat, "echo")
	chat.emit("echo", ["chat"])
	client.get_namespace().emit("echo", ["main"])
	await expect_count(main_events, 1, "events of /")
	await expect_count(chat_events, 1, "events of /chat")
	expect_eq(main_events, [["main"]], "/")
	expect_eq(chat_events, [["chat"]], "/chat")


func test_acks_stay_in_their_namespace() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var answers := []
	chat.emit_with_ack("echo_ack", ["chat"], func(answer: Array) -> void: answers.append(answer[0]))
	client.get_namespace().emit_with_ack("echo_ack", ["main"], func(answer: Array) -> void: answers.append(answer[0]))
	await expect_count(answers, 2, "answers")
	answers.sort()
	expect_eq(answers, ["chat", "main"], "answers")


func test_an_event_right_after_the_join_arrives() -> void:
	var client := await connect_client()
	var chat := client.create_namespace("/chat")
	var welcomes := listen(chat, "welcome")
	chat.connect_to_namespace()
	await expect_count(welcomes, 1, "welcome")
	expect_eq(welcomes, [[chat.get_session_id()]], "welcome")


func test_a_namespace_may_be_joined_while_the_transport_connects() -> void:
	var client := make_client()
	client.connect_to_url(url())
	var chat := client.create_namespace("/chat")
	expect_eq(chat.connect_to_namespace(), OK, "connect_to_namespace")
	expect_eq(chat.get_connection_state(), SocketIONamespace.STATE_CONNECTING, "state")
	await expect_until(chat.is_namespace_connected, "joining")


func test_a_namespace_without_a_connection_cannot_be_joined() -> void:
	var client := make_client()
	var chat := client.create_namespace("/chat")
	expect_error("connect_to_namespace")
	expect_eq(chat.connect_to_namespace(), ERR_UNCONFIGURED, "connect_to_namespace")
	expect_eq(chat.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state")


func test_joining_twice_is_refused() -> void:
	var client := await connect_client()
	var chat := client.create_namespace("/chat")
	chat.connect_to_namespace()
	expect_error("/chat")
	expect_eq(chat.connect_to_namespace(), ERR_ALREADY_IN_USE, "while joining")
	await expect_until(chat.is_namespace_connected, "joining")
	expect_error("/chat")
	expect_eq(chat.connect_to_namespace(), ERR_ALREADY_IN_USE, "when joined")
	expect_eq(await ask(chat, "echo_ack", [1]), [1], "the session goes on")


func test_the_main_namespace_is_joined_by_connect_to_url() -> void:
	var client := await connect_client()
	expect_error("connect_to_namespace")
	expect_eq(client.get_namespace().connect_to_namespace(), ERR_ALREADY_IN_USE, "connect_to_namespace")


func test_leaving_keeps_the_connection_for_the_others() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var ended := record(chat.disconnected)
	var left := record(client.namespace_disconnected)
	var client_ended := record(client.disconnected)
	chat.disconnect_from_namespace()
	expect_eq(chat.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state")
	expect_eq(chat.get_session_id(), "", "session id")
	expect_eq(ended, [], "disconnected within the call")
	await expect_count(ended, 1, "disconnected")
	expect_eq(ended, ["io client disconnect"], "disconnected")
	expect_eq(left, ["/chat"], "namespace_disconnected")
	expect_eq(client_ended, [], "disconnected of the client")
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "the main namespace goes on")


func test_leaving_the_main_namespace_keeps_the_others() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var ended := record(client.disconnected)
	client.get_namespace().disconnect_from_namespace()
	await expect_count(ended, 1, "disconnected of the client")
	expect_eq(ended, ["io client disconnect"], "disconnected of the client")
	expect_eq(client.is_socket_connected(), true, "the transport stays open")
	expect_eq(await ask(chat, "echo_ack", [1]), [1], "/chat goes on")


func test_the_main_namespace_can_be_joined_again() -> void:
	var client := await connect_client()
	var connected := record(client.connected)
	client.get_namespace().disconnect_from_namespace()
	await frames(2)
	expect_eq(client.get_namespace().connect_to_namespace({"again": true}), OK, "connect_to_namespace")
	await expect_count(connected, 1, "connected")
	expect_eq(await ask(client.get_namespace(), "auth"), [{"again": true}], "auth")


func test_a_namespace_can_be_left_and_joined_again() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var welcomes := listen(chat, "welcome")
	chat.disconnect_from_namespace()
	await join(client, "/chat")
	await expect_count(welcomes, 1, "welcome to the new session")
	expect_eq(await ask(chat, "whoami"), [chat.get_session_id()], "the server's id")


func test_leaving_and_joining_again_on_the_next_line() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var ended := record(chat.disconnected)
	var connected := record(chat.connected)
	for i in 5:
		chat.disconnect_from_namespace()
		expect_eq(chat.connect_to_namespace(), OK, "connect_to_namespace %d" % i)
		await expect_until(chat.is_namespace_connected, "joining %d" % i)
	expect_eq(await ask(chat, "whoami"), [chat.get_session_id()], "the server's id")
	expect_eq(ended.size(), 5, "disconnected")
	expect_eq(connected.size(), 5, "connected")
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "the connection goes on")


func test_leaving_twice_is_the_same_as_once() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var ended := record(chat.disconnected)
	chat.disconnect_from_namespace()
	chat.disconnect_from_namespace()
	await frames(3)
	expect_eq(ended, ["io client disconnect"], "disconnected")


func test_leaving_while_joining_emits_nothing() -> void:
	var client := await connect_client()
	var slow := client.create_namespace("/slow")
	var connected := record(slow.connected)
	var ended := record(slow.disconnected)
	slow.connect_to_namespace()
	await wait(0.1)
	slow.disconnect_from_namespace()
	expect_eq(slow.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state")
	await wait(0.6)
	expect_eq([connected, ended], [[], []], "signals")
	expect_eq(slow.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state in the end")
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "the connection goes on")


func test_leaving_while_joining_and_joining_again() -> void:
	var client := await connect_client()
	var slow := client.create_namespace("/slow")
	var connected := record(slow.connected)
	slow.connect_to_namespace({"try": 1})
	await wait(0.1)
	slow.disconnect_from_namespace()
	slow.connect_to_namespace({"try": 2})
	await expect_count(connected, 1, "connected")
	expect_eq(await ask(slow, "auth"), [{"try": 2}], "auth")
	expect_eq(await ask(slow, "whoami"), [slow.get_session_id()], "the server's id")
	expect_eq(connected.size(), 1, "connected in the end")


func test_a_refusal_is_a_connect_error() -> void:
	var client := await connect_client()
	var admin := client.create_namespace("/admin")
	var errors := record(client.connect_error)
	var connected := record(admin.connected)
	var ended := record(admin.disconnected)
	admin.connect_to_namespace({"token": "wrong"})
	await expect_count(errors, 1, "connect_error")
	var error: Dictionary = errors[0]
	expect_true("unauthorised" in error.message, "message: %s" % error.message)
	expect_eq(error.namespace, "/admin", "namespace")
	expect_eq(error.code, SocketIOClient.ERROR_NAMESPACE_REFUSED, "code")
	expect_eq(admin.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state")
	expect_eq([connected, ended], [[], []], "signals of the namespace")
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "the connection goes on")


func test_a_refusal_brings_the_data() -> void:
	var client := await connect_client()
	var errors := record(client.connect_error)
	client.create_namespace("/admin").connect_to_namespace()
	await expect_count(errors, 1, "connect_error")
	expect_eq(errors[0].get("data"), {"code": 401, "hint": "send a token"}, "data")


func test_a_refused_namespace_can_be_joined_with_better_auth() -> void:
	var client := await connect_client()
	var errors := record(client.connect_error)
	var admin := client.create_namespace("/admin")
	admin.connect_to_namespace()
	await expect_count(errors, 1, "connect_error")
	await join(client, "/admin", {"token": "secret"})
	expect_eq(await ask(admin, "echo_ack", [1]), [1], "answer")


func test_an_unknown_namespace_is_refused() -> void:
	var client := await connect_client()
	var errors := record(client.connect_error)
	var nowhere := client.create_namespace("/nowhere")
	nowhere.connect_to_namespace()
	await expect_count(errors, 1, "connect_error")
	expect_eq(errors[0].namespace, "/nowhere", "namespace")
	expect_true(not errors[0].message.is_empty(), "there is a message")
	expect_eq(nowhere.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state")
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "the connection goes on")


func test_an_emit_after_a_refusal_is_an_error() -> void:
	var client := await connect_client()
	var errors := record(client.connect_error)
	var admin := client.create_namespace("/admin")
	admin.connect_to_namespace()
	await expect_count(errors, 1, "connect_error")
	expect_error("emit \"echo\"")
	admin.emit("echo", [1])
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "the connection goes on")


func test_an_emit_after_leaving_is_an_error() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	chat.disconnect_from_namespace()
	expect_error("emit \"echo\"")
	chat.emit("echo", [1])
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "the connection goes on")


func test_an_emit_with_ack_after_leaving_gets_a_timeout_at_the_next_poll() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var answers := []
	chat.disconnect_from_namespace()
	expect_error("\"echo_ack\"")
	chat.emit_with_ack("echo_ack", [1], func(answer: Array) -> void: answers.append(answer), 0.0)
	expect_eq(answers, [], "answers within the call")
	await frames(3)
	expect_eq(answers, [["timeout"]], "answers")


func test_all_namespaces_share_one_engine_session() -> void:
	var client := await connect_client()
	var engine := client.get_engine_io_session_id()
	for path: String in ["/chat", "/slow"]:
		await join(client, path)
	await join(client, "/admin", {"token": "secret"})
	expect_eq(client.get_engine_io_session_id(), engine, "engine session")


func test_the_server_can_end_one_namespace() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var order := []
	chat.on("goodbye", func(_data: Array) -> void: order.append("goodbye"))
	chat.disconnected.connect(func(reason: String) -> void: order.append(reason))
	chat.emit("leave_me")
	await expect_count(order, 2, "calls")
	expect_eq(order, ["goodbye", "io server disconnect"], "order")
	expect_eq(chat.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state")
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "the main namespace goes on")


func test_a_namespace_that_the_server_ended_can_be_joined_again() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var ended := record(chat.disconnected)
	chat.emit("leave_me")
	await expect_count(ended, 1, "disconnected")
	await join(client, "/chat")
	expect_eq(await ask(chat, "echo_ack", [1]), [1], "answer")
