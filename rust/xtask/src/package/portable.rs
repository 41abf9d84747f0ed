//! Building the libraries of a release: on Linux against an old C library, so that they run on old systems too.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::extension_file::Platform;
use super::requirements::OLDEST_GLIBC;
use crate::library::{self, Builds};
use crate::servers::install_once;
use crate::{cargo, checksum, progress, tools, tree};

/// Builds and installs the three libraries of this machine's platform.
pub fn build() -> Result<()> {
    let platform = Platform::of_this_machine();
    if !platform.is_linux() {
        return library::build(Builds::Release);
    }
    let zig = Zig::install()?;
    progress::heading(&format!("Building the extension for glibc {OLDEST_GLIBC}"));
    let target = platform.targets()?.first().context("a platform without a target")?;
    let target = format!("{target}.{OLDEST_GLIBC}");
    library::install(&zig.compile(&target, true)?, "editor")?;
    let library = zig.compile(&target, false)?;
    library::install(&library, "template_debug")?;
    library::install(&library, "template_release")
}

/// Zig's compiler and linker, in an environment of Python packages.
struct Zig {
    programs: PathBuf,
}

impl Zig {
    fn install() -> Result<Self> {
        let (python, version) = tools::python()?;
        let environment = tree::root().join("target/tools/zig");
        let requirements = tree::root().join("rust/xtask/src/package/requirements.txt");
        let pinned = fs::read(&requirements).context("cannot read the pinned versions of Zig")?;
        let state = checksum::of_parts([pinned.as_slice(), version.as_bytes()]);
        let programs = environment.join("bin");
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

    fn compile(&self, target: &str, with_docs: bool) -> Result<PathBuf> {
        let mut command = cargo::command(&["zigbuild"]);
        command.env("PATH", first_on_path(&self.programs)?);
        library::compile_by(command, &["--release", "--target", target], with_docs)
    }
}

fn first_on_path(folder: &Path) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).context("PATH cannot take another folder")
}
