//! A database of a single advisory, to see that the check of advisories refuses what it should, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::{ADVISORIES, RULES, Verdict, command, run};
use crate::{process, tree};

/// Stands for the database's place. Nothing is fetched from there: git is told to take the folder instead.
const URL: &str = "https://localhost/advisory-db";

/// Runs the check where the advisory concerns the version in the lock file, and where that is one of the repaired.
pub(super) fn problems_of_the_check() -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for (name, repaired, should_refuse) in [("concerned", "", true), ("repaired", "\">= 0\"", false)] {
        let folder = tree::root().join("target/deny").join(name);
        if folder.is_dir() {
            fs::remove_dir_all(&folder)?;
        }
        let database = write_database(&folder, repaired)?;
        let mut check = command(&write_rules(&folder)?, ADVISORIES)?;
        check.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_VALUE_0", URL);
        check.env("GIT_CONFIG_KEY_0", format!("url.file://{}.insteadOf", database.display()));
        match run(check)? {
            Verdict::OutOfReach => bail!("a database in a folder is out of reach"),
            verdict if matches!(verdict, Verdict::Refused(_)) != should_refuse => {
                problems.push(format!("a crate that is {name}: {verdict:?}"));
            }
            _ => {}
        }
    }
    Ok(problems)
}

/// Writes an advisory about tungstenite into a git repository.
fn write_database(folder: &Path, repaired: &str) -> Result<PathBuf> {
    let database = folder.join("database");
    let advisories = database.join("crates/tungstenite");
    fs::create_dir_all(&advisories)?;
    let header = "[advisory]\nid = \"RUSTSEC-2020-0001\"\npackage = \"tungstenite\"\ndate = \"2020-01-01\"";
    let text = format!(
        "```toml\n{header}\n\n[versions]\npatched = [{repaired}]\n```\n\n# Made up for a test\n\nNone.\n"
    );
    fs::write(advisories.join("RUSTSEC-2020-0001.md"), text)?;
    let commit = ["commit", "--quiet", "--message", "One advisory"];
    for arguments in [&["init", "--quiet", "--initial-branch", "main"][..], &["add", "."], &commit] {
        let mut git = Command::new("git");
        git.current_dir(&database).args(["-c", "user.name=test", "-c", "user.email=test@localhost"]);
        process::output(git.args(arguments))?;
    }
    Ok(database)
}

/// Writes the project's rules, with the database in place of RustSec's.
fn write_rules(folder: &Path) -> Result<PathBuf> {
    let rules = fs::read_to_string(tree::root().join(RULES))?;
    // The section of the advisories is the last one.
    let place = format!("db-path = {:?}\ndb-urls = [{URL:?}]\n", folder.join("fetched"));
    let file = folder.join(RULES);
    fs::write(&file, rules + &place)?;
    Ok(file)
}
