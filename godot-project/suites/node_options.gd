## The properties of SocketIONode: what the Inspector shows and a scene saves, and the way of the options to the client.
extends "res://suites/node/node_suite.gd"

const SERVERS := ["node", "python", "rust"]
const NOT_ON := {
	"test_an_option_that_is_changed_at_run_time_counts_for_the_next_attempt": {"rust": "socketioxide has no call for close_me"},
	"test_an_option_that_is_edited_in_place_counts_as_well": {"rust": "socketioxide has no call for close_me"},
}
## The properties that a client does not have, and their defaults.
const OWN := {
	"url": "",
	"auth": {},
	"namespaces": [],
	"autoconnect": true,
	"share_singleton": false,
}
const VALUES := {
	"auto_poll": false, "path": "/other/", "query": {"a": 1}, "extra_headers": {"X-A": "1"}, "reconnection": false,
	"reconnection_attempts": -1, "reconnection_delay": 0.0, "reconnection_delay_max": 60.5,
	"randomization_factor": 1.0, "connect_timeout": 0.5, "connect_main_namespace": false,
	"max_payload_size": 1, "max_attachments": 0, "max_buffered_size": 1, "poll_budget_usec": 2000,
}


func test_it_has_every_option_of_the_client_with_its_type_and_default() -> void:
	var node := make_node()
	var client := make_client()
	var options := _properties_of("SocketIOClient")
	var own := _properties_of("SocketIONode")
	expect_eq(options.size(), VALUES.size(), "options of the client")
	for option: String in options:
		expect_eq(own.get(option, {}).get("type"), options[option].type, "type of " + option)
		expect_eq(node.get(option), client.get(option), option)
		expect_eq(ClassDB.class_get_property_default_value("SocketIONode", option), client.get(option), "default of " + option)
		expect_eq(own.get(option, {}).get("usage", 0) & PROPERTY_USAGE_DEFAULT, PROPERTY_USAGE_DEFAULT, "usage of " + option)
	expect_eq(own.size(), options.size() + OWN.size(), "properties: %s" % [own.keys()])


func test_its_own_properties_have_their_defaults() -> void:
	var node := SocketIONode.new()
	hold(node)
	for property: String in OWN:
		var value: Variant = node.get(property)
		expect_eq(Array(value) if value is PackedStringArray else value, OWN[property], property)


func test_it_has_every_signal_of_the_client() -> void:
	var signals := {}
	for declared: Dictionary in ClassDB.class_get_signal_list("SocketIONode", true):
		signals[declared.name] = declared.args
	for declared: Dictionary in ClassDB.class_get_signal_list("SocketIOClient", true):
		expect_eq(signals.get(declared.name), declared.args, declared.name)
	expect_eq(signals.size(), ClassDB.class_get_signal_list("SocketIOClient", true).size(), "signals")


func test_the_inspector_groups_the_options_and_knows_their_units() -> void:
	var groups := []
	for property: Dictionary in ClassDB.class_get_property_list("SocketIONode", true):
		if property.usage & PROPERTY_USAGE_GROUP:
			groups.append(property.name)
	expect_eq(groups, ["Connection", "Reconnection", "Reconnection", "Dispatch", "Limits"], "groups")
	var own := _properties_of("SocketIONode")
	expect_eq(own.url.hint, PROPERTY_HINT_PLACEHOLDER_TEXT, "hint of url")
	for option: String in ["connect_timeout", "reconnection_delay", "reconnection_delay_max"]:
		expect_eq(own[option].hint, PROPERTY_HINT_RANGE, "hint of " + option)
		expect_true(own[option].hint_string.ends_with("or_greater,suffix:s"), "unit of " + option)
	expect_eq(own.randomization_factor.hint_string, "0,1,0.01", "range of randomization_factor")
	expect_true(own.poll_budget_usec.hint_string.ends_with("suffix:µs"), "unit of poll_budget_usec")
	expect_true(own.max_payload_size.hint_string.ends_with("suffix:B"), "unit of max_payload_size")


func test_a_scene_saves_nothing_that_is_at_its_default() -> void:
	var node := SocketIONode.new()
	hold(node)
	expect_eq(saved_properties(node), {}, "saved of a fresh node")
	enter(node)
	node.autoconnect = false
	await frames(2)
	expect_eq(saved_properties(node), {"autoconnect": false}, "saved of one that was in the tree")


func test_a_scene_saves_what_is_not_at_its_default() -> void:
	var properties := VALUES.duplicate()
	properties.merge({"url": "ws://h", "auth": {"a": 1}, "namespaces": PackedStringArray(["/a"]), "autoconnect": false, "share_singleton": true})
	var node := make_node(properties)
	expect_eq(saved_properties(node), _sorted(properties, saved_properties(node)), "saved")
	node.get_client()
	expect_eq(saved_properties(node), _sorted(properties, saved_properties(node)), "saved when there is a client")


func test_what_is_set_before_there_is_a_client_reaches_it() -> void:
	var client := make_node(VALUES).get_client()
	for option: String in VALUES:
		expect_eq(client.get(option), VALUES[option], option)


func test_what_is_set_afterwards_reaches_it_as_well() -> void:
	var node := make_node()
	var client := node.get_client()
	for option: String in VALUES:
		node.set(option, VALUES[option])
		expect_eq(client.get(option), VALUES[option], option + " of the client")
		expect_eq(node.get(option), VALUES[option], option)


func test_what_is_set_in_the_client_is_seen_in_the_node() -> void:
	var node := make_node()
	var client := node.get_client()
	for option: String in VALUES:
		client.set(option, VALUES[option])
		expect_eq(node.get(option), VALUES[option], option)


func test_a_value_that_makes_no_sense_is_refused_and_changes_nothing() -> void:
	var wrong := {
		"reconnection_delay": -1.0, "reconnection_delay_max": NAN, "randomization_factor": 1.1, "connect_timeout": 0.0,
		"max_payload_size": 0, "max_attachments": -1, "max_buffered_size": -5, "poll_budget_usec": -1,
		"extra_headers": {"X-A": "1\r\nX-B: 2"}, "path": "/a\nb",
	}
	var node := make_node()
	for with_client: bool in [false, true]:
		if with_client:
			node.get_client()
		for option: String in wrong:
			var before: Variant = node.get(option)
			expect_error("SocketIONode.%s:" % option)
			node.set(option, wrong[option])
			expect_eq(node.get(option), before, option)


func test_dictionaries_can_be_edited_in_place() -> void:
	var node := make_node()
	node.auth["token"] = "t"
	node.query["a"] = "1"
	var headers := node.extra_headers
	expect_eq([node.auth, node.query], [{"token": "t"}, {"a": "1"}], "dictionaries")
	var client := node.get_client()
	headers["X-A"] = "1"
	node.query["b"] = "2"
	expect_eq([client.query, client.extra_headers], [{"a": "1", "b": "2"}, {"X-A": "1"}], "dictionaries of the client")


func test_nodes_do_not_share_dictionaries() -> void:
	make_node().query["a"] = "1"
	make_node().auth["a"] = "1"
	expect_eq([make_node().query, make_node().auth, make_client().query], [{}, {}, {}], "dictionaries")


func test_a_typed_dictionary_is_as_good() -> void:
	var auth: Dictionary[String, int] = {"level": 5}
	var node := await connect_node({"auth": auth})
	expect_eq(await ask(node.get_namespace("/"), "auth"), [{"level": 5}], "auth")


func test_a_duplicate_has_the_same_properties_and_a_client_of_its_own() -> void:
	var node := make_node(VALUES)
	var client := node.get_client()
	var copy: SocketIONode = node.duplicate()
	hold(copy)
	for option: String in VALUES:
		expect_eq(copy.get(option), VALUES[option], option)
	expect_true(copy.get_client() != client, "another client")
	copy.query["b"] = 2
	expect_eq(node.query, {"a": 1}, "query of the first")


func test_options_reach_the_server() -> void:
	var node := await connect_node({"query": {"a": "1"}, "extra_headers": {"X-Game": "g"}})
	var handshake: Array = await ask(node.get_namespace("/"), "handshake")
	expect_eq([handshake[0].query.get("a"), handshake[0].headers.get("x-game")], ["1", "g"], "handshake")


func test_an_option_that_is_changed_at_run_time_counts_for_the_next_attempt() -> void:
	var node := await connect_node({"reconnection_delay": 0.1})
	var connected := record(node.connected)
	node.query = {"changed": "yes"}
	node.get_namespace("/").emit("close_me")
	await expect_count(connected, 1, "connected again")
	var handshake: Array = await ask(node.get_namespace("/"), "handshake")
	expect_eq(handshake[0].query.get("changed"), "yes", "query")


func test_an_option_that_is_edited_in_place_counts_as_well() -> void:
	var node := await connect_node({"reconnection_delay": 0.1})
	var connected := record(node.connected)
	node.disconnected.connect(func(reason: String) -> void: node.query["lost"] = reason)
	node.get_namespace("/").emit("close_me")
	await expect_count(connected, 1, "connected again")
	var handshake: Array = await ask(node.get_namespace("/"), "handshake")
	expect_eq(handshake[0].query.get("lost"), "transport close", "query")


func test_without_auto_poll_the_game_polls() -> void:
	var node := make_node({"auto_poll": false})
	var connected := record(node.connected)
	enter(node)
	await wait(0.3)
	expect_eq(connected.size(), 0, "connected without a poll")
	await until(func() -> bool:
		node.get_client().poll()
		return not connected.is_empty()
	)
	expect_eq(connected.size(), 1, "connected")


func test_without_the_main_namespace_the_signals_are_those_of_the_transport() -> void:
	var node := make_node({"connect_main_namespace": false, "namespaces": PackedStringArray(["/chat"])})
	var connected := record(node.connected)
	enter(node)
	await expect_until(node.get_namespace("/chat").is_namespace_connected, "joining /chat")
	expect_eq(connected, [""], "connected")
	expect_eq(node.get_namespace("/").is_namespace_connected(), false, "the main namespace")


## The properties that a class has by itself, by name.
func _properties_of(type: String) -> Dictionary:
	var found := {}
	for property: Dictionary in ClassDB.class_get_property_list(type, true):
		if property.usage & (PROPERTY_USAGE_GROUP | PROPERTY_USAGE_CATEGORY) == 0:
			found[property.name] = property
	return found


## The same properties in the order of another dictionary.
func _sorted(properties: Dictionary, order: Dictionary) -> Dictionary:
	var sorted := {}
	for property: String in order:
		sorted[property] = properties.get(property)
	for property: String in properties:
		sorted[property] = properties[property]
	return sorted
