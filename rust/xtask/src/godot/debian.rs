//! Godot from Debian's own archive, unpacked into a private folder: no root rights, and the system stays as it is.
//!
//! A stable Debian has only an older Godot, so the package comes from the suite `sid` together with every
//! library that it needs, the C library too, and runs through that library's loader.

use std::env::consts::ARCH;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use super::Launch;
use super::official::replace_folder;
use crate::progress::{self, Counter};
use crate::{process, tools, tree};

/// Godot, and what a real window needs besides: Mesa's OpenGL.
const PACKAGES: [&str; 6] = ["godot", "libgl1", "libegl1", "libgl1-mesa-dri", "libglx-mesa0", "libegl-mesa0"];
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
const APT_LIMIT: Duration = Duration::from_secs(15 * 60);

/// What Debian calls a processor.
struct Port {
    arch: &'static str,
    debian: &'static str,
    triplet: &'static str,
    loader: &'static str,
}

const PORTS: [Port; 2] = [
    Port {
        arch: "x86_64",
        debian: "amd64",
        triplet: "x86_64-linux-gnu",
        loader: "usr/lib64/ld-linux-x86-64.so.2",
    },
    Port {
        arch: "aarch64",
        debian: "arm64",
        triplet: "aarch64-linux-gnu",
        loader: "usr/lib/ld-linux-aarch64.so.1",
    },
];

impl Port {
    fn of_this_machine() -> Option<&'static Self> {
        PORTS.iter().find(|port| port.arch == ARCH)
    }
}

/// The package that an earlier run downloaded.
pub fn downloaded() -> Option<Launch> {
    let root = folder();
    let port = Port::of_this_machine()?;
    root.is_dir().then(|| launch(&root, port))
}

/// Downloads the package; none if this is not a Debian-like system.
pub fn download(scratch: &Path) -> Result<Option<Launch>> {
    if !cfg!(target_os = "linux") || tools::on_path(&["apt-get"]).is_none() {
        return Ok(None);
    }
    let Some(port) = Port::of_this_machine() else { return Ok(None) };
    if tools::on_path(&["dpkg-deb"]).is_none() {
        bail!("`dpkg-deb` is not on PATH (on Debian: the package dpkg)");
    }
    let mirrors = mirrors()?;
    if mirrors.is_empty() {
        bail!("apt names no Debian archive");
    }
    let mut failure = None;
    for mirror in mirrors {
        match download_from(&mirror, port, scratch) {
            Ok(root) => {
                replace_folder(&root, &folder())?;
                return Ok(Some(launch(&folder(), port)));
            }
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.map_or(Ok(None), Err)
}

fn folder() -> PathBuf {
    tree::godot_downloads().join("debian-sid")
}

fn launch(root: &Path, port: &Port) -> Launch {
    let libraries = root.join("usr/lib").join(port.triplet);
    let search = [libraries.clone(), libraries.join("pulseaudio"), root.join("usr/lib")];
    let search = search.iter().map(|folder| folder.as_os_str()).collect::<Vec<_>>().join(OsStr::new(":"));
    Launch {
        program: root.join(port.loader),
        arguments: vec![
            "--library-path".into(),
            search,
            "--argv0".into(),
            "godot".into(),
            root.join("usr/bin/godot").into(),
        ],
        variables: vec![
            ("LIBGL_DRIVERS_PATH", libraries.join("dri").into()),
            ("GBM_BACKENDS_PATH", libraries.join("gbm").into()),
            ("__EGL_VENDOR_LIBRARY_DIRS", root.join("usr/share/glvnd/egl_vendor.d").into()),
            ("XKB_CONFIG_ROOT", root.join("usr/share/X11/xkb").into()),
        ],
    }
}

/// The archives that this machine's apt uses: first those known to be Debian's, then those whose address looks so.
fn mirrors() -> Result<Vec<String>> {
    let known = process::output(Command::new("apt-get").args([
        "indextargets",
        "--format",
        "$(LABEL) $(REPO_URI)",
        "Created-By: Packages",
    ]))?;
    let all = process::output(Command::new("apt-get").args([
        "indextargets",
        "--no-release-info",
        "--format",
        "$(REPO_URI)",
    ]))?;
    Ok(choose_mirrors(&known, &all))
}

fn choose_mirrors(known: &str, all: &str) -> Vec<String> {
    let known = known.lines().filter_map(|line| line.strip_prefix("Debian "));
    let similar = all.lines().filter(|address| address.trim_end_matches('/').ends_with("/debian"));
    let mut mirrors: Vec<String> = Vec::new();
    for address in known.chain(similar).map(str::trim) {
        if !mirrors.iter().any(|mirror| mirror == address) {
            mirrors.push(address.to_owned());
        }
    }
    mirrors
}

/// Downloads and unpacks everything into a root folder inside `scratch`.
fn download_from(mirror: &str, port: &Port, scratch: &Path) -> Result<PathBuf> {
    for folder in ["state", "lists/partial", "cache/archives/partial", "root"] {
        fs::create_dir_all(scratch.join(folder))?;
    }
    fs::write(scratch.join("status"), "")?;
    fs::write(scratch.join("sources.list"), source(mirror, port))?;
    let settings = process::output(Command::new("apt-config").arg("dump"))?;
    fs::write(scratch.join("apt.conf"), private_settings(&settings, scratch))?;

    progress::say("reading the list of Debian's suite sid");
    apt(scratch, &["update"], |_| {})?;
    // The same install twice, first only to learn how much it is.
    let install = ["--yes", "--no-install-recommends", "install"];
    let mut packages = 0;
    let simulate: Vec<_> = ["--simulate"].into_iter().chain(install).chain(PACKAGES).collect();
    apt(scratch, &simulate, |line| packages += usize::from(line.starts_with("Inst ")))?;
    let mut counter = Counter::new("packages downloaded:", packages);
    let download: Vec<_> = ["--download-only"].into_iter().chain(install).chain(PACKAGES).collect();
    apt(scratch, &download, |line| {
        if line.starts_with("Get:") {
            counter.step();
        }
    })?;

    let root = scratch.join("root");
    let archives = archives(&scratch.join("cache/archives"))?;
    if archives.len() != packages {
        bail!("{} packages came in place of {packages}", archives.len());
    }
    let mut counter = Counter::new("packages unpacked:", archives.len());
    for archive in &archives {
        process::output(Command::new("dpkg-deb").arg("--extract").arg(archive).arg(&root))?;
        counter.step();
    }
    launch(&root, port).check()?;
    Ok(root)
}

fn source(mirror: &str, port: &Port) -> String {
    let key = if Path::new(KEYRING).is_file() { format!(" signed-by={KEYRING}") } else { String::new() };
    format!("deb [arch={}{key}] {mirror} sid main\n", port.debian)
}

/// The machine's own apt settings (a proxy may be among them), with every path in `scratch`, and without the
/// hooks and the extra indexes, which would reach into the system.
fn private_settings(dump: &str, scratch: &Path) -> String {
    let kept = dump.lines().filter(|line| {
        let key = line.split(' ').next().unwrap_or_default();
        !key.contains("Invoke")
            && !key.starts_with("DPkg::")
            && !key.starts_with("Dir::")
            && !key.starts_with("Acquire::IndexTargets")
            && !key.starts_with("Acquire::Languages")
    });
    let mut settings = kept.fold(String::new(), |text, line| text + line + "\n");
    for (key, path) in [
        ("Dir::Etc::SourceList", "sources.list"),
        ("Dir::State", "state"),
        ("Dir::State::Lists", "lists"),
        ("Dir::State::Status", "status"),
        ("Dir::Cache", "cache"),
        ("Dir::Cache::Archives", "cache/archives"),
    ] {
        let _ = writeln!(settings, "{key} \"{}\";", scratch.join(path).display());
    }
    for key in ["Dir::Etc::Main", "Dir::Etc::Parts", "Dir::Etc::SourceParts", "Dir::Etc::Preferences"] {
        let _ = writeln!(settings, "{key} \"/dev/null\";");
    }
    settings.push_str("Dir::Etc::PreferencesParts \"/dev/null\";\n");
    settings.push_str("Acquire::Languages \"none\";\nAPT::Sandbox::User \"root\";\n");
    settings
}

/// Runs apt-get with the private settings. What it complains about becomes the error.
fn apt(scratch: &Path, arguments: &[&str], mut on_line: impl FnMut(&str)) -> Result<()> {
    let mut command = Command::new("apt-get");
    command.env("APT_CONFIG", scratch.join("apt.conf")).env("LC_ALL", "C").arg("--quiet").args(arguments);
    let mut complaint = None;
    let exits = process::watch(vec![command], Some(APT_LIMIT), |_, line| {
        if line.starts_with("E: ") || line.starts_with("Err:") {
            complaint.get_or_insert_with(|| line.to_owned());
        }
        on_line(line);
    })?;
    if exits.iter().all(|exit| exit.is_success()) && complaint.is_none() {
        return Ok(());
    }
    bail!("apt-get: {}", complaint.unwrap_or_else(|| exits.iter().map(ToString::to_string).collect()))
}

fn archives(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut archives = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension() == Some(&OsString::from("deb")) {
            archives.push(path);
        }
    }
    archives.sort();
    Ok(archives)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_that_apt_knows_as_debian_comes_first() {
        let known = "Debian http://mirror/debian/\nDebian http://mirror/debian/\nDebian-Security http://mirror/sec/\n";
        let all =
            "http://tool/linux/debian\nhttp://mirror/debian/\nhttp://mirror/sec/\nhttp://node/nodistro/\n";
        assert_eq!(choose_mirrors(known, all), ["http://mirror/debian/", "http://tool/linux/debian"]);
    }

    #[test]
    fn without_lists_the_address_decides() {
        assert_eq!(choose_mirrors("", "http://a/debian/\nhttp://a/debian-security/\n"), ["http://a/debian/"]);
        assert!(choose_mirrors("Ubuntu http://a/ubuntu/\n", "http://a/ubuntu/\n").is_empty());
    }

    #[test]
    fn settings_keep_the_proxy_and_lose_the_hooks() {
        let dump = "APT \"\";\nAcquire::http::Proxy \"http://proxy:1\";\n\
            APT::Update::Post-Invoke:: \"rm -f x\";\nDir::Etc::Parts \"apt.conf.d\";\n";
        let settings = private_settings(dump, Path::new("/scratch"));
        assert!(settings.contains("Acquire::http::Proxy \"http://proxy:1\";\n"));
        assert!(!settings.contains("rm -f"));
        assert!(!settings.contains("apt.conf.d"));
        assert!(settings.contains("Dir::State::Lists \"/scratch/lists\";\n"));
    }
}
