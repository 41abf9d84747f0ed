## The main loop of [code]cargo xtask soak[/code]: after each round a line tells what this process has then.
##
## [codeblock lang=text]
## godot --headless --path godot-project -s res://soak/soak.gd -- --seconds N --seed N --server URL
##     --polling-server URL --fault-proxy URL --certificates FOLDER
## [/codeblock]
##
## Exits with 0 when every round came to rest and nothing was lost, doubled or reordered.
extends SceneTree

const Arguments := preload("res://arguments.gd")
const Rounds := preload("res://soak/rounds.gd")


func _initialize() -> void:
	# The first frame has not begun yet.
	_run.call_deferred()


func _run() -> void:
	var rounds := Rounds.new(self)
	await rounds.begin()
	var milliseconds := Arguments.new().value("--seconds").to_int() * 1000
	var start := Time.get_ticks_msec()
	while rounds.failures.is_empty() and Time.get_ticks_msec() - start < milliseconds:
		await rounds.play()
		var sample := rounds.sample()
		sample.seconds = (Time.get_ticks_msec() - start) / 1000.0
		print("SOAK ", JSON.stringify(sample))
	rounds.finish()
