## Registering and removing listeners, and the signals that tell of every event.
extends "res://suite.gd"

const SERVERS := ["node", "polling", "upgrade", "python", "rust"]
const NOT_ON := {
	"test_event_emitted_tells_of_every_event_that_is_sent": {
		"polling": "its volatile event is dropped while a POST is under way",
		"upgrade": "its volatile event is dropped while a POST is under way",
	},
}


func test_once_runs_for_one_event() -> void:
	var main := (await connect_client()).get_namespace()
	var events := []
	main.once("burst", func(data: Array) -> void: events.append(data))
	main.emit("burst", [3])
	expect_eq(await ask(main, "echo_ack", ["after"]), ["after"], "answer")
	expect_eq(events, [[0]], "events")


func test_once_is_removed_before_it_is_called() -> void:
	var main := (await connect_client()).get_namespace()
	var seen := []
	main.once("echo", func(_data: Array) -> void: seen.append(main.has_listeners("echo")))
	main.emit("echo")
	await expect_count(seen, 1, "calls")
	expect_eq(seen, [false], "has_listeners within the call")


func test_once_may_register_itself_again_for_the_next_event() -> void:
	var main := (await connect_client()).get_namespace()
	var numbers := []
	# In an array, because a lambda takes a copy of a variable that is assigned after it.
	var handlers: Array[Callable] = []
	handlers.append(func(data: Array) -> void:
		numbers.append(data[0])
		if numbers.size() < 3:
			main.once("burst", handlers[0])
	)
	main.once("burst", handlers[0])
	main.emit("burst", [5])
	expect_eq(await ask(main, "echo_ack", []), [], "answer")
	expect_eq(numbers, [0, 1, 2], "numbers")
	handlers.clear()


func test_once_twice_runs_twice_for_one_event() -> void:
	var main := (await connect_client()).get_namespace()
	var events := []
	var listener := func(data: Array) -> void: events.append(data)
	main.once("burst", listener)
	main.once("burst", listener)
	main.emit("burst", [3])
	expect_eq(await ask(main, "echo_ack", []), [], "answer")
	expect_eq(events, [[0], [0]], "events")


func test_off_removes_a_once_listener() -> void:
	var main := (await connect_client()).get_namespace()
	var events := []
	var listener := func(data: Array) -> void: events.append(data)
	main.once("echo", listener)
	main.off("echo", listener)
	await reply(main, "echo", [1], "echo")
	expect_eq(events, [], "events")


func test_a_once_listener_that_polls_runs_once() -> void:
	var client := await connect_client()
	var main := client.get_namespace()
	var numbers := []
	main.on("burst", func(data: Array) -> void:
		if data[0] == 0:
			client.poll()
	)
	main.once("burst", func(data: Array) -> void: numbers.append(data[0]))
	main.emit("burst", [20])
	expect_eq(await ask(main, "echo_ack", []), [], "answer")
	expect_eq(numbers.size(), 1, "calls")


func test_once_answers_the_server() -> void:
	var main := (await connect_client()).get_namespace()
	main.once("question", func(data: Array, ack: Callable) -> void: ack.call([data[0], "answered"]))
	expect_eq(await reply(main, "ask", [7], "answer"), [7, "answered"], "answer")
	expect_eq(await reply(main, "ask", [8], "no_answer"), [], "the next question")


func test_once_and_on_run_in_the_order_of_their_registration() -> void:
	var main := (await connect_client()).get_namespace()
	var order := []
	main.on("echo", func(_data: Array) -> void: order.append("first"))
	main.once("echo", func(_data: Array) -> void: order.append("second"))
	main.on("echo", func(_data: Array) -> void: order.append("third"))
	await reply(main, "echo", [], "echo")
	await reply(main, "echo", [], "echo")
	expect_eq(order, ["first", "second", "third", "first", "third"], "order")


func test_off_all_removes_the_listeners_of_one_event() -> void:
	var main := (await connect_client()).get_namespace()
	var echoes := listen(main, "echo")
	listen(main, "echo")
	main.once("echo", func(data: Array) -> void: echoes.append(data))
	var bursts := listen(main, "burst")
	main.off_all("echo")
	main.emit("echo", [1])
	main.emit("burst", [1])
	await expect_count(bursts, 1, "events of the other name")
	expect_eq(echoes, [], "events")
	expect_eq([main.has_listeners("echo"), main.has_listeners("burst")], [false, true], "has_listeners")


func test_off_all_without_a_name_removes_every_listener() -> void:
	var main := (await connect_client()).get_namespace()
	var events := listen(main, "echo")
	main.on("burst", func(data: Array) -> void: events.append(data))
	main.off_all()
	main.emit("echo", [1])
	main.emit("burst", [1])
	expect_eq(await ask(main, "echo_ack", []), [], "answer")
	expect_eq(events, [], "events")
	expect_eq([main.has_listeners("echo"), main.has_listeners("burst")], [false, false], "has_listeners")


func test_off_all_in_a_handler() -> void:
	var main := (await connect_client()).get_namespace()
	var numbers := []
	main.on("burst", func(data: Array) -> void:
		numbers.append(data[0])
		main.off_all()
	)
	main.emit("burst", [3])
	expect_eq(await ask(main, "echo_ack", []), [], "answer")
	expect_eq(numbers, [0], "numbers")


func test_off_all_keeps_the_signals() -> void:
	var main := (await connect_client()).get_namespace()
	var received := record(main.event_received)
	main.off_all()
	main.emit("echo", [1])
	await expect_count(received, 1, "event_received")


func test_get_listeners_are_the_callables_in_order() -> void:
	var main := make_client().get_namespace()
	var first := func(_data: Array) -> void: pass
	var second := func(_data: Array, _ack: Callable) -> void: pass
	expect_eq(main.get_listeners("news").size(), 0, "without any")
	main.on("news", first)
	main.once("news", second)
	main.on("news", first)
	main.on("other", second)
	# The call compiles only if the array is typed.
	var listeners: Array[Callable] = main.get_listeners("news")
	expect_eq(Array(listeners, TYPE_NIL, &"", null), [first, second, first], "listeners")


func test_a_listener_whose_object_is_gone_is_none() -> void:
	var main := make_client().get_namespace()
	var node := Node.new()
	main.on("news", Callable(node, "get_name").unbind(1))
	expect_eq(main.has_listeners("news"), true, "has_listeners before")
	node.free()
	expect_eq(main.has_listeners("news"), false, "has_listeners")
	expect_eq(main.get_listeners("news").size(), 0, "get_listeners")


func test_event_emitted_tells_of_every_event_that_is_sent() -> void:
	var main := (await connect_client()).get_namespace()
	var emitted := record(main.event_emitted)
	main.emit("echo", [1, {"a": PackedByteArray([1, 2])}])
	main.emit_volatile("echo", [2])
	expect_eq(emitted, [], "event_emitted within the call")
	expect_eq(await ask(main, "echo_ack", ["three"]), ["three"], "answer")
	expect_eq(
		emitted,
		[["echo", [1, {"a": PackedByteArray([1, 2])}]], ["echo", [2]], ["echo_ack", ["three"]]],
		"event_emitted"
	)


func test_event_emitted_comes_when_a_waiting_event_is_sent() -> void:
	var client := make_client()
	var main := client.get_namespace()
	var order := []
	main.event_emitted.connect(func(event: String, _data: Array) -> void: order.append(event))
	main.connected.connect(func(_id: String) -> void: order.append("connected"))
	main.emit("echo", [1])
	await wait(0.1)
	expect_eq(order, [], "before connecting")
	await connect_client(client)
	await expect_count(order, 2, "signals")
	expect_eq(order, ["echo", "connected"], "order")


func test_connect_error_of_a_namespace_tells_of_its_refusal() -> void:
	var client := await connect_client()
	var admin := client.create_namespace("/admin")
	var errors := record(admin.connect_error)
	var other_errors := record(client.get_namespace().connect_error)
	var client_errors := record(client.connect_error)
	admin.connect_to_namespace({"token": "wrong"})
	await expect_count(errors, 1, "connect_error")
	expect_eq(errors[0].code, SocketIOClient.ERROR_NAMESPACE_REFUSED, "code")
	expect_eq(errors[0].namespace, "/admin", "namespace")
	await expect_count(client_errors, 1, "connect_error of the client")
	expect_eq(client_errors, errors, "connect_error of the client")
	expect_eq(other_errors, [], "connect_error of the other namespace")


func test_connect_error_of_a_namespace_tells_of_failed_attempts_while_it_waits() -> void:
	var server := make_raw_server()
	server.stop()
	var client := make_client()
	var chat := client.create_namespace("/chat")
	var idle := client.create_namespace("/idle")
	var errors := record(chat.connect_error)
	var idle_errors := record(idle.connect_error)
	client.connect_to_url(server.url)
	chat.connect_to_namespace()
	await expect_until(func() -> bool: return not errors.is_empty(), "connect_error")
	client.close()
	expect_eq(errors[0].code, SocketIOClient.ERROR_REFUSED, "code")
	expect_eq(idle_errors, [], "connect_error of a namespace that nobody joins")
