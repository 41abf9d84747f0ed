## The auth that goes with CONNECT.
extends "res://suite.gd"

const SERVERS := ["node", "python", "rust"]


func test_auth_of_connect_to_url_reaches_the_main_namespace() -> void:
	var client := await connect_client(null, {"token": "t0k3n", "level": 3, "tags": ["a", {"b": null}]})
	var auth: Array = await ask(client.get_namespace(), "auth")
	expect_eq(auth, [{"token": "t0k3n", "level": 3, "tags": ["a", {"b": null}]}], "auth")


func test_without_auth_the_server_gets_none() -> void:
	var client := await connect_client()
	expect_eq(await ask(client.get_namespace(), "auth"), [null], "auth")


func test_each_namespace_has_auth_of_its_own() -> void:
	var client := await connect_client(null, {"for": "main"})
	var chat := await join(client, "/chat", {"for": "chat"})
	expect_eq(await ask(client.get_namespace(), "auth"), [{"for": "main"}], "auth of /")
	expect_eq(await ask(chat, "auth"), [{"for": "chat"}], "auth of /chat")


func test_auth_of_the_main_namespace_is_not_sent_to_others() -> void:
	var client := await connect_client(null, {"secret": 1})
	var chat := await join(client, "/chat")
	expect_eq(await ask(chat, "auth"), [null], "auth of /chat")


func test_the_right_token_is_admitted() -> void:
	var client := await connect_client()
	var admin := await join(client, "/admin", {"token": "secret"})
	expect_eq(await ask(admin, "auth"), [{"token": "secret"}], "auth")


func test_a_new_connection_has_the_new_auth() -> void:
	var client := await connect_client(null, {"n": 1})
	client.close()
	await connect_client(client, {"n": 2})
	expect_eq(await ask(client.get_namespace(), "auth"), [{"n": 2}], "auth")
	client.close()
	await connect_client(client)
	expect_eq(await ask(client.get_namespace(), "auth"), [null], "auth in the end")


func test_auth_may_change_after_the_call() -> void:
	var client := make_client()
	var auth := {"n": 1}
	client.connect_to_url(url(), auth)
	auth.n = 2
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	expect_eq(await ask(client.get_namespace(), "auth"), [{"n": 1}], "auth")


func test_auth_that_cannot_be_sent_is_refused() -> void:
	var client := make_client()
	expect_error("auth.node is an Object")
	expect_eq(client.connect_to_url(url(), {"node": RefCounted.new()}), ERR_INVALID_PARAMETER, "connect_to_url")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func test_auth_of_a_namespace_that_cannot_be_sent_is_refused() -> void:
	var client := await connect_client()
	var chat := client.create_namespace("/chat")
	expect_error("auth.key is a PackedByteArray")
	expect_eq(chat.connect_to_namespace({"key": PackedByteArray([1])}), ERR_INVALID_PARAMETER, "connect_to_namespace")
	expect_eq(chat.get_connection_state(), SocketIONamespace.STATE_DISCONNECTED, "state")


func test_auth_provider_is_asked_in_place_of_the_auth_given() -> void:
	var client := make_client()
	var calls := []
	client.get_namespace().auth_provider = func() -> Dictionary:
		calls.append("asked")
		return {"fresh": calls.size()}
	client.connect_to_url(url(), {"given": true})
	expect_eq(calls, [], "calls within connect_to_url")
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	expect_eq(await ask(client.get_namespace(), "auth"), [{"fresh": 1}], "auth")
	client.close()
	await connect_client(client)
	expect_eq(await ask(client.get_namespace(), "auth"), [{"fresh": 2}], "auth of the next connection")


func test_auth_provider_may_await() -> void:
	var client := await connect_client()
	var admin := client.create_namespace("/admin")
	admin.auth_provider = func() -> Dictionary:
		await frames(5)
		var reply: SocketIOReply = await client.get_namespace().request("echo_ack", ["secret"])
		return {"token": reply.data[0]}
	admin.connect_to_namespace({"token": "wrong"})
	await expect_until(admin.is_namespace_connected, "joining /admin")
	expect_eq(await ask(admin, "auth"), [{"token": "secret"}], "auth")


func test_an_empty_answer_of_auth_provider_is_no_auth() -> void:
	var client := make_client()
	client.get_namespace().auth_provider = func() -> Dictionary: return {}
	await connect_client(client, {"given": true})
	expect_eq(await ask(client.get_namespace(), "auth"), [null], "auth")


func test_an_auth_provider_that_returns_something_else_is_told() -> void:
	var client := make_client()
	client.get_namespace().auth_provider = func() -> String: return "token"
	expect_error("auth_provider of \"/\" returned a value of the type String, not a Dictionary. Return a Dictionary")
	await connect_client(client, {"given": true})
	expect_eq(await ask(client.get_namespace(), "auth"), [{"given": true}], "auth")


func test_an_auth_provider_that_awaits_and_returns_something_else_is_told() -> void:
	var client := make_client()
	client.get_namespace().auth_provider = func() -> void: await frames(2)
	expect_error("auth_provider of \"/\" returned null, not a Dictionary")
	await connect_client(client, {"given": true})
	expect_eq(await ask(client.get_namespace(), "auth"), [{"given": true}], "auth")


func test_an_auth_provider_that_returns_what_cannot_be_sent_is_told() -> void:
	var client := make_client()
	client.get_namespace().auth_provider = func() -> Dictionary: return {"node": self}
	expect_error("returned what cannot be sent: auth.node is an Object")
	await connect_client(client, {"given": true})
	expect_eq(await ask(client.get_namespace(), "auth"), [{"given": true}], "auth")


func test_an_auth_provider_that_takes_a_parameter_is_told() -> void:
	var client := make_client()
	client.get_namespace().auth_provider = func(_path: String) -> Dictionary: return {}
	expect_error("auth_provider of \"/\" was not called: it takes at least 1 parameter(s)")
	await connect_client(client, {"given": true})
	expect_eq(await ask(client.get_namespace(), "auth"), [{"given": true}], "auth")


func test_an_auth_provider_whose_object_is_gone_is_told() -> void:
	var client := make_client()
	var provider := Provider.new()
	client.get_namespace().auth_provider = provider.provide
	provider.free()
	expect_error("auth_provider of \"/\" was not called: its object was freed")
	await connect_client(client, {"given": true})
	expect_eq(await ask(client.get_namespace(), "auth"), [{"given": true}], "auth")


func test_an_auth_provider_whose_object_goes_while_it_awaits_is_told() -> void:
	var client := make_client()
	var provider := Provider.new()
	client.get_namespace().auth_provider = provider.provide
	client.connect_to_url(url(), {"given": true})
	await expect_until(func() -> bool: return provider.calls > 0, "the call")
	expect_error("auth_provider of \"/\" was freed while it awaited something")
	provider.free()
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	expect_eq(await ask(client.get_namespace(), "auth"), [{"given": true}], "auth")


func test_auth_provider_may_close_the_client() -> void:
	var client := make_client()
	var calls := []
	client.get_namespace().auth_provider = func() -> Dictionary:
		calls.append("asked")
		client.close()
		return {"too": "late"}
	client.connect_to_url(url())
	await expect_count(calls, 1, "calls")
	await wait(0.2)
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func test_an_auth_provider_that_was_set_later_counts_for_the_next_join() -> void:
	var server := make_raw_server()
	var client := make_client()
	var main := client.get_namespace()
	client.reconnection_delay = 0.05
	await connect_raw(server, client)
	main.auth_provider = func() -> Dictionary: return {"fresh": 1}
	server.drop()
	await expect_until(func() -> bool: return server.texts().size() == 2, "the next CONNECT")
	await expect_until(main.is_namespace_connected, "reconnecting")
	main.auth_provider = Callable()
	server.drop()
	await expect_until(func() -> bool: return server.texts().size() == 3, "the third CONNECT")
	expect_eq(server.texts(), ["40", '40{"fresh":1}', "40"], "CONNECT packets")


func test_the_answer_to_an_earlier_question_is_dropped() -> void:
	var server := make_raw_server()
	var client := make_client()
	client.reconnection_delay = 0.05
	var gates := [Gate.new(), Gate.new()]
	var calls := []
	client.get_namespace().auth_provider = func() -> Dictionary:
		var number := calls.size()
		calls.append(number)
		await gates[number].opened
		return {"answer": number}
	client.connect_to_url(server.url)
	await expect_count(calls, 1, "questions")
	server.drop()
	await expect_count(calls, 2, "questions after the loss")
	gates[0].opened.emit()
	await frames(5)
	expect_eq(server.texts(), [], "packets after the late answer")
	gates[1].opened.emit()
	await expect_until(client.get_namespace().is_namespace_connected, "joining")
	expect_eq(server.texts(), ['40{"answer":1}'], "CONNECT packets")


func test_an_auth_provider_that_another_thread_resumes() -> void:
	var client := make_client()
	var gate := Gate.new()
	client.get_namespace().auth_provider = func() -> Dictionary:
		await gate.opened
		return {"on_main": OS.get_thread_caller_id() == OS.get_main_thread_id()}
	client.connect_to_url(url(), {"given": true})
	await _open_on_thread(gate)
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	expect_eq(await ask(client.get_namespace(), "auth"), [{"on_main": false}], "auth")


func test_an_auth_provider_that_goes_on_after_another_thread_has_resumed_it() -> void:
	var client := make_client()
	var gate := Gate.new()
	var second := Gate.new()
	client.get_namespace().auth_provider = func() -> Dictionary:
		await gate.opened
		await second.opened
		return {"token": "late"}
	client.connect_to_url(url(), {"given": true})
	await _open_on_thread(gate)
	expect_eq(client.get_namespace().is_namespace_connected(), false, "joined before the answer")
	second.opened.emit()
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	expect_eq(await ask(client.get_namespace(), "auth"), [{"token": "late"}], "auth")


func test_what_an_auth_provider_returns_on_another_thread_is_checked() -> void:
	var client := make_client()
	var gate := Gate.new()
	client.get_namespace().auth_provider = func() -> Variant:
		await gate.opened
		return "token"
	client.connect_to_url(url(), {"given": true})
	expect_error("auth_provider of \"/\" returned a value of the type String, not a Dictionary")
	await _open_on_thread(gate)
	await expect_until(client.get_namespace().is_namespace_connected, "connecting")
	expect_eq(await ask(client.get_namespace(), "auth"), [{"given": true}], "auth")


func test_an_auth_provider_that_a_thread_resumes_after_the_client_is_closed_or_gone() -> void:
	for goes: bool in [false, true]:
		var client := make_client()
		var gate := Gate.new()
		client.get_namespace().auth_provider = func() -> Dictionary:
			await gate.opened
			return {"too": "late"}
		client.connect_to_url(url())
		await expect_until(func() -> bool: return not gate.opened.get_connections().is_empty(), "the question")
		if goes:
			_clients.erase(client)
			client = null
		else:
			client.close()
		await _open_on_thread(gate)
		await frames(3)
		expect_true(client == null or not client.get_namespace().is_namespace_connected(), "nothing was joined")


## As when another thread is quicker than whoever begins to wait for the answer.
func test_an_auth_provider_whose_answer_came_before_anybody_waited_for_it_is_told() -> void:
	var client := make_client()
	var gate := Gate.new()
	var coroutine := func(_index: int) -> Dictionary:
		await gate.opened
		return {"heard": "by nobody"}
	client.get_namespace().auth_provider = func() -> Variant:
		# The engine lets only its own code begin a coroutine without awaiting it.
		var begun := [0].map(coroutine)
		gate.opened.emit()
		return begun[0]
	expect_error("was resumed by another thread before anything could wait for its answer: emit the signal")
	await connect_client(client, {"given": true})
	expect_eq(await ask(client.get_namespace(), "auth"), [{"given": true}], "auth")


## Emits the signal on another thread as soon as somebody awaits it.
func _open_on_thread(gate: Gate) -> void:
	await expect_until(func() -> bool: return not gate.opened.get_connections().is_empty(), "the question")
	var thread := Thread.new()
	thread.start(func() -> void: gate.opened.emit())
	await until(func() -> bool: return not thread.is_alive())
	thread.wait_to_finish()


class Gate:
	extends RefCounted

	signal opened


class Provider:
	extends Node

	signal never
	var calls := 0

	func provide() -> Dictionary:
		calls += 1
		await never
		return {}
