extends MarginContainer
## The game itself: passes on what the players do to the server, and what the server tells to the scenes.

const Banner := preload("res://game/banner.gd")
const ChatPanel := preload("res://game/chat_panel.gd")
const PrivateRoom := preload("res://game/private_room.gd")
const Picture := preload("res://picture.gd")
const Room := preload("res://room/room.gd")
const RoomClient := preload("res://room_client.gd")
const DIE_SIDES := 6

var _client: RoomClient
var _me: Dictionary
var _others: Array
var _picture: PackedByteArray
## Where the lines that this player has said stand in the chat panel, by their numbers.
var _my_entries := {}

@onready var _banner: Banner = %Banner
@onready var _chat: ChatPanel = %ChatPanel
@onready var _private_room: PrivateRoom = %PrivateRoom
@onready var _room: Room = %Room


## Call it before the game enters the tree.
func setup(client: RoomClient, me: Dictionary, others: Array) -> void:
	_client = client
	_me = me
	_others = others


func _ready() -> void:
	_client.returned.connect(_on_returned)
	_client.player_joined.connect(_on_player_joined)
	_client.player_left.connect(_on_player_left)
	_client.player_moved.connect(_room.move_player)
	_client.player_rolled.connect(_on_player_rolled)
	_client.picture_received.connect(_room.show_picture)
	_client.asked_if_ready.connect(_on_asked_if_ready)
	_client.chat.line_heard.connect(_on_line_heard)
	_client.chat.line_delivered.connect(_on_line_delivered)
	get_window().files_dropped.connect(_on_files_dropped)

	_banner.watch(_client)
	_private_room.use(_client)
	_room.add_player(_me, true)
	_show_others(_others)
	_change_picture(Picture.make(_me.name, Color(_me.color)))


func _process(_delta: float) -> void:
	_banner.player_count = _room.get_player_count()


func _on_returned(others: Array) -> void:
	# Some may have left meanwhile, and a restarted server has no pictures.
	_show_others(others)
	_change_picture(_picture)


func _show_others(others: Array) -> void:
	_room.remove_others()
	for player: Dictionary in others:
		_room.add_player(player, false)


func _on_player_joined(player: Dictionary) -> void:
	# One who is here already has just got a new connection.
	if not _room.has_player(player.id):
		_chat.add_notice("%s came in." % player.name)
	_room.add_player(player, false)


func _on_player_left(id: String) -> void:
	_chat.add_notice("%s left." % _room.get_player_name(id))
	_room.remove_player(id)


func _on_player_rolled(id: String, number: int) -> void:
	_room.show_bubble(id, "rolled a %d" % number)


func _on_line_heard(line: Dictionary, is_new: bool) -> void:
	_chat.add_line(line)
	if is_new:
		_room.show_bubble(line.player, line.text)


func _on_asked_if_ready() -> void:
	_chat.add_notice("The server asked whether you are ready.")


func _on_room_walked(place: Vector2) -> void:
	_client.step_to(place)


func _on_room_stopped(place: Vector2) -> void:
	_client.stop_at(place)


func _on_chat_submitted(text: String) -> void:
	_room.show_bubble(_me.id, text)
	var entry := _chat.add_line({"name": _me.name, "color": _me.color, "text": text, "remark": "sending..."})
	_my_entries[_client.chat.say(text)] = entry


func _on_line_delivered(number: int, count: int) -> void:
	_chat.set_remark(_my_entries[number], "delivered to %d" % count)


func _on_roll_pressed() -> void:
	var number: int = await _client.roll(DIE_SIDES)
	_room.show_bubble(_me.id, "rolled a %d" % number if number > 0 else "The die is lost.")


func _on_ready_pressed() -> void:
	var result: Array = await _client.ready_check()
	if result.is_empty():
		_chat.add_notice("The server did not answer.")
		return
	var names: Array = result[0]
	_chat.add_notice("%d of %d ready: %s." % [names.size(), result[1], ", ".join(names)])


func _on_new_face_pressed() -> void:
	_change_picture(Picture.make("%s %d" % [_me.name, randi()], Color(_me.color)))


func _on_leave_pressed() -> void:
	_client.leave()


func _on_files_dropped(files: PackedStringArray) -> void:
	var png := Picture.from_file(files[0])
	if png.is_empty():
		_chat.add_notice("That file is no image.")
	else:
		_change_picture(png)


func _change_picture(png: PackedByteArray) -> void:
	_picture = png
	# What everybody sees is what the server has, so show what came back.
	var stored: PackedByteArray = await _client.send_picture(png)
	if not stored.is_empty():
		_room.show_picture(_me.id, stored)
