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

/// How the libraries were built, and so what they must fulfil.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// To be published: not too large, and for old systems.
    Release,
    /// To try the package itself.
    Development,
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

/// The libraries that are installed in the addon.
pub fn installed_libraries() -> Result<Libraries> {
    let mut libraries = Libraries::new();
    for Entry { path, .. } in extension_file::entries(&extension_file()?)? {
        let file = tree::addon().join(&path);
        if file.is_file() {
            libraries
                .insert(path, fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
        }
    }
    Ok(libraries)
}

impl Contents {
    /// Checks the libraries and puts everything together.
    pub fn new(libraries: Libraries, profile: Profile) -> Result<Self> {
        let extension = extension_file()?;
        let platforms = platforms(&extension, &libraries)?;
        let mut report = Vec::new();
        let mut glibc = None;
        for (path, library) in &libraries {
            let needed = check(path, library, profile).with_context(|| path.clone())?;
            report.push(describe(path, library, needed));
            glibc = glibc.max(needed);
        }

        let mut files = Files::new();
        add_folder(&tree::addon(), ADDON, &mut files)?;
        let in_addon = |name: &str| format!("{ADDON}/{name}");
        let named = extension_file::only(&extension, &platforms)?;
        files.insert(in_addon(EXTENSION_FILE), named.into_bytes());
        let changelog = fs::read(tree::root().join("CHANGELOG.md")).context("cannot read CHANGELOG.md")?;
        files.insert(in_addon("CHANGELOG.md"), changelog);
        files.insert(in_addon("THIRDPARTY.txt"), third_party::text(&targets(&platforms)?)?.into_bytes());
        let readme = files.get_mut(&in_addon("README.md")).context("the addon has no README.md")?;
        readme.extend(about(&platforms, glibc).into_bytes());
        files.extend(libraries.into_iter().map(|(path, library)| (in_addon(&path), library)));
        Ok(Self { files, platforms, report })
    }
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
fn check(path: &str, library: &[u8], profile: Profile) -> Result<Option<Glibc>> {
    if profile == Profile::Release && library.len() > requirements::LARGEST {
        bail!("it has {} bytes, and {} are the most", library.len(), requirements::LARGEST);
    }
    if let Some(processor) = requirements::processor(library)
        && !path.contains(&format!(".{processor}."))
    {
        bail!("it is built for {processor}");
    }
    if path.contains(".windows.") {
        requirements::check_windows(library)?;
    }
    if !path.contains(".linux.") {
        return Ok(None);
    }
    let needed = requirements::glibc(library)?;
    if profile == Profile::Release && needed > requirements::OLDEST_GLIBC {
        bail!(
            "it needs glibc {needed}, and {} is the limit: `cargo xtask package` builds for it",
            requirements::OLDEST_GLIBC
        );
    }
    Ok(Some(needed))
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

/// Adds the files of a folder, but for libraries, hidden files and what the editor makes of the icons.
fn add_folder(folder: &Path, path: &str, files: &mut Files) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // Without it, the editor would import the tutorials' pictures into every game.
        if name == ".gdignore" {
            files.insert(format!("{path}/{name}"), Vec::new());
            continue;
        }
        if name.starts_with('.') || name.ends_with(".import") || (path == ADDON && name == "bin") {
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
        let library = vec![0; requirements::LARGEST + 1];
        let error = check("bin/x.macos.dylib", &library, Profile::Release).unwrap_err().to_string();
        assert_eq!(error, "it has 8388609 bytes, and 8388608 are the most");
        assert!(check("bin/x.macos.dylib", &library, Profile::Development).is_ok());
        assert!(check("bin/x.macos.dylib", &library[1..], Profile::Release).is_ok());
    }

    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    #[test]
    fn a_library_is_for_the_processor_in_its_name() {
        // This very test, which is no library.
        let program = fs::read(std::env::current_exe().unwrap()).unwrap();
        let error = |path| check(path, &program, Profile::Development).unwrap_err().to_string();
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

    fn addon_files() -> Files {
        let mut files = Files::new();
        add_folder(&tree::addon(), ADDON, &mut files).unwrap();
        files
    }

    #[test]
    fn the_addons_files_are_there_without_libraries_and_caches() {
        let files = addon_files();
        for name in ["LICENSE", "README.md", "socketio.gdextension", "icons/socket_io_client.svg"] {
            assert!(files.contains_key(&format!("{ADDON}/{name}")), "{name}");
        }
        assert!(files.keys().all(|path| !path.contains("/bin/") && !path.ends_with(".import")));
    }

    #[test]
    fn each_class_has_an_icon() {
        let files = addon_files();
        let extension = String::from_utf8(files[&format!("{ADDON}/{EXTENSION_FILE}")].clone()).unwrap();
        let (_, icons) = extension.split_once("[icons]").unwrap();
        for class in ["SocketIOClient", "SocketIONamespace", "SocketIONode", "SocketIOReply"] {
            let icon = icons
                .lines()
                .find_map(|line| line.strip_prefix(&format!("{class} = \"")))
                .unwrap_or_default();
            let icon = files.get(&format!("{ADDON}/{}", icon.trim_end_matches('"')));
            assert!(icon.is_some_and(|icon| icon.starts_with(b"<svg")), "{class}");
        }
    }

    #[test]
    fn links_lead_to_what_is_in_the_package() {
        let files = addon_files();
        let mut links = 0;
        for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".md")) {
            let (folder, _) = path.rsplit_once('/').unwrap();
            for link in String::from_utf8(text.clone()).unwrap().split("](").skip(1) {
                let (link, _) = link.split_once(')').unwrap();
                let (file, _) = link.split_once('#').unwrap_or((link, ""));
                if link.contains("://") || file.is_empty() {
                    continue;
                }
                links += 1;
                assert!(files.contains_key(&format!("{folder}/{file}")), "{path} links to {link}");
            }
        }
        assert!(links > 20, "only {links} links were found");
    }
}
