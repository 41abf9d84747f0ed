//! The Socket.IO servers that the tests and the demo run against.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::{self, Exit, Running};
use crate::redis::Redis;
use crate::{cargo, checksum, progress, tools, tree};

/// What a server prints when it is ready, followed by its URL.
const READY: &str = "listening on ";
const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_GRACE: Duration = Duration::from_secs(5);

/// A server that implements the scenarios of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Implementation {
    /// The official server.
    Node,
    /// python-socketio.
    Python,
    /// python-socketio without WebSocket.
    PythonPolling,
    /// The embedded server, socketioxide.
    Rust,
    /// The official server without WebSocket.
    Polling,
    /// The official server, which takes a WebSocket only for a session that is there already.
    Upgrade,
    /// Two of the official servers that share their rooms and sessions through Redis.
    Cluster,
}

impl Implementation {
    pub const ALL: [Self; 7] = [
        Self::Node,
        Self::Polling,
        Self::Upgrade,
        Self::Python,
        Self::PythonPolling,
        Self::Rust,
        Self::Cluster,
    ];

    /// The name that the test project knows it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Polling => "polling",
            Self::Upgrade => "upgrade",
            Self::Python => "python",
            Self::PythonPolling => "python_polling",
            Self::Rust => "rust",
            Self::Cluster => "cluster",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|implementation| implementation.name() == name)
    }

    /// Installs what it needs, if that is not there yet, and starts it on a free port.
    pub fn start(self) -> Result<Server> {
        let command = match self {
            Self::Node | Self::Polling | Self::Upgrade => {
                let mut command = node_command("tests/servers/node", "server.js")?;
                if self != Self::Node {
                    command.args(["--transport", self.name()]);
                }
                command
            }
            Self::Python => python_command()?,
            Self::PythonPolling => {
                let mut command = python_command()?;
                command.args(["--transport", "polling"]);
                command
            }
            Self::Rust => {
                let mut command = Command::new(cargo::build_demo_server()?);
                command.arg("--scenario");
                command
            }
            Self::Cluster => return Server::start_cluster(),
        };
        Server::start(command, self.name())
    }
}

/// A server of the demo game.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoServer {
    /// The embedded server.
    Rust,
    /// The official server, in `demo/server`.
    Node,
}

impl DemoServer {
    pub const ALL: [Self; 2] = [Self::Rust, Self::Node];

    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Node => "node",
        }
    }

    /// Starts it on a port; 0 takes a free one.
    pub fn start(self, port: u16) -> Result<Server> {
        let port = port.to_string();
        let command = match self {
            Self::Rust => {
                let mut command = Command::new(cargo::build_demo_server()?);
                command.args(["--port", &port]);
                command
            }
            Self::Node => {
                let mut command = node_command("demo/server", "server.js")?;
                command.arg(port);
                command
            }
        };
        Server::launch(command, self.name())
    }
}

/// A running server. It is killed when this is dropped.
pub struct Server {
    running: Running,
    url: String,
    /// What a cluster needs besides. It must outlive the servers, so it comes after them.
    redis: Option<Redis>,
}

impl Server {
    /// Starts the proxy that makes faults between a client and its server. Its URL is where it takes commands.
    pub fn start_fault_proxy() -> Result<Self> {
        Self::start_script("tests/fault-proxy/fault_proxy.js", "fault proxy")
    }

    /// Starts the server that sends any bytes. Its URL is where it takes commands.
    pub fn start_hostile_server() -> Result<Self> {
        Self::start_script("tests/hostile-server/hostile_server.js", "hostile server")
    }

    /// Starts the server of random trees, on the official one.
    pub fn start_trees(seed: u64) -> Result<Self> {
        let mut command = node_command("tests/servers/node", "trees.js")?;
        command.args(["--seed", &seed.to_string()]);
        Self::start(command, "trees")
    }

    /// Starts a script that needs no packages.
    fn start_script(script: &str, name: &'static str) -> Result<Self> {
        let mut command = Command::new(tools::node()?.node);
        command.arg(tree::root().join(script));
        Self::start(command, name)
    }

    fn start_cluster() -> Result<Self> {
        let mut command = node_command("tests/servers/cluster", "cluster.js")?;
        let redis = Redis::start()?;
        command.arg("--redis").arg(redis.socket());
        let server = Self::start(command, Implementation::Cluster.name())?;
        Ok(Self { redis: Some(redis), ..server })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// The port at the end of its URL.
    pub fn port(&self) -> Result<u16> {
        let port = self.url.rsplit(':').next().and_then(|port| port.trim_end_matches('/').parse().ok());
        port.with_context(|| format!("the URL {} has no port", self.url))
    }

    /// Ends it. A server that had ended before by itself, or that did not end when asked to, is an error.
    pub fn stop(mut self) -> Result<()> {
        if let Some(exit) = self.running.exit()? {
            bail!("the server ended by itself ({exit})");
        }
        match self.running.stop(STOP_GRACE)? {
            Exit::TimedOut => bail!("the server did not end when its stdin was closed"),
            _ => self.redis.map_or(Ok(()), Redis::stop),
        }
    }

    /// Starts it on a free port.
    pub fn start(mut command: Command, name: &'static str) -> Result<Self> {
        command.args(["--port", "0"]);
        Self::launch(command, name)
    }

    fn launch(command: Command, name: &'static str) -> Result<Self> {
        let (sender, lines) = channel();
        let mut running = Running::start(command, 0, &sender)?;
        drop(sender);
        let deadline = Instant::now() + START_LIMIT;
        let url = loop {
            match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => match line.text.strip_prefix(READY) {
                    Some(url) => break url.trim().to_owned(),
                    None => println!("[{name}] {}", line.text),
                },
                Err(RecvTimeoutError::Disconnected) => {
                    let exit = running.wait_until(Some(deadline))?;
                    bail!("the server `{name}` ended before it was ready ({exit})");
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!("the server `{name}` was not ready after {} s", START_LIMIT.as_secs())
                }
            }
        };
        thread::spawn(move || {
            for line in lines {
                println!("[{name}] {}", line.text);
            }
        });
        Ok(Self { running, url, redis: None })
    }
}

/// A script in the folder of a server, which has its npm packages. It runs in the repository's root.
pub fn node_command(folder: &str, script: &str) -> Result<Command> {
    packages(folder)?;
    let mut command = Command::new(tools::node()?.node);
    command.current_dir(tree::root()).arg(tree::root().join(folder).join(script));
    Ok(command)
}

/// Installs the npm packages of a folder, if they are not there yet, and returns where they are.
pub fn packages(folder: &str) -> Result<PathBuf> {
    let tools::Node { npm, version, .. } = tools::node()?;
    let what = format!("the npm packages of {folder}");
    let folder = tree::root().join(folder);
    let modules = folder.join("node_modules");
    let lock = read(&folder.join("package-lock.json"))?;
    let state = checksum::of_parts([lock.as_slice(), version.as_bytes()]);
    install_once(&modules.join(".installed"), &state, &what, || {
        let mut install = Command::new(npm);
        install.current_dir(&folder).args(["ci", "--omit=dev", "--no-audit", "--no-fund"]);
        install.arg("--no-update-notifier").arg("--cache").arg(tree::test_installs().join("npm-cache"));
        vec![install]
    })?;
    Ok(modules)
}

fn python_command() -> Result<Command> {
    let (python, version) = tools::python()?;
    let folder = tree::root().join("tests/servers/python");
    let requirements = folder.join("requirements.txt");
    let environment = tree::test_installs().join("python");
    let state = checksum::of_parts([read(&requirements)?.as_slice(), version.as_bytes()]);
    let program = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    install_once(&environment.join("installed"), &state, "the pip packages of the Python server", || {
        let mut make = Command::new(python);
        make.args(["-m", "venv", "--clear"]).arg(&environment);
        let mut install = Command::new(&program);
        install.args(["-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]);
        install.arg("--cache-dir").arg(tree::test_installs().join("pip-cache"));
        install.args(["--require-hashes", "--requirement"]).arg(&requirements);
        vec![make, install]
    })?;
    let mut command = Command::new(program);
    // Unbuffered, so that its lines arrive when they are printed.
    command.current_dir(folder).args(["-u", "-B", "server.py"]);
    Ok(command)
}

/// Runs the commands of an installation unless the stamp says that this very state is installed.
pub fn install_once(
    stamp: &Path,
    state: &str,
    what: &str,
    commands: impl FnOnce() -> Vec<Command>,
) -> Result<()> {
    if fs::read_to_string(stamp).is_ok_and(|installed| installed == state) {
        return Ok(());
    }
    progress::say(&format!("installing {what}"));
    // An interrupted installation must not look finished.
    let _ = fs::remove_file(stamp);
    for mut command in commands() {
        let exit = process::inherit(&mut command)?;
        if !exit.is_success() {
            bail!("installing {what} failed ({exit}): {command:?}");
        }
    }
    fs::write(stamp, state).with_context(|| format!("cannot write {}", stamp.display()))
}

fn read(path: &PathBuf) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_server_is_ready_when_it_says_so_and_ends_with_its_stdin() {
        let server = Server::start(shell("echo starting; echo listening on http://x:1; cat"), "t").unwrap();
        assert_eq!(server.url(), "http://x:1");
        server.stop().unwrap();
    }

    #[test]
    fn a_server_that_ends_early_is_an_error() {
        let error = Server::start(shell("echo no port >&2; exit 3"), "t").err().unwrap();
        assert_eq!(error.to_string(), "the server `t` ended before it was ready (exit code 3)");
        let server = Server::start(shell("echo listening on http://x:1"), "t").unwrap();
        thread::sleep(Duration::from_millis(300));
        assert_eq!(server.stop().unwrap_err().to_string(), "the server ended by itself (exit code 0)");
    }

    #[test]
    fn an_installation_runs_once_per_state_and_again_after_a_failure() {
        let stamp = std::env::temp_dir().join(format!("xtask-stamp-{}", std::process::id()));
        let _ = fs::remove_file(&stamp);
        assert!(install_once(&stamp, "1", "x", || vec![shell("exit 1")]).is_err());
        install_once(&stamp, "1", "x", || vec![shell("exit 0")]).unwrap();
        install_once(&stamp, "1", "x", || unreachable!("installed already")).unwrap();
        assert!(install_once(&stamp, "2", "x", || vec![shell("exit 1")]).is_err());
        assert!(!stamp.exists());
    }
}
