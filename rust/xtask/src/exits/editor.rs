//! What the editor does: it reloads the extension while it is connected, it plays, inspects and stops games that are, and it
//! exports.

use std::time::Duration;

use anyhow::Result;

use crate::godot::{Godot, project};
use crate::log_check::LogCheck;
use crate::process;
use crate::servers::Implementation;
use crate::tree;

/// They need a system that tells of processes and threads as Linux does.
pub const TESTS: [EditorTest; 4] = [
    EditorTest { name: "reloaded_in_the_editor", project: "tests/editor" },
    EditorTest { name: "played_in_the_editor", project: "tests/play" },
    EditorTest { name: "exported_in_the_editor", project: "tests/export" },
    EditorTest { name: "inspected_in_the_editor", project: "tests/inspector" },
];
const LIMIT: Duration = Duration::from_secs(240);
/// What the plugin prints when it came to its end.
const DONE: &str = "DONE";

/// A project whose plugin does its work in a headless editor.
pub struct EditorTest {
    /// The name by which it is chosen.
    pub name: &'static str,
    project: &'static str,
}

impl EditorTest {
    /// Lets the plugin do its work. Returns what was wrong.
    pub fn run(&self, godot: &Godot) -> Result<Vec<String>> {
        let folder = tree::root().join(self.project);
        project::install(&folder)?;
        let server = Implementation::Node.start()?;
        let mut command = godot.editor_command()?;
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
}
