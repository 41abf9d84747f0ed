//! The class documentation: no public member of the extension's classes may be without a description.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use roxmltree::{Document, Node};

use crate::godot::Godot;
use crate::log_check::LogCheck;
use crate::tally::Tally;
use crate::{process, progress, tree};

const CLASS_PREFIX: &str = "SocketIO";
const LIMIT: Duration = Duration::from_secs(120);

/// Lets Godot write the class documentation, and checks each class as one test.
pub fn run(godot: &Godot, tally: &mut Tally) -> Result<()> {
    progress::heading("class docs");
    let folder = tree::test_installs().join("class-docs");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut command = godot.command();
    command.args(["--headless", "--path"]).arg(tree::test_project());
    command.arg("--doctool").arg(&folder).arg("--gdextension-docs");
    let mut check = LogCheck::default();
    let exits = process::watch(vec![command], Some(LIMIT), |_, line| {
        println!("{line}");
        check.line(line);
    })?;
    let mut problems = check.finish();
    problems.extend(exits.iter().filter(|exit| !exit.is_success()).map(ToString::to_string));
    let files = class_files(&folder.join("doc_classes"))?;
    if files.is_empty() {
        problems.push(format!("Godot wrote no documentation of a class {CLASS_PREFIX}*"));
    }
    tally.check("class docs", &problems);

    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let problems = undescribed(&fs::read_to_string(&file)?).with_context(|| format!("{name}.xml"))?;
        println!("{} class docs: {name}", if problems.is_empty() { "ok  " } else { "FAIL" });
        tally.check(&format!("class docs: {name}"), &problems);
    }
    Ok(())
}

fn class_files(folder: &std::path::Path) -> Result<Vec<PathBuf>> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(CLASS_PREFIX) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// The public members of a class that have no description.
fn undescribed(xml: &str) -> Result<Vec<String>> {
    let document = Document::parse(xml)?;
    let class = document.root_element();
    let mut missing = Vec::new();
    for part in ["brief_description", "description"] {
        if !child(class, part).is_some_and(has_text) {
            missing.push(format!("the class has no {}", part.replace('_', " ")));
        }
    }
    // Methods and signals describe themselves in an element of their own, the others in their text.
    for (group, kind) in [
        ("constructors", "constructor"),
        ("methods", "method"),
        ("operators", "operator"),
        ("signals", "signal"),
    ] {
        for member in members(class, group) {
            if !child(member, "description").is_some_and(has_text) {
                missing.push(format!("{kind} {} has no description", name(member)));
            }
        }
    }
    for (group, kind) in [
        ("members", "property"),
        ("constants", "constant"),
        ("theme_items", "theme item"),
        ("annotations", "annotation"),
    ] {
        for member in members(class, group) {
            // A property of a base class that only has another default here is described there.
            if member.attribute("overrides").is_none() && !has_text(member) {
                missing.push(format!("{kind} {} has no description", name(member)));
            }
        }
    }
    Ok(missing)
}

fn members<'a>(class: Node<'a, 'a>, group: &str) -> impl Iterator<Item = Node<'a, 'a>> {
    let members = child(class, group).into_iter().flat_map(|group| group.children());
    // A leading underscore marks what only the engine calls.
    members.filter(|member| member.is_element() && !name(*member).starts_with('_'))
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn name<'a>(node: Node<'a, 'a>) -> &'a str {
    node.attribute("name").unwrap_or_default()
}

fn has_text(node: Node<'_, '_>) -> bool {
    node.text().is_some_and(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPLETE: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
        <class name="SocketIOThing" inherits="RefCounted">
            <brief_description>A thing.</brief_description>
            <description>It does things.</description>
            <tutorials></tutorials>
            <methods>
                <method name="emit"><return type="void" /><description>Sends.</description></method>
                <method name="_init"><return type="void" /><description></description></method>
            </methods>
            <members>
                <member name="path" type="String" setter="set_path" getter="get_path" default="">The path.</member>
                <member name="script" type="Script" overrides="Object" default="null" />
            </members>
            <signals><signal name="connected"><description>Emitted when connected.</description></signal></signals>
            <constants><constant name="STATE_A" value="0" enum="State">The first.</constant></constants>
        </class>"#;

    #[test]
    fn a_described_class_passes() {
        assert_eq!(undescribed(COMPLETE).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn each_missing_description_is_named() {
        for (text, problem) in [
            ("A thing.", "the class has no brief description"),
            ("It does things.", "the class has no description"),
            ("Sends.", "method emit has no description"),
            ("The path.", "property path has no description"),
            ("Emitted when connected.", "signal connected has no description"),
            ("The first.", "constant STATE_A has no description"),
        ] {
            assert_eq!(undescribed(&COMPLETE.replace(text, " \n ")).unwrap(), [problem]);
        }
    }

    #[test]
    fn what_is_not_xml_is_an_error() {
        assert!(undescribed("<class").is_err());
    }
}
