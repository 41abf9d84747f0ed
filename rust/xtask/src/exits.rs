//! Scenarios that need a process of their own: scripts that end the engine, one run each.
//!
//! The comments at the head of a script say what is expected:
//! `# expect-exit: 7`, `# expect-error: text`, `# server: node`, `# timeout: 20`. `# witness: NAME` is a script in
//! `exits/witnesses/` that is run after it, against the same server.
//!
//! A script that prints [`QUIT`] and the time in the moment in which it quits is measured from there to the end of its
//! process: `# ends-within: 800` is how long that may take, in milliseconds.

mod delay;
mod editor;

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};

use crate::godot::Godot;
use crate::log_check::LogCheck;
use crate::process::{self, Exit};
use crate::servers::{Implementation, Server};
use crate::tally::Tally;
use crate::{progress, scripts, tree};

const DEFAULT_LIMIT: Duration = Duration::from_secs(30);
/// What comes before the milliseconds since 1970.
const QUIT: &str = "QUITS AT ";
/// How long the end may take from there unless the script says otherwise, on a machine that may be busy.
const MAX_END: Duration = Duration::from_millis(3000);

/// Runs every script whose name is `focus`, or all. Each counts as one test.
pub fn run(godot: &Godot, focus: Option<&str>, tally: &mut Tally) -> Result<()> {
    progress::heading("exits");
    let is_chosen = |name: &str| focus.is_none_or(|focus| focus == name);
    for script in scripts::in_folder(&tree::test_project().join("exits"))? {
        let name = scripts::name(&script);
        if is_chosen(&name) {
            report(&name, run_script(godot, &script), tally);
        }
    }
    if is_chosen(delay::NAME) {
        report(delay::NAME, delay::run(godot), tally);
    }
    // Their plugins look at threads and processes as Linux tells them.
    if cfg!(target_os = "linux") {
        for test in editor::TESTS.iter().filter(|test| is_chosen(test.name)) {
            if let Some(problems) = test.run(godot).transpose() {
                report(test.name, problems, tally);
            }
        }
    }
    Ok(())
}

fn report(name: &str, problems: Result<Vec<String>>, tally: &mut Tally) {
    let problems = problems.unwrap_or_else(|error| vec![format!("{error:#}")]);
    println!("{} exits: {name}", if problems.is_empty() { "ok  " } else { "FAIL" });
    tally.check(&format!("exits: {name}"), &problems);
}

/// Runs a script, and its witness if it has one.
fn run_script(godot: &Godot, script: &Path) -> Result<Vec<String>> {
    let expectations = Expectations::of(script)?;
    let server = expectations.server.map(Implementation::start).transpose()?;
    let mut problems = play(godot, script, &expectations, server.as_ref())?.problems;
    if let Some(witness) = &expectations.witness {
        let witness = script.with_file_name("witnesses").join(witness).with_extension("gd");
        let testimony = play(godot, &witness, &Expectations::of(&witness)?, server.as_ref())?;
        problems.extend(testimony.problems.into_iter().map(|problem| format!("its witness: {problem}")));
    }
    problems.extend(server.and_then(|server| server.stop().err()).map(|error| format!("{error:#}")));
    Ok(problems)
}

/// What came of a script.
struct Outcome {
    problems: Vec<String>,
    /// How long the process took from [`QUIT`] to its end.
    end: Option<Duration>,
}

fn play(
    godot: &Godot,
    script: &Path,
    expectations: &Expectations,
    server: Option<&Server>,
) -> Result<Outcome> {
    let mut command = godot.command();
    command.args(["--headless", "--path"]).arg(tree::test_project());
    let file = script.strip_prefix(tree::test_project())?.to_string_lossy().replace('\\', "/");
    command.args(["-s", &format!("res://{file}")]);
    if let Some(server) = server {
        command.args(["--", "--server", server.url()]);
    }
    let mut check = LogCheck::expecting(expectations.errors.clone());
    let mut quit_at = None;
    let exits = process::watch(vec![command], Some(expectations.limit), |_, line| {
        println!("{line}");
        check.line(line);
        if let Some(milliseconds) = line.strip_prefix(QUIT).and_then(|time| time.parse().ok()) {
            quit_at = Some(SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds));
        }
    })?;
    let end = quit_at.map(|quit_at| quit_at.elapsed().unwrap_or_default());
    let mut problems = check.finish();
    if let Some(end) = end {
        println!("     it ended {} ms after it quit", end.as_millis());
        if end > expectations.end {
            problems.push(format!("it ended {} ms after it quit", end.as_millis()));
        }
    }
    let unexpected = exits.into_iter().filter(|exit| *exit != expectations.exit);
    problems.extend(unexpected.map(|exit| format!("it ended with {exit} in place of {}", expectations.exit)));
    Ok(Outcome { problems, end })
}

/// What the head of a script says.
#[derive(Debug, PartialEq)]
struct Expectations {
    exit: Exit,
    errors: Vec<String>,
    server: Option<Implementation>,
    witness: Option<String>,
    limit: Duration,
    end: Duration,
}

impl Expectations {
    fn of(script: &Path) -> Result<Self> {
        let text = fs::read_to_string(script).with_context(|| format!("cannot read {}", script.display()))?;
        Self::parse(&text)
    }

    fn parse(script: &str) -> Result<Self> {
        let mut expectations = Self {
            exit: Exit::Code(0),
            errors: Vec::new(),
            server: None,
            witness: None,
            limit: DEFAULT_LIMIT,
            end: MAX_END,
        };
        for line in script.lines().take_while(|line| line.starts_with('#')) {
            let Some((key, value)) = line.trim_start_matches('#').trim().split_once(':') else { continue };
            let value = value.trim();
            match key {
                "expect-exit" => expectations.exit = Exit::Code(value.parse().context("expect-exit")?),
                "ends-within" => {
                    expectations.end = Duration::from_millis(value.parse().context("ends-within")?);
                }
                "expect-error" => expectations.errors.push(value.to_owned()),
                "server" => match Implementation::by_name(value) {
                    Some(server) => expectations.server = Some(server),
                    None => bail!("there is no server `{value}`"),
                },
                "witness" => expectations.witness = Some(value.to_owned()),
                "timeout" => {
                    expectations.limit = Duration::from_secs(value.parse().context("timeout")?);
                }
                _ => {}
            }
        }
        Ok(expectations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_script_must_end_with_zero() {
        let expectations = Expectations::parse("extends SceneTree\n# expect-exit: 7\n").unwrap();
        assert_eq!(expectations.exit, Exit::Code(0));
        assert_eq!(expectations.limit, DEFAULT_LIMIT);
    }

    #[test]
    fn the_head_of_a_script_is_read() {
        let script = "# Quits in a handler: at once.\n# expect-exit: 7\n# expect-error: a: b\n# server: node\n\
            # witness: it_arrived\n# timeout: 5\n# ends-within: 800\nextends SceneTree\n";
        assert_eq!(
            Expectations::parse(script).unwrap(),
            Expectations {
                exit: Exit::Code(7),
                errors: vec!["a: b".into()],
                server: Some(Implementation::Node),
                witness: Some("it_arrived".into()),
                limit: Duration::from_secs(5),
                end: Duration::from_millis(800),
            }
        );
    }

    #[test]
    fn mistakes_in_the_head_are_errors() {
        assert!(Expectations::parse("# server: perl\n").is_err());
        assert!(Expectations::parse("# expect-exit: seven\n").is_err());
    }
}
