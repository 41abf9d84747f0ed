//! Reading what Godot prints: errors that nobody announced, leaks and crashes.

/// What a test prints before it provokes an error. It allows one error line that contains the rest of the line.
const ANNOUNCEMENT: &str = "EXPECT ERROR: ";

/// Words of a log line that are always a fault.
const FAULTS: [&str; 6] =
    ["SCRIPT ERROR", "leaked at exit", "Leaked instance", "instances leaked", "handle_crash", "panicked at"];

/// The check of one run's log, line by line.
#[derive(Default)]
pub struct LogCheck {
    /// What the errors still to come contain.
    expected: Vec<String>,
    problems: Vec<String>,
}

impl LogCheck {
    /// A check that expects one error for each of these texts.
    pub fn expecting(expected: Vec<String>) -> Self {
        Self { expected, problems: Vec::new() }
    }

    /// Looks at the next line of the log.
    pub fn line(&mut self, line: &str) {
        let line = without_colours(line);
        let line = line.trim();
        if let Some(text) = line.strip_prefix(ANNOUNCEMENT.trim_end()) {
            self.expected.push(text.trim().to_owned());
        } else if FAULTS.iter().any(|fault| line.contains(fault)) || is_resource_leak(line) {
            self.problems.push(line.to_owned());
        } else if line.contains("ERROR:") {
            self.error(line);
        }
    }

    /// Everything that was wrong with the log.
    pub fn finish(mut self) -> Vec<String> {
        for text in self.expected {
            self.problems.push(format!("an announced error did not come: {text}"));
        }
        self.problems
    }

    fn error(&mut self, line: &str) {
        // The longest text that fits: a short one must not use up an error that a longer one describes.
        let fitting = self.expected.iter().enumerate().filter(|(_, text)| line.contains(text.as_str()));
        match fitting.max_by_key(|(_, text)| text.len()).map(|(index, _)| index) {
            Some(index) => {
                self.expected.remove(index);
            }
            None => self.problems.push(line.to_owned()),
        }
    }
}

/// The engine's line about server objects, such as `2 RID allocations of type "..." were leaked at exit`.
fn is_resource_leak(line: &str) -> bool {
    line.contains("RID") && line.contains("leaked")
}

fn without_colours(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        text.push_str(before);
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        // The letter that ends the sequence.
        let mut characters = rest.chars();
        characters.next();
        rest = characters.as_str();
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(log: &str) -> Vec<String> {
        let mut check = LogCheck::default();
        for line in log.lines() {
            check.line(line);
        }
        check.finish()
    }

    #[test]
    fn a_quiet_log_has_no_problems() {
        assert!(problems("Godot Engine v4.6.3\nok acks: answers\nWARNING: old setting\n").is_empty());
    }

    #[test]
    fn errors_and_script_errors_are_problems() {
        for line in [
            "ERROR: emit needs a name",
            "USER ERROR: emit needs a name",
            "SCRIPT ERROR: Invalid call",
            "\u{1b}[1;31mERROR:\u{1b}[0;91m emit needs a name\u{1b}[0m",
            "half a lineERROR: emit needs a name",
        ] {
            assert_eq!(problems(line).len(), 1, "{line}");
        }
    }

    #[test]
    fn leaks_and_crashes_are_problems() {
        for line in [
            "WARNING: ObjectDB instances leaked at exit (run with --verbose for details).",
            "WARNING: 1 ObjectDB instance was leaked at exit (run with `--verbose` for details).",
            "Leaked instance: RefCounted:9223372049",
            "WARNING: 2 RIDs of type \"Texture\" were leaked.",
            "handle_crash: Program crashed with signal 11",
            "thread 'socketio' panicked at src/lib.rs:1:1:",
        ] {
            assert_eq!(problems(line).len(), 1, "{line}");
        }
    }

    #[test]
    fn an_announced_error_is_allowed_once() {
        assert!(problems("EXPECT ERROR: needs a name\nERROR: emit needs a name\n").is_empty());
        let twice = "EXPECT ERROR: needs a name\nERROR: emit needs a name\nERROR: emit needs a name\n";
        assert_eq!(problems(twice), ["ERROR: emit needs a name"]);
    }

    #[test]
    fn an_announced_error_must_come_and_must_fit() {
        assert_eq!(problems("EXPECT ERROR: a name\n"), ["an announced error did not come: a name"]);
        assert_eq!(problems("EXPECT ERROR: a name\nERROR: a URL\n").len(), 2);
        // Announced too late.
        assert_eq!(problems("ERROR: a name\nEXPECT ERROR: a name\n").len(), 2);
    }

    #[test]
    fn the_longest_fitting_announcement_is_used_up() {
        let log = "EXPECT ERROR: refused\nEXPECT ERROR: refused: bad token\n\
            ERROR: refused: bad token\nERROR: refused\n";
        assert!(problems(log).is_empty());
    }

    #[test]
    fn script_errors_cannot_be_announced() {
        assert_eq!(problems("EXPECT ERROR: Invalid\nSCRIPT ERROR: Invalid call\n").len(), 2);
    }

    #[test]
    fn errors_can_be_expected_from_the_start() {
        let mut check = LogCheck::expecting(vec!["still open".into()]);
        check.line("ERROR: 1 connection still open");
        assert!(check.finish().is_empty());
    }
}
