//! Making the repository's Godot projects ready to run: the addon in its place, resources imported.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::Godot;
use crate::{checksum, process, progress, tree};

const EXTENSION: &str = "res://addons/socketio/socketio.gdextension";
const IMPORT_LIMIT: Duration = Duration::from_secs(180);

/// Installs the addon into every project of the repository.
pub fn install_into_all() -> Result<()> {
    for project in [tree::demo_project(), tree::test_project(), tree::class_docs_project()] {
        if project.join("project.godot").is_file() {
            install(&project)?;
        }
    }
    Ok(())
}

/// Installs the addon into a project, and lets Godot import the project's files if they changed.
pub fn prepare(godot: &Godot, project: &Path) -> Result<()> {
    install(project)?;
    let stamp = project.join(".godot/imported.stamp");
    let state = state_of(project)?;
    if fs::read_to_string(&stamp).is_ok_and(|old| old == state) {
        return Ok(());
    }
    progress::say(&format!("importing the files of {}", name_of(project)));
    let mut command = godot.command();
    command.args(["--headless", "--path"]).arg(project).arg("--import");
    let mut output = String::new();
    let exits =
        process::watch(vec![command], Some(IMPORT_LIMIT), |_, line| output = output.clone() + line + "\n")?;
    if let Some(exit) = exits.into_iter().find(|exit| !exit.is_success()) {
        bail!("importing the files of {} failed ({exit}):\n{output}", name_of(project));
    }
    // Importing writes files beside the imported ones, so the state is taken anew.
    fs::write(stamp, state_of(project)?)?;
    Ok(())
}

/// Installs the addon into a project.
pub fn install(project: &Path) -> Result<()> {
    link(project, "addons", "addons", "socketio")
        .with_context(|| format!("cannot install the addon into {}", name_of(project)))?;
    list_extension(project)
}

/// Puts what the tests in the editor have in common into a project, as `res://shared`.
pub fn share(project: &Path) -> Result<()> {
    link(project, "shared", "tests/editor-plugins", "")
        .with_context(|| format!("cannot put the shared scripts into {}", name_of(project)))
}

/// Names the extension to a project that has the addon, as opening it in the editor does.
pub fn list_extension(project: &Path) -> Result<()> {
    // Godot crashes when it finds a new extension while it imports headlessly, so it is named to it before.
    let list = project.join(".godot/extension_list.cfg");
    let listed = fs::read_to_string(&list).unwrap_or_default();
    if !listed.lines().any(|line| line == EXTENSION) {
        fs::create_dir_all(project.join(".godot"))?;
        fs::write(list, format!("{listed}{EXTENSION}\n"))?;
    }
    Ok(())
}

/// Makes `PROJECT/name` a link to a folder of the repository; where links cannot be made, a copy of the `part` of it that is
/// wanted.
fn link(project: &Path, name: &str, folder: &str, part: &str) -> Result<()> {
    let place = project.join(name);
    // Relative, so that the repository can be moved.
    let depth = project.strip_prefix(tree::root()).map_or(1, |path| path.components().count());
    let target: PathBuf = std::iter::repeat_n("..", depth).chain([folder]).collect();
    if place.is_symlink() {
        if place.join(part).is_dir() {
            return Ok(());
        }
        fs::remove_file(&place)?;
    }
    if !place.exists() && symlink(&target, &place).is_ok() {
        return Ok(());
    }
    copy_folder(&tree::root().join(folder).join(part), &place.join(part))
}

#[cfg(unix)]
pub(super) fn symlink(target: &Path, place: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, place)
}

#[cfg(windows)]
pub(super) fn symlink(target: &Path, place: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_dir(target, place)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &copy)?;
            continue;
        }
        let content = fs::read(entry.path())?;
        if !fs::read(&copy).is_ok_and(|old| old == content) {
            fs::write(copy, content)?;
        }
    }
    Ok(())
}

/// A checksum of the project's own files.
fn state_of(project: &Path) -> Result<String> {
    let mut files = Vec::new();
    collect_files(project, &mut files)?;
    files.sort();
    let mut parts = Vec::new();
    for file in &files {
        parts.push(file.to_string_lossy().into_owned().into_bytes());
        parts.push(fs::read(file)?);
    }
    Ok(checksum::of_parts(parts.iter().map(Vec::as_slice)))
}

fn collect_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        // Hidden folders are Godot's caches and results; what lies in a folder of packages is not the project's.
        if name.to_string_lossy().starts_with('.')
            || name == "addons"
            || name == "shared"
            || name == "node_modules"
        {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect_files(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn name_of(project: &Path) -> String {
    project.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-project-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn the_state_follows_the_projects_files_and_not_the_caches() {
        let project = folder("state");
        fs::write(project.join("project.godot"), "a").unwrap();
        let before = state_of(&project).unwrap();
        fs::create_dir_all(project.join(".godot")).unwrap();
        fs::write(project.join(".godot/cache"), "b").unwrap();
        assert_eq!(state_of(&project).unwrap(), before);
        fs::write(project.join("player.gd"), "c").unwrap();
        assert_ne!(state_of(&project).unwrap(), before);
        fs::remove_dir_all(project).unwrap();
    }

    #[test]
    fn a_copied_folder_has_every_file() {
        let (from, to) = (folder("from"), folder("to"));
        fs::create_dir_all(from.join("bin")).unwrap();
        fs::write(from.join("bin/x.so"), "x").unwrap();
        copy_folder(&from, &to.join("a/b")).unwrap();
        assert_eq!(fs::read_to_string(to.join("a/b/bin/x.so")).unwrap(), "x");
        fs::remove_dir_all(from).unwrap();
        fs::remove_dir_all(to).unwrap();
    }

    #[test]
    fn a_project_lists_the_extension_once() {
        let project = folder("list");
        install(&project).unwrap();
        install(&project).unwrap();
        let list = fs::read_to_string(project.join(".godot/extension_list.cfg")).unwrap();
        assert_eq!(list, format!("{EXTENSION}\n"));
        fs::remove_dir_all(project).unwrap();
    }
}
