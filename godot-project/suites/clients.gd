## The singleton, and clients beside it.
extends "res://suite.gd"

const SERVERS := ["node", "polling", "upgrade", "python", "rust"]


const Warnings := preload("res://warnings_as_errors.gd")
const TYPED_LINES := "res://suites/clients/typed_lines.gd"


func test_the_singleton_is_always_the_same_client() -> void:
	expect_true(SocketIOClient.get_singleton() == SocketIOClient.get_singleton(), "get_singleton twice")
	expect_true(not Engine.has_singleton("SocketIOClient"), "the engine has no singleton of this name")


func test_the_lines_of_a_typed_script() -> void:
	var warnings := Warnings.new()
	await warnings.make_errors(tree)
	var script := GDScript.new()
	script.source_code = FileAccess.get_file_as_string(TYPED_LINES)
	expect_eq(script.reload(), OK, "compiling")
	await warnings.restore(tree)
	var main: Node = script.new()
	var net := SocketIONode.new()
	net.name = "Net"
	net.url = url()
	main.add_child(net)
	tree.root.add_child(main)
	await expect_until(func() -> bool: return main.get("answers").size() == 4, "answers")
	expect_eq(main.get("answers"), [["ready"], ["typed"], ["cast"], ["in a loop"]], "answers")
	main.free()


func test_a_new_client_is_not_the_singleton() -> void:
	var client := make_client()
	expect_true(client != SocketIOClient.get_singleton(), "another object")
	await connect_client(client)
	expect_eq(SocketIOClient.get_singleton().get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "singleton")


func test_a_script_may_extend_the_class() -> void:
	var client := CountingClient.new()
	keep(client)
	await connect_client(client)
	await ask(client.get_namespace(), "echo_ack", [1])
	expect_eq(client.connections, 1, "its own handler")
	expect_true(client is SocketIOClient, "its class")


func test_a_client_of_another_thread_is_refused() -> void:
	var made: Array[SocketIOClient] = []
	var thread := Thread.new()
	expect_error("SocketIOClient.new was called from another thread")
	thread.start(func() -> void: made.append(SocketIOClient.new()))
	await until(func() -> bool: return not thread.is_alive())
	thread.wait_to_finish()
	var client := made[0]
	for call: String in ["connect_to_url", "get_connection_state", "get_namespace", "reconnection", "reconnection_delay", "query", "close"]:
		expect_error("SocketIOClient.%s did nothing: this client was made on another thread" % call)
	expect_eq(client.connect_to_url(url()), ERR_UNAVAILABLE, "connect_to_url")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")
	expect_eq(client.get_namespace(), null, "namespace")
	expect_eq(client.reconnection, false, "reconnection")
	client.reconnection_delay = 2.0
	expect_eq(client.query, {}, "query")
	client.close()
	await frames(2)


func test_a_client_of_another_thread_may_go_there() -> void:
	var thread := Thread.new()
	expect_error("SocketIOClient.new was called from another thread")
	thread.start(func() -> void: SocketIOClient.new())
	await until(func() -> bool: return not thread.is_alive())
	thread.wait_to_finish()
	await connect_client()


func test_clients_have_connections_of_their_own() -> void:
	var first := await connect_client()
	var second := await connect_client()
	expect_true(first.get_engine_io_session_id() != second.get_engine_io_session_id(), "sessions differ")
	first.close()
	expect_eq(await ask(second.get_namespace(), "echo_ack", [2]), [2], "the other still answers")


func test_clients_do_not_share_namespaces_or_listeners() -> void:
	var first := await connect_client()
	var second := await connect_client()
	first.create_namespace("/chat")
	expect_eq(second.has_namespace("/chat"), false, "namespace of the other")
	var events := listen(first.get_namespace(), "echo")
	await reply(second.get_namespace(), "echo", [1], "echo")
	expect_eq(events, [], "events of the other")


func test_a_hundred_clients_at_the_same_time() -> void:
	var clients: Array[SocketIOClient] = []
	for i in 100:
		clients.append(make_client())
		clients[i].connect_to_url(url())
	for i in clients.size():
		await expect_until(clients[i].get_namespace().is_namespace_connected, "client %d" % i)
	for i in clients.size():
		expect_eq(await ask(clients[i].get_namespace(), "echo_ack", [i]), [i], "answer %d" % i)
	for i in range(0, 100, 2):
		clients[i].close()
	for i in clients.size():
		expect_eq(clients[i].is_socket_connected(), i % 2 == 1, "client %d after every other was closed" % i)
	expect_eq(await ask(clients[99].get_namespace(), "echo_ack", [99]), [99], "answer after that")


func test_clients_close_themselves_when_their_last_references_go() -> void:
	var witness := await connect_client()
	var ids := []
	var clients: Array[SocketIOClient] = []
	for i in 10:
		clients.append(SocketIOClient.new())
		clients[i].connect_to_url(url())
	for client in clients:
		await expect_until(client.get_namespace().is_namespace_connected, "connecting")
		ids.append(client.get_namespace().get_session_id())
	clients.clear()
	for id: String in ids:
		var answer: Array = [true]
		for attempt in 50:
			answer = await ask(witness.get_namespace(), "is_connected", [id])
			if answer == [false]:
				break
			await wait(0.05)
		expect_eq(answer, [false], "is connected")


func test_the_main_namespace_is_there_from_the_start() -> void:
	var client := make_client()
	expect_eq(client.has_namespace("/"), true, "has_namespace")
	expect_eq(client.get_namespace().get_namespace_path(), "/", "path")
	expect_true(client.get_namespace() == client.get_namespace("/"), "the default is /")
	expect_eq(client.get_namespace().get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state")


func test_create_namespace_gives_the_same_object_again() -> void:
	var client := make_client()
	var chat := client.create_namespace("/chat")
	expect_eq(chat.get_namespace_path(), "/chat", "path")
	expect_true(client.create_namespace("/chat") == chat, "created twice")
	expect_true(client.get_namespace("/chat") == chat, "got")
	expect_true(client.create_namespace("/") == client.get_namespace(), "the main one")
	expect_eq(client.has_namespace("/chat"), true, "has_namespace")


func test_get_namespace_is_null_where_there_is_none() -> void:
	var client := make_client()
	expect_eq(client.get_namespace("/nowhere"), null, "get_namespace")
	expect_eq(client.has_namespace("/nowhere"), false, "has_namespace")


func test_create_namespace_makes_no_connection() -> void:
	var client := make_client()
	client.create_namespace("/chat")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


class CountingClient:
	extends SocketIOClient

	var connections := 0

	func _init() -> void:
		connected.connect(func(_session_id: String) -> void: connections += 1)
