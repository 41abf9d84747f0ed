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
