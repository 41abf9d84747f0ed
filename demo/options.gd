extends RefCounted
## What was asked for on the command line, after `--`: `--server URL`, `--name NAME` (joins at once),
## `--headless-player NAME`, `--headless-chatter NAME` and `--window-player NAME` (the scripted players), and
## `--screenshot FILE`.

var server := "http://127.0.0.1:3000"
var player_name := ""
var headless_player := ""
var headless_chatter := ""
var window_player := ""
var screenshot := ""


func _init() -> void:
	var arguments := OS.get_cmdline_user_args()
	for index in arguments.size() - 1:
		var value := arguments[index + 1]
		match arguments[index]:
			"--server":
				server = value
			"--name":
				player_name = value
			"--headless-player":
				headless_player = value
			"--headless-chatter":
				headless_chatter = value
			"--window-player":
				window_player = value
			"--screenshot":
				screenshot = value
