//! Trying the package of a release as its users do: unpacked into a new project, imported, played, and exported.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::archive;
use super::contents::Systems;
use crate::godot::template::Template;
use crate::godot::{Godot, export, project};
use crate::library::{self, Builds};
use crate::log_check::LogCheck;
use crate::servers::Implementation;
use crate::tally::Tally;
use crate::{portable, process, progress, tree, tutorials};

const LIMIT: Duration = Duration::from_secs(120);
/// What the game prints at its end.
const ANSWERS: &str = "answers: ";
/// What the trial of the example scene prints at its end.
const EXAMPLE_WORKS: &str = "the example works";
/// What a package must have, whatever else it has.
const FILES: [&str; 11] = [
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "THIRDPARTY.txt",
    "docs/images/.gdignore",
    "docs/what-may-surprise.md",
    "example/example.tscn",
    "icons/socket_io_client.svg",
    "icons/socket_io_client.svg.import",
    "socketio.gdextension",
    "socketio.gdextension.uid",
];

/// Makes the package of a release and tries it. Each way counts as one test.
pub fn test(godot: &Godot, tally: &mut Tally) -> Result<()> {
    progress::heading("package");
    let archive = make()?;
    let project = unpack(&archive)?;
    count("it has what a project needs", &missing_files(&project), tally);
    count("a new project imports it twice, as the page says", &import_twice(godot, &project)?, tally);
    let project = unpack(&archive)?;
    project::list_extension(&project)?;
    count("a project that lists it imports it at once", &import(godot, &project)?, tally);

    let problems = tutorials::with_server("quick-start", &project, |url| play_example(godot, &project, url))?;
    count("the example runs", &problems, tally);

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

/// Builds and packs as `cargo xtask package` does, beside the addon, whose libraries are those of the other tests.
fn make() -> Result<PathBuf> {
    let addon = folder("addon");
    let systems = match portable::check_own() {
        Ok(()) => {
            portable::build_own(&addon)?;
            Systems::Oldest
        }
        Err(error) => {
            println!("LEFT OUT package: libraries for old systems, which Zig would build: {error:#}");
            library::build_into(Builds::Release, &addon)?;
            Systems::Own
        }
    };
    super::pack(&addon, systems, &folder("zip"))
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

/// Imports a project that does not list the extension yet. The engine may crash at the end of the first time only.
fn import_twice(godot: &Godot, project: &Path) -> Result<Vec<String>> {
    import(godot, project)?;
    import(godot, project)
}

/// Imports a project and returns what is wrong with that.
fn import(godot: &Godot, project: &Path) -> Result<Vec<String>> {
    let mut command = godot.command();
    command.args(["--headless", "--path"]).arg(project).arg("--import");
    run(command, None)
}

/// Plays the example scene against the server that it was made for.
fn play_example(godot: &Godot, project: &Path, url: &str) -> Result<Vec<String>> {
    let mut command = godot.command();
    command.args(["--headless", "--path"]).arg(project);
    command.args(["res://example_trial.tscn", "--", "--server", url]);
    run(command, Some(EXAMPLE_WORKS))
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

/// Plays the game that connects, asks the server and ends.
fn play(mut command: Command, url: &str) -> Result<Vec<String>> {
    command.args(["--server", url]);
    run(command, Some(ANSWERS))
}

/// Runs the engine to its end and returns what is wrong, also if it prints no line that begins as it should.
fn run(command: Command, prints: Option<&str>) -> Result<Vec<String>> {
    let mut check = QuietCheck::default();
    let mut has_printed = false;
    let exits = process::watch(vec![command], Some(LIMIT), |_, line| {
        println!("{line}");
        check.line(line);
        has_printed |= prints.is_some_and(|start| line.starts_with(start));
    })?;
    let mut problems = check.finish();
    problems.extend(exits.iter().filter(|exit| !exit.is_success()).map(ToString::to_string));
    problems.extend(prints.filter(|_| !has_printed).map(|start| format!("it did not print: {start}")));
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
