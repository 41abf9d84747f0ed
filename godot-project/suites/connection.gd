## Connecting to a server and closing, as a game sees it.
extends "res://suite.gd"

const SERVERS := ["node", "python", "rust"]
const NOT_ON := {
	"test_the_engine_session_has_an_id_of_its_own": {"rust": "socketioxide uses one id for the connection and its namespaces"},
	"test_path_of_the_url_comes_before_the_endpoint": {"rust": "one endpoint per process"},
}


func test_connect_to_url_returns_at_once_and_connects_later() -> void:
	var client := make_client()
	var connected := record(client.connected)
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state before")
	expect_eq(client.connect_to_url(url()), OK, "connect_to_url")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_CONNECTING, "state after the call")
	expect_eq(client.is_socket_connected(), false, "is_socket_connected after the call")
	expect_eq(connected, [], "connected within the call")
	await expect_count(connected, 1, "connected")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_CONNECTED, "state when connected")
	expect_eq(client.is_socket_connected(), true, "is_socket_connected when connected")


func test_connected_brings_the_session_id_of_the_main_namespace() -> void:
	var client := make_client()
	var connected := record(client.connected)
	await connect_client(client)
	expect_eq(connected, [client.get_namespace().get_session_id()], "connected")
	expect_eq(await ask(client.get_namespace(), "whoami"), connected, "the server's own id for it")


func test_the_engine_session_has_an_id_of_its_own() -> void:
	var client := make_client()
	expect_eq(client.get_engine_io_session_id(), "", "id before")
	await connect_client(client)
	expect_true(client.get_engine_io_session_id().length() >= 8, "id when connected")
	expect_true(client.get_engine_io_session_id() != client.get_namespace().get_session_id(), "the ids differ")
	client.close()
	expect_eq(client.get_engine_io_session_id(), "", "id after close")


func test_namespace_connected_is_emitted_for_the_main_namespace() -> void:
	var client := make_client()
	var joined := record(client.namespace_connected)
	await connect_client(client)
	expect_eq(joined, ["/"], "namespace_connected")


func test_http_is_as_good_as_ws() -> void:
	var client := make_client()
	expect_eq(client.connect_to_url(url("http")), OK, "connect_to_url")
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")


func test_url_is_kept_as_given() -> void:
	var client := make_client()
	expect_eq(client.get_connection_url(), "", "url before")
	client.connect_to_url(url("http") + "/?a=b")
	expect_eq(client.get_connection_url(), url("http") + "/?a=b", "url")
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")


func test_query_of_the_url_is_kept() -> void:
	var client := make_client()
	client.connect_to_url(url() + "/?room=blue%20room&n=1")
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	var answer: Array = await ask(client.get_namespace(), "handshake")
	expect_eq(answer[0].query.get("room"), "blue room", "query.room")
	expect_eq(answer[0].query.get("n"), "1", "query.n")
	expect_eq(answer[0].query.get("EIO"), "4", "query.EIO")
	expect_eq(answer[0].path.trim_suffix("/"), "/socket.io", "path")


func test_path_of_the_url_comes_before_the_endpoint() -> void:
	var client := make_client()
	client.connect_to_url(url("ws", "/fast"))
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	var answer: Array = await ask(client.get_namespace(), "handshake")
	expect_eq(answer[0].path, "/fast/socket.io/", "path")


func test_transport_is_websocket_while_connected() -> void:
	var client := make_client()
	expect_eq(client.get_transport_name(), "", "transport before")
	await connect_client(client)
	expect_eq(client.get_transport_name(), "websocket", "transport")
	client.close()
	expect_eq(client.get_transport_name(), "", "transport after close")


func test_latency_is_measured_while_connected() -> void:
	var client := make_client()
	expect_eq(client.get_latency(), -1.0, "latency before")
	await connect_client(client)
	await expect_until(func() -> bool: return client.get_latency() >= 0.0, "a measured latency")
	expect_true(client.get_latency() < 2.0, "latency of loopback is %s s" % client.get_latency())
	client.close()
	expect_eq(client.get_latency(), -1.0, "latency after close")


func test_statistics_count_events_both_ways() -> void:
	var client := await connect_client()
	var before := client.get_statistics()
	await reply(client.get_namespace(), "echo", ["hello"], "echo")
	var after := client.get_statistics()
	expect_eq(after.events_sent - before.events_sent, 1, "events_sent")
	expect_eq(after.events_received - before.events_received, 1, "events_received")
	expect_true(after.bytes_sent > before.bytes_sent, "bytes_sent grows")
	expect_true(after.bytes_received > before.bytes_received, "bytes_received grows")


func test_close_disconnects_before_it_returns() -> void:
	var client := await connect_client()
	var main := client.get_namespace()
	client.close()
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state of the client")
	expect_eq(client.is_socket_connected(), false, "is_socket_connected")
	expect_eq(main.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state of the namespace")
	expect_eq(main.get_session_id(), "", "session id")


func test_close_emits_disconnected_once_at_the_next_poll() -> void:
	var client := await connect_client()
	var ended := record(client.disconnected)
	var namespace_ended := record(client.get_namespace().disconnected)
	var left := record(client.namespace_disconnected)
	client.close()
	expect_eq(ended, [], "disconnected within the call")
	await frames(3)
	expect_eq(ended, ["io client disconnect"], "disconnected of the client")
	expect_eq(namespace_ended, ["io client disconnect"], "disconnected of the namespace")
	expect_eq(left, ["/"], "namespace_disconnected")


func test_close_twice_is_the_same_as_once() -> void:
	var client := await connect_client()
	var ended := record(client.disconnected)
	client.close()
	client.close()
	await frames(3)
	client.close()
	await frames(3)
	expect_eq(ended, ["io client disconnect"], "disconnected")


func test_close_without_a_connection_does_nothing() -> void:
	var client := make_client()
	var ended := record(client.disconnected)
	client.close()
	await frames(3)
	expect_eq(ended, [], "disconnected")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func test_close_while_connecting_emits_nothing() -> void:
	var client := make_client()
	var connected := record(client.connected)
	var ended := record(client.disconnected)
	var errors := record(client.connect_error)
	client.connect_to_url(url())
	client.close()
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")
	await wait(0.3)
	expect_eq([connected, ended, errors], [[], [], []], "signals")


func test_close_sends_what_was_emitted_before_it() -> void:
	var key := "flush-%d" % Time.get_ticks_usec()
	var client := await connect_client()
	for i in 200:
		client.get_namespace().emit("remember", [key, i])
	client.close()
	var witness := await connect_client()
	var expected := range(200).map(func(i: int) -> Array: return [i])
	var remembered: Array = []
	for attempt in 50:
		remembered = await ask(witness.get_namespace(), "recall", [key])
		if remembered[0].size() == expected.size():
			break
		await wait(0.05)
	expect_eq(remembered[0].size(), expected.size(), "number of events that the server got")
	expect_eq(remembered, [expected], "what the server got")


func test_close_leaves_with_a_disconnect_packet() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	var main_id := client.get_namespace().get_session_id()
	var chat_id := chat.get_session_id()
	client.close()
	var witness := await connect_client()
	await join(witness, "/chat")
	expect_eq(await _end_of(witness.get_namespace(), main_id), ["packet"], "the end of /")
	expect_eq(await _end_of(witness.get_namespace("/chat"), chat_id), ["packet"], "the end of /chat")


func test_the_server_sees_the_close() -> void:
	var client := await connect_client()
	var id := client.get_namespace().get_session_id()
	var witness := await connect_client()
	expect_eq(await ask(witness.get_namespace(), "is_connected", [id]), [true], "connected before")
	client.close()
	var answer: Array = [true]
	for attempt in 50:
		answer = await ask(witness.get_namespace(), "is_connected", [id])
		if answer == [false]:
			break
		await wait(0.05)
	expect_eq(answer, [false], "connected after")


func test_connect_to_url_may_follow_close_on_the_next_line() -> void:
	var client := await connect_client()
	var first := client.get_namespace().get_session_id()
	var connected := record(client.connected)
	var ended := record(client.disconnected)
	client.close()
	expect_eq(client.connect_to_url(url()), OK, "connect_to_url")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_CONNECTING, "state")
	await expect_count(connected, 1, "connected")
	expect_eq(ended, ["io client disconnect"], "disconnected")
	expect_true(client.get_namespace().get_session_id() != first, "the session is a new one")
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "an event of the new session")


func test_connecting_again_and_again_ends_connected_once() -> void:
	var client := make_client()
	var connected := record(client.connected)
	for i in 10:
		expect_eq(client.connect_to_url(url()), OK, "connect_to_url %d" % i)
		if i < 9:
			client.close()
	await expect_count(connected, 1, "connected")
	await wait(0.2)
	expect_eq(connected.size(), 1, "connected in the end")


func test_connected_and_disconnected_alternate() -> void:
	var client := make_client()
	var order := []
	client.connected.connect(func(_id: String) -> void: order.append("connected"))
	client.disconnected.connect(func(_reason: String) -> void: order.append("disconnected"))
	for i in 3:
		await connect_client(client)
		client.close()
		await frames(2)
	var pair := ["connected", "disconnected"]
	expect_eq(order, pair + pair + pair, "order")


func test_second_connect_to_url_is_refused_and_changes_nothing() -> void:
	var client := await connect_client()
	var id := client.get_namespace().get_session_id()
	expect_error("connect_to_url")
	expect_eq(client.connect_to_url("ws://127.0.0.1:1"), ERR_ALREADY_IN_USE, "connect_to_url")
	expect_eq(client.get_connection_url(), url(), "url")
	expect_eq(await ask(client.get_namespace(), "whoami"), [id], "session")


func test_connect_to_url_while_connecting_is_refused() -> void:
	var client := make_client()
	client.connect_to_url(url())
	expect_error("close()")
	expect_eq(client.connect_to_url(url()), ERR_ALREADY_IN_USE, "connect_to_url")
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")


func test_without_auto_poll_nothing_is_dispatched() -> void:
	var client := make_client()
	var connected := record(client.connected)
	client.auto_poll = false
	client.connect_to_url(url())
	await wait(0.3)
	expect_eq(connected, [], "connected without poll()")
	client.poll()
	expect_eq(connected.size(), 1, "connected within poll()")


func test_auto_poll_can_be_turned_on_again() -> void:
	var client := make_client()
	var connected := record(client.connected)
	client.auto_poll = false
	client.connect_to_url(url())
	await wait(0.2)
	client.auto_poll = true
	await expect_count(connected, 1, "connected")


func test_poll_as_well_dispatches_each_thing_once() -> void:
	var client := await connect_client()
	var events := listen(client.get_namespace(), "echo")
	client.get_namespace().emit("echo", [1])
	await until(func() -> bool:
		client.poll()
		client.poll()
		return not events.is_empty())
	await frames(3)
	expect_eq(events, [[1]], "events")


func test_poll_by_hand_in_one_frame() -> void:
	var client := make_client()
	client.connect_to_url(url())
	var start := Time.get_ticks_msec()
	while not client.get_namespace().is_namespace_connected() and Time.get_ticks_msec() - start < 5000:
		OS.delay_msec(5)
		client.poll()
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_CONNECTED, "state")


func test_it_works_while_the_tree_is_paused() -> void:
	tree.paused = true
	var client := await connect_client()
	expect_eq(await ask(client.get_namespace(), "echo_ack", ["paused"]), ["paused"], "answer")


func test_localhost_works_where_only_ipv4_listens() -> void:
	var client := make_client()
	client.connect_to_url(url().replace("127.0.0.1", "localhost"))
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")


## Asks until the server knows how a session ended.
func _end_of(channel: SocketIONamespace, id: String) -> Array:
	var answer: Array = [null]
	for attempt in 50:
		answer = await ask(channel, "end_of", [id])
		if answer != [null]:
			break
		await wait(0.05)
	return answer
