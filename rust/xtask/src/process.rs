//! Child processes: their output line by line, how they end, and that none outlives this one.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// How often an end without output is looked for.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);
/// How long the output of an ended process may stay open: a grandchild can hold it.
const OUTPUT_GRACE: Duration = Duration::from_secs(2);

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this exit code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// It had not ended in time and was killed.
    TimedOut,
}

impl Exit {
    pub fn is_success(self) -> bool {
        self == Self::Code(0)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(signal) => write!(f, "killed by signal {signal}"),
            Self::TimedOut => f.write_str("did not end in time"),
        }
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Self::Signal(signal);
        }
        Self::Code(status.code().unwrap_or(-1))
    }
}

/// A line of output and the number of the process that wrote it.
pub struct Line {
    pub from: usize,
    pub text: String,
}

/// A running process. It is killed when this is dropped.
pub struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Running {
    /// Starts a process whose stdout and stderr arrive as lines, in the order written.
    ///
    /// Call it on the main thread only: on Linux a child dies with the thread that started it.
    pub fn start(mut command: Command, from: usize, lines: &Sender<Line>) -> Result<Self> {
        let (reader, writer) = std::io::pipe()?;
        command.stdin(Stdio::piped()).stdout(writer.try_clone()?).stderr(writer);
        let mut child = spawn(&mut command)?;
        // The command holds the pipe's writing ends, and the reader waits for the last of them.
        drop(command);
        let stdin = child.stdin.take();
        let lines = lines.clone();
        thread::spawn(move || {
            let _ = each_line(reader, |text| {
                let _ = lines.send(Line { from, text: text.to_owned() });
            });
        });
        Ok(Self { child, stdin })
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub fn exit(&mut self) -> Result<Option<Exit>> {
        Ok(self.child.try_wait()?.map(Exit::from))
    }

    /// Waits for its end until `deadline`, then kills it.
    pub fn wait_until(&mut self, deadline: Option<Instant>) -> Result<Exit> {
        loop {
            if let Some(exit) = self.exit()? {
                return Ok(exit);
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                self.kill();
                return Ok(Exit::TimedOut);
            }
            thread::sleep(CHECK_INTERVAL);
        }
    }

    /// Asks it to end by closing its stdin, and kills it if it has not ended after `grace`.
    pub fn stop(&mut self, grace: Duration) -> Result<Exit> {
        self.stdin = None;
        self.wait_until(Some(Instant::now() + grace))
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs processes at the same time, hands out their lines as they come, and returns how each ended.
/// What has not ended after `limit` is killed.
pub fn watch(
    commands: Vec<Command>,
    limit: Option<Duration>,
    mut on_line: impl FnMut(usize, &str),
) -> Result<Vec<Exit>> {
    let deadline = limit.map(|limit| Instant::now() + limit);
    let (sender, lines) = channel();
    let mut running = Vec::new();
    for (index, command) in commands.into_iter().enumerate() {
        running.push(Running::start(command, index, &sender)?);
    }
    drop(sender);

    let mut all_ended: Option<Instant> = None;
    loop {
        match lines.recv_timeout(CHECK_INTERVAL) {
            Ok(line) => on_line(line.from, &line.text),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            break;
        }
        if all_ended.is_some_and(|ended| ended.elapsed() > OUTPUT_GRACE) {
            break;
        }
        if all_ended.is_none() && every_one_ended(&mut running)? {
            all_ended = Some(Instant::now());
        }
    }
    running.iter_mut().map(|process| process.wait_until(deadline)).collect()
}

/// Runs a process and hands out the lines of its stdout. Its stderr, where cargo shows progress, is ours.
pub fn stdout_lines(command: &mut Command, mut on_line: impl FnMut(&str)) -> Result<Exit> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = spawn(command)?;
    if let Some(stdout) = child.stdout.take() {
        each_line(stdout, &mut on_line)?;
    }
    Ok(child.wait()?.into())
}

/// Runs a process that uses our terminal.
pub fn inherit(command: &mut Command) -> Result<Exit> {
    Ok(spawn(command)?.wait()?.into())
}

/// Runs a process that uses our terminal and returns the exit code to end with.
pub fn pass_through(command: &mut Command) -> Result<u8> {
    Ok(match inherit(command)? {
        Exit::Code(code) => u8::try_from(code).unwrap_or(1),
        // What a shell reports for a signal.
        Exit::Signal(signal) => u8::try_from(128 + signal).unwrap_or(1),
        Exit::TimedOut => 1,
    })
}

/// Runs a short process to its end and returns its stdout; with a failure, the last line that it wrote.
pub fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("`{name}` cannot be started"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    anyhow::bail!("`{name}` failed ({}): {}", Exit::from(output.status), last.trim())
}

fn every_one_ended(running: &mut [Running]) -> Result<bool> {
    for process in running {
        if process.exit()?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn spawn(command: &mut Command) -> Result<Child> {
    die_with_us(command);
    let name = command.get_program().to_string_lossy().into_owned();
    command.spawn().with_context(|| format!("`{name}` cannot be started"))
}

fn each_line(output: impl Read, mut on_line: impl FnMut(&str)) -> std::io::Result<()> {
    let mut output = BufReader::new(output);
    let mut bytes = Vec::new();
    while output.read_until(b'\n', &mut bytes)? > 0 {
        on_line(String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']));
        bytes.clear();
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn die_with_us(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;

    // SAFETY: prctl(PR_SET_PDEATHSIG) is a plain system call: async-signal-safe, and it touches no memory.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            Ok(())
        });
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with_us(_command: &mut Command) {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn stdout_and_stderr_keep_their_order() {
        let mut lines = Vec::new();
        let exits = watch(
            vec![shell("echo 1; echo 2 >&2; echo 3; echo 4 >&2; exit 7")],
            Some(Duration::from_secs(20)),
            |_, line| lines.push(line.to_owned()),
        );
        assert_eq!(lines, ["1", "2", "3", "4"]);
        assert_eq!(exits.unwrap(), [Exit::Code(7)]);
    }

    #[test]
    fn processes_run_at_the_same_time_and_end_apart() {
        let commands = vec![shell("kill -9 $$"), shell("sleep 60"), shell("exit 0")];
        let exits = watch(commands, Some(Duration::from_millis(500)), |_, _| {}).unwrap();
        assert_eq!(exits, [Exit::Signal(9), Exit::TimedOut, Exit::Code(0)]);
    }

    #[test]
    fn a_grandchild_that_holds_the_output_does_not_block() {
        let started = Instant::now();
        let exits = watch(vec![shell("sleep 30 & exit 3")], None, |_, _| {}).unwrap();
        assert_eq!(exits, [Exit::Code(3)]);
        assert!(started.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn closing_stdin_asks_a_process_to_end() {
        let (sender, _lines) = channel();
        let mut running = Running::start(shell("cat; exit 4"), 0, &sender).unwrap();
        assert_eq!(running.exit().unwrap(), None);
        assert_eq!(running.stop(Duration::from_secs(20)).unwrap(), Exit::Code(4));
    }

    #[test]
    fn a_failure_is_told_by_its_last_line() {
        let error = output(&mut shell("echo first >&2; echo second >&2; exit 2")).unwrap_err();
        assert_eq!(error.to_string(), "`sh` failed (exit code 2): second");
        let missing = output(&mut Command::new("no-such-program-here")).unwrap_err();
        assert_eq!(missing.to_string(), "`no-such-program-here` cannot be started");
    }
}
