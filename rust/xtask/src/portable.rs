//! Building the libraries that players get, for this machine's platform or for another.

mod ndk;
mod zig;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use self::ndk::Ndk;
use self::zig::Zig;
use crate::library::{self, Builds};
use crate::platform::Platform;
use crate::{cargo, process, progress, tools, tree};

/// Builds the optimized libraries of this machine's platform and installs them into a copy of the addon.
pub fn build_own(addon: &Path) -> Result<()> {
    build(own_triple()?, Builds::Release, addon)
}

/// Says why this machine cannot build for its own platform's oldest systems, if it cannot.
pub fn check_own() -> Result<()> {
    Compiler::of(own_triple()?).map(drop)
}

fn own_triple() -> Result<&'static str> {
    Platform::of_this_machine().triples()?.into_iter().next().context("a platform without a target")
}

/// Builds the libraries of the platform that a target of rustc is for, and installs them into a copy of the addon.
pub fn build(triple: &str, builds: Builds, addon: &Path) -> Result<()> {
    let platform = Platform::of_triple(triple)?;
    let triples = if platform.is_universal() { platform.triples()? } else { vec![triple] };
    for triple in &triples {
        add_standard_library(triple)?;
    }
    let compiler = Compiler::of(triple)?;
    library::build_by(&platform, builds, addon, |profile, for_editor| {
        let compile = |triple: &&str| compiler.compile(&platform, triple, profile, for_editor);
        join(triples.iter().map(compile).collect::<Result<_>>()?)
    })
}

/// What compiles and links for a target.
enum Compiler {
    /// The machine's own, which is there only on the target's system.
    Own,
    /// Zig's, which has the C libraries of Linux and of Windows, old versions too.
    Zig(Zig),
    /// That of the Android NDK.
    Ndk(Ndk),
}

impl Compiler {
    fn of(triple: &str) -> Result<Self> {
        Ok(if triple.ends_with("-android") {
            Self::Ndk(Ndk::install()?)
        } else if triple.ends_with("-gnu") {
            Self::Zig(Zig::install()?)
        } else {
            Self::Own
        })
    }

    fn compile(&self, platform: &Platform, triple: &str, profile: &str, for_editor: bool) -> Result<PathBuf> {
        match self {
            Self::Own => {
                let command = cargo::command(&["build", "--target", triple]);
                library::compile_by(command, platform, profile, for_editor)
            }
            Self::Zig(zig) => library::compile_by(zig.command(triple)?, platform, profile, for_editor),
            Self::Ndk(ndk) => ndk.compile(triple, profile, for_editor),
        }
    }
}

/// A toolchain has Rust's standard library for its own machine only, and rustup those for others.
fn add_standard_library(triple: &str) -> Result<()> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let folder = process::output(Command::new(rustc).args(["--print", "target-libdir", "--target", triple]))?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    let how = format!("Rust's standard library for {triple}");
    if tools::on_path(&["rustup"]).is_none() {
        bail!("{how} is missing, and so is `rustup`, which installs it: see your distribution's packages");
    }
    progress::say(&format!("installing {how}"));
    let exit = process::inherit(Command::new("rustup").args(["target", "add", triple]))?;
    if !exit.is_success() {
        bail!("`rustup target add {triple}` failed ({exit})");
    }
    Ok(())
}

/// Makes one library of those for several processors, with Apple's tool for it.
fn join(libraries: Vec<PathBuf>) -> Result<PathBuf> {
    if let [library] = libraries.as_slice() {
        return Ok(library.clone());
    }
    let universal = tree::root().join("target/universal.dylib");
    let mut lipo = Command::new("lipo");
    lipo.arg("-create").args(libraries).arg("-output").arg(&universal);
    process::output(&mut lipo).context("a library for several processors is made on macOS only")?;
    Ok(universal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_library_of_this_machine_is_there() {
        add_standard_library(Platform::of_this_machine().triples().unwrap()[0]).unwrap();
    }

    #[test]
    fn an_unknown_target_is_refused_before_anything_is_installed() {
        let error =
            build("wasm32-unknown-emscripten", Builds::Release, &tree::addon()).unwrap_err().to_string();
        assert!(
            error.starts_with("there are no libraries for the target `wasm32-unknown-emscripten`"),
            "{error}"
        );
    }
}
