//! `cargo xtask test`: every check and test, and the closing line that counts them.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::library::Builds;
use crate::tally::Tally;
use crate::{
    bench, class_docs, csharp, data_fuzz, demo, dependencies, examples, exits, godot, library, package,
    rust_checks, soak, suites, tree, tutorials, workflows,
};

/// Parts of a run that are no scripts of the test project, but are chosen like its suites.
const DEMO: &str = "demo";
const EXITS: &str = "exits";
const CLASS_DOCS: &str = "class_docs";
const BENCH: &str = "bench";
const PACKAGE: &str = "package";
const TUTORIALS: &str = "tutorials";
const CSHARP: &str = "csharp";
const SOAK: &str = "soak";
const DATA_FUZZ: &str = "data_fuzz";
const EXAMPLES: &str = "examples";
const PARTS: [&str; 10] =
    [DEMO, EXITS, CLASS_DOCS, BENCH, PACKAGE, TUTORIALS, CSHARP, SOAK, DATA_FUZZ, EXAMPLES];

/// Which tests to run; by default, all.
#[derive(Debug, Default)]
pub struct Selection {
    pub suites: Vec<String>,
    pub focus: Option<String>,
}

impl Selection {
    pub fn is_everything(&self) -> bool {
        self.suites.is_empty() && self.focus.is_none()
    }

    /// The chosen suites that are scripts of the test project.
    pub fn scripts(&self) -> impl Iterator<Item = &str> {
        self.suites.iter().map(String::as_str).filter(|name| !PARTS.contains(name))
    }

    /// Whether a suite, or another part of a run, is among the chosen.
    pub fn has(&self, part: &str) -> bool {
        self.suites.is_empty() || self.suites.iter().any(|name| name == part)
    }

    fn has_scripts(&self) -> bool {
        self.suites.is_empty() || self.scripts().next().is_some()
    }

    /// Refuses a suite that is not there.
    fn check(&self, known: &[String]) -> Result<()> {
        match self.scripts().find(|name| !known.iter().any(|known| known == name)) {
            Some(name) => {
                bail!("there is no suite `{name}`; there are {}, {}", known.join(", "), PARTS.join(", "))
            }
            None => Ok(()),
        }
    }
}

/// Runs the selected tests. Once they have begun, everything that goes wrong is a failed test, so that the closing line always comes.
pub fn run(selection: &Selection) -> Result<ExitCode> {
    selection.check(&suites::names()?)?;
    let mut tally = Tally::default();
    if selection.is_everything() {
        let checks = rust_checks::run(&mut tally);
        fail_on_error(checks, "Rust checks", &mut tally);
        let checks = workflows::run(&mut tally);
        fail_on_error(checks, "workflows", &mut tally);
    }
    let in_godot = run_in_godot(selection, &mut tally);
    fail_on_error(in_godot, "tests in Godot", &mut tally);
    if tally.count() == 0 {
        tally.fail("selection", "no test has this name");
    }
    println!("\n{}", tally.summary());
    Ok(if tally.all_passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn run_in_godot(selection: &Selection, tally: &mut Tally) -> Result<()> {
    library::build(Builds::Editor)?;
    if selection.is_everything() {
        dependencies::run(tally)?;
    }
    let godot = godot::find()?;
    godot::project::prepare(&godot, &tree::test_project())?;
    if selection.has_scripts() {
        suites::run(&godot, selection, tally)?;
    }
    if selection.has(DEMO) && selection.focus.is_none() {
        demo::test(&godot, tally)?;
    }
    if selection.has(EXITS) {
        exits::run(&godot, selection.focus.as_deref(), tally)?;
    }
    if selection.has(CLASS_DOCS) && selection.focus.is_none() {
        class_docs::run(&godot, tally)?;
    }
    if selection.has(BENCH) && selection.focus.is_none() {
        bench::test(tally);
    }
    if selection.has(PACKAGE) && selection.focus.is_none() {
        package::test(&godot, tally)?;
    }
    if selection.has(TUTORIALS) && selection.focus.is_none() {
        tutorials::run(&godot, tally)?;
    }
    if selection.has(EXAMPLES) && selection.focus.is_none() {
        examples::run(&godot, tally)?;
    }
    if selection.has(CSHARP) && selection.focus.is_none() {
        csharp::run(tally)?;
    }
    if selection.has(SOAK) && selection.focus.is_none() {
        soak::test(&godot, tally)?;
    }
    if selection.has(DATA_FUZZ) && selection.focus.is_none() {
        data_fuzz::test(&godot, tally)?;
    }
    Ok(())
}

fn fail_on_error(result: Result<()>, what: &str, tally: &mut Tally) {
    if let Err(error) = result {
        tally.fail(what, format!("{error:#}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(suites: &[&str]) -> Selection {
        Selection { suites: suites.iter().map(|name| (*name).to_owned()).collect(), focus: None }
    }

    #[test]
    fn without_a_choice_everything_runs() {
        let all = Selection::default();
        assert!(all.is_everything() && all.has(EXITS) && all.has_scripts());
    }

    #[test]
    fn a_choice_leaves_the_rest_out() {
        let acks = selection(&["acks"]);
        assert!(!acks.is_everything() && !acks.has(EXITS) && acks.has_scripts());
        let exits = selection(&[EXITS]);
        assert!(exits.has(EXITS) && !exits.has(CLASS_DOCS) && !exits.has_scripts());
    }

    #[test]
    fn an_unknown_suite_is_refused_with_the_known_ones() {
        let known = ["acks".to_owned(), "raw".to_owned()];
        selection(&["acks", EXITS]).check(&known).unwrap();
        let error = selection(&["ack"]).check(&known).unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no suite `ack`; there are acks, raw, demo, exits, class_docs, bench, package, tutorials, csharp, soak, data_fuzz, examples"
        );
    }
}
