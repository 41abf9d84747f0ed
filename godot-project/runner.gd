## Runs the suites in suites/ and writes what became of each test.
##
## [codeblock lang=text]
## godot --headless --path godot-project -s res://runner.gd -- --server-name NAME --server URL
##     [--suite NAME]... [--focus TEST] --results FILE
## [/codeblock]
##
## Exits with 0 when every test passed, 1 when one failed, 2 when nothing could be run.
extends SceneTree

const Arguments := preload("res://arguments.gd")
const Results := preload("res://results.gd")
const Suite := preload("res://suite.gd")

const SUITES := "res://suites"
const TEST_TIMEOUT := 15.0
## How long a test that ran out of time may take to come to its end.
const GRACE := 2.0

var _server_name: String
var _server_url: String
var _focus: String
var _results: Results


func _initialize() -> void:
	var arguments := Arguments.new()
	_server_name = arguments.value("--server-name", "none")
	_server_url = arguments.value("--server")
	_focus = arguments.value("--focus")
	_results = Results.new(arguments.value("--results"))
	var chosen := arguments.values("--suite")
	# The first frame has not begun yet, and suites await frames.
	_run.call_deferred(chosen)


func _run(chosen: Array) -> void:
	await process_frame
	var names := _suite_names()
	for unknown: String in chosen.filter(func(name: String) -> bool: return name not in names):
		printerr("There is no suite %s. There are: %s." % [unknown, ", ".join(names)])
		quit(2)
		return
	for name in names:
		if chosen.is_empty() or name in chosen:
			await _run_suite(name)
	_results.finish()
	quit(1 if _results.failed > 0 else 0)


func _suite_names() -> PackedStringArray:
	var names: PackedStringArray = []
	for file in DirAccess.get_files_at(SUITES):
		if file.get_extension() == "gd":
			names.append(file.get_basename())
	names.sort()
	return names


func _run_suite(name: String) -> void:
	var script: GDScript = load(SUITES.path_join(name + ".gd"))
	if script == null or not script.can_instantiate():
		_results.add(name, "load", "the script does not compile", 0)
		return
	var constants := script.get_script_constant_map()
	var servers: Array = constants.get("SERVERS", [])
	if servers.is_empty():
		_results.add(name, "load", "the suite does not say which SERVERS it needs", 0)
	if _server_name not in servers:
		return
	var not_on: Dictionary = constants.get("NOT_ON", {})
	for test in _tests_of(script):
		var reasons: Dictionary = not_on.get(test, {})
		if not _focus.is_empty() and test != _focus:
			continue
		if _server_name in reasons:
			print("---- %s.%s is left out on %s: %s" % [name, test, _server_name, reasons[_server_name]])
			continue
		await _run_test(name, script, test, constants.get("TIMEOUTS", {}).get(test, TEST_TIMEOUT))


func _tests_of(script: GDScript) -> PackedStringArray:
	var tests: PackedStringArray = []
	for method: Dictionary in script.get_script_method_list():
		var name: String = method.name
		if name.begins_with("test_") and name not in tests:
			tests.append(name)
	return tests


func _run_test(suite_name: String, script: GDScript, test: String, timeout: float) -> void:
	print("RUN  %s.%s" % [suite_name, test])
	var start := Time.get_ticks_msec()
	var suite: Suite = script.new()
	suite.prepare(self, _server_name, _server_url)
	var finished: Array[bool] = [false]
	_call_test(suite, test, finished)
	await _await_end(finished, timeout)
	if not finished[0]:
		suite.fail("took longer than %.0f s" % timeout)
		suite.cancelled = true
		await _await_end(finished, GRACE)
	await suite.clean_up()
	_results.add(suite_name, test, suite.verdict(), Time.get_ticks_msec() - start)


func _call_test(suite: Suite, test: String, finished: Array[bool]) -> void:
	@warning_ignore("redundant_await")
	await suite.call(test)
	finished[0] = true


func _await_end(finished: Array[bool], timeout: float) -> void:
	var deadline := Time.get_ticks_msec() + roundi(timeout * 1000.0)
	while not finished[0] and Time.get_ticks_msec() < deadline:
		await process_frame
