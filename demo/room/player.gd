extends Node2D
## One player: a round picture with a ring in the player's colour, a name, and what was said last.

const Picture := preload("res://picture.gd")
const RADIUS := 26.0
const RING := 4.0
const CORNERS := 40
const LINE_LENGTH := 28
## The seconds that another player takes to a place: a bit longer than the next one usually takes to arrive, so that it walks
## on without a stop.
const GLIDE_TIME := 0.07

var player_name := ""

var _color := Color.WHITE
var _picture: Texture2D
## The way that another player is on, and for how long.
var _start := Vector2.ZERO
var _target := Vector2.ZERO
var _gliding := 0.0
var _is_me := false


## Call it before the player enters the tree.
func setup(new_name: String, color: Color, place: Vector2, is_me: bool) -> void:
	player_name = new_name
	_color = color
	_is_me = is_me
	position = place
	_start = place
	_target = place


func _ready() -> void:
	(%Name as Label).text = player_name


## Other players are told of in steps, 20 a second. In the frames between them their places are interpolated.
func glide_to(place: Vector2) -> void:
	if place != _target:
		_start = position
		_target = place
		_gliding = 0.0


func show_picture(png: PackedByteArray) -> void:
	_picture = Picture.to_texture(png)
	queue_redraw()


func say(text: String) -> void:
	var label: Label = %Text
	# Long lines break, short ones get a bubble of their own width.
	var is_long := text.length() > LINE_LENGTH
	label.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART if is_long else TextServer.AUTOWRAP_OFF
	label.custom_minimum_size.x = 220.0 if is_long else 0.0
	label.text = text
	var bubble: Control = %Bubble
	bubble.show()
	bubble.reset_size()
	bubble.position = Vector2(-bubble.size.x / 2.0, -RADIUS - 14.0 - bubble.size.y)
	(%BubbleTimer as Timer).start()


func _process(delta: float) -> void:
	if not _is_me:
		_gliding += delta
		position = _start.lerp(_target, minf(_gliding / GLIDE_TIME, 1.0))


func _draw() -> void:
	draw_set_transform(Vector2(0, RADIUS), 0.0, Vector2(1.0, 0.35))
	draw_circle(Vector2.ZERO, RADIUS, Color(0, 0, 0, 0.3))
	draw_set_transform(Vector2.ZERO)
	if _is_me:
		draw_arc(Vector2.ZERO, RADIUS + RING + 4.0, 0.0, TAU, CORNERS, Color(1, 1, 1, 0.85), 2.0, true)
	draw_circle(Vector2.ZERO, RADIUS + RING, _color, true, -1.0, true)
	if _picture == null:
		draw_circle(Vector2.ZERO, RADIUS, _color.darkened(0.4), true, -1.0, true)
		return
	var points := PackedVector2Array()
	var uvs := PackedVector2Array()
	for corner in CORNERS:
		var direction := Vector2.from_angle(TAU * corner / CORNERS)
		points.append(direction * RADIUS)
		uvs.append(Vector2(0.5, 0.5) + direction * 0.5)
	draw_colored_polygon(points, Color.WHITE, uvs, _picture)
