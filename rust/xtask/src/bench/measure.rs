//! One measurement: a process that does a task and prints its figures as a line of JSON.

use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::proc::Usage;
use super::statistics::Figures;
use crate::process::{self, Line, Running};

/// What takes longer has failed.
const LIMIT: Duration = Duration::from_secs(120);
const READY_LIMIT: Duration = Duration::from_secs(30);
/// What a client still does after it has connected must not count as idle.
const SETTLE: Duration = Duration::from_millis(1500);
const STOP_GRACE: Duration = Duration::from_secs(5);

/// Runs a task to its end.
pub fn run(command: Command) -> Result<Figures> {
    let mut figures = None;
    let mut log = Log::default();
    let exits = process::watch(vec![command], Some(LIMIT), |_, line| {
        figures = figures_in(line).or(figures.take());
        log.line(line);
    })?;
    if let Some(exit) = exits.into_iter().find(|exit| !exit.is_success()) {
        bail!("{exit}: {}", log.complaint());
    }
    figures.with_context(|| format!("it printed no figures: {}", log.complaint()))
}

/// A client that is connected, until this is dropped.
pub struct Connected {
    running: Running,
    _lines: Receiver<Line>,
}

impl Connected {
    /// Starts it, and waits until it says that it is connected.
    pub fn start(command: Command) -> Result<Self> {
        let (sender, lines) = channel();
        let mut running = Running::start(command, 0, &sender)?;
        drop(sender);
        let deadline = Instant::now() + READY_LIMIT;
        let mut log = Log::default();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = lines.recv_timeout(left) else {
                let exit = running.stop(STOP_GRACE)?;
                bail!("it did not connect ({exit}): {}", log.complaint());
            };
            if figures_in(&line.text).is_some_and(|figures| figures.contains_key("ready")) {
                return Ok(Self { running, _lines: lines });
            }
            log.line(&line.text);
        }
    }

    pub fn usage(&self) -> Result<Usage> {
        Usage::of(self.running.id()).context("the kernel does not tell what a process uses")
    }
}

/// What each of these uses while they do nothing, all of them for the same time.
pub fn idle(clients: &[Connected], time: Duration) -> Result<Vec<Figures>> {
    thread::sleep(SETTLE);
    let before: Vec<Usage> = clients.iter().map(Connected::usage).collect::<Result<_>>()?;
    let start = Instant::now();
    thread::sleep(time);
    let seconds = start.elapsed().as_secs_f64();
    clients.iter().zip(&before).map(|(client, before)| Ok(client.usage()?.since(before, seconds))).collect()
}

/// The memory that a connected client has in use, in KiB.
pub fn memory(command: Command) -> Result<f64> {
    let client = Connected::start(command)?;
    thread::sleep(SETTLE);
    Ok(client.usage()?.memory())
}

/// The figures in a line of output, if it is one of figures.
fn figures_in(line: &str) -> Option<Figures> {
    line.starts_with('{').then(|| serde_json::from_str(line).ok()).flatten()
}

/// What a process has written, as far as it can explain a failure.
#[derive(Default)]
struct Log {
    last: String,
    error: Option<String>,
}

impl Log {
    fn line(&mut self, line: &str) {
        if self.error.is_none() && line.to_lowercase().contains("error") {
            self.error = Some(line.trim().to_owned());
        }
        if !line.trim().is_empty() {
            line.trim().clone_into(&mut self.last);
        }
    }

    fn complaint(self) -> String {
        self.error.unwrap_or(self.last)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn the_figures_are_in_the_line_of_json() {
        let figures = run(shell("echo Engine; echo '{\"usec\":2.5,\"n\":3}'; echo bye")).unwrap();
        assert_eq!(figures, Figures::from([("usec".to_owned(), 2.5), ("n".to_owned(), 3.0)]));
    }

    #[test]
    fn a_failure_is_told_by_the_error_in_its_output() {
        let error = run(shell("echo start; echo 'SCRIPT ERROR: no such thing'; echo at; exit 1"));
        assert_eq!(error.unwrap_err().to_string(), "exit code 1: SCRIPT ERROR: no such thing");
        let error = run(shell("echo {}; echo nothing; true")).unwrap();
        assert!(error.is_empty());
        assert_eq!(run(shell("echo hello")).unwrap_err().to_string(), "it printed no figures: hello");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_client_is_measured_while_it_is_connected() {
        let client = Connected::start(shell("echo '{\"ready\":1}'; exec sleep 30")).unwrap();
        let figures = idle(&[client], Duration::from_millis(50)).unwrap();
        assert!(figures[0]["cpu_percent"] < 50.0);
        assert!(memory(shell("echo '{\"ready\":1}'; exec sleep 30")).unwrap() > 100.0);
        assert!(Connected::start(shell("echo no; exit 3")).is_err());
    }
}
