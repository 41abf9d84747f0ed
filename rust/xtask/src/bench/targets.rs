//! What the project wants to reach, and whether a run has reached it.

use super::clients::Client;
use super::sections::main_engine;
use super::statistics::{Place, Samples};
use super::table::{Table, number, times_spread};

/// A ratio that is to be at most, or at least, a number.
struct Target {
    what: &'static str,
    row: &'static str,
    /// The client and the figure; an empty client is the engine that the addon's own tables stand for.
    is: (&'static str, &'static str),
    /// What it is divided by.
    of: (&'static str, &'static str),
    limit: Limit,
}

#[derive(Clone, Copy)]
enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

const ADDON: &str = "this addon";
const AT_60: &str = "this addon, at 60 frames/s";
const BY_HAND: &str = "GDScript by hand";
const JAVASCRIPT: &str = "socket.io-client (Node.js)";
const BARE: &str = "bare tungstenite";
const RATE: &str = "events_per_second";
const CPU: &str = "cpu_usec";

const ALL: [Target; 21] = [
    main_thread("a small event in, of `JSON.parse_string`", "small.in", "small.parse", 0.40),
    main_thread("a big event in, of `JSON.parse_string`", "big.in", "big.parse", 0.45),
    main_thread("a small event out, of `JSON.parse_string`", "small.out", "small.parse", 0.8),
    main_thread("a big event out, of `JSON.parse_string`", "big.out", "big.parse", 0.8),
    rate("small events in from the official server, of bare tungstenite", "in-small-official", BARE, 0.9),
    rate("big events in from the official server, of bare tungstenite", "in-big-official", BARE, 0.9),
    rate("64 KiB in from the official server, of bare tungstenite", "in-binary-official", BARE, 0.9),
    rate("small events in, of socket.io-client", "in-small", JAVASCRIPT, 3.0),
    rate("small events in, of GDScript by hand", "in-small", BY_HAND, 4.0),
    rate("big events in, of socket.io-client", "in-big", JAVASCRIPT, 1.2),
    rate("64 KiB in, of socket.io-client", "in-binary", JAVASCRIPT, 2.0),
    rate("small events out, of bare tungstenite", "out-small", BARE, 0.9),
    rate("small events out, of socket.io-client", "out-small", JAVASCRIPT, 2.0),
    cpu("CPU of a small event in, of socket.io-client", "in-small"),
    cpu("CPU of a big event in, of socket.io-client", "in-big"),
    cpu("CPU of 64 KiB in, of socket.io-client", "in-binary"),
    cpu("CPU of a small event out, of socket.io-client", "out-small"),
    cpu("CPU of 64 KiB out, of socket.io-client", "out-binary"),
    Target {
        what: "an acknowledgement, of bare tungstenite",
        row: "ack",
        is: (ADDON, "ack_p50_usec"),
        of: (BARE, "ack_p50_usec"),
        limit: Limit::AtMost(1.25),
    },
    Target {
        what: "from connecting to connected, of socket.io-client",
        row: "connect",
        is: (ADDON, "connect_p50_usec"),
        of: (JAVASCRIPT, "connect_p50_usec"),
        limit: Limit::AtMost(1.0),
    },
    Target {
        what: "idle at 60 frames/s, of the engine alone",
        row: "idle",
        is: (AT_60, "wake_ups_per_second"),
        of: ("the engine alone", "wake_ups_per_second"),
        limit: Limit::AtMost(1.05),
    },
];

/// KiB.
const MEMORY_LIMIT: f64 = 256.0;

/// The table of the targets that were measured.
pub fn table(samples: &Samples) -> Option<String> {
    let mut table = Table::new(&["aim", "", "measured", "reached"]);
    for target in &ALL {
        let Some(ratio) = target.ratio(samples) else { continue };
        let (aim, reached) = match target.limit {
            Limit::AtMost(limit) => (format!("≤ {limit} ×"), ratio.median <= limit),
            Limit::AtLeast(limit) => (format!("≥ {limit} ×"), ratio.median >= limit),
        };
        table.line(vec![target.what.to_owned(), aim, times_spread(Some(ratio)), yes_or_no(reached)]);
    }
    let memory = Place { row: "memory", client: Client::Addon.name(), figure: "kib" };
    if let Some(memory) = samples.summary(memory) {
        table.line(vec![
            "memory of each further client".to_owned(),
            format!("≤ {MEMORY_LIMIT} KiB"),
            format!("{} KiB", number(memory.median)),
            yes_or_no(memory.median <= MEMORY_LIMIT),
        ]);
    }
    (!table.is_empty()).then(|| table.markdown())
}

impl Target {
    fn ratio(&self, samples: &Samples) -> Option<super::statistics::Summary> {
        let place = |(client, figure): (&'static str, &'static str)| Place {
            row: self.row,
            client: if client.is_empty() { main_engine(samples) } else { client },
            figure,
        };
        samples.ratio(place(self.is), place(self.of))
    }
}

const fn main_thread(what: &'static str, way: &'static str, parse: &'static str, limit: f64) -> Target {
    Target { what, row: "main-thread", is: ("", way), of: ("", parse), limit: Limit::AtMost(limit) }
}

const fn rate(what: &'static str, row: &'static str, of: &'static str, limit: f64) -> Target {
    Target { what, row, is: (ADDON, RATE), of: (of, RATE), limit: Limit::AtLeast(limit) }
}

/// In a game of 60 frames a second: without a frame rate the engine takes whatever there is of the processor.
const fn cpu(what: &'static str, row: &'static str) -> Target {
    Target { what, row, is: (AT_60, CPU), of: (JAVASCRIPT, CPU), limit: Limit::AtMost(1.0) }
}

fn yes_or_no(reached: bool) -> String {
    if reached { "yes" } else { "no" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::rows;
    use super::super::statistics::Figures;
    use super::*;

    #[test]
    fn rows_and_clients_of_the_targets_exist() {
        let clients: Vec<&str> =
            Client::ALL.into_iter().chain([Client::EmptyEngine]).map(Client::name).collect();
        for target in &ALL {
            assert!(rows::all().any(|row| row.name == target.row), "{}", target.what);
            for (client, _) in [target.is, target.of] {
                assert!(client.is_empty() || clients.contains(&client), "{client}");
            }
        }
    }

    #[test]
    fn a_target_is_reached_or_not() {
        let mut samples = Samples::default();
        let figures = |value| Figures::from([(RATE.to_owned(), value)]);
        samples.add(0, "in-small", ADDON, &figures(350.0));
        samples.add(0, "in-small", JAVASCRIPT, &figures(100.0));
        samples.add(0, "in-small", BY_HAND, &figures(100.0));
        let table = table(&samples).unwrap();
        assert!(table.contains("of socket.io-client | ≥ 3 × | 3.50 × (3.50 to 3.50) | yes |"), "{table}");
        assert!(table.contains("of GDScript by hand | ≥ 4 × | 3.50 × (3.50 to 3.50) | no |"), "{table}");
    }
}
