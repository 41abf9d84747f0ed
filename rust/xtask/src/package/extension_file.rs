//! `socketio.gdextension`: the libraries that it names, and a copy that names only those of a package.

use anyhow::Result;

use crate::platform::Platform;

const LIBRARIES: &str = "[libraries]";

/// A library that the file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is for: `editor`, `debug` or `release`.
    pub build: String,
    pub platform: Platform,
    /// Relative to the file.
    pub path: String,
}

/// The libraries that the file names.
pub fn entries(text: &str) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for (line, section) in with_sections(text) {
        if let Some((key, path)) = assignment(line).filter(|_| section == LIBRARIES) {
            let build = key.split('.').nth(1).unwrap_or_default().to_owned();
            entries.push(Entry { build, platform: Platform::of_key(key)?, path: path.to_owned() });
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
    use crate::tree;

    const FILE: &str = "[configuration]\n\nentry_symbol = \"init\"\n\n[libraries]\n\n; For the editor = this.\n\
        linux.editor.x86_64 = \"bin/e.so\"\nmacos.debug = \"bin/d.dylib\"\n\n[icons]\n\nA = \"icons/a.svg\"\n";

    fn platform(key: &str) -> Platform {
        Platform::of_key(key).unwrap()
    }

    #[test]
    fn libraries_are_told_from_other_lines() {
        let entries = entries(FILE).unwrap();
        let entry = |key: &str, build: &str, path: &str| Entry {
            build: build.to_owned(),
            platform: platform(key),
            path: path.to_owned(),
        };
        assert_eq!(
            entries,
            [
                entry("linux.editor.x86_64", "editor", "bin/e.so"),
                entry("macos.debug", "debug", "bin/d.dylib"),
            ]
        );
    }

    #[test]
    fn other_platforms_go_and_everything_else_stays() {
        let linux = only(FILE, &[platform("linux.editor.x86_64")]).unwrap();
        assert_eq!(linux, FILE.replace("macos.debug = \"bin/d.dylib\"\n", ""));
        assert_eq!(only(FILE, &[platform("linux.release.x86_64"), platform("macos.editor")]).unwrap(), FILE);
    }

    /// What a key of the file calls a build, and what Godot calls its target, which is in the library's name.
    const BUILDS: [(&str, &str); 3] =
        [("editor", "editor"), ("debug", "template_debug"), ("release", "template_release")];

    fn of_the_addon() -> Vec<Entry> {
        entries(&std::fs::read_to_string(tree::addon().join("socketio.gdextension")).unwrap()).unwrap()
    }

    #[test]
    fn every_library_that_is_named_is_one_that_is_built() {
        let entries = of_the_addon();
        assert!(entries.iter().any(|entry| entry.platform == Platform::of_this_machine()));
        for Entry { build, platform, path } in entries {
            let (_, target) = BUILDS.into_iter().find(|(name, _)| *name == build).unwrap();
            assert_eq!(path, format!("bin/{}", platform.library(target)));
            assert!(!platform.triples().unwrap().is_empty(), "{path}");
        }
    }

    #[test]
    fn every_library_that_is_built_is_named_once() {
        let entries = of_the_addon();
        for platform in Platform::all() {
            for (build, _) in
                BUILDS.into_iter().filter(|(build, _)| *build != "editor" || platform.has_editor())
            {
                let named = entries.iter().filter(|entry| entry.platform == platform && entry.build == build);
                assert_eq!(named.count(), 1, "{build} of {platform}");
            }
        }
    }

    #[test]
    fn the_editors_libraries_come_first() {
        let builds: Vec<_> = of_the_addon().into_iter().map(|entry| entry.build == "editor").collect();
        assert!(builds.is_sorted_by(|before, after| before >= after), "{builds:?}");
    }
}
