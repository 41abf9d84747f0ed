extends Panel
## The room: puts the players where they are, and lets one of them walk.

## The own player is on the way, at `place`.
signal walked(place: Vector2)
## The own player stays at `place`.
signal stopped(place: Vector2)

const Player := preload("res://room/player.gd")
const SIZE := Vector2(896, 560)
## Where one can stand: below the wall, with room for the name.
const FLOOR := Rect2(28, 104, SIZE.x - 56, SIZE.y - 156)
## Pixels a second.
const SPEED := 260.0
## The server hears where one is this often, however many frames a second there are.
const SEND_INTERVAL := 1.0 / 20.0

var _players := {}
var _me: Player
var _is_walking := false
var _since_sent := 0.0


## Adds a player, in place of the one with the same id.
func add_player(info: Dictionary, is_me: bool) -> void:
	remove_player(info.id)
	var player: Player = preload("res://room/player.tscn").instantiate()
	player.setup(info.name, Color(info.color), Vector2(info.x, info.y), is_me)
	%Players.add_child(player)
	_players[info.id] = player
	if is_me:
		_me = player


func remove_player(id: String) -> void:
	if _players.has(id):
		(_players[id] as Player).queue_free()
		_players.erase(id)


func remove_others() -> void:
	for id: String in _players.keys():
		if _players[id] != _me:
			remove_player(id)


func has_player(id: String) -> bool:
	return _players.has(id)


func move_player(id: String, place: Vector2) -> void:
	if _players.has(id):
		(_players[id] as Player).glide_to(place)


func show_picture(id: String, png: PackedByteArray) -> void:
	if _players.has(id):
		(_players[id] as Player).show_picture(png)


func show_bubble(id: String, text: String) -> void:
	if _players.has(id):
		(_players[id] as Player).say(text)


func get_player_name(id: String) -> String:
	return (_players[id] as Player).player_name if _players.has(id) else "Somebody"


func get_player_count() -> int:
	return _players.size()


func _physics_process(delta: float) -> void:
	if _me == null:
		return
	_since_sent += delta
	var direction := _direction()
	_me.position = (_me.position + direction * SPEED * delta).clamp(FLOOR.position, FLOOR.end)
	if direction == Vector2.ZERO:
		if _is_walking:
			stopped.emit(_me.position)
	elif _since_sent >= SEND_INTERVAL:
		_since_sent = 0.0
		walked.emit(_me.position)
	_is_walking = direction != Vector2.ZERO


func _direction() -> Vector2:
	# Letters that are typed are no steps.
	if get_viewport().gui_get_focus_owner() is LineEdit:
		return Vector2.ZERO
	return Input.get_vector("walk_left", "walk_right", "walk_up", "walk_down")
