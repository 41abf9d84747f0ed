//! The checks of the Rust code: its format, its lints, its tests and its dependencies.

use anyhow::Result;

use crate::tally::Tally;
use crate::{cargo, deny, process, progress};

/// Compiling with the editor's feature set spares a second build of the engine bindings for the suites.
const FEATURES: [&str; 2] = ["--features", "socketio-godot/editor"];

/// Runs all of them. The format and the lints count as one test each.
pub fn run(tally: &mut Tally) -> Result<()> {
    progress::heading("rustfmt");
    let exit = process::inherit(&mut cargo::command(&["fmt", "--all", "--check"]))?;
    let problem = format!("{exit}: `cargo fmt --all` formats the code");
    tally.check("rustfmt", if exit.is_success() { &[] } else { std::slice::from_ref(&problem) });

    progress::heading("clippy");
    let mut clippy = cargo::command(&["clippy", "--workspace", "--all-targets"]);
    let exit = process::inherit(clippy.args(FEATURES).args(["--", "-D", "warnings"]))?;
    let problem = format!("{exit}: see its messages above");
    tally.check("clippy", if exit.is_success() { &[] } else { std::slice::from_ref(&problem) });

    progress::heading("cargo test");
    let mut counts = TestCounts::default();
    let mut test = cargo::command(&["test", "--workspace", "--no-fail-fast"]);
    let exit = process::stdout_lines(test.args(FEATURES), |line| {
        println!("{line}");
        counts.line(line);
    })?;
    tally.pass_many(counts.passed);
    for test in &counts.failed_tests {
        tally.fail(format!("cargo test: {test}"), "see its output above");
    }
    // What ended without a result of its own: it did not compile, or a test ended its whole program.
    if !exit.is_success() && counts.failed_tests.is_empty() {
        tally.fail("cargo test", exit.to_string());
    } else if counts.failed_tests.len() < counts.failed {
        tally.fail("cargo test", format!("{} failed, not all named", counts.failed));
    }
    if counts.passed == 0 {
        tally.fail("cargo test", "no test ran");
    }
    deny::test(tally)
}

/// What `cargo test` says on its stdout.
#[derive(Debug, Default, PartialEq)]
struct TestCounts {
    passed: usize,
    failed: usize,
    failed_tests: Vec<String>,
}

impl TestCounts {
    fn line(&mut self, line: &str) {
        if let Some(result) = line.strip_prefix("test result: ") {
            self.passed += count_before(result, " passed");
            self.failed += count_before(result, " failed");
        } else if let Some(test) =
            line.strip_prefix("test ").and_then(|test| test.strip_suffix(" ... FAILED"))
        {
            self.failed_tests.push(test.to_owned());
        }
    }
}

/// The number before a word, as in `ok. 12 passed; 0 failed;`.
fn count_before(text: &str, word: &str) -> usize {
    let before = text.split_once(word).map_or("", |(before, _)| before);
    before.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_every_test_program_add_up() {
        let mut counts = TestCounts::default();
        for line in [
            "running 13 tests",
            "test packet::tests::empty ... ok",
            "test packet::tests::text ... FAILED",
            "test result: FAILED. 11 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ] {
            counts.line(line);
        }
        let failed_tests = vec!["packet::tests::text".to_owned()];
        assert_eq!(counts, TestCounts { passed: 15, failed: 1, failed_tests });
    }
}
