//! What Godot tells after each round.

use serde_json::Value;

/// The quantities that must not grow, with how they are shown and by how much their trend may rise over a whole run, which
/// the noise of the measurement does.
pub const QUANTITIES: [Quantity; 5] = [
    Quantity { name: "resident memory", unit: "MiB", allowed: 4.0, get: |sample| sample.resident_mib },
    Quantity { name: "threads", unit: "", allowed: 0.5, get: |sample| sample.threads },
    Quantity { name: "sockets", unit: "", allowed: 0.5, get: |sample| sample.sockets },
    Quantity { name: "open files", unit: "", allowed: 0.5, get: |sample| sample.files },
    Quantity { name: "Godot objects", unit: "", allowed: 0.5, get: |sample| sample.objects },
];

/// What is measured.
pub struct Quantity {
    pub name: &'static str,
    pub unit: &'static str,
    pub allowed: f64,
    pub get: fn(&Sample) -> f64,
}

/// What the process had at rest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sample {
    pub seconds: f64,
    pub rounds: f64,
    /// What has passed since the start: clients that came and went, reconnects, and events received.
    pub passers_by: f64,
    pub reconnects: f64,
    pub events: f64,
    pub resident_mib: f64,
    pub threads: f64,
    pub sockets: f64,
    pub files: f64,
    pub objects: f64,
}

impl Sample {
    /// Reads a line of Godot. What only Linux tells is 0 elsewhere.
    pub fn parse(json: &str) -> Option<Self> {
        let fields: Value = serde_json::from_str(json).ok()?;
        let number = |name: &str| fields[name].as_f64();
        Some(Self {
            seconds: number("seconds")?,
            rounds: number("rounds")?,
            passers_by: number("passers_by")?,
            reconnects: number("reconnects")?,
            events: number("events")?,
            resident_mib: number("resident_kib").unwrap_or_default() / 1024.0,
            threads: number("threads").unwrap_or_default(),
            sockets: number("sockets").unwrap_or_default(),
            files: number("files").unwrap_or_default(),
            objects: number("objects")?,
        })
    }
}

/// The head of the table.
pub fn heading() -> String {
    "| minute | rounds | clients gone | reconnects | events | resident MiB | threads | sockets | files | objects |\n\
     | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
        .to_owned()
}

/// A line of the table.
pub fn row(sample: &Sample) -> String {
    format!(
        "| {:.1} | {} | {} | {} | {} | {:.1} | {} | {} | {} | {} |",
        sample.seconds / 60.0,
        sample.rounds,
        sample.passers_by,
        sample.reconnects,
        sample.events,
        sample.resident_mib,
        sample.threads,
        sample.sockets,
        sample.files,
        sample.objects
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"seconds":90.5,"rounds":3,"passers_by":30,"reconnects":4.0,"events":1000,"objects":50,
        "resident_kib":2048,"threads":7,"sockets":8,"files":9}"#;

    #[test]
    fn a_line_of_godot_becomes_a_line_of_the_table() {
        let sample = Sample::parse(LINE).unwrap();
        assert_eq!(row(&sample), "| 1.5 | 3 | 30 | 4 | 1000 | 2.0 | 7 | 8 | 9 | 50 |");
        assert_eq!(heading().lines().next().unwrap().matches('|').count(), row(&sample).matches('|').count());
    }

    #[test]
    fn a_line_without_what_every_system_tells_is_none() {
        assert_eq!(Sample::parse("{"), None);
        assert_eq!(Sample::parse(&LINE.replace("events", "other")), None);
    }
}
