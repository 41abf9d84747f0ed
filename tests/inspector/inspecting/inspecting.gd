@tool
extends EditorPlugin
## Plays games and looks at them in the traffic inspector, as a developer does. Whatever is wrong is printed as an error; at
## the end the editor prints "DONE" and quits.
##
## [codeblock lang=text]
## godot --headless --editor --path tests/inspector -- --server URL
## [/codeblock]

const Tab := preload("res://inspecting/tab.gd")
const EXTENSION := "res://addons/socketio/socketio.gdextension"
const OTHER_VERSION := "res://other_version.tscn"
const GAME := "res://game.tscn"
const PATIENCE_MSEC := 60_000
## Columns of the packets.
const TYPE := 1
const EVENT := 2
## More than the list keeps.
const KEPT := "5,000"

var _tab: Tab
var _ear := Ear.new()


## Hears what the game tells this plugin.
class Ear extends EditorDebuggerPlugin:
	var is_game_ready := false
	## What the inspector has told the game: names and data.
	var told: Array[Array] = []

	func _has_capture(capture: String) -> bool:
		return capture == "game"

	func _capture(message: String, data: Array, _session: int) -> bool:
		if message == "game:ready":
			is_game_ready = true
		else:
			told.append(data)
		return true


func _enter_tree() -> void:
	add_debugger_plugin(_ear)
	_run.call_deferred()


func _exit_tree() -> void:
	remove_debugger_plugin(_ear)


func _run() -> void:
	var arguments := OS.get_cmdline_user_args()
	var server := arguments[arguments.find("--server") + 1]
	# The editor does not pass on its own arguments.
	ProjectSettings.set_setting("editor/run/main_run_args", "--headless -- --server " + server)
	await _until(func() -> bool: return not EditorInterface.get_resource_filesystem().is_scanning(), "the first scan")
	_find_tab()
	await _show_nothing()
	await _watch_only_in_sight()
	await _show_clients_and_packets()
	await _filter()
	await _show_a_payload()
	await _give_commands()
	await _pause()
	await _flood()
	await _survive_nonsense()
	await _reload_the_extension()
	await _keep_what_was_seen()
	await _inspect_a_game(server)
	print("DONE")
	get_tree().quit()


func _find_tab() -> void:
	var found := Tab.find()
	_expect(found.size() == 1, "there are %d tabs" % found.size())
	_tab = Tab.new(found[0])
	_expect(_tab.title() == "Socket.IO", "the tab's title is %s" % _tab.title())
	# Beside the docks, in a window of Godot's default size.
	var width := _tab.root.get_combined_minimum_size().x / EditorInterface.get_editor_scale()
	_expect(width <= 600.0, "the tab needs a width of %d" % width)


func _show_nothing() -> void:
	_tab.bring_into_sight()
	await _until(func() -> bool: return "Play the project" in _tab.part("Packets").get_node("Hint").text, "the hint")
	for button: String in ["Drop", "Latency", "Emit"]:
		_expect(not _tab.is_enabled(button), "%s can be pressed without a game" % button)


func _watch_only_in_sight() -> void:
	_tab.leave()
	await _play()
	_expect(_ear.told == [], "the game was told %s while the tab was not in sight" % [_ear.told])
	_tab.bring_into_sight()
	await _until_told("watch", [true])
	_tab.leave()
	await _until_told("watch", [false])
	_tab.bring_into_sight()
	await _until_told("watch", [true])


func _show_clients_and_packets() -> void:
	await _until(func() -> bool: return _tab.rows("Clients").size() == 3, "the clients")
	_expect_eq(_tab.rows("Clients"), [
		["example.com/game", "abcd…", "25 ms", "5", "5"],
		["/", "efgh…", "", "4", "5"],
		["/chat", "", "", "1", "0"],
	], "the clients")
	# It was shown twice.
	await _until(func() -> bool: return _tab.text("Counts") == "6 of 8 packets", "the count of packets")
	_expect_eq(_tab.rows("Packets").slice(-3), [
		["0:01.500", "CONNECT", "", "/chat", "20 B", "", ""],
		["0:01.500", "EVENT", "say", "/chat", "1.5 KiB", "7", ""],
		["0:01.500", "ACK", "say", "/chat", "12 B", "7", "25 ms"],
	], "the packets")
	var figures := ["Transport", "Waiting", "Dispatch", "Reconnects"].map(_tab.text)
	_expect_eq(figures, ["websocket", "2.0 KiB / 5 B", "1.5 ms", "3"], "the figures")


func _filter() -> void:
	_tab.toggle("Heartbeat", true)
	await _until(func() -> bool: return "PING" in _tab.column(TYPE), "the heartbeat")
	_tab.toggle("Events", false)
	await _until(func() -> bool: return not "EVENT" in _tab.column(TYPE), "the list without events")
	_tab.toggle("Events", true)
	_tab.toggle("Heartbeat", false)
	_tab.type_into("Filter", "SAY")
	await _until(func() -> bool: return _tab.text("Counts") == "4 of 8 packets", "the filtered list")
	_tab.type_into("Filter", "no such event")
	await _until(func() -> bool: return _tab.rows("Packets") == [], "the empty list")
	_expect("filter" in _tab.part("Packets").get_node("Hint").text, "the hint does not tell of the filter")
	_tab.type_into("Filter", "")
	# The scope: a namespace with no packet of its own.
	var clients: Tree = _tab.part("Clients")
	clients.get_root().get_first_child().get_first_child().select(0)
	await _until(func() -> bool: return _tab.text("Counts") == "0 of 8 packets", "the packets of /")
	clients.nothing_selected.emit()
	await _until(func() -> bool: return _tab.text("Counts") == "6 of 8 packets", "all packets")


func _show_a_payload() -> void:
	_tab.select_packet(TYPE, "EVENT")
	await _until(func() -> bool: return not _tab.rows("Payload").is_empty(), "the payload")
	_expect_eq(_tab.rows("Payload"), [
		["0", "\"Ada\""],
		["1", "Dictionary, 1 key"],
		["at", "Array, 2 elements"],
		["0", "1"],
		["1", "2.5"],
		["2", "PackedByteArray, 2 B: 00 ff"],
	], "the payload")
	_expect(_tab.is_enabled("Copy"), "the payload cannot be copied")
	_tab.select_packet(TYPE, "CONNECT")
	await _until_told_about("get_payload", 2)


func _give_commands() -> void:
	_tab.press("Drop")
	await _until_told("drop_connection", [1])
	_tab.toggle("Latency", true)
	await _until_told("add_latency", [1, 0.2])
	_tab.toggle("Latency", false)
	await _until_told("add_latency", [1, 0.0])
	_expect_eq(_tab.emit("/chat", "say", "[\"a\", 1, 2.5, {\"b\": [null]}]"), "", "the dialog's problem")
	await _until_told("emit", [1, "/chat", "say", ["a", 1, 2.5, {"b": [null]}]])
	_expect_eq(_tab.emit("/", "said", "", 1), "", "the dialog's problem")
	await _until_told("receive", [1, "/", "said", []])
	for wrong: Array in [["chat", "say", "[]"], ["/", "", "[]"], ["/", "say", "[1,"], ["/", "say", "{}"]]:
		_expect(_tab.emit(wrong[0], wrong[1], wrong[2]) != "", "%s was emitted" % [wrong])


func _pause() -> void:
	_tab.toggle("Pause", true)
	_tab.emit("/", "packet", "[\"while paused\"]")
	await _until_told("emit", [1, "/", "packet", ["while paused"]])
	# What the game is asked for later comes later: then the packet has come as well.
	_tab.select_packet(TYPE, "ACK")
	await _until_told_about("get_payload", 3)
	await _until(func() -> bool: return not _tab.rows("Payload").is_empty(), "the payload while paused")
	_tab.toggle("Pause", false)
	_tab.emit("/", "packet", "[\"after it\"]")
	_tab.press("Clear")
	_tab.emit("/", "packet", "[\"after it\"]")
	await _until(func() -> bool: return "after it" in _tab.column(EVENT), "the packet after the pause")
	_expect(not "while paused" in _tab.column(EVENT), "a packet came while it was paused")
	await _until(func() -> bool: return "left out" in _tab.text("Counts"), "how many packets were left out")


func _flood() -> void:
	_tab.emit("/", "flood", "[]")
	await _until(func() -> bool: return "end of the flood" in _tab.column(EVENT), "the flood")
	_expect(_tab.text("Counts").begins_with(KEPT + " packets"), "the list keeps %s" % _tab.text("Counts"))
	var items := (_tab.part("Packets") as Tree).get_root().get_child_count()
	_expect(items <= 300, "the list made %d items" % items)
	# The bar scrolls back, and what comes does not move what is looked at.
	var bar: Range = _tab.part("Scroll")
	bar.value = 1000
	await _frames(2)
	_expect_eq(bar.value, 1000.0, "where the list was scrolled to")
	_tab.emit("/", "packet", "[\"newest\"]")
	await _until(func() -> bool: return bar.value == 999.0, "the row of what is looked at")
	_expect(not "newest" in _tab.column(EVENT), "the list jumped to the newest packet")
	bar.value = bar.max_value
	await _until(func() -> bool: return "newest" in _tab.column(EVENT), "the newest packet")
	_tab.press("Clear")
	await _until(func() -> bool: return _tab.text("Counts") == "0 packets", "the cleared list")


func _survive_nonsense() -> void:
	_tab.emit("/", "nonsense", "[]")
	await _until(func() -> bool: return _tab.rows("Clients").size() == 4, "a client that is told of badly")
	_expect_eq(_tab.rows("Clients")[3], ["example.com/game", "abcd…", "", "0", "0"], "a client that is told of badly")
	await _until(func() -> bool: return _tab.column(EVENT) == ["sense"], "the only packet that makes sense")


func _reload_the_extension() -> void:
	_ear.told.clear()
	_reload.call_deferred()
	await _frames(10)
	_find_tab()
	_tab.bring_into_sight()
	await _until_told("watch", [true])
	await _until(func() -> bool: return _tab.rows("Clients").size() == 3, "the clients after the reload")


func _reload() -> void:
	var status := GDExtensionManager.reload_extension(EXTENSION)
	_expect(status == GDExtensionManager.LOAD_STATUS_OK, "reloading gave the status %d" % status)


func _keep_what_was_seen() -> void:
	_tab.emit("/", "packet", "[\"last\"]")
	await _until(func() -> bool: return "last" in _tab.column(EVENT), "the packets after the reload")
	_tab.select_packet(EVENT, "last")
	await _until(func() -> bool: return not _tab.rows("Payload").is_empty(), "the payload after the reload")
	var counts := _tab.text("Counts")
	EditorInterface.stop_playing_scene()
	await _until(func() -> bool: return not _tab.is_enabled("Emit"), "the end of the game")
	_expect_eq(_tab.text("Counts"), counts, "what is kept of a game that has ended")
	_tab.select_packet(TYPE, "ACK")
	await _until(func() -> bool: return "ended" in _tab.part("Payload").get_node("Hint").text, "that it cannot be asked")
	_tab.select_packet(EVENT, "last")
	await _until(func() -> bool: return not _tab.rows("Payload").is_empty(), "what was asked for before")
	await _play()
	_tab.bring_into_sight()
	await _until(func() -> bool: return "say" in _tab.column(EVENT), "the packets of the next game")
	_expect(not "last" in _tab.column(EVENT), "a packet of the game before is in the list")
	_expect_eq(_tab.rows("Payload"), [], "the payload of the game before")
	EditorInterface.stop_playing_scene()
	await _until(func() -> bool: return not _tab.is_enabled("Emit"), "the end of the next game")


## A game whose addon is the same.
func _inspect_a_game(server: String) -> void:
	EditorInterface.play_custom_scene(GAME)
	await _until(EditorInterface.is_playing_scene, "the game with a client")
	_tab.bring_into_sight()
	await _until(func() -> bool: return _tab.rows("Clients").size() == 2, "the client")
	_expect_eq(_tab.rows("Clients")[0][0], server.get_slice("://", 1), "the client's address")
	await _until(func() -> bool: return _tab.text("Transport") == "websocket", "the transport")
	await _until(func() -> bool: return _tab.rows("Clients")[1][1].ends_with("…"), "the session")

	_tab.emit("/", "echo", "[\"to the server\"]")
	await _until(func() -> bool: return _tab.column(EVENT).slice(-2) == ["echo", "echo"], "the event and its echo")
	_tab.select_packet(EVENT, "echo")
	await _until(func() -> bool: return _tab.rows("Payload") == [["0", "\"to the server\""]], "what the event carried")
	_tab.press("Clear")
	_tab.emit("/", "said", "[\"it\"]", 1)
	await _until(func() -> bool: return _tab.column(EVENT) == ["echo", "echo"], "what the game emits when it hears something")
	_tab.select_packet(EVENT, "echo")
	await _until(func() -> bool: return _tab.rows("Payload") == [["0", "\"heard it\""]], "what the game has heard")

	_tab.press("Clear")
	_tab.toggle("Latency", true)
	_tab.press("Drop")
	await _until(func() -> bool: return _tab.text("Reconnects") == "1", "the reconnect")
	await _until(func() -> bool: return _tab.rows("Clients")[0][2].to_int() >= 200, "the added latency")
	await _until(func() -> bool: return "CONNECT" in _tab.column(TYPE), "the packet that joins again")
	_tab.select_packet(TYPE, "CONNECT")
	await _until(func() -> bool: return not _tab.rows("Payload").is_empty(), "what CONNECT carried")
	_expect(not "hush" in str(_tab.rows("Payload")), "the auth is shown")
	EditorInterface.stop_playing_scene()
	await _until(func() -> bool: return not _tab.is_enabled("Emit"), "the end of the game with a client")


## Plays the game. The editor may open another panel for that.
func _play() -> void:
	_ear.is_game_ready = false
	EditorInterface.play_custom_scene(OTHER_VERSION)
	await _until(func() -> bool: return _ear.is_game_ready, "the game")


func _until_told(message: String, data: Array) -> void:
	await _until(func() -> bool: return [message, data] in _ear.told, "%s %s at the game" % [message, data])
	_ear.told.erase([message, data])


## Waits until the game has got a message so often.
func _until_told_about(message: String, times: int) -> void:
	var count := func() -> int: return _ear.told.filter(func(told: Array) -> bool: return told[0] == message).size()
	await _until(func() -> bool: return count.call() >= times, "%d times %s at the game" % [times, message])


func _until(condition: Callable, what: String) -> void:
	var deadline := Time.get_ticks_msec() + PATIENCE_MSEC
	while not condition.call():
		if Time.get_ticks_msec() > deadline:
			push_error("waited in vain: " + what)
			return
		await get_tree().process_frame


func _expect_eq(actual: Variant, expected: Variant, what: String) -> void:
	_expect(actual == expected, "%s: %s in place of %s" % [what, actual, expected])


func _expect(condition: bool, problem: String) -> void:
	if not condition:
		push_error(problem)


func _frames(count: int) -> void:
	for frame in count:
		await get_tree().process_frame
