## Asks the server what a game has said that is over, and expects all of it, in order.
extends SceneTree

const EVENTS := 200
## How often each is asked for: the server may still be reading.
const ATTEMPTS := 100

var _main := SocketIOClient.get_singleton().get_namespace()


func _initialize() -> void:
	SocketIOClient.get_singleton().connect_to_url(OS.get_cmdline_user_args()[1])
	for key: String in ["closed", "open", "left"]:
		var numbers := []
		for attempt in ATTEMPTS:
			var answer: SocketIOReply = await _main.request("recall", [key])
			numbers = answer.data[0].map(func(data: Array) -> int: return data[0]) if answer.is_ok() else []
			if numbers.size() >= EVENTS:
				break
			await create_timer(0.05).timeout
		if numbers != range(EVENTS):
			push_error("%s: %d of %d events arrived, in this order: %s" % [key, numbers.size(), EVENTS, numbers])
	quit()
