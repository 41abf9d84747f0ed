## What this process has: its engine objects and, on Linux, its memory, threads, sockets and open files.
extends RefCounted


static func read() -> Dictionary:
	var usage := {"objects": int(Performance.get_monitor(Performance.OBJECT_COUNT))}
	if OS.get_name() == "Linux":
		usage.resident_kib = _resident_kib()
		usage.threads = DirAccess.get_directories_at("/proc/self/task").size()
		usage.merge(_files())
	return usage


static func _resident_kib() -> int:
	var status := FileAccess.open("/proc/self/status", FileAccess.READ)
	while not status.eof_reached():
		var line := status.get_line()
		if line.begins_with("VmRSS:"):
			return line.get_slice(":", 1).to_int()
	return 0


static func _files() -> Dictionary:
	var folder := DirAccess.open("/proc/self/fd")
	folder.include_hidden = true
	# Each is a link to what is often no file of any folder.
	var names := folder.get_files() + folder.get_directories()
	var sockets := Array(names).filter(func(name: String) -> bool: return folder.read_link(name).begins_with("socket:"))
	return {"files": names.size(), "sockets": sockets.size()}
