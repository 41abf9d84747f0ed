@tool
extends "res://shared/editor_test.gd"
## Plays games and looks at them in the traffic inspector, as a developer does.
##
## [codeblock lang=text]
## godot --headless --editor --path tests/inspector -- --server URL
## [/codeblock]

const Tab := preload("res://inspecting/tab.gd")
const EXTENSION := "res://addons/socketio/socketio.gdextension"
const OTHER_VERSION := "res://other_version.tscn"
const GAME := "res://game.tscn"
## Columns of the packets.
const TYPE := 1
const EVENT := 2
## The category of the monitors: the editor writes names its own way.
const MONITORS := "Socket.io"
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
	super()


func _exit_tree() -> void:
	remove_debugger_plugin(_ear)


func _run() -> void:
	var server := _argument("--server")
	# The editor does not pass on its own arguments.
	ProjectSettings.set_setting("editor/run/main_run_args", "--headless -- --server " + server)
	await _until_scanned()
	_find_tab()
	if "--window" in OS.get_cmdline_user_args():
		await _draw_the_latency()
		await _copy()
		return
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
	# Each says what to do.
	for wrong: Array in [
		["chat", "say", "[]", "Begin the namespace with \"/\""],
		["/", "", "[]", "Write the event's name"],
		["/", "say", "[1,", "write a value"],
		["/", "say", "{}", "Put the arguments in brackets"],
	]:
		var problem := _tab.emit(wrong[0], wrong[1], wrong[2])
		_expect(wrong[3] in problem, "of %s the dialog says: %s" % [wrong, problem])


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
	await _follow(bar)
	await _turn_the_wheel(bar)
	await _press_keys(bar)
	_tab.press("Clear")
	await _until(func() -> bool: return _tab.text("Counts") == "0 packets", "the cleared list")


## The newest packets stay in sight until the developer looks at an older one.
func _follow(bar: Range) -> void:
	_expect(_tab.is_pressed("Follow"), "at its end the list does not follow the newest packet")
	_tab.toggle("Follow", false)
	_tab.emit("/", "packet", "[\"behind it\"]")
	await _until(func() -> bool: return bar.value + bar.page == bar.max_value - 1, "a packet that is not followed")
	_expect(not "behind it" in _tab.column(EVENT), "a list that does not follow has moved")
	_tab.toggle("Follow", true)
	await _until(func() -> bool: return "behind it" in _tab.column(EVENT), "the newest packet again")
	_tab.select_packet(EVENT, "newest")
	await _until(func() -> bool: return not _tab.is_pressed("Follow"), "the end of following, with a packet selected")
	_tab.toggle("Follow", true)
	_tab.emit("/", "packet", "[\"followed\"]")
	await _until(func() -> bool: return "followed" in _tab.column(EVENT), "a packet that is followed")
	_expect(_tab.is_pressed("Follow"), "Follow is off")


func _turn_the_wheel(bar: Range) -> void:
	var end := bar.max_value - bar.page
	_expect_eq(bar.value, end, "the first row in sight before the wheel")
	_tab.turn_wheel(MOUSE_BUTTON_WHEEL_UP)
	await _until(func() -> bool: return bar.value == end - 3.0, "a notch of the wheel up")
	_expect(not _tab.is_pressed("Follow"), "the list follows the newest packet while older ones are looked at")
	_tab.turn_wheel(MOUSE_BUTTON_WHEEL_UP, 4.0)
	await _until(func() -> bool: return bar.value == end - 15.0, "four notches of the wheel up")
	_tab.turn_wheel(MOUSE_BUTTON_WHEEL_DOWN)
	await _until(func() -> bool: return bar.value == end - 12.0, "a notch of the wheel down")
	_tab.turn_wheel(MOUSE_BUTTON_WHEEL_DOWN, 100.0)
	await _until(func() -> bool: return bar.value == end and _tab.is_pressed("Follow"), "the end of the list by the wheel")


func _press_keys(bar: Range) -> void:
	var last := int(bar.max_value) - 1
	var page := int(bar.page)
	await _expect_key(KEY_END, last)
	await _expect_key(KEY_UP, last - 1)
	_expect(not _tab.is_pressed("Follow"), "the list follows while an older packet is selected")
	_expect_eq(bar.value, float(last + 1 - page), "the first row in sight while the selected one is in sight")
	await _expect_key(KEY_PAGEUP, last - 1 - page)
	_expect_eq(bar.value, float(last - 1 - page), "the first row in sight after a page up")
	await _expect_key(KEY_UP, last - 2 - page)
	await _expect_key(KEY_DOWN, last - 1 - page)
	await _expect_key(KEY_PAGEDOWN, last - 1)
	await _expect_key(KEY_HOME, 0)
	_expect_eq(bar.value, 0.0, "the first row in sight after Home")
	await _expect_key(KEY_UP, 0)
	await _expect_key(KEY_END, last)
	await _expect_key(KEY_DOWN, last)
	_expect(_tab.is_pressed("Follow"), "the list does not follow from its end")
	await _until(func() -> bool: return not _tab.rows("Payload").is_empty(), "what the packet carried that the keys selected")


func _expect_key(key: Key, row: int) -> void:
	_tab.press_key(key)
	await _until(func() -> bool: return _tab.selected_row() == row, "row %d after %s" % [row, OS.get_keycode_string(key)])


## In a window, whose pixels can be looked at.
func _draw_the_latency() -> void:
	_tab.bring_into_sight()
	var graph: Control = _tab.part("LatencyGraph")
	await _frames(10)
	_expect_eq((await _curve(graph)).size(), 0, "pixels of a curve without a game")
	await _play()
	_tab.bring_into_sight()
	await _until(func() -> bool: return _tab.rows("Clients").size() == 3, "the clients")
	_expect_whole_texts()
	# High at first, then low: the graph's right end has both.
	for latency: float in [0.1, 0.01]:
		for report in 10:
			_tab.emit("/", "latency", "[%s]" % latency)
			await get_tree().create_timer(0.2).timeout
	await _until(func() -> bool: return _tab.rows("Clients")[0][2] == "10 ms", "the last latency")
	var curve := await _curve(graph)
	_expect(not curve.is_empty(), "the graph shows no curve")
	if curve.is_empty():
		return
	# By their place from the left.
	curve.sort_custom(func(a: Vector2i, b: Vector2i) -> bool: return a.x < b.x)
	var first := curve[0]
	var last := curve[-1]
	var highest: int = curve.map(func(pixel: Vector2i) -> int: return pixel.y).min()
	var fall := last.y - highest
	_expect(fall > graph.size.y / 4.0, "the curve falls by %d pixels where the latency falls to a tenth" % fall)
	_expect(first.x > graph.size.x / 2.0, "four seconds of a minute begin at %s of %s" % [first, graph.size])
	_expect(last.x > graph.size.x * 0.9, "the curve ends at %s of %s" % [last, graph.size])


## The list of clients cuts off no address and no latency.
func _expect_whole_texts() -> void:
	var tree: Tree = _tab.part("Clients")
	var item := tree.get_root().get_first_child()
	var before := tree.get_theme_constant("item_margin") + item.get_icon(0).get_width()
	_expect_room_in(tree, 0, item.get_text(0), before)
	for latency: String in ["0.08 ms", "888 ms", "8.88 s"]:
		_expect_room_in(tree, 2, latency)


## Expects a column to have room for a text with the gap at its sides, and for so many pixels more.
func _expect_room_in(tree: Tree, column: int, text: String, more := 0) -> void:
	var font_size := tree.get_theme_font_size("font_size")
	var size := tree.get_theme_font("font").get_string_size(text, HORIZONTAL_ALIGNMENT_LEFT, -1, font_size)
	var needed := size.x + tree.get_theme_constant("inner_item_margin_left") + tree.get_theme_constant("inner_item_margin_right") + tree.get_theme_constant("h_separation") + more
	var width := tree.get_column_width(column)
	_expect(width >= needed, "%s needs a width of %d and has %d" % [text, needed, width])


## The pixels of the graph that have the colour of its curve.
func _curve(graph: Control) -> Array[Vector2i]:
	var color := graph.get_theme_color("accent_color", "Editor")
	# The editor draws no frame in which nothing has changed. What the graph has drawn stays.
	_tab.root.queue_redraw()
	await RenderingServer.frame_post_draw
	var image := graph.get_viewport().get_texture().get_image().get_region(Rect2i(graph.get_global_rect()))
	var found: Array[Vector2i] = []
	for x in image.get_width():
		for y in image.get_height():
			var pixel := image.get_pixel(x, y)
			# What is antialiased is not exactly of the colour.
			if maxf(absf(pixel.r - color.r), maxf(absf(pixel.g - color.g), absf(pixel.b - color.b))) < 0.1:
				found.append(Vector2i(x, y))
	return found


## In a window, because a headless Godot has no clipboard.
func _copy() -> void:
	DisplayServer.clipboard_set("something else")
	_expect(not _tab.is_enabled("Copy"), "nothing can be copied")
	_tab.select_packet(TYPE, "EVENT")
	await _until(func() -> bool: return _tab.is_enabled("Copy"), "something to copy")
	_tab.press("Copy")
	_expect_eq(DisplayServer.clipboard_get(), "[\n\t\"Ada\",\n\t{\n\t\t\"at\": [\n\t\t\t1,\n\t\t\t2.5\n\t\t]\n\t},\n\t[\n\t\t0,\n\t\t255\n\t]\n]", "what was copied")


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
	await _until(func() -> bool: return "was not selected before" in _tab.part("Payload").get_node("Hint").text, "that it cannot be asked")
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
	await _until(func() -> bool: return _monitors().has(MONITORS), "the monitors")
	var monitors := ["Latency (ms)", "Events Received Per Second", "Events Sent Per Second",
		"Events Waiting To Dispatch", "Events Waiting To Send", "Dispatch Time (usec)"]
	_expect_eq(Array(_monitors()[MONITORS]), monitors, "the monitors")

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


## The categories in the Monitors tab, each with its monitors' names.
func _monitors() -> Dictionary[String, PackedStringArray]:
	var monitors: Dictionary[String, PackedStringArray] = {}
	for page in EditorInterface.get_base_control().find_children("Monitors", "HSplitContainer", true, false):
		for tree: Tree in page.find_children("*", "Tree", true, false):
			if tree.get_root() == null:
				continue
			for category in tree.get_root().get_children():
				var names := category.get_children().map(func(item: TreeItem) -> String: return item.get_text(0))
				monitors[category.get_text(0)] = PackedStringArray(names)
	return monitors


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
