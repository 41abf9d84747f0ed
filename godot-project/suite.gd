## The base of every suite in suites/.
##
## A suite is a script with functions [code]test_*[/code], each of which runs on an instance of its own and may
## await. [code]const SERVERS[/code] names the servers that it runs against ([code]"none"[/code]: it needs
## none, or brings its own), [code]const NOT_ON[/code] the tests that a server cannot serve, with the reason, and
## [code]const TIMEOUTS[/code] the tests that take longer than the runner's default.
##
## An expectation that does not hold fails the test, which goes on. A test without any expectation fails.
extends RefCounted

const RawServer := preload("res://raw_server.gd")
const PATIENCE := 5.0

## The scene tree that runs the suites.
var tree: SceneTree
## The server of this run: [code]"node"[/code], [code]"python"[/code], [code]"rust"[/code] or
## [code]"none"[/code].
var server_name: String
## Its address, [code]http://127.0.0.1:PORT[/code].
var server_url: String
## Whether the test ran out of time: what is awaited then returns at once.
var cancelled := false

var _clients: Array[SocketIOClient] = []
var _raw_servers: Array[RawServer] = []
var _failures: PackedStringArray = []
var _expectations := 0


#region For the runner

## Called before the test.
func prepare(scene_tree: SceneTree, name: String, url: String) -> void:
	tree = scene_tree
	server_name = name
	server_url = url


## Called after the test: closes what it opened.
func clean_up() -> void:
	tree.paused = false
	for client in _clients:
		client.close()
		client.auto_poll = true
	for raw_server in _raw_servers:
		raw_server.stop()
	await frames(2)
	_clients.clear()
	_raw_servers.clear()


## Returns why the test failed, or "".
func verdict() -> String:
	if _failures.is_empty() and _expectations == 0:
		return "expected nothing"
	return "; ".join(_failures)

#endregion


#region Expectations

## Fails the test.
func fail(message: String) -> void:
	if not cancelled:
		_failures.append(message)


## Expects a condition to hold.
func expect_true(condition: bool, what: String) -> void:
	_expectations += 1
	if not condition:
		fail(what)


## Expects two values to be the same, in their type as well: 1 is not 1.0, and so at any depth.
func expect_eq(actual: Variant, expected: Variant, what := "value") -> void:
	_expectations += 1
	if not same(actual, expected):
		fail("%s: expected %s, got %s" % [what, describe(expected), describe(actual)])


## Expects two numbers to be at most [param tolerance] apart.
func expect_near(actual: float, expected: float, tolerance: float, what := "value") -> void:
	expect_true(absf(actual - expected) <= tolerance, "%s: expected %s +- %s, got %s" % [what, expected, tolerance, actual])


## Announces that one error with this text in it will be printed: it must come, and no other may, or the run fails.
func expect_error(substring: String) -> void:
	_expectations += 1
	print("EXPECT ERROR: ", substring)


## Returns whether two values are the same, in their type as well, at any depth.
static func same(a: Variant, b: Variant) -> bool:
	# A null that a method returns in place of an object has the type of an object.
	if a == null and b == null:
		return true
	if typeof(a) != typeof(b):
		return false
	match typeof(a):
		TYPE_ARRAY:
			if a.size() != b.size():
				return false
			for i: int in a.size():
				if not same(a[i], b[i]):
					return false
			return true
		TYPE_DICTIONARY:
			if a.size() != b.size():
				return false
			for key: Variant in a:
				if not b.has(key) or not same(a[key], b[key]):
					return false
			return true
		TYPE_FLOAT:
			return a == b or (is_nan(a) and is_nan(b))
	return a == b


## Returns a value in the way that shows its type.
static func describe(value: Variant) -> String:
	var text := var_to_str(value).replace("\n", "")
	return text if text.length() <= 400 else text.left(400) + "..."

#endregion


#region Waiting

## Waits until a condition holds. Returns whether it came to hold in time.
func until(condition: Callable, timeout := PATIENCE) -> bool:
	var deadline := Time.get_ticks_msec() + roundi(timeout * 1000.0)
	while not condition.call():
		if cancelled or Time.get_ticks_msec() > deadline:
			return false
		await frames(1)
	return true


## Waits until a condition holds and fails the test if it does not in time.
func expect_until(condition: Callable, what: String, timeout := PATIENCE) -> void:
	var held: bool = await until(condition, timeout)
	expect_true(held, "%s did not happen within %s s" % [what, timeout])


## Waits for an array to grow to a number of elements and fails the test if it does not in time.
func expect_count(list: Array, count: int, what: String, timeout := PATIENCE) -> void:
	await until(func() -> bool: return list.size() >= count, timeout)
	expect_eq(list.size(), count, what)


## Waits for a time.
func wait(seconds: float) -> void:
	await until(func() -> bool: return false, seconds)


## Waits for frames, in which the clients and the raw servers of the test do their work.
func frames(count: int) -> void:
	for i in count:
		for raw_server in _raw_servers:
			raw_server.poll()
		await tree.process_frame

#endregion


#region Clients

## Returns the server's address with another scheme or a path: [code]url("ws", "/fast")[/code].
func url(scheme := "ws", path := "") -> String:
	return server_url.replace("http://", scheme + "://") + path


## Returns a client that is closed after the test.
func make_client() -> SocketIOClient:
	# By name, for the suite of Blazium's scripts, in which GDScript knows no SocketIOClient.new().
	return keep(ClassDB.instantiate("SocketIOClient"))


## Returns the singleton, which is closed after the test.
func singleton() -> SocketIOClient:
	return keep(SocketIOClient.get_singleton())


## Has a client closed after the test.
func keep(client: SocketIOClient) -> SocketIOClient:
	_clients.append(client)
	return client


## Connects a client to the server and waits until the main namespace is joined.
func connect_client(client: SocketIOClient = null, auth := {}) -> SocketIOClient:
	if client == null:
		client = make_client()
	expect_eq(client.connect_to_url(url(), auth), OK, "connect_to_url")
	await expect_until(client.get_namespace("/").is_namespace_connected, "joining /")
	return client


## Joins a namespace and waits until it is joined.
func join(client: SocketIOClient, path: String, auth := {}) -> SocketIONamespace:
	var joined := client.create_namespace(path)
	expect_eq(joined.connect_to_namespace(auth), OK, "connect_to_namespace")
	await expect_until(joined.is_namespace_connected, "joining " + path)
	return joined


## Returns what the server acks an event with; [code]["timeout"][/code] when it does not.
func ask(channel: SocketIONamespace, event: String, data: Array = []) -> Variant:
	var answers := []
	channel.emit_with_ack(event, data, func(answer: Array) -> void: answers.append(answer), PATIENCE)
	await expect_count(answers, 1, "acks of " + event, PATIENCE + 1.0)
	return null if answers.is_empty() else answers[0]


## Returns the data of the next event that the server sends in answer to another.
func reply(channel: SocketIONamespace, event: String, data: Array, answer: String) -> Variant:
	var events := listen(channel, answer)
	channel.emit(event, data)
	await expect_until(func() -> bool: return not events.is_empty(), "event " + answer)
	return null if events.is_empty() else events[0]


## Returns an array that collects the data of every event of this name.
func listen(channel: SocketIONamespace, event: String) -> Array:
	var events := []
	channel.on(event, func(data: Array) -> void: events.append(data))
	return events


## Returns an array that collects what a signal brings: its argument, or an array where there are several.
func record(source: Signal) -> Array:
	var emissions := []
	match _argument_count(source):
		0:
			source.connect(func() -> void: emissions.append(null))
		1:
			source.connect(func(argument: Variant) -> void: emissions.append(argument))
		2:
			source.connect(func(first: Variant, second: Variant) -> void: emissions.append([first, second]))
	return emissions


func _argument_count(source: Signal) -> int:
	for declared: Dictionary in source.get_object().get_signal_list():
		if declared.name == source.get_name():
			return declared.args.size()
	fail("there is no signal " + source.get_name())
	return -1

#endregion


#region Raw servers

## Returns a server made of Godot's own WebSocketPeer, which listens on a free port and stops after the test.
func make_raw_server() -> RawServer:
	var raw_server := RawServer.new()
	expect_eq(raw_server.listen(), OK, "listening")
	_raw_servers.append(raw_server)
	return raw_server


## Connects a client to a raw server and waits until the main namespace is joined.
func connect_raw(raw_server: RawServer, client: SocketIOClient = null) -> SocketIOClient:
	if client == null:
		client = make_client()
	expect_eq(client.connect_to_url(raw_server.url), OK, "connect_to_url")
	await expect_until(client.get_namespace("/").is_namespace_connected, "joining /")
	return client

#endregion
