## The networks of the soak: three proxies, before a WebSocket server, before the same with TLS, and before a server with
## long-polling alone.
extends RefCounted

const Arguments := preload("res://arguments.gd")
const FaultProxy := preload("res://fault_proxy.gd")

enum Fault { CUT, RESET, DEAD, SLOW, BYTEWISE, OFFLINE, IN_A_FRAME, NONE }

var random: RandomNumberGenerator
## What the clients trust.
var tls_options: TLSOptions
## Where the clients go: an address and, for TLS, the options.
var plain := {}
var encrypted := {}
var polling := {}

var _proxies: Array[FaultProxy] = []


## Returns whether all proxies listen.
func open(server: String, polling_server: String) -> bool:
	for i in 3:
		_proxies.append(FaultProxy.new())
	var authority := X509Certificate.new()
	var opened := await _proxies[0].open(server)
	opened = await _proxies[1].open_tls(server) and opened
	opened = await _proxies[2].open(polling_server) and opened
	opened = authority.load(Arguments.new().value("--certificates").path_join("authority.crt")) == OK and opened
	# Where a dead network is noticed soon.
	plain = {"url": _proxies[0].url + "/fast", "tls": null}
	encrypted = {"url": _proxies[1].url + "/fast", "tls": TLSOptions.client(authority)}
	polling = {"url": _proxies[2].url + "/fast", "tls": null}
	return opened


## Returns one of the places.
func any_place() -> Dictionary:
	return [plain, encrypted, polling][random.randi_range(0, 2)]


## Makes the fault of this round on all connections.
func turn_bad(round_number: int) -> void:
	for proxy in _proxies:
		match Fault.values()[round_number % Fault.size()]:
			Fault.CUT:
				await proxy.cut()
			Fault.RESET:
				await proxy.reset()
			Fault.DEAD:
				await proxy.swallow()
			Fault.SLOW:
				await proxy.delay(random.randf_range(0.01, 0.1))
				await proxy.throttle(100_000)
			Fault.BYTEWISE:
				await proxy.split(1)
			Fault.OFFLINE:
				await proxy.refuse()
				await proxy.cut()
			Fault.IN_A_FRAME:
				await proxy.cut_after_bytes_to_client(random.randi_range(1, 5000))


## Lets everything pass again. What a dead network has swallowed stays lost, so that its connections end.
func turn_fair() -> void:
	for proxy in _proxies:
		await proxy.accept()
		await proxy.delay(0.0)
		await proxy.throttle(0)
		await proxy.split(0)
