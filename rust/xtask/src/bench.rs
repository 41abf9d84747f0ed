//! `cargo xtask bench`: this addon, other clients and the engine itself, measured side by side.
//!
//! Everything takes turns in rounds, so that a slow spell of the machine meets all alike. What a row measures is in
//! `rows`, who takes part is in `clients`, and `tests/bench/README.md` says how to read the result.

mod chart;
mod clients;
mod engine;
mod install;
mod measure;
mod proc;
mod report;
mod rounds;
mod rows;
mod sections;
mod servers;
mod statistics;
mod table;
mod targets;
mod workloads;

use anyhow::{Result, bail};

use self::clients::{Client, Need};
use self::engine::folder;
use self::install::Build;
use self::report::Report;
use self::rounds::Rounds;
use self::rows::Row;
use self::servers::Servers;
use crate::tally::Tally;
use crate::tree;

const ROUNDS: usize = 5;

/// What to measure.
#[derive(Debug)]
pub struct Options {
    pub rounds: usize,
    /// The names of rows; none for all.
    pub only: Vec<String>,
    /// Shows in a minute that everything runs. The figures mean nothing.
    pub quick: bool,
    /// Whether to replace the committed results.
    pub write: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { rounds: ROUNDS, only: Vec::new(), quick: false, write: false }
    }
}

/// Installs everything, measures, and prints the tables.
pub fn run(options: &Options) -> Result<()> {
    let rows = options.rows()?;
    let clients = options.clients();
    let needs: Vec<Need> = clients.iter().map(|client| client.needs()).collect();
    let build = if options.quick { Build::Development } else { Build::Release };
    let installation = install::install(build, &needs)?;
    let workloads = folder("workloads");
    workloads::write(&workloads)?;
    let servers = Servers::start(&workloads)?;
    let rounds = Rounds {
        installation: &installation,
        servers: &servers,
        workloads: &workloads,
        clients: &clients,
        quick: options.quick,
    };
    let measured = rounds.run(&rows, options.rounds)?;
    servers.stop()?;

    let report = Report::new(&installation, options.rounds, &measured.samples);
    println!("{}", report.markdown(&rows));
    report.write_results(&tree::bench_installs())?;
    if options.write {
        report.write_results(&tree::bench())?;
        report.write_tables(&tree::bench(), &rows)?;
    }
    if !measured.problems.is_empty() {
        bail!("not everything could be measured:\n  {}", measured.problems.join("\n  "));
    }
    Ok(())
}

/// Runs a few rows of each kind, as one test: the figures mean nothing, but everything must run.
pub fn test(tally: &mut Tally) {
    const ROWS: [&str; 3] = ["load", "ack", "burst"];

    let only = ROWS.iter().map(|&row| row.to_owned()).collect();
    let options = Options { rounds: 1, only, quick: true, write: false };
    let problem = run(&options).err().map(|error| format!("{error:#}"));
    println!("{} bench: it runs", if problem.is_none() { "ok  " } else { "FAIL" });
    tally.check("bench: it runs", problem.as_slice());
}

impl Options {
    /// The rows to measure.
    fn rows(&self) -> Result<Vec<Row>> {
        if self.rounds == 0 {
            bail!("--rounds is at least 1");
        }
        if self.write && (self.quick || !self.only.is_empty()) {
            bail!("--write is for a whole run: leave --quick and --only out");
        }
        let known: Vec<Row> = rows::all().collect();
        if let Some(name) = self.only.iter().find(|name| !known.iter().any(|row| row.name == **name)) {
            let names: Vec<&str> = known.iter().map(|row| row.name).collect();
            bail!("there is no row `{name}`; there are {}", names.join(", "));
        }
        let chosen = |row: &Row| self.only.is_empty() || self.only.iter().any(|name| name == row.name);
        Ok(known.into_iter().filter(chosen).collect())
    }

    /// A quick run has only the clients that need not be compiled or downloaded at length.
    fn clients(&self) -> Vec<Client> {
        let quick = |client: &Client| matches!(client.needs(), Need::Godot | Need::Node);
        Client::ALL.into_iter().filter(|client| !self.quick || quick(client)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_chooses_rows_and_refuses_unknown_ones() {
        let only = |name: &str| Options { only: vec![name.to_owned()], ..Options::default() };
        let rows = only("ack").rows().unwrap();
        assert_eq!(rows.iter().map(|row| row.name).collect::<Vec<_>>(), ["ack"]);
        assert!(only("pigeons").rows().unwrap_err().to_string().contains("there are main-thread, in-small"));
        assert_eq!(Options::default().rows().unwrap().len(), rows::all().count());
    }

    #[test]
    fn results_of_a_part_are_not_written() {
        let part = Options { only: vec!["ack".to_owned()], write: true, ..Options::default() };
        assert!(part.rows().is_err());
        assert!(Options { quick: true, write: true, ..Options::default() }.rows().is_err());
        assert!(Options { rounds: 0, ..Options::default() }.rows().is_err());
    }
}
