//! The extension's library: its builds, and installing them into the addon.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::platform::Platform;
use crate::{cargo, progress, tree};

/// Which libraries to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Builds {
    /// The one for the editor, in the development profile: what the demo and the tests run with.
    Editor,
    /// Those for the editor and for debug exports, in the development profile.
    Development,
    /// All three, optimized.
    Release,
}

/// Builds the libraries of this machine's platform with its own compiler, and installs them into the addon.
pub fn build(builds: Builds) -> Result<()> {
    build_into(builds, &tree::addon())
}

/// The same into a copy of the addon.
pub fn build_into(builds: Builds, addon: &Path) -> Result<()> {
    build_by(&Platform::of_this_machine(), builds, addon, compile)
}

/// The same for a platform, with what compiles one library: in a profile, with or without the
/// documentation that the editor shows.
pub fn build_by(
    platform: &Platform,
    builds: Builds,
    addon: &Path,
    compile: impl Fn(&str, bool) -> Result<PathBuf>,
) -> Result<()> {
    let profile = if builds == Builds::Release { "release" } else { "dev" };
    progress::heading(&format!("Building the extension for {platform} ({profile} profile)"));
    let folder = folder(addon);
    let install = |library: &Path, target: &str| install(library, &folder, &platform.library(target));
    if platform.has_editor() {
        install(&compile(profile, true)?, "editor")?;
    } else if builds == Builds::Editor {
        bail!("no editor on {platform} loads a library of its own: leave --editor out");
    }
    match builds {
        Builds::Editor => {}
        Builds::Development => install(&compile(profile, false)?, "template_debug")?,
        Builds::Release => {
            let library = compile(profile, false)?;
            install(&library, "template_debug")?;
            install(&library, "template_release")?;
        }
    }
    Ok(())
}

/// Where the library of this machine's platform for `target` is installed.
pub fn installed(target: &str) -> PathBuf {
    folder(&tree::addon()).join(Platform::of_this_machine().library(target))
}

/// Builds one library with this machine's compiler and returns where it is.
pub fn compile(profile: &str, for_editor: bool) -> Result<PathBuf> {
    compile_by(cargo::command(&["build"]), &Platform::of_this_machine(), profile, for_editor)
}

/// The same for a platform, by a subcommand of cargo that takes the place of `build`.
pub fn compile_by(command: Command, platform: &Platform, profile: &str, for_editor: bool) -> Result<PathBuf> {
    let files = cargo::build_by(command, &arguments(profile, for_editor), "socketio_godot")?;
    let extension = platform.library_extension();
    let library = files.into_iter().find(|file| file.extension().is_some_and(|e| e == extension));
    library.context("cargo built no dynamic library of `socketio-godot`")
}

/// What cargo is told of a library.
pub fn arguments(profile: &str, for_editor: bool) -> Vec<&str> {
    let mut arguments = vec!["--package", "socketio-godot", "--lib", "--profile", profile];
    if for_editor {
        arguments.extend(["--features", "editor"]);
    }
    arguments
}

/// Copies a library under its name into the folder. A running Godot may have the old one mapped, so that one is replaced
/// as a whole and never written to.
fn install(library: &Path, folder: &Path, name: &str) -> Result<()> {
    let installed = folder.join(name);
    let content = fs::read(library).with_context(|| format!("cannot read {}", library.display()))?;
    if fs::read(&installed).is_ok_and(|old| old == content) {
        progress::say(&format!("{name} is up to date"));
        return Ok(());
    }
    let fresh = installed.with_file_name(format!(".{name}.{}", std::process::id()));
    fs::create_dir_all(folder)?;
    fs::write(&fresh, content).with_context(|| format!("cannot write {}", fresh.display()))?;
    if let Err(error) = fs::rename(&fresh, &installed) {
        let _ = fs::remove_file(&fresh);
        return Err(error).with_context(|| format!("cannot replace {name}: close the Godot that uses it"));
    }
    progress::say(&format!("installed {name}"));
    Ok(())
}

/// Where a copy of the addon has its libraries.
fn folder(addon: &Path) -> PathBuf {
    addon.join("bin")
}
