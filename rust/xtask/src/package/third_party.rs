//! THIRDPARTY.txt: the licences of everything that is linked into the libraries of a package.
//!
//! What is linked is what cargo says of the lock file, and the texts are those that the crates bring. A text that several
//! crates share is there once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use spdx::{Expression, LicenseId, ParseMode};

use crate::{cargo, process};

/// The library's own crate.
const LIBRARY: &str = "socketio-godot";
/// Compiles a library in C, which is linked, and is itself a tool of the build.
const OPENSSL_SOURCE: &str = "openssl-src";
const OPENSSL_LICENCE: &str = "openssl/LICENSE.txt";
/// How the names of files with a licence, or with what a licence wants to be passed on, begin.
const LICENCE_FILES: [&str; 6] = ["licen", "copying", "copyright", "notice", "unlicense", "patents"];

const HEAD: &str = "\
The libraries of the Socket.IO client for Godot contain the software below.
Each is named with its version, its licence and where its source is. The texts of the licences follow.
";
const RULE: &str = "================================================================================";

/// Writes the text for the libraries of these targets.
pub fn text(targets: &[&str]) -> Result<String> {
    let mut parts = linked_crates(targets)?;
    parts.push(standard_library()?);
    parts.sort_by_key(|part| (part.name.to_lowercase(), part.version.clone()));
    Ok(render(&parts))
}

/// A piece of software that is linked into the library.
#[derive(Debug, Clone)]
struct Part {
    name: String,
    version: String,
    licence: String,
    source: String,
    texts: Vec<String>,
}

impl Part {
    fn title(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}

fn linked_crates(targets: &[&str]) -> Result<Vec<Part>> {
    let linked = linked_packages(targets)?;
    let mut arguments = vec!["metadata", "--locked", "--format-version", "1"];
    for target in targets {
        arguments.extend(["--filter-platform", target]);
    }
    let metadata: Value = serde_json::from_str(&process::output(&mut cargo::command(&arguments))?)?;
    let packages = metadata["packages"].as_array().context("cargo's metadata has no packages")?;
    let mut parts = Vec::new();
    for package in packages.iter().filter(|package| is_foreign(package)) {
        let name = text_of(package, "name");
        if name == OPENSSL_SOURCE {
            parts.push(openssl(package)?);
        } else if linked.contains(&(name, text_of(package, "version"))) {
            parts.push(part(package)?);
        }
    }
    if parts.len() < linked.len() {
        bail!("cargo's metadata lacks some of the {} crates of {LIBRARY}", linked.len());
    }
    Ok(parts)
}

/// The names and versions of the crates that are linked. What runs in the compiler only is none of them.
fn linked_packages(targets: &[&str]) -> Result<BTreeSet<(String, String)>> {
    let mut tree = cargo::command(&["tree", "--locked", "--package", LIBRARY]);
    tree.args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--no-dedupe", "--format", "{p}"]);
    for target in targets {
        tree.args(["--target", target]);
    }
    let tree = process::output(&mut tree)?;
    let mut packages = BTreeSet::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        // What is in parentheses is the folder of one of our own.
        if words.next().is_none() {
            packages.insert((name.to_owned(), version.trim_start_matches('v').to_owned()));
        }
    }
    if packages.is_empty() {
        bail!("`cargo tree` names nothing that {LIBRARY} depends on");
    }
    Ok(packages)
}

fn is_foreign(package: &Value) -> bool {
    !package["source"].is_null()
}

fn part(package: &Value) -> Result<Part> {
    let (name, version) = (text_of(package, "name"), text_of(package, "version"));
    let licence = text_of(package, "license").replace('/', " OR ");
    let mut texts = texts_in(&folder_of(package)?)?;
    if texts.is_empty() {
        texts = standard_texts(&licence).with_context(|| format!("{name} {version} has no licence text"))?;
    }
    Ok(Part { name, version, licence, source: text_of(package, "repository"), texts })
}

/// The C library that the crate brings; nothing of the crate itself is linked.
fn openssl(package: &Value) -> Result<Part> {
    let version = text_of(package, "version");
    let (_, version) = version.split_once('+').context("the crate of OpenSSL does not name its version")?;
    let file = folder_of(package)?.join(OPENSSL_LICENCE);
    Ok(Part {
        name: "OpenSSL".to_owned(),
        version: version.to_owned(),
        licence: "Apache-2.0".to_owned(),
        source: "https://github.com/openssl/openssl".to_owned(),
        texts: vec![read_text(&file)?],
    })
}

fn standard_library() -> Result<Part> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = process::output(std::process::Command::new(rustc).arg("--version"))?;
    let version = version.split_whitespace().nth(1).context("rustc does not tell its version")?;
    let licence = "Apache-2.0";
    Ok(Part {
        name: "The Rust standard library".to_owned(),
        version: version.to_owned(),
        licence: licence.to_owned(),
        source: "https://github.com/rust-lang/rust".to_owned(),
        texts: standard_texts(licence)?,
    })
}

fn folder_of(package: &Value) -> Result<PathBuf> {
    let manifest = PathBuf::from(text_of(package, "manifest_path"));
    Ok(manifest.parent().context("a package without a folder")?.to_path_buf())
}

fn texts_in(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if entry.file_type()?.is_file() && LICENCE_FILES.iter().any(|begin| name.starts_with(begin)) {
            files.push(entry.path());
        }
    }
    files.sort();
    files.iter().map(|file| read_text(file)).collect()
}

/// The texts of a licence expression, as SPDX has them, where a crate brings none.
fn standard_texts(expression: &str) -> Result<Vec<String>> {
    let expression = Expression::parse_mode(expression, ParseMode::LAX)
        .map_err(|error| anyhow::anyhow!("the licence `{expression}` is unreadable: {error}"))?;
    let ids: Vec<LicenseId> =
        expression.requirements().filter_map(|requirement| requirement.req.license.id()).collect();
    // These have a line for the holder of the copyright, which only the crate could fill in.
    if ids.is_empty() || ids.iter().any(|id| id.text().contains("<copyright holders>")) {
        bail!("the licence `{expression}` has no text that fits every crate");
    }
    Ok(ids.iter().map(|id| tidy(id.text())).collect())
}

fn read_text(file: &Path) -> Result<String> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(tidy(&String::from_utf8_lossy(&bytes)))
}

/// The same text without the differences that nobody sees.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().map(str::trim_end).collect();
    let first = lines.iter().position(|line| !line.is_empty()).unwrap_or(0);
    lines.get(first..).unwrap_or_default().join("\n").trim_end().to_owned()
}

fn text_of(package: &Value, key: &str) -> String {
    package[key].as_str().unwrap_or_default().to_owned()
}

fn render(parts: &[Part]) -> String {
    let mut out = HEAD.to_owned();
    for part in parts {
        out += &format!("\n{}\n    {}\n    {}\n", part.title(), part.licence, part.source);
    }
    // Each text once, in the order in which it is first needed.
    let mut order: Vec<&str> = Vec::new();
    let mut users: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for part in parts {
        for text in part.texts.iter().map(String::as_str) {
            let users = users.entry(text).or_default();
            if users.is_empty() {
                order.push(text);
            }
            if !users.contains(&part.title()) {
                users.push(part.title());
            }
        }
    }
    for text in order {
        let users = users.get(text).map(|users| users.join(", ")).unwrap_or_default();
        out += &format!("\n{RULE}\n{users}\n{RULE}\n\n{text}\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, texts: &[&str]) -> Part {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        let (version, licence) = ("1.0.0".to_owned(), "MIT".to_owned());
        Part { name: name.to_owned(), version, licence, source: "https://example.org".to_owned(), texts }
    }

    #[test]
    fn a_text_that_two_share_is_there_once_and_names_both() {
        let text = render(&[part("a", &["one"]), part("b", &["two", "one"])]);
        assert!(text.contains("\na 1.0.0\n    MIT\n    https://example.org\n"));
        assert!(text.contains(&format!("{RULE}\na 1.0.0, b 1.0.0\n{RULE}\n\none\n")));
        assert_eq!((text.matches("\none\n").count(), text.matches("\ntwo\n").count()), (1, 1));
    }

    #[test]
    fn invisible_differences_make_no_second_text() {
        assert_eq!(tidy("\n\nMIT  \r\n\r\n  text\r\n\n"), "MIT\n\n  text");
    }

    #[test]
    fn a_standard_text_stands_in_only_where_it_needs_no_name() {
        let texts = standard_texts("MPL-2.0").unwrap();
        assert!(texts.iter().any(|text| text.starts_with("Mozilla Public License")), "{texts:?}");
        assert!(standard_texts("MIT").unwrap_err().to_string().contains("no text that fits"));
        assert!(standard_texts("Mine").is_err());
    }

    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    #[test]
    fn everything_that_is_linked_has_a_text() {
        let parts = linked_crates(&["x86_64-unknown-linux-gnu"]).unwrap();
        let has = |name: &str| parts.iter().any(|part| part.name == name && !part.texts.is_empty());
        assert!(has("OpenSSL") && has("godot-core") && has("native-tls") && has("serde_json"));
        // They run in the compiler only, or are our own.
        assert!(!has("syn") && !has("openssl-src") && !has("socketio-client"));
        assert!(parts.iter().all(|part| !part.texts.is_empty() && !part.licence.is_empty()));
    }
}
