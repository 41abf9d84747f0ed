## Emits made before the namespace is joined.
extends "res://suite.gd"

const SERVERS := ["node", "polling", "upgrade", "python", "rust"]
const NOT_ON := {
	"test_volatile_events_do_not_wait": {
		"polling": "a volatile event is dropped while a POST or the move to a WebSocket is under way",
		"upgrade": "a volatile event is dropped while a POST or the move to a WebSocket is under way",
	},
}


func test_emits_before_connect_to_url_wait_in_order() -> void:
	var client := make_client()
	var events := listen(client.get_namespace(), "echo")
	for i in 10:
		client.get_namespace().emit("echo", [i])
	await frames(3)
	client.connect_to_url(url())
	await expect_count(events, 10, "events")
	expect_eq(events, range(10).map(func(i: int) -> Array: return [i]), "order")


func test_emits_while_connecting_go_out_after_the_join() -> void:
	var client := make_client()
	var events := listen(client.get_namespace(), "echo")
	client.connect_to_url(url())
	client.get_namespace().emit("echo", ["early"])
	await expect_count(events, 1, "events")
	expect_eq(events, [["early"]], "data")


func test_emits_right_after_connect_to_namespace_wait_for_the_join() -> void:
	var client := await connect_client()
	var slow := client.create_namespace("/slow")
	var events := listen(slow, "echo")
	slow.connect_to_namespace()
	slow.emit("echo", [1])
	slow.emit("echo", [2])
	expect_eq(slow.get_connection_state(), SocketIONamespace.STATE_CONNECTING, "state")
	await expect_count(events, 2, "events")
	expect_eq(events, [[1], [2]], "order")


func test_emits_in_a_namespace_that_was_never_joined_wait_for_it() -> void:
	var client := await connect_client()
	var chat := client.create_namespace("/chat")
	var events := listen(chat, "echo")
	chat.emit("echo", ["patient"])
	await wait(0.2)
	expect_eq(client.get_connection_state(), SocketIOClient.STATE_CONNECTED, "the connection is unharmed")
	chat.connect_to_namespace()
	await expect_count(events, 1, "events")
	expect_eq(events, [["patient"]], "data")


func test_emits_with_binary_wait_as_well() -> void:
	var client := make_client()
	var events := listen(client.get_namespace(), "echo")
	client.get_namespace().emit("echo", [PackedByteArray([1, 2, 3])])
	client.get_namespace().emit("echo", ["after"])
	client.connect_to_url(url())
	await expect_count(events, 2, "events")
	expect_eq(events, [[PackedByteArray([1, 2, 3])], ["after"]], "data")


func test_emit_with_ack_before_connecting_is_answered_after_it() -> void:
	var client := make_client()
	var answers := []
	client.get_namespace().emit_with_ack("echo_ack", [1], func(answer: Array) -> void: answers.append(answer))
	client.connect_to_url(url())
	await expect_count(answers, 1, "answers")
	expect_eq(answers, [[1]], "answers")


func test_an_ack_times_out_while_the_emit_waits_and_the_emit_is_not_sent() -> void:
	var key := "late-%d" % Time.get_ticks_usec()
	var client := make_client()
	var answers := []
	client.get_namespace().emit_with_ack("remember", [key], func(answer: Array) -> void: answers.append(answer), 0.2)
	await expect_count(answers, 1, "answers")
	expect_eq(answers, [["timeout"]], "answers")
	await connect_client(client)
	expect_eq(await ask(client.get_namespace(), "recall", [key]), [[]], "what the server got")


func test_events_before_connected_handlers_keep_their_place() -> void:
	var client := make_client()
	var events := listen(client.get_namespace(), "echo")
	client.connected.connect(func(_id: String) -> void: client.get_namespace().emit("echo", ["in connected"]))
	client.connect_to_url(url())
	client.get_namespace().emit("echo", ["before"])
	await expect_count(events, 2, "events")
	expect_eq(events, [["before"], ["in connected"]], "order")


func test_close_while_connecting_drops_what_waits() -> void:
	var key := "dropped-%d" % Time.get_ticks_usec()
	var client := make_client()
	client.connect_to_url(url())
	client.get_namespace().emit("remember", [key])
	client.close()
	await connect_client(client)
	expect_eq(await ask(client.get_namespace(), "recall", [key]), [[]], "what the server got")


func test_volatile_events_do_not_wait() -> void:
	var client := make_client()
	var main := client.get_namespace()
	var events := listen(main, "echo")
	main.emit_volatile("echo", ["before connecting"])
	client.connect_to_url(url())
	main.emit_volatile("echo", ["while connecting"])
	await expect_until(main.is_namespace_connected, "connecting")
	main.emit_volatile("echo", ["connected"])
	await expect_count(events, 1, "events")
	expect_eq(await ask(main, "echo_ack", []), [], "answer")
	client.close()
	main.emit_volatile("echo", ["closed"])
	await frames(3)
	expect_eq(events, [["connected"]], "events")


func test_a_volatile_event_that_cannot_be_sent_at_all_is_told() -> void:
	var main := make_client().get_namespace()
	expect_error("SocketIONamespace.emit_volatile: emit \"move\": data[0] is an Object")
	main.emit_volatile("move", [self])
	expect_error("SocketIONamespace.emit_volatile: emit \"disconnect\": this name is reserved")
	main.emit_volatile("disconnect")
