## The enums are real ones: this suite compiles only if they are.
extends "res://suite.gd"

const SERVERS := ["none"]


func test_a_variable_may_have_the_type_of_the_namespaces_state() -> void:
	var client := make_client()
	var state: SocketIONamespace.ConnectionState = client.get_namespace().get_connection_state()
	expect_eq(state, SocketIONamespace.STATE_DISCONNECTED, "state")
	state = SocketIONamespace.STATE_CONNECTED
	expect_eq(state, SocketIONamespace.ConnectionState.STATE_CONNECTED, "the value by the name of its enum")


func test_a_variable_may_have_the_type_of_the_clients_state() -> void:
	var state: SocketIOClient.ConnectionState = make_client().get_connection_state()
	expect_eq(state, SocketIOClient.ConnectionState.STATE_DISCONNECTED, "state")


func test_a_variable_may_have_the_type_of_the_connect_error() -> void:
	var code: SocketIOClient.ConnectError = SocketIOClient.ERROR_REFUSED
	expect_eq(code, SocketIOClient.ConnectError.ERROR_REFUSED, "code")


func test_states_have_their_numbers() -> void:
	expect_eq(
		[SocketIONamespace.STATE_DISCONNECTED, SocketIONamespace.STATE_CONNECTING, SocketIONamespace.STATE_CONNECTED],
		[0, 1, 2],
		"SocketIONamespace"
	)
	expect_eq(
		[SocketIOClient.STATE_DISCONNECTED, SocketIOClient.STATE_CONNECTING, SocketIOClient.STATE_CONNECTED],
		[0, 1, 2],
		"SocketIOClient"
	)


func test_class_db_knows_the_enums() -> void:
	expect_eq(
		Array(ClassDB.class_get_enum_constants("SocketIONamespace", "ConnectionState")),
		["STATE_DISCONNECTED", "STATE_CONNECTING", "STATE_CONNECTED"],
		"SocketIONamespace.ConnectionState"
	)
	expect_eq(
		Array(ClassDB.class_get_enum_constants("SocketIOClient", "ConnectError")),
		[
			"ERROR_UNKNOWN", "ERROR_DNS", "ERROR_REFUSED", "ERROR_UNREACHABLE", "ERROR_TLS", "ERROR_HTTP_STATUS",
			"ERROR_NOT_SOCKET_IO", "ERROR_UNSUPPORTED_VERSION", "ERROR_NAMESPACE_REFUSED", "ERROR_TIMEOUT",
			"ERROR_PROTOCOL",
		],
		"SocketIOClient.ConnectError"
	)


func test_get_connection_state_returns_the_enum() -> void:
	for type: String in ["SocketIOClient", "SocketIONamespace"]:
		for method: Dictionary in ClassDB.class_get_method_list(type, true):
			if method.name == "get_connection_state":
				expect_eq(method.return.class_name, StringName(type + ".ConnectionState"), type)
