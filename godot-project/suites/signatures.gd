## Names, parameters, defaults and return types of the classes, as Godot's reflection tells them.
extends "res://suite.gd"

const SERVERS := ["none"]

## Each method: its parameters, with the defaults that it has, and what it returns.
const METHODS := {
	"SocketIOClient": {
		"get_singleton": [[], TYPE_OBJECT],
		"create_client": [[], TYPE_OBJECT],
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
	},
}
const STATIC_METHODS := ["get_singleton", "create_client"]
const SIGNALS := {
	"SocketIOClient": {
		"connected": [TYPE_STRING],
		"disconnected": [TYPE_STRING],
		"connect_error": [TYPE_DICTIONARY],
		"namespace_connected": [TYPE_STRING],
		"namespace_disconnected": [TYPE_STRING],
	},
	"SocketIONamespace": {
		"connected": [TYPE_STRING],
		"disconnected": [TYPE_STRING],
		"event_received": [TYPE_STRING, TYPE_ARRAY],
	},
}
const PARAMETER_NAMES := {
	"connect_to_url": ["url", "auth", "tls_options"],
	"connect_to_namespace": ["auth"],
	"emit": ["event", "data"],
	"emit_with_ack": ["event", "data", "callback", "timeout"],
	"on": ["event", "callback"],
	"off": ["event", "callback"],
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
	for name: String in ["get_connection_state", "get_namespace_path", "get_session_id", "is_namespace_connected"]:
		expect_true(found[name].flags & METHOD_FLAG_CONST != 0, name + " is const")


func test_signals() -> void:
	for type: String in SIGNALS:
		var found := _by_name(ClassDB.class_get_signal_list(type, true))
		for name: String in SIGNALS[type]:
			expect_true(found.has(name), "%s.%s exists" % [type, name])
			if found.has(name):
				expect_eq(_types(found[name].args), SIGNALS[type][name], "%s.%s" % [type, name])


func test_auto_poll_is_on_by_default() -> void:
	expect_eq(make_client().auto_poll, true, "auto_poll")


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
