//! The events that are sent: their texts, as files that the servers and the clients read.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};

pub const SMALL: &str = "small";
pub const BIG: &str = "big";
/// 64 KiB in one attachment; there is no file of it.
pub const BINARY: &str = "binary";

/// All that have a text, in the order of the tables, with what they stand for.
pub const ALL: [(&str, &str); 7] = [
    (SMALL, "one entity, 90 bytes"),
    (BIG, "100 entities, 9 KB"),
    ("deep", "60 levels of arrays and objects"),
    ("wide", "an array of 2,000 integers"),
    ("strings", "100 texts of 100 characters"),
    ("numbers", "1,000 numbers with fractions"),
    ("never_seen_keys", "200 keys, other ones in each event"),
];

/// Writes the files into a folder, where it returns them.
pub fn write(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for (name, _) in ALL {
        fs::write(file(folder, name), event(name).to_string())?;
    }
    Ok(())
}

/// The file of a workload.
pub fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.json"))
}

fn event(name: &str) -> Value {
    let numbers = 0..1000;
    match name {
        SMALL => json!(["move", entity(17, "player seventeen")]),
        BIG => {
            json!(["state", (0..100).map(|i| entity(i, &format!("player number {i}"))).collect::<Value>()])
        }
        "deep" => json!([
            "tree",
            (0..30).fold(json!({"leaf": true}), |inner, i| json!([{"level": i, "inner": inner}]))
        ]),
        "wide" => json!(["cells", (0..2000).map(|i| json!(i * 7)).collect::<Value>()]),
        "strings" => json!([
            "texts",
            (0..100)
                .map(|i| json!(format!("{i:03} {}", "Grüße, \"wörtlich\" ".repeat(5))))
                .collect::<Value>()
        ]),
        "numbers" => {
            json!(["floats", numbers.map(|i| json!(f64::from(i) * 1.37 + 0.001)).collect::<Value>()])
        }
        // The server puts the event's number in the place of the sign.
        _ => json!(["keys", (0..200).map(|i| (format!("key {i} of #"), json!(i))).collect::<Value>()]),
    }
}

fn entity(id: i32, name: &str) -> Value {
    let place = f64::from(id);
    json!({ "id": id, "x": place * 1.37 + 0.5, "y": place * -3.25 - 0.1, "vx": 0.125, "vy": 1.5, "name": name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_an_event_of_its_own() {
        let mut texts: Vec<String> = ALL.map(|(name, _)| event(name).to_string()).into();
        assert!(ALL.iter().all(|(name, _)| event(name)[0].is_string()));
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), ALL.len());
    }

    #[test]
    fn sizes_are_as_they_are_described() {
        assert!((85..=100).contains(&event(SMALL).to_string().len()));
        assert!((8_000..=10_000).contains(&event(BIG).to_string().len()));
    }
}
