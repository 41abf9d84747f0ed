//! The demo in windows, one for each player.

use std::time::Duration;

use anyhow::{Result, bail};

use super::{PLAYERS, player, watch_players};
use crate::display::VirtualDisplay;
use crate::godot::Godot;
use crate::process;

const LIMIT: Duration = Duration::from_secs(90);
/// The engine prints errors where it finds no sound card.
pub const SILENT: &[&str] = &["--audio-driver", "Dummy"];

/// Opens so many windows, and waits until all are closed.
pub fn run(godot: &Godot, url: &str, count: usize) -> Result<()> {
    let windows = (1..=count).map(|number| player(godot, &format!("player_{number}"), url, &[])).collect();
    let exits = process::watch(windows, None, |_, line| println!("{line}"))?;
    match exits.into_iter().find(|exit| !exit.is_success()) {
        Some(exit) => bail!("the demo ended with {exit}"),
        None => Ok(()),
    }
}

/// Opens windows for two players who meet each other and go by themselves, in this display or, with none, in the
/// user's. Returns what went wrong.
pub fn test(display: Option<&VirtualDisplay>, godot: &Godot, url: &str) -> Result<Vec<String>> {
    let windows = PLAYERS.map(|name| {
        let mut command = player(godot, name, url, SILENT);
        command.args(["--window-player", name]);
        if let Some(display) = display {
            display.show(&mut command);
        }
        command
    });
    watch_players(windows, LIMIT, |_| ())
}
