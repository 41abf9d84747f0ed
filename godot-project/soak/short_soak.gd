## The main loop of [code]cargo xtask test --suite soak[/code]: every kind of fault once, and then once more, after which
## this process has what it had before. Its arguments are those of [code]soak.gd[/code].
extends SceneTree

const Rounds := preload("res://soak/rounds.gd")
const Weather := preload("res://soak/weather.gd")

## Time in which the connections end that were closed in a dead network.
const LULL := 6.0
## How long what is left over may take to go.
const PATIENCE := 30.0
## What may be there besides: the engine and the system make some things when they are wanted first. A round that leaves
## one thing behind leaves more.
const ALLOWED := {"threads": 3, "sockets": 3, "files": 5, "objects": 3, "resident_kib": 24 * 1024}


func _initialize() -> void:
	# The first frame has not begun yet.
	_run.call_deferred()


func _run() -> void:
	var rounds := Rounds.new(self)
	await rounds.begin()
	await _play_all(rounds)
	await rounds.wait(LULL)
	var before := rounds.sample()
	await _play_all(rounds)
	var deadline := Time.get_ticks_msec() + roundi(PATIENCE * 1000.0)
	var growth := _growth(before, rounds.sample())
	while not growth.is_empty() and Time.get_ticks_msec() < deadline:
		await rounds.wait(0.5)
		growth = _growth(before, rounds.sample())
	if not growth.is_empty():
		rounds.failures.append("there is more than before: %s" % ", ".join(growth))
	print("before: ", before)
	print("after:  ", rounds.sample())
	rounds.finish()


func _play_all(rounds: Rounds) -> void:
	for fault in Weather.Fault.size():
		if rounds.failures.is_empty():
			await rounds.play()


## Returns what has grown by more than it may.
func _growth(before: Dictionary, after: Dictionary) -> PackedStringArray:
	var grown: PackedStringArray = []
	for quantity: String in ALLOWED:
		if after.get(quantity, 0) > before.get(quantity, 0) + ALLOWED[quantity]:
			grown.append("%s: %s, before %s" % [quantity, after[quantity], before[quantity]])
	return grown
