//! A picture of the demo's window, as the README shows it.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{self, Path};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::player;
use super::windows::SILENT;
use crate::display::{self, VirtualDisplay};
use crate::godot::Godot;
use crate::{process, progress};

const LIMIT: Duration = Duration::from_secs(120);
/// The size of the window.
const SIZE: (u32, u32) = (1280, 720);
/// The colours of the three players, as in `demo/screenshot.gd`. Each draws its face and its name in its own.
const PLAYERS: [[u8; 3]; 3] = [[0xff, 0x9f, 0x5a], [0x5b, 0xb8, 0xff], [0x7d, 0xdf, 0x8f]];
/// The fewest pixels of a player's colour.
const LEAST_OF_A_PLAYER: usize = 200;
/// The fewest colours of a picture that shows something.
const LEAST_COLOURS: usize = 500;

/// Plays the demo with guests that it brings along, and saves its window as a PNG.
pub fn take(godot: &Godot, url: &str, file: &Path) -> Result<()> {
    let display = if display::is_there() { None } else { Some(VirtualDisplay::start()?) };
    take_in(display.as_ref(), godot, url, file)
}

/// The same in this display; with none, in the user's.
pub fn take_in(display: Option<&VirtualDisplay>, godot: &Godot, url: &str, file: &Path) -> Result<()> {
    let file = path::absolute(file)?;
    let _ = fs::remove_file(&file);
    let mut command = player(godot, "photographer", url, SILENT);
    command.arg("--screenshot").arg(&file);
    if let Some(display) = display {
        display.show(&mut command);
    }
    let exits = process::watch(vec![command], Some(LIMIT), |_, line| println!("{line}"))?;
    if let Some(exit) = exits.into_iter().find(|exit| !exit.is_success()) {
        bail!("the demo ended with {exit}");
    }
    let size = fs::metadata(&file).context("the demo saved no picture")?.len();
    progress::say(&format!("saved {} ({} KiB)", file.display(), size / 1024));
    Ok(())
}

/// Whether a file is a picture of the window with three players in it.
///
/// # Errors
/// What it is in place of that.
pub fn check(file: &Path) -> Result<()> {
    let file = File::open(file).context("there is no picture")?;
    let mut decoder = png::Decoder::new(BufReader::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().context("the picture is no PNG")?;
    let mut bytes = vec![0; reader.output_buffer_size().context("the picture is too large")?];
    let frame = reader.next_frame(&mut bytes).context("the PNG is broken")?;
    let size = (frame.width, frame.height);
    ensure!(size == SIZE, "the picture is {} x {} pixels, not {} x {}", size.0, size.1, SIZE.0, SIZE.1);
    check_colours(bytes.get(..frame.buffer_size()).unwrap_or_default())
}

/// Looks at pixels of four bytes.
fn check_colours(pixels: &[u8]) -> Result<()> {
    let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
    for pixel in pixels.as_chunks::<4>().0 {
        let [red, green, blue, _] = *pixel;
        *counts.entry([red, green, blue]).or_default() += 1;
    }
    ensure!(counts.len() >= LEAST_COLOURS, "the picture has only {} colours", counts.len());
    for [red, green, blue] in PLAYERS {
        let count = counts.get(&[red, green, blue]).copied().unwrap_or_default();
        ensure!(
            count >= LEAST_OF_A_PLAYER,
            "only {count} pixels have the colour #{red:02x}{green:02x}{blue:02x} of a player"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pixels of many colours, and those of the players.
    fn pixels(players: &[[u8; 3]]) -> Vec<u8> {
        let noise = (0..LEAST_COLOURS).map(|number| [(number >> 8) as u8, number as u8, 1]);
        let players = players.iter().flat_map(|colour| std::iter::repeat_n(*colour, LEAST_OF_A_PLAYER));
        noise.chain(players).flat_map(|[red, green, blue]| [red, green, blue, 255]).collect()
    }

    #[test]
    fn a_picture_shows_all_players() {
        check_colours(&pixels(&PLAYERS)).unwrap();
        let error = check_colours(&pixels(&PLAYERS[..2])).unwrap_err().to_string();
        assert_eq!(error, "only 0 pixels have the colour #7ddf8f of a player");
    }

    #[test]
    fn an_empty_window_is_no_picture() {
        let error = check_colours(&[18, 22, 31, 255].repeat(1000)).unwrap_err().to_string();
        assert_eq!(error, "the picture has only 1 colours");
    }
}
