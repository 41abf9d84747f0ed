@tool
extends "res://shared/editor_test.gd"
## What a developer does all day: plays the game, which connects, and stops it. A client of the editor's own watches what
## the server sees of the games.
##
## [codeblock lang=text]
## godot --headless --editor --path tests/play -- --server URL
## [/codeblock]

const PLAYS := 4
const QUITTING_GAME := "res://quitting_game.tscn"

var _observer: SocketIOClient
var _games_played := 0


## A game that was played, as it told the server.
class Game:
	var session_id: String
	var process_id: int

	func _init(introduction: Array) -> void:
		session_id = introduction[0]
		process_id = introduction[1]



func _run() -> void:
	var server := _argument("--server")
	# The editor does not pass on its own arguments.
	ProjectSettings.set_setting("editor/run/main_run_args", "--headless -- --server " + server)
	await _until_scanned()
	_observer = SocketIOClient.new()
	_observer.connect_to_url(server)
	await _until(_is_observing, "the editor's own connection")
	var session_id := _observer.get_namespace().get_session_id()

	await _play_and_stop()
	# What the first play needed stays.
	var files := _count_open_files()
	for i in PLAYS - 1:
		await _play_and_stop()
	await _play_instead_of_another()
	await _play_until_it_quits()

	await _until(func() -> bool: return _count_open_files() <= files, "the end of what more plays have opened")
	_expect(_observer.get_namespace().get_session_id() == session_id, "the editor's own connection was lost")
	_observer.close()
	_observer = null


func _play_and_stop() -> void:
	EditorInterface.play_main_scene()
	await _stop(await _joined_game())


func _play_instead_of_another() -> void:
	EditorInterface.play_main_scene()
	var other := await _joined_game()
	EditorInterface.play_main_scene()
	var game := await _joined_game()
	await _expect_gone(other)
	await _stop(game)


func _play_until_it_quits() -> void:
	EditorInterface.play_custom_scene(QUITTING_GAME)
	await _expect_end_of(await _joined_game())


func _is_observing() -> bool:
	return _observer.get_namespace().is_namespace_connected()


## The game that is played now, once the server knows it.
func _joined_game() -> Game:
	_games_played += 1
	var games := []
	await _until(func() -> bool:
		games.assign(await _ask("recall", ["games"]))
		return games.size() >= _games_played, "game %d at the server" % _games_played)
	_expect(games.size() == _games_played, "%d games have joined in place of %d" % [games.size(), _games_played])
	return Game.new(games.back() if not games.is_empty() else ["", 0])


## Stops the game that is played.
func _stop(game: Game) -> void:
	EditorInterface.stop_playing_scene()
	await _expect_end_of(game)
	var end: Variant = await _ask("end_of", [game.session_id])
	_expect(end == "connection", "for the server the game that was stopped ended by %s" % end)


## The editor plays nothing any more, and nothing is left of the game.
func _expect_end_of(game: Game) -> void:
	await _until(func() -> bool: return not EditorInterface.is_playing_scene(), "the end of playing")
	await _expect_gone(game)


func _expect_gone(game: Game) -> void:
	await _until(func() -> bool: return not _is_running(game), "the end of the game's process")
	await _until(func() -> bool: return not await _ask("is_connected", [game.session_id]), "the end of the game's connection")


## A process that ended and that nobody has waited for counts as running.
func _is_running(game: Game) -> bool:
	return DirAccess.dir_exists_absolute("/proc/%d" % game.process_id)


## The first value that the server answers.
func _ask(event: String, data: Array) -> Variant:
	var reply: SocketIOReply = await _observer.get_namespace().request(event, data, 0.0)
	_expect(reply.is_ok(), "the server did not answer to " + event)
	return reply.data[0] if reply.is_ok() else null


## The files and sockets that the editor has open.
func _count_open_files() -> int:
	return DirAccess.get_files_at("/proc/self/fd").size()
