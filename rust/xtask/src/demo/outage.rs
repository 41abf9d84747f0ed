//! The demo with a server that is killed while players talk, and started again on the same port.

use anyhow::Result;

use super::{PLAYERS, run_players};
use crate::godot::Godot;
use crate::progress;
use crate::servers::{DemoServer, Server};

/// How often the server is killed, and how the lines end that each player prints before. As in
/// `demo/headless_chatter.gd`.
const KILLS: usize = 2;
const MAY_BE_KILLED: &str = "] talks";
const MAY_BE_STARTED: &str = "] waits";

/// Kills the server when all players talk, and starts it again when all have gone on without it. Returns what went
/// wrong.
pub fn run(godot: &Godot, implementation: DemoServer) -> Result<Vec<String>> {
    let server = implementation.start(0)?;
    let url = server.url().to_owned();
    let mut outages = Outages {
        implementation,
        port: server.port()?,
        server: Some(server),
        ready: 0,
        kills: 0,
        problem: None,
    };
    let mut problems =
        run_players(godot, &url, &["--headless"], "--headless-chatter", |line| outages.hear(line))?;
    problems.extend(outages.finish().err().map(|error| format!("{error:#}")));
    Ok(problems)
}

struct Outages {
    implementation: DemoServer,
    port: u16,
    /// The server, while it lives.
    server: Option<Server>,
    /// How many players have said that the next step may come.
    ready: usize,
    kills: usize,
    problem: Option<anyhow::Error>,
}

impl Outages {
    fn hear(&mut self, line: &str) {
        let awaited = if self.server.is_some() { MAY_BE_KILLED } else { MAY_BE_STARTED };
        self.ready += usize::from(line.ends_with(awaited));
        if self.ready < PLAYERS.len() || self.problem.is_some() {
            return;
        }
        self.ready = 0;
        if let Some(server) = self.server.take() {
            progress::say("killing the server");
            drop(server);
            self.kills += 1;
            return;
        }
        progress::say("starting the server again");
        match self.implementation.start(self.port) {
            Ok(server) => self.server = Some(server),
            Err(error) => self.problem = Some(error),
        }
    }

    fn finish(self) -> Result<()> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        anyhow::ensure!(self.kills == KILLS, "the server was killed {} times, not {KILLS}", self.kills);
        Ok(())
    }
}
