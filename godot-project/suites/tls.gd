## TLS and its options, against servers with certificates of every kind.
##
## [code]cargo xtask[/code] makes the certificates for each run, and its [code]certificates.rs[/code] tells what they
## are.
extends "res://suite.gd"

const Arguments := preload("res://arguments.gd")

const SERVERS := ["none"]

var _server := RawServer.new()
var _folder := Arguments.new().value("--certificates")


func test_a_certificate_of_a_trusted_authority_is_accepted() -> void:
	_listen("right")
	await _expect_connected(TLSOptions.client(_certificate("authority")))


func test_https_is_wss() -> void:
	_listen("right")
	_server.url = _server.url.replace("wss://", "https://")
	await _expect_connected(TLSOptions.client(_certificate("authority")))


func test_https_refuses_what_wss_refuses() -> void:
	_listen("right")
	_server.url = _server.url.replace("wss://", "https://")
	await _expect_refused(null, "TLSOptions.client(authority)")


func test_an_authority_that_the_system_does_not_know_is_refused() -> void:
	_listen("right")
	await _expect_refused(null, "TLSOptions.client(authority)")


func test_client_options_without_a_chain_are_the_systems_roots() -> void:
	_listen("right")
	await _expect_refused(TLSOptions.client(), "TLSOptions.client(authority)")


func test_another_authority_than_the_trusted_one_is_refused() -> void:
	_listen("of_another_authority")
	await _expect_refused(TLSOptions.client(_certificate("authority")), "authority that is not trusted here")


func test_a_self_signed_certificate_is_refused() -> void:
	_listen("self_signed")
	await _expect_refused(null, "is self-signed: trust it with TLSOptions.client(certificate)")


func test_a_self_signed_certificate_can_be_trusted() -> void:
	_listen("self_signed")
	await _expect_connected(TLSOptions.client(_certificate("self_signed")))


func test_a_certificate_that_godot_has_made_can_be_trusted() -> void:
	var crypto := Crypto.new()
	var key := crypto.generate_rsa(2048)
	var certificate := crypto.generate_self_signed_certificate(key, "CN=localhost,O=Tests,C=ZZ")
	expect_eq(_server.listen_tls(key, certificate), OK, "listen")
	_raw_servers.append(_server)
	await _expect_connected(TLSOptions.client(certificate))


func test_an_expired_certificate_is_refused() -> void:
	_listen("expired")
	await _expect_refused(TLSOptions.client(_certificate("authority")), "has expired: renew it on the server")


func test_a_certificate_of_the_future_is_refused() -> void:
	_listen("not_yet_valid")
	await _expect_refused(TLSOptions.client(_certificate("authority")), "is not valid yet: check this device's clock")


func test_a_certificate_for_another_name_is_refused() -> void:
	_listen("of_another_name")
	await _expect_refused(TLSOptions.client(_certificate("authority")), 'not made out to "localhost"')


func test_the_servers_intermediate_certificate_leads_to_the_authority() -> void:
	_listen("with_its_intermediate")
	await _expect_connected(TLSOptions.client(_certificate("authority")))


func test_a_server_without_its_intermediate_certificate_is_refused() -> void:
	_listen("without_its_intermediate")
	await _expect_refused(TLSOptions.client(_certificate("authority")), "let the server send its intermediate certificates")


func test_an_address_in_the_url_must_be_in_the_certificate() -> void:
	_listen("of_the_address")
	_server.url = _server.url.replace("localhost", "127.0.0.1")
	await _expect_connected(TLSOptions.client(_certificate("authority")))


func test_an_address_that_is_not_in_the_certificate_is_refused() -> void:
	_listen("of_the_name")
	_server.url = _server.url.replace("localhost", "127.0.0.1")
	await _expect_refused(TLSOptions.client(_certificate("authority")), 'not made out to "127.0.0.1"')


func test_a_name_is_not_its_address() -> void:
	_listen("of_the_address")
	await _expect_refused(TLSOptions.client(_certificate("authority")), 'not made out to "localhost"')


func test_a_common_name_override_stands_in_for_the_host() -> void:
	_listen("of_another_name")
	await _expect_connected(TLSOptions.client(_certificate("authority"), "game.example.org"))


func test_a_wrong_common_name_override_is_refused() -> void:
	_listen("right")
	var options := TLSOptions.client(_certificate("authority"), "game.example.org")
	await _expect_refused(options, 'not made out to "game.example.org"')


func test_unsafe_options_accept_any_certificate() -> void:
	for name: String in ["self_signed", "expired", "not_yet_valid", "of_another_name", "of_another_authority"]:
		_server = RawServer.new()
		_listen(name)
		await _expect_connected(TLSOptions.client_unsafe())


func test_unsafe_options_with_a_chain_check_all_but_the_name() -> void:
	var options := TLSOptions.client_unsafe(_certificate("authority"))
	_listen("of_another_name")
	await _expect_connected(options)
	_server = RawServer.new()
	_listen("of_another_authority")
	await _expect_refused(options, "authority that is not trusted here")
	_server = RawServer.new()
	_listen("expired")
	await _expect_refused(options, "has expired")


func test_a_refused_certificate_is_refused_at_every_attempt() -> void:
	_listen("right")
	var client := _make_reconnecting_client()
	var errors := record(client.connect_error)
	var connected := record(client.connected)
	client.connect_to_url(_server.url)
	await expect_until(func() -> bool: return errors.size() >= 4, "four failures")
	client.close()
	_expect_tls_errors(errors)
	expect_eq(connected, [], "connected")
	expect_true(_server.connections >= 4, "every attempt was one")


func test_a_server_that_comes_back_with_another_certificate_is_refused() -> void:
	_listen("right")
	var client := _make_reconnecting_client()
	var errors := record(client.connect_error)
	var connected := record(client.connected)
	client.connect_to_url(_server.url, {}, TLSOptions.client(_certificate("authority")))
	await expect_count(connected, 1, "connected")
	_present("of_another_authority")
	_server.drop()
	await expect_until(func() -> bool: return errors.size() >= 3, "three failures")
	_expect_tls_errors(errors)
	expect_eq(connected.size(), 1, "connected")
	_present("right")
	await expect_count(connected, 2, "connected to the right server again")


func test_the_options_of_a_server_are_refused() -> void:
	var client := make_client()
	expect_error("SocketIOClient.connect_to_url: tls_options is for a server")
	var options := TLSOptions.server(_key("right"), _certificate("right"))
	expect_eq(client.connect_to_url("wss://localhost:1", {}, options), ERR_INVALID_PARAMETER, "connect_to_url")
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")


func _listen(name: String) -> void:
	expect_eq(_server.listen_tls(_key(name), _certificate(name)), OK, "listen")
	_raw_servers.append(_server)


func _present(name: String) -> void:
	_server.present(_key(name), _certificate(name))


func _key(name: String) -> CryptoKey:
	var key := CryptoKey.new()
	expect_eq(key.load(_folder.path_join(name + ".key")), OK, "loading the key " + name)
	return key


func _certificate(name: String) -> X509Certificate:
	var certificate := X509Certificate.new()
	expect_eq(certificate.load(_folder.path_join(name + ".crt")), OK, "loading the certificate " + name)
	return certificate


func _make_reconnecting_client() -> SocketIOClient:
	var client := make_client()
	client.reconnection_delay = 0.01
	client.reconnection_delay_max = 0.02
	return client


func _expect_connected(options: TLSOptions) -> void:
	var client := make_client()
	client.reconnection = false
	expect_eq(client.connect_to_url(_server.url, {}, options), OK, "connect_to_url")
	await expect_until(client.get_namespace().is_namespace_connected, "joining / of " + _server.url)
	client.get_namespace().emit("over_tls", [PackedByteArray([1, 2])])
	await expect_until(func() -> bool: return _server.messages.has(PackedByteArray([1, 2])), "the attachment")


## Expects a message that has this advice in it.
func _expect_refused(options: TLSOptions, advice: String) -> void:
	var client := make_client()
	client.reconnection = false
	var errors := record(client.connect_error)
	expect_eq(client.connect_to_url(_server.url, {}, options), OK, "connect_to_url")
	await expect_count(errors, 1, "connect_error")
	_expect_tls_errors(errors)
	for error: Dictionary in errors:
		expect_true(advice in error.message, "the message says \"%s\": %s" % [advice, error.message])
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_DISCONNECTED, "state")
	expect_eq(_server.messages, [], "what the server was told")


func _expect_tls_errors(errors: Array) -> void:
	for error: Dictionary in errors:
		expect_eq(error.code, SocketIOClient.ERROR_TLS, "code of %s" % error)
