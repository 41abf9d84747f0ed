# expect-error: SocketIOClient.connect_to_url: the network thread could not be started
# expect-exit: 6
# server: node
## A system without a thread to spare: one clear error, and the game goes on. When there are threads again, it connects.
extends SceneTree


func _initialize() -> void:
	if OS.get_name() != "Linux" or OS.execute("prlimit", ["--version"]) != 0:
		push_error("SocketIOClient.connect_to_url: the network thread could not be started (left out: prlimit is for Linux)")
		quit(6)
		return
	var url := OS.get_cmdline_user_args()[1]
	# A thread needs more memory for its stack than is left to this process.
	_limit_memory(str(_used_memory() + 512 * 1024))
	var error := SocketIOClient.get_singleton().connect_to_url(url)
	var state := SocketIOClient.get_singleton().get_connection_state()
	_limit_memory("unlimited")
	if error != ERR_CANT_CREATE or state != SocketIOClient.STATE_DISCONNECTED:
		quit(1)
		return
	SocketIOClient.get_singleton().connected.connect(func(_id: String) -> void: quit(6))
	SocketIOClient.get_singleton().connect_to_url(url)


func _limit_memory(bytes: String) -> void:
	OS.execute("prlimit", ["--pid", str(OS.get_process_id()), "--as=%s:unlimited" % bytes])


## The address space in use, in bytes.
func _used_memory() -> int:
	var status := FileAccess.open("/proc/self/status", FileAccess.READ)
	while not status.eof_reached():
		var line := status.get_line()
		if line.begins_with("VmSize:"):
			return line.get_slice(":", 1).to_int() * 1024
	return 0
