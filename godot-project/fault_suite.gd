## The base of the suites that make network faults: a proxy stands between their clients and the server.
extends "res://suite.gd"

const Arguments := preload("res://arguments.gd")
const FaultProxy := preload("res://fault_proxy.gd")

## The proxy of the test.
var proxy: FaultProxy
## What the clients trust, of a proxy with TLS.
var tls_options: TLSOptions


## Puts a proxy before the server of this run, or before another one.
func open_proxy(target := server_url) -> void:
	proxy = FaultProxy.new()
	var opened: bool = await proxy.open(target)
	expect_true(opened, "the fault proxy listens")


## Puts a proxy before the server of this run whose connections are TLS, with a certificate that the clients trust.
func open_tls_proxy() -> void:
	proxy = FaultProxy.new()
	var opened: bool = await proxy.open_tls(server_url)
	expect_true(opened, "the fault proxy listens")
	var authority := X509Certificate.new()
	var file := Arguments.new().value("--certificates").path_join("authority.crt")
	expect_eq(authority.load(file), OK, "loading the authority")
	tls_options = TLSOptions.client(authority)


## Returns a client that reconnects quickly, so that the tests do not take long.
func make_quick_client() -> SocketIOClient:
	var client := make_client()
	client.reconnection_delay = 0.01
	client.reconnection_delay_max = 0.05
	return client


## Connects a quick client through a new proxy and waits until the main namespace is joined.
func connect_through_proxy(path := "", auth := {}) -> SocketIOClient:
	await open_proxy()
	var client := make_quick_client()
	await join_through_proxy(client, path, auth)
	return client


## Connects a client through the proxy that is there, and waits until the main namespace is joined.
func join_through_proxy(client: SocketIOClient, path := "", auth := {}) -> void:
	expect_eq(client.connect_to_url(proxy.url + path, auth, tls_options), OK, "connect_to_url")
	await expect_until(client.get_namespace().is_namespace_connected, "joining /")


## Cuts the connection with no way back, and waits until the client knows.
func go_offline(client: SocketIOClient) -> void:
	var ended := record(client.disconnected)
	await proxy.refuse()
	await proxy.cut()
	await expect_count(ended, 1, "disconnected")


## Opens the way again, and waits until the main namespace is joined.
func go_online(client: SocketIOClient) -> void:
	await proxy.accept()
	await expect_until(client.get_namespace().is_namespace_connected, "coming back")


## Cuts the connection, and waits until the client has lost it and the main namespace is joined again.
func cut_and_return(client: SocketIOClient) -> void:
	var connected := record(client.connected)
	await proxy.cut()
	await expect_count(connected, 1, "connected again")


## Lets the network between a client and its server die, and waits until both have noticed: the server restores no
## session that it thinks is connected.
func go_dead(client: SocketIOClient, witness: SocketIONamespace) -> void:
	var ended := record(client.disconnected)
	var id := client.get_namespace().get_session_id()
	await proxy.refuse()
	await proxy.swallow()
	await expect_count(ended, 1, "disconnected")
	expect_eq(ended, ["ping timeout"], "reason")
	var connected: Variant = [true]
	for attempt in 200:
		connected = await ask(witness, "is_connected", [id])
		if connected == [false]:
			break
		await frames(2)
	expect_eq(connected, [false], "connected for the server")
	# It keeps the TCP connection for half a minute, because nobody answers its close frame.
	await proxy.reset(FaultProxy.SERVER)


## Joins through the proxy that is there, and expects bytes and text to come back as they were.
func expect_echo() -> void:
	var client := make_quick_client()
	await join_through_proxy(client)
	var data := [{"bytes": PackedByteArray(range(256))}, "h\u00e9llo"]
	expect_eq(await ask(client.get_namespace(), "echo_ack", data), data, "answer")


## Joins through the proxy that is there, and expects all of many events, in order and on one connection.
func expect_burst() -> void:
	var client := make_quick_client()
	var ended := record(client.disconnected)
	await join_through_proxy(client)
	var events := listen(client.get_namespace(), "burst")
	client.get_namespace().emit("burst", [300])
	await expect_count(events, 300, "events")
	expect_eq(events, range(300).map(func(i: int) -> Array: return [i]), "order")
	expect_eq(ended, [], "disconnected")


## Holds everything back for a while, and expects that nothing is lost by it.
func expect_stall_loses_nothing(client: SocketIOClient) -> void:
	var ended := record(client.disconnected)
	var events := listen(client.get_namespace(), "echo")
	await proxy.stall()
	for i in 10:
		client.get_namespace().emit("echo", [i])
	await wait(0.3)
	expect_eq(events, [], "events while nothing passes")
	await proxy.forward()
	await expect_count(events, 10, "events")
	expect_eq(ended, [], "disconnected")


## Expects a record of a connection that was cut, written with [code]"transport close"[/code]. Where the session is still
## on HTTP long-polling, because the move to a WebSocket is not over yet, the reason is [code]"transport error"[/code].
func expect_cut(actual: Array, expected: Array, what: String) -> void:
	var polling := expected.map(func(entry: Variant) -> Variant:
		return entry.replace("transport close", "transport error") if entry is String else entry)
	expect_true(same(actual, expected) or same(actual, polling), "%s: expected %s, got %s" % [what, expected, actual])


## Returns an array that collects the names of the client's signals, in order, with what tells them apart.
func follow(client: SocketIOClient) -> Array:
	var order := []
	client.connected.connect(func(_id: String) -> void: order.append("connected"))
	client.disconnected.connect(func(reason: String) -> void: order.append("disconnected: " + reason))
	client.connect_error.connect(func(_error: Dictionary) -> void: order.append("connect_error"))
	client.reconnect_attempt.connect(func(attempt: int, _delay: float) -> void: order.append("reconnect_attempt %d" % attempt))
	client.reconnected.connect(func(attempt: int) -> void: order.append("reconnected %d" % attempt))
	client.reconnect_failed.connect(func() -> void: order.append("reconnect_failed"))
	return order


## Asks a witness of its own connection what the server remembers under a key.
func recall(witness: SocketIONamespace, key: String) -> Array:
	var answer: Variant = await ask(witness, "recall", [key])
	return answer[0] if answer is Array and not answer.is_empty() else []


## Returns a key that no other test uses.
func fresh_key(what: String) -> String:
	return "%s-%d" % [what, Time.get_ticks_usec()]
