@tool
extends RefCounted
## SocketIONode in the editor: it never connects, and the scene dock warns of settings that cannot work.

const SCENE := "res://page_reader/node.tscn"
const PATIENCE := 300
## What each setting is warned of with; nothing for what works.
const WARNINGS := [
	[{}, []],
	[{"url": ""}, ["There is nothing to connect to"]],
	[{"url": "", "autoconnect": false}, []],
	[{"url": "", "share_singleton": true}, []],
	[{"url": "localhost:3000"}, ["The URL has no scheme: type \"http://localhost:3000\""]],
	[{"url": "ftp://localhost", "autoconnect": false}, ["The URL's scheme \"ftp\" is not supported"]],
	[{"url": "wss://127.0.0.1:3000"}, ["A certificate is seldom made out to an address such as 127.0.0.1"]],
	[{"url": "https://[::1]"}, ["A certificate is seldom made out to an address such as ::1"]],
	[{"url": "wss://127.0.0.1:3000", "autoconnect": false}, []],
	[{"url": "wss://localhost:3000"}, []],
	# The project has a preset for the Web.
	[{"url": "ws://example.com"}, ["a page that is served by https may not connect to http://: write https://"]],
	[{"url": "wss://example.com"}, []],
	[{"url": "http://localhost:3000"}, []],
	[{"namespaces": ["/chat", "chat"]}, ["Among the namespaces, \"chat\" is not a namespace: its path must begin with \"/\""]],
	[{"namespaces": ["/a,b"]}, ["the protocol has no place for ','"]],
	[{"namespaces": ["/a", "/b", "/a"]}, ["Among the namespaces, \"/a\" is there more than once."]],
	[{"auth": {"place": RID()}}, ["The auth cannot be sent: auth.place is a RID"]],
	[{"url": "", "namespaces": ["a", "b"]}, ["There is nothing to connect to", "\"a\" is not a namespace", "\"b\" is not a namespace"]],
]

var _tree: SceneTree


func _init(tree: SceneTree) -> void:
	_tree = tree


## Opens the scene and tells of everything that is wrong as an error.
func run() -> void:
	var server := TCPServer.new()
	_expect(server.listen(0, "127.0.0.1") == OK, "cannot listen")
	var url := "ws://127.0.0.1:%d" % server.get_local_port()
	EditorInterface.open_scene_from_path(SCENE)
	await _until(func() -> bool: return EditorInterface.get_edited_scene_root() != null)
	var node: SocketIONode = EditorInterface.get_edited_scene_root().get_node("Net")
	for case: Array in WARNINGS:
		var settings := {"url": url, "auth": {}, "namespaces": [], "autoconnect": true, "share_singleton": false}
		settings.merge(case[0], true)
		for property: String in settings:
			node.set(property, settings[property])
		await _expect_warnings(case[1], case[0])
	_expect(not server.is_connection_available(), "SocketIONode connected in the editor")
	var states := [node.get_client().get_connection_state(), SocketIOClient.get_singleton().get_connection_state()]
	_expect(states == [0, 0], "SocketIONode began to connect in the editor: %s" % [states])
	print("SocketIONode: %d settings were looked at" % WARNINGS.size())


func _expect_warnings(expected: Array, settings: Dictionary) -> void:
	var fits := func() -> bool:
		var shown := _shown_warnings()
		return shown.is_empty() == expected.is_empty() and expected.all(func(part: String) -> bool: return part in shown)
	await _until(fits)
	_expect(fits.call(), "the scene dock shows \"%s\" for %s, not %s" % [_shown_warnings(), settings, expected])


## The warnings of the node, as the tooltip of its icon in the scene dock.
func _shown_warnings() -> String:
	for editor in EditorInterface.get_base_control().find_children("*", "SceneTreeEditor", true, false):
		for child in editor.get_children(true):
			if child is Tree and child.get_root() != null and child.get_root().get_first_child() != null:
				return _warnings_of(child.get_root().get_first_child())
	return "no scene dock"


func _warnings_of(item: TreeItem) -> String:
	for button in item.get_button_count(0):
		var tooltip := item.get_button_tooltip_text(0, button)
		if "•" in tooltip or "warning" in tooltip.to_lower():
			return tooltip
	return ""


func _until(condition: Callable) -> void:
	for _frame in PATIENCE:
		if condition.call():
			return
		await _tree.process_frame


func _expect(holds: bool, otherwise: String) -> void:
	if not holds:
		push_error(otherwise)
