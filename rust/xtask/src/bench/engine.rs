//! The engine that the benchmarks' project runs in: the editor's binary, or a game exported with the release template.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::godot::template::Template;
use crate::godot::{Godot, export, project};
use crate::{library, tree};

/// The line that tells the project's engine to make the values of events on the main thread.
const ON_MAIN_THREAD: &str = "\n[socket_io]\n\nthreads/build_values_on_worker=false\n";

/// A command that runs the project, without the arguments of a task.
pub struct Engine {
    program: PathBuf,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, Option<OsString>)>,
}

/// A copy of one of the benchmarks' projects that has the library to be measured. The repository's own addon, which
/// the tests run with, stays as it is.
pub struct Project {
    folder: PathBuf,
}

impl Engine {
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        for (name, value) in &self.variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// The editor's binary.
    pub fn editor(godot: &Godot, project: &Project) -> Self {
        let mut command = godot.command();
        command.args(["--headless", "--path"]).arg(&project.folder).arg("--");
        Self::from(&command)
    }

    /// Exports the project as a game.
    pub fn exported(godot: &Godot, project: &Project, template: &Template) -> Result<Self> {
        let mut command = export::export(godot, &project.folder, template, &folder("game"))?.command;
        command.args(["--headless", "--"]);
        Ok(Self::from(&command))
    }

    fn from(command: &Command) -> Self {
        Self {
            program: command.get_program().into(),
            arguments: command.get_args().map(Into::into).collect(),
            variables: command
                .get_envs()
                .map(|(name, value)| (name.to_owned(), value.map(Into::into)))
                .collect(),
        }
    }
}

impl Project {
    /// The project of the tasks.
    pub fn of_tasks(library: &Path) -> Result<Self> {
        let project = Self::copy("godot", "project", library)?;
        project::list_extension(&project.folder)?;
        Ok(project)
    }

    /// The same with the values of events made on the main thread.
    pub fn of_tasks_on_main_thread(library: &Path) -> Result<Self> {
        let project = Self::copy("godot", "project-main-thread", library)?;
        let settings = project.folder.join("project.godot");
        fs::write(&settings, fs::read_to_string(&settings)? + ON_MAIN_THREAD)?;
        project::list_extension(&project.folder)?;
        Ok(project)
    }

    /// The project that loads the extension itself.
    pub fn of_loading(library: &Path) -> Result<Self> {
        Self::copy("load", "project-load", library)
    }

    fn copy(source: &str, name: &str, library: &Path) -> Result<Self> {
        let folder = folder(name);
        // What was removed from the source must not stay.
        let _ = fs::remove_dir_all(&folder);
        copy_folder(&tree::bench().join(source), &folder)?;
        let addon = folder.join("addons/socketio");
        copy_folder(&tree::addon().join("icons"), &addon.join("icons"))?;
        fs::copy(tree::addon().join("socketio.gdextension"), addon.join("socketio.gdextension"))?;
        fs::create_dir_all(addon.join("bin"))?;
        for target in ["editor", "template_debug", "template_release"] {
            let installed = library::installed(target);
            let name = installed.file_name().context("the library has no name")?;
            fs::copy(library, addon.join("bin").join(name))?;
        }
        Ok(Self { folder })
    }
}

/// A folder for what the benchmarks make.
pub fn folder(name: &str) -> PathBuf {
    tree::bench_installs().join(name)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &copy)?;
        } else {
            fs::copy(entry.path(), copy)?;
        }
    }
    Ok(())
}
