//! Godot's official release archives.

use std::env::consts::{ARCH, OS};
use std::fs::{self, File};
use std::io::{IsTerminal, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Launch;
use crate::download::replace_folder;
use crate::{checksum, process, progress, tools, tree};

const RELEASE: &str = "4.6.3-stable";
const ADDRESS: &str = "https://github.com/godotengine/godot/releases/download";
/// Seconds. A machine without a way to the release host must not wait long for the next source.
const CONNECT_TIMEOUT: &str = "5";

/// The archive of one platform.
struct Archive {
    os: &'static str,
    /// Empty where one archive serves every processor.
    arch: &'static str,
    platform: &'static str,
    sha256: &'static str,
    /// The program in the archive, after `Godot_v4.6.3-stable_` where that is its beginning.
    program: &'static str,
}

const ARCHIVES: [Archive; 5] = [
    Archive {
        os: "linux",
        arch: "x86_64",
        platform: "linux.x86_64",
        sha256: "d0bc2113065e481c9c2c2b2c37daa4e8be3fe9e27f0ab9ab0b6096e9a37907f3",
        program: "linux.x86_64",
    },
    Archive {
        os: "linux",
        arch: "aarch64",
        platform: "linux.arm64",
        sha256: "90c70382eee1542904bf507b9bdc6e62a230ac73fd214bf3887a9e0a4d85aeed",
        program: "linux.arm64",
    },
    // The console programs are those whose output a task can read.
    Archive {
        os: "windows",
        arch: "x86_64",
        platform: "win64.exe",
        sha256: "e39986a178d585ce7ac198fb8de6ea436366dc0cc00e594810c2e3e104c04b90",
        program: "win64_console.exe",
    },
    Archive {
        os: "windows",
        arch: "aarch64",
        platform: "windows_arm64.exe",
        sha256: "d53b5b4c1d1e4f242d490a98a0da1b3579628e4d6f98a052542599862a96b10f",
        program: "windows_arm64_console.exe",
    },
    Archive {
        os: "macos",
        arch: "",
        platform: "macos.universal",
        sha256: "30630f3e9b11e10b35c1f90ba8814185dcec43fae1a48345159be7552c64bfe8",
        program: "Godot.app/Contents/MacOS/Godot",
    },
];

impl Archive {
    fn for_this_machine() -> Option<&'static Self> {
        ARCHIVES.iter().find(|a| a.os == OS && (a.arch.is_empty() || a.arch == ARCH))
    }

    fn file_name(&self) -> String {
        format!("Godot_v{RELEASE}_{}.zip", self.platform)
    }

    fn program_in(&self, folder: &Path) -> PathBuf {
        match self.os {
            "macos" => folder.join(self.program),
            _ => folder.join(format!("Godot_v{RELEASE}_{}", self.program)),
        }
    }
}

/// The release that an earlier run downloaded.
pub fn downloaded() -> Option<Launch> {
    let program = Archive::for_this_machine()?.program_in(&folder());
    program.is_file().then(|| Launch::direct(program))
}

/// Downloads the release for this machine; none if there is none for it.
pub fn download(scratch: &Path) -> Result<Option<Launch>> {
    let Some(archive) = Archive::for_this_machine() else { return Ok(None) };
    let name = archive.file_name();
    progress::say(&format!("{name} from the engine's release page"));
    let file = scratch.join(&name);
    fetch(&format!("{ADDRESS}/{RELEASE}/{name}"), &file)?;

    let checksum = checksum::of_file(&file)?;
    if checksum != archive.sha256 {
        bail!("{name} has the checksum {checksum} in place of {}", archive.sha256);
    }
    let unpacked = scratch.join("unpacked");
    zip::ZipArchive::new(File::open(&file)?)?.extract(&unpacked)?;
    make_executable(&archive.program_in(&unpacked))?;
    replace_folder(&unpacked, &folder())?;
    Ok(downloaded())
}

fn folder() -> PathBuf {
    tree::godot_downloads().join(format!("official-{RELEASE}"))
}

fn fetch(address: &str, to: &Path) -> Result<()> {
    let show = stderr().is_terminal();
    let mut command;
    if let Some(curl) = tools::on_path(&["curl"]) {
        command = Command::new(curl);
        command.args(["--fail", "--location", "--show-error", "--connect-timeout", CONNECT_TIMEOUT]);
        command.args(["--speed-limit", "10000", "--speed-time", "30"]);
        command.arg(if show { "--progress-bar" } else { "--silent" });
        command.arg("--output").arg(to).arg(address);
    } else if let Some(wget) = tools::on_path(&["wget"]) {
        command = Command::new(wget);
        command.args(["--tries=1", "--read-timeout=30", "--no-verbose"]);
        command.arg(format!("--connect-timeout={CONNECT_TIMEOUT}"));
        command.arg(format!("--dns-timeout={CONNECT_TIMEOUT}"));
        if show {
            command.arg("--show-progress");
        }
        command.arg("--output-document").arg(to).arg(address);
    } else {
        bail!("neither `curl` nor `wget` is on PATH");
    }
    if !show {
        process::output(&mut command)?;
        return Ok(());
    }
    let exit = process::inherit(&mut command)?;
    if !exit.is_success() {
        bail!("the download failed ({exit})");
    }
    Ok(())
}

#[cfg(unix)]
fn make_executable(program: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(program, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("the archive holds no {}", program.display()))
}

#[cfg(not(unix))]
fn make_executable(_program: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_named_as_the_release_names_them() {
        let names: Vec<_> = ARCHIVES.iter().map(Archive::file_name).collect();
        assert_eq!(names[0], "Godot_v4.6.3-stable_linux.x86_64.zip");
        assert_eq!(names[2], "Godot_v4.6.3-stable_win64.exe.zip");
        assert_eq!(names[4], "Godot_v4.6.3-stable_macos.universal.zip");
    }

    #[test]
    fn programs_are_where_the_archives_have_them() {
        let programs: Vec<_> = ARCHIVES.iter().map(|a| a.program_in(Path::new("x"))).collect();
        assert_eq!(programs[0], Path::new("x/Godot_v4.6.3-stable_linux.x86_64"));
        assert_eq!(programs[2], Path::new("x/Godot_v4.6.3-stable_win64_console.exe"));
        assert_eq!(programs[4], Path::new("x/Godot.app/Contents/MacOS/Godot"));
    }
}
