//! The supply chain, by cargo-deny: the licences and sources of every dependency, and what is known to be wrong with one.
//! `deny.toml` has the rules.

mod one_advisory;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::process::{self, Exit};
use crate::servers::install_once;
use crate::tally::Tally;
use crate::{cargo, progress, tree};

const VERSION: &str = "0.20.2";
/// What needs no more than the registry that the dependencies come from.
const OFFLINE_CHECKS: [&str; 3] = ["bans", "licenses", "sources"];
const RULES: &str = "deny.toml";
const ADVISORIES: &str = "advisories";
/// What cargo-deny says when it cannot get the RustSec database, which is a git repository.
const OUT_OF_REACH: &str = "failed to fetch advisory database";
const LIMIT: Duration = Duration::from_secs(120);

/// Checks everything. Each kind counts as one test, but for the advisories where their database cannot be reached: they
/// are left out then, and the log says so.
pub fn test(tally: &mut Tally) -> Result<()> {
    progress::heading("cargo deny");
    for check in OFFLINE_CHECKS {
        tally.check(&format!("deny: {check}"), &check_by_the_rules(check)?.problems());
    }
    tally.check("deny: a crate with an advisory", &one_advisory::problems_of_the_check()?);
    match check_by_the_rules(ADVISORIES)? {
        Verdict::OutOfReach => {
            println!(
                "LEFT OUT deny: advisories: their database could not be fetched, and no registry has it. \
                 `cargo xtask deny` checks them where the network allows it."
            );
        }
        verdict => tally.check("deny: advisories", &verdict.problems()),
    }
    Ok(())
}

/// Checks everything, and takes no database for a failure.
pub fn check_all() -> Result<()> {
    for check in OFFLINE_CHECKS.into_iter().chain([ADVISORIES]) {
        progress::heading(&format!("cargo deny check {check}"));
        if let Some(problem) = check_by_the_rules(check)?.problems().first() {
            bail!("{problem}");
        }
    }
    Ok(())
}

/// What a check came to.
#[derive(Debug, PartialEq)]
enum Verdict {
    Fine,
    Refused(Exit),
    OutOfReach,
}

impl Verdict {
    fn new(exit: Exit, is_out_of_reach: bool) -> Self {
        match exit {
            Exit::Code(0) => Self::Fine,
            // A network that swallows everything makes git wait for ever.
            Exit::TimedOut => Self::OutOfReach,
            _ if is_out_of_reach => Self::OutOfReach,
            exit => Self::Refused(exit),
        }
    }

    fn problems(&self) -> Vec<String> {
        match self {
            Self::Fine => Vec::new(),
            Self::Refused(exit) => vec![format!("{exit}: see its messages above, and deny.toml")],
            Self::OutOfReach => vec!["what it needs of the network could not be fetched".to_owned()],
        }
    }
}

fn check_by_the_rules(check: &str) -> Result<Verdict> {
    run(command(&tree::root().join(RULES), check)?)
}

/// A check by the rules in a file.
fn command(rules: &Path, check: &str) -> Result<Command> {
    let mut command = Command::new(program()?);
    command
        .current_dir(tree::root())
        .args(["--locked", "--workspace", "--config"])
        .arg(rules)
        .args(["check", check]);
    Ok(command)
}

fn run(command: Command) -> Result<Verdict> {
    let mut is_out_of_reach = false;
    let exits = process::watch(vec![command], Some(LIMIT), |_, line| {
        println!("{line}");
        is_out_of_reach |= line.contains(OUT_OF_REACH);
    })?;
    let exit = exits.into_iter().next().unwrap_or(Exit::TimedOut);
    Ok(Verdict::new(exit, is_out_of_reach))
}

/// cargo-deny, built from the registry's source if it is not there yet. Without optimization that takes half of the time,
/// and a check takes a second.
fn program() -> Result<PathBuf> {
    let folder = tree::root().join("target/tools");
    let build = folder.join("build");
    let state = format!("cargo-deny {VERSION}");
    install_once(&folder.join("cargo-deny.installed"), &state, &state, || {
        let mut install = cargo::command(&["install", "--locked", "--debug", "--quiet", "cargo-deny"]);
        install.args(["--version", VERSION, "--root"]).arg(&folder);
        install.arg("--target-dir").arg(&build).env("CARGO_PROFILE_DEV_DEBUG", "0");
        vec![install]
    })?;
    // Ten times as large as the program.
    let _ = std::fs::remove_dir_all(build);
    Ok(folder.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_from_a_database_out_of_reach() {
        assert_eq!(Verdict::new(Exit::Code(0), false), Verdict::Fine);
        assert_eq!(Verdict::new(Exit::Code(1), true), Verdict::OutOfReach);
        assert_eq!(Verdict::new(Exit::TimedOut, false), Verdict::OutOfReach);
        let refused = Verdict::new(Exit::Code(1), false);
        assert_eq!(refused, Verdict::Refused(Exit::Code(1)));
        assert!(!refused.problems().is_empty() && Verdict::Fine.problems().is_empty());
    }
}
