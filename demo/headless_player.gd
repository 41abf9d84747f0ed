extends Node
## A player without a window: goes through everything that the demo shows, with another such player,
## and says what happens. The exit code is 0 only if every step happened.

const Picture := preload("res://picture.gd")
const RoomClient := preload("res://room_client.gd")
const TIMEOUT := 45.0
const DIE_SIDES := 6
const GREETING := "Hello, I am "
const FAREWELL := "Goodbye!"
const WORD := "tea"
const SECRET := "Nobody else hears that I stand at "

var _url: String
var _name: String
var _color: Color
var _client: RoomClient
var _step := ""

## What the server told, by the id of the player.
var _names := {}
var _colors := {}
var _first_places := {}
var _places := {}
var _pictures := {}
var _greeted := {}
var _gone := {}
## To how many players each own line was delivered, by its number.
var _delivered := {}
var _history := 0
var _questions := 0
## What is known of the private room.
var _members := []
var _secrets: Array[String] = []
var _refusals: Array[String] = []


func _init(url: String, player_name: String) -> void:
	_url = url
	_name = player_name
	_color = Color.from_hsv((player_name.hash() % 360) / 360.0, 0.6, 1.0)


func _ready() -> void:
	_client = RoomClient.new(SocketIOClient.get_singleton())
	_client.failed.connect(_fail)
	_client.joined.connect(_on_joined)
	_client.player_joined.connect(_remember)
	_client.player_moved.connect(func(id: String, place: Vector2) -> void: _places[id] = place)
	_client.picture_received.connect(func(id: String, png: PackedByteArray) -> void: _pictures[id] = png)
	_client.chat.line_heard.connect(_on_line_heard)
	_client.chat.line_delivered.connect(func(number: int, count: int) -> void: _delivered[number] = count)
	_client.asked_if_ready.connect(func() -> void: _questions += 1)
	_client.private_room.members_changed.connect(func(names: Array) -> void: _members = names)
	_client.private_room.refused.connect(func(message: String) -> void: _refusals.append(message))
	_client.private_room.line_heard.connect(func(line: Dictionary) -> void: _secrets.append(line.name + ": " + line.text))
	add_child(_client)
	get_tree().create_timer(TIMEOUT).timeout.connect(_on_timeout)
	_play()


func _play() -> void:
	_step = "connect to %s and join the room" % _url
	_client.enter(_url, _name, _color)
	await _until(func() -> bool: return not _client.me.is_empty())
	var me: Dictionary = _client.me

	_step = "join the namespace /chat"
	var chat := _client.chat.space
	await _until(chat.is_namespace_connected)
	_tell("joined %s in the session %s" % [chat.get_namespace_path(), chat.get_session_id()])

	_step = "greet in the chat"
	var greeting := GREETING + _name
	_tell("said \"%s\", delivered to %d" % [greeting, await _say(greeting)])

	# Whoever came before has greeted already: the server remembers it. It has been asked before the greeting went out.
	_tell("read %d %s of history" % [_history, "line" if _history == 1 else "lines"])

	_step = "hear another player's greeting"
	await _until(func() -> bool: return not _greeted.is_empty())
	var other: String = _greeted.keys()[0]
	var other_name: String = _names[other]
	_tell("met %s" % other_name)

	_step = "walk, and see %s walk" % other_name
	var place := Vector2(me.x, me.y).round()
	while not _has_walked(other):
		place.x = wrapf(place.x + 8.0, 100.0, 800.0)
		_client.step_to(place)
		await get_tree().create_timer(0.05).timeout
	_client.stop_at(place)
	_tell("walked to %d, %d and saw %s walk" % [place.x, place.y, other_name])

	_step = "get a die rolled"
	var number: int = await _client.roll(DIE_SIDES)
	if number < 1 or number > DIE_SIDES:
		return _fail("the server did not roll the die")
	_tell("asked for a die: the server rolled a %d" % number)

	_step = "have everybody asked by the server"
	var ready_check: Array = await _client.ready_check()
	if not _name in ready_check[0] or not other_name in ready_check[0]:
		return _fail("the ready check gave %s" % [ready_check])
	if _questions == 0:
		return _fail("the server did not ask whether this player is ready")
	_tell("was asked by the server and answered; ready: %s" % ", ".join(ready_check[0]))

	_step = "send a picture"
	var picture := Picture.make(_name, _color)
	if await _client.send_picture(picture) != picture:
		return _fail("the picture came back changed")
	_tell("sent a picture, %d bytes, which came back the same" % picture.size())

	_step = "receive %s's picture" % other_name
	await _until(func() -> bool: return _pictures.has(other))
	if _pictures[other] != Picture.make(other_name, _colors[other]):
		return _fail("%s's picture arrived changed" % other_name)
	_tell("received %s's picture, %d bytes, exactly as it was made" % [other_name, (_pictures[other] as PackedByteArray).size()])

	_step = "be kept out of the private room without its word"
	_client.private_room.enter(me, "")
	await _until(func() -> bool: return not _refusals.is_empty())
	_tell("was kept out of the private room: %s" % _refusals[0])

	_step = "meet %s in the private room of \"%s\"" % [other_name, WORD]
	_client.private_room.enter(me, WORD)
	await _until(func() -> bool: return _name in _members and other_name in _members)
	_step = "talk with %s in private" % other_name
	var secret := SECRET + str(place)
	var listeners: int = await _client.private_room.say(secret)
	if listeners != 1:
		return _fail("the line went to %d players" % listeners)
	_tell("said in private: \"%s\"" % secret)
	# Steps may get lost, but not the last place.
	_step = "hear %s say in private where it stands, and see it there" % other_name
	await _until(func() -> bool: return _secrets == ["%s: %s" % [other_name, SECRET + str(_places[other])]])
	_tell("heard it from %s, who stands there" % other_name)

	# Whoever is done first stays for the other one's questions.
	_step = "say goodbye, and hear it from %s" % other_name
	await _say(FAREWELL)
	await _until(func() -> bool: return _gone.has(other))
	_tell("said goodbye and heard it from %s" % other_name)

	_step = "leave the private room and stay connected"
	_client.private_room.leave()
	await _client.private_room.left
	_tell("left the private room, still in %s" % chat.get_namespace_path())

	_step = "leave /chat and stay connected"
	chat.disconnect_from_namespace()
	await chat.disconnected
	if not _client.room.is_namespace_connected():
		return _fail("leaving /chat ended the main namespace too")
	_tell("left /chat, still in %s" % _client.room.get_namespace_path())

	_step = "leave"
	_client.leave()
	var reason: String = await _client.client.disconnected
	_tell("left: %s" % reason)
	get_tree().quit(0)


## Whether another player is somewhere else than at first.
func _has_walked(id: String) -> bool:
	return _places.has(id) and _places[id] != _first_places[id]


## Says something in the chat and returns to how many players it was delivered.
func _say(text: String) -> int:
	var number := _client.chat.say(text)
	await _until(func() -> bool: return _delivered.has(number))
	return _delivered[number]


## Waits until `condition` returns true; the time-out ends the whole program.
func _until(condition: Callable) -> void:
	while not condition.call():
		await get_tree().process_frame


func _on_joined(me: Dictionary, others: Array) -> void:
	for player: Dictionary in others:
		_remember(player)
	var count := others.size() + 1
	_tell("joined as %s (%d %s)" % [me.id, count, "player" if count == 1 else "players"])


func _remember(player: Dictionary) -> void:
	_names[player.id] = player.name
	_colors[player.id] = Color(player.color)
	_first_places[player.id] = Vector2(player.x, player.y)


func _on_line_heard(line: Dictionary, is_new: bool) -> void:
	var id: String = line.player
	if (line.text as String).begins_with(SECRET):
		_fail("the chat has what was said in private")
	if not is_new:
		_history += 1
	# The history also has lines of players who have left.
	if not _names.has(id):
		return
	if line.text == GREETING + line.name:
		if not _greeted.has(id):
			_tell("heard %s: \"%s\"" % [line.name, line.text])
		_greeted[id] = true
	elif line.text == FAREWELL:
		_gone[id] = true


func _on_timeout() -> void:
	_fail("nothing more came in %d s" % TIMEOUT)


func _fail(reason: String) -> void:
	_tell("FAILED to %s: %s" % [_step, reason])
	get_tree().quit(1)


func _tell(text: String) -> void:
	print("[%s] %s" % [_name, text])
