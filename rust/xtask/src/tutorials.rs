//! Running the tutorials of the addon: each server in them, and each script, which must print what the tutorial says.
//!
//! A block of JavaScript is a server, for the scripts that follow until the next one. A block of GDScript is a whole
//! script, and the block of text behind it is what it prints; a line of it may end with `...`. A scene is visited four times,
//! and the later visits must not print more than the first. The README's first example is tried in the same way, with the
//! demo's server. A comment before a server, `<!-- servers: 3000 3001 -->`,
//! says on which ports of the tutorial it runs, if it is another than 3000 or more than one. The servers get free
//! ports in their place.

mod blocks;
mod visits;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use self::blocks::{Block, Script, ServerSource};
use crate::godot::{Godot, project};
use crate::log_check::LogCheck;
use crate::process::{Exit, Running};
use crate::redis::Redis;
use crate::servers::{self, DemoServer, Server};
use crate::tally::Tally;
use crate::{certificates, progress, tree};

/// How long a script that has printed everything may take to end, if it ends by itself.
const END_LIMIT: Duration = Duration::from_secs(30);
/// The packages of this server are those of a tutorial with Redis, and of every other one.
const CLUSTER: &str = "tests/servers/cluster";

/// What the README's first example prints.
const README_PRINTS: [&str; 2] = ["joined: true", "places: ..."];

/// Runs every tutorial. Each script counts as one test.
pub fn run(godot: &Godot, tally: &mut Tally) -> Result<()> {
    progress::heading("tutorials");
    let project = make_project()?;
    for tutorial in tutorials()? {
        let name = tutorial.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if let Err(error) = run_tutorial(godot, &project, &tutorial, &name, tally) {
            tally.fail(format!("tutorial {name}"), format!("{error:#}"));
        }
    }
    run_readme(godot, &project, tally)
}

fn run_readme(godot: &Godot, project: &Path, tally: &mut Tally) -> Result<()> {
    let readme = fs::read_to_string(tree::root().join("README.md"))?;
    let text = blocks::first_script(&readme).context("the README has no example")?;
    let script = Script { text, prints: README_PRINTS.map(str::to_owned).to_vec() };
    let servers = vec![(blocks::PORT, DemoServer::Rust.start(0)?)];
    let running = RunningServers { servers, redis: None };
    let problems = run_script(godot, project, &script, &running)?;
    println!("{} the README's first example", if problems.is_empty() { "ok  " } else { "FAIL" });
    tally.check("the README's first example", &problems);
    running.stop()
}

/// Runs something while the server of a tutorial runs, whose URL it gets.
pub fn with_server<T>(tutorial: &str, folder: &Path, run: impl FnOnce(&str) -> Result<T>) -> Result<T> {
    let text = fs::read_to_string(tree::addon().join("docs").join(tutorial).with_extension("md"))?;
    let source = blocks::parse(&text)?.into_iter().find_map(|block| match block {
        Block::Server(source) => Some(source),
        Block::Script(_) => None,
    });
    let running = RunningServers::start(folder, &source.context("it has no server")?)?;
    let (_, server) = running.servers.first().context("it has no server")?;
    let result = run(server.url())?;
    running.stop()?;
    Ok(result)
}

/// The names of their files, without the ending.
pub fn names() -> Result<Vec<String>> {
    let name = |file: PathBuf| file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(tutorials()?.into_iter().map(name).collect())
}

fn tutorials() -> Result<Vec<PathBuf>> {
    let folder = tree::addon().join("docs");
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        bail!("there is no tutorial in {}", folder.display());
    }
    Ok(files)
}

/// An empty project with the addon, and with the certificates of the tutorial about TLS.
fn make_project() -> Result<PathBuf> {
    let project = tree::test_installs().join("tutorials");
    fs::create_dir_all(&project)?;
    for file in ["project.godot", "visits.gd"] {
        fs::copy(tree::root().join("tests/tutorials").join(file), project.join(file))?;
    }
    project::install(&project)?;
    let certificates = certificates::make()?;
    for (from, to) in
        [("right.crt", "server.crt"), ("right.key", "server.key"), ("authority.crt", "authority.crt")]
    {
        fs::copy(certificates.join(from), project.join(to))?;
    }
    Ok(project)
}

fn run_tutorial(godot: &Godot, project: &Path, tutorial: &Path, name: &str, tally: &mut Tally) -> Result<()> {
    let text = fs::read_to_string(tutorial)?;
    let mut running = RunningServers::default();
    let mut number = 0;
    for block in blocks::parse(&text)? {
        match block {
            Block::Server(source) => {
                running.stop()?;
                running = RunningServers::start(project, &source)?;
            }
            Block::Script(script) => {
                number += 1;
                let test = format!("tutorial {name}: script {number}");
                let problems = run_script(godot, project, &script, &running)?;
                println!("{} {test}", if problems.is_empty() { "ok  " } else { "FAIL" });
                tally.check(&test, &problems);
            }
        }
    }
    if number == 0 {
        bail!("it has no script");
    }
    running.stop()
}

/// The servers that the next scripts talk to.
#[derive(Default)]
struct RunningServers {
    /// Each with the port that the tutorial gives it.
    servers: Vec<(u16, Server)>,
    redis: Option<Redis>,
}

impl RunningServers {
    fn start(project: &Path, source: &ServerSource) -> Result<Self> {
        let file = project.join("server.js");
        fs::write(&file, &source.text)?;
        let packages = servers::packages(CLUSTER)?;
        let redis = if source.text.contains("REDIS") { Some(Redis::start()?) } else { None };
        let mut servers = Vec::new();
        for &port in &source.ports {
            let mut command = Command::new(crate::tools::node()?.node);
            command.current_dir(tree::root());
            command.arg("--require").arg(tree::root().join("tests/tutorials/preload.cjs")).arg(&file);
            command.env("NODE_PATH", &packages).env("PORT", port.to_string());
            command.env("CERTIFICATES", project);
            if let Some(redis) = &redis {
                command.env("REDIS", redis.socket());
            }
            servers.push((port, Server::start(command, "tutorial")?));
        }
        Ok(Self { servers, redis })
    }

    /// A script with the ports that the servers really have.
    fn with_their_ports(&self, script: &str) -> Result<String> {
        let mut script = script.to_owned();
        for (port, server) in &self.servers {
            script = script.replace(&format!(":{port}"), &format!(":{}", server.port()?));
        }
        Ok(script)
    }

    fn stop(self) -> Result<()> {
        for (_, server) in self.servers {
            server.stop()?;
        }
        self.redis.map_or(Ok(()), Redis::stop)
    }
}

/// Runs a script until it has printed what the tutorial says, and returns what is wrong.
fn run_script(
    godot: &Godot,
    project: &Path,
    script: &Script,
    servers: &RunningServers,
) -> Result<Vec<String>> {
    fs::write(project.join("script.gd"), servers.with_their_ports(&script.text)?)?;
    let mut command = godot.command();
    command.args(["--headless", "--path"]).arg(project);
    if script.is_main_loop() {
        command.args(["-s", "res://script.gd"]);
    } else {
        fs::write(project.join("scene.tscn"), scene())?;
        command.arg("res://scene.tscn");
    }

    let (sender, lines) = channel();
    visits::forget(project);
    let mut running = Running::start(command, 0, &sender)?;
    drop(sender);
    let mut check = LogCheck::default();
    let mut problems = visits::watch(project, script, &lines, &mut check)?;
    if script.is_main_loop() {
        let exit = running.wait_until(Some(Instant::now() + END_LIMIT))?;
        problems.extend((exit != Exit::Code(0)).then(|| format!("it ended with {exit}")));
        for line in lines {
            check.line(&line.text);
        }
    }
    problems.extend(check.finish());
    Ok(problems)
}

fn scene() -> &'static str {
    "[gd_scene load_steps=2 format=3]\n\n[ext_resource type=\"Script\" path=\"res://script.gd\" id=\"1\"]\n\n\
     [node name=\"Main\" type=\"Node\"]\nscript = ExtResource(\"1\")\n"
}
