//! The class documentation: no public member of the extension's classes may be without a description, and no tutorial
//! without a page that names it.
//!
//! What counts is what the editor shows for F1. `--doctool` writes only the members of an extension's classes, not
//! their descriptions, so a small plugin in `tests/class-docs` opens each page in the editor and prints it.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;

use crate::godot::{Godot, project};
use crate::log_check::LogCheck;
use crate::tally::Tally;
use crate::{process, progress, tree, tutorials};

const LIMIT: Duration = Duration::from_secs(120);
/// The first start of an editor makes its own documentation cache, and may come too late for the extension's.
const STARTS: usize = 2;
/// What the editor shows in place of a missing description.
const PLACEHOLDER: &str = "There is currently no description";
const MEMBER: char = '●';

/// Reads the pages in the editor, and checks each class as one test.
pub fn run(godot: &Godot, tally: &mut Tally) -> Result<()> {
    progress::heading("class docs");
    project::install(&tree::class_docs_project())?;
    let mut reading = read_pages(godot)?;
    for _ in 1..STARTS {
        if reading.pages.iter().all(|page| page.undescribed().is_empty()) {
            break;
        }
        reading = read_pages(godot)?;
    }
    tally.check("class docs", &reading.problems);
    for page in &reading.pages {
        let problems = page.undescribed();
        println!("{} class docs: {}", if problems.is_empty() { "ok  " } else { "FAIL" }, page.class);
        tally.check(&format!("class docs: {}", page.class), &problems);
    }
    let problems = wrong_tutorials(&reading.pages, &tutorials::names()?);
    println!("{} class docs: the tutorials", if problems.is_empty() { "ok  " } else { "FAIL" });
    tally.check("class docs: the tutorials", &problems);
    Ok(())
}

/// The tutorials that no page names, and those that a page names and that are not there.
fn wrong_tutorials(pages: &[Page], tutorials: &[String]) -> Vec<String> {
    let named: BTreeSet<&str> = pages
        .iter()
        .flat_map(|page| &page.lines)
        .flat_map(|line| {
            line.split(|character: char| !(character.is_alphanumeric() || "-._".contains(character)))
        })
        .filter_map(|word| word.trim_end_matches('.').strip_suffix(".md"))
        .collect();
    let there: BTreeSet<&str> = tutorials.iter().map(String::as_str).collect();
    let missing = there.difference(&named).map(|name| format!("no page names the tutorial {name}.md"));
    missing.chain(named.difference(&there).map(|name| format!("there is no tutorial {name}.md"))).collect()
}

fn read_pages(godot: &Godot) -> Result<Reading> {
    let mut command = godot.command();
    command.args(["--headless", "--editor", "--path"]).arg(tree::class_docs_project());
    let mut reading = Reading::default();
    let mut check = LogCheck::default();
    let exits = process::watch(vec![command], Some(LIMIT), |_, line| {
        if !reading.takes(line) {
            check.line(line);
        }
    })?;
    reading.problems.extend(check.finish());
    reading.problems.extend(exits.iter().filter(|exit| !exit.is_success()).map(ToString::to_string));
    if reading.pages.is_empty() {
        reading.problems.push("the editor showed no page of a class of the extension".to_owned());
    }
    Ok(reading)
}

/// What one start of the editor printed.
#[derive(Default)]
struct Reading {
    pages: Vec<Page>,
    /// A page has begun and not ended.
    in_page: bool,
    problems: Vec<String>,
}

impl Reading {
    /// Takes a line that belongs to a page; other lines are the editor's log.
    fn takes(&mut self, line: &str) -> bool {
        if let Some(class) = line.strip_prefix("PAGE ") {
            self.pages.push(Page { class: class.to_owned(), lines: Vec::new() });
            self.in_page = true;
            return true;
        }
        let Some(page) = self.pages.last_mut().filter(|_| self.in_page) else { return false };
        if line == format!("END {}", page.class) {
            self.in_page = false;
        } else {
            page.lines.push(line.to_owned());
        }
        true
    }
}

/// The page of one class, as the editor shows it.
struct Page {
    class: String,
    lines: Vec<String>,
}

impl Page {
    /// The class itself and its public members, where they have no description.
    fn undescribed(&self) -> Vec<String> {
        let mut missing = Vec::new();
        let mut lines =
            self.lines.iter().map(String::as_str).filter(|line| !line.trim().is_empty()).peekable();
        // The first lines are the names of the class and of its base.
        let brief = lines.by_ref().find(|line| line.starts_with('\t'));
        if !brief.is_some_and(is_description) {
            missing.push("the class has no brief description".to_owned());
        }
        if lines.peek().is_none_or(|line| *line != "Description") {
            missing.push("the class has no description".to_owned());
        }
        let mut members = 0;
        while let Some(line) = lines.next() {
            let Some(member) = line.trim_start().strip_prefix(MEMBER) else { continue };
            members += 1;
            if !lines.peek().copied().is_some_and(is_description) {
                missing.push(format!("no description: {}", member.trim().replace('\u{a0}', " ")));
            }
        }
        if members == 0 {
            missing.push("the page shows no members".to_owned());
        }
        missing
    }
}

/// The first line of a description is indented, as a member of a list is, but a heading is not.
fn is_description(line: &str) -> bool {
    line.starts_with('\t') && !line.trim_start().starts_with(MEMBER) && !line.contains(PLACEHOLDER)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "Class:  SocketIOThing\nInherits:  RefCounted <  Object\n\n\tA thing.\n\nDescription\n\n\
        \tIt does things:\n\nfunc _ready():\n\nSignals\n\n\t● connected()\n\tEmitted when connected.\n\n\
        Enumerations\n\nenum State:\n\n\t● STATE_A = 0\n\tThe first.\n\t● STATE_B = 1\n\tThe second.\n\n\n\
        Property Descriptions\n\n\n● String path\n\n\tThe path.\n\n\nMethod Descriptions\n\n\n● void emit()\n\n\tSends.\n";

    fn undescribed(text: &str) -> Vec<String> {
        let page = Page { class: "SocketIOThing".into(), lines: text.lines().map(str::to_owned).collect() };
        page.undescribed()
    }

    #[test]
    fn a_described_class_passes() {
        assert_eq!(undescribed(PAGE), Vec::<String>::new());
    }

    #[test]
    fn each_missing_description_is_named() {
        let placeholder = format!("{PLACEHOLDER} for this. Please help us by contributing one!");
        for (text, problem) in [
            ("A thing.", "the class has no brief description"),
            ("Emitted when connected.", "no description: connected()"),
            ("The first.", "no description: STATE_A = 0"),
            ("The second.", "no description: STATE_B = 1"),
            ("The path.", "no description: String path"),
            ("Sends.", "no description: void emit()"),
        ] {
            assert_eq!(undescribed(&PAGE.replace(text, &placeholder)), [problem]);
            if !problem.contains("brief") {
                assert_eq!(undescribed(&PAGE.replace(text, "")), [problem]);
            }
        }
        let problems = undescribed(&PAGE.replace("Description\n\n\tIt does things:\n", ""));
        assert_eq!(problems, ["the class has no description"]);
    }

    #[test]
    fn an_empty_page_is_no_documentation() {
        assert_eq!(undescribed("").len(), 3);
    }

    #[test]
    fn the_pages_name_the_tutorials_that_are_there() {
        let text = "\tSee `quick-start.md`, tls.md and (binary.md).\n";
        let pages = [Page { class: "A".into(), lines: vec![text.to_owned()] }];
        let wrong = |names: &[&str]| {
            wrong_tutorials(&pages, &names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(wrong(&["binary", "quick-start", "tls"]), Vec::<String>::new());
        assert_eq!(wrong(&["acks", "binary", "quick-start", "tls"]), ["no page names the tutorial acks.md"]);
        assert_eq!(wrong(&["binary", "quick-start"]), ["there is no tutorial tls.md"]);
    }

    #[test]
    fn pages_are_told_from_the_log() {
        let mut reading = Reading::default();
        let lines = ["log", "PAGE A", "", "text", "END A", "log", "PAGE B", "END A", "END B", "log"];
        let log = lines.into_iter().filter(|line| !reading.takes(line)).count();
        assert_eq!(log, 3);
        let pages: Vec<_> =
            reading.pages.iter().map(|page| (page.class.as_str(), page.lines.len())).collect();
        assert_eq!(pages, [("A", 2), ("B", 1)]);
    }
}
