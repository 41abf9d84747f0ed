//! What the tasks say while they work. It goes to stderr: stdout is for results and for what Godot prints.

use std::io::{IsTerminal, Write, stderr};

/// A heading for the next part of a task.
pub fn heading(text: &str) {
    eprintln!("\n== {text}");
}

/// One line about what is done now.
pub fn say(text: &str) {
    eprintln!("   {text}");
}

/// A count that moves: one rewritten line on a terminal, a line per quarter in a log.
pub struct Counter {
    what: &'static str,
    total: usize,
    done: usize,
}

impl Counter {
    pub fn new(what: &'static str, total: usize) -> Self {
        Self { what, total, done: 0 }
    }

    pub fn step(&mut self) {
        let Self { what, total, done } = *self;
        let done = done + 1;
        self.done = done;
        let quarters = |count: usize| count * 4 / total.max(1);
        if stderr().is_terminal() {
            eprint!("\r   {what} {done}/{total}{}", if done >= total { "\n" } else { "" });
            let _ = stderr().flush();
        } else if quarters(done) != quarters(done - 1) {
            say(&format!("{what} {done}/{total}"));
        }
    }
}
