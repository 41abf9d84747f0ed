//! What a run prints, and the files that it leaves: JSON, a chart, and the tables in a README.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::chart;
use super::install::Installation;
use super::rows::Row;
use super::sections::section;
use super::statistics::Samples;
use super::targets;
use crate::progress;

/// The tables stand between these lines.
const BEGIN: &str = "<!-- tables: written by `cargo xtask bench --write` -->";
const END: &str = "<!-- end of the tables -->";

/// The results of a run, and what it was made with.
pub struct Report<'a> {
    samples: &'a Samples,
    rounds: usize,
    versions: Vec<(String, String)>,
}

impl<'a> Report<'a> {
    pub fn new(installation: &Installation, rounds: usize, samples: &'a Samples) -> Self {
        let mut versions = vec![("machine".to_owned(), machine())];
        versions.extend(
            installation.versions.iter().map(|(name, version)| ((*name).to_owned(), version.clone())),
        );
        Self { samples, rounds, versions }
    }

    /// The tables, the targets first.
    pub fn markdown(&self, rows: &[Row]) -> String {
        let made_with: Vec<String> =
            self.versions.iter().map(|(name, version)| format!("{name}: {version}")).collect();
        let mut text = format!("Rounds: {}. {}.\n", self.rounds, made_with.join("; "));
        if let Some(targets) = targets::table(self.samples) {
            text += &format!("\n### What is aimed for\n\n{targets}");
        }
        for section in rows.iter().filter_map(|row| section(row, self.samples)) {
            text += &format!("\n{section}");
        }
        text
    }

    /// Everything that was measured.
    fn json(&self) -> String {
        let versions: Value =
            self.versions.iter().map(|(name, version)| (name.clone(), json!(version))).collect();
        let all = json!({ "rounds": self.rounds, "versions": versions, "rows": self.samples.to_json() });
        format!("{all:#}\n")
    }

    /// Writes the results and the chart into a folder.
    pub fn write_results(&self, folder: &Path) -> Result<()> {
        fs::write(folder.join("results.json"), self.json())?;
        fs::write(folder.join("chart.svg"), chart::svg(self.samples))?;
        progress::say(&format!("results.json and chart.svg are in {}", folder.display()));
        Ok(())
    }

    /// Replaces the tables in the README of a folder.
    pub fn write_tables(&self, folder: &Path, rows: &[Row]) -> Result<()> {
        let readme = folder.join("README.md");
        let text =
            fs::read_to_string(&readme).with_context(|| format!("cannot read {}", readme.display()))?;
        let text = with_tables(&text, &self.markdown(rows))
            .with_context(|| format!("{} has not the lines {BEGIN:?} and {END:?}", readme.display()))?;
        Ok(fs::write(readme, text)?)
    }
}

/// A README with these tables in the place of the old ones.
fn with_tables(readme: &str, tables: &str) -> Option<String> {
    let (before, rest) = readme.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{tables}\n{END}{after}"))
}

/// The processor, how many of them, and the system.
fn machine() -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or(std::env::consts::ARCH, |(_, model)| model);
    format!("{processors} × {model}, {}", std::env::consts::OS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_replaced_and_the_prose_stays() {
        let readme = format!("# Speed\n\n{BEGIN}\nold\n{END}\n\nHow it was measured.\n");
        let new = with_tables(&readme, "new\n").unwrap();
        assert_eq!(new, format!("# Speed\n\n{BEGIN}\n\nnew\n\n{END}\n\nHow it was measured.\n"));
        assert_eq!(with_tables(&new, "new\n").unwrap(), new);
        assert!(with_tables("# Speed\n", "new").is_none());
    }
}
