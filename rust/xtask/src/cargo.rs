//! Running cargo and reading what it built.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{process, tools, tree};

/// A cargo command in the repository's root.
pub fn command(arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(tree::root()).args(arguments);
    // Set for xtask itself by `cargo run`; inherited, it would be part of what the packages see.
    command.env_remove("LD_LIBRARY_PATH");
    command
}

/// Runs `cargo build` and returns the files of the target named `name`.
pub fn build(arguments: &[&str], name: &str) -> Result<Vec<PathBuf>> {
    build_by(command(&["build"]), arguments, name)
}

/// The same by a subcommand of cargo that takes the place of `build`.
pub fn build_by(mut command: Command, arguments: &[&str], name: &str) -> Result<Vec<PathBuf>> {
    command.arg("--message-format=json-render-diagnostics").args(arguments);
    let mut files = Vec::new();
    let exit = process::stdout_lines(&mut command, |line| {
        if let Some(built) = artifact_files(line, name) {
            files = built;
        }
    })?;
    if !exit.is_success() {
        tools::check_native_build_tools()?;
        bail!("`cargo build {}` failed ({exit})", arguments.join(" "));
    }
    if files.is_empty() {
        bail!("`cargo build {}` made no `{name}`", arguments.join(" "));
    }
    Ok(files)
}

/// Builds the embedded server and returns its program.
pub fn build_demo_server() -> Result<PathBuf> {
    let files = build(&["--package", "socketio-demo-server", "--bin", "demo-server"], "demo-server")?;
    let program = files.into_iter().find(|file| {
        file.extension().map(|extension| extension.to_string_lossy().into_owned()).unwrap_or_default()
            == std::env::consts::EXE_EXTENSION
    });
    program.context("cargo built no program `demo-server`")
}

fn artifact_files(message: &str, name: &str) -> Option<Vec<PathBuf>> {
    let message: Value = serde_json::from_str(message).ok()?;
    if message["reason"] != "compiler-artifact" || message["target"]["name"] != name {
        return None;
    }
    let files = message["filenames"].as_array()?;
    Some(files.iter().filter_map(Value::as_str).map(PathBuf::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_from_the_named_target_only() {
        let message = r#"{"reason":"compiler-artifact","target":{"name":"a"},"filenames":["x/liba.so"]}"#;
        assert_eq!(artifact_files(message, "a"), Some(vec![PathBuf::from("x/liba.so")]));
        assert_eq!(artifact_files(message, "b"), None);
        assert_eq!(artifact_files(r#"{"reason":"build-finished","success":true}"#, "a"), None);
    }
}
