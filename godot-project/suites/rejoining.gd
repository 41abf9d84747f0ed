## The namespaces of a connection that comes back.
extends "res://fault_suite.gd"

const SERVERS := ["node", "upgrade", "python", "rust"]


func test_every_joined_namespace_rejoins_with_its_auth() -> void:
	var client := await connect_through_proxy("", {"for": "main"})
	var chat := await join(client, "/chat", {"for": "chat"})
	var rejoined := record(chat.connected)
	await cut_and_return(client)
	await expect_count(rejoined, 1, "connected of /chat")
	expect_eq(rejoined, [chat.get_session_id()], "session of /chat")
	expect_eq(await ask(client.get_namespace(), "auth"), [{"for": "main"}], "auth of /")
	expect_eq(await ask(chat, "auth"), [{"for": "chat"}], "auth of /chat")


func test_auth_is_sent_again_on_every_rejoin() -> void:
	var client := await connect_through_proxy("", {"token": "t"})
	for i in 3:
		await cut_and_return(client)
		expect_eq(await ask(client.get_namespace(), "auth"), [{"token": "t"}], "auth %d" % i)


func test_auth_provider_is_asked_at_each_join() -> void:
	await open_proxy()
	var client := make_quick_client()
	var calls := []
	client.get_namespace().auth_provider = func() -> Dictionary:
		calls.append(null)
		return {"call": calls.size()}
	await join_through_proxy(client, "", {"not": "this"})
	expect_eq(await ask(client.get_namespace(), "auth"), [{"call": 1}], "auth of the first join")
	await cut_and_return(client)
	expect_eq(await ask(client.get_namespace(), "auth"), [{"call": 2}], "auth of the second join")
	expect_eq(calls.size(), 2, "calls")


func test_a_namespace_that_was_left_is_not_rejoined() -> void:
	var client := await connect_through_proxy()
	var chat := await join(client, "/chat")
	chat.disconnect_from_namespace()
	await frames(3)
	await cut_and_return(client)
	await wait(0.2)
	expect_eq(chat.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state of /chat")


func test_a_namespace_left_while_reconnecting_is_not_rejoined() -> void:
	var client := await connect_through_proxy()
	var chat := await join(client, "/chat")
	var ended := record(chat.disconnected)
	await go_offline(client)
	chat.disconnect_from_namespace()
	await go_online(client)
	await wait(0.2)
	expect_eq(chat.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state of /chat")
	expect_cut(ended, ["transport close"], "disconnected of /chat")


func test_a_namespace_connected_while_reconnecting_joins_then() -> void:
	var client := await connect_through_proxy()
	await go_offline(client)
	var chat := client.create_namespace("/chat")
	expect_eq(chat.connect_to_namespace({"for": "chat"}), OK, "connect_to_namespace")
	await go_online(client)
	await expect_until(chat.is_namespace_connected, "joining /chat")
	expect_eq(await ask(chat, "auth"), [{"for": "chat"}], "auth")


func test_s5_no_rejoin_after_io_server_disconnect() -> void:
	var client := await connect_through_proxy()
	var chat := await join(client, "/chat")
	var ended := record(chat.disconnected)
	chat.emit("leave_me")
	await expect_count(ended, 1, "disconnected of /chat")
	await wait(0.2)
	expect_eq(chat.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state at once")
	await cut_and_return(client)
	await wait(0.2)
	expect_eq(ended, ["io server disconnect"], "reason")
	expect_eq(chat.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state after a reconnect")


func test_a_refused_namespace_is_not_tried_again() -> void:
	var client := await connect_through_proxy()
	var admin := client.create_namespace("/admin")
	var errors := record(admin.connect_error)
	admin.connect_to_namespace({"token": "wrong"})
	await expect_count(errors, 1, "connect_error")
	await cut_and_return(client)
	await wait(0.2)
	expect_eq(errors.size(), 1, "connect_error after a reconnect")


func test_without_the_main_namespace_the_signals_are_those_of_the_transport() -> void:
	await open_proxy()
	var client := make_quick_client()
	client.connect_main_namespace = false
	var order := follow(client)
	var ids := record(client.connected)
	var chat := client.create_namespace("/chat")
	client.connect_to_url(proxy.url)
	expect_eq(chat.connect_to_namespace({"for": "chat"}), OK, "connect_to_namespace")
	await expect_until(chat.is_namespace_connected, "joining /chat")
	await proxy.cut()
	await expect_count(ids, 2, "connected")
	await expect_until(chat.is_namespace_connected, "joining /chat again")
	expect_cut(order.filter(func(entry: String) -> bool: return not entry.begins_with("reconnect")),
			["connected", "disconnected: transport close", "connected"], "signals")
	expect_eq(ids, ["", ""], "session ids")
	expect_eq(await ask(chat, "auth"), [{"for": "chat"}], "auth")
