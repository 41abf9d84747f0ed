## What happens while the developer is told of something: printing takes its time, and what the game has asked for is done
## by then.
extends "res://suite.gd"

const InterruptingLog := preload("res://suites/telling/interrupting_log.gd")

const SERVERS := ["none"]

var _server: RawServer


func test_close_is_done_before_it_tells_of_what_is_not_sent() -> void:
	var client := await _connect_without_a_reply()
	await _expect_nothing_sent_while_told(client.close)
	await expect_until(func() -> bool: return not _server.is_open(), "the end of the WebSocket")


func test_leaving_is_done_before_it_tells_of_what_is_not_sent() -> void:
	var client := await _connect_without_a_reply()
	await _expect_nothing_sent_while_told(client.get_namespace().disconnect_from_namespace)
	await expect_until(func() -> bool: return "41" in _server.texts(), "DISCONNECT")


## Returns a client that has asked to join and has emitted, and whose server has not answered yet.
func _connect_without_a_reply() -> SocketIOClient:
	_server = make_raw_server()
	_server.accepts_namespaces = false
	var client := make_client()
	expect_eq(client.connect_to_url(_server.url), OK, "connect_to_url")
	client.get_namespace().emit("too late")
	await expect_until(func() -> bool: return "40" in _server.texts(), "CONNECT")
	return client


## Has the server answer while this call tells that the event will not be sent, and expects that it is not.
func _expect_nothing_sent_while_told(leave: Callable) -> void:
	var told := [0]
	var log := InterruptingLog.new("will not be sent", func() -> void:
		told[0] += 1
		_server.send('40{"sid":"late"}')
		for i in 100:
			_server.poll()
			OS.delay_msec(1))
	OS.add_logger(log)
	leave.call()
	OS.remove_logger(log)
	expect_eq(told, [1], "told")
	expect_eq(_server.events(), [], "events that the server got")
