//! What is in a package: the addon's folder, with libraries that were checked and with the licences of what is in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::archive::Files;
use super::extension_file::{self, Entry};
use super::requirements::{self, Glibc};
use super::third_party;
use crate::platform::Platform;
use crate::tree;

/// Where a project has the addon.
const ADDON: &str = "addons/socketio";
const EXTENSION_FILE: &str = "socketio.gdextension";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The systems that the libraries must run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Systems {
    /// Also the oldest ones: the package may be published.
    Oldest,
    /// Those like this machine: the package is only tried.
    Own,
}

/// Libraries by their paths in the addon.
pub type Libraries = BTreeMap<String, Vec<u8>>;

/// The files of a package, and what is to be told about it.
pub struct Contents {
    pub files: Files,
    pub platforms: Vec<Platform>,
    /// One line for each library.
    pub report: Vec<String>,
}

/// The libraries that are installed in a copy of the addon.
pub fn libraries_in(addon: &Path) -> Result<Libraries> {
    let mut libraries = Libraries::new();
    for Entry { path, .. } in extension_file::entries(&extension_file()?)? {
        let file = addon.join(&path);
        if file.is_file() {
            libraries
                .insert(path, fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
        }
    }
    Ok(libraries)
}

impl Contents {
    /// Checks the libraries and puts everything together.
    pub fn new(libraries: Libraries, systems: Systems) -> Result<Self> {
        let extension = extension_file()?;
        let platforms = platforms(&extension, &libraries)?;
        let mut report = Vec::new();
        let mut glibc = None;
        for (path, library) in &libraries {
            let needed = check(path, library, systems).with_context(|| path.clone())?;
            report.push(describe(path, library, needed));
            glibc = glibc.max(needed);
        }

        let mut files = addon_files()?;
        let named = extension_file::only(&extension, &platforms)?;
        files.insert(in_addon(EXTENSION_FILE), named.into_bytes());
        files.insert(in_addon("THIRDPARTY.txt"), third_party::text(&targets(&platforms)?)?.into_bytes());
        let readme = files.get_mut(&in_addon("README.md")).context("the addon has no README.md")?;
        readme.extend(about(&platforms, glibc).into_bytes());
        files.extend(libraries.into_iter().map(|(path, library)| (in_addon(&path), library)));
        Ok(Self { files, platforms, report })
    }
}

fn in_addon(name: &str) -> String {
    format!("{ADDON}/{name}")
}

/// What every package has.
fn addon_files() -> Result<Files> {
    let mut files = Files::new();
    add_folder(&tree::addon(), ADDON, &mut files)?;
    let changelog = fs::read(tree::root().join("CHANGELOG.md")).context("cannot read CHANGELOG.md")?;
    files.insert(in_addon("CHANGELOG.md"), changelog);
    Ok(files)
}

fn extension_file() -> Result<String> {
    let file = tree::addon().join(EXTENSION_FILE);
    fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}

/// The platforms that have libraries. One that has some of them must have all.
fn platforms(extension: &str, libraries: &Libraries) -> Result<Vec<Platform>> {
    let entries = extension_file::entries(extension)?;
    let has = |entry: &Entry| libraries.contains_key(&entry.path);
    let mut platforms: Vec<Platform> =
        entries.iter().filter(|entry| has(entry)).map(|entry| entry.platform.clone()).collect();
    platforms.push(Platform::of_this_machine());
    platforms.sort();
    platforms.dedup();
    let missing: Vec<&str> = entries
        .iter()
        .filter(|entry| platforms.contains(&entry.platform) && !has(entry))
        .map(|entry| entry.path.as_str())
        .collect();
    if !missing.is_empty() {
        bail!("libraries are missing in {ADDON}: {}", missing.join(", "));
    }
    Ok(platforms)
}

fn targets(platforms: &[Platform]) -> Result<Vec<&'static str>> {
    let mut targets = Vec::new();
    for platform in platforms {
        targets.extend(platform.triples()?);
    }
    Ok(targets)
}

/// Refuses a library that players should not get, and returns the C library that it needs, if it is one for Linux.
fn check(path: &str, library: &[u8], systems: Systems) -> Result<Option<Glibc>> {
    if let Some(processor) = requirements::processor(library)
        && !path.contains(&format!(".{processor}."))
    {
        bail!("it is built for {processor}");
    }
    if path.contains(".windows.") {
        requirements::check_windows(library)?;
    }
    let glibc = path.contains(".linux.").then(|| requirements::glibc(library)).transpose()?;
    if let Some(needed) = glibc
        && systems == Systems::Oldest
        && needed > requirements::OLDEST_GLIBC
    {
        bail!(
            "it needs glibc {needed}, and {} is the limit: `cargo xtask package` builds for it",
            requirements::OLDEST_GLIBC
        );
    }
    let limit = requirements::largest(path);
    if library.len() > limit {
        bail!("it has {} bytes, and {limit} are the most", library.len());
    }
    Ok(glibc)
}

fn describe(path: &str, library: &[u8], glibc: Option<Glibc>) -> String {
    let glibc = glibc.map(|glibc| format!(", needs glibc {glibc}")).unwrap_or_default();
    format!("{path}: {} bytes{glibc}", library.len())
}

/// What the README of a package says of it.
fn about(platforms: &[Platform], glibc: Option<Glibc>) -> String {
    let platforms: Vec<String> = platforms.iter().map(Platform::to_string).collect();
    let glibc = glibc.map(|glibc| format!(" On Linux they need glibc {glibc} or later.")).unwrap_or_default();
    format!(
        "\n## In this package\n\nVersion {VERSION}, with libraries for {}.{glibc}\nAn export for another platform needs \
         a library that is not here.\n\n`THIRDPARTY.txt` has the licences of what is in the libraries: keep it with \
         your game.\n",
        platforms.join(", ")
    )
}

/// Adds the files of a folder, but for libraries and hidden files.
fn add_folder(folder: &Path, path: &str, files: &mut Files) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // Without it, the editor would import the tutorials' pictures into every game.
        if name == ".gdignore" {
            files.insert(format!("{path}/{name}"), Vec::new());
            continue;
        }
        if name.starts_with('.') || (path == ADDON && name == "bin") {
            continue;
        }
        let path = format!("{path}/{name}");
        if entry.file_type()?.is_dir() {
            add_folder(&entry.path(), &path, files)?;
        } else {
            files.insert(path, fs::read(entry.path())?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENSION: &str = "[libraries]\n\nlinux.editor.x86_64 = \"bin/a.so\"\nlinux.release.x86_64 = \"bin/b.so\"\n\
        windows.editor.x86_64 = \"bin/a.dll\"\nwindows.release.x86_64 = \"bin/b.dll\"\n";

    fn libraries(paths: &[&str]) -> Libraries {
        paths.iter().map(|path| ((*path).to_owned(), Vec::new())).collect()
    }

    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    #[test]
    fn a_platform_has_all_of_its_libraries_or_none() {
        let of = |paths: &[&str]| platforms(EXTENSION, &libraries(paths));
        assert_eq!(of(&["bin/a.so", "bin/b.so"]).unwrap(), [Platform::of_this_machine()]);
        assert_eq!(of(&["bin/a.so", "bin/b.so", "bin/a.dll", "bin/b.dll"]).unwrap().len(), 2);
        for (paths, missing) in [
            (&["bin/a.so"][..], "bin/b.so"),
            (&[], "bin/a.so, bin/b.so"),
            (&["bin/a.so", "bin/b.so", "bin/a.dll"], "bin/b.dll"),
        ] {
            let error = of(paths).unwrap_err().to_string();
            assert_eq!(error, format!("libraries are missing in addons/socketio: {missing}"));
        }
    }

    #[test]
    fn a_library_that_is_too_large_is_not_published() {
        let path = "bin/x.ios.template_release.dylib";
        let library = vec![0; requirements::largest(path) + 1];
        let error = check(path, &library, Systems::Own).unwrap_err().to_string();
        assert_eq!(error, "it has 8388609 bytes, and 8388608 are the most");
        assert!(check(path, &library[1..], Systems::Oldest).is_ok());
        assert!(check("bin/x.macos.editor.dylib", &library, Systems::Oldest).is_ok());
    }

    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    #[test]
    fn a_library_is_for_the_processor_in_its_name() {
        // This very test, which is no library.
        let program = fs::read(std::env::current_exe().unwrap()).unwrap();
        let error = |path| check(path, &program, Systems::Own).unwrap_err().to_string();
        assert_eq!(error("bin/x.linux.editor.arm64.so"), "it is built for x86_64");
        assert!(error("bin/x.linux.editor.x86_64.so").starts_with("it needs libgcc_s"));
    }

    #[test]
    fn the_readme_names_the_platforms_and_the_oldest_system() {
        let text = about(&[Platform::of_this_machine()], Some(Glibc(2, 17)));
        assert!(text.contains(&format!("libraries for {}. On Linux", Platform::of_this_machine())));
        assert!(text.contains("glibc 2.17 or later"));
        assert!(!about(&[Platform::of_this_machine()], None).contains("glibc"));
    }

    #[test]
    fn the_addons_files_are_there_without_libraries() {
        let files = addon_files().unwrap();
        for name in ["LICENSE", "README.md", "socketio.gdextension", "icons/socket_io_client.svg"] {
            assert!(files.contains_key(&in_addon(name)), "{name}");
        }
        assert!(files.keys().all(|path| !path.contains("/bin/")));
    }

    #[test]
    fn each_class_has_an_icon() {
        let files = addon_files().unwrap();
        let extension = String::from_utf8(files[&in_addon(EXTENSION_FILE)].clone()).unwrap();
        let (_, icons) = extension.split_once("[icons]").unwrap();
        for class in ["SocketIOClient", "SocketIONamespace", "SocketIONode", "SocketIOReply"] {
            let icon = icons
                .lines()
                .find_map(|line| line.strip_prefix(&format!("{class} = \"")))
                .unwrap_or_default();
            let path = in_addon(icon.trim_end_matches('"'));
            assert!(files.get(&path).is_some_and(|icon| icon.starts_with(b"<svg")), "{class}");
            // Without it, the light icon cannot be seen in a light theme.
            let import = String::from_utf8_lossy(&files[&format!("{path}.import")]);
            assert!(import.contains("\neditor/convert_colors_with_editor_theme=true\n"), "{class}");
        }
    }

    #[test]
    fn links_lead_to_what_is_in_the_package() {
        let files = addon_files().unwrap();
        let mut links = 0;
        for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".md")) {
            let (folder, _) = path.rsplit_once('/').unwrap();
            for link in String::from_utf8_lossy(text).split("](").skip(1) {
                let (link, _) = link.split_once(')').unwrap();
                if link.contains("://") {
                    continue;
                }
                links += 1;
                let (file, heading) = link.split_once('#').unwrap_or((link, ""));
                let page = if file.is_empty() { path.clone() } else { resolved(folder, file) };
                assert!(files.contains_key(&page), "{path} links to {link}");
                let headings = headings(&String::from_utf8_lossy(&files[&page]));
                assert!(
                    heading.is_empty() || headings.iter().any(|h| h == heading),
                    "{path} links to {link}"
                );
            }
        }
        assert!(links > 20, "only {links} links were found");
    }

    /// A path in the package, of one that is relative to a folder of it.
    fn resolved(folder: &str, relative: &str) -> String {
        let mut parts: Vec<&str> = folder.split('/').collect();
        for part in relative.split('/') {
            match part {
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        parts.join("/")
    }

    /// The headings of a page, as links name them.
    fn headings(page: &str) -> Vec<String> {
        let titles =
            page.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
        let name = |title: &str| {
            let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.collect::<String>().to_lowercase().replace(' ', "-")
        };
        titles.map(name).collect()
    }
}
