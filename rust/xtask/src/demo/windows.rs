//! The demo in windows, one for each player.

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use super::{PLAYERS, player};
use crate::display::VirtualDisplay;
use crate::godot::Godot;
use crate::log_check::LogCheck;
use crate::process;

const LIMIT: Duration = Duration::from_secs(90);
/// The engine prints errors where it finds no sound card.
pub const SILENT: &[&str] = &["--audio-driver", "Dummy"];

/// Opens so many windows, and waits until all are closed.
pub fn run(godot: &Godot, url: &str, count: usize) -> Result<()> {
    let exits = process::watch(windows(godot, url, count, &[]), None, |_, line| println!("{line}"))?;
    match exits.into_iter().find(|exit| !exit.is_success()) {
        Some(exit) => bail!("the demo ended with {exit}"),
        None => Ok(()),
    }
}

/// Opens the same windows for players who meet each other and go by themselves, in this display or, with none, in the user's.
/// Returns what went wrong.
pub fn test(display: Option<&VirtualDisplay>, godot: &Godot, url: &str) -> Result<Vec<String>> {
    let mut commands = windows(godot, url, PLAYERS.len(), SILENT);
    for (command, name) in commands.iter_mut().zip(PLAYERS) {
        command.args(["--window-player", name]);
        if let Some(display) = display {
            display.show(command);
        }
    }
    let mut checks = PLAYERS.map(|_| LogCheck::default());
    let exits = process::watch(commands, Some(LIMIT), |from, line| {
        println!("{line}");
        if let Some(check) = checks.get_mut(from) {
            check.line(line);
        }
    })?;
    let mut problems = Vec::new();
    for ((name, exit), check) in PLAYERS.iter().zip(exits).zip(checks) {
        if !exit.is_success() {
            problems.push(format!("{name}: {exit}"));
        }
        problems.extend(check.finish().into_iter().map(|problem| format!("{name}: {problem}")));
    }
    Ok(problems)
}

fn windows(godot: &Godot, url: &str, count: usize, engine_arguments: &[&str]) -> Vec<Command> {
    (0..count).map(|_| player(godot, url, engine_arguments)).collect()
}
