## Plays games against a server of random trees until the time is up.
##
## [codeblock lang=text]
## godot --headless --path PROJECT -- --server URL --seconds N --seed N
## [/codeblock]
##
## Ends with 0 when every event was as it was sent, and everything that was kept stayed as it was; with 1 otherwise.
extends Node

const Game := preload("res://game.gd")
const Item := preload("res://item.gd")

const BUILD_ON_WORKER := "socket_io/threads/build_values_on_worker"
const FILL_AGAIN := "socket_io/memory/fill_values_again"
## Who builds the values, and whether those of earlier events are filled again: [on the worker, filled again]. The first is
## the default, and gets most of the time.
const SETTINGS: Array[Array] = [[true, true], [true, true], [false, true], [true, true], [true, false], [false, false]]
## How long a game lasts.
const GAME_SECONDS := 3.0
## Games that are played at the same time, which share what is filled again.
const GAMES := 2
const PATIENCE_SECONDS := 120.0

var _problems: PackedStringArray = []
var _events := 0
var _checks := 0


func _ready() -> void:
	var end := Time.get_ticks_msec() + int(_argument("--seconds").to_float() * 1000.0)
	var game_seed := _argument("--seed").to_int()
	var round_number := 0
	while _problems.is_empty() and (Time.get_ticks_msec() < end or round_number < SETTINGS.size()):
		var settings: Array = SETTINGS[round_number % SETTINGS.size()]
		ProjectSettings.set_setting(BUILD_ON_WORKER, settings[0])
		ProjectSettings.set_setting(FILL_AGAIN, settings[1])
		await _play_round(game_seed + round_number * GAMES)
		round_number += 1
		print("FUZZ %d events, %d checks, %d objects, settings %s" % [_events, _checks, Item.made, settings])
	for problem in _problems.slice(0, 10):
		printerr("FUZZ FAILED: ", problem)
	get_tree().quit(0 if _problems.is_empty() else 1)


func _play_round(game_seed: int) -> void:
	var games: Array[Game] = []
	for i in GAMES:
		var game := Game.new(get_tree(), game_seed + i)
		game.begin(_argument("--server"))
		games.append(game)
	for game in games:
		await game.connected(PATIENCE_SECONDS)
	var end := Time.get_ticks_msec() + int(GAME_SECONDS * 1000.0)
	while Time.get_ticks_msec() < end:
		await get_tree().process_frame
		for game in games:
			game.play_frame()
	for game in games:
		await game.finish(PATIENCE_SECONDS)
		_problems.append_array(game.problems)
		_events += game.events
		_checks += game.checks
		if game.events == 0:
			_problems.append("no event came")
	games.clear()
	await _expect_the_end_of_all_objects()


func _expect_the_end_of_all_objects() -> void:
	# What only the main thread may free is freed within some frames.
	for i in 500:
		if Item.ended == Item.made:
			break
		await get_tree().process_frame
	if Item.ended != Item.made:
		_problems.append("%d of %d objects were freed" % [Item.ended, Item.made])
	if Item.ended_elsewhere > 0:
		_problems.append("%d objects were freed on another thread" % Item.ended_elsewhere)


func _argument(argument_name: String) -> String:
	var arguments := OS.get_cmdline_user_args()
	return arguments[arguments.find(argument_name) + 1]
