//! Exporting a project as a release game, as its players get it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use super::Godot;
use super::template::Template;
use crate::{process, progress};

const PRESET: &str = "Release";
const LIMIT: Duration = Duration::from_secs(180);

/// A game that was exported.
pub struct Export {
    /// Starts it; the game's own arguments go behind a `--`.
    pub command: Command,
    /// What the engine said while it exported.
    pub log: Vec<String>,
}

/// Exports a project into the folder `game`, which is made anew. Writes the project's presets.
pub fn export(godot: &Godot, project: &Path, template: &Template, game: &Path) -> Result<Export> {
    let name = project.file_name().unwrap_or_default().to_string_lossy().into_owned();
    progress::say(&format!("exporting {name} as a game"));
    let _ = fs::remove_dir_all(game);
    fs::create_dir_all(game)?;
    fs::write(project.join("export_presets.cfg"), preset(template))?;
    let program = game.join(format!("game{}", std::env::consts::EXE_SUFFIX));
    let mut command = godot.command();
    command.args(["--headless", "--path"]).arg(project);
    command.args(["--export-release", PRESET]).arg(&program);
    let mut log = Vec::new();
    let exits = process::watch(vec![command], Some(LIMIT), |_, line| log.push(line.to_owned()))?;
    if let Some(exit) = exits.into_iter().find(|exit| !exit.is_success()) {
        bail!("exporting {name} failed ({exit}):\n{}", log.join("\n"));
    }
    if !program.is_file() {
        bail!("the export made no {}:\n{}", program.display(), log.join("\n"));
    }
    Ok(Export { command: template.command(&program)?, log })
}

fn preset(template: &Template) -> String {
    let (platform, architecture) = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("windows", arch) => ("Windows Desktop", arch),
        ("macos", _) => ("macOS", "universal"),
        (_, arch) => ("Linux", arch),
    };
    let architecture = if architecture == "aarch64" { "arm64" } else { architecture };
    format!(
        "[preset.0]\n\nname=\"{PRESET}\"\nplatform=\"{platform}\"\nrunnable=true\nexport_filter=\"all_resources\"\n\
         include_filter=\"\"\nexclude_filter=\"\"\n\n\
         [preset.0.options]\n\ncustom_template/release={:?}\nbinary_format/architecture=\"{architecture}\"\n",
        template.program()
    )
}
