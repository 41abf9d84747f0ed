## A connection that is forced to reconnect again and again, in every way that networks know.
extends "res://fault_suite.gd"

const SERVERS := ["node"]
const TIMEOUTS := {"test_forced_reconnects_lose_nothing_and_leave_nothing": 900.0}
const RECOVERY := "/recovery"
## Another number is taken from the environment variable FAULTS.
const FAULTS := 100
const SEED := 20
## Bytes of the attachment of each tick: enough for cuts in the middle of it.
const TICK_SIZE := 200
const TICK_EVERY_MSEC := 2
const ACK_TIMEOUT := 2.0
## How long it may take to come back from one fault. A dead network is noticed after 0.8 s.
const COMING_BACK := 8.0

enum Fault { CUT, RESET, DEAD_NETWORK, IN_A_FRAME, IN_THE_UPGRADE, IN_CONNECT }

var _random := RandomNumberGenerator.new()
var _client: SocketIOClient
## The main namespace of a client that no fault touches.
var _witness: SocketIONamespace
## The number of the tick that must come next.
var _next_tick := 0
## What came in place of it.
var _wrong: PackedStringArray = []
## How often the callback of each emit has run.
var _callbacks: PackedInt32Array = []


func test_forced_reconnects_lose_nothing_and_leave_nothing() -> void:
	var count := int(OS.get_environment("FAULTS")) if OS.has_environment("FAULTS") else FAULTS
	_random.seed = SEED
	await open_proxy()
	await _come_and_go()
	var witness := make_client()
	_witness = witness.get_namespace()
	witness.connect_to_url(url("ws", RECOVERY))
	await expect_until(_witness.is_namespace_connected, "the witness")
	var before := await _resources_at_rest()
	await _connect()
	_client.get_namespace().emit("stream", [1 << 50, TICK_EVERY_MSEC, TICK_SIZE])
	# What is on the way when the first fault comes would be lost.
	await expect_until(func() -> bool: return _next_tick > 0, "the first tick")
	for i in count:
		if not await _force_a_reconnect(Fault.values()[i % Fault.size()]):
			fail("fault %d of %d (%s)" % [i + 1, count, Fault.keys()[i % Fault.size()]])
			break
	await _expect_every_tick_once()
	await _expect_every_callback_once()
	await _expect_nothing_waits()
	_client = null
	expect_eq(await _resources_at_rest(before), before, "threads, open files and objects")
	print("%d faults: %d connections, %d ticks, %d acks" % [
		count, (await proxy.status()).made, _next_tick, _callbacks.size(),
	])


func test_clients_that_close_while_they_reconnect_leave_nothing() -> void:
	await open_proxy()
	await _come_and_go()
	var before := await _resources_at_rest()
	for i in 10:
		await _connect()
		await proxy.cut()
		await frames(_random.randi_range(0, 5))
		_client.close()
		_client = null
	expect_eq(await _resources_at_rest(before), before, "threads, open files and objects")


func test_many_clients_that_close_together_leave_nothing() -> void:
	await open_proxy()
	await _come_and_go()
	var before := await _resources_at_rest()
	var clients: Array[SocketIOClient] = []
	for i in 20:
		clients.append(SocketIOClient.new())
		clients[i].connect_to_url(url())
	await expect_until(func() -> bool:
		return clients.all(func(client: SocketIOClient) -> bool: return client.get_namespace().is_namespace_connected()), "joining /")
	while not clients.is_empty():
		clients.pop_back().close()
	expect_eq(await _resources_at_rest(before), before, "threads, open files and objects")


func test_s7_a_game_that_was_suspended_emits_into_the_next_connection() -> void:
	await open_proxy()
	var client := make_quick_client()
	await join_through_proxy(client, "/fast")
	var ended := record(client.disconnected)
	var answers := []
	var suspended := _suspend(2.5)
	client.get_namespace().emit_with_ack("echo_ack", ["kept"], func(answer: Array) -> void: answers.append(answer), 0.0)
	await expect_count(answers, 1, "answers")
	expect_eq(answers, [["kept"]], "answers")
	expect_eq(suspended, OS.get_name() != "Windows", "suspended, where a signal does it")
	expect_eq(ended.size(), 1 if suspended else 0, "disconnected")


func test_a_server_that_is_killed_and_started_again() -> void:
	proxy = FaultProxy.new()
	expect_true(await proxy.open_control(), "the fault proxy listens")
	var address := await proxy.start_server()
	var client := make_quick_client()
	var order := follow(client)
	expect_eq(client.connect_to_url(address.replace("http", "ws"), {"token": "t"}), OK, "connect_to_url")
	await expect_until(client.get_namespace().is_namespace_connected, "joining /")
	var answers := []
	for i in 3:
		await proxy.kill_server()
		await expect_until(func() -> bool: return not client.is_socket_connected(), "the end")
		client.get_namespace().emit_with_ack("auth", [], func(answer: Array) -> void: answers.append(answer), 0.0)
		await wait(0.1)
		await proxy.start_server()
		await expect_count(answers, i + 1, "answers")
	expect_eq(answers, [[{"token": "t"}], [{"token": "t"}], [{"token": "t"}]], "answers")
	expect_eq(order.count("connected"), 4, "connected")
	expect_eq(order.filter(func(entry: String) -> bool: return entry.begins_with("disconnected")).size(), 3, "disconnected")


func test_a_cut_anywhere_in_the_opening_is_survived() -> void:
	await open_proxy()
	var client := make_quick_client()
	await join_through_proxy(client)
	var status := await proxy.status()
	for bytes in range(0, status.bytes_to_client, 7):
		await _cut_the_opening(client, proxy.cut_after_bytes_to_client.bind(bytes, FaultProxy.NEXT))
	for bytes in range(0, status.bytes_to_server, 7):
		await _cut_the_opening(client, proxy.cut_after_bytes_to_server.bind(bytes, FaultProxy.NEXT))
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer")


## What the first client of a process makes for all is there afterwards.
func _come_and_go() -> void:
	await _connect()
	_client.close()
	_client = null
	_next_tick = 0


func _connect() -> void:
	_client = SocketIOClient.new()
	_client.reconnection_delay = 0.01
	_client.reconnection_delay_max = 0.05
	_client.connect_timeout = 2.0
	var main := _client.get_namespace()
	main.on("tick", _on_tick)
	await join_through_proxy(_client, RECOVERY)
	# A session without any event cannot be restored.
	await reply(main, "echo", [], "echo")
	main.connected.connect(func(_id: String) -> void:
		if not main.recovered:
			_wrong.append("a session that was not recovered"))


func _on_tick(data: Array) -> void:
	if data.size() != 2 or data[0] != _next_tick or data[1].size() != TICK_SIZE:
		_wrong.append("%s in place of tick %d" % [describe(data).left(60), _next_tick])
	_next_tick = data[0] + 1


## Makes a fault and returns whether ticks come again on another connection.
func _force_a_reconnect(fault: Fault) -> bool:
	await frames(_random.randi_range(0, 4))
	var made: int = (await proxy.status()).made
	_emit_with_ack()
	match fault:
		Fault.CUT:
			await proxy.cut()
		Fault.RESET:
			await proxy.reset()
		Fault.DEAD_NETWORK:
			await go_dead(_client, _witness)
			await proxy.accept()
		Fault.IN_A_FRAME:
			await _end_after(_random.randi_range(0, 3 * TICK_SIZE), FaultProxy.TO_CLIENT, FaultProxy.OPEN)
		Fault.IN_THE_UPGRADE:
			# The request and the response of the upgrade have more bytes than that.
			await _end_after(_random.randi_range(0, 120), _either_direction(), FaultProxy.NEXT)
			await proxy.cut()
			made += 1
		Fault.IN_CONNECT:
			# After the upgrade: the handshake, CONNECT, and the missed events that come before its reply.
			await _end_after(_random.randi_range(120, 800), _either_direction(), FaultProxy.NEXT)
			await proxy.cut()
			made += 1
	return await _ticks_on_a_connection_after(made)


func _either_direction() -> String:
	return FaultProxy.TO_CLIENT if _random.randi_range(0, 1) == 0 else FaultProxy.TO_SERVER


func _end_after(bytes: int, direction: String, scope: String) -> void:
	var with_reset := _random.randi_range(0, 1) == 0
	if direction == FaultProxy.TO_CLIENT and with_reset:
		await proxy.reset_after_bytes_to_client(bytes, scope)
	elif direction == FaultProxy.TO_CLIENT:
		await proxy.cut_after_bytes_to_client(bytes, scope)
	elif with_reset:
		await proxy.reset_after_bytes_to_server(bytes, scope)
	else:
		await proxy.cut_after_bytes_to_server(bytes, scope)


func _ticks_on_a_connection_after(made: int) -> bool:
	var deadline := Time.get_ticks_msec() + roundi(COMING_BACK * 1000.0)
	while (await proxy.status()).made <= made or not _client.get_namespace().is_namespace_connected():
		# Also what reaches the byte at which the connection ends.
		_emit_with_ack()
		await frames(1)
		if Time.get_ticks_msec() > deadline or cancelled:
			return false
	var tick := _next_tick
	return await until(func() -> bool: return _next_tick > tick)


func _emit_with_ack() -> void:
	var number := _callbacks.size()
	_callbacks.append(0)
	_client.get_namespace().emit_with_ack("echo_ack", [number], func(answer: Array) -> void:
		_callbacks[number] += 1
		if answer != [number] and answer != ["timeout"]:
			_wrong.append("%s in place of the answer %d" % [describe(answer), number]), ACK_TIMEOUT)


func _expect_every_tick_once() -> void:
	var sent: Variant = await ask(_client.get_namespace(), "end_stream")
	expect_true(sent is Array and not sent.is_empty() and sent[0] is int and sent[0] > 0, "ticks that the server sent: %s" % [sent])
	await expect_until(func() -> bool: return _next_tick >= sent[0], "the last tick")
	await frames(10)
	expect_eq(_next_tick, sent[0], "ticks")
	expect_eq(_wrong.slice(0, 5), PackedStringArray(), "what came wrong, %d times" % _wrong.size())


func _expect_every_callback_once() -> void:
	await expect_until(func() -> bool: return _callbacks.count(0) == 0, "the last callback", ACK_TIMEOUT + 1.0)
	await frames(10)
	expect_eq(_callbacks.count(1), _callbacks.size(), "callbacks that ran once")


func _expect_nothing_waits() -> void:
	await expect_until(func() -> bool: return _client.get_statistics().events_waiting_to_send == 0, "sending all")
	expect_eq(_client.get_statistics().events_waiting_to_dispatch, 0, "events that wait")
	expect_eq((await proxy.status()).open_to_client, 1, "open connections")
	_client.close()
	expect_true(await proxy.until_the_server_noticed(), "the last connection ends")


## Returns what this process has, as soon as that is what is expected or after a time.
func _resources_at_rest(expected := {}) -> Dictionary:
	for attempt in 200:
		await frames(3)
		# A call that waits is an object, and two when it waits again: only from the second wait on they can be compared.
		if attempt > 1 and (expected.is_empty() or _resources() == expected):
			break
	return _resources()


## What this process has: where it can be seen, on Linux, its threads and open files as well.
func _resources() -> Dictionary:
	var resources := {"objects": int(Performance.get_monitor(Performance.OBJECT_COUNT))}
	if OS.get_name() == "Linux":
		resources.threads = DirAccess.get_directories_at("/proc/self/task").size()
		resources.files = _open_files()
	return resources


func _open_files() -> int:
	var folder := DirAccess.open("/proc/self/fd")
	folder.include_hidden = true
	# Each is a link to what is often no file of any folder.
	return folder.get_files().size() + folder.get_directories().size()


## Stops this process with all its threads for a time. Returns whether it was stopped.
func _suspend(seconds: float) -> bool:
	var script := "kill -STOP $1; sleep $2; kill -CONT $1"
	var last := Time.get_ticks_msec()
	OS.create_process("sh", ["-c", script, "sh", str(OS.get_process_id()), str(seconds)])
	for step in 500:
		OS.delay_msec(10)
		var now := Time.get_ticks_msec()
		if now - last > seconds * 500.0:
			return true
		last = now
	return false


func _cut_the_opening(client: SocketIOClient, rule: Callable) -> void:
	var made: int = (await proxy.status()).made
	await rule.call()
	await proxy.cut()
	await until(func() -> bool: return not client.get_namespace().is_namespace_connected())
	await expect_until(client.get_namespace().is_namespace_connected, "coming back")
	expect_eq((await proxy.status()).made, made + 2, "connections: the one that was cut, and the next")
