## Something to measure.
extends RefCounted

const Arguments := preload("res://arguments.gd")
const BenchClient := preload("res://clients/bench_client.gd")

## Long enough for anything; what takes longer is a failure.
const LIMIT_MSEC := 30_000

var arguments: Arguments
var tree: SceneTree
## What is printed: numbers by their names.
var figures := {}


## Measures. Overridden by each task.
func run() -> void:
	pass


## A client that is connected.
func open_client() -> BenchClient:
	var script := "res://clients/addon_client.gd" if arguments.client == "addon" else "res://clients/client_by_hand.gd"
	var client: BenchClient = load(script).new()
	client.open(arguments.url)
	await until(client.is_open, client.poll)
	return client


## Polls until a condition holds: each frame, or as often as it can.
func until(condition: Callable, poll: Callable) -> void:
	var deadline := Time.get_ticks_msec() + LIMIT_MSEC
	while not condition.call():
		if Time.get_ticks_msec() > deadline:
			fail("%s: not done after %d s" % [arguments.task, LIMIT_MSEC / 1000])
			return
		if arguments.fps > 0:
			await tree.process_frame
		poll.call()


## Ends the process at once: what is measured after a failure means nothing.
func fail(message: String) -> void:
	push_error(message)
	OS.kill(OS.get_process_id())


## Writes the median and a high quantile of times.
func report_times(name: String, times: PackedFloat64Array) -> void:
	times.sort()
	figures["%s_p50_usec" % name] = times[int(0.5 * (times.size() - 1))]
	figures["%s_p99_usec" % name] = times[int(0.99 * (times.size() - 1))]


## Writes how many events there were in a second, and what each took of the processor.
func report_rate(count: int, usec: int, cpu_usec: float) -> void:
	figures.events_per_second = count * 1e6 / usec
	if cpu_usec > 0:
		figures.cpu_usec = cpu_usec / count


## What all threads of the process have used of the processor, in microseconds; 0 where that cannot be known.
static func cpu_time() -> float:
	var usec := 0.0
	for thread in DirAccess.get_directories_at("/proc/self/task"):
		var file := FileAccess.open("/proc/self/task/%s/schedstat" % thread, FileAccess.READ)
		if file:
			usec += file.get_line().get_slice(" ", 0).to_int() / 1e3
	return usec


static func median(values: Array) -> float:
	var sorted := values.duplicate()
	sorted.sort()
	var middle := sorted.size() / 2
	return sorted[middle] if sorted.size() % 2 == 1 else (sorted[middle - 1] + sorted[middle]) / 2.0
