extends Node
## Takes a picture of the game: joins it, brings two players along, lets them talk, saves the window and quits.

const Login := preload("res://game/login.gd")
const Picture := preload("res://picture.gd")
const PrivateRoom := preload("res://game/private_room.gd")
const RoomClient := preload("res://room_client.gd")
## Where the guests stand: a third of the width from each other, so that nobody covers anybody.
const LEFT := 130.0
const RIGHT := 770.0
const WORD := "tea"

var _url: String
var _file: String


func _init(url: String, file: String) -> void:
	_url = url
	_file = file


func _ready() -> void:
	# The player of the window joins first, then the guests, so that the chat tells of them.
	await get_tree().process_frame
	var login: Login = get_parent().find_child("Login", false, false)
	login.choose_color(Color("ff9f5a"))
	login.join("Ada")
	await _seconds(1.0)
	await _hold(KEY_D, 0.3)
	var blaise := await _invite("Blaise", Color("5bb8ff"), 1)
	var hedy := await _invite("Hedy", Color("7ddf8f"), 2)
	await _seconds(1.0)

	blaise.chat.say("Hi Ada! New here?")
	await _seconds(0.4)
	_chat("Yes. Where is everybody?")
	await _seconds(0.4)
	hedy.chat.say("By the rug. Roll the die!")
	await _seconds(0.4)
	var private_room: PrivateRoom = get_parent().find_child("PrivateRoom", true, false)
	private_room.enter(WORD)
	hedy.private_room.enter(hedy.me, WORD)
	await _seconds(0.4)
	hedy.private_room.say("Shall we surprise Blaise?")
	await _seconds(0.4)
	private_room.say("With a cake!")
	(get_parent().find_child("Roll", true, false) as Button).pressed.emit()
	(get_parent().find_child("Ready", true, false) as Button).pressed.emit()
	await _seconds(1.0)

	await RenderingServer.frame_post_draw
	get_viewport().get_texture().get_image().save_png(_file)
	get_tree().quit()


func _invite(guest: String, color: Color, number: int) -> RoomClient:
	# A second connection in the same program: the singleton is the window's own.
	var client := RoomClient.new(SocketIOClient.new())
	add_child(client)
	client.enter(_url, guest, color)
	var joined: Array = await client.joined
	await client.chat.space.connected
	client.send_picture(Picture.make(guest, color))
	var ada: Dictionary = joined[1].filter(func(player: Dictionary) -> bool: return player.name == "Ada")[0]
	client.stop_at(Vector2(wrapf(ada.x + number * (RIGHT - LEFT) / 3.0, LEFT, RIGHT), 230 + 100 * number))
	return client


func _chat(text: String) -> void:
	var input: LineEdit = get_parent().find_child("Input", true, false)
	input.text_submitted.emit(text)


func _hold(key: Key, seconds: float) -> void:
	var event := InputEventKey.new()
	event.physical_keycode = key
	event.pressed = true
	Input.parse_input_event(event)
	await _seconds(seconds)
	event = event.duplicate()
	event.pressed = false
	Input.parse_input_event(event)


func _seconds(seconds: float) -> void:
	await get_tree().create_timer(seconds).timeout
