//! `cargo xtask fuzz`: the fuzz targets, one after the other, with cargo-fuzz and the nightly compiler.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{process, progress, tree};

/// The longest that one input may take, in seconds.
const TIMEOUT: u32 = 20;

/// Which targets, and for how long each.
pub struct Options {
    pub targets: Vec<String>,
    pub minutes: f64,
    /// Whether the smallest inputs that reach as much replace the committed ones.
    pub write: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { targets: Vec::new(), minutes: 1.0, write: false }
    }
}

/// Runs them. A finding ends it with its input in `tests/fuzz/artifacts/`.
pub fn run(options: &Options) -> Result<()> {
    check_tools()?;
    let known = targets()?;
    if let Some(other) = options.targets.iter().find(|target| !known.contains(target)) {
        bail!("there is no fuzz target `{other}`; there are {}", known.join(", "));
    }
    let chosen = if options.targets.is_empty() { &known } else { &options.targets };
    for target in chosen {
        progress::heading(&format!("{target}, for {} minutes", options.minutes));
        fuzz(target, options.minutes)?;
        if options.write {
            write_corpus(target)?;
        }
    }
    Ok(())
}

fn check_tools() -> Result<()> {
    let how = "install the nightly compiler with `rustup toolchain install nightly` and cargo-fuzz with `cargo install cargo-fuzz`";
    let mut version = cargo_fuzz(&["--version"]);
    process::output(&mut version).map(drop).with_context(|| format!("cargo-fuzz does not run: {how}"))
}

/// The names of the targets.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(tree::fuzz().join("fuzz_targets"))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

fn fuzz(target: &str, minutes: f64) -> Result<()> {
    let corpus = tree::fuzz_runs().join("corpus").join(target);
    fs::create_dir_all(&corpus)?;
    let mut command = run_target(target, &[&corpus, &committed(target)]);
    command.arg(format!("-max_total_time={:.0}", minutes * 60.0));
    command.arg("-print_final_stats=1");
    let dictionary = tree::fuzz().join("dictionaries").join(format!("{target}.dict"));
    if dictionary.is_file() {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    finish(target, &mut command)
}

/// Replaces the committed inputs by the fewest that reach the same places in the code.
fn write_corpus(target: &str) -> Result<()> {
    let (found, smallest) =
        (tree::fuzz_runs().join("corpus").join(target), tree::fuzz_runs().join("smallest"));
    if smallest.is_dir() {
        fs::remove_dir_all(&smallest)?;
    }
    fs::create_dir_all(&smallest)?;
    let mut command = run_target(target, &[&smallest, &found, &committed(target)]);
    finish(target, command.args(["-set_cover_merge=1", "-use_counters=0"]))?;
    fs::remove_dir_all(committed(target))?;
    fs::create_dir_all(committed(target))?;
    for entry in fs::read_dir(&smallest)? {
        let entry = entry?;
        fs::copy(entry.path(), committed(target).join(entry.file_name()))?;
    }
    Ok(())
}

fn committed(target: &str) -> PathBuf {
    tree::fuzz().join("corpus").join(target)
}

fn run_target(target: &str, corpora: &[&Path]) -> Command {
    let mut command = cargo_fuzz(&["run", "--fuzz-dir"]);
    command.arg(tree::fuzz()).arg("--target-dir").arg(tree::fuzz_runs().join("build"));
    command.arg(target).args(corpora).args(["--", &format!("-timeout={TIMEOUT}")]);
    command
}

fn cargo_fuzz(arguments: &[&str]) -> Command {
    let mut command = Command::new("rustup");
    command.current_dir(tree::root()).args(["run", "nightly", "cargo", "fuzz"]).args(arguments);
    // Set for xtask itself by `cargo run`.
    command.env_remove("CARGO").env_remove("LD_LIBRARY_PATH");
    command
}

fn finish(target: &str, command: &mut Command) -> Result<()> {
    let exit = process::inherit(command)?;
    if !exit.is_success() {
        bail!("`{target}` ended with {exit}: its input is in tests/fuzz/artifacts/{target}/");
    }
    Ok(())
}
