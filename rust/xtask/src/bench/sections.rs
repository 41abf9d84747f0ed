//! The tables of a report: one section for each row.

use super::clients::Client;
use super::rounds::{EDITOR, ON_MAIN_THREAD, RELEASE};
use super::rows::{InGodot, Kind, Row};
use super::statistics::{Place, Samples};
use super::table::{Table, median, spread, times, times_spread};
use super::workloads;

/// What there is more of, by the names of the figures.
const SCALES: [(&str, &str); 6] = [
    ("events", "events that wait at once"),
    ("clients", "clients"),
    ("namespaces", "namespaces of a client"),
    ("listeners", "listeners of other events"),
    ("pending_acks", "acknowledgements that are waited for"),
    ("payload_bytes", "bytes of the event's text"),
];

/// The section of a row; none if nothing of it was measured.
pub fn section(row: &Row, samples: &Samples) -> Option<String> {
    let body = match row.kind {
        Kind::Wire(wire) => match wire.task {
            "receive" | "send" => rates(row.name, samples),
            task => latencies(row.name, task, samples),
        },
        Kind::Idle => idle(row.name, samples),
        Kind::Memory => memory(row.name, samples),
        Kind::InGodot(InGodot::MainThread) => main_thread(row.name, samples),
        Kind::InGodot(InGodot::Scale) => scale(row.name, samples),
        Kind::InGodot(InGodot::Burst) => burst(row.name, samples),
        Kind::Load => load(row.name, samples),
    };
    body.map(|body| format!("### {}\n\n{body}", row.title))
}

/// The engine that stands for the addon in the tables that have one only.
pub fn main_engine(samples: &Samples) -> &'static str {
    let place = Place { row: "main-thread", client: RELEASE, figure: "small.in" };
    if samples.summary(place).is_some() { RELEASE } else { EDITOR }
}

fn rates(row: &str, samples: &Samples) -> Option<String> {
    let mut table =
        Table::new(&["client", "events/s", "× socket.io-client", "CPU µs per event", "× socket.io-client"]);
    for client in Client::ALL {
        let place = |client: Client, figure| Place { row, client: client.name(), figure };
        let rate = samples.summary(place(client, "events_per_second"));
        if rate.is_none() {
            continue;
        }
        let ratio = |figure| times(samples.ratio(place(client, figure), place(Client::JavaScript, figure)));
        table.line(vec![
            client.name().to_owned(),
            spread(rate),
            ratio("events_per_second"),
            median(samples.summary(place(client, "cpu_usec"))),
            ratio("cpu_usec"),
        ]);
    }
    markdown(&table)
}

fn latencies(row: &str, task: &str, samples: &Samples) -> Option<String> {
    let (p50, p99) = (format!("{task}_p50_usec"), format!("{task}_p99_usec"));
    let mut table = Table::new(&["client", "median µs", "× bare tungstenite", "99 % within µs"]);
    for client in Client::ALL {
        let place = |client: Client| Place { row, client: client.name(), figure: &p50 };
        let time = samples.summary(place(client));
        if time.is_none() {
            continue;
        }
        table.line(vec![
            client.name().to_owned(),
            spread(time),
            times(samples.ratio(place(client), place(Client::Bare))),
            median(samples.summary(Place { figure: &p99, ..place(client) })),
        ]);
    }
    markdown(&table)
}

fn idle(row: &str, samples: &Samples) -> Option<String> {
    let mut table =
        Table::new(&["client", "% of one processor", "wake-ups/s", "of these not the main thread's"]);
    for client in Client::ALL.into_iter().chain([Client::EmptyEngine]) {
        let place = |figure| Place { row, client: client.name(), figure };
        let cpu = samples.summary(place("cpu_percent"));
        if cpu.is_none() {
            continue;
        }
        table.line(vec![
            client.name().to_owned(),
            spread(cpu),
            spread(samples.summary(place("wake_ups_per_second"))),
            spread(samples.summary(place("wake_ups_of_others_per_second"))),
        ]);
    }
    markdown(&table)
}

fn memory(row: &str, samples: &Samples) -> Option<String> {
    let mut table = Table::new(&["client", "KiB each", "the first one's process, KiB"]);
    for client in Client::ALL {
        let place = |figure| Place { row, client: client.name(), figure };
        let each = samples.summary(place("kib"));
        if each.is_none() {
            continue;
        }
        table.line(vec![client.name().to_owned(), spread(each), median(samples.summary(place("first_kib")))]);
    }
    markdown(&table)
}

fn main_thread(row: &str, samples: &Samples) -> Option<String> {
    let engine = main_engine(samples);
    let place = |client, workload: &str, way: &str| (client, format!("{workload}.{way}"));
    let ratio = |client, workload: &str, way: &str| {
        let ((client, figure), (_, parse)) = (place(client, workload, way), place(client, workload, "parse"));
        samples.ratio(Place { row, client, figure: &figure }, Place { row, client, figure: &parse })
    };
    let usec = |workload: &str, way: &str| {
        let (client, figure) = place(engine, workload, way);
        samples.summary(Place { row, client, figure: &figure })
    };

    let mut inbound = Table::new(&[
        "in",
        "`JSON.parse_string` µs",
        "this addon µs",
        "this addon",
        "the listener keeps it",
        "GDScript by hand",
        "`duplicate(true)`",
    ]);
    let mut outbound = Table::new(&[
        "out",
        "`JSON.parse_string` µs",
        "this addon µs",
        "this addon",
        "GDScript by hand",
        "`JSON.stringify`",
    ]);
    let measured =
        |client: &&'static str| samples.summary(Place { row, client, figure: "small.in" }).is_some();
    let compared: Vec<&str> = [RELEASE, EDITOR, ON_MAIN_THREAD].into_iter().filter(measured).collect();
    let mut engines = Table::new(&[&["in"], compared.as_slice()].concat());
    for (workload, description) in workloads::ALL {
        if usec(workload, "parse").is_none() {
            continue;
        }
        inbound.line(vec![
            description.to_owned(),
            spread(usec(workload, "parse")),
            median(usec(workload, "in")),
            times_spread(ratio(engine, workload, "in")),
            times(ratio(engine, workload, "in_kept")),
            times(ratio(engine, workload, "by_hand_in")),
            times(ratio(engine, workload, "duplicate")),
        ]);
        outbound.line(vec![
            description.to_owned(),
            spread(usec(workload, "parse")),
            median(usec(workload, "out")),
            times_spread(ratio(engine, workload, "out")),
            times(ratio(engine, workload, "by_hand_out")),
            times(ratio(engine, workload, "stringify")),
        ]);
        let ratios = compared.iter().map(|client| times(ratio(*client, workload, "in")));
        engines.line([description.to_owned()].into_iter().chain(ratios).collect());
    }
    if inbound.is_empty() {
        return None;
    }
    Some([inbound, outbound, engines].map(|table| table.markdown()).join("\n"))
}

fn scale(row: &str, samples: &Samples) -> Option<String> {
    let sizes = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
    let client = [RELEASE, EDITOR]
        .into_iter()
        .find(|client| samples.summary(Place { row, client, figure: "events.1" }).is_some())?;
    let mut table = Table::new(&[
        "µs per event",
        "1",
        "10",
        "100",
        "1,000",
        "10,000",
        "100,000",
        "1 million",
        "10 million",
    ]);
    for (name, description) in SCALES {
        let cells = sizes.map(|size| {
            let figure = format!("{name}.{size}");
            samples
                .summary(Place { row, client, figure: &figure })
                .map_or_else(String::new, |s| median(Some(s)))
        });
        table.line([description.to_owned()].into_iter().chain(cells).collect());
    }
    markdown(&table)
}

fn burst(row: &str, samples: &Samples) -> Option<String> {
    let mut table = Table::new(&["", ""]);
    for client in [RELEASE, EDITOR] {
        for (figure, description) in [
            ("waiting", "events that waited when the game polled again, after 4 s"),
            ("frames", "frames until all were dispatched"),
            ("median_usec", "median of the polls, µs"),
            ("longest_usec", "longest poll, µs"),
            ("longest_uninterrupted_usec", "longest poll in which no other process had the processor, µs"),
            ("out_of_order", "events out of order"),
            ("disconnects", "connections lost, with a ping each 0.5 s and 1.5 s to answer it"),
        ] {
            let summary = samples.summary(Place { row, client, figure });
            if summary.is_some() {
                table.line(vec![description.to_owned(), spread(summary)]);
            }
        }
    }
    markdown(&table)
}

fn load(row: &str, samples: &Samples) -> Option<String> {
    let figure = |figure| samples.summary(Place { row, client: EDITOR, figure });
    let mut table = Table::new(&["", ""]);
    table.line(vec!["size of the library for exported games, KiB".to_owned(), median(figure("size_kib"))]);
    table.line(vec!["time to load it, µs".to_owned(), spread(figure("load_usec"))]);
    figure("load_usec").and_then(|_| markdown(&table))
}

fn markdown(table: &Table) -> Option<String> {
    (!table.is_empty()).then(|| table.markdown())
}

#[cfg(test)]
mod tests {
    use super::super::rows;
    use super::super::statistics::Figures;
    use super::*;

    fn row(name: &str) -> Row {
        rows::all().find(|row| row.name == name).unwrap()
    }

    fn figures(figures: &[(&str, f64)]) -> Figures {
        figures.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    }

    #[test]
    fn what_was_not_measured_has_no_section() {
        assert!(rows::all().all(|row| section(&row, &Samples::default()).is_none()));
    }

    #[test]
    fn rates_are_compared_with_the_official_client() {
        let mut samples = Samples::default();
        let rate = |rate, cpu| figures(&[("events_per_second", rate), ("cpu_usec", cpu)]);
        samples.add(0, "in-small", Client::Addon.name(), &rate(300.0, 1.0));
        samples.add(0, "in-small", Client::JavaScript.name(), &rate(100.0, 4.0));
        let section = section(&row("in-small"), &samples).unwrap();
        assert!(section.starts_with("### Small events in"));
        assert!(section.contains("| this addon | 300 (300 to 300) | 3.00 × | 1.00 | 0.25 × |"), "{section}");
        assert!(!section.contains("rust_socketio"));
    }

    #[test]
    fn the_main_thread_is_compared_with_the_engine() {
        let mut samples = Samples::default();
        let ways = [("small.in", 1.0), ("small.parse", 4.0), ("small.out", 2.0), ("small.duplicate", 3.0)];
        samples.add(0, "main-thread", EDITOR, &figures(&ways));
        let section = section(&row("main-thread"), &samples).unwrap();
        assert!(section.contains("| 4.00 (4.00 to 4.00) | 1.00 | 0.25 × (0.25 to 0.25) |"), "{section}");
        assert!(section.contains("0.75 ×"));
    }
}
