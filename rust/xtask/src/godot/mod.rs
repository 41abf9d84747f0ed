//! Godot: which one is used, where it comes from, and how it is started.

mod debian;
pub mod export;
mod find;
mod official;
pub mod project;
pub mod template;
mod version;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use crate::{process, tree};
use anyhow::{Context, Result, bail};

pub use find::find;
use version::Version;

/// A Godot that runs here and is recent enough.
pub struct Godot {
    launch: Launch,
    version: Version,
}

impl Godot {
    /// A command that starts it. Its settings and user data stay inside the repository's ignored folders.
    pub fn command(&self) -> Command {
        self.launch.command()
    }
}

/// How a Godot is started: directly, or through a loader with arguments and variables of its own.
struct Launch {
    program: PathBuf,
    arguments: Vec<OsString>,
    variables: Vec<(&'static str, OsString)>,
}

impl Launch {
    fn direct(program: PathBuf) -> Self {
        Self { program, arguments: Vec::new(), variables: Vec::new() }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.variables.iter().map(|(name, value)| (name, value)));
        // A Godot with libraries of its own must not get those of the toolchain.
        command.env_remove("LD_LIBRARY_PATH");
        use_own_home(&mut command);
        command
    }

    /// Starts it to see that it runs, and refuses one that is too old.
    fn check(self) -> Result<Godot> {
        let output = process::output(self.command().arg("--version"))?;
        let version = Version::parse(&output)
            .with_context(|| format!("its version is unreadable: {:?}", output.trim()))?;
        if version < version::OLDEST {
            bail!("it is version {version}, and {} or later is needed", version::OLDEST);
        }
        Ok(Godot { launch: self, version })
    }
}

fn use_own_home(command: &mut Command) {
    let home = tree::godot_downloads().join("home");
    // The X server's key is looked for in the home directory.
    if let (None, Some(old)) = (std::env::var_os("XAUTHORITY"), std::env::var_os("HOME")) {
        let key = PathBuf::from(old).join(".Xauthority");
        if key.is_file() {
            command.env("XAUTHORITY", key);
        }
    }
    // Without it Godot prints an error about every directory that it cannot make.
    let _ = std::fs::create_dir_all(&home);
    command.env("HOME", &home).env("USERPROFILE", &home);
    for (variable, folder) in [
        ("XDG_DATA_HOME", "data"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_CACHE_HOME", "cache"),
        ("APPDATA", "data"),
        ("LOCALAPPDATA", "cache"),
    ] {
        let folder = home.join(folder);
        let _ = std::fs::create_dir_all(&folder);
        command.env(variable, folder);
    }
}
