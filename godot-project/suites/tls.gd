## TLS and its options, against a server whose certificate nobody has signed but itself.
extends "res://suite.gd"

const SERVERS := ["none"]
## The certificate's only name is that of the host.
const SUBJECT := "CN=localhost,O=Tests,C=ZZ"

var _server := RawServer.new()
var _certificate: X509Certificate


func test_a_certificate_that_the_system_does_not_know_is_refused() -> void:
	_listen()
	await _expect_refused(null)


func test_an_own_root_certificate_is_trusted() -> void:
	_listen()
	await _expect_connected(TLSOptions.client(_certificate))


func test_another_root_certificate_is_not_trusted() -> void:
	_listen()
	await _expect_refused(TLSOptions.client(_make_certificate(_make_key(), SUBJECT)))


func test_the_name_of_the_certificate_must_be_that_of_the_host() -> void:
	_listen("CN=example.org,O=Tests,C=ZZ")
	await _expect_refused(TLSOptions.client(_certificate))


func test_a_common_name_override_stands_in_for_the_host() -> void:
	_listen("CN=example.org,O=Tests,C=ZZ")
	await _expect_connected(TLSOptions.client(_certificate, "example.org"))


func test_a_wrong_common_name_override_is_refused() -> void:
	_listen()
	await _expect_refused(TLSOptions.client(_certificate, "example.org"))


func test_unsafe_options_accept_any_certificate() -> void:
	_listen("CN=example.org,O=Tests,C=ZZ")
	await _expect_connected(TLSOptions.client_unsafe())


func test_the_options_of_a_server_are_refused() -> void:
	var key := _make_key()
	var client := make_client()
	expect_error("SocketIOClient.connect_to_url: tls_options is for a server")
	var options := TLSOptions.server(key, _make_certificate(key, SUBJECT))
	expect_eq(client.connect_to_url("wss://localhost:1", {}, options), ERR_INVALID_PARAMETER, "connect_to_url")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func _listen(subject := SUBJECT) -> void:
	var key := _make_key()
	_certificate = _make_certificate(key, subject)
	expect_eq(_server.listen_tls(key, _certificate), OK, "listen")
	_raw_servers.append(_server)


func _make_key() -> CryptoKey:
	return Crypto.new().generate_rsa(2048)


func _make_certificate(key: CryptoKey, subject: String) -> X509Certificate:
	return Crypto.new().generate_self_signed_certificate(key, subject, "20200101000000", "20450101000000")


func _expect_connected(options: TLSOptions) -> void:
	var client := make_client()
	expect_eq(client.connect_to_url(_server.url, {}, options), OK, "connect_to_url")
	await expect_until(client.get_namespace().is_namespace_connected, "joining /")
	client.get_namespace().emit("over_tls", [PackedByteArray([1, 2])])
	await expect_until(func() -> bool: return _server.messages.has(PackedByteArray([1, 2])), "the attachment")


func _expect_refused(options: TLSOptions) -> void:
	var client := make_client()
	var errors := record(client.connect_error)
	expect_eq(client.connect_to_url(_server.url, {}, options), OK, "connect_to_url")
	await expect_count(errors, 1, "connect_error")
	if not errors.is_empty():
		expect_eq(errors[0].code, SocketIOClient.ERROR_TLS, "code of %s" % errors[0])
		expect_true(errors[0].message.length() > 20, "a message: %s" % errors[0])
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")
