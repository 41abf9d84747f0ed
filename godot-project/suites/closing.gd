## The end of a client, wherever it is: waiting, reconnecting, paused, or with much to send.
extends "res://fault_suite.gd"

const SERVERS := ["node", "python", "rust"]


func test_s3_close_while_waiting_is_final() -> void:
	var client := await connect_through_proxy()
	client.reconnection_delay = 0.2
	client.reconnection_delay_max = 0.2
	var order := follow(client)
	await proxy.cut()
	await expect_count(order, 1, "signals")
	client.close()
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")
	await wait(0.6)
	expect_eq(order, ["disconnected: transport close"], "signals")
	expect_eq((await proxy.status()).made, 1, "connections")


func test_s3_close_in_reconnect_attempt_is_final() -> void:
	var client := await connect_through_proxy()
	var order := follow(client)
	client.reconnect_attempt.connect(func(_attempt: int, _delay: float) -> void: client.close())
	await proxy.cut()
	await expect_count(order, 2, "signals")
	await wait(0.3)
	expect_eq(order, ["disconnected: transport close", "reconnect_attempt 1"], "signals")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func test_close_in_reconnected_is_final() -> void:
	var client := await connect_through_proxy()
	var order := follow(client)
	client.reconnected.connect(func(_attempt: int) -> void: client.close())
	await proxy.cut()
	await expect_count(order, 3, "signals")
	await wait(0.3)
	expect_eq(order, ["disconnected: transport close", "reconnect_attempt 1", "reconnected 1"], "signals")
	expect_true(await proxy.until_the_server_noticed(), "no connection is left")


func test_close_in_disconnected_is_final() -> void:
	var client := await connect_through_proxy()
	var order := follow(client)
	client.disconnected.connect(func(_reason: String) -> void: client.close())
	await proxy.cut()
	await expect_count(order, 1, "signals")
	await wait(0.3)
	expect_eq(order, ["disconnected: transport close"], "signals")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func test_s23_close_leaves_each_namespace_and_then_closes() -> void:
	var raw_server := make_raw_server()
	await open_proxy(raw_server.url)
	var client := make_quick_client()
	await join_through_proxy(client)
	await join(client, "/chat")
	raw_server.messages.clear()
	# Godot's WebSocketPeer drops messages that arrive together with the end.
	await proxy.throttle(400, FaultProxy.TO_SERVER)
	client.get_namespace().emit("last words")
	client.close()
	await expect_until(func() -> bool: return not raw_server.is_open(), "the end of the WebSocket")
	expect_eq(raw_server.texts().slice(0, 1), ['42["last words"]'], "what was emitted before")
	var leaving := raw_server.texts().slice(1)
	leaving.sort()
	expect_eq(leaving, ["41", "41/chat,"], "packets of the close")


func test_s23_close_over_a_slow_line_sends_everything() -> void:
	var key := fresh_key("slow")
	var client := await connect_through_proxy()
	var id := client.get_namespace().get_session_id()
	await proxy.throttle(50_000, FaultProxy.TO_SERVER)
	for i in 20:
		client.get_namespace().emit("remember", [key, i, "x".repeat(1000)])
	client.close()
	var witness := await connect_client()
	expect_true(await proxy.until_the_server_noticed(), "the connection ends")
	var remembered := await recall(witness.get_namespace(), key)
	expect_eq(remembered.map(func(data: Array) -> int: return data[0]), range(20), "what the server got")
	expect_eq(await ask(witness.get_namespace(), "end_of", [id]), ["packet"], "how the session ended")


func test_close_while_paused_is_final() -> void:
	var client := await connect_through_proxy()
	client.pause_connection()
	await frames(3)
	var order := follow(client)
	client.close()
	client.resume_connection()
	await wait(0.3)
	expect_eq(order, [], "signals")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func test_close_and_connect_again_while_reconnecting() -> void:
	var client := await connect_through_proxy()
	await go_offline(client)
	client.close()
	await proxy.accept()
	await join_through_proxy(client)
	await wait(0.2)
	expect_eq((await proxy.status()).open_to_client, 1, "open connections")


func test_a_client_that_goes_while_reconnecting_stays_away() -> void:
	await open_proxy()
	var client := SocketIOClient.new()
	client.reconnection_delay = 0.05
	await join_through_proxy(client)
	await proxy.cut()
	client = null
	await wait(0.4)
	var status := await proxy.status()
	expect_eq(status.open_to_client, 0, "open connections")
