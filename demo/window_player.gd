extends Node
## A player in a window: meets another such player by what the window shows and takes, says what happens, and goes. The exit
## code is 0 only if every step happened.

const Game := preload("res://game/game.gd")
const Login := preload("res://game/login.gd")
const Player := preload("res://room/player.gd")
const Room := preload("res://room/room.gd")
const PlayerScene := preload("res://room/player.tscn")
const TIMEOUT := 60.0
const GREETING := "Hello, I am "

var _name: String
var _step := ""


func _init(player_name: String) -> void:
	_name = player_name


func _ready() -> void:
	get_tree().create_timer(TIMEOUT).timeout.connect(_on_timeout)
	_step = "open a window"
	if DisplayServer.get_name() == "headless":
		return _fail("there is no display")
	# The login comes after this node.
	await get_tree().process_frame

	_step = "join the room"
	(get_parent().find_child("Login", false, false) as Login).join(_name)
	await _until(func() -> bool: return get_parent().get_children().any(func(screen: Node) -> bool: return screen is Game))
	_tell("joined, in a window of %s" % DisplayServer.get_name())

	_step = "see another player in the room"
	await _until(func() -> bool: return "2 players in the room" in _text("Details") and _other() != null)
	var other := _other()
	_tell("sees %s" % other.player_name)

	_step = "walk, and see %s walk" % other.player_name
	var me := _me()
	var places: Array[Vector2] = [me.position, other.position]
	# Into the larger half, where there is no wall.
	var key := KEY_D if me.position.x < Room.SIZE.x / 2.0 else KEY_A
	while me.position == places[0] or other.position == places[1]:
		_hold(key, true)
		await get_tree().process_frame
	_hold(key, false)
	_tell("walked and saw %s walk" % other.player_name)

	_step = "see a player between two places"
	if not _is_interpolated():
		return _fail("it was at one of them")

	_step = "read what %s says" % other.player_name
	(get_parent().find_child("Input", true, false) as LineEdit).text_submitted.emit(GREETING + _name)
	await _until(func() -> bool: return GREETING + other.player_name in _text("Log"))
	_tell("reads \"%s\"" % (GREETING + other.player_name))

	_step = "read that its own line was delivered"
	await _until(func() -> bool: return "delivered to 1" in _text("Log"))
	_tell("reads that its own line was delivered")
	get_tree().quit()


## Whether another player is half-way after half of the time.
func _is_interpolated() -> bool:
	var walker: Player = PlayerScene.instantiate()
	walker.setup("Walker", Color.WHITE, Vector2.ZERO, false)
	walker.glide_to(Vector2(100, 0))
	walker._process(Player.GLIDE_TIME / 2.0)
	var place := walker.position
	walker.free()
	return place.is_equal_approx(Vector2(50, 0))


func _me() -> Player:
	return _players().filter(func(player: Player) -> bool: return player.player_name == _name)[0]


## The first other player, if there is one.
func _other() -> Player:
	var others := _players().filter(func(player: Player) -> bool: return player.player_name != _name)
	return null if others.is_empty() else others[0]


func _players() -> Array[Node]:
	return get_parent().find_child("Players", true, false).get_children()


## What a label shows.
func _text(label: String) -> String:
	var node := get_parent().find_child(label, true, false)
	return (node as RichTextLabel).get_parsed_text() if node is RichTextLabel else (node as Label).text


func _hold(key: Key, pressed: bool) -> void:
	var event := InputEventKey.new()
	event.physical_keycode = key
	event.pressed = pressed
	Input.parse_input_event(event)


## Waits until `condition` returns true; the time-out ends the whole program.
func _until(condition: Callable) -> void:
	while not condition.call():
		await get_tree().process_frame


func _on_timeout() -> void:
	_fail("it did not happen in %d s" % TIMEOUT)


func _tell(what: String) -> void:
	print("[%s] %s" % [_name, what])


func _fail(reason: String) -> void:
	_tell("FAILED to %s: %s" % [_step, reason])
	get_tree().quit(1)
