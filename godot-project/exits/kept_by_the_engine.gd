# The engine itself keeps a client, and frees it after everything else.
# expect-exit: 4
# server: node
extends SceneTree


func _initialize() -> void:
	var client := SocketIOClient.new()
	Engine.set_meta("client", client)
	client.get_namespace().on("news", func(_data: Array) -> void: print(client))
	client.connect_to_url(OS.get_cmdline_user_args()[-1])
	await client.connected
	quit(4)
