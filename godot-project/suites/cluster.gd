## Two servers behind one address, which share their rooms and sessions through Redis.
##
## What becomes of a session is up to the servers' adapter, and was seen with the official client as well. It writes a
## session to Redis when its socket ends. So a session outlives a cut connection and a server that ends in order, and
## any server restores it; a server that is killed takes its sessions with it, and its clients begin new ones.
## Without an event that told the client an offset there is nothing to restore from. The client hides offsets from the
## second event on: the first could be the game's own.
extends "res://suite.gd"

const SERVERS := ["cluster"]
const ROOM := "crew"
## Long enough for an event that is told right after a disconnect to be missed, short enough for a test.
const DELAY := 0.3


func test_a_room_spans_the_servers() -> void:
	var pair := await _connect_pair()
	for i in 2:
		await _make_offsets_known(pair[i], pair)
	var told := pair.map(func(client: SocketIOClient) -> Array: return listen(client.get_namespace(), "told"))
	var ids := pair.map(func(client: SocketIOClient) -> String: return client.get_namespace().get_session_id())
	ids.sort()
	expect_eq(await _members(pair[0]), ids, "members")
	for i in 2:
		await _tell(pair[i], [i])
		await expect_count(told[0], i + 1, "events of the first")
		await expect_count(told[1], i + 1, "events of the second")
	expect_eq(told, [[[0], [1]], [[0], [1]]], "events")


func test_the_first_offset_stays_where_it_is() -> void:
	var pair := await _connect_pair()
	var told := listen(pair[0].get_namespace(), "told")
	for i in 5:
		await _tell(pair[1], [i])
		await expect_count(told, i + 1, "events")
	expect_eq(told.map(func(data: Array) -> int: return data[0]), range(5), "what was told")
	expect_eq(told.map(func(data: Array) -> int: return data.size()), [2, 1, 1, 1, 1], "arguments")


func test_what_a_game_sends_last_stays() -> void:
	var ids := [
		"65f0a1b2c3d4e5f6a7b8c9d0", "Warrior", "1700000000000-0",
		"%08xa7b8c9d0e1000001" % int(Time.get_unix_time_from_system()),
	]
	for own: String in ids:
		var pair := await _connect_pair()
		var channel := pair[0].get_namespace()
		var told := listen(channel, "told")
		for turn in 4:
			expect_eq(await ask(channel, "tell_volatile", [ROOM, own]), [], "answer to tell_volatile")
			await _tell(pair[1], [own])
			await expect_count(told, 2 * turn + 2, "events")
		expect_true(told.all(func(data: Array) -> bool: return data[0] == own), "%s is there: %s" % [own, told])
		expect_eq(told.slice(4), [[own], [own], [own], [own]], "events once the offsets are known")
		expect_eq(await ask(channel, "tell_volatile", [ROOM, own]), [], "answer to tell_volatile")
		await expect_count(told, 9, "events")
		told.clear()
		await _cut(pair[0])
		await _tell(pair[1], [own])
		await _expect_rejoin(pair[0])
		await expect_count(told, 1, "missed events")
		expect_eq([told, channel.recovered], [[[own]], true], "what was missed, and recovered")
		pair.map(func(client: SocketIOClient) -> void: client.close())


func test_the_offset_of_an_event_is_hidden() -> void:
	var pair := await _connect_pair()
	await _make_offsets_known(pair[0], pair)
	var channel := pair[0].get_namespace()
	var told := listen(channel, "told")
	var received := record(channel.event_received)
	await _tell(pair[1], ["text"])
	await _tell(pair[0], [])
	await expect_count(told, 2, "events")
	expect_eq(told, [["text"], []], "data for the listener")
	expect_eq(received, [["told", ["text"]], ["told", []]], "data for the signal")


func test_a_cut_connection_is_recovered_on_any_server() -> void:
	var pair := await _connect_pair()
	var channel := pair[0].get_namespace()
	var told := listen(channel, "told")
	var id := channel.get_session_id()
	var visited := {}
	for turn in 4:
		await _tell(pair[1], [turn, "before"])
		await expect_count(told, 1, "events before the cut")
		told.clear()
		await _cut(pair[0])
		for i in 5:
			pair[1].get_namespace().emit("tell", [ROOM, turn, i])
		await _expect_rejoin(pair[0])
		visited[await _server_of(pair[0])] = true
		expect_eq(channel.recovered, true, "recovered")
		expect_eq(channel.get_session_id(), id, "session id")
		expect_eq(await ask(channel, "rooms"), [[ROOM]], "rooms")
		await _tell(pair[1], [turn, "after"])
		await expect_count(told, 6, "events")
		expect_eq(told, [[turn, 0], [turn, 1], [turn, 2], [turn, 3], [turn, 4], [turn, "after"]], "events")
		told.clear()
	expect_eq(visited.size(), 2, "servers visited")


func test_a_missed_attachment_is_recovered() -> void:
	var pair := await _connect_pair()
	var told := await _listen_for_an_offset(pair)
	await _cut(pair[0])
	var bytes := PackedByteArray([0, 1, 254, 255])
	await _tell(pair[1], [{"deep": [bytes]}, bytes])
	await _expect_rejoin(pair[0])
	await expect_count(told, 1, "events")
	expect_eq(told, [[{"deep": [bytes]}, bytes]], "events")


func test_a_server_that_ends_in_order_hands_its_sessions_over() -> void:
	var pair := await _connect_pair()
	var channel := pair[0].get_namespace()
	var told := await _listen_for_an_offset(pair)
	var id := channel.get_session_id()
	var survivor := _watch(pair[1])
	var ended := record(pair[0].disconnected)
	pair[1].get_namespace().emit("close", [await _server_of(pair[0])])
	await expect_count(ended, 1, "disconnected")
	for i in 5:
		pair[1].get_namespace().emit("tell", [ROOM, i])
	await _expect_rejoin(pair[0])
	expect_eq(ended, ["transport close"], "disconnected")
	expect_eq(channel.recovered, true, "recovered")
	expect_eq(channel.get_session_id(), id, "session id")
	expect_eq(await _server_of(pair[0]), await _server_of(pair[1]), "server")
	expect_eq(await ask(channel, "rooms"), [[ROOM]], "rooms")
	await expect_count(told, 5, "events")
	expect_eq(told, [[0], [1], [2], [3], [4]], "events")
	expect_eq(survivor, [], "what the other client noticed")


func test_the_clients_of_a_killed_server_land_on_the_other() -> void:
	var pair := await _connect_pair()
	var channel := pair[0].get_namespace()
	var told := await _listen_for_an_offset(pair)
	var id := channel.get_session_id()
	var survivor := _watch(pair[1])
	var reconnected := record(pair[0].reconnected)
	# What a game does: a new session is in no room, a recovered one is in all that it had.
	var joins := []
	channel.connected.connect(func(_id: String) -> void:
		joins.append(channel.recovered)
		if not channel.recovered:
			channel.emit("join", [ROOM])
	)
	var killed := await _server_of(pair[0])
	var server := await _server_of(pair[1])
	expect_eq(await ask(pair[1].get_namespace(), "kill", [killed]), [null], "kill")
	await expect_count(joins, 1, "joins")
	expect_eq(joins, [false], "recovered")
	expect_eq(reconnected.size(), 1, "reconnected")
	expect_true(channel.get_session_id() != id, "the session id is a new one")
	expect_eq(await _server_of(pair[0]), server, "server")
	expect_eq(await ask(channel, "rooms"), [[ROOM]], "rooms")
	await _tell(pair[1], ["again"])
	await expect_count(told, 1, "events")
	expect_eq(told, [["again"]], "events")
	expect_eq(survivor, [], "what the other client noticed")
	expect_eq(await _server_of(pair[1]), server, "server of the other client")


func test_what_was_emitted_after_a_kill_arrives_in_order() -> void:
	var pair := await _connect_pair()
	await _make_offsets_known(pair[1], pair)
	var told := listen(pair[1].get_namespace(), "told")
	var ended := record(pair[0].disconnected)
	pair[1].get_namespace().emit("kill", [await _server_of(pair[0])])
	await expect_count(ended, 1, "disconnected")
	for i in 10:
		pair[0].get_namespace().emit("tell", [ROOM, i])
	await expect_count(told, 10, "events")
	expect_eq(told, range(10).map(func(i: int) -> Array: return [i]), "events")


func test_an_ack_of_a_killed_server_fails_once() -> void:
	var pair := await _connect_pair()
	var answers := []
	var channel := pair[0].get_namespace()
	# It kills the server that should answer.
	var killed := await _server_of(pair[0])
	channel.emit_with_ack("kill", [killed], func(answer: Array) -> void: answers.append(answer), 0.0)
	await expect_count(answers, 1, "answers")
	await _expect_rejoin(pair[0])
	await _server_of(pair[0])
	expect_eq(answers, [["timeout"]], "answers")


func test_ten_clients_are_together_after_a_kill() -> void:
	var clients := await _connect_pair()
	for i in 8:
		clients.append(await _connect_member())
	var rejoins := []
	for client in clients:
		client.connected.connect(func(_id: String) -> void:
			rejoins.append(client)
			client.get_namespace().emit("join", [ROOM])
		)
	var server := await _server_of(clients[0])
	var victims: Array[SocketIOClient] = []
	for client in clients:
		if await _server_of(client) != server:
			victims.append(client)
	expect_true(victims.size() >= 4, "the router spreads the clients, but %d are on the other server" % victims.size())
	expect_eq(await ask(clients[0].get_namespace(), "kill", [await _server_of(victims[0])]), [null], "kill")
	await expect_count(rejoins, victims.size(), "joins")
	expect_true(victims.all(func(victim: SocketIOClient) -> bool: return victim in rejoins), "each victim joined again")
	for client in clients:
		expect_eq(await _server_of(client), server, "server")
	expect_eq((await _members(clients[0])).size(), clients.size(), "members")


func test_a_server_that_came_later_restores_a_session_too() -> void:
	var pair := await _connect_pair()
	var channel := pair[0].get_namespace()
	await _listen_for_an_offset(pair)
	var id := channel.get_session_id()
	var back := record(pair[0].reconnected)
	expect_eq(await ask(pair[1].get_namespace(), "close", [await _server_of(pair[0])]), [null], "close")
	await expect_count(back, 1, "reconnected")
	await _expect_rejoin(pair[0])
	var old := await _server_of(pair[1])
	var fresh: Array = (await _fill(pair[0])).filter(func(server: int) -> bool: return server != old)
	expect_eq(fresh.size(), 1, "fresh servers")
	var visited := []
	for i in 2:
		await _cut(pair[0])
		await _expect_rejoin(pair[0])
		expect_eq(channel.recovered, true, "recovered")
		visited.append(await _server_of(pair[0]))
	expect_true(fresh.all(func(server: int) -> bool: return server in visited), "the session came to the fresh server")
	expect_eq(channel.get_session_id(), id, "session id")


func test_without_an_offset_a_new_session_begins() -> void:
	var pair := await _connect_pair()
	var channel := pair[0].get_namespace()
	var id := channel.get_session_id()
	await _cut(pair[0])
	await _expect_rejoin(pair[0])
	expect_eq(channel.recovered, false, "recovered")
	expect_true(channel.get_session_id() != id, "the session id is a new one")
	expect_eq(await ask(channel, "rooms"), [[]], "rooms")


func test_each_namespace_recovers_its_own_session() -> void:
	var pair := await _connect_pair()
	var team: Array[SocketIONamespace] = []
	for client in pair:
		var joined := await join(client, "/team")
		await ask(joined, "join", [ROOM])
		team.append(joined)
	var told := await _listen_for_an_offset(pair)
	var told_team := listen(team[0], "told")
	team[1].emit("tell", [ROOM, "first"])
	await expect_count(told_team, 1, "first event of the team")
	told_team.clear()
	var ids := [pair[0].get_namespace().get_session_id(), team[0].get_session_id()]
	await _cut(pair[0])
	for i in 3:
		team[1].emit("tell", [ROOM, "team", i])
		pair[1].get_namespace().emit("tell", [ROOM, "main", i])
	await _expect_rejoin(pair[0])
	await expect_until(team[0].is_namespace_connected, "joining /team again")
	expect_eq([pair[0].get_namespace().recovered, team[0].recovered], [true, true], "recovered")
	expect_eq([pair[0].get_namespace().get_session_id(), team[0].get_session_id()], ids, "session ids")
	await expect_count(told, 3, "events of /")
	await expect_count(told_team, 3, "events of /team")
	expect_eq(told, [["main", 0], ["main", 1], ["main", 2]], "events of /")
	expect_eq(told_team, [["team", 0], ["team", 1], ["team", 2]], "events of /team")


func test_a_paused_client_resumes_on_any_server() -> void:
	var pair := await _connect_pair()
	var channel := pair[0].get_namespace()
	var told := await _listen_for_an_offset(pair)
	var visited := {await _server_of(pair[0]): true}
	for turn in 2:
		pair[0].pause_connection()
		# The server has to see the end of the connection, or it sends the event to the old one.
		await expect_until(func() -> bool: return not channel.is_namespace_connected(), "pausing")
		await wait(DELAY)
		await _tell(pair[1], [turn])
		pair[0].resume_connection()
		await _expect_rejoin(pair[0])
		expect_eq(channel.recovered, true, "recovered")
		visited[await _server_of(pair[0])] = true
		await expect_count(told, 1, "events")
		expect_eq(told, [[turn]], "events")
		told.clear()
	expect_eq(visited.size(), 2, "servers visited")


## Returns two clients on two servers, both in the room.
func _connect_pair() -> Array[SocketIOClient]:
	var first := await _connect_member()
	# An earlier test may have ended a server.
	expect_eq((await _fill(first)).size(), 2, "servers")
	# The router takes the servers in turn, but their number may have changed since the last turn.
	for attempt in 3:
		var second := await _connect_member()
		if await _server_of(second) != await _server_of(first):
			return [first, second]
		second.close()
	fail("both clients are on one server")
	return [first, first]


func _connect_member() -> SocketIOClient:
	var client := make_client()
	client.reconnection_delay = DELAY
	client.reconnection_delay_max = DELAY
	client.randomization_factor = 0.0
	await connect_client(client)
	expect_eq(await ask(client.get_namespace(), "join", [ROOM]), [[ROOM]], "rooms")
	return client


func _server_of(client: SocketIOClient) -> int:
	var answer: Variant = await ask(client.get_namespace(), "server")
	return answer[0] if answer is Array and answer[0] is int else -1


## Has servers started until there are two. Returns their ids.
func _fill(client: SocketIOClient) -> Array:
	var answer: Variant = await ask(client.get_namespace(), "fill")
	return answer[0] if answer is Array and answer[0] is Array else []


## Returns the session ids in the room, in order.
func _members(client: SocketIOClient) -> Array:
	var answer: Variant = await ask(client.get_namespace(), "members", [ROOM])
	var ids: Array = answer[0] if answer is Array and answer[0] is Array else []
	ids.sort()
	return ids


## Has a client tell the room something. Returns when its server knows.
func _tell(client: SocketIOClient, data: Array) -> void:
	expect_eq(await ask(client.get_namespace(), "tell", [ROOM] + data), [], "answer to tell")


## Returns the list of what the first client is told, after events that gave it an offset.
func _listen_for_an_offset(pair: Array[SocketIOClient]) -> Array:
	var told := listen(pair[0].get_namespace(), "told")
	await _make_offsets_known(pair[0], pair)
	told.clear()
	return told


## Tells a client as much as it needs to know offsets from what a game sends.
func _make_offsets_known(client: SocketIOClient, pair: Array[SocketIOClient]) -> void:
	var told := listen(client.get_namespace(), "told")
	for i in 2:
		await _tell(pair[1], ["first"])
	await expect_count(told, 2, "first events")


## Has a server cut the connection of a client, without a word.
func _cut(client: SocketIOClient) -> void:
	client.get_namespace().emit("cut_me")
	await expect_until(func() -> bool: return not client.get_namespace().is_namespace_connected(), "the cut")


func _expect_rejoin(client: SocketIOClient) -> void:
	await expect_until(client.get_namespace().is_namespace_connected, "joining again")


## Returns an array that collects all that a client notices of its connection.
func _watch(client: SocketIOClient) -> Array:
	var noticed := []
	var note := func(argument: Variant) -> void: noticed.append(argument)
	for happening: Signal in [client.connected, client.disconnected, client.connect_error, client.reconnected]:
		happening.connect(note)
	return noticed
