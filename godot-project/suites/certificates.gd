## What is secret reaches no server but the right one, whichever way the client takes to it.
extends "res://suites/secrets/secret_suite.gd"

const SERVERS := ["node", "polling", "upgrade"]
const NOT_ON := {
	"test_a_bad_certificate_in_the_move_to_a_websocket_is_refused": {
		"node": "it begins with a WebSocket", "polling": "it has no WebSocket",
	},
}
## The certificates that nobody may take for the server's, whether or not its authority is trusted.
const BAD_CERTIFICATES: Array[String] = [
	"self_signed", "expired", "not_yet_valid", "of_another_name", "of_another_authority", "without_its_intermediate",
]


func test_a_bad_certificate_is_refused_by_wss_and_https() -> void:
	await open_tls_proxy()
	for certificate in BAD_CERTIFICATES:
		await proxy.present([certificate])
		for scheme: String in ["wss", "https"]:
			for options: TLSOptions in [null, TLSOptions.client(), tls_options]:
				await _expect_refused(proxy.url.replace("wss", scheme), options, certificate)
	await _expect_secured(0)
	_expect_log_hidden()


func test_the_right_certificate_of_an_unknown_authority_is_refused() -> void:
	await open_tls_proxy()
	await _expect_refused(proxy.url, null, "right")
	await _expect_secured(0)
	var client := make_quick_client()
	await join_through_proxy(client)
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer with the authority")


func test_old_versions_of_tls_are_refused() -> void:
	await open_tls_proxy()
	for version: String in ["TLSv1", "TLSv1.1"]:
		await proxy.present_old_tls(version)
		await _expect_refused(proxy.url, tls_options, version)
		await _expect_refused(proxy.url, TLSOptions.client_unsafe(), version)
	await _expect_secured(0)
	await proxy.present_old_tls("TLSv1.2")
	var client := make_quick_client()
	await join_through_proxy(client)
	expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer over TLS 1.2")


func test_a_bad_certificate_after_a_reconnect_is_refused() -> void:
	for certificate in BAD_CERTIFICATES:
		await open_tls_proxy()
		var client := make_quick_client()
		await join_through_proxy(client, "", {"token": "hidden-auth"})
		var errors := record(client.connect_error)
		var connected := record(client.connected)
		# The move to a WebSocket may be under way.
		await proxy.present([certificate])
		var secured: int = (await proxy.status()).tls_secured
		await proxy.cut()
		await expect_until(func() -> bool: return errors.size() >= 3, "three failures")
		_expect_tls_errors(errors)
		expect_eq((await proxy.status()).tls_secured, secured, "connections that went on")
		expect_eq(connected, [], "connected")
		await proxy.present(["right"])
		await expect_count(connected, 1, "connected to the right server again")
		client.close()


## The first connection asks for a WebSocket where there is none, the second polls.
func test_a_bad_certificate_in_the_fallback_to_long_polling_is_refused() -> void:
	if server_name == "node":
		await _expect_no_fallback()
		return
	for certificate in BAD_CERTIFICATES:
		await open_tls_proxy()
		await proxy.present(["right", certificate])
		var client := make_quick_client()
		client.reconnection = false
		var errors := record(client.connect_error)
		expect_eq(client.connect_to_url(proxy.url.replace("wss", "https"), {"token": "hidden-auth"}, tls_options), OK, "connect_to_url")
		await expect_count(errors, 1, "connect_error")
		expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")
		await _expect_secured(1, 1)


## The third connection is the WebSocket that the session would move to.
func test_a_bad_certificate_in_the_move_to_a_websocket_is_refused() -> void:
	for certificate in BAD_CERTIFICATES.filter(func(name: String) -> bool: return name != "of_another_name"):
		await open_tls_proxy()
		await proxy.present(["right", "right", certificate, "right"])
		# An address needs no look-up, so the connections are made in the order in which they are asked for.
		proxy.url = proxy.url.replace("localhost", "127.0.0.1")
		var client := make_quick_client()
		var ended := record(client.disconnected)
		await join_through_proxy(client)
		expect_eq(await ask(client.get_namespace(), "echo_ack", [1]), [1], "answer")
		await _expect_secured(-1, 1)
		expect_eq(await ask(client.get_namespace(), "echo_ack", [2]), [2], "answer after it")
		expect_eq(client.get_transport_name(), "polling", "transport with " + certificate)
		expect_eq(ended, [], "disconnected")
		client.close()


func test_a_bad_certificate_is_refused_through_the_node() -> void:
	await open_tls_proxy()
	for certificate in BAD_CERTIFICATES + (["right"] as Array[String]):
		await proxy.present([certificate])
		var node := _make_node(proxy.url)
		node.auth = {"token": "hidden-auth"}
		node.reconnection_delay = 0.01
		node.reconnection_delay_max = 0.02
		var errors := record(node.connect_error)
		tree.root.add_child(node)
		await expect_until(func() -> bool: return errors.size() >= 2, "two failures")
		_expect_tls_errors(errors)
		expect_true(not node.get_namespace("/").is_namespace_connected(), "not joined")
		tree.root.remove_child(node)
	await _expect_secured(0)
	_expect_log_hidden()


func _expect_refused(address: String, options: TLSOptions, certificate: String) -> void:
	var client := _make_secret_client()
	client.reconnection = false
	var errors := record(client.connect_error)
	expect_eq(client.connect_to_url(_secret_url(address), {"token": "hidden-auth"}, options), OK, "connect_to_url")
	await expect_count(errors, 1, "connect_error with the certificate " + certificate)
	_expect_tls_errors(errors)
	_expect_hidden(str(errors), "connect_error")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


## Expects so many connections to have gone on after the certificate, and to have been refused, where a number is given.
func _expect_secured(secured: int, refused := -1) -> void:
	var status := await proxy.status()
	for attempt in 200:
		# The proxy hears of the end of a connection a little later than the client.
		if status.tls_secured + status.tls_refused == status.made and status.tls_refused >= refused:
			break
		await frames(1)
		status = await proxy.status()
	if secured >= 0:
		expect_eq(status.tls_secured, secured, "connections that went on")
	if refused >= 0:
		expect_eq(status.tls_refused, refused, "connections that were refused")


func _expect_tls_errors(errors: Array) -> void:
	for error: Dictionary in errors:
		expect_eq(error.code, SocketIOClient.ERROR_TLS, "code of %s" % error)


## A server with WebSocket gives no reason to fall back: a refused certificate is the end.
func _expect_no_fallback() -> void:
	await open_tls_proxy()
	await proxy.present(["self_signed", "right"])
	await _expect_refused(proxy.url, tls_options, "self_signed")
	expect_eq((await proxy.status()).made, 1, "connections")
