## A proxy between a client and its server that makes network faults when a test asks for them.
##
## [codeblock]
## var proxy := FaultProxy.new()
## await proxy.open(server_url)
## client.connect_to_url(proxy.url)
## ...
## await proxy.cut()
## [/codeblock]
##
## Each call returns when the fault has been made. The proxy and its connections end with this object.
extends "res://control_connection.gd"

## The connections that a rule is for: those that are open, the next one, or those open and every later one.
const OPEN := "open"
const NEXT := "next"
const ALL := "all"

## The directions that a rule is for.
const TO_CLIENT := "to_client"
const TO_SERVER := "to_server"
const BOTH := "both"

## The end that a cut or a reset is seen at; the other one goes on waiting. [constant BOTH] is for both.
const CLIENT := "client"
const SERVER := "server"

## What a client connects to in place of the server.
var url: String


#region Opening

## Listens on a port of its own, and forwards to the server. Returns whether it does.
func open(server_url: String) -> bool:
	if not await open_control():
		return false
	var answer := await ask({"do": "listen", "target": server_url.get_slice(":", 2).to_int()})
	url = "ws://127.0.0.1:%d" % answer.get("port", 0)
	return answer.has("port")


## Does as [method open], and the connections are TLS, with this certificate: a name of [code]certificates.rs[/code]. What
## the proxy passes on is encrypted.
func open_tls(server_url: String, certificate := "right") -> bool:
	if not await open_control():
		return false
	var port := server_url.get_slice(":", 2).to_int()
	var answer := await ask({"do": "listen", "target": port, "certificates": _files([certificate])})
	url = "wss://localhost:%d" % answer.get("port", 0)
	return answer.has("port")


## Connects to the fault proxy without a port to listen on: for [method start_server].
func open_control() -> bool:
	return await connect_control("--fault-proxy")

#endregion


#region Connections

## Refuses new connections. Those that are open stay.
func refuse() -> void:
	await ask({"do": "refuse"})


## Takes new connections again, on the same port.
func accept() -> void:
	await ask({"do": "accept"})


## Ends every open connection with FIN. What is on the way is lost.
func cut(side := BOTH) -> void:
	await ask({"do": "cut", "side": side})


## Ends every open connection with RST.
func reset(side := BOTH) -> void:
	await ask({"do": "reset", "side": side})


## Returns the connections [code]made[/code] and still [code]open_to_client[/code] and [code]open_to_server[/code],
## and the bytes that passed ([code]bytes_to_client[/code], [code]bytes_to_server[/code]) and that vanished
## ([code]swallowed_to_client[/code], [code]swallowed_to_server[/code]).
func status() -> Dictionary[String, int]:
	var counts: Dictionary[String, int] = {}
	var answer := await ask({"do": "status"})
	for name: String in answer:
		# Godot reads every number of JSON as a float.
		counts[name] = int(answer[name])
	return counts


## Shows these certificates to the next connections, one each, and the last one to all that follow. [method status] counts
## them as [code]tls_secured[/code] or [code]tls_refused[/code].
func present(certificates: Array[String]) -> void:
	await ask({"do": "present", "certificates": _files(certificates)})


## Speaks no newer TLS than this from now on, such as [code]"TLSv1.1"[/code].
func present_old_tls(version: String, certificate := "right") -> void:
	await ask({"do": "present", "certificates": _files([certificate]), "max_version": version})


## Waits until the server has noticed the end of every connection. Returns whether it has, in time.
func until_the_server_noticed(timeout := PATIENCE) -> bool:
	var deadline := Time.get_ticks_msec() + roundi(timeout * 1000.0)
	while Time.get_ticks_msec() < deadline:
		if (await status()).get("open_to_server", 0) == 0:
			return true
	return false

#endregion


#region Rules

## Leaves the connections open and lets everything vanish that is sent in these directions, the end of a connection
## as well: what a dead network does.
func swallow(direction := BOTH, scope := OPEN) -> void:
	await _rule(scope, direction, {"pass": "swallow"})


## Holds everything back until [method forward].
func stall(direction := BOTH, scope := OPEN) -> void:
	await _rule(scope, direction, {"pass": "stall"})


## Forwards as if nothing had been. What was swallowed stays lost.
func forward(direction := BOTH, scope := OPEN) -> void:
	await _rule(scope, direction, {"pass": "forward", "delay_ms": 0, "bytes_per_second": 0, "piece": 0, "after": null})


## Has every byte come later.
func delay(seconds: float, direction := BOTH, scope := OPEN) -> void:
	await _rule(scope, direction, {"delay_ms": roundi(seconds * 1000.0)})


## Lets so many bytes pass in a second.
func throttle(bytes_per_second: int, direction := BOTH, scope := OPEN) -> void:
	await _rule(scope, direction, {"bytes_per_second": bytes_per_second})


## Writes at most so many bytes at once: 1 for one byte at a time.
func split(piece: int, direction := BOTH, scope := OPEN) -> void:
	await _rule(scope, direction, {"piece": piece})


## Ends a connection with FIN when exactly so many more bytes have gone to the client.
func cut_after_bytes_to_client(bytes: int, scope := OPEN) -> void:
	await _rule(scope, TO_CLIENT, {"after": {"bytes": bytes, "then": "cut"}})


## Ends a connection with FIN when exactly so many more bytes have gone to the server.
func cut_after_bytes_to_server(bytes: int, scope := OPEN) -> void:
	await _rule(scope, TO_SERVER, {"after": {"bytes": bytes, "then": "cut"}})


## Ends a connection with RST when exactly so many more bytes have gone to the client.
func reset_after_bytes_to_client(bytes: int, scope := OPEN) -> void:
	await _rule(scope, TO_CLIENT, {"after": {"bytes": bytes, "then": "reset"}})


## Ends a connection with RST when exactly so many more bytes have gone to the server.
func reset_after_bytes_to_server(bytes: int, scope := OPEN) -> void:
	await _rule(scope, TO_SERVER, {"after": {"bytes": bytes, "then": "reset"}})


## Lets everything to the client vanish after exactly so many more bytes.
func swallow_after_bytes_to_client(bytes: int, scope := OPEN) -> void:
	await _rule(scope, TO_CLIENT, {"after": {"bytes": bytes, "then": "swallow"}})


## Changes one byte to the client, after exactly so many more.
func corrupt_after_bytes_to_client(bytes: int, scope := OPEN) -> void:
	await _rule(scope, TO_CLIENT, {"after": {"bytes": bytes, "then": "corrupt"}})

#endregion


#region A server of its own

## Starts a Node.js server that implements the contract, on the port that it had before. Returns its address.
func start_server() -> String:
	return "http://127.0.0.1:%d" % (await ask({"do": "start_server"})).get("port", 0)


## Kills that server, which says goodbye to nobody.
func kill_server() -> void:
	await ask({"do": "kill_server"})

#endregion


func _files(certificates: Array[String]) -> Array:
	var folder := Arguments.new().value("--certificates")
	return certificates.map(func(name: String) -> Dictionary:
		return {"key": folder.path_join(name + ".key"), "certificate": folder.path_join(name + ".crt")})


func _rule(scope: String, direction: String, rule: Dictionary) -> void:
	await ask({"do": "rule", "scope": scope, "direction": direction, "rule": rule})
