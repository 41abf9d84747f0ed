## The main loop of [code]cargo xtask soak[/code]: rounds of floods, faults, scene changes and clients that come and go. After
## each round everything comes to rest, and a line tells what this process has then.
##
## [codeblock lang=text]
## godot --headless --path godot-project -s res://soak/soak.gd -- --seconds N --seed N --server URL
##     --polling-server URL --fault-proxy URL --certificates FOLDER
## [/codeblock]
##
## Exits with 0 when every round came to rest and nothing was lost, doubled or reordered.
extends SceneTree

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

var _random := RandomNumberGenerator.new()
var _weather := Weather.new()
var _fleet := Fleet.new()
var _passers_by := PassersBy.new()
var _failures: PackedStringArray = []


func _initialize() -> void:
	# The first frame has not begun yet.
	_run.call_deferred()


func _run() -> void:
	var arguments := Arguments.new()
	_random.seed = arguments.value("--seed").to_int()
	_weather.random = _random
	_passers_by.random = _random
	if not await _weather.open(arguments.value("--server"), arguments.value("--polling-server")):
		_failures.append("the fault proxies do not listen")
	Level.url = arguments.value("--server").replace("http", "ws")
	_fleet.connect_all(_weather, arguments.value("--server"))
	var start := Time.get_ticks_msec()
	var round_number := 0
	while _failures.is_empty() and Time.get_ticks_msec() - start < arguments.value("--seconds").to_int() * 1000:
		await _play(round_number)
		round_number += 1
		_tell(round_number, (Time.get_ticks_msec() - start) / 1000.0)
	_fleet.close_all()
	for failure in _failures:
		printerr("SOAK FAILED in round %d: %s" % [round_number, failure])
	quit(0 if _failures.is_empty() else 1)


func _play(round_number: int) -> void:
	change_scene_to_file(LEVEL)
	for i in PASSERS_BY:
		_passers_by.send_one(_weather.any_place(), self)
	_fleet.flood()
	await _weather.turn_bad(round_number)
	_fleet.flood()
	await _wait(0.2)
	await _weather.turn_fair()
	await _come_to_rest()


## Waits until every client has an answer, and nothing is under way.
func _come_to_rest() -> void:
	var deadline := Time.get_ticks_msec() + roundi(PATIENCE * 1000.0)
	await _fleet.answer_all(deadline)
	while not _is_at_rest() and Time.get_ticks_msec() < deadline:
		await process_frame
	if not _is_at_rest():
		_failures.append("no rest: %d passers-by, %s, level: %s" % [_passers_by.count, _fleet.describe(), Level.is_ready])
	_failures.append_array(_fleet.problems)
	await _wait(REST)


func _is_at_rest() -> bool:
	return _passers_by.count == 0 and _fleet.is_at_rest() and Level.is_ready


func _wait(seconds: float) -> void:
	await create_timer(seconds).timeout


func _tell(rounds: int, seconds: float) -> void:
	var sample := ProcessUsage.read()
	sample.rounds = rounds
	sample.seconds = seconds
	sample.events = _fleet.events
	sample.reconnects = _fleet.reconnects
	sample.passers_by = _passers_by.total
	print("SOAK ", JSON.stringify(sample))
