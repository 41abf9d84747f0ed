//! The editor reloads the extension while it is connected.

use std::time::Duration;

use anyhow::Result;

use crate::godot::{Godot, project};
use crate::log_check::LogCheck;
use crate::process;
use crate::servers::Implementation;
use crate::tree;

/// The name by which it is chosen.
pub const NAME: &str = "reloaded_in_the_editor";
const LIMIT: Duration = Duration::from_secs(120);
/// What the plugin prints when it came to its end.
const DONE: &str = "DONE";

/// Lets the plugin in `tests/editor` do its work. Returns what was wrong.
pub fn run(godot: &Godot) -> Result<Vec<String>> {
    let folder = tree::root().join("tests/editor");
    project::install(&folder)?;
    let server = Implementation::Node.start()?;
    let mut command = godot.command();
    command.args(["--headless", "--editor", "--path"]).arg(folder).args(["--", "--server", server.url()]);
    let mut check = LogCheck::default();
    let mut is_done = false;
    let exits = process::watch(vec![command], Some(LIMIT), |_, line| {
        println!("{line}");
        check.line(line);
        is_done |= line == DONE;
    })?;
    let mut problems = check.finish();
    problems.extend(exits.into_iter().filter(|exit| !exit.is_success()).map(|exit| exit.to_string()));
    if !is_done {
        problems.push("the plugin did not come to its end".to_owned());
    }
    problems.extend(server.stop().err().map(|error| format!("{error:#}")));
    Ok(problems)
}
