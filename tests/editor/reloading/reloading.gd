@tool
extends "res://shared/editor_test.gd"
## What the editor does after the addon was built or updated: it unloads the extension and loads it again, here while the
## shared client is connected and a scene with a node of the addon is open.
##
## [codeblock lang=text]
## godot --headless --editor --path tests/editor -- --server URL
## [/codeblock]

const EXTENSION := "res://addons/socketio/socketio.gdextension"
const SCENE := "res://reloading/scene.tscn"
const MONITOR := "Socket.IO/Latency (ms)"
const RELOADS := 3

var _server: String



func _run() -> void:
	_server = _argument("--server")
	EditorInterface.open_scene_from_path(SCENE)
	await _until(func() -> bool: return EditorInterface.get_edited_scene_root() != null, "the open scene")
	for i in RELOADS:
		await _reload_while_connected(i)


func _reload_while_connected(number: int) -> void:
	_client().connect_to_url(_server)
	await _until(func() -> bool: return _client().get_namespace().is_namespace_connected(), "joining before reload %d" % number)
	_client().get_namespace().on("echo", func(data: Array) -> void: print(data))
	_client().get_namespace().emit_with_ack("ack_never", [], func(answer: Array) -> void: print(answer), 0.0)
	_expect(_threads() > 0, "a connection has no thread")
	await _until(func() -> bool: return Performance.get_custom_monitor(MONITOR) > 0.0, "the monitor before reload %d" % number)
	# A signal that calls back into the extension must not be under way.
	_reload.call_deferred()
	await _frames(10)
	_expect(_client().get_connection_state() == 0, "the reloaded client is still connected")
	await _until(func() -> bool: return _threads() == 0, "the end of the threads after reload %d" % number)
	_expect(not Performance.has_custom_monitor(MONITOR), "there is a monitor after reload %d" % number)
	var node: Node = EditorInterface.get_edited_scene_root().get_node("Net")
	_expect(node.get_class() == "SocketIONode", "the node in the open scene is a %s" % node.get_class())
	_expect(node.get("url") == "ws://saved", "the url of the node in the open scene is %s" % node.get("url"))


func _reload() -> void:
	var status := GDExtensionManager.reload_extension(EXTENSION)
	_expect(status == GDExtensionManager.LOAD_STATUS_OK, "reloading gave the status %d" % status)


## By name each time, so that nothing holds the client over a reload: the engine cannot make such an object anew.
func _client() -> RefCounted:
	return ClassDB.instantiate("SocketIOClient").get_singleton()


## The threads of the extension.
func _threads() -> int:
	var names := Array(DirAccess.get_directories_at("/proc/self/task")).map(func(id: String) -> String:
		var file := FileAccess.open("/proc/self/task/%s/comm" % id, FileAccess.READ)
		return "" if file == null else file.get_line())
	return names.filter(func(name: String) -> bool: return name.begins_with("socketio")).size()
