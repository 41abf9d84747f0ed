//! What is measured: one row of a table each.

use super::clients::Client;
use super::workloads::{BIG, BINARY, SMALL};

/// A row, which `--only` names.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub name: &'static str,
    pub title: &'static str,
    pub kind: Kind,
}

/// How it is measured.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A task that every client can do, against a server.
    Wire(Wire),
    /// What a connected client takes while nothing happens.
    Idle,
    /// The memory of a connected client.
    Memory,
    /// A task of the benchmarks' Godot project alone.
    InGodot(InGodot),
    /// The size of the library and the time to load it.
    Load,
}

/// A task that every client can do.
#[derive(Debug, Clone, Copy)]
pub struct Wire {
    pub task: &'static str,
    pub server: ServerKind,
    pub workload: Option<&'static str>,
    /// How many events, acknowledgements or connections.
    pub count: usize,
    /// At 60 frames a second, where a frame is the unit of time.
    pub count_at_60: usize,
}

/// A task of the Godot project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InGodot {
    MainThread,
    Scale,
    Burst,
}

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerKind {
    /// The official one, which makes each message when it is emitted.
    Official,
    /// The same, with a ping every half second.
    Impatient,
    /// One that writes frames made beforehand, many at a time.
    Stream,
}

/// All rows, in the order of the tables.
pub const ALL: [Row; 16] = [
    row("main-thread", "The main thread, per event", Kind::InGodot(InGodot::MainThread)),
    receive("in-small", "Small events in, frames made beforehand", ServerKind::Stream, SMALL, 200_000),
    receive("in-big", "Big events in, frames made beforehand", ServerKind::Stream, BIG, 4_000),
    receive(
        "in-binary",
        "64 KiB of binary data in, frames made beforehand",
        ServerKind::Stream,
        BINARY,
        4_000,
    ),
    receive(
        "in-small-official",
        "Small events in, from the official server",
        ServerKind::Official,
        SMALL,
        100_000,
    ),
    receive("in-big-official", "Big events in, from the official server", ServerKind::Official, BIG, 3_000),
    receive(
        "in-binary-official",
        "64 KiB of binary data in, from the official server",
        ServerKind::Official,
        BINARY,
        2_000,
    ),
    send("out-small", "Small events out, until the official server has counted them", SMALL, 100_000),
    send("out-big", "Big events out, until the official server has counted them", BIG, 2_000),
    send("out-binary", "64 KiB of binary data out, until the official server has counted it", BINARY, 1_000),
    latency("ack", "Round trip of an acknowledgement", "ack", 2_000, 60),
    latency("connect", "From connecting to connected", "connect", 30, 10),
    row("idle", "Idle, connected", Kind::Idle),
    row("memory", "Memory of each further connected client", Kind::Memory),
    row("scale", "Cost of an event where there is more of something", Kind::InGodot(InGodot::Scale)),
    row("burst", "100,000 events at once, with poll_budget_usec = 2000", Kind::InGodot(InGodot::Burst)),
];

/// The row of the library itself, which needs no server.
pub const LOAD: Row = row("load", "The library", Kind::Load);

/// All that there are.
pub fn all() -> impl Iterator<Item = Row> {
    ALL.into_iter().chain([LOAD])
}

impl Wire {
    /// How many for this client. A quick run makes a twentieth.
    pub fn count_for(&self, client: Client, quick: bool) -> usize {
        let count = if client.is_at_60() { self.count_at_60 } else { self.count };
        let count = (count as f64 * client.share()) as usize;
        if quick { (count / 20).max(3) } else { count }
    }
}

const fn row(name: &'static str, title: &'static str, kind: Kind) -> Row {
    Row { name, title, kind }
}

const fn receive(
    name: &'static str,
    title: &'static str,
    server: ServerKind,
    workload: &'static str,
    count: usize,
) -> Row {
    let wire = Wire { task: "receive", server, workload: Some(workload), count, count_at_60: count };
    row(name, title, Kind::Wire(wire))
}

const fn send(name: &'static str, title: &'static str, workload: &'static str, count: usize) -> Row {
    let server = ServerKind::Official;
    let wire = Wire { task: "send", server, workload: Some(workload), count, count_at_60: count };
    row(name, title, Kind::Wire(wire))
}

const fn latency(
    name: &'static str,
    title: &'static str,
    task: &'static str,
    count: usize,
    count_at_60: usize,
) -> Row {
    let wire = Wire { task, server: ServerKind::Official, workload: None, count, count_at_60 };
    row(name, title, Kind::Wire(wire))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = all().map(|row| row.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn a_quick_run_measures_something() {
        for row in all() {
            if let Kind::Wire(wire) = row.kind {
                assert!(Client::ALL.into_iter().all(|client| wire.count_for(client, true) >= 3));
            }
        }
    }
}
