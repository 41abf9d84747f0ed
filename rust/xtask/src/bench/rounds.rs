//! The rounds of a run: in each, every row is measured once with every client.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::clients::Client;
use super::engine::Engine;
use super::install::Installation;
use super::measure::{self, Connected};
use super::rows::{InGodot, Kind, Row, ServerKind, Wire};
use super::servers::Servers;
use super::statistics::{Figures, Samples};
use super::workloads;
use crate::progress;

/// How the library stands in the tables of its main thread.
pub const RELEASE: &str = "release template";
pub const EDITOR: &str = "editor's binary";
pub const ON_MAIN_THREAD: &str = "editor's binary, values made on the main thread";
/// The clients of a row of memory, beyond the first.
const FURTHER_CLIENTS: usize = 100;

/// What rounds are made with.
pub struct Rounds<'a> {
    pub installation: &'a Installation,
    pub servers: &'a Servers,
    pub workloads: &'a Path,
    pub clients: &'a [Client],
    pub quick: bool,
}

/// What came of them.
#[derive(Default)]
pub struct Measured {
    pub samples: Samples,
    /// What could not be measured.
    pub problems: Vec<String>,
}

impl Rounds<'_> {
    pub fn run(&self, rows: &[Row], rounds: usize) -> Result<Measured> {
        let mut measured = Measured::default();
        for round in 0..rounds {
            progress::heading(&format!("Round {} of {rounds}", round + 1));
            for row in rows {
                progress::say(row.title);
                for (client, figures) in self.measure(row) {
                    match figures {
                        Ok(figures) => measured.samples.add(round, row.name, client, &figures),
                        Err(error) => {
                            let problem = format!("{}, {client}: {error:#}", row.name);
                            progress::say(&problem);
                            measured.problems.push(problem);
                        }
                    }
                }
            }
        }
        Ok(measured)
    }

    /// The figures of one row, by client.
    fn measure(&self, row: &Row) -> Vec<(&'static str, Result<Figures>)> {
        match row.kind {
            Kind::Wire(wire) => self.wire(wire),
            Kind::Idle => self.idle(),
            Kind::Memory => self.memory(),
            Kind::InGodot(task) => self.in_godot(task),
            Kind::Load => vec![(EDITOR, self.load())],
        }
    }

    fn wire(&self, wire: Wire) -> Vec<(&'static str, Result<Figures>)> {
        let measure = |client: &Client| {
            let mut command = self.installation.programs.command(*client)?;
            let count = wire.count_for(*client, self.quick).to_string();
            command.args(["--task", wire.task, "--url", self.servers.url(wire.server), "--count", &count]);
            if let Some(workload) = wire.workload {
                command.args(["--kind", workload]);
                let file = workloads::file(self.workloads, workload);
                if file.is_file() {
                    command.arg("--payload").arg(file);
                }
            }
            Some((client.name(), measure::run(command)))
        };
        self.clients.iter().filter_map(measure).collect()
    }

    /// All at the same time: they do nothing.
    fn idle(&self) -> Vec<(&'static str, Result<Figures>)> {
        let at_60 = [Client::AddonAt60, Client::ByHandAt60, Client::EmptyEngine];
        let others = [Client::JavaScript, Client::Python, Client::RustSocketIo, Client::Bare];
        let mut names = Vec::new();
        let mut connected = Vec::new();
        let mut failed = Vec::new();
        for client in at_60.into_iter().chain(others) {
            let Some(mut command) = self.installation.programs.command(client) else { continue };
            command.args(["--task", if client == Client::EmptyEngine { "empty" } else { "idle" }]);
            command.args(["--url", self.servers.url(ServerKind::Official)]);
            match Connected::start(command) {
                Ok(client_process) => {
                    names.push(client.name());
                    connected.push(client_process);
                }
                Err(error) => failed.push((client.name(), Err(error))),
            }
        }
        let time = Duration::from_secs(if self.quick { 1 } else { 10 });
        match measure::idle(&connected, time) {
            Ok(figures) => failed.extend(names.into_iter().zip(figures.into_iter().map(Ok))),
            Err(error) => failed.push(("all", Err(error))),
        }
        failed
    }

    fn memory(&self) -> Vec<(&'static str, Result<Figures>)> {
        let clients = [
            Client::Addon,
            Client::ByHand,
            Client::JavaScript,
            Client::Python,
            Client::RustSocketIo,
            Client::Bare,
        ];
        let further = if self.quick { 5 } else { FURTHER_CLIENTS };
        let measure = |client: Client| {
            let memory = |count: usize| {
                let mut command = self.installation.programs.command(client)?;
                command.args(["--task", "clients", "--url", self.servers.url(ServerKind::Official)]);
                command.args(["--count", &count.to_string()]);
                Some(measure::memory(command))
            };
            let (one, all) = (memory(1)?, memory(1 + further)?);
            let figures = one.and_then(|one| {
                let each = (all? - one) / further as f64;
                Ok(Figures::from([("kib".to_owned(), each), ("first_kib".to_owned(), one)]))
            });
            Some((client.name(), figures))
        };
        clients.into_iter().filter_map(measure).collect()
    }

    fn in_godot(&self, task: InGodot) -> Vec<(&'static str, Result<Figures>)> {
        let Installation { programs, on_main_thread, .. } = self.installation;
        let (main, name) = match &programs.editor {
            Some(_) => (&programs.engine, RELEASE),
            None => (&programs.engine, EDITOR),
        };
        let mut engines = vec![(name, main)];
        if task == InGodot::MainThread {
            engines.extend(programs.editor.as_ref().map(|editor| (EDITOR, editor)));
            engines.push((ON_MAIN_THREAD, on_main_thread));
        }
        engines.into_iter().map(|(name, engine)| (name, measure::run(self.task(task, engine)))).collect()
    }

    fn task(&self, task: InGodot, engine: &Engine) -> Command {
        let mut command = engine.command();
        let url = |kind| self.servers.url(kind);
        match task {
            InGodot::MainThread => {
                command.args(["--task", "main_thread", "--url", url(ServerKind::Stream)]);
                command.arg("--payload").arg(self.workloads);
            }
            InGodot::Scale => {
                command.args(["--task", "scale", "--url", url(ServerKind::Stream)]);
                command.args(["--server-url", url(ServerKind::Official)]);
                command.args(["--count", if self.quick { "10000" } else { "0" }]);
            }
            InGodot::Burst => {
                let count = if self.quick { "20000" } else { "100000" };
                command.args(["--task", "burst", "--url", url(ServerKind::Impatient)]);
                command.args(["--count", count, "--fps", "60"]);
            }
        }
        command
    }

    fn load(&self) -> Result<Figures> {
        let mut figures = measure::run(self.installation.loading.command())?;
        let size = fs::metadata(&self.installation.library).context("the library is gone")?.len();
        figures.insert("size_kib".to_owned(), size as f64 / 1024.0);
        Ok(figures)
    }
}
