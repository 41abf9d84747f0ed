## One client that is connected and does nothing, until the process is ended.
extends "res://tasks/clients.gd"


func run() -> void:
	arguments.count = 1
	await super()
