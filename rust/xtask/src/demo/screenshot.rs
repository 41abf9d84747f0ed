//! A picture of the demo's window, as the README shows it.

use std::fs;
use std::path::{self, Path};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{has_display, player};
use crate::godot::Godot;
use crate::process::{self, Line, Running};
use crate::{progress, tools};

const LIMIT: Duration = Duration::from_secs(120);
const DISPLAY_LIMIT: Duration = Duration::from_secs(15);
const SIZE: &str = "1280x720x24";
const VIRTUAL_DISPLAY: &str = "Xvfb";

/// Plays the demo with guests that it brings along, and saves its window as a PNG.
pub fn take(godot: &Godot, url: &str, file: &Path) -> Result<()> {
    let file = path::absolute(file)?;
    let _ = fs::remove_file(&file);
    let mut command = player(godot, url, &["--audio-driver", "Dummy"]);
    command.arg("--screenshot").arg(&file);
    let display = if has_display() { None } else { Some(Display::start()?) };
    if let Some(display) = &display {
        command.env("DISPLAY", &display.name);
    }
    let exits = process::watch(vec![command], Some(LIMIT), |_, line| println!("{line}"))?;
    if let Some(exit) = exits.into_iter().find(|exit| !exit.is_success()) {
        bail!("the demo ended with {exit}");
    }
    let size = fs::metadata(&file).context("the demo saved no picture")?.len();
    progress::say(&format!("saved {} ({} KiB)", file.display(), size / 1024));
    Ok(())
}

/// A display that nobody sees. It ends when this is dropped.
struct Display {
    name: String,
    _server: Running,
    _lines: Receiver<Line>,
}

impl Display {
    fn start() -> Result<Self> {
        let Some(program) = tools::on_path(&[VIRTUAL_DISPLAY]) else {
            bail!("a picture needs a display, or `{VIRTUAL_DISPLAY}` on PATH (on Debian: the package xvfb)");
        };
        let mut command = Command::new(program);
        // It takes a free number and prints it.
        command.args(["-displayfd", "1", "-screen", "0", SIZE, "-nolisten", "tcp"]);
        let (sender, lines) = channel();
        let server = Running::start(command, 0, &sender)?;
        loop {
            let line = lines.recv_timeout(DISPLAY_LIMIT).context("the virtual display did not start")?;
            if line.text.parse::<u32>().is_ok() {
                return Ok(Self { name: format!(":{}", line.text), _server: server, _lines: lines });
            }
        }
    }
}
