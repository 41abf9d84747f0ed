extends RefCounted
## The players' pictures: small creatures made from a name and a colour, as the bytes of a PNG.

const SIDE := 64
const CELLS := 8
const PNG_SIGNATURE: PackedByteArray = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
const BODY_CHANCE := 0.62


## Returns a picture that is always the same for the same name and colour.
static func make(player_name: String, color: Color) -> PackedByteArray:
	# Others know the colour as it was sent, with 8 bits a component.
	color = Color(color.to_html(false))
	var random := RandomNumberGenerator.new()
	random.seed = player_name.hash()
	var image := Image.create(CELLS, CELLS, false, Image.FORMAT_RGBA8)
	image.fill(color.lerp(Color("1b2230"), 0.78))
	# The left half decides, the right half mirrors it.
	@warning_ignore("integer_division")
	for x in range(1, CELLS / 2):
		for y in range(1, CELLS - 1):
			# The middle is always filled, so that the eyes have a face around them.
			if random.randf() < BODY_CHANCE or (x == 3 and y < 6) or (x == 2 and y in [3, 4]):
				_mirror(image, x, y, color.lightened(random.randf() * 0.25))
	_mirror(image, 2, 3, Color.WHITE)
	_mirror(image, 2, 4, Color("1b2230"))
	image.resize(SIDE, SIDE, Image.INTERPOLATE_NEAREST)
	return image.save_png_to_buffer()


## Returns a picture of an image file, nothing when it is none.
static func from_file(path: String) -> PackedByteArray:
	var image := Image.load_from_file(path)
	if image == null:
		return PackedByteArray()
	var side := mini(image.get_width(), image.get_height())
	@warning_ignore("integer_division")
	var corner := Vector2i(image.get_width() - side, image.get_height() - side) / 2
	image = image.get_region(Rect2i(corner, Vector2i(side, side)))
	image.resize(SIDE, SIDE, Image.INTERPOLATE_LANCZOS)
	return image.save_png_to_buffer()


## Returns what to draw, null when the bytes are no PNG: they come from other players.
static func to_texture(png: PackedByteArray) -> Texture2D:
	var image := Image.new()
	if png.slice(0, PNG_SIGNATURE.size()) != PNG_SIGNATURE or image.load_png_from_buffer(png) != OK:
		return null
	return ImageTexture.create_from_image(image)


static func _mirror(image: Image, x: int, y: int, color: Color) -> void:
	image.set_pixel(x, y, color)
	image.set_pixel(CELLS - 1 - x, y, color)
