//! Godot: which one is used, where it comes from, and how it is started.

mod debian;
pub mod export;
mod find;
mod official;
pub mod project;
mod standalone;
pub mod template;
mod version;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
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

    /// The same with a home of its own, for one of several that start together: engines that make their first
    /// folders in one place at one time print errors.
    pub fn command_for(&self, user: &str) -> Command {
        let mut command = self.command();
        use_home(&mut command, &home().join(user));
        command
    }

    /// A command that starts it as a program that can start itself again, as the editor does to play a game.
    pub fn editor_command(&self) -> Result<Command> {
        let variables = self.launch.variables.clone();
        Ok(Launch { variables, ..Launch::direct(self.program()?) }.command())
    }

    /// A program that starts it by its path alone, as a Godot can start another one.
    pub fn program(&self) -> Result<PathBuf> {
        let Some(loader) = &self.launch.loader else { return Ok(self.launch.program.clone()) };
        standalone::make(&self.launch.program, loader)
            .context("cannot make a Godot that starts without its loader")
    }
}

/// How a Godot is started: directly, or through a loader, and with variables of its own.
struct Launch {
    program: PathBuf,
    loader: Option<Loader>,
    variables: Vec<(&'static str, OsString)>,
}

/// The dynamic loader of a program that does not run with the system's libraries.
struct Loader {
    path: PathBuf,
    /// The folders in which it looks for libraries.
    libraries: Vec<PathBuf>,
    /// The one of them whose libraries are looked for at a fixed place otherwise.
    private: PathBuf,
}

impl Launch {
    fn direct(program: PathBuf) -> Self {
        Self { program, loader: None, variables: Vec::new() }
    }

    fn command(&self) -> Command {
        let mut command = match &self.loader {
            Some(loader) => loader.command(&self.program),
            None => Command::new(&self.program),
        };
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        // A Godot with libraries of its own must not get those of the toolchain.
        command.env_remove("LD_LIBRARY_PATH");
        use_home(&mut command, &home());
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

impl Loader {
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command.arg("--library-path").arg(self.search_path()).args(["--argv0", "godot"]).arg(program);
        command
    }

    fn search_path(&self) -> OsString {
        self.libraries.iter().map(|folder| folder.as_os_str()).collect::<Vec<_>>().join(OsStr::new(":"))
    }
}

fn home() -> PathBuf {
    tree::godot_downloads().join("home")
}

fn use_home(command: &mut Command, home: &Path) {
    // The X server's key is looked for in the home directory.
    if let (None, Some(old)) = (std::env::var_os("XAUTHORITY"), std::env::var_os("HOME")) {
        let key = PathBuf::from(old).join(".Xauthority");
        if key.is_file() {
            command.env("XAUTHORITY", key);
        }
    }
    // Without it Godot prints an error about every directory that it cannot make.
    let _ = std::fs::create_dir_all(home);
    command.env("HOME", home).env("USERPROFILE", home);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(command: &Command) -> Vec<OsString> {
        let variables = ["HOME", "USERPROFILE", "XDG_DATA_HOME", "APPDATA"].map(OsStr::new);
        let values = command.get_envs().filter(|(name, _)| variables.contains(name));
        values.filter_map(|(_, value)| value.map(OsStr::to_owned)).collect()
    }

    #[test]
    fn engines_that_start_together_share_no_user_data() {
        let godot = Godot { launch: Launch::direct("godot".into()), version: version::OLDEST };
        let [shared, ada, bob] = [godot.command(), godot.command_for("ada"), godot.command_for("bob")]
            .map(|command| folders(&command));
        assert_eq!([shared.len(), ada.len(), bob.len()], [4; 3]);
        for folder in &ada {
            assert!(!shared.contains(folder) && !bob.contains(folder), "{} is shared", folder.display());
        }
    }
}
