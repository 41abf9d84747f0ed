//! Packages of Debian and its relatives, downloaded by their own apt-get and unpacked into a private folder:
//! no root rights, and the system stays as it is.

use std::env::consts::ARCH;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::progress::{self, Counter};
use crate::{process, tools};

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// The packages that the system has installed.
const INSTALLED: &str = "/var/lib/dpkg/status";
const APT_LIMIT: Duration = Duration::from_secs(15 * 60);

/// What Debian calls a processor.
pub struct Port {
    arch: &'static str,
    debian: &'static str,
    pub triplet: &'static str,
    pub loader: &'static str,
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
    pub fn of_this_machine() -> Option<&'static Self> {
        PORTS.iter().find(|port| port.arch == ARCH)
    }
}

/// Where packages come from.
pub enum Source<'a> {
    /// The system's own distribution, without the packages that are installed already.
    System,
    /// Debian's suite `sid` on a mirror, with every package that is needed, the C library too.
    Sid { mirror: &'a str, port: &'a Port },
}

/// Whether there is an apt-get to ask.
pub fn has_apt() -> bool {
    cfg!(target_os = "linux") && tools::on_path(&["apt-get"]).is_some()
}

/// The archives that this machine's apt uses: first those known to be Debian's, then those whose address looks so.
pub fn mirrors() -> Result<Vec<String>> {
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

/// Downloads packages with what they need, and unpacks all into a root folder inside `scratch`.
pub fn unpack(packages: &[&str], source: &Source<'_>, scratch: &Path) -> Result<PathBuf> {
    if tools::on_path(&["dpkg-deb"]).is_none() {
        bail!("`dpkg-deb` is not on PATH (on Debian: the package dpkg)");
    }
    for folder in ["state", "lists/partial", "cache/archives/partial", "root"] {
        fs::create_dir_all(scratch.join(folder))?;
    }
    let status = scratch.join("status");
    match source {
        // A copy, because apt-get locks the folder of the file that it reads.
        Source::System => {
            fs::copy(INSTALLED, &status).with_context(|| format!("cannot read {INSTALLED}"))?;
        }
        Source::Sid { mirror, port } => {
            fs::write(&status, "")?;
            fs::write(scratch.join("sources.list"), sid(mirror, port))?;
        }
    }
    let settings = process::output(Command::new("apt-config").arg("dump"))?;
    fs::write(scratch.join("apt.conf"), private_settings(&settings, source, scratch))?;
    read_lists(source, scratch)?;

    // The same install twice, first only to learn how much it is.
    let install = ["--yes", "--no-install-recommends", "install"];
    let mut count = 0;
    let simulate: Vec<_> =
        ["--simulate"].into_iter().chain(install).chain(packages.iter().copied()).collect();
    apt(scratch, &simulate, |line| count += usize::from(line.starts_with("Inst ")))?;
    let mut counter = Counter::new("packages downloaded:", count);
    let download: Vec<_> =
        ["--download-only"].into_iter().chain(install).chain(packages.iter().copied()).collect();
    apt(scratch, &download, |line| {
        if line.starts_with("Get:") {
            counter.step();
        }
    })?;

    let root = scratch.join("root");
    let archives = archives(&scratch.join("cache/archives"))?;
    if archives.len() != count {
        bail!("{} packages came in place of {count}", archives.len());
    }
    let mut counter = Counter::new("packages unpacked:", archives.len());
    for archive in &archives {
        process::output(Command::new("dpkg-deb").arg("--extract").arg(archive).arg(&root))?;
        counter.step();
    }
    Ok(root)
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

fn sid(mirror: &str, port: &Port) -> String {
    let key = if Path::new(KEYRING).is_file() { format!(" signed-by={KEYRING}") } else { String::new() };
    format!("deb [arch={}{key}] {mirror} sid main\n", port.debian)
}

/// The machine's own apt settings (a proxy may be among them), with every path that is written in `scratch`, and
/// without the hooks and the extra indexes, which would reach into the system.
fn private_settings(dump: &str, source: &Source<'_>, scratch: &Path) -> String {
    let kept = dump.lines().filter(|line| {
        let key = line.split(' ').next().unwrap_or_default();
        !key.contains("Invoke")
            && !key.starts_with("DPkg::")
            && !key.starts_with("Dir::")
            && !key.starts_with("Acquire::IndexTargets")
            && !key.starts_with("Acquire::Languages")
    });
    let mut settings = kept.fold(String::new(), |text, line| text + line + "\n");
    let mut set = |key: &str, path: &Path| {
        let _ = writeln!(settings, "{key} \"{}\";", path.display());
    };
    for (key, path) in [
        ("Dir::State", "state"),
        ("Dir::State::Lists", "lists"),
        ("Dir::State::Status", "status"),
        ("Dir::Cache", "cache"),
        ("Dir::Cache::Archives", "cache/archives"),
    ] {
        set(key, &scratch.join(path));
    }
    let nowhere = Path::new("/dev/null");
    set("Dir::Etc::Main", nowhere);
    set("Dir::Etc::Parts", nowhere);
    if matches!(source, Source::Sid { .. }) {
        set("Dir::Etc::SourceList", &scratch.join("sources.list"));
        for key in ["Dir::Etc::SourceParts", "Dir::Etc::Preferences", "Dir::Etc::PreferencesParts"] {
            set(key, nowhere);
        }
    }
    settings.push_str("Acquire::Languages \"none\";\nAPT::Sandbox::User \"root\";\n");
    settings
}

fn read_lists(source: &Source<'_>, scratch: &Path) -> Result<()> {
    match source {
        Source::Sid { .. } => {
            progress::say("reading the list of Debian's suite sid");
            apt(scratch, &["update"], |_| {})
        }
        Source::System => {
            progress::say("reading the distribution's lists");
            // The archive of somebody else's tool may be away: what matters is whether the packages are found.
            if let Err(error) = apt(scratch, &["update"], |_| {}) {
                progress::say(&format!("{error:#}"));
            }
            Ok(())
        }
    }
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
        let sid = Source::Sid { mirror: "http://a/debian/", port: &PORTS[0] };
        let settings = private_settings(dump, &sid, Path::new("/scratch"));
        assert!(settings.contains("Acquire::http::Proxy \"http://proxy:1\";\n"));
        assert!(!settings.contains("rm -f"));
        assert!(!settings.contains("apt.conf.d"));
        assert!(settings.contains("Dir::State::Lists \"/scratch/lists\";\n"));
    }

    #[test]
    fn the_system_keeps_its_own_archives_and_nothing_is_written_outside() {
        let settings = private_settings("", &Source::System, Path::new("/scratch"));
        assert!(!settings.contains("Dir::Etc::Source") && !settings.contains("Preferences"));
        assert!(settings.contains("Dir::State::Status \"/scratch/status\";\n"));
        assert!(settings.contains("Dir::Cache::Archives \"/scratch/cache/archives\";\n"));
    }
}
