extends CenterContainer
## Asks for a name, a colour and a server.

signal submitted(url: String, player_name: String, color: Color)

const Picture := preload("res://picture.gd")
const COLORS: Array[Color] = [
	Color("ff9f5a"), Color("ffd35c"), Color("7ddf8f"), Color("4fd1c5"),
	Color("5bb8ff"), Color("a78bfa"), Color("f472b6"), Color("ff7a70"),
]
const NAMES: Array[String] = ["Ada", "Blaise", "Curie", "Dirac", "Euler", "Fermi", "Gauss", "Hedy"]

var _color: Color = COLORS.pick_random()


## Call it before the login enters the tree.
func setup(url: String) -> void:
	(%Server as LineEdit).text = url


func _ready() -> void:
	(%PlayerName as LineEdit).text = NAMES.pick_random()
	(%PlayerName as LineEdit).grab_focus()
	for color in COLORS:
		_add_color_button(color)
	_show_picture()


## Joins under this name; an empty one is not accepted.
func join(player_name: String) -> void:
	if player_name.strip_edges().is_empty():
		show_message("Everybody in the room has a name.")
		return
	(%PlayerName as LineEdit).text = player_name
	(%Message as Label).text = ""
	(%Join as Button).disabled = true
	(%Join as Button).text = "Connecting..."
	submitted.emit((%Server as LineEdit).text.strip_edges(), player_name.strip_edges(), _color)


## Says why there is no connection, and lets the player try again.
func show_message(message: String) -> void:
	(%Message as Label).text = message
	(%Join as Button).disabled = false
	(%Join as Button).text = "Join"


func choose_color(color: Color) -> void:
	_color = color
	_show_picture()


func _on_join_pressed() -> void:
	join((%PlayerName as LineEdit).text)


func _on_player_name_changed(_text: String) -> void:
	_show_picture()


func _add_color_button(color: Color) -> void:
	var style := StyleBoxFlat.new()
	style.bg_color = color
	style.set_corner_radius_all(8)
	var button := Button.new()
	button.custom_minimum_size = Vector2(36, 36)
	for state in ["normal", "hover", "pressed"]:
		button.add_theme_stylebox_override(state, style)
	button.pressed.connect(choose_color.bind(color))
	%Colors.add_child(button)


func _show_picture() -> void:
	var png := Picture.make((%PlayerName as LineEdit).text, _color)
	(%Picture as TextureRect).texture = Picture.to_texture(png)
