# A game that quits while functions await answers and events: they resume before their scripts go.
# expect-exit: 5
# expect-error: resumed: request true
# expect-error: resumed: wait_for true
# expect-error: came to its end after 3 requests
# server: node
extends SceneTree

var _main := SocketIOClient.get_singleton().get_namespace()


func _initialize() -> void:
	SocketIOClient.get_singleton().connect_to_url(OS.get_cmdline_user_args()[1])
	await SocketIOClient.get_singleton().connected
	_request()
	_wait_for()
	_ask_three_times()
	_ask_for_ever()
	await _main.request("echo_ack")
	quit(5)


func _request() -> void:
	var reply: SocketIOReply = await _main.request("ack_never", [], 0)
	push_error("resumed: request %s" % (reply.error == ERR_CONNECTION_ERROR))


func _wait_for() -> void:
	var reply: SocketIOReply = await _main.wait_for("never")
	push_error("resumed: wait_for %s" % (reply.error == ERR_CONNECTION_ERROR))


func _ask_three_times() -> void:
	var replies: Array[SocketIOReply] = []
	for i in 3:
		replies.append(await _main.request("ack_never", [], 0))
	push_error("came to its end after %d requests" % replies.size())


## Never ends by itself, so the exit must not resume it for ever.
func _ask_for_ever() -> void:
	while true:
		await _main.request("ack_delayed", [50])
		await _main.wait_for("never", 0.1)
