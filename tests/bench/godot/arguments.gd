## The command line, which is the same for every peer of the benchmarks, and what only Godot has.
extends RefCounted

## What to measure: a script in tasks/.
var task: String
var url: String
## The server whose every message is made by a game's own code.
var server_url: String
## The workload's name, as the servers know it.
var kind: String
## The files of the workloads, or the one of this workload.
var payload: String
var count: int
## "addon", or "by_hand": a client that a game's developer could write.
var client := "addon"
## Frames a second; 0 polls as often as it can.
var fps: int


func _init(words: PackedStringArray) -> void:
	for i in range(0, words.size() - 1, 2):
		var name := words[i].trim_prefix("--").replace("-", "_")
		assert(name in self, "there is no option %s" % words[i])
		set(name, type_convert(words[i + 1], typeof(get(name))))


## The event of the workload as text, a JSON array; empty for binary data.
func payload_text() -> String:
	return "" if payload.is_empty() else FileAccess.get_file_as_string(payload)


## The event of the workload: its name and its arguments.
func event() -> Array:
	if payload.is_empty():
		var data := PackedByteArray()
		data.resize(64 * 1024)
		data.fill(0xa5)
		return ["blob", data]
	return exact(JSON.parse_string(payload_text()))


## The engine reads every number as a float; what has no fraction is an int, as it was written.
static func exact(value: Variant) -> Variant:
	match typeof(value):
		TYPE_FLOAT:
			return int(value) if value == floorf(value) else value
		TYPE_ARRAY:
			return value.map(exact)
		TYPE_DICTIONARY:
			for key: String in value:
				value[key] = exact(value[key])
	return value
