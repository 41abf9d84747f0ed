//! Redis, which the servers of a cluster share: which one is used, where it comes from, and how it runs.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::debian::{self, Port, Source};
use crate::download::{self, Scratch};
use crate::process::{self, Running};
use crate::{progress, tools, tree};

const PROGRAM: &str = "redis-server";
const SOCKET: &str = "redis.sock";
/// What Redis prints, in one case or another, when it takes connections.
const READY: &str = "ready to accept connections";
const START_LIMIT: Duration = Duration::from_secs(15);
const HOW: &str = "install it from your distribution (on Debian: the package redis-server; \
    on macOS: the formula redis) so that `redis-server` is on PATH";

/// A running Redis that keeps everything in memory. It ends when this is dropped.
pub struct Redis {
    running: Running,
    folder: PathBuf,
}

impl Redis {
    /// Finds Redis, downloads it if there is none, and starts one that only its socket leads to.
    pub fn start() -> Result<Self> {
        let folder = tree::redis().join(format!("run-{}", std::process::id()));
        Self::run(find()?.command(), folder)
    }

    /// The path of its Unix socket, from the repository's root: the whole path could be too long for a socket.
    pub fn socket(&self) -> PathBuf {
        let socket = self.folder.join(SOCKET);
        socket.strip_prefix(tree::root()).map_or_else(|_| socket.clone(), Path::to_path_buf)
    }

    /// Ends it. If it had ended before by itself, that is an error.
    pub fn stop(mut self) -> Result<()> {
        match self.running.exit()? {
            Some(exit) => bail!("Redis ended by itself ({exit})"),
            None => Ok(()),
        }
    }

    fn run(mut command: Command, folder: PathBuf) -> Result<Self> {
        // A run with the same process id may have been killed.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        command.current_dir(&folder).args(["--port", "0", "--unixsocket", SOCKET, "--unixsocketperm", "700"]);
        command.args(["--save", "", "--appendonly", "no", "--daemonize", "no"]);
        let (sender, lines) = channel();
        let mut redis = Self { running: Running::start(command, 0, &sender)?, folder };
        drop(sender);
        let deadline = Instant::now() + START_LIMIT;
        let mut last = String::new();
        loop {
            match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) if line.text.to_lowercase().contains(READY) => return Ok(redis),
                Ok(line) => last = line.text,
                Err(RecvTimeoutError::Disconnected) => {
                    let exit = redis.running.wait_until(Some(deadline))?;
                    bail!("Redis ended before it was ready ({exit}): {last}");
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!("Redis was not ready after {} s: {last}", START_LIMIT.as_secs())
                }
            }
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A Redis that runs here, with the libraries that came with it.
struct Program {
    path: PathBuf,
    libraries: Option<OsString>,
}

impl Program {
    /// The program in a root folder of unpacked packages.
    fn in_root(root: &Path) -> Option<Self> {
        let port = Port::of_this_machine()?;
        let path = root.join("usr/bin").join(PROGRAM);
        let libraries =
            ["usr/lib", "lib"].map(|folder| root.join(folder).join(port.triplet).into_os_string());
        path.exists().then(|| Self { path, libraries: Some(libraries.join(OsStr::new(":"))) })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        // The toolchain's libraries, which are in this variable otherwise, are none of its business.
        match &self.libraries {
            Some(libraries) => command.env("LD_LIBRARY_PATH", libraries),
            None => command.env_remove("LD_LIBRARY_PATH"),
        };
        command
    }

    /// Starts it to see that it runs.
    fn check(self) -> Result<Self> {
        let version = process::output(self.command().arg("--version"))?;
        let number = version.split_whitespace().find_map(|word| word.strip_prefix("v="));
        progress::say(&format!("Redis {}", number.unwrap_or(version.trim())));
        Ok(self)
    }
}

/// Finds a Redis: on PATH; downloaded before; the distribution's package.
fn find() -> Result<Program> {
    if let Some(path) = tools::on_path(&[PROGRAM]) {
        return Program { path, libraries: None }.check().with_context(|| format!("`{PROGRAM}` on PATH"));
    }
    let folder = tree::redis();
    let _lock = download::lock(&folder, "Redis")?;
    let root = folder.join("packages");
    if let Some(program) = Program::in_root(&root) {
        match program.check() {
            Ok(program) => return Ok(program),
            Err(error) => progress::say(&format!("the Redis downloaded before does not run here: {error:#}")),
        }
    }
    if !debian::has_apt() {
        bail!("Redis is missing: {HOW}");
    }
    unpack(&folder, &root).with_context(|| format!("Redis is missing, and apt-get does not bring it: {HOW}"))
}

fn unpack(folder: &Path, root: &Path) -> Result<Program> {
    progress::say("downloading Redis from the distribution's packages");
    let scratch = Scratch::new(folder)?;
    let fresh = debian::unpack(&["redis-server"], &Source::System, scratch.path())?;
    download::replace_folder(&fresh, root)?;
    Program::in_root(root).context("the package redis-server holds no redis-server")?.check()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn folder(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("xtask-redis-{name}-{}", std::process::id()))
    }

    #[test]
    fn it_is_ready_when_it_says_so_and_leaves_no_folder() {
        let folder = folder("ready");
        for ready in
            ["The server is now ready to accept connections at x", "* Ready to accept connections unix"]
        {
            let redis = Redis::run(shell(&format!("echo '{ready}'; exec sleep 60")), folder.clone()).unwrap();
            assert!(folder.is_dir());
            redis.stop().unwrap();
            assert!(!folder.exists());
        }
    }

    #[test]
    fn an_early_end_is_told_by_its_last_line() {
        let error = Redis::run(shell("echo one; echo no memory; exit 1"), folder("early")).err().unwrap();
        assert_eq!(error.to_string(), "Redis ended before it was ready (exit code 1): no memory");
        let redis = Redis::run(shell("echo ready to accept connections"), folder("gone")).unwrap();
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(redis.stop().unwrap_err().to_string(), "Redis ended by itself (exit code 0)");
    }
}
