extends Control
## Draws the room that the players walk in, out of plain shapes.

const WALL_HEIGHT := 76.0
const PLANK_HEIGHT := 44.0
const PLANK_LENGTH := 224.0
const WALL := Color("33415c")
const SKIRTING := Color("26314a")
const PLANKS: Array[Color] = [Color("8a6a4f"), Color("84644a"), Color("8f6f54"), Color("7f6047")]
const GAP := Color("6d5039")


func _draw() -> void:
	_draw_floor()
	_draw_wall()
	_draw_rug(Vector2(size.x * 0.5, size.y * 0.58))
	_draw_sofa(Rect2(250, 88, 190, 62))
	_draw_table(Vector2(size.x * 0.8, size.y * 0.32))
	_draw_plant(Vector2(54, 128))
	_draw_plant(Vector2(size.x - 54, size.y - 60))
	_draw_bookcase(Rect2(size.x - 190, 14, 130, 92))


func _draw_floor() -> void:
	draw_rect(Rect2(Vector2.ZERO, size), GAP)
	var row := 0
	var y := WALL_HEIGHT
	while y < size.y:
		var x := -PLANK_LENGTH * (row % 2) * 0.5
		var column := 0
		while x < size.x:
			var color := PLANKS[(row * 3 + column) % PLANKS.size()]
			draw_rect(Rect2(x, y, PLANK_LENGTH - 2.0, PLANK_HEIGHT - 2.0), color)
			x += PLANK_LENGTH
			column += 1
		y += PLANK_HEIGHT
		row += 1


func _draw_wall() -> void:
	draw_rect(Rect2(0, 0, size.x, WALL_HEIGHT), WALL)
	for x: float in [110.0, 500.0]:
		_draw_window(Rect2(x, 8, 110, 46))
	draw_rect(Rect2(0, WALL_HEIGHT - 8, size.x, 8), SKIRTING)


func _draw_window(frame: Rect2) -> void:
	_draw_box(frame.grow(4), Color("e8dcc8"), 4)
	draw_rect(frame, Color("8ecdf2"))
	draw_circle(frame.position + Vector2(84, 14), 9.0, Color("ffe9a8"))
	draw_circle(frame.position + Vector2(32, 48), 16.0, Color("7bbf7a"))
	draw_circle(frame.position + Vector2(64, 50), 18.0, Color("69ad6b"))
	# What of the hills hangs over the sill.
	draw_rect(Rect2(frame.position + Vector2(0, 46), Vector2(110, WALL_HEIGHT - 54)), WALL)
	_draw_box(Rect2(frame.position + Vector2(-8, 46), Vector2(126, 7)), Color("e8dcc8"), 3)
	draw_rect(Rect2(frame.position + Vector2(53, 0), Vector2(4, 46)), Color("e8dcc8"))


func _draw_rug(center: Vector2) -> void:
	draw_set_transform(center, 0.0, Vector2(1.0, 0.62))
	for ring: Array in [[210.0, "2f4a73"], [196.0, "d9c8a4"], [186.0, "3b5f92"], [120.0, "4a75ae"], [60.0, "d9c8a4"], [50.0, "3b5f92"]]:
		draw_circle(Vector2.ZERO, ring[0], Color(ring[1] as String), true, -1.0, true)
	draw_set_transform(Vector2.ZERO)


func _draw_sofa(place: Rect2) -> void:
	_draw_box(Rect2(place.position + Vector2(0, 8), place.size), Color(0, 0, 0, 0.22), 16)
	_draw_box(place, Color("a14f5b"), 16)
	_draw_box(Rect2(place.position + Vector2(14, 22), Vector2(78, 34)), Color("bd6671"), 8)
	_draw_box(Rect2(place.position + Vector2(98, 22), Vector2(78, 34)), Color("bd6671"), 8)


func _draw_table(center: Vector2) -> void:
	draw_circle(center + Vector2(0, 8), 56.0, Color(0, 0, 0, 0.22), true, -1.0, true)
	draw_circle(center, 56.0, Color("c79a63"), true, -1.0, true)
	draw_circle(center, 49.0, Color("d5aa74"), true, -1.0, true)
	draw_circle(center + Vector2(-16, -10), 11.0, Color("f4f1ea"), true, -1.0, true)
	draw_circle(center + Vector2(-16, -10), 7.5, Color("5a3b28"), true, -1.0, true)
	_draw_box(Rect2(center + Vector2(6, 2), Vector2(30, 22)), Color("f4f1ea"), 3)
	_draw_box(Rect2(center + Vector2(10, 7), Vector2(18, 3)), Color("9aa5b8"), 1)
	_draw_box(Rect2(center + Vector2(10, 13), Vector2(14, 3)), Color("9aa5b8"), 1)


func _draw_plant(center: Vector2) -> void:
	draw_circle(center + Vector2(0, 10), 26.0, Color(0, 0, 0, 0.22), true, -1.0, true)
	draw_circle(center, 22.0, Color("b5653f"), true, -1.0, true)
	draw_circle(center, 17.0, Color("5a3b28"), true, -1.0, true)
	for leaf in 7:
		var direction := Vector2.from_angle(TAU * leaf / 7.0)
		var color := Color("4f9a5b") if leaf % 2 == 0 else Color("63b36d")
		draw_set_transform(center + direction * 17.0, direction.angle(), Vector2(1.0, 0.5))
		draw_circle(Vector2.ZERO, 17.0, color, true, -1.0, true)
	draw_set_transform(Vector2.ZERO)
	draw_circle(center, 9.0, Color("3f8450"), true, -1.0, true)


func _draw_bookcase(place: Rect2) -> void:
	_draw_box(Rect2(place.position + Vector2(0, 6), place.size), Color(0, 0, 0, 0.22), 6)
	_draw_box(place, Color("5d4330"), 6)
	var colors: Array[Color] = [Color("d97757"), Color("e8c468"), Color("6aa9d8"), Color("7dbf8a"), Color("b48ad6")]
	for shelf in 2:
		var top := place.position + Vector2(8, 8 + shelf * 42)
		draw_rect(Rect2(top, Vector2(place.size.x - 16, 36)), Color("3f2d20"))
		var x := 3.0
		var book := shelf
		while x < place.size.x - 28.0:
			var height := 24.0 + 4.0 * ((book * 7) % 3)
			draw_rect(Rect2(top + Vector2(x, 36 - height), Vector2(9, height)), colors[book % colors.size()])
			x += 9.0 if book % 4 != 3 else 16.0
			book += 1


func _draw_box(box: Rect2, color: Color, radius: int) -> void:
	var style := StyleBoxFlat.new()
	style.bg_color = color
	style.set_corner_radius_all(radius)
	draw_style_box(style, box)
