//! The compiler of the Android NDK, by cargo-ndk.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::servers::install_once;
use crate::{cargo, library, process, tools, tree};

const VERSION: &str = "4.1.2";
/// Android 5.0: the oldest that Rust and Godot 4.3 run on.
const API_LEVEL: &str = "21";

/// cargo-ndk, which finds the NDK that is installed: `ANDROID_NDK_HOME` or `ANDROID_HOME` names it.
pub struct Ndk {
    programs: PathBuf,
}

impl Ndk {
    /// Finds it, and builds it from the registry's source if it is not there yet.
    pub fn install() -> Result<Self> {
        let folder = tree::root().join("target/tools");
        let state = format!("cargo-ndk {VERSION}");
        install_once(&folder.join("cargo-ndk.installed"), &state, &state, || {
            let mut install = cargo::command(&["install", "--locked", "--quiet", "cargo-ndk"]);
            install.args(["--version", VERSION, "--root"]).arg(&folder);
            vec![install]
        })?;
        Ok(Self { programs: folder.join("bin") })
    }

    /// Builds one library and returns where it is.
    pub fn compile(&self, triple: &str, profile: &str, for_editor: bool) -> Result<PathBuf> {
        let output = tree::root().join("target/ndk");
        let mut command = cargo::command(&["ndk", "--target", triple, "--platform", API_LEVEL]);
        command.arg("--output-dir").arg(&output).arg("build").args(library::arguments(profile, for_editor));
        command.env("PATH", tools::path_with(&self.programs)?);
        let exit = process::inherit(&mut command)?;
        if !exit.is_success() {
            bail!("`cargo ndk` failed for {triple} ({exit})");
        }
        Ok(output.join(abi(triple)).join("libsocketio_godot.so"))
    }
}

/// What Android calls the processor of a target.
fn abi(triple: &str) -> &str {
    match triple.split('-').next() {
        Some("aarch64") => "arm64-v8a",
        Some(processor) => processor,
        None => triple,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_have_android_names() {
        assert_eq!(abi("aarch64-linux-android"), "arm64-v8a");
        assert_eq!(abi("x86_64-linux-android"), "x86_64");
    }
}
