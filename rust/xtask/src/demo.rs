//! `cargo xtask demo`: the demo against a Socket.IO server, in windows or headless.

mod outage;
mod screenshot;
mod windows;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::display::VirtualDisplay;
use crate::godot::{self, Godot};
use crate::library::{self, Builds};
use crate::log_check::LogCheck;
use crate::process;
use crate::servers::{DemoServer, Server};
use crate::tally::Tally;
use crate::{display, progress, tree};

/// The players of a headless run. They start together and wait for each other.
const PLAYERS: [&str; 2] = ["alice", "bob"];
const HEADLESS_LIMIT: Duration = Duration::from_secs(60);
/// How the line begins that names the script of a warning.
const SCRIPT_WARNING: &str = "at: GDScript::reload";

/// How to run the demo.
#[derive(Debug)]
pub struct Options {
    pub headless: bool,
    /// Whether to kill the server while headless players talk, and start it again.
    pub kill_server: bool,
    /// The URL of the user's own server.
    pub server: Option<String>,
    pub windows: usize,
    /// Where to save a picture of the window.
    pub screenshot: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { headless: false, kill_server: false, server: None, windows: 1, screenshot: None }
    }
}

/// Builds everything that the demo needs and runs it.
pub fn run(options: &Options) -> Result<()> {
    library::build(Builds::Editor)?;
    let godot = godot::find()?;
    godot::project::prepare(&godot, &tree::demo_project())?;
    progress::heading("Running the demo");
    if options.kill_server {
        return report(&outage::run(&godot, DemoServer::Rust)?);
    }
    let server = if options.server.is_none() { Some(start_server(options)?) } else { None };
    let url = options.server.as_deref().or(server.as_ref().map(Server::url)).unwrap_or_default();
    progress::say(&format!("server {url}"));
    if let Some(file) = &options.screenshot {
        screenshot::take(&godot, url, file)?;
    } else if options.headless || !display::is_there() {
        report(&tour(&godot, url)?)?;
    } else {
        windows::run(&godot, url, options.windows)?;
    }
    server.map_or(Ok(()), Server::stop)
}

fn start_server(options: &Options) -> Result<Server> {
    let server = DemoServer::Rust;
    // The picture shows the address: it should be the one that the demo's server has by itself.
    if options.screenshot.is_some() {
        server.start(3000).or_else(|_| server.start(0))
    } else {
        server.start(0)
    }
}

/// Runs the headless players against each of the demo's servers. Each run counts as one test.
pub fn test(godot: &Godot, tally: &mut Tally) -> Result<()> {
    progress::heading("demo");
    godot::project::prepare(godot, &tree::demo_project())?;
    for server in DemoServer::ALL {
        let tour = server.start(0).and_then(|server| tour(godot, server.url()));
        count("the tour", server, tour, tally);
        count("killed servers", server, outage::run(godot, server), tally);
    }
    test_windows(godot, tally);
    Ok(())
}

/// What has a window needs a display. Without one it is left out, and the log says so.
fn test_windows(godot: &Godot, tally: &mut Tally) {
    // A virtual one also where the user has a display: nobody wants windows that come and go.
    let display = match (VirtualDisplay::start(), cfg!(target_os = "linux")) {
        (Ok(display), _) => Some(display),
        (Err(_), false) if display::is_there() => None,
        (Err(error), _) => {
            println!("LEFT OUT demo: the screenshot and two windows: {error:#}");
            return;
        }
    };
    for server in DemoServer::ALL {
        let players = server.start(0).and_then(|server| windows::test(display.as_ref(), godot, server.url()));
        count("two windows", server, players, tally);
    }
    let server = DemoServer::Rust;
    let file = tree::test_installs().join("demo.png");
    let picture = server.start(0).and_then(|server| {
        screenshot::take_in(display.as_ref(), godot, server.url(), &file)?;
        screenshot::check(&file)
    });
    count("the screenshot", server, picture.map(|()| Vec::new()), tally);
}

fn count(run: &str, server: DemoServer, problems: Result<Vec<String>>, tally: &mut Tally) {
    let problems = problems.unwrap_or_else(|error| vec![format!("{error:#}")]);
    let name = format!("demo: {run} [{}]", server.name());
    println!("{} {name}", if problems.is_empty() { "ok  " } else { "FAIL" });
    tally.check(&name, &problems);
}

fn report(problems: &[String]) -> Result<()> {
    if !problems.is_empty() {
        bail!("the demo failed:\n  {}", problems.join("\n  "));
    }
    progress::say("every step happened");
    Ok(())
}

/// Two players go through everything that the demo shows. Returns what went wrong.
fn tour(godot: &Godot, url: &str) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    let mut before = String::new();
    // With the engine's own debugger, which tells what the editor would warn of in the demo's scripts.
    let mut problems = run_players(godot, url, &["--headless", "--debug"], "--headless-player", |line| {
        if line.trim_start().starts_with(SCRIPT_WARNING) {
            warnings.push(format!("{before} {}", line.trim()));
        }
        line.clone_into(&mut before);
    })?;
    problems.extend(warnings);
    Ok(problems)
}

/// Runs two headless players, hands out what they print, and returns what went wrong.
fn run_players(
    godot: &Godot,
    url: &str,
    engine_arguments: &[&str],
    script: &str,
    on_line: impl FnMut(&str),
) -> Result<Vec<String>> {
    let players = PLAYERS.map(|name| {
        let mut command = player(godot, name, url, engine_arguments);
        command.args([script, name]);
        command
    });
    watch_players(players, HEADLESS_LIMIT, on_line)
}

/// Waits for the players and hands out what they print. Returns what went wrong.
fn watch_players(
    players: [Command; PLAYERS.len()],
    limit: Duration,
    mut on_line: impl FnMut(&str),
) -> Result<Vec<String>> {
    let mut checks = PLAYERS.map(|_| LogCheck::default());
    let exits = process::watch(players.into(), Some(limit), |from, line| {
        if let Some(check) = checks.get_mut(from) {
            check.line(line);
        }
        // The engine's banner is no part of the transcript.
        if !line.is_empty() && !line.starts_with("Godot Engine v") {
            println!("{line}");
        }
        on_line(line);
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

/// One player of the demo, with user data of its own.
fn player(godot: &Godot, name: &str, url: &str, engine_arguments: &[&str]) -> Command {
    let mut command = godot.command_for(name);
    command.args(engine_arguments).arg("--path").arg(tree::demo_project());
    command.args(["--", "--server", url]);
    command
}
