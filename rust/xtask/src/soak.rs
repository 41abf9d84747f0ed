//! `cargo xtask soak`: rounds of floods, faults, scene changes and clients that come and go, in a headless Godot against the
//! real server. What the process has at rest after each round must not grow.

mod sample;
mod trend;

use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Result, bail};

use self::sample::{Sample, heading, row};
use self::trend::Trend;
use crate::godot::{self, Godot};
use crate::library::{self, Builds};
use crate::log_check::LogCheck;
use crate::process::{self, Exit};
use crate::servers::{Implementation, Server};
use crate::tally::Tally;
use crate::{certificates, progress, tree};

/// What a Godot line with a sample begins with.
const SAMPLE: &str = "SOAK {";
/// About so many lines of the table are printed.
const LINES: f64 = 20.0;
/// The time for the start, the last round and the end.
const SLACK: Duration = Duration::from_secs(120);
/// The time for the few rounds of a test. They take half a minute where the machine has nothing else to do.
const TEST_LIMIT: Duration = Duration::from_secs(400);

/// How long, and with which seed.
pub struct Options {
    pub minutes: f64,
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { minutes: 10.0, seed: 1 }
    }
}

/// Soaks, and tells what grew.
pub fn run(options: &Options) -> Result<ExitCode> {
    library::build(Builds::Editor)?;
    let godot = godot::find()?;
    godot::project::prepare(&godot, &tree::test_project())?;
    let servers = start_servers()?;
    progress::heading(&format!("soak for {} minutes, seed {}", options.minutes, options.seed));
    let mut command = command(&godot, "soak.gd", &servers, options.seed)?;
    command.args(["--seconds", &format!("{:.0}", options.minutes * 60.0)]);
    let (samples, mut problems) = watch(command, options)?;
    for server in servers {
        problems.extend(server.stop().err().map(|error| format!("{error:#}")));
    }
    println!();
    for trend in Trend::of_all(&samples)? {
        println!("{trend}");
        problems.extend(trend.problem());
    }
    if problems.is_empty() {
        println!("\nflat after warm-up");
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nFailures:\n- {}", problems.join("\n- "));
    Ok(ExitCode::FAILURE)
}

/// Soaks for a few rounds, after which there must be no more than before.
pub fn test(godot: &Godot, tally: &mut Tally) -> Result<()> {
    progress::heading("soak");
    let servers = start_servers()?;
    let mut check = LogCheck::default();
    let command = command(godot, "short_soak.gd", &servers, Options::default().seed)?;
    let exits = process::watch(vec![command], Some(TEST_LIMIT), |_, line| {
        println!("{line}");
        check.line(line);
    })?;
    let mut problems = check.finish();
    let unexpected = exits.into_iter().find(|exit| *exit != Exit::Code(0));
    problems.extend(unexpected.map(|exit| format!("Godot ended with {exit}")));
    for server in servers {
        problems.extend(server.stop().err().map(|error| format!("{error:#}")));
    }
    tally.check("soak", &problems);
    Ok(())
}

fn start_servers() -> Result<[Server; 3]> {
    Ok([Implementation::Node.start()?, Implementation::Polling.start()?, Server::start_fault_proxy()?])
}

fn command(godot: &Godot, script: &str, servers: &[Server; 3], seed: u64) -> Result<Command> {
    let [server, polling_server, fault_proxy] = servers;
    let mut command = godot.command();
    command.args(["--headless", "--path"]).arg(tree::test_project());
    command.args(["-s", &format!("res://soak/{script}"), "--", "--seed", &seed.to_string()]);
    command.args(["--server", server.url(), "--polling-server", polling_server.url()]);
    command.args(["--fault-proxy", fault_proxy.url(), "--certificates"]).arg(certificates::make()?);
    Ok(command)
}

/// Runs Godot and prints the table as it grows. Returns every sample, and what was wrong besides.
fn watch(command: Command, options: &Options) -> Result<(Vec<Sample>, Vec<String>)> {
    let limit = Duration::try_from_secs_f64(options.minutes * 60.0)? + SLACK;
    let mut samples: Vec<Sample> = Vec::new();
    let mut check = LogCheck::default();
    let mut problems = Vec::new();
    let mut due = 0.0;
    println!("{}", heading());
    let exits = process::watch(vec![command], Some(limit), |_, line| {
        if !line.starts_with(SAMPLE) {
            check.line(line);
            problems.extend(line.strip_prefix("SOAK FAILED ").map(str::to_owned));
            return;
        }
        let Some(sample) = Sample::parse(line.trim_start_matches("SOAK ")) else {
            problems.push(format!("this is no sample: {line}"));
            return;
        };
        if sample.seconds >= due {
            println!("{}", row(&sample));
            due += options.minutes * 60.0 / LINES;
        }
        samples.push(sample);
    })?;
    problems.extend(check.finish());
    let unexpected = exits.into_iter().find(|exit| *exit != Exit::Code(0));
    problems.extend(unexpected.map(|exit| format!("Godot ended with {exit}")));
    if samples.is_empty() {
        bail!("no round came to its end: {}", problems.join("; "));
    }
    Ok((samples, problems))
}
