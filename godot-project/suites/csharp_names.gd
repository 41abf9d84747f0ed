## The C# wrapper names its methods, properties and signals in writing: they must be those of the extension, all of them.
extends "res://suite.gd"

const SERVERS := ["none"]
const FOLDER := "res://addons/socketio/csharp/"
const CLASSES := ["SocketIOClient", "SocketIONamespace", "SocketIOReply"]
## What the wrapper has in another way, beside the setters and getters of the properties.
const OWN_WAY := ["is_ok"]


func test_every_name_is_there() -> void:
	for class_title: String in CLASSES:
		var named := _named_in(class_title)
		expect_eq(named.methods, _methods_of(class_title), "methods of " + class_title)
		expect_eq(named.properties, _names(ClassDB.class_get_property_list(class_title, true)), "properties of " + class_title)
		expect_eq(named.signals, _names(ClassDB.class_get_signal_list(class_title, true)), "signals of " + class_title)


func test_the_enumerations_have_the_same_values() -> void:
	_expect_values("SocketIOClient", "ConnectionState", "ConnectionState", "STATE_")
	_expect_values("SocketIOClient", "ConnectErrorCode", "ConnectError", "ERROR_")
	_expect_values("SocketIONamespace", "ConnectionState", "ConnectionState", "STATE_")


func _expect_values(class_title: String, in_csharp: String, enumeration: String, prefix: String) -> void:
	var body := _source(class_title).get_slice("public enum %s\n" % in_csharp, 1).get_slice("\n        }", 0)
	var values := _find("(?m)^ +(\\w+),$", body).map(func(value: String) -> String: return value.to_snake_case())
	var expected := Array(ClassDB.class_get_enum_constants(class_title, enumeration)).map(
		func(value: String) -> String: return value.trim_prefix(prefix).to_lower())
	var joined := func(value: String) -> String: return value.replace("_", "")
	expect_eq(values.map(joined), expected.map(joined), "values of %s.%s" % [class_title, in_csharp])
	for index in expected.size():
		var constant := prefix + (expected[index] as String).to_upper()
		expect_eq(ClassDB.class_get_integer_constant(class_title, constant), index, constant)


func _named_in(class_title: String) -> Dictionary:
	var source := _source(class_title)
	var named := {}
	for kind: String in ["Method", "Property", "Signal"]:
		var body := source.get_slice("private static class %sName" % kind, 1).get_slice("}", 0)
		var names := _find("StringName \\w+ = \"(\\w+)\";", body) if source.contains("class %sName" % kind) else []
		names.sort()
		named[{"Method": "methods", "Property": "properties", "Signal": "signals"}[kind]] = names
	return named


func _source(class_title: String) -> String:
	return FileAccess.get_file_as_string(FOLDER + class_title + ".cs")


func _find(pattern: String, text: String) -> Array:
	return RegEx.create_from_string(pattern).search_all(text).map(func(found: RegExMatch) -> String: return found.get_string(1))


## The methods that are no property's.
func _methods_of(class_title: String) -> Array:
	var names := _names(ClassDB.class_get_method_list(class_title, true))
	for property: Dictionary in ClassDB.class_get_property_list(class_title, true):
		for accessor: String in [
			ClassDB.class_get_property_getter(class_title, property.name), ClassDB.class_get_property_setter(class_title, property.name)
		]:
			names.erase(accessor)
	return names.filter(func(name: String) -> bool: return name not in OWN_WAY)


func _names(described: Array) -> Array:
	var names := described.map(func(member: Dictionary) -> String: return member.name)
	names.sort()
	return names
