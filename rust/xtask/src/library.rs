//! The extension's library: its builds, and installing them into the addon.

use std::env::consts;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

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

/// Builds the libraries and installs them into the addon.
pub fn build(builds: Builds) -> Result<()> {
    let profile = if builds == Builds::Release { "release" } else { "dev" };
    progress::heading(&format!("Building the extension ({profile} profile)"));
    install(&compile(profile, true)?, "editor")?;
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

/// Where the library for `target` is installed.
pub fn installed(target: &str) -> PathBuf {
    tree::addon().join("bin").join(file_name(target))
}

/// Builds one library and returns where it is.
pub fn compile(profile: &str, with_docs: bool) -> Result<PathBuf> {
    compile_by(cargo::command(&["build"]), &["--profile", profile], with_docs)
}

/// The same by a subcommand of cargo that takes the place of `build`.
pub fn compile_by(command: Command, arguments: &[&str], with_docs: bool) -> Result<PathBuf> {
    let mut arguments = [&["--package", "socketio-godot", "--lib"], arguments].concat();
    if with_docs {
        arguments.extend(["--features", "editor-docs"]);
    }
    let files = cargo::build_by(command, &arguments, "socketio_godot")?;
    let library = files.into_iter().find(|file| file.extension().is_some_and(|e| e == consts::DLL_EXTENSION));
    library.context("cargo built no dynamic library of `socketio-godot`")
}

/// Copies a library under its name for `target`. A running Godot may have the old one mapped, so that one is
/// replaced as a whole and never written to.
pub fn install(library: &Path, target: &str) -> Result<()> {
    let installed = installed(target);
    let name = file_name(target);
    let content = fs::read(library).with_context(|| format!("cannot read {}", library.display()))?;
    if fs::read(&installed).is_ok_and(|old| old == content) {
        progress::say(&format!("{name} is up to date"));
        return Ok(());
    }
    let fresh = installed.with_file_name(format!(".{name}.{}", std::process::id()));
    fs::create_dir_all(tree::addon().join("bin"))?;
    fs::write(&fresh, content).with_context(|| format!("cannot write {}", fresh.display()))?;
    if let Err(error) = fs::rename(&fresh, &installed) {
        let _ = fs::remove_file(&fresh);
        return Err(error).with_context(|| format!("cannot replace {name}: close the Godot that uses it"));
    }
    progress::say(&format!("installed {name}"));
    Ok(())
}

/// The name that `socketio.gdextension` knows a library by.
fn file_name(target: &str) -> String {
    let arch = match (consts::OS, consts::ARCH) {
        // macOS takes one file for both processors. A local build serves the one it was built on.
        ("macos", _) => "universal",
        (_, "aarch64") => "arm64",
        (_, arch) => arch,
    };
    let (prefix, suffix) = (consts::DLL_PREFIX, consts::DLL_SUFFIX);
    format!("{prefix}socketio_godot.{}.{target}.{arch}{suffix}", consts::OS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    #[test]
    fn names_are_those_of_the_extension_file() {
        assert_eq!(file_name("editor"), "libsocketio_godot.linux.editor.x86_64.so");
        assert_eq!(file_name("template_debug"), "libsocketio_godot.linux.template_debug.x86_64.so");
    }
}
