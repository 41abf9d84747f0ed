//! The command line, which is the same for every peer.

use std::fs;

use anyhow::{Context as _, Result, bail};
use lexopt::prelude::*;
use serde_json::Value;

/// The size of the attachment that is sent where no payload is named.
const BINARY_SIZE: usize = 64 * 1024;

/// Which client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    Bare,
    BareJson,
    RustSocketIo,
}

/// What to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    Receive,
    Send,
    Ack,
    Connect,
    /// Stays connected until its stdin ends.
    Clients,
}

/// The event that is sent and received.
pub enum Event {
    Json { name: String, arguments: Vec<Value> },
    Binary { name: String, data: Vec<u8> },
}

impl Event {
    pub fn name(&self) -> &str {
        match self {
            Self::Json { name, .. } | Self::Binary { name, .. } => name,
        }
    }
}

pub struct Options {
    pub client: Client,
    pub task: Task,
    pub url: String,
    /// The workload's name, as the server knows it.
    pub kind: String,
    pub event: Event,
    pub count: usize,
}

impl Options {
    /// Reads the process's own.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse() -> Result<Self> {
        let (mut client, mut task, mut url) = (None, None, None);
        let (mut kind, mut payload, mut count) = (String::new(), String::new(), 0);
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("client") => client = Some(client_of(&arguments.value()?.string()?)?),
                Long("task") => task = Some(task_of(&arguments.value()?.string()?)?),
                Long("url") => url = Some(arguments.value()?.string()?),
                Long("kind") => kind = arguments.value()?.string()?,
                Long("payload") => payload = arguments.value()?.string()?,
                Long("count") => count = arguments.value()?.parse()?,
                other => return Err(other.unexpected().into()),
            }
        }
        let (task, count) = match task.context("--task is missing")? {
            (task, Some(count)) => (task, count),
            (task, None) => (task, count),
        };
        let client = client.context("--client is missing")?;
        let url = url.context("--url is missing")?;
        Ok(Self { client, task, url, kind, event: event(&payload)?, count })
    }
}

fn client_of(name: &str) -> Result<Client> {
    Ok(match name {
        "bare" => Client::Bare,
        "bare-json" => Client::BareJson,
        "rust-socketio" => Client::RustSocketIo,
        other => bail!("there is no client `{other}`"),
    })
}

/// A task, and its count where that is fixed.
fn task_of(name: &str) -> Result<(Task, Option<usize>)> {
    Ok(match name {
        "receive" => (Task::Receive, None),
        "send" => (Task::Send, None),
        "ack" => (Task::Ack, None),
        "connect" => (Task::Connect, None),
        "idle" => (Task::Clients, Some(1)),
        "clients" => (Task::Clients, None),
        other => bail!("there is no task `{other}`"),
    })
}

fn event(payload: &str) -> Result<Event> {
    if payload.is_empty() {
        return Ok(Event::Binary { name: "blob".into(), data: vec![0xa5; BINARY_SIZE] });
    }
    let text = fs::read_to_string(payload).with_context(|| format!("cannot read {payload}"))?;
    let mut arguments: Vec<Value> = serde_json::from_str(&text)?;
    let name = arguments.remove(0).as_str().context("the first element is no name")?.to_owned();
    Ok(Event::Json { name, arguments })
}
