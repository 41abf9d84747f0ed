//! Running the suites of the test project in Godot, once for each server, and the suite of Blazium's scripts in a project
//! of its own, which has the setting for them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;

use crate::godot::{Godot, project};
use crate::log_check::LogCheck;
use crate::process::{self, Exit};
use crate::results::Results;
use crate::servers::{Implementation, Server};
use crate::tally::Tally;
use crate::test::Selection;
use crate::{certificates, progress, scripts, tree};

/// Time for all suites against one server.
const LIMIT: Duration = Duration::from_secs(600);

/// The suite with the project setting on that is read at the start only.
const BLAZIUM: &str = "blazium";

/// Runs the selected suites without a server, then against each one.
pub fn run(godot: &Godot, selection: &Selection, tally: &mut Tally) -> Result<()> {
    let project = tree::test_project();
    if selection.suites.is_empty() || selection.scripts().any(|suite| suite != BLAZIUM) {
        run_against(None, "none", godot, &project, selection, tally)?;
    }
    if selection.has(BLAZIUM) {
        run_against(None, BLAZIUM, godot, &blazium_project()?, selection, tally)?;
    }
    for implementation in Implementation::ALL {
        if is_needed(implementation, selection)? {
            let name = implementation.name();
            run_against(Some(implementation), name, godot, &project, selection, tally)?;
        }
    }
    Ok(())
}

/// The names of the suites.
pub fn names() -> Result<Vec<String>> {
    let scripts = scripts::in_folder(&tree::test_project().join("suites"))?;
    let names = scripts.iter().map(|script| scripts::name(script));
    Ok(names.chain([BLAZIUM.to_owned()]).collect())
}

/// Makes the project that has the setting for Blazium's scripts, with the runner and the base of the suites.
fn blazium_project() -> Result<PathBuf> {
    let project = tree::test_installs().join(BLAZIUM);
    let own = tree::root().join("tests").join(BLAZIUM);
    for folder in ["", "suites"] {
        fs::create_dir_all(project.join(folder))?;
        let shared = if folder.is_empty() { scripts::in_folder(&tree::test_project())? } else { Vec::new() };
        let files = scripts::in_folder(&own.join(folder))?.into_iter().chain(shared);
        for file in files {
            fs::copy(&file, project.join(folder).join(file.file_name().unwrap_or_default()))?;
        }
    }
    fs::copy(own.join("project.godot"), project.join("project.godot"))?;
    project::install(&project)?;
    Ok(project)
}

/// Whether one of the selected suites runs against it: a server should not be installed and started in vain.
fn is_needed(implementation: Implementation, selection: &Selection) -> Result<bool> {
    for script in scripts::in_folder(&tree::test_project().join("suites"))? {
        if selection.has(&scripts::name(&script))
            && names_server(&fs::read_to_string(script)?, implementation.name())
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the array `SERVERS` of a suite has a server in it.
fn names_server(suite: &str, server: &str) -> bool {
    let servers = suite.split_once("const SERVERS").and_then(|(_, rest)| rest.split_once(']'));
    servers.is_some_and(|(servers, _)| servers.contains(&format!("\"{server}\"")))
}

fn run_against(
    implementation: Option<Implementation>,
    name: &str,
    godot: &Godot,
    project: &Path,
    selection: &Selection,
    tally: &mut Tally,
) -> Result<()> {
    let title = format!("suites, server {name}");
    progress::heading(&title);
    let Servers { server, fault_proxy, hostile_server } = match Servers::start(implementation) {
        Ok(servers) => servers,
        Err(error) => {
            tally.fail(title, format!("{error:#}"));
            return Ok(());
        }
    };

    let folder = tree::test_project().join(".results");
    fs::create_dir_all(&folder)?;
    // Several runs may be under way.
    let file = folder.join(format!("{name}.{}.jsonl", std::process::id()));
    fs::write(&file, "")?;
    let mut command = godot.command();
    command.args(["--headless", "--path"]).arg(project);
    command.args(["-s", "res://runner.gd", "--", "--server-name", name, "--fault-proxy", fault_proxy.url()]);
    command.args(["--hostile-server", hostile_server.url()]);
    command.arg("--certificates").arg(certificates::make()?);
    command.arg("--godot").arg(godot.program()?);
    if let Some(server) = &server {
        command.args(["--server", server.url()]);
    }
    for suite in selection.scripts().filter(|suite| (*suite == BLAZIUM) == (name == BLAZIUM)) {
        command.args(["--suite", suite]);
    }
    if let Some(focus) = &selection.focus {
        command.args(["--focus", focus]);
    }
    command.arg("--results").arg(&file);

    let mut check = LogCheck::default();
    let exits = process::watch(vec![command], Some(LIMIT), |_, line| {
        println!("{line}");
        check.line(line);
    })?;
    let results = Results::parse(&String::from_utf8_lossy(&fs::read(&file)?));
    fs::remove_file(&file)?;
    let mut problems = check.finish();
    problems.extend(exits.into_iter().find_map(|exit| exit_problem(exit, &results)));
    for server in server.into_iter().chain([fault_proxy, hostile_server]) {
        problems.extend(server.stop().err().map(|error| format!("{error:#}")));
    }
    if results.count() == 0 && selection.is_everything() {
        problems.push("no test ran".to_owned());
    }
    report(results, problems, &title, name, tally);
    Ok(())
}

/// What the suites of a run talk to.
struct Servers {
    /// The one that the run is against, if there is one.
    server: Option<Server>,
    fault_proxy: Server,
    hostile_server: Server,
}

impl Servers {
    fn start(implementation: Option<Implementation>) -> Result<Self> {
        Ok(Self {
            server: implementation.map(Implementation::start).transpose()?,
            fault_proxy: Server::start_fault_proxy()?,
            hostile_server: Server::start_hostile_server()?,
        })
    }
}

/// What is wrong with how the runner ended.
fn exit_problem(exit: Exit, results: &Results) -> Option<String> {
    if exit == Exit::TimedOut {
        return Some(format!("the run did not end within {} s", LIMIT.as_secs()));
    }
    if !results.done {
        return Some(format!("the runner did not come to its end ({exit})"));
    }
    let expected = Exit::Code(results.expected_exit_code());
    (exit != expected).then(|| format!("the run ended with {exit} in place of {expected}"))
}

fn report(results: Results, mut problems: Vec<String>, title: &str, server: &str, tally: &mut Tally) {
    tally.pass_many(results.passed);
    for (test, message) in results.failed {
        tally.fail(format!("{test} [{server}]"), message);
    }
    problems.extend(results.problems);
    // A sound run is not a test of its own; only a fault of the run as a whole is counted.
    if !problems.is_empty() {
        tally.fail(title, problems.join("\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSED: &str = r#"{"suite":"a","test":"b","status":"passed"}"#;
    const FAILED: &str = r#"{"suite":"a","test":"c","status":"failed","message":"no"}"#;

    fn problem(exit: Exit, lines: &[&str]) -> Option<String> {
        exit_problem(exit, &Results::parse(&lines.join("\n")))
    }

    #[test]
    fn the_exit_code_must_match_the_results() {
        let done = r#"{"done":true}"#;
        assert_eq!(problem(Exit::Code(0), &[PASSED, done]), None);
        assert_eq!(problem(Exit::Code(1), &[PASSED, FAILED, done]), None);
        assert!(problem(Exit::Code(0), &[PASSED, FAILED, done]).is_some());
        assert!(problem(Exit::Code(1), &[PASSED, done]).is_some());
        assert!(problem(Exit::Code(134), &[PASSED, done]).is_some());
        assert!(problem(Exit::Signal(6), &[PASSED, done]).is_some());
        assert!(problem(Exit::TimedOut, &[PASSED, done]).is_some());
        assert!(problem(Exit::Code(0), &[PASSED]).is_some());
    }

    #[test]
    fn a_suite_names_its_servers() {
        let suite = "const SERVERS := [\n\t\"node\",\n]\nconst NOT_ON := {\"test\": {\"rust\": \"why\"}}\n";
        assert!(names_server(suite, "node"));
        assert!(!names_server(suite, "rust"));
        assert!(!names_server("extends RefCounted\n", "node"));
    }

    #[test]
    fn faults_of_a_run_count_as_one_failed_test() {
        let mut tally = Tally::default();
        let results = Results::parse(&[PASSED, FAILED].join("\n"));
        report(results, vec!["leak".into(), "crash".into()], "suites", "node", &mut tally);
        assert!(
            tally
                .summary()
                .ends_with("- a: c [node]\n    no\n- suites\n    leak\n    crash\n1 passed, 2 failed")
        );
    }
}
