//! Finding a Godot: the user's own first, a download last.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::{Godot, Launch, debian, official};
use crate::download::{self, Scratch};
use crate::{progress, tools, tree};

/// Finds a Godot that is recent enough, and downloads one if there is none.
///
/// The order: the variable `GODOT`; `godot` or `godot4` on PATH; an earlier download; the official release;
/// on a Debian-like system, the distribution's package.
pub fn find() -> Result<Godot> {
    // The user named this one, so running another in its place would be a surprise.
    if let Some(program) = std::env::var_os("GODOT").filter(|program| !program.is_empty()) {
        let name = program.display().to_string();
        let godot = Launch::direct(program.into()).check();
        return Ok(found(
            godot.with_context(|| format!("the variable GODOT names `{name}`"))?,
            "variable GODOT",
        ));
    }
    for name in ["godot", "godot4"] {
        let Some(program) = tools::on_path(&[name]) else { continue };
        match Launch::direct(program).check() {
            Ok(godot) => return Ok(found(godot, &format!("`{name}` on PATH"))),
            Err(error) => progress::say(&format!("`{name}` on PATH is not used: {error:#}")),
        }
    }
    if let Some(godot) = downloaded() {
        return Ok(godot);
    }
    download()
}

fn found(godot: Godot, source: &str) -> Godot {
    progress::say(&format!("Godot {} ({source})", godot.version));
    godot
}

fn downloaded() -> Option<Godot> {
    let launches = [
        ("official release, downloaded before", official::downloaded()),
        ("Debian's package, downloaded before", debian::downloaded()),
    ];
    launches.into_iter().find_map(|(source, launch)| match launch?.check() {
        Ok(godot) => Some(found(godot, source)),
        Err(error) => {
            progress::say(&format!("{source}, does not run here: {error:#}"));
            None
        }
    })
}

fn download() -> Result<Godot> {
    let folder = tree::godot_downloads();
    let _lock = download::lock(&folder, "Godot")?;
    // Another task may have downloaded one while this one waited for the lock.
    if let Some(godot) = downloaded() {
        return Ok(godot);
    }
    progress::heading("Downloading Godot");
    for (source, download) in [
        ("the official release", official::download as fn(&Path) -> Result<Option<Launch>>),
        ("Debian's package", debian::download),
    ] {
        let scratch = Scratch::new(&folder)?;
        match download(scratch.path()).and_then(|launch| launch.map(Launch::check).transpose()) {
            Ok(Some(godot)) => return Ok(found(godot, source)),
            Ok(None) => {}
            Err(error) => progress::say(&format!("{source} cannot be had: {error:#}")),
        }
    }
    bail!(
        "there is no Godot 4.3 or later: install one from godotengine.org and put it on PATH as `godot`, \
         or name it in the environment variable GODOT"
    )
}
