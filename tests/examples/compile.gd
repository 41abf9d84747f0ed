# Compiles every script in examples/ with all of GDScript's warnings as errors, and tells of each how that went.
extends SceneTree

const WarningsAsErrors := preload("res://warnings_as_errors.gd")
const FOLDER := "res://examples"


func _initialize() -> void:
	_run.call_deferred()


func _run() -> void:
	await WarningsAsErrors.new().make_errors(self)
	for file in DirAccess.get_files_at(FOLDER):
		if file.get_extension() == "gd":
			print("COMPILING ", file)
			var script: GDScript = load(FOLDER.path_join(file))
			print("COMPILED" if script != null and script.can_instantiate() else "REFUSED")
	quit()
