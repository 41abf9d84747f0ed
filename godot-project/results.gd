## Prints what became of each test, and writes it to a file as one JSON object per line.
extends RefCounted

var passed := 0
var failed := 0

var _file: FileAccess


func _init(path: String) -> void:
	if path.is_empty():
		return
	_file = FileAccess.open(path, FileAccess.WRITE)
	if _file == null:
		printerr("Cannot write %s: %s." % [path, error_string(FileAccess.get_open_error())])


## Adds a test. An empty [param message] means that it passed.
func add(suite: String, test: String, message: String, msec: int) -> void:
	if message.is_empty():
		passed += 1
		print("ok   %s.%s (%d ms)" % [suite, test, msec])
	else:
		failed += 1
		print("FAIL %s.%s: %s" % [suite, test, message])
	_write({
		"suite": suite,
		"test": test,
		"status": "passed" if message.is_empty() else "failed",
		"message": message,
		"msec": msec,
	})


## Writes that every test has come to its end.
func finish() -> void:
	_write({"done": true})
	print("%d tests passed, %d failed" % [passed, failed])


func _write(line: Dictionary) -> void:
	if _file == null:
		return
	_file.store_line(JSON.stringify(line))
	# What is known so far must outlive a crash in the next test.
	_file.flush()
