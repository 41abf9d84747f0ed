extends Node
## A player without a window that talks with another such player while the server is killed and started again.
##
## It uses the game's own screens as a player would, and in the end reads what stands in the chat: every line
## of both players, once, in the order said. The exit code is 0 only if that is so.

const Login := preload("res://game/login.gd")
const PrivateRoom := preload("res://game/private_room.gd")
const RoomClient := preload("res://room_client.gd")
const TIMEOUT := 40.0
## How often the server is killed; who does it looks for the two lines below in the output.
const KILLS := 2
const MAY_BE_KILLED := "talks"
const MAY_BE_STARTED := "waits"
## How much is said in each part of the talk, and the pause after each line in seconds.
const LINES := 15
const PAUSE := 0.02
## Repetitions that came late would come within this time, in seconds.
const QUIET_TIME := 0.5
const FAREWELL := "Goodbye, this is "
const WORD := "tea"

var _client: RoomClient
var _name: String
var _step := ""
var _said := 0
## The number of the other player's last line, 0 until it is heard.
var _other_said := 0
var _other_name := ""


func _init(client: RoomClient, player_name: String) -> void:
	_client = client
	_name = player_name


func _ready() -> void:
	_client.failed.connect(_fail)
	_client.chat.line_heard.connect(_on_line_heard)
	get_tree().create_timer(TIMEOUT).timeout.connect(_fail.bind("nothing more came in %d s" % TIMEOUT))
	await get_tree().process_frame
	_play()


func _play() -> void:
	_step = "join"
	(_screen("Login") as Login).join(_name)
	await _client.joined
	_step = "meet the other player"
	_say()
	await _until(func() -> bool: return _other_name != "")
	_tell("met %s" % _other_name)
	_step = "meet %s in a private room" % _other_name
	(_screen("PrivateRoom") as PrivateRoom).enter(WORD)
	await _until(_meets_in_private)

	for kill in KILLS:
		_step = "talk until the server is killed"
		await _talk()
		var place := _place()
		_tell(MAY_BE_KILLED)
		while _client.is_inside:
			_say()
			await _seconds(PAUSE)
		await _talk_while_away()
		_tell(MAY_BE_STARTED)
		await _return()
		# A player without a place is put anywhere by the server.
		if _place() != place:
			return _fail("the place was %s and is %s" % [place, _place()])

	_step = "lose the connection only, while the server and the other player go on"
	await _talk()
	_client.client.pause_connection()
	await _until(func() -> bool: return not _client.is_inside)
	await _talk_while_away()
	_client.client.resume_connection()
	await _return()
	await _talk()

	_step = "hear all that %s said" % _other_name
	_say(FAREWELL)
	await _until(func() -> bool: return _other_said > 0 and not _log().contains("sending..."))
	await _seconds(QUIET_TIME)
	for lines: Array in [[_name, _said], [_other_name, _other_said]]:
		var numbers := _numbers_of(lines[0])
		if numbers != range(1, lines[1] + 1):
			return _fail("of the lines 1 to %d of %s, the chat shows %s" % [lines[1], lines[0], numbers])
		_tell("sees the lines 1 to %d of %s, each once and in order" % [lines[1], lines[0]])

	_step = "leave"
	_client.leave()
	await _client.client.disconnected
	get_tree().quit(0)


func _talk() -> void:
	for line in LINES:
		_say()
		await _seconds(PAUSE)


func _talk_while_away() -> void:
	await _drawn()
	_tell("lost the connection; the banner says: %s" % _banner())
	_step = "talk without a connection"
	await _talk()
	await _drawn()
	if not _log().ends_with("sending...\n"):
		_fail("the chat does not say that the lines are waiting")


func _return() -> void:
	_step = "come back"
	await _until(func() -> bool: return _client.is_inside)
	# Nothing has asked for that: whoever was in it is in it again.
	_step = "meet %s in the private room again" % _other_name
	await _until(_meets_in_private)
	await _drawn()
	_tell("the banner says: %s" % _banner())


## Types a line into the chat.
func _say(text := "This is ") -> void:
	_said += 1
	(_screen("ChatPanel").get_node("%Input") as LineEdit).text_submitted.emit(text + "line %d" % _said)


func _on_line_heard(line: Dictionary, _is_new: bool) -> void:
	_other_name = line.name
	if (line.text as String).begins_with(FAREWELL):
		_other_said = line.number


## The numbers of a player's lines as they stand in the chat.
func _numbers_of(player_name: String) -> Array:
	var numbers := []
	for entry in _log().split("\n"):
		if entry.begins_with(player_name + "  "):
			numbers.append(entry.get_slice("line ", 1).to_int())
	return numbers


func _meets_in_private() -> bool:
	var status: String = (_screen("PrivateRoom").get_node("%Status") as Label).text
	var names := [_name, _other_name]
	names.sort()
	return _client.private_room.space.is_namespace_connected() and status == "\"%s\": %s" % [WORD, ", ".join(names)]


func _place() -> Vector2:
	return Vector2(_client.me.x, _client.me.y)


func _log() -> String:
	return (_screen("ChatPanel").get_node("%Log") as RichTextLabel).get_parsed_text()


func _banner() -> String:
	var banner := _screen("Banner")
	var problem: String = "" if _client.is_inside else (banner.get_node("%Details") as Label).text
	return " ".join([(banner.get_node("%State") as Label).text, problem]).strip_edges()


func _screen(screen_name: String) -> Node:
	return get_parent().find_child(screen_name, true, false)


## Waits until the screens show what has happened: they do so once a frame.
func _drawn() -> void:
	await get_tree().process_frame
	await get_tree().process_frame


## Waits until `condition` returns true; the time-out ends the whole program.
func _until(condition: Callable) -> void:
	while not condition.call():
		await get_tree().process_frame


func _seconds(seconds: float) -> void:
	await get_tree().create_timer(seconds).timeout


func _fail(reason: String) -> void:
	_tell("FAILED to %s: %s" % [_step, reason])
	get_tree().quit(1)


func _tell(text: String) -> void:
	print("[%s] %s" % [_name, text])
