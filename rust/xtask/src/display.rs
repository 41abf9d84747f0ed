//! A display for what opens windows: the user's own, or a virtual one that nobody sees.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::debian::{self, Port, Source};
use crate::download::{self, Scratch};
use crate::process::{Line, Running};
use crate::{progress, tools, tree};

const PROGRAM: &str = "Xvfb";
const PACKAGE: &str = "xvfb";
const HOW: &str = "a virtual display is missing: install Xvfb (on Debian: the package xvfb)";
const START_LIMIT: Duration = Duration::from_secs(15);
const SCREEN: &str = "1280x720x24";
/// Where a display looks for the compiler of its keyboard, and what the copy in a root folder of unpacked packages, which is
/// also its working directory, has in its place. No option tells it.
const PROGRAMS: &[u8] = b"/usr/bin\0";
const PROGRAMS_HERE: &[u8] = b"usr/bin\0\0";
/// The descriptions of keyboards, which most systems have already.
const KEYBOARDS: &str = "usr/share/X11/xkb";

/// Whether the user has a display.
pub fn is_there() -> bool {
    if cfg!(any(windows, target_os = "macos")) {
        return true;
    }
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// A display that nobody sees. It ends when this is dropped.
pub struct VirtualDisplay {
    name: String,
    _server: Running,
    _lines: Receiver<Line>,
}

impl VirtualDisplay {
    /// Finds the program, downloads it if there is none, and starts it.
    pub fn start() -> Result<Self> {
        let mut command = find()?;
        // It takes a free number and prints it.
        command.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"]);
        let (sender, lines) = channel();
        let server = Running::start(command, 0, &sender)?;
        drop(sender);
        let mut last = String::new();
        loop {
            let line = lines
                .recv_timeout(START_LIMIT)
                .with_context(|| format!("the virtual display did not start: {last}"))?;
            if line.text.parse::<u32>().is_ok() {
                return Ok(Self { name: format!(":{}", line.text), _server: server, _lines: lines });
            }
            last = line.text;
        }
    }

    /// Has a program open its windows here.
    pub fn show(&self, command: &mut Command) {
        command.env("DISPLAY", &self.name).env_remove("WAYLAND_DISPLAY");
    }
}

/// Finds a virtual display: on PATH; downloaded before; the distribution's package.
fn find() -> Result<Command> {
    if let Some(program) = tools::on_path(&[PROGRAM]) {
        return Ok(Command::new(program));
    }
    let folder = tree::test_installs().join(PACKAGE);
    let _lock = download::lock(&folder, PROGRAM)?;
    let root = folder.join("packages");
    if !root.is_dir() {
        ensure!(debian::has_apt(), "{HOW}");
        progress::say("downloading a virtual display from the distribution's packages");
        let scratch = Scratch::new(&folder)?;
        let fresh = debian::unpack(&[PACKAGE], &Source::System, scratch.path())
            .context("apt-get does not bring it")
            .context(HOW)?;
        let program = program_in(&fresh);
        let copy = at_home(&fs::read(&program)?).context(HOW)?;
        fs::write(&program, copy)?;
        download::replace_folder(&fresh, &root)?;
    }
    in_root(&root)
}

fn program_in(root: &Path) -> PathBuf {
    root.join("usr/bin").join(PROGRAM)
}

/// The program in a root folder of unpacked packages.
fn in_root(root: &Path) -> Result<Command> {
    let port = Port::of_this_machine().context(HOW)?;
    let mut command = Command::new(program_in(root));
    command.current_dir(root);
    let libraries = ["usr/lib", "lib"].map(|folder| root.join(folder).join(port.triplet).into_os_string());
    command.env("LD_LIBRARY_PATH", libraries.join(&OsString::from(":")));
    let keyboards = root.join(KEYBOARDS);
    if keyboards.is_dir() {
        command.arg("-xkbdir").arg(keyboards);
    }
    Ok(command)
}

/// A copy of the program that looks for the keyboard's compiler in its working directory.
fn at_home(program: &[u8]) -> Result<Vec<u8>> {
    let mut places = program.windows(PROGRAMS.len()).enumerate().filter(|(_, bytes)| *bytes == PROGRAMS);
    let place = places.next().context("it names no folder of programs")?.0;
    ensure!(places.next().is_none(), "it names the folder of programs twice");
    let mut copy = program.to_vec();
    copy.splice(place..place + PROGRAMS.len(), PROGRAMS_HERE.iter().copied());
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_looks_for_programs_where_it_is_and_stays_as_long() {
        assert_eq!(at_home(b"a\0/usr/bin\0/usr/bin/x\0").unwrap(), b"a\0usr/bin\0\0/usr/bin/x\0");
        assert!(at_home(b"a\0/usr/bin/x\0").is_err());
        assert!(at_home(b"/usr/bin\0/usr/bin\0").is_err());
    }
}
