//! What the editor does: it reloads the extension while it is connected, it plays, inspects and stops games that are, and it
//! exports.

use std::time::Duration;

use anyhow::Result;

use crate::display::VirtualDisplay;
use crate::godot::{Godot, project};
use crate::log_check::LogCheck;
use crate::process;
use crate::servers::Implementation;
use crate::tree;

/// They need a system that tells of processes and threads as Linux does.
pub const TESTS: [EditorTest; 5] = [
    EditorTest { name: "reloaded_in_the_editor", project: "tests/editor", shows: Shows::Nothing },
    EditorTest { name: "played_in_the_editor", project: "tests/play", shows: Shows::Nothing },
    EditorTest { name: "exported_in_the_editor", project: "tests/export", shows: Shows::Nothing },
    EditorTest { name: "inspected_in_the_editor", project: "tests/inspector", shows: Shows::Nothing },
    EditorTest { name: "inspected_in_a_window", project: "tests/inspector", shows: Shows::Window },
];
const LIMIT: Duration = Duration::from_secs(240);
/// What the plugin prints when it came to its end.
const DONE: &str = "DONE";
/// A window needs no sound card, and OpenGL, which every machine has in software.
const WINDOW: [&str; 4] = ["--audio-driver", "Dummy", "--rendering-driver", "opengl3"];

/// What an editor with a window prints where there is no Vulkan, which it tries even though it was told to use OpenGL.
const WITHOUT_VULKAN: [&str; 2] = [
    "ERROR: Required extension VK_KHR_surface not found",
    "ERROR: Condition \"err != OK\" is true. Returning: err",
];

/// A project whose plugin does its work in an editor.
pub struct EditorTest {
    /// The name by which it is chosen.
    pub name: &'static str,
    project: &'static str,
    shows: Shows,
}

/// What an editor shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// It is headless.
    Nothing,
    /// Its window, in a virtual display. The plugin is told.
    Window,
}

impl EditorTest {
    /// Lets the plugin do its work. Returns what was wrong; nothing, if it needs a display and there is none.
    pub fn run(&self, godot: &Godot) -> Result<Option<Vec<String>>> {
        let display = match self.shows {
            Shows::Nothing => None,
            Shows::Window => match VirtualDisplay::start() {
                Ok(display) => Some(display),
                Err(error) => {
                    println!("LEFT OUT exits: {}: {error:#}", self.name);
                    return Ok(None);
                }
            },
        };
        let folder = tree::root().join(self.project);
        project::install(&folder)?;
        project::share(&folder)?;
        let server = Implementation::Node.start()?;
        let mut command = godot.editor_command()?;
        match &display {
            None => command.arg("--headless"),
            Some(display) => {
                display.show(&mut command);
                command.args(WINDOW)
            }
        };
        command.args(["--editor", "--path"]).arg(folder).args(["--", "--server", server.url()]);
        if display.is_some() {
            command.arg("--window");
        }
        let mut check = LogCheck::default();
        let mut is_done = false;
        let exits = process::watch(vec![command], Some(LIMIT), |_, line| {
            println!("{line}");
            if !(display.is_some() && WITHOUT_VULKAN.iter().any(|error| line.contains(error))) {
                check.line(line);
            }
            is_done |= line == DONE;
        })?;
        let mut problems = check.finish();
        problems.extend(exits.into_iter().filter(|exit| !exit.is_success()).map(|exit| exit.to_string()));
        if !is_done {
            problems.push("the plugin did not come to its end".to_owned());
        }
        problems.extend(server.stop().err().map(|error| format!("{error:#}")));
        Ok(Some(problems))
    }
}
