//! Trying a package as its users do: unpacked into an empty project, and in a game that was exported with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::archive;
use super::contents::{Contents, Libraries, Profile};
use crate::godot::template::Template;
use crate::godot::{Godot, export, project};
use crate::log_check::LogCheck;
use crate::servers::Implementation;
use crate::tally::Tally;
use crate::{library, process, progress, tree};

const LIMIT: Duration = Duration::from_secs(120);
/// What the game prints at its end.
const ANSWERS: &str = "answers: ";
/// What a package must have, whatever else it has.
const FILES: [&str; 8] = [
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "THIRDPARTY.txt",
    "docs/images/.gdignore",
    "icons/socket_io_client.svg",
    "socketio.gdextension",
    "socketio.gdextension.uid",
];

/// Makes a package of development libraries and tries it. Each way counts as one test.
pub fn test(godot: &Godot, tally: &mut Tally) -> Result<()> {
    progress::heading("package");
    let project = unpack(&make()?)?;
    count("it has what a project needs", &missing_files(&project), tally);

    let server = Implementation::Node.start()?;
    let mut command = godot.command();
    command.args(["--headless", "--path"]).arg(&project).arg("--");
    count("an empty project runs with it", &play(command, server.url())?, tally);

    match Template::find(&godot.command())? {
        Some(template) => {
            let problems = play_exported(godot, &project, &template, server.url())?;
            count("an exported game runs with it", &problems, tally);
        }
        None => println!(
            "LEFT OUT package: an exported game: there is no release template of Godot here. Name one in the variable \
             GODOT_TEMPLATE."
        ),
    }
    server.stop()
}

/// Packs the libraries that the tests have built anyway. A game must not have the one with the editor's documentation.
fn make() -> Result<PathBuf> {
    let editor = library::installed("editor");
    let game = library::compile("dev", false)?;
    let mut libraries: Libraries = BTreeMap::new();
    for (target, file) in [("editor", &editor), ("template_debug", &game), ("template_release", &game)] {
        let installed = library::installed(target);
        let name = installed.file_name().context("the library has no name")?.to_string_lossy().into_owned();
        let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        libraries.insert(format!("bin/{name}"), content);
    }
    let contents = Contents::new(libraries, Profile::Development)?;
    let archive = folder("zip").join(super::file_name());
    archive::write(&contents.files, &archive)?;
    Ok(archive)
}

/// Makes a project anew and unpacks the package into it.
fn unpack(archive: &Path) -> Result<PathBuf> {
    let project = folder("project");
    let _ = fs::remove_dir_all(&project);
    fs::create_dir_all(&project)?;
    for entry in fs::read_dir(tree::root().join("tests/package"))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), project.join(entry.file_name()))?;
        }
    }
    archive::unpack(archive, &project)?;
    project::list_extension(&project)?;
    Ok(project)
}

fn missing_files(project: &Path) -> Vec<String> {
    let addon = project.join("addons/socketio");
    FILES
        .iter()
        .filter(|name| !addon.join(name).is_file())
        .map(|name| format!("{name} is not in the package"))
        .collect()
}

fn play_exported(godot: &Godot, project: &Path, template: &Template, url: &str) -> Result<Vec<String>> {
    let export::Export { mut command, log } = export::export(godot, project, template, &folder("game"))?;
    let mut check = QuietCheck::default();
    for line in &log {
        check.line(line);
    }
    command.args(["--headless", "--"]);
    let mut problems = check.finish();
    problems.extend(play(command, url)?);
    Ok(problems)
}

/// Runs the game to its end and returns what is wrong with it.
fn play(mut command: Command, url: &str) -> Result<Vec<String>> {
    command.args(["--server", url]);
    let mut check = QuietCheck::default();
    let mut has_answers = false;
    let exits = process::watch(vec![command], Some(LIMIT), |_, line| {
        println!("{line}");
        check.line(line);
        has_answers |= line.starts_with(ANSWERS);
    })?;
    let mut problems = check.finish();
    problems.extend(exits.iter().filter(|exit| !exit.is_success()).map(ToString::to_string));
    if !has_answers {
        problems.push("the game did not get the server's answers".to_owned());
    }
    Ok(problems)
}

fn count(what: &str, problems: &[String], tally: &mut Tally) {
    println!("{} package: {what}", if problems.is_empty() { "ok  " } else { "FAIL" });
    tally.check(&format!("package: {what}"), problems);
}

fn folder(name: &str) -> PathBuf {
    tree::test_installs().join("package").join(name)
}

/// The check of a log that must not even have a warning.
#[derive(Default)]
struct QuietCheck {
    errors: LogCheck,
    warnings: Vec<String>,
}

impl QuietCheck {
    fn line(&mut self, line: &str) {
        if line.contains("WARNING") {
            self.warnings.push(line.to_owned());
        } else {
            self.errors.line(line);
        }
    }

    fn finish(self) -> Vec<String> {
        let Self { errors, mut warnings } = self;
        warnings.extend(errors.finish());
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_a_problem() {
        let mut check = QuietCheck::default();
        for line in ["Godot Engine v4.6.3", "WARNING: old", "     at: there", "ERROR: bad"] {
            check.line(line);
        }
        assert_eq!(check.finish(), ["WARNING: old", "ERROR: bad"]);
    }
}
