//! What a scene must do that is visited several times: a listener that outlived the first visit would be there twice.

use std::fs;
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::blocks::Script;
use crate::log_check::LogCheck;
use crate::process::Line;

/// How often a scene is visited.
const VISITS: usize = 4;
/// How long one visit may take to print everything.
const LIMIT: Duration = Duration::from_secs(60);
/// How long a visit goes on after that: a line that comes twice comes at once.
const REST: Duration = Duration::from_millis(300);
/// What `visits.gd` waits for, and what it prints when it loads the scene again.
const FILE: &str = "visit";
const MARK: &str = "VISIT ";

/// Watches a script that has just been started, and returns what is wrong.
pub fn watch(
    project: &Path,
    script: &Script,
    lines: &Receiver<Line>,
    check: &mut LogCheck,
) -> Result<Vec<String>> {
    let visits = if script.is_main_loop() { 1 } else { VISITS };
    for visit in 1..=visits {
        if visit > 1 {
            fs::write(project.join(FILE), visit.to_string())?;
        }
        let printed = printed(visit, script, lines, check);
        let problems = problems(visit, &script.prints, &printed);
        if !problems.is_empty() {
            return Ok(problems);
        }
    }
    Ok(Vec::new())
}

/// Leaves nothing of the script before.
pub fn forget(project: &Path) {
    let _ = fs::remove_file(project.join(FILE));
}

/// The lines of a visit.
fn printed(visit: usize, script: &Script, lines: &Receiver<Line>, check: &mut LogCheck) -> Vec<String> {
    let deadline = Instant::now() + LIMIT;
    let mut printed: Vec<String> = Vec::new();
    let mut has_begun = visit == 1;
    loop {
        let is_over =
            has_begun && printed.iter().any(|line| script.prints.last().is_some_and(|last| fits(last, line)));
        if is_over && script.is_main_loop() {
            return printed;
        }
        let patience = if is_over { REST } else { deadline.saturating_duration_since(Instant::now()) };
        let Ok(line) = lines.recv_timeout(patience) else { return printed };
        println!("{}", line.text);
        check.line(&line.text);
        if line.text == format!("{MARK}{visit}") {
            has_begun = true;
        } else if has_begun {
            printed.push(line.text);
        }
    }
}

/// What is wrong with a visit. The first one prints everything, in order; the others may have less to tell, when the
/// connection is there already. None prints a line more often.
fn problems(visit: usize, expected: &[String], printed: &[String]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut rest = printed.iter();
    let skipped = if visit == 1 { 0 } else { expected.len() - 1 };
    for line in &expected[skipped..] {
        if !rest.any(|printed| fits(line, printed)) {
            problems.push(format!("visit {visit} did not print: {line}"));
        }
    }
    for line in expected {
        let times = printed.iter().filter(|printed| fits(line, printed)).count();
        if times > expected.iter().filter(|other| fits(line, other)).count() {
            problems.push(format!("visit {visit} printed {times} times: {line}"));
        }
    }
    problems
}

/// Whether a line is the expected one, or begins with what is before its dots.
fn fits(expected: &str, line: &str) -> bool {
    expected.strip_suffix("...").map_or(expected == line, |start| line.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems_of(visit: usize, expected: &[&str], printed: &[&str]) -> Vec<String> {
        let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        problems(visit, &owned(expected), &owned(printed))
    }

    #[test]
    fn the_first_visit_prints_everything_in_order() {
        assert!(problems_of(1, &["a", "b..."], &["log", "a", "b 12"]).is_empty());
        assert_eq!(problems_of(1, &["a", "b"], &["b", "a"]), ["visit 1 did not print: b"]);
        assert_eq!(problems_of(1, &["a", "b"], &["a"]), ["visit 1 did not print: b"]);
    }

    #[test]
    fn a_later_visit_prints_no_more() {
        assert!(problems_of(2, &["connected", "b"], &["b"]).is_empty());
        assert_eq!(problems_of(2, &["connected", "b"], &["connected"]), ["visit 2 did not print: b"]);
        assert_eq!(problems_of(4, &["a", "b"], &["a", "a", "b"]), ["visit 4 printed 2 times: a"]);
        assert!(problems_of(4, &["a", "a", "b"], &["a", "a", "b"]).is_empty());
    }
}
