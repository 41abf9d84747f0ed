//! The servers that a run is made against. All clients of a row talk to the same one.

use std::path::Path;

use anyhow::Result;

use super::rows::ServerKind;
use crate::servers::{Server, node_command};

/// Milliseconds. A burst is to last longer than a client may stay silent.
const PING_INTERVAL: &str = "500";
const PING_TIMEOUT: &str = "1500";

/// The running servers.
pub struct Servers {
    official: Server,
    impatient: Server,
    stream: Server,
}

impl Servers {
    /// Starts them, with the folder of the workloads.
    pub fn start(workloads: &Path) -> Result<Self> {
        let start = |script, arguments: &[&str]| {
            let mut command = node_command("tests/bench/node", script)?;
            command.arg("--payloads").arg(workloads).args(arguments);
            Server::start(command, script)
        };
        let impatient = ["--ping-interval", PING_INTERVAL, "--ping-timeout", PING_TIMEOUT];
        Ok(Self {
            official: start("server.js", &[])?,
            impatient: start("server.js", &impatient)?,
            stream: start("stream_server.js", &[])?,
        })
    }

    pub fn url(&self, kind: ServerKind) -> &str {
        match kind {
            ServerKind::Official => self.official.url(),
            ServerKind::Impatient => self.impatient.url(),
            ServerKind::Stream => self.stream.url(),
        }
    }

    /// Ends them. One that had ended by itself is an error.
    pub fn stop(self) -> Result<()> {
        self.official.stop()?;
        self.impatient.stop()?;
        self.stream.stop()
    }
}
