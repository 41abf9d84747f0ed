## connection_state_changed: each change once, in order, before the signal that tells why.
extends "res://suite.gd"

const SERVERS := ["node", "polling", "python", "rust"]
const NOT_ON := {
	"test_a_loss_and_the_way_back": {"rust": "socketioxide has no call for close_me"},
	"test_a_server_that_refuses_the_main_namespace_when_it_is_back": {"rust": "socketioxide has no call for close_me"},
}

const OFF := SocketIOClient.STATE_DISCONNECTED
const BUSY := SocketIOClient.STATE_CONNECTING
const ON := SocketIOClient.STATE_CONNECTED
const LOST := ["transport close", "transport error"]


func test_connecting() -> void:
	var client := make_client()
	var log := watch(client)
	client.connect_to_url(url())
	expect_eq(log, [], "told within the call")
	await expect_count(log, 3, "told")
	expect_eq(log, [BUSY, ON, "connected"], "order")


func test_connecting_tells_the_namespace_as_well() -> void:
	var client := make_client()
	var log := watch_namespace(client.get_namespace())
	client.connect_to_url(url())
	await expect_count(log, 3, "told")
	expect_eq(log, [BUSY, ON, "connected"], "order")


func test_the_argument_is_typed_by_the_enum() -> void:
	for title: String in ["SocketIOClient", "SocketIONamespace", "SocketIONode"]:
		var declared: Dictionary = ClassDB.class_get_signal(title, "connection_state_changed")
		expect_eq(declared.args.size(), 1, "arguments of " + title)
		var owner := title.replace("Node", "Client")
		expect_eq(declared.args[0].class_name, StringName(owner + ".ConnectionState"), "enum of " + title)
		expect_eq(declared.args[0].name, "state", "name of " + title)


func test_closing() -> void:
	var client := await connect_client()
	var log := watch(client)
	var of_namespace := watch_namespace(client.get_namespace())
	client.close()
	expect_eq(log, [], "told within the call")
	await expect_count(log, 2, "told")
	expect_eq(log, [OFF, "io client disconnect"], "order")
	expect_eq(of_namespace, [OFF, "io client disconnect"], "order of the namespace")
	client.close()
	await frames(3)
	expect_eq(log.size(), 2, "told after closing twice")


func test_closing_while_connecting() -> void:
	var client := make_client()
	var log := watch(client, false)
	client.connect_to_url(url())
	client.close()
	await wait(0.2)
	expect_eq(log, [BUSY, OFF], "order")


func test_closing_and_connecting_on_the_next_line() -> void:
	var client := await connect_client()
	var log := watch(client, false)
	client.close()
	client.connect_to_url(url())
	await expect_count(log, 5, "told")
	expect_eq(log, [OFF, BUSY, "io client disconnect", ON, "connected"], "order")


func test_closing_and_connecting_in_a_handler_of_it() -> void:
	var client := await connect_client()
	var log := watch(client, false)
	var again := [1]
	client.connection_state_changed.connect(func(state: SocketIOClient.ConnectionState) -> void:
		if state == OFF and not again.is_empty():
			again.clear()
			client.connect_to_url(url())
	)
	client.close()
	await expect_count(log, 5, "told")
	log.erase("io client disconnect")
	expect_eq(log, [OFF, BUSY, ON, "connected"], "order")


func test_a_handler_of_it_that_polls() -> void:
	var client := await connect_client()
	var log := watch(client, false)
	client.connection_state_changed.connect(func(_state: SocketIOClient.ConnectionState) -> void: client.poll())
	client.close()
	client.connect_to_url(url())
	await expect_count(log, 5, "told")
	expect_eq(log, [OFF, BUSY, "io client disconnect", ON, "connected"], "order")


func test_closing_in_a_handler_of_connected() -> void:
	var client := make_client()
	var log := watch(client)
	client.connected.connect(func(_id: String) -> void: client.close())
	client.connect_to_url(url())
	await expect_count(log, 5, "told")
	expect_eq(log, [BUSY, ON, "connected", OFF, "io client disconnect"], "order")


func test_a_handler_of_it_may_free_the_client() -> void:
	var holder: Array[SocketIOClient] = [make_client()]
	_clients.clear()
	var watch_it: WeakRef = weakref(holder[0])
	var states := []
	holder[0].connection_state_changed.connect(func(state: SocketIOClient.ConnectionState) -> void:
		states.append(state)
		holder.clear()
	)
	holder[0].connect_to_url(url())
	await expect_until(func() -> bool: return not states.is_empty(), "the first change")
	await frames(3)
	expect_eq(watch_it.get_ref(), null, "the client is gone")


func test_a_client_that_is_dropped_before_a_poll_is_gone_at_once() -> void:
	var client := make_client()
	_clients.clear()
	client.auto_poll = false
	var watch_it: WeakRef = weakref(client)
	client.connect_to_url(url())
	client = null
	expect_eq(watch_it.get_ref(), null, "the client is gone")


func test_a_loss_and_the_way_back() -> void:
	var client := await connect_client()
	client.reconnection_delay = 0.05
	var log := watch(client)
	var of_namespace := watch_namespace(client.get_namespace())
	client.get_namespace().emit("close_me")
	await expect_count(of_namespace, 4, "told of the namespace")
	expect_true(log[1] in LOST, "reason: %s" % [log])
	expect_eq(log, [BUSY, log[1], "attempt", "reconnected", ON, "connected"], "order")
	expect_eq(of_namespace, [BUSY, log[1], ON, "connected"], "order of the namespace")


func test_a_server_that_refuses_the_main_namespace_when_it_is_back() -> void:
	var client := make_client()
	client.reconnection_delay = 0.05
	var joins := []
	client.get_namespace().auth_provider = func() -> Dictionary:
		joins.append(1)
		return {"refuse": joins.size() > 1}
	await connect_client(client)
	var log := watch(client)
	var of_namespace := watch_namespace(client.get_namespace())
	client.get_namespace().emit("close_me")
	await expect_count(log, 6, "told")
	expect_eq(log, [BUSY, log[1], "attempt", "reconnected", OFF, "unauthorised"], "order")
	expect_eq(of_namespace, [BUSY, log[1], OFF, "unauthorised"], "order of the namespace")


func test_a_refused_main_namespace_beside_another() -> void:
	var client := make_client()
	var log := watch(client)
	client.connect_to_url(url(), {"refuse": true})
	var chat := watch_namespace(client.create_namespace("/chat"))
	client.get_namespace("/chat").connect_to_namespace()
	await expect_count(chat, 3, "told of the namespace")
	expect_eq(log, [BUSY, ON, "unauthorised"], "order")
	expect_eq(chat, [BUSY, ON, "connected"], "order of the namespace")


func test_a_refused_namespace() -> void:
	var client := await connect_client()
	client.connect_error.connect(func(_error: Dictionary) -> void: pass)
	var states := record(client.connection_state_changed)
	var admin := client.create_namespace("/admin")
	var log := watch_namespace(admin)
	admin.connect_to_namespace()
	expect_eq(log, [], "told within the call")
	await expect_count(log, 3, "told")
	expect_eq(log, [BUSY, OFF, "unauthorised"], "order")
	expect_eq(states, [], "states of the client")


func test_joining_leaving_and_being_thrown_out() -> void:
	var client := await connect_client()
	var states := record(client.connection_state_changed)
	var chat := client.create_namespace("/chat")
	var log := watch_namespace(chat)
	chat.connect_to_namespace()
	await expect_count(log, 3, "told of joining")
	chat.disconnect_from_namespace()
	await expect_count(log, 5, "told of leaving")
	chat.connect_to_namespace()
	await expect_count(log, 8, "told of joining again")
	chat.emit("leave_me")
	await expect_count(log, 10, "told of the end")
	expect_eq(log, [
		BUSY, ON, "connected", OFF, "io client disconnect", BUSY, ON, "connected", OFF, "io server disconnect",
	], "order")
	expect_eq(states, [], "states of the client")


func test_leaving_and_joining_on_the_next_line() -> void:
	var client := await connect_client()
	var chat := await join(client, "/chat")
	await frames(2)
	var log := watch_namespace(chat, false)
	chat.disconnect_from_namespace()
	chat.connect_to_namespace()
	await expect_count(log, 5, "told")
	expect_eq(log, [OFF, BUSY, "io client disconnect", ON, "connected"], "order")


func test_the_end_of_the_only_namespace() -> void:
	var client := await connect_client()
	var log := watch(client)
	var of_namespace := watch_namespace(client.get_namespace())
	client.get_namespace().emit("leave_me")
	await expect_count(of_namespace, 2, "told")
	expect_eq(log, [OFF, "io server disconnect"], "order")
	expect_eq(of_namespace, [OFF, "io server disconnect"], "order of the namespace")


func test_leaving_the_main_namespace_while_it_is_being_joined() -> void:
	var client := make_client()
	var log := watch(client)
	client.connect_to_url(url())
	client.create_namespace("/chat").connect_to_namespace()
	client.get_namespace().disconnect_from_namespace()
	await expect_until(client.get_namespace("/chat").is_namespace_connected, "joining /chat")
	await frames(2)
	expect_eq(log, [BUSY, ON], "states")


func test_pausing_and_resuming() -> void:
	var client := await connect_client()
	var log := watch(client)
	var of_namespace := watch_namespace(client.get_namespace())
	client.pause_connection()
	client.pause_connection()
	await expect_count(log, 2, "told of the pause")
	expect_eq(log, [BUSY, "transport close"], "order of the pause")
	client.resume_connection()
	await expect_count(of_namespace, 4, "told of the namespace")
	await frames(2)
	expect_eq(log, [BUSY, "transport close", "attempt", "reconnected", ON, "connected"], "order")
	expect_eq(of_namespace, [BUSY, "transport close", ON, "connected"], "order of the namespace")


func test_pausing_and_resuming_on_the_next_line() -> void:
	var client := await connect_client()
	var log := watch(client)
	client.pause_connection()
	client.resume_connection()
	await expect_until(func() -> bool: return log.has("connected"), "coming back")
	expect_eq(log, [BUSY, "transport close", "attempt", "reconnected", ON, "connected"], "order")


func test_pausing_and_closing_on_the_next_line() -> void:
	var client := await connect_client()
	var log := watch(client, false)
	client.pause_connection()
	client.close()
	await wait(0.2)
	expect_eq(log, [BUSY, OFF, "io client disconnect"], "order")


func test_pausing_while_the_end_of_the_connection_waits_for_a_poll() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.auto_poll = false
	var log := watch(client, false)
	client.get_namespace().on("goodbye", func(_data: Array) -> void: client.pause_connection())
	server.send('42["goodbye"]')
	server.send("41")
	await wait(0.2)
	client.poll()
	expect_eq(log, [BUSY, OFF, "io server disconnect"], "order")


func test_without_a_main_namespace() -> void:
	var client := make_client()
	client.connect_main_namespace = false
	var log := watch(client)
	client.connect_to_url(url())
	await expect_count(log, 3, "told")
	expect_eq(log, [BUSY, ON, "connected"], "order")
	log.clear()
	client.close()
	await expect_count(log, 2, "told of closing")
	expect_eq(log, [OFF, "io client disconnect"], "order of closing")


func test_without_a_main_namespace_the_only_namespace_is_refused() -> void:
	var client := make_client()
	client.connect_main_namespace = false
	var log := watch(client)
	client.connect_to_url(url())
	var admin := client.create_namespace("/admin")
	var of_namespace := watch_namespace(admin)
	admin.connect_to_namespace()
	await expect_count(of_namespace, 3, "told of the namespace")
	expect_eq(log, [BUSY, ON, "connected", OFF, "io server disconnect", "unauthorised"], "order")
	expect_eq(of_namespace, [BUSY, OFF, "unauthorised"], "order of the namespace")


func test_a_server_that_never_comes() -> void:
	var server := make_raw_server()
	server.stop()
	var client := make_client()
	client.reconnection_delay = 0.02
	client.reconnection_attempts = 1
	var log := watch(client)
	client.connect_to_url(server.url)
	await expect_until(func() -> bool: return log.has("failed"), "giving up")
	expect_eq(log, [BUSY, log[1], "attempt", OFF, log[1], "failed"], "order")


func test_a_client_that_does_not_reconnect() -> void:
	var server := make_raw_server()
	var client := make_client()
	client.reconnection = false
	await connect_raw(server, client)
	var log := watch(client)
	server.drop()
	await expect_count(log, 2, "told")
	expect_eq(log, [OFF, log[1]], "order")
	expect_true(log[1] in LOST, "reason: %s" % [log])


func test_switching_reconnection_off_while_it_waits() -> void:
	var server := make_raw_server()
	var client := await connect_raw(server)
	client.reconnection_delay = 60.0
	server.stop()
	await expect_until(func() -> bool: return client.get_connection_state() == BUSY, "the loss")
	await frames(2)
	var log := watch(client)
	client.reconnection = false
	await expect_count(log, 1, "told")
	expect_eq(log, [OFF], "order")


func test_without_auto_poll_it_waits_for_poll() -> void:
	var client := make_client()
	client.auto_poll = false
	var log := watch(client)
	client.connect_to_url(url())
	await frames(3)
	expect_eq(log, [], "told without poll()")
	client.poll()
	expect_eq(log.slice(0, 1), [BUSY], "told in poll()")


func test_a_node_emits_it_as_its_own() -> void:
	var node := SocketIONode.new()
	node.url = url()
	var states := []
	node.connection_state_changed.connect(func(state: SocketIOClient.ConnectionState) -> void:
		states.append(state)
		expect_eq(node.get_client().get_connection_state(), state, "state in the handler")
	)
	tree.root.add_child(node)
	keep(node.get_client())
	await expect_count(states, 2, "states")
	node.get_client().close()
	await expect_count(states, 3, "states")
	expect_eq(states, [BUSY, ON, OFF], "states")
	node.free()


## Returns a list of what a client tells of. Where the handlers do nothing themselves, the state is that of the argument.
func watch(client: SocketIOClient, exactly := true) -> Array:
	var log := []
	client.connection_state_changed.connect(func(state: SocketIOClient.ConnectionState) -> void:
		if exactly:
			expect_eq(client.get_connection_state(), state, "state in the handler")
		log.append(state)
	)
	client.connected.connect(func(_id: String) -> void: log.append("connected"))
	client.disconnected.connect(func(reason: String) -> void: log.append(reason))
	client.connect_error.connect(func(error: Dictionary) -> void: log.append(error.message))
	client.reconnect_attempt.connect(func(_attempt: int, _delay: float) -> void: log.append("attempt"))
	client.reconnected.connect(func(_attempt: int) -> void: log.append("reconnected"))
	client.reconnect_failed.connect(func() -> void: log.append("failed"))
	return log


## The same for a namespace.
func watch_namespace(channel: SocketIONamespace, exactly := true) -> Array:
	var log := []
	channel.connection_state_changed.connect(func(state: SocketIONamespace.ConnectionState) -> void:
		if exactly:
			expect_eq(channel.get_connection_state(), state, "state of the namespace in the handler")
		# The same numbers as the client's.
		log.append(int(state))
	)
	channel.connected.connect(func(_id: String) -> void: log.append("connected"))
	channel.disconnected.connect(func(reason: String) -> void: log.append(reason))
	channel.connect_error.connect(func(error: Dictionary) -> void: log.append(error.message))
	return log
