//! Every example of the READMEs, the docs and the class reference compiles with all of GDScript's warnings as errors, and
//! so does the script of the example scene.
//!
//! Which warnings there are the engine itself tells: see `warnings_as_errors.gd`, which also says what is left out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::godot::{Godot, project};
use crate::tally::Tally;
use crate::{process, progress, tree};

const LIMIT: Duration = Duration::from_secs(120);
const FENCE: &str = "```";
/// What `compile.gd` prints before a script, and after it.
const COMPILING: &str = "COMPILING ";
const COMPILED: &str = "COMPILED";
const REFUSED: &str = "REFUSED";
/// A script that must be refused, or the warnings are no errors.
const CONTROL: &str = "control";
const WARNING: &str = "extends Node\n\nfunc _ready() -> void:\n\tvar unused: int = 1\n";

/// Compiles them. The examples of one file count as one test.
pub fn run(godot: &Godot, tally: &mut Tally) -> Result<()> {
    progress::heading("examples");
    let mut scripts = BTreeMap::from([(CONTROL.to_owned(), WARNING.to_owned())]);
    let mut problems = BTreeMap::from([(CONTROL.to_owned(), Vec::new())]);
    for file in files()? {
        let name = file.strip_prefix(tree::root())?.to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&file)?;
        let found =
            if name.ends_with(".gd") { vec![(0, text)] } else { examples_of(&text, name.ends_with(".rs")) };
        for (line, script) in found {
            scripts.insert(script_name(&name, line), script);
            problems.entry(name.clone()).or_default();
        }
    }
    for (script, problem) in compile(godot, &scripts)? {
        let file = problems.keys().find(|file| script.starts_with(&script_prefix(file))).cloned();
        problems.entry(file.unwrap_or(script)).or_default().extend(problem);
    }
    if problems.insert(CONTROL.to_owned(), Vec::new()).is_none_or(|problems| problems.is_empty()) {
        problems.insert(CONTROL.to_owned(), vec!["GDScript's warnings are no errors".to_owned()]);
    }
    for (file, problems) in problems {
        println!("{} examples: {file}", if problems.is_empty() { "ok  " } else { "FAIL" });
        tally.check(&format!("examples: {file}"), &problems);
    }
    Ok(())
}

/// The files that may have examples.
fn files() -> Result<Vec<PathBuf>> {
    let mut files = vec![tree::root().join("README.md")];
    collect(&tree::addon(), &["md", "gd"], &mut files)?;
    collect(&tree::root().join("rust/extension/src"), &["rs"], &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(folder: &Path, extensions: &[&str], files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, extensions, files)?;
        } else if path.extension().is_some_and(|found| extensions.iter().any(|wanted| found == *wanted)) {
            files.push(path);
        }
    }
    Ok(())
}

/// The scripts of a file, each with the number of the line before it. In Rust they are in the doc comments.
fn examples_of(text: &str, is_rust: bool) -> Vec<(usize, String)> {
    let mut examples = Vec::new();
    let doc = |line: &str| -> String {
        let doc = line.trim_start().strip_prefix("///").unwrap_or_default();
        doc.strip_prefix(' ').unwrap_or(doc).to_owned()
    };
    let lines = text.lines().map(|line| if is_rust { doc(line) } else { line.to_owned() });
    let mut lines = lines.enumerate();
    while let Some((number, line)) = lines.next() {
        if line.strip_prefix(FENCE) == Some("gdscript") {
            let block: Vec<String> =
                lines.by_ref().map(|(_, line)| line).take_while(|line| line != FENCE).collect();
            examples.push((number + 1, script_of(&block)));
        } else if line.starts_with(FENCE) {
            let _other_language = lines.by_ref().take_while(|(_, line)| line != FENCE).count();
        }
    }
    examples
}

/// A script of its own: an example may be a part of a class, or of a function.
fn script_of(block: &[String]) -> String {
    let is_class =
        block.iter().any(|line| ["func ", "extends ", "@"].iter().any(|start| line.starts_with(start)));
    let mut script = String::new();
    if !block.iter().any(|line| line.starts_with("extends ")) {
        script.push_str("extends Node\n");
    }
    let indent = match (is_class, block.iter().any(|line| line.starts_with(' '))) {
        (true, _) => "",
        (false, true) => "    ",
        (false, false) => "\t",
    };
    if !is_class {
        script.push_str("func _example() -> void:\n");
    }
    for line in block {
        script.push_str(if line.is_empty() { "" } else { indent });
        script.push_str(line);
        script.push('\n');
    }
    script
}

fn script_prefix(file: &str) -> String {
    file.replace(['/', '.'], "_") + "_line_"
}

fn script_name(file: &str, line: usize) -> String {
    format!("{}{line}", script_prefix(file))
}

/// Compiles scripts and returns what is wrong with each.
fn compile(godot: &Godot, scripts: &BTreeMap<String, String>) -> Result<BTreeMap<String, Vec<String>>> {
    let project = tree::test_installs().join("examples");
    let folder = project.join("examples");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    for file in ["project.godot", "compile.gd"] {
        fs::copy(tree::root().join("tests/examples").join(file), project.join(file))?;
    }
    let warnings = "warnings_as_errors.gd";
    fs::copy(tree::test_project().join(warnings), project.join(warnings))?;
    project::install(&project)?;
    for (name, script) in scripts {
        fs::write(folder.join(name).with_extension("gd"), script)?;
    }

    let mut command = godot.command();
    command.args(["--headless", "--path"]).arg(&project).args(["-s", "res://compile.gd"]);
    let mut problems = BTreeMap::new();
    let mut log = Vec::new();
    let mut compiling = None;
    let exits = process::watch(vec![command], Some(LIMIT), |_, line| {
        if let Some(name) = line.strip_prefix(COMPILING) {
            compiling = Some(name.trim_end_matches(".gd").to_owned());
            log.clear();
        } else if line == COMPILED || line == REFUSED {
            if let Some(name) = compiling.take() {
                let log = std::mem::take(&mut log);
                problems.insert(name, if line == REFUSED { log } else { Vec::new() });
            }
        } else if !line.trim().is_empty() {
            log.push(line.to_owned());
        }
    })?;
    ensure!(exits.iter().all(|exit| exit.is_success()), "the compiling ended with {exits:?}: {log:?}");
    ensure!(problems.len() == scripts.len(), "not every script was compiled: {log:?}");
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_a_page_are_its_blocks_of_gdscript() {
        let page = "# A\n```js\na\n```\n\n```gdscript\nextends Node\nvar a: int = 1\n```\n```gdscript\nprint(1)\n```\n";
        let expected =
            ["extends Node\nvar a: int = 1\n", "extends Node\nfunc _example() -> void:\n\tprint(1)\n"];
        assert_eq!(examples_of(page, false), [(6, expected[0].to_owned()), (10, expected[1].to_owned())]);
    }

    #[test]
    fn the_examples_of_the_reference_are_in_comments() {
        let source = "/// Sends.\n    /// ```gdscript\n    /// if true:\n    ///     print(1)\n    ///\n    /// ```\nfn a() {}\n";
        let expected = "extends Node\nfunc _example() -> void:\n    if true:\n        print(1)\n\n";
        assert_eq!(examples_of(source, true), [(2, expected.to_owned())]);
        assert_eq!(examples_of("fn a() {}\n", true), []);
    }

    #[test]
    fn a_part_of_a_class_stays_one() {
        let block = ["@onready var a: Node = $A", "", "func b() -> void:", "    pass"].map(str::to_owned);
        assert!(!script_of(&block).contains("_example"));
    }
}
