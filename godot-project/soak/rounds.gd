## The rounds of a soak: floods, a fault, a scene change and clients that come and go, and then everything comes to rest.
extends RefCounted

const Arguments := preload("res://arguments.gd")
const Fleet := preload("res://soak/fleet.gd")
const Level := preload("res://soak/level.gd")
const PassersBy := preload("res://soak/passers_by.gd")
const ProcessUsage := preload("res://soak/process_usage.gd")
const Weather := preload("res://soak/weather.gd")

const LEVEL := "res://soak/level.tscn"
const PASSERS_BY := 10
## How long a round may take to come to rest. A dead network is noticed after 1.5 s.
const PATIENCE := 60.0
## The time in which memory is given back and the last threads end.
const REST := 0.3

## What went wrong.
var failures: PackedStringArray = []
## How many there were.
var count := 0

var _tree: SceneTree
var _random := RandomNumberGenerator.new()
var _weather := Weather.new()
var _fleet := Fleet.new()
var _passers_by := PassersBy.new()


func _init(tree: SceneTree) -> void:
	_tree = tree


## Connects to the servers that the command line names.
func begin() -> void:
	var arguments := Arguments.new()
	_random.seed = arguments.value("--seed").to_int()
	_weather.random = _random
	_passers_by.random = _random
	if not await _weather.open(arguments.value("--server"), arguments.value("--polling-server")):
		failures.append("the fault proxies do not listen")
	Level.url = arguments.value("--server").replace("http", "ws")
	_fleet.connect_all(_weather, arguments.value("--server"))


## Plays one, with the next kind of fault.
func play() -> void:
	_tree.change_scene_to_file(LEVEL)
	for i in PASSERS_BY:
		_passers_by.send_one(_weather.any_place(), _tree)
	_fleet.flood()
	await _weather.turn_bad(count)
	_fleet.flood()
	await wait(0.2)
	await _weather.turn_fair()
	await _come_to_rest()
	count += 1


## Returns what this process has, and what has happened so far.
func sample() -> Dictionary:
	var usage := ProcessUsage.read()
	usage.rounds = count
	usage.events = _fleet.events
	usage.reconnects = _fleet.reconnects
	usage.passers_by = _passers_by.total
	return usage


func wait(seconds: float) -> void:
	await _tree.create_timer(seconds).timeout


## Closes the clients, and ends the engine with 0 if nothing went wrong.
func finish() -> void:
	_fleet.close_all()
	for failure in failures:
		printerr("SOAK FAILED in round %d: %s" % [count, failure])
	_tree.quit(0 if failures.is_empty() else 1)


## Waits until every client has an answer, and nothing is under way.
func _come_to_rest() -> void:
	var deadline := Time.get_ticks_msec() + roundi(PATIENCE * 1000.0)
	await _fleet.answer_all(deadline)
	while not _is_at_rest() and Time.get_ticks_msec() < deadline:
		await _tree.process_frame
	if not _is_at_rest():
		failures.append("no rest: %d passers-by, %s, level: %s" % [_passers_by.count, _fleet.describe(), Level.is_ready])
	failures.append_array(_fleet.problems)
	await wait(REST)


func _is_at_rest() -> bool:
	return _passers_by.count == 0 and _fleet.is_at_rest() and Level.is_ready
