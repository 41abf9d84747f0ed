extends Node
## Where the demo starts: the login, then the game; or one of the scripts that the command line asks for.

const Game := preload("res://game/game.gd")
const Login := preload("res://game/login.gd")
const Options := preload("res://options.gd")
const RoomClient := preload("res://room_client.gd")

var _options := Options.new()
var _client: RoomClient
var _screen: Node


func _ready() -> void:
	if _options.headless_player != "":
		add_child(preload("res://headless_player.gd").new(_options.server, _options.headless_player))
		return

	_client = RoomClient.new(SocketIOClient.get_singleton())
	_client.joined.connect(_on_joined)
	_client.failed.connect(_on_failed)
	_client.left.connect(_show_login)
	add_child(_client)
	if _options.headless_chatter != "":
		add_child(preload("res://headless_chatter.gd").new(_client, _options.headless_chatter))
	if _options.window_player != "":
		add_child(preload("res://window_player.gd").new(_options.window_player))
	if _options.screenshot != "":
		add_child(preload("res://screenshot.gd").new(_options.server, _options.screenshot))

	_show_login()
	if _options.player_name != "":
		(_screen as Login).join(_options.player_name)


func _show_login() -> void:
	var login: Login = preload("res://game/login.tscn").instantiate()
	login.setup(_options.server)
	login.submitted.connect(_client.enter)
	_show(login)


func _on_joined(me: Dictionary, others: Array) -> void:
	var game: Game = preload("res://game/game.tscn").instantiate()
	game.setup(_client, me, others)
	_show(game)


func _on_failed(message: String) -> void:
	# In the game, the banner tells.
	if _screen is Login:
		(_screen as Login).show_message(message)


func _show(screen: Node) -> void:
	if _screen != null:
		_screen.queue_free()
	_screen = screen
	add_child(screen)
