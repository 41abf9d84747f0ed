## What a game tells the traffic inspector in the editor, over the engine's own debugger: a second Godot plays a game, and
## the test is its editor.
extends "res://suite.gd"

const Arguments := preload("res://arguments.gd")
const EditorDebugger := preload("res://editor_debugger.gd")

const SERVERS := ["node"]
## A Godot has to start.
const TIMEOUTS := {
	"test_a_game_says_nothing_until_it_is_watched": 90.0,
	"test_clients_show_how_they_stand": 90.0,
	"test_the_first_connection_is_shown": 90.0,
	"test_packets_show_what_they_carry": 90.0,
	"test_what_cannot_be_shown_says_why": 90.0,
	"test_a_flood_comes_in_portions": 90.0,
	"test_a_dropped_connection_comes_back_and_no_secret_is_shown": 90.0,
	"test_added_latency_shows_in_the_round_trip": 90.0,
	"test_an_event_is_received_as_if_the_server_had_sent_it": 90.0,
	"test_what_makes_no_sense_is_ignored": 90.0,
}
const PATIENT := 60.0
## The game's client. One test makes it have a second one.
const CLIENT := 1

var _debugger: EditorDebugger
## The number of the packet that was found last, by what was looked for.
var _found := {}
## A client of the test's own, which asks the server what the game has done.
var _observer: SocketIONamespace


func clean_up() -> void:
	if _debugger != null:
		await _quit_game()
		_debugger.stop()
	await super()


func frames(count: int) -> void:
	for i in count:
		if _debugger != null:
			_debugger.poll()
		await super(1)


#region Tests

func test_a_game_says_nothing_until_it_is_watched() -> void:
	await _start_game()
	await _emit_and_wait("before")
	expect_eq(_debugger.messages, [["hello", [1]]], "what a game says that is not watched yet")
	_watch(true)
	await _until_client(func(client: Dictionary) -> bool: return client.client == CLIENT, "being watched")
	_watch(true)
	_watch(false)
	await expect_until(func() -> bool: return _debugger.of("hello").size() == 3, "the end of it", PATIENT)
	_debugger.messages.clear()
	await _emit_and_wait("unwatched")
	expect_eq(_debugger.messages, [], "what a game says that is not watched any more")
	_watch(true)
	await _emit_and_wait("watched")
	await _packet("EVENT", false, "remember")
	expect_true("unwatched" not in str(_debugger.messages), "what was not watched is told")


func test_clients_show_how_they_stand() -> void:
	await _start_watched_game()
	await _until_client(func(client: Dictionary) -> bool: return client.latency >= 0.0, "the latency")
	var client := _client()
	expect_eq(client.url, server_url + "/socket.io/", "url")
	expect_eq([client.client, client.state, client.transport], [CLIENT, 2, "websocket"], "number, state and transport")
	expect_true(client.session_id.length() == 5 and client.session_id.ends_with("…"), "session id " + client.session_id)
	expect_eq([client.added_latency, client.reading_paused], [0.0, false], "at rest")
	for count: String in ["bytes_waiting_to_send", "bytes_waiting_to_dispatch", "dispatch_usec"]:
		expect_true(client[count] is int and client[count] >= 0, count)
	expect_true(client.statistics.packets_received >= 3, "statistics %s" % client.statistics)
	expect_eq(client.namespaces.map(_summary), [["/", 2, false, 0, 0], ["/admin", 2, false, 0, 0]], "namespaces")
	for entry: Dictionary in client.namespaces:
		expect_true(entry.session_id.length() == 5, "session id " + entry.session_id)
	_debugger.send("emit", [CLIENT, "/admin", "echo", []])
	await _until_client(func(shown: Dictionary) -> bool:
		return _summary(shown.namespaces[1]) == ["/admin", 2, false, 1, 1], "one event each way")
	_make_game("begin_second")
	await expect_until(func() -> bool: return _clients_shown().size() == 2, "a second client", PATIENT)
	expect_eq(_clients_shown().map(func(shown: Dictionary) -> int: return shown.client), [1, 2], "their numbers")
	await expect_until(func() -> bool: return _packets(2).size() >= 4, "its packets", PATIENT)
	expect_eq(_packets(2).slice(0, 4).map(func(packet: Array) -> Array: return [packet[0], packet[2], packet[3]]),
		[[1, true, "TRANSPORT"], [2, true, "OPEN"], [3, false, "CONNECT"], [4, true, "CONNECT"]], "its handshake")


func test_the_first_connection_is_shown() -> void:
	await _start_game()
	_watch(true)
	await expect_until(func() -> bool: return _packets(CLIENT).size() >= 3, "packets", PATIENT)
	expect_eq(_packets(CLIENT).slice(0, 3).map(func(packet: Array) -> Array: return [packet[0], packet[2], packet[3]]),
		[[1, true, "TRANSPORT"], [2, true, "OPEN"], [3, false, "CONNECT"]], "the handshake before the editor watched")


func test_packets_show_what_they_carry() -> void:
	await _start_watched_game()
	var data := ["text", 7, {"a": [null, 1.5]}, PackedByteArray([1, 2, 3])]
	_debugger.send("emit", [CLIENT, "/admin", "echo", data])
	var sent: Array = await _packet("EVENT", false, "echo")
	var received: Array = await _packet("EVENT", true, "echo")
	for packet: Array in [sent, received]:
		expect_eq(packet.map(typeof), [TYPE_INT, TYPE_FLOAT, TYPE_BOOL, TYPE_STRING, TYPE_STRING, TYPE_STRING, TYPE_INT,
			TYPE_INT, TYPE_FLOAT, TYPE_INT], "the types of %s" % [packet])
		expect_eq([packet[4], packet[7], packet[8], packet[9]], ["/admin", -1, -1.0, 1], "%s" % [packet])
		expect_eq(await _payload(packet[0]), [data, ""], "payload of %s" % [packet])
	expect_true(received[0] > sent[0] and received[1] >= sent[1] and sent[1] > 0.0, "order: %s, %s" % [sent, received])
	expect_eq(sent[6], '451-/admin,["echo","text",7,{"a":[null,1.5]},{"_placeholder":true,"num":0}]'.length() + 3, "size")
	_make_game("ask", [5])
	var asked: Array = await _packet("EVENT", false, "echo_ack")
	var answer: Array = await _packet("ACK", true)
	expect_eq([answer[5], answer[7]], ["echo_ack", asked[7]], "event and ack id")
	expect_true(answer[8] > 0.0 and answer[8] < PATIENT, "round trip %s" % answer[8])
	expect_eq(await _payload(answer[0]), [[5], ""], "the answer")


func test_what_cannot_be_shown_says_why() -> void:
	await _start_watched_game()
	expect_eq(await _payload(1_000_000), [null, "no longer kept"], "a packet that never was")
	_debugger.send("emit", [CLIENT, "/", "large", ["x".repeat(300_000)]])
	var large: Array = await _packet("EVENT", false, "large")
	expect_eq(await _payload(large[0]), [null, "larger than 256 KiB"], "a large payload")
	var nested := []
	for i in 60:
		nested = [nested]
	_debugger.send("emit", [CLIENT, "/", "nested", [nested]])
	var shallow: Array = await _packet("EVENT", false, "nested")
	expect_eq(await _payload(shallow[0]), [[nested], ""], "a nested payload")
	_make_game("nest", [90])
	var deep: Array = await _packet("EVENT", false, "nested")
	expect_eq(await _payload(deep[0]), [null, "nested too deeply to be shown"], "a payload that is nested more deeply")


func test_a_flood_comes_in_portions() -> void:
	await _start_watched_game()
	_debugger.send("emit", [CLIENT, "/", "burst", [5000]])
	await _until_client(func(client: Dictionary) -> bool: return client.namespaces[0].events_received == 5000, "the events")
	await _emit_and_wait("after")
	await _packet("EVENT", false, "remember")
	var next := 0
	for message: Array in _debugger.of("packets"):
		expect_true(message[2].size() <= 200, "%d packets at once" % message[2].size())
		for packet: Array in message[2]:
			if next > 0 and packet == message[2][0]:
				next += message[1]
			expect_true(next == 0 or packet[0] == next, "packet %d in place of %d" % [packet[0], next])
			next = packet[0] + 1


func test_a_dropped_connection_comes_back_and_no_secret_is_shown() -> void:
	await _start_watched_game()
	_debugger.send("drop_connection", [CLIENT])
	await _until_client(func(client: Dictionary) -> bool:
		return client.statistics.reconnects == 1 and client.namespaces.all(_is_joined), "coming back")
	await expect_until(func() -> bool: return _all_of("CONNECT").size() >= 4, "the packets", PATIENT)
	var lost: Array = await _packet("TRANSPORT", true)
	expect_true("transport close" in lost[5] and "on purpose" in lost[5], "what was lost: " + lost[5])
	expect_eq(_all_of("DISCONNECT"), [], "DISCONNECT packets")
	for packet in _packets():
		var payload: Variant = (await _payload(packet[0]))[0]
		if packet[3] == "CONNECT":
			expect_eq(payload, {"sid": "•••"} if packet[2] else {"token": "•••"}, "%s" % [packet])
		elif packet[3] == "OPEN":
			expect_eq([payload.sid, payload.pingInterval], ["•••", 25000], "the handshake")
	var shown := str(_debugger.messages)
	_make_game("tell_session_ids")
	var session_ids := await _remembered("session ids")
	expect_eq(session_ids.size(), 3, "session ids")
	for hidden: String in ["hidden-auth", "hidden-query", "hidden-header", "secret"] + session_ids:
		expect_true(not hidden.is_empty() and hidden not in shown, "%s is shown" % hidden)


func test_added_latency_shows_in_the_round_trip() -> void:
	await _start_watched_game()
	_debugger.send("add_latency", [CLIENT, 0.6])
	await _until_client(func(client: Dictionary) -> bool: return client.latency >= 0.6, "the latency")
	expect_eq(_client().added_latency, 0.6, "what was added")
	_make_game("ask", [5])
	var answer: Array = await _packet("ACK", true)
	expect_true(answer[8] >= 0.6, "round trip %s" % answer[8])
	_debugger.send("add_latency", [CLIENT, 1000])
	await _until_client(func(client: Dictionary) -> bool: return client.latency >= 10.0, "the most that can be added")
	expect_eq(_client().added_latency, 10.0, "what was added")
	_debugger.send("add_latency", [CLIENT, 0.0])
	await _until_client(func(client: Dictionary) -> bool: return client.latency < 10.0, "the end")
	await _emit_and_wait("after")


func test_an_event_is_received_as_if_the_server_had_sent_it() -> void:
	await _start_watched_game()
	_make_game("tell", ["a", {"b": Vector2(1, 2)}])
	expect_eq(await _remembered("told"), ["a", {"b": {"x": 1, "y": 2}}], "what the game has told the server")
	await _packet("EVENT", false, "remember")
	expect_eq(_all_of("EVENT").size(), 1, "events that have passed")


func test_what_makes_no_sense_is_ignored() -> void:
	await _start_watched_game()
	for message: Array in [
		["watch", []], ["watch", ["yes"]], ["watch", [1]],
		["get_payload", []], ["get_payload", [CLIENT]], ["get_payload", [CLIENT, -1]], ["get_payload", ["1", 1]],
		["get_payload", [99, 1]], ["drop_connection", []], ["drop_connection", [null]], ["drop_connection", [99]],
		["add_latency", [CLIENT]], ["add_latency", [CLIENT, "1"]], ["add_latency", [99, 1.0]],
		["add_latency", [CLIENT, INF]], ["add_latency", [CLIENT, NAN]], ["add_latency", [CLIENT, -1.0]],
		["emit", [CLIENT, "/", "echo"]], ["emit", [CLIENT, "/", 5, []]], ["emit", [CLIENT, "/", "echo", {}]],
		["receive", [CLIENT, "/", "tell", null]], ["fly", [CLIENT]], ["", []],
	]:
		_debugger.send(message[0], message[1])
	expect_error('The traffic inspector\'s event was refused: the client has no namespace "/none"')
	_debugger.send("emit", [CLIENT, "/none", "echo", []])
	expect_error('The traffic inspector\'s event was refused: emit "connect": this name is reserved')
	_debugger.send("emit", [CLIENT, "/", "connect", []])
	expect_error('The traffic inspector\'s event was refused: "connect" is reserved')
	_debugger.send("receive", [CLIENT, "/", "connect", []])
	await _emit_and_wait("after")
	await _packet("EVENT", false, "remember")
	expect_true(not _debugger.is_halted, "the game goes on")
	await _until_client(func(client: Dictionary) -> bool: return client.namespaces[0].events_emitted == 1, "the event")
	expect_eq([_client().state, _client().added_latency], [2, 0.0], "the client")
	expect_eq(_client().statistics.reconnects, 0, "reconnects")

#endregion


#region The game

## Starts a game and waits for its greeting.
func _start_game() -> void:
	_observer = (await connect_client()).get_namespace()
	_debugger = EditorDebugger.new()
	expect_eq(_debugger.listen(), OK, "listening")
	var script := "res://suites/inspector/game.gd"
	_debugger.start_game(Arguments.new().value("--godot"), ["-s", script, "--", "--server", server_url])
	await expect_until(func() -> bool: return not _debugger.of("hello").is_empty(), "a greeting", PATIENT)


## Starts a game and watches it, and forgets what it has said until it was connected.
func _start_watched_game() -> void:
	await _start_game()
	_watch(true)
	await _until_client(func(client: Dictionary) -> bool: return client.namespaces.all(_is_joined), "being connected")
	_debugger.messages.clear()
	await _until_client(func(_client: Dictionary) -> bool: return true, "being shown")


## Lets the game end by itself, which must leave nothing behind.
func _quit_game() -> void:
	if cancelled or not _debugger.is_running():
		fail("the game does not run any more")
		return
	_make_game("quit")
	await expect_until(func() -> bool: return not _debugger.is_running(), "the end of the game", PATIENT)
	expect_eq(OS.get_process_exit_code(_debugger.process_id), 0, "its exit code")


func _watch(enabled: bool) -> void:
	_debugger.send("watch", [enabled])


## Makes the game do what it does when it receives this event.
func _make_game(event: String, data := []) -> void:
	_debugger.send("receive", [CLIENT, "/", event, data])


## Makes the game emit something, and waits until the server has it.
func _emit_and_wait(what: String) -> void:
	_debugger.send("emit", [CLIENT, "/", "remember", [_key(what), what]])
	expect_eq(await _remembered(what), [what], "what the server remembers")


## What the game has made the server remember.
func _remembered(what: String) -> Array:
	var remembered := []
	var deadline := Time.get_ticks_msec() + roundi(PATIENT * 1000.0)
	while remembered.is_empty() and not cancelled and Time.get_ticks_msec() < deadline:
		remembered = (await ask(_observer, "recall", [_key(what)]))[0]
	expect_true(not remembered.is_empty(), "%s did not get to the server within %s s" % [what, PATIENT])
	return [] if remembered.is_empty() else remembered[0]


## A name that no other game uses at the server.
func _key(what: String) -> String:
	return "%s of %d" % [what, _debugger.process_id]

#endregion


#region What it says

## The clients as they were shown last.
func _clients_shown() -> Array:
	var shown := _debugger.of("clients")
	return [] if shown.is_empty() else shown[-1][0]


func _client() -> Dictionary:
	return _clients_shown()[0]


func _until_client(condition: Callable, what: String) -> void:
	await expect_until(func() -> bool:
		return not _clients_shown().is_empty() and condition.call(_client()), what, PATIENT)


func _is_joined(entry: Dictionary) -> bool:
	return entry.state == SocketIONamespace.STATE_CONNECTED


func _summary(entry: Dictionary) -> Array:
	return [entry.path, entry.state, entry.recovered, entry.events_received, entry.events_emitted]


## All packets of a client, in the order in which they were sent.
func _packets(client := CLIENT) -> Array[Array]:
	var packets: Array[Array] = []
	for message: Array in _debugger.of("packets"):
		if message[0] == client:
			packets.append_array(message[2])
	return packets


func _all_of(type: String) -> Array[Array]:
	return _packets().filter(func(packet: Array) -> bool: return packet[3] == type)


## Waits for the next packet of that type and, unless empty, event.
func _packet(type: String, incoming: bool, event := "") -> Array:
	var wanted := [type, incoming, event]
	var found: Array[Array] = []
	await expect_until(func() -> bool:
		found.assign(_all_of(type).filter(func(packet: Array) -> bool:
			return packet[2] == incoming and event in ["", packet[5]] and packet[0] > _found.get(wanted, 0)))
		return not found.is_empty(), "packet %s" % [wanted], PATIENT)
	if found.is_empty():
		return [0, 0.0, incoming, type, "", event, 0, -1, -1.0, 0]
	_found[wanted] = found[0][0]
	return found[0]


## What a packet has carried, and why it cannot be shown.
func _payload(number: int) -> Array:
	var answers := func() -> Array:
		return _debugger.of("payload").filter(func(data: Array) -> bool: return data[0] == CLIENT and data[1] == number)
	var before: int = answers.call().size()
	_debugger.send("get_payload", [CLIENT, number])
	await expect_until(func() -> bool: return answers.call().size() > before, "payload %d" % number, PATIENT)
	return answers.call()[-1].slice(2) if answers.call().size() > before else [null, "no answer"]

#endregion
