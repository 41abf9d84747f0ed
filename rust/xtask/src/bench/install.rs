//! Building and installing everything that a run needs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::clients::{Need, Programs};
use super::engine::{Engine, Project, folder};
use crate::godot::template::Template;
use crate::godot::{self, Godot};
use crate::library::{self, Builds};
use crate::servers::{install_once, node_command};
use crate::{cargo, checksum, progress, tools, tree};

/// What was built and installed.
pub struct Installation {
    pub programs: Programs,
    /// The project with the values of events made on the main thread.
    pub on_main_thread: Engine,
    /// The project that loads the extension.
    pub loading: Engine,
    pub library: PathBuf,
    /// What was measured with, by the names of the tables.
    pub versions: Vec<(&'static str, String)>,
}

/// The library that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// The one of an exported game.
    Release,
    /// The one that the tests have built anyway, to see that everything runs.
    Development,
}

/// Builds and installs what these clients need.
pub fn install(build: Build, needs: &[Need]) -> Result<Installation> {
    let library = match build {
        Build::Release => library::compile("release", false)?,
        Build::Development => {
            library::build(Builds::Editor)?;
            library::installed("editor")
        }
    };
    let godot = godot::find()?;
    progress::heading("Installing what is compared");
    let mut versions = vec![("Godot", version_of(&mut godot.command())?)];
    let engines = engines(build, &godot, &library)?;
    let node_script =
        |name| node_command("tests/bench/node", name).map(|command| program_and_script(&command));
    let node = node_script("client.js")?;
    versions.push(("Node.js", version_of(&mut Command::new(&node.0))?));
    let python = if needs.contains(&Need::Python) { Some(python()?) } else { None };
    if let Some((program, _)) = &python {
        versions.push(("Python", version_of(&mut Command::new(program))?));
    }
    let rust = if needs.contains(&Need::Rust) { Some(rust_clients()?) } else { None };
    let Engines { engine, editor, on_main_thread, loading } = engines;
    let programs = Programs { engine, editor, node, python, rust };
    Ok(Installation { programs, on_main_thread, loading, library, versions })
}

struct Engines {
    engine: Engine,
    editor: Option<Engine>,
    on_main_thread: Engine,
    loading: Engine,
}

fn engines(build: Build, godot: &Godot, library: &Path) -> Result<Engines> {
    let project = Project::of_tasks(library)?;
    let editor = Engine::editor(godot, &project);
    let on_main_thread = Engine::editor(godot, &Project::of_tasks_on_main_thread(library)?);
    let loading = Engine::editor(godot, &Project::of_loading(library)?);
    let template = match build {
        Build::Release => Template::find(&godot.command())?,
        Build::Development => None,
    };
    Ok(match template {
        Some(template) => {
            let engine = Engine::exported(godot, &project, &template)?;
            Engines { engine, editor: Some(editor), on_main_thread, loading }
        }
        None => {
            if build == Build::Release {
                progress::say("there is no release template: the editor's binary alone is measured");
            }
            Engines { engine: editor, editor: None, on_main_thread, loading }
        }
    })
}

/// The environment of the Python client.
fn python() -> Result<(PathBuf, PathBuf)> {
    let (python, version) = tools::python()?;
    let source = tree::bench().join("python");
    let requirements = source.join("requirements.txt");
    let environment = folder("python");
    let state = fs::read(&requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    let state = checksum::of_parts([state.as_slice(), version.as_bytes()]);
    let program = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    install_once(&environment.join("installed"), &state, "the pip packages of the Python client", || {
        let mut make = Command::new(python);
        make.args(["-m", "venv", "--clear"]).arg(&environment);
        let mut install = Command::new(&program);
        install.args(["-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]);
        install.arg("--requirement").arg(&requirements);
        vec![make, install]
    })?;
    Ok((program, source.join("client.py")))
}

/// The program of the Rust clients, which is no member of the workspace.
fn rust_clients() -> Result<PathBuf> {
    progress::say("building the clients in Rust");
    let manifest = tree::bench().join("rust/Cargo.toml").to_string_lossy().into_owned();
    let target = folder("rust").to_string_lossy().into_owned();
    let arguments = ["--release", "--manifest-path", &manifest, "--target-dir", &target];
    let name = "socketio-bench-clients";
    let files = cargo::build(&arguments, name)?;
    files.into_iter().next().with_context(|| format!("cargo built no program `{name}`"))
}

fn program_and_script(command: &Command) -> (PathBuf, PathBuf) {
    let script = command.get_args().next().unwrap_or_default();
    (command.get_program().into(), script.into())
}

fn version_of(command: &mut Command) -> Result<String> {
    Ok(crate::process::output(command.arg("--version"))?.trim().to_owned())
}
