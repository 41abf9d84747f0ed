//! `cargo xtask fuzz-data`: a game that does everything that GDScript can do to the data of events, against a server of
//! random trees that sends each with its JSON text beside it.

use std::ffi::OsStr;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::godot::template::Template;
use crate::godot::{self, Godot, export, project};
use crate::library::{self, Builds};
use crate::log_check::LogCheck;
use crate::process::{self, Exit};
use crate::servers::Server;
use crate::tally::Tally;
use crate::{progress, tree};

/// The time for the start and the end, which take long under valgrind.
const SLACK: Duration = Duration::from_secs(300);
/// How long the test command plays.
const TEST_SECONDS: f64 = 20.0;
/// What valgrind's exit code is when it found something.
const VALGRIND_ERRORS: &str = "99";

/// How long, with which seed, and in which engine.
pub struct Options {
    pub minutes: f64,
    pub seed: u64,
    /// Whether to play in a game that was exported with the release template, not in the editor's binary.
    pub exported: bool,
    pub valgrind: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { minutes: 10.0, seed: 1, exported: false, valgrind: false }
    }
}

/// Plays, and tells what was wrong.
pub fn run(options: &Options) -> Result<ExitCode> {
    let godot = godot::find()?;
    library::build(if options.exported { Builds::Release } else { Builds::Editor })?;
    let mut command = if options.exported { exported_game(&godot)? } else { game_in_editor(&godot)? };
    if options.valgrind {
        command = under_valgrind(&command);
    }
    progress::heading(&format!("data fuzz for {} minutes, seed {}", options.minutes, options.seed));
    let problems = play(command, options.minutes * 60.0, options.seed)?;
    if problems.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nFailures:\n- {}", problems.join("\n- "));
    Ok(ExitCode::FAILURE)
}

/// Plays for some seconds.
pub fn test(godot: &Godot, tally: &mut Tally) -> Result<()> {
    progress::heading("data fuzz");
    let problems = play(game_in_editor(godot)?, TEST_SECONDS, Options::default().seed)?;
    tally.check("data fuzz", &problems);
    Ok(())
}

fn game_in_editor(godot: &Godot) -> Result<Command> {
    let project = tree::data_fuzz_project();
    project::prepare(godot, &project)?;
    let mut command = godot.command();
    command.args(["--headless", "--path"]).arg(project).arg("--");
    Ok(command)
}

fn exported_game(godot: &Godot) -> Result<Command> {
    let project = tree::data_fuzz_project();
    project::prepare(godot, &project)?;
    let template = Template::find(&godot.command())?
        .context("there is no release template of Godot here: name one in the variable GODOT_TEMPLATE")?;
    let game = tree::test_installs().join("data-fuzz");
    let mut command = export::export(godot, &project, &template, &game)?.command;
    command.args(["--headless", "--"]);
    Ok(command)
}

fn under_valgrind(command: &Command) -> Command {
    let mut valgrind = Command::new("valgrind");
    valgrind.arg(format!("--error-exitcode={VALGRIND_ERRORS}")).args([
        "--num-callers=30",
        "--undef-value-errors=no",
        "--fair-sched=yes",
    ]);
    valgrind.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => valgrind.env(name, value),
            None => valgrind.env_remove(name),
        };
    }
    valgrind
}

/// Runs the game to its end and returns what was wrong.
fn play(mut command: Command, seconds: f64, seed: u64) -> Result<Vec<String>> {
    let server = Server::start_trees(seed)?;
    command.args([OsStr::new("--server"), OsStr::new(server.url())]);
    command.args(["--seconds", &seconds.to_string(), "--seed", &seed.to_string()]);
    let limit = Duration::try_from_secs_f64(seconds)? + SLACK;
    let mut check = LogCheck::default();
    let exits = process::watch(vec![command], Some(limit), |_, line| {
        println!("{line}");
        check.line(line);
    })?;
    let mut problems = check.finish();
    let unexpected = exits.into_iter().find(|exit| *exit != Exit::Code(0));
    problems.extend(unexpected.map(|exit| format!("Godot ended with {exit}")));
    problems.extend(server.stop().err().map(|error| format!("{error:#}")));
    Ok(problems)
}
