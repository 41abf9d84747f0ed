//! Zig's compiler and linker, which build for systems other than this machine's, and on Linux for an old C library.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::package::OLDEST_GLIBC;
use crate::servers::install_once;
use crate::{cargo, checksum, tools, tree};

/// Zig with a subcommand of cargo, in an environment of Python packages.
pub struct Zig {
    programs: PathBuf,
}

impl Zig {
    /// Finds it, and installs it if it is not there yet.
    pub fn install() -> Result<Self> {
        let (python, version) = tools::python()?;
        let environment = tree::root().join("target/tools/zig");
        let requirements = tree::root().join("rust/xtask/src/portable/requirements.txt");
        let pinned = fs::read(&requirements).context("cannot read the pinned versions of Zig")?;
        let state = checksum::of_parts([pinned.as_slice(), version.as_bytes()]);
        let programs = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
        install_once(&environment.join("installed"), &state, "Zig's linker", || {
            let mut make = Command::new(python);
            make.args(["-m", "venv", "--clear"]).arg(&environment);
            let mut install = Command::new(programs.join("python"));
            install.args(["-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]);
            install.args(["--no-cache-dir", "--require-hashes", "--requirement"]).arg(&requirements);
            vec![make, install]
        })?;
        Ok(Self { programs })
    }

    /// The command that takes the place of `cargo build`.
    pub fn command(&self, triple: &str) -> Result<Command> {
        let mut command = cargo::command(&["zigbuild", "--target", &with_glibc(triple)]);
        command.env("PATH", tools::path_with(&self.programs)?);
        Ok(command)
    }
}

/// The target as Zig reads it, on Linux with the C library to link with.
fn with_glibc(triple: &str) -> String {
    if triple.contains("-linux-gnu") { format!("{triple}.{OLDEST_GLIBC}") } else { triple.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linux_gets_an_old_c_library() {
        assert_eq!(with_glibc("aarch64-unknown-linux-gnu"), "aarch64-unknown-linux-gnu.2.17");
        assert_eq!(with_glibc("x86_64-pc-windows-gnu"), "x86_64-pc-windows-gnu");
    }
}
