//! The programs that the tasks need from the machine, and what to say when one is missing.

use std::env::consts::EXE_SUFFIX;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// The oldest Node.js that the test server runs on.
const NODE_MAJOR: u32 = 18;

/// The first program on PATH with one of these names.
pub fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    names.iter().find_map(|name| {
        std::env::split_paths(&path)
            .map(|folder| folder.join(format!("{name}{EXE_SUFFIX}")))
            .find(|p| p.is_file())
    })
}

/// PATH with another folder before all others.
pub fn path_with(folder: &Path) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).context("PATH cannot take another folder")
}

/// Finds Node.js and npm.
pub fn node() -> Result<Node> {
    let how = "install Node.js 18 or later with npm (on Debian: the packages nodejs and npm)";
    let Some(node) = on_path(&["node", "nodejs"]) else { bail!("`node` is not on PATH: {how}") };
    let version = process::output(Command::new(&node).arg("--version"))?;
    if major(&version).is_none_or(|major| major < NODE_MAJOR) {
        bail!("`node` is version {}: {how}", version.trim());
    }
    // npm is a script, and on Windows only its `.cmd` is a program.
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    if process::output(Command::new(npm).arg("--version")).is_err() {
        bail!("`npm` is not on PATH: {how}");
    }
    Ok(Node { node, npm, version: version.trim().to_owned() })
}

/// What runs and installs JavaScript.
pub struct Node {
    pub node: PathBuf,
    pub npm: &'static str,
    pub version: String,
}

/// Finds Python 3 and its version.
pub fn python() -> Result<(PathBuf, String)> {
    let how = "install Python 3.9 or later with venv (on Debian: the packages python3 and python3-venv)";
    let Some(python) = on_path(&["python3", "python"]) else { bail!("`python3` is not on PATH: {how}") };
    let check = "import sys, venv, ensurepip; assert sys.version_info >= (3, 9); print(sys.version)";
    match process::output(Command::new(&python).args(["-c", check])) {
        Ok(version) => Ok((python, version.trim().to_owned())),
        Err(error) => bail!("`python3` cannot make a virtual environment ({error}): {how}"),
    }
}

/// Says which tool for native code is missing, if one is. The TLS library is built from C with make and perl.
pub fn check_native_build_tools() -> Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    if on_path(&["cc"]).is_none() {
        bail!("`cc` is not on PATH: install a C compiler (on Debian: the package gcc)");
    }
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    if on_path(&["make"]).is_none() {
        bail!("`make` is not on PATH: install it (on Debian: the package make)");
    }
    let modules = ["-MFindBin", "-MIPC::Cmd", "-MFile::Compare", "-MFile::Copy", "-e1"];
    if process::output(Command::new("perl").args(modules)).is_err() {
        bail!("`perl` with its standard modules is missing: install it (on Debian: the package perl)");
    }
    Ok(())
}

fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_versions() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("18.0.0"), Some(18));
        assert_eq!(major("unknown"), None);
    }

    #[test]
    fn a_program_that_is_not_there_is_not_found() {
        assert_eq!(on_path(&["no-such-program-here"]), None);
    }
}
