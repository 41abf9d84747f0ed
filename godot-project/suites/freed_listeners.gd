## Callbacks of objects that have been freed, where other objects of the same class now lie at the same addresses: a
## lambda that uses [code]self[/code] knows no more of its object than the address. Nobody may be taken for them.
extends "res://suite.gd"

const SERVERS := ["node", "rust"]
const COUNT := 20

## Whoever heard something.
var heard := []
var strangers: Array[Player] = []


func clean_up() -> void:
	for stranger in strangers:
		stranger.free()
	strangers.clear()
	await super()


func test_on() -> void:
	var main := (await connect_client()).get_namespace()
	var players := make_players()
	for player in players:
		main.on("echo", player.make_listener())
	main.emit("echo", [0])
	await expect_count(heard, COUNT, "calls while they live")
	heard.clear()
	replace(players)
	await reply(main, "echo", [1], "echo")
	expect_eq(heard, [], "calls")
	expect_eq(main.get_listeners("echo").size(), 1, "listeners, of which one is the suite's")


func test_once() -> void:
	var main := (await connect_client()).get_namespace()
	var players := make_players()
	for player in players:
		main.once("echo", player.make_listener())
	replace(players)
	await reply(main, "echo", [1], "echo")
	expect_eq(heard, [], "calls")


func test_on_with_coalesce() -> void:
	var main := (await connect_client()).get_namespace()
	main.coalesce("burst")
	var players := make_players()
	for player in players:
		main.on("burst", player.make_listener())
	replace(players)
	await reply(main, "burst", [3], "burst")
	expect_eq(heard, [], "calls")


func test_bound_and_unbound_callables() -> void:
	var main := (await connect_client()).get_namespace()
	var players := make_players()
	for player in players:
		main.on("echo", player.make_tagged_listener().bind("bound"))
		main.on("echo", player.make_listener().unbind(1))
		main.on("echo", player.make_tagged_listener().bind("bound").unbind(1))
		main.on("echo", player.hear_with_tag.bind("bound"))
		main.on("echo", player.hear.unbind(1))
	main.emit("echo", [0])
	await expect_count(heard, 5 * COUNT, "calls while they live")
	heard.clear()
	replace(players)
	await reply(main, "echo", [1], "echo")
	expect_eq(heard, [], "calls")


func test_methods_that_are_remote_procedures() -> void:
	var main := (await connect_client()).get_namespace()
	var players := make_players()
	for player in players:
		main.on("echo", player.hear_remotely)
	main.emit("echo", [0])
	await expect_count(heard, COUNT, "calls while they live")
	heard.clear()
	replace(players)
	await reply(main, "echo", [1], "echo")
	expect_eq(heard, [], "calls")


func test_objects_that_an_earlier_listener_frees() -> void:
	var main := (await connect_client()).get_namespace()
	var players := make_players()
	main.on("echo", func(_data: Array) -> void: replace(players))
	for player in players:
		main.on("echo", player.make_listener())
		main.once("echo", player.make_tagged_listener().bind("bound"))
	await reply(main, "echo", [1], "echo")
	expect_eq(heard, [], "calls")


func test_an_ack_that_is_answered() -> void:
	var main := (await connect_client()).get_namespace()
	var players := make_players()
	for player in players:
		main.emit_with_ack("ack_delayed", [50], player.make_listener())
		main.emit_with_ack("ack_delayed", [50], player.make_tagged_listener().bind("bound"))
	replace(players)
	expect_eq(await ask(main, "ack_delayed", [100, "after"]), ["after"], "the answer after theirs")
	expect_eq(heard, [], "calls")


func test_an_ack_that_times_out() -> void:
	var main := (await connect_client()).get_namespace()
	var players := make_players()
	for player in players:
		main.emit_with_ack("ack_never", [], player.make_listener(), 0.05)
	replace(players)
	await wait(0.2)
	expect_eq(heard, [], "calls")


func test_an_ack_that_close_ends() -> void:
	var client := await connect_client()
	var players := make_players()
	for player in players:
		client.get_namespace().emit_with_ack("ack_never", [], player.make_listener(), 0.0)
	replace(players)
	client.close()
	await frames(3)
	expect_eq(heard, [], "calls")


func test_an_ack_whose_object_goes_after_close() -> void:
	var client := await connect_client()
	var players := make_players()
	for player in players:
		client.get_namespace().emit_with_ack("ack_never", [], player.make_listener(), 0.0)
	client.close()
	replace(players)
	await frames(3)
	expect_eq(heard, [], "calls")


func test_an_ack_of_a_client_that_goes() -> void:
	var players := make_players()
	var client := make_client()
	client.connect_to_url(url())
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	for player in players:
		client.get_namespace().emit_with_ack("ack_never", [], player.make_listener(), 0.0)
	var watch: WeakRef = weakref(client)
	_clients.erase(client)
	client = null
	expect_eq(watch.get_ref(), null, "the client")
	replace(players)
	await frames(3)
	expect_eq(heard, [], "calls")


func test_an_ack_in_a_namespace_whose_client_is_gone() -> void:
	var players := make_players()
	var client := make_client()
	var orphan := client.get_namespace()
	_clients.erase(client)
	client = null
	for player in players:
		expect_error("the client of this namespace was freed")
		orphan.emit_with_ack("echo_ack", [], player.make_listener())
	replace(players)
	await frames(3)
	expect_eq(heard, [], "calls")


func test_auth_provider() -> void:
	for i in COUNT:
		var client := make_client()
		var players := make_players()
		client.get_namespace().auth_provider = players[i].make_provider()
		replace(players)
		expect_error("auth_provider of \"/\" was not called: its object was freed")
		await connect_client(client, {"given": i})
		expect_eq(await ask(client.get_namespace(), "auth"), [{"given": i}], "what the server got")
		expect_true(client.get_namespace().auth_provider.is_null(), "the provider that is left")
		client.close()


func test_get_listeners_and_has_listeners() -> void:
	var main := make_client().get_namespace()
	var players := make_players()
	for player in players:
		main.on("echo", player.make_listener())
		main.once("echo", player.make_tagged_listener().bind("bound"))
		main.on("echo", player.hear_remotely)
	expect_eq(main.get_listeners("echo").size(), 3 * COUNT, "listeners while they live")
	replace(players)
	expect_eq(main.get_listeners("echo").size(), 0, "listeners")
	expect_eq(main.has_listeners("echo"), false, "has_listeners")


func test_off_with_another_callable() -> void:
	var main := (await connect_client()).get_namespace()
	var players := make_players()
	for player in players:
		main.on("echo", player.hear_remotely)
		main.on("echo", player.make_listener())
	replace(players)
	# To the engine, this method is that of the player who was there before.
	for stranger in strangers:
		main.on("echo", stranger.hear_remotely)
	expect_eq(main.get_listeners("echo").size(), COUNT, "listeners")
	for stranger in strangers:
		main.off("echo", stranger.hear_remotely)
	expect_eq(main.get_listeners("echo").size(), 0, "listeners after off")
	await reply(main, "echo", [1], "echo")
	expect_eq(heard, [], "calls")


func test_off_all_and_close_with_listeners_that_are_gone() -> void:
	var client := await connect_client()
	var main := client.get_namespace()
	var players := make_players()
	for player in players:
		main.on("echo", player.make_listener())
		main.on("burst", player.hear_remotely)
	replace(players)
	main.off_all("echo")
	main.off_all()
	expect_eq(main.has_listeners("burst"), false, "has_listeners")
	client.close()
	await frames(2)
	expect_eq(heard, [], "calls")


func test_functions_that_await() -> void:
	var main := (await connect_client()).get_namespace()
	var players := make_players()
	for player in players:
		# The engine loses what else is on the stack of such a function.
		player.await_reply(main.wait_for("echo"))
		player.await_reply(main.request("ack_delayed", [50]))
		player.make_awaiting_lambda().call(main.wait_for("echo"))
		main.wait_for("echo").connect(player.make_reply_listener())
		main.request("ack_delayed", [50]).connect(player.make_reply_listener())
	replace(players)
	await reply(main, "echo", [1], "echo")
	expect_eq(await ask(main, "ack_delayed", [100, "after"]), ["after"], "the answer after theirs")
	expect_eq(heard, [], "calls")


func test_an_object_that_lives_through_its_callable_only_is_called() -> void:
	var main := (await connect_client()).get_namespace()
	for i in COUNT:
		main.on("echo", Counted.new(heard).make_listener())
		main.emit_with_ack("echo_ack", [], Counted.new(heard).make_listener())
	# The method does not keep its object, but the bound argument does.
	var counted := Counted.new(heard)
	main.on("echo", counted.hear_with.bind(counted))
	counted = null
	await expect_count(heard, COUNT, "calls by acks")
	heard.clear()
	main.emit("echo", [1])
	await expect_count(heard, COUNT + 1, "calls")
	main.off_all("echo")


func test_the_call_method_of_another_callable_is_refused() -> void:
	var main := make_client().get_namespace()
	var player := Player.new(heard)
	strangers.append(player)
	for callback: Callable in [player.make_listener().call, player.make_listener().call.bind(1)]:
		expect_error("give that Callable itself")
		main.on("echo", callback)
		expect_error("give that Callable itself")
		main.emit_with_ack("echo", [], callback)
	expect_error("SocketIONamespace.auth_provider: the Callable")
	main.auth_provider = player.make_provider().call
	expect_eq(main.has_listeners("echo"), false, "has_listeners")


func make_players() -> Array[Player]:
	var players: Array[Player] = []
	for i in COUNT:
		players.append(Player.new(heard))
	return players


## Frees the players, and puts others, who never listened, where they were.
func replace(players: Array[Player]) -> void:
	for player in players:
		player.free()
	players.clear()
	for i in COUNT:
		strangers.append(Player.new(heard))


class Player:
	extends Node

	var _heard: Array

	func _init(heard: Array) -> void:
		_heard = heard

	func hear(data: Array) -> void:
		_heard.append(data)

	func hear_with_tag(data: Array, tag: String) -> void:
		_heard.append([data, tag])

	@rpc func hear_remotely(data: Array) -> void:
		_heard.append(data)

	func make_listener() -> Callable:
		return func(data: Array) -> void: _heard.append(data)

	func make_tagged_listener() -> Callable:
		return func(data: Array, tag: String) -> void: _heard.append([data, tag])

	func make_provider() -> Callable:
		return func() -> Dictionary: return {"heard": str(_heard)}

	func make_reply_listener() -> Callable:
		return func(reply: SocketIOReply) -> void: _heard.append(reply.data)

	func make_awaiting_lambda() -> Callable:
		return func(source: Signal) -> void:
			await source
			_heard.append("lambda")

	func await_reply(source: Signal) -> void:
		await source
		_heard.append("function")


class Counted:
	extends RefCounted

	var _heard: Array

	func _init(heard: Array) -> void:
		_heard = heard

	func make_listener() -> Callable:
		return func(data: Array) -> void: _heard.append(data)

	func hear_with(data: Array, _kept: Counted) -> void:
		_heard.append(data)
