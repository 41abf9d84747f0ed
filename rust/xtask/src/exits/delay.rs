//! By how much the addon delays the end of the engine.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};

use super::{Expectations, play};
use crate::godot::Godot;
use crate::servers::Implementation;
use crate::tree;

/// The name by which it is chosen.
pub const NAME: &str = "the_delay_of_the_end";
/// A script with which the addon has nothing to do at the end.
const ALONE: &str = "at_once_without_a_connection";
/// Scripts that quit while there is something to wait for.
const DELAYED: [&str; 3] =
    ["at_once_in_the_tls_handshake", "at_once_while_connected", "at_once_while_the_network_is_dead"];
/// How much longer than alone the engine may take: the addon waits for 150 ms and promises 200, and a machine that has other
/// things to do adds some.
const ALLOWED: Duration = Duration::from_millis(250);
/// How often each is run. What else the machine does only ever adds to a time, so the shortest of each is compared, and
/// more runs are made as long as one is too long.
const FEWEST: usize = 2;
const MOST: usize = 12;

/// Compares the ends. Returns what was wrong.
pub fn run(godot: &Godot) -> Result<Vec<String>> {
    let mut shortest = BTreeMap::new();
    let mut late = Vec::new();
    for round in 1..=MOST {
        for script in [ALONE].into_iter().chain(DELAYED) {
            if round <= FEWEST || script == ALONE || late.contains(&script) {
                let end = end_of(godot, script)?;
                shortest
                    .entry(script)
                    .and_modify(|least: &mut Duration| *least = end.min(*least))
                    .or_insert(end);
            }
        }
        late = DELAYED.into_iter().filter(|script| shortest[script] > shortest[ALONE] + ALLOWED).collect();
        if round >= FEWEST && late.is_empty() {
            break;
        }
    }
    println!("     shortest ends: {shortest:?}");
    let delay = |script: &&str| (shortest[*script] - shortest[ALONE]).as_millis();
    Ok(late.iter().map(|script| format!("{script}: the end came {} ms later", delay(script))).collect())
}

/// How long the process took from its `quit()` to its end.
fn end_of(godot: &Godot, name: &str) -> Result<Duration> {
    let script: PathBuf = tree::test_project().join("exits").join(name).with_extension("gd");
    let expectations = Expectations::of(&script)?;
    let server = expectations.server.map(Implementation::start).transpose()?;
    let outcome = play(godot, &script, &expectations, server.as_ref())?;
    match outcome.end {
        Some(end) if outcome.problems.is_empty() => Ok(end),
        _ => bail!("{name}: {}", outcome.problems.join("; ")),
    }
}
