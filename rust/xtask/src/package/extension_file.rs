//! `socketio.gdextension`: the libraries that it names, and a copy that names only those of a package.

use std::fmt;

use anyhow::{Context, Result};

const LIBRARIES: &str = "[libraries]";

/// A system and a processor that the extension has libraries for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    system: String,
    /// None where one library has the code for all of them.
    processor: Option<String>,
}

impl Platform {
    /// The platform of a key such as `linux.editor.x86_64` or `macos.debug`.
    fn of_key(key: &str) -> Result<Self> {
        let mut words = key.split('.');
        let system = words.next().filter(|system| !system.is_empty());
        let system = system.with_context(|| format!("the key `{key}` names no system"))?;
        words.next().with_context(|| format!("the key `{key}` names no kind of build"))?;
        Ok(Self { system: system.to_owned(), processor: words.next().map(str::to_owned) })
    }

    /// The one that this runs on.
    pub fn of_this_machine() -> Self {
        let processor = match (std::env::consts::OS, std::env::consts::ARCH) {
            ("macos", _) => None,
            (_, "aarch64") => Some("arm64"),
            (_, processor) => Some(processor),
        };
        Self { system: std::env::consts::OS.to_owned(), processor: processor.map(str::to_owned) }
    }

    pub fn is_linux(&self) -> bool {
        self.system == "linux"
    }

    /// The targets that rustc knows it by.
    pub fn targets(&self) -> Result<&'static [&'static str]> {
        let targets: &[&str] = match (self.system.as_str(), self.processor.as_deref()) {
            ("linux", Some("x86_64")) => &["x86_64-unknown-linux-gnu"],
            ("linux", Some("arm64")) => &["aarch64-unknown-linux-gnu"],
            ("windows", Some("x86_64")) => &["x86_64-pc-windows-msvc"],
            ("macos", None) => &["x86_64-apple-darwin", "aarch64-apple-darwin"],
            ("android", Some("arm64")) => &["aarch64-linux-android"],
            ("android", Some("x86_64")) => &["x86_64-linux-android"],
            ("ios", _) => &["aarch64-apple-ios"],
            _ => &[],
        };
        (!targets.is_empty()).then_some(targets).with_context(|| format!("{self} is built for no target"))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let system = match self.system.as_str() {
            "linux" => "Linux",
            "windows" => "Windows",
            "macos" => "macOS",
            "android" => "Android",
            "ios" => "iOS",
            other => other,
        };
        match &self.processor {
            Some(processor) => write!(f, "{system} {processor}"),
            None => f.write_str(system),
        }
    }
}

/// A library that the file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub platform: Platform,
    /// Relative to the file.
    pub path: String,
}

/// The libraries that the file names.
pub fn entries(text: &str) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for (line, section) in with_sections(text) {
        if let Some((key, path)) = assignment(line).filter(|_| section == LIBRARIES) {
            entries.push(Entry { platform: Platform::of_key(key)?, path: path.to_owned() });
        }
    }
    Ok(entries)
}

/// The file without the libraries of other platforms, so that an export for one of them says what is missing.
pub fn only(text: &str, platforms: &[Platform]) -> Result<String> {
    let mut kept = String::new();
    for (line, section) in with_sections(text) {
        if let Some((key, _)) = assignment(line).filter(|_| section == LIBRARIES)
            && !platforms.contains(&Platform::of_key(key)?)
        {
            continue;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    Ok(kept)
}

/// Each line with the head of its section.
fn with_sections(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().scan("", |section, line| {
        if line.trim_start().starts_with('[') {
            *section = line.trim();
        }
        Some((line, *section))
    })
}

/// The key and the text of `key = "text"`.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    if key.trim_start().starts_with(';') {
        return None;
    }
    Some((key.trim(), value.trim().trim_matches('"')))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[configuration]\n\nentry_symbol = \"init\"\n\n[libraries]\n\n; For the editor = this.\n\
        linux.editor.x86_64 = \"bin/e.so\"\nmacos.debug = \"bin/d.dylib\"\n\n[icons]\n\nA = \"icons/a.svg\"\n";

    fn platform(key: &str) -> Platform {
        Platform::of_key(key).unwrap()
    }

    #[test]
    fn libraries_are_told_from_other_lines() {
        let entries = entries(FILE).unwrap();
        assert_eq!(
            entries,
            [
                Entry { platform: platform("linux.editor.x86_64"), path: "bin/e.so".to_owned() },
                Entry { platform: platform("macos.debug"), path: "bin/d.dylib".to_owned() },
            ]
        );
    }

    #[test]
    fn other_platforms_go_and_everything_else_stays() {
        let linux = only(FILE, &[platform("linux.editor.x86_64")]).unwrap();
        assert_eq!(linux, FILE.replace("macos.debug = \"bin/d.dylib\"\n", ""));
        assert_eq!(only(FILE, &[platform("linux.release.x86_64"), platform("macos.editor")]).unwrap(), FILE);
    }

    #[test]
    fn every_library_of_the_addon_has_a_platform_with_a_target() {
        let text = std::fs::read_to_string(crate::tree::addon().join("socketio.gdextension")).unwrap();
        let entries = entries(&text).unwrap();
        assert!(entries.iter().any(|entry| entry.platform == Platform::of_this_machine()));
        for entry in entries {
            assert!(!entry.platform.targets().unwrap().is_empty());
        }
    }

    #[test]
    fn platforms_are_named_for_people() {
        let names = ["linux.debug.arm64", "macos.release", "windows.editor.x86_64"]
            .map(|key| platform(key).to_string());
        assert_eq!(names, ["Linux arm64", "macOS", "Windows x86_64"]);
        assert!(Platform::of_key("linux").is_err());
    }
}
