//! Godot's release template, which an exported game is made of.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::debian::{self, Port, Source};
use crate::download::{self, Scratch};
use crate::{process, progress, tree};

const PACKAGE: &str = "godot-template-release";
/// Names a template of the user's own.
const VARIABLE: &str = "GODOT_TEMPLATE";

/// A template of the same version as the editor that exports with it.
pub struct Template {
    program: PathBuf,
    /// Where it comes with libraries of its own: their root folder.
    root: Option<PathBuf>,
}

impl Template {
    /// Finds one for the version of this editor: named by the variable, downloaded before, or Debian's package. None
    /// if there is none here.
    pub fn find(editor: &Command) -> Result<Option<Self>> {
        let version = version(editor)?;
        if let Some(program) = std::env::var_os(VARIABLE).filter(|program| !program.is_empty()) {
            let template = Self { program: program.into(), root: None };
            template.check(&version).with_context(|| format!("the variable {VARIABLE}"))?;
            return Ok(Some(template));
        }
        // Only the package of the same build is of the same version.
        if !version.contains("debian") || !debian::has_apt() {
            return Ok(None);
        }
        let folder = tree::godot_downloads();
        let _lock = download::lock(&folder, "Godot's release template")?;
        let root = folder.join("debian-sid-template");
        if let Some(template) = Self::in_root(&root).filter(|template| template.check(&version).is_ok()) {
            return Ok(Some(template));
        }
        progress::say("downloading Godot's release template from Debian's suite sid");
        let port = Port::of_this_machine().context("Debian has no package for this processor")?;
        let mirror = debian::mirrors()?.into_iter().next().context("apt names no Debian archive")?;
        let scratch = Scratch::new(&folder)?;
        let fresh = debian::unpack(&[PACKAGE], &Source::Sid { mirror: &mirror, port }, scratch.path())?;
        download::replace_folder(&fresh, &root)?;
        let template = Self::in_root(&root).with_context(|| format!("the package {PACKAGE} holds none"))?;
        template.check(&version)?;
        Ok(Some(template))
    }

    pub fn program(&self) -> &Path {
        &self.program
    }

    /// A command that starts a game that was exported with it.
    pub fn command(&self, game: &Path) -> Result<Command> {
        let Some((root, port)) = self.root.as_ref().zip(Port::of_this_machine()) else {
            return Ok(Command::new(game));
        };
        // The engine takes the loader for its own program, and looks for the game's data beside it under its name.
        let loader = game.with_file_name("loader");
        fs::copy(root.join(port.loader), &loader)?;
        fs::rename(game.with_extension("pck"), loader.with_extension("pck"))
            .context("the export made no game data")?;
        let mut command = Command::new(loader);
        command.arg("--library-path").arg(libraries(root, port)).args(["--argv0", "game"]).arg(game);
        command.env_remove("LD_LIBRARY_PATH");
        Ok(command)
    }

    fn in_root(root: &Path) -> Option<Self> {
        let programs = fs::read_dir(root.join("usr/bin")).ok()?;
        let program = programs
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("godot")));
        Some(Self { program: program?, root: Some(root.to_path_buf()) })
    }

    fn check(&self, editor: &str) -> Result<()> {
        let mut command = match self.root.as_ref().zip(Port::of_this_machine()) {
            Some((root, port)) => {
                let mut command = Command::new(root.join(port.loader));
                command.arg("--library-path").arg(libraries(root, port)).arg(&self.program);
                command.env_remove("LD_LIBRARY_PATH");
                command
            }
            None => Command::new(&self.program),
        };
        let own = process::output(command.arg("--version"))?;
        if own.trim() != editor {
            bail!("the template is of version {}, and the editor of {editor}", own.trim());
        }
        Ok(())
    }
}

fn libraries(root: &Path, port: &Port) -> OsString {
    let libraries = root.join("usr/lib").join(port.triplet);
    [libraries.clone(), libraries.join("pulseaudio"), root.join("usr/lib")]
        .iter()
        .map(|folder| folder.as_os_str())
        .collect::<Vec<_>>()
        .join(OsStr::new(":"))
}

fn version(editor: &Command) -> Result<String> {
    let mut command = Command::new(editor.get_program());
    command.args(editor.get_args());
    for (name, value) in editor.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Ok(process::output(command.arg("--version"))?.trim().to_owned())
}
