## Emits and acks while there is no connection.
extends "res://fault_suite.gd"

const SERVERS := ["node", "upgrade", "python", "rust"]
const NOT_ON := {
	"test_s14_volatile_events_do_not_wait": {
		"upgrade": "a volatile event is dropped while a POST or the move to a WebSocket is under way",
	},
}


func test_emits_while_reconnecting_arrive_in_order() -> void:
	var key := fresh_key("order")
	var client := await connect_through_proxy()
	var witness := await connect_client()
	await go_offline(client)
	for i in 100:
		client.get_namespace().emit("remember", [key, i])
	await go_online(client)
	await ask(client.get_namespace(), "echo_ack")
	expect_eq(await recall(witness.get_namespace(), key), range(100).map(func(i: int) -> Array: return [i]), "what the server got")


func test_s13_what_waits_goes_before_what_connected_emits() -> void:
	var key := fresh_key("connected")
	var client := await connect_through_proxy()
	client.connected.connect(func(_id: String) -> void: client.get_namespace().emit("remember", [key, "second"]))
	await go_offline(client)
	client.get_namespace().emit("remember", [key, "first"])
	await go_online(client)
	await ask(client.get_namespace(), "echo_ack")
	expect_eq(await recall(client.get_namespace(), key), [["first"], ["second"]], "order")


func test_what_waits_survives_several_failures() -> void:
	var client := await connect_through_proxy()
	var events := listen(client.get_namespace(), "echo")
	var errors := record(client.connect_error)
	await go_offline(client)
	client.get_namespace().emit("echo", [PackedByteArray([1, 2, 3]), "kept"])
	await expect_until(func() -> bool: return errors.size() >= 4, "failures")
	await go_online(client)
	await expect_count(events, 1, "events")
	expect_eq(events, [[PackedByteArray([1, 2, 3]), "kept"]], "data")


func test_s11_the_acks_of_a_lost_connection_fail_after_disconnected() -> void:
	var client := await connect_through_proxy()
	var order := []
	client.get_namespace().disconnected.connect(func(reason: String) -> void: order.append(reason))
	client.get_namespace().emit_with_ack("ack_never", [], func(answer: Array) -> void: order.append(answer), 0.0)
	await ask(client.get_namespace(), "echo_ack")
	await proxy.cut()
	await expect_count(order, 2, "calls")
	await wait(0.2)
	expect_cut(order, ["transport close", ["timeout"]], "order")


func test_s11_the_ack_of_an_emit_that_waits_outlives_the_connection() -> void:
	var client := await connect_through_proxy()
	var answers := []
	await go_offline(client)
	client.get_namespace().emit_with_ack("echo_ack", ["kept"], func(answer: Array) -> void: answers.append(answer), 0.0)
	await wait(0.2)
	expect_eq(answers, [], "answers while offline")
	await go_online(client)
	await expect_count(answers, 1, "answers")
	expect_eq(answers, [["kept"]], "answers")


func test_s11_the_timeout_of_an_ack_removes_what_waits() -> void:
	var key := fresh_key("late")
	var client := await connect_through_proxy()
	var answers := []
	await go_offline(client)
	client.get_namespace().emit("remember", [key, "before"])
	client.get_namespace().emit_with_ack("remember", [key, "late"], func(answer: Array) -> void: answers.append(answer), 0.2)
	client.get_namespace().emit("remember", [key, "after"])
	await expect_count(answers, 1, "answers")
	await go_online(client)
	await ask(client.get_namespace(), "echo_ack")
	expect_eq(answers, [["timeout"]], "answers")
	expect_eq(await recall(client.get_namespace(), key), [["before"], ["after"]], "what the server got")


func test_s14_volatile_events_do_not_wait() -> void:
	var key := fresh_key("volatile")
	var client := await connect_through_proxy()
	await go_offline(client)
	client.get_namespace().emit_volatile("remember", [key, "volatile"])
	client.get_namespace().emit("remember", [key, "kept"])
	await go_online(client)
	await ask(client.get_namespace(), "echo_ack")
	client.get_namespace().emit_volatile("remember", [key, "connected"])
	await ask(client.get_namespace(), "echo_ack")
	expect_eq(await recall(client.get_namespace(), key), [["kept"], ["connected"]], "what the server got")


func test_more_than_max_buffered_size_is_refused() -> void:
	var key := fresh_key("full")
	await open_proxy()
	var client := make_quick_client()
	client.max_buffered_size = 10_000
	await join_through_proxy(client)
	await go_offline(client)
	client.get_namespace().emit("remember", [key, "before"])
	expect_error("max_buffered_size")
	client.get_namespace().emit("remember", [key, "x".repeat(20_000)])
	client.get_namespace().emit("remember", [key, "after"])
	await go_online(client)
	await ask(client.get_namespace(), "echo_ack")
	expect_eq(await recall(client.get_namespace(), key), [["before"], ["after"]], "what the server got")


func test_the_ack_of_a_refused_emit_is_a_timeout() -> void:
	await open_proxy()
	var client := make_quick_client()
	client.max_buffered_size = 10_000
	await join_through_proxy(client)
	await go_offline(client)
	var answers := []
	expect_error("max_buffered_size")
	client.get_namespace().emit_with_ack("echo_ack", ["x".repeat(20_000)], func(answer: Array) -> void: answers.append(answer), 0.0)
	await expect_count(answers, 1, "answers")
	expect_eq(answers, [["timeout"]], "answers")


func test_emits_wait_while_paused_and_resume_brings_them() -> void:
	var client := await connect_through_proxy()
	client.reconnection_delay = 60.0
	client.reconnection_delay_max = 60.0
	var events := listen(client.get_namespace(), "echo")
	client.pause_connection()
	client.get_namespace().emit("echo", [1])
	await wait(0.2)
	client.get_namespace().emit("echo", [2])
	client.resume_connection()
	await expect_count(events, 2, "events")
	expect_eq(events, [[1], [2]], "events")


func test_a_lost_connection_resolves_a_request() -> void:
	var client := await connect_through_proxy()
	var replies := []
	_request(client.get_namespace(), replies)
	await proxy.cut()
	await expect_count(replies, 1, "replies")
	expect_eq(replies[0].error, ERR_CONNECTION_ERROR, "error")


func _request(channel: SocketIONamespace, replies: Array) -> void:
	replies.append(await channel.request("ack_never", [], 0.0))
