//! What the fuzzers have reached, and what they have found, run by `cargo test`.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use socketio_fuzz_targets::{ALL, Target};

#[test]
fn every_input_of_the_corpora_keeps_the_promises() {
    for target in ALL {
        let inputs = play(target, "corpus");
        assert!(inputs >= 20, "{}: only {inputs} inputs", target.0);
    }
}

#[test]
fn what_was_found_once_is_found_no_more() {
    let inputs: usize = ALL.into_iter().map(|target| play(target, "findings")).sum();
    assert!(inputs > 0, "no finding is there");
}

/// Runs a target on the inputs that it has in a folder. Returns how many there are.
fn play((name, target): Target, folder: &str) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz").join(folder).join(name);
    let inputs: Vec<PathBuf> = fs::read_dir(&folder)
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    for path in &inputs {
        let input = fs::read(path).unwrap();
        assert!(catch_unwind(|| target(&input)).is_ok(), "{} breaks a promise", path.display());
    }
    inputs.len()
}
