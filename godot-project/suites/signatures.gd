## Names, parameters, defaults and return types of the classes, as Godot's reflection tells them.
extends "res://suite.gd"

const SERVERS := ["none"]

## Each method: its parameters, with the defaults that it has, and what it returns.
const METHODS := {
	"SocketIOClient": {
		"get_singleton": [[], TYPE_OBJECT],
		"connect_to_url": [[TYPE_STRING, TYPE_DICTIONARY, TYPE_OBJECT], TYPE_INT, {}, null],
		"close": [[], TYPE_NIL],
		"poll": [[], TYPE_NIL],
		"create_namespace": [[TYPE_STRING], TYPE_OBJECT],
		"get_namespace": [[TYPE_STRING], TYPE_OBJECT, "/"],
		"has_namespace": [[TYPE_STRING], TYPE_BOOL],
		"is_socket_connected": [[], TYPE_BOOL],
		"get_connection_state": [[], TYPE_INT],
		"get_connection_url": [[], TYPE_STRING],
		"get_engine_io_session_id": [[], TYPE_STRING],
		"get_transport_name": [[], TYPE_STRING],
		"get_latency": [[], TYPE_FLOAT],
		"get_statistics": [[], TYPE_DICTIONARY],
		"reconnect_now": [[], TYPE_NIL],
		"pause_connection": [[], TYPE_NIL],
		"resume_connection": [[], TYPE_NIL],
	},
	"SocketIONamespace": {
		"connect_to_namespace": [[TYPE_DICTIONARY], TYPE_INT, {}],
		"disconnect_from_namespace": [[], TYPE_NIL],
		"emit": [[TYPE_STRING, TYPE_ARRAY], TYPE_NIL, []],
		"emit_with_ack": [[TYPE_STRING, TYPE_ARRAY, TYPE_CALLABLE, TYPE_FLOAT], TYPE_NIL, 5.0],
		"on": [[TYPE_STRING, TYPE_CALLABLE], TYPE_NIL],
		"off": [[TYPE_STRING, TYPE_CALLABLE], TYPE_NIL],
		"get_connection_state": [[], TYPE_INT],
		"get_namespace_path": [[], TYPE_STRING],
		"get_session_id": [[], TYPE_STRING],
		"is_namespace_connected": [[], TYPE_BOOL],
		"once": [[TYPE_STRING, TYPE_CALLABLE], TYPE_NIL],
		"off_all": [[TYPE_STRING], TYPE_NIL, ""],
		"has_listeners": [[TYPE_STRING], TYPE_BOOL],
		"get_listeners": [[TYPE_STRING], TYPE_ARRAY],
		"emit_volatile": [[TYPE_STRING, TYPE_ARRAY], TYPE_NIL, []],
		"request": [[TYPE_STRING, TYPE_ARRAY, TYPE_FLOAT], TYPE_SIGNAL, [], 5.0],
		"wait_for": [[TYPE_STRING, TYPE_FLOAT], TYPE_SIGNAL, 0.0],
		"coalesce": [[TYPE_STRING, TYPE_BOOL], TYPE_NIL, true],
	},
	"SocketIOReply": {
		"is_ok": [[], TYPE_BOOL],
	},
}
const PROPERTIES := {
	"SocketIOClient": {
		"auto_poll": TYPE_BOOL,
		"path": TYPE_STRING,
		"query": TYPE_DICTIONARY,
		"extra_headers": TYPE_DICTIONARY,
		"reconnection": TYPE_BOOL,
		"reconnection_attempts": TYPE_INT,
		"reconnection_delay": TYPE_FLOAT,
		"reconnection_delay_max": TYPE_FLOAT,
		"randomization_factor": TYPE_FLOAT,
		"connect_timeout": TYPE_FLOAT,
		"connect_main_namespace": TYPE_BOOL,
		"max_payload_size": TYPE_INT,
		"max_attachments": TYPE_INT,
		"max_buffered_size": TYPE_INT,
		"poll_budget_usec": TYPE_INT,
	},
	"SocketIONamespace": {
		"auth_provider": TYPE_CALLABLE,
		"ack_timeout": TYPE_FLOAT,
		"retries": TYPE_INT,
		"recovered": TYPE_BOOL,
	},
	"SocketIOReply": {
		"error": TYPE_INT,
		"data": TYPE_ARRAY,
	},
}
const STATIC_METHODS := ["get_singleton"]
const SIGNALS := {
	"SocketIOClient": {
		"connected": [TYPE_STRING],
		"disconnected": [TYPE_STRING],
		"connect_error": [TYPE_DICTIONARY],
		"namespace_connected": [TYPE_STRING],
		"namespace_disconnected": [TYPE_STRING],
		"reconnect_attempt": [TYPE_INT, TYPE_FLOAT],
		"reconnected": [TYPE_INT],
		"reconnect_failed": [],
	},
	"SocketIONamespace": {
		"connected": [TYPE_STRING],
		"disconnected": [TYPE_STRING],
		"event_received": [TYPE_STRING, TYPE_ARRAY],
		"connect_error": [TYPE_DICTIONARY],
		"event_emitted": [TYPE_STRING, TYPE_ARRAY],
	},
	"SocketIOReply": {},
}
const PARAMETER_NAMES := {
	"connect_to_url": ["url", "auth", "tls_options"],
	"connect_to_namespace": ["auth"],
	"emit": ["event", "data"],
	"emit_with_ack": ["event", "data", "callback", "timeout"],
	"on": ["event", "callback"],
	"off": ["event", "callback"],
	"once": ["event", "callback"],
	"off_all": ["event"],
	"has_listeners": ["event"],
	"get_listeners": ["event"],
	"emit_volatile": ["event", "data"],
	"request": ["event", "data", "timeout"],
	"wait_for": ["event", "timeout"],
	"coalesce": ["event", "enabled"],
}


func test_methods() -> void:
	for type: String in METHODS:
		var found := _by_name(ClassDB.class_get_method_list(type, true))
		for name: String in METHODS[type]:
			var expected: Array = METHODS[type][name]
			expect_true(found.has(name), "%s.%s exists" % [type, name])
			if not found.has(name):
				continue
			var method: Dictionary = found[name]
			expect_eq(_types(method.args), expected[0], "parameters of %s.%s" % [type, name])
			expect_eq(method.default_args, expected.slice(2), "defaults of %s.%s" % [type, name])
			expect_eq(method.return.type, expected[1], "return type of %s.%s" % [type, name])
			expect_eq(
				bool(method.flags & METHOD_FLAG_STATIC), name in STATIC_METHODS, "%s.%s is static" % [type, name]
			)


func test_parameters_have_their_names() -> void:
	for type: String in METHODS:
		var found := _by_name(ClassDB.class_get_method_list(type, true))
		for name: String in PARAMETER_NAMES:
			if not METHODS[type].has(name):
				continue
			var names: Array = found[name].args.map(func(argument: Dictionary) -> String: return argument.name)
			expect_eq(names, PARAMETER_NAMES[name], "%s.%s" % [type, name])


func test_getters_of_a_namespace_are_const() -> void:
	var found := _by_name(ClassDB.class_get_method_list("SocketIONamespace", true))
	for name: String in ["get_connection_state", "get_namespace_path", "get_session_id", "is_namespace_connected", "has_listeners", "get_listeners"]:
		expect_true(found[name].flags & METHOD_FLAG_CONST != 0, name + " is const")


func test_signals() -> void:
	for type: String in SIGNALS:
		var found := _by_name(ClassDB.class_get_signal_list(type, true))
		for name: String in SIGNALS[type]:
			expect_true(found.has(name), "%s.%s exists" % [type, name])
			if found.has(name):
				expect_eq(_types(found[name].args), SIGNALS[type][name], "%s.%s" % [type, name])


func test_properties() -> void:
	for type: String in PROPERTIES:
		var found := _by_name(ClassDB.class_get_property_list(type, true))
		for name: String in PROPERTIES[type]:
			expect_true(found.has(name), "%s.%s exists" % [type, name])
			if found.has(name):
				expect_eq(found[name].type, PROPERTIES[type][name], "type of %s.%s" % [type, name])


func test_what_a_property_tells_of_the_past_is_read_only() -> void:
	expect_eq(ClassDB.class_get_property_setter("SocketIONamespace", "recovered"), &"", "setter of recovered")
	for property: String in PROPERTIES["SocketIOReply"]:
		expect_eq(ClassDB.class_get_property_setter("SocketIOReply", property), &"", "setter of " + property)


func test_the_error_of_a_reply_has_the_type_of_the_engines_own() -> void:
	var found := _by_name(ClassDB.class_get_property_list("SocketIOReply", true))
	expect_eq(found["error"].class_name, &"Error", "SocketIOReply.error")


func test_get_listeners_returns_an_array_of_callables() -> void:
	var found := _by_name(ClassDB.class_get_method_list("SocketIONamespace", true))
	expect_eq(found["get_listeners"].return.hint, PROPERTY_HINT_ARRAY_TYPE, "hint")
	expect_eq(found["get_listeners"].return.hint_string, "Callable", "type of its elements")


func test_the_classes_are_reference_counted() -> void:
	for type: String in METHODS:
		expect_eq(ClassDB.get_parent_class(type), &"RefCounted", type)


func _by_name(members: Array) -> Dictionary:
	var found := {}
	for member: Dictionary in members:
		found[member.name] = member
	return found


func _types(arguments: Array) -> Array:
	return arguments.map(func(argument: Dictionary) -> int: return argument.type)
