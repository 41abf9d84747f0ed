//! Counting tests, and the closing lines of a run.

/// The results so far.
#[derive(Default)]
pub struct Tally {
    passed: usize,
    failures: Vec<Failure>,
}

struct Failure {
    test: String,
    why: String,
}

impl Tally {
    pub fn pass(&mut self) {
        self.passed += 1;
    }

    pub fn pass_many(&mut self, count: usize) {
        self.passed += count;
    }

    pub fn fail(&mut self, test: impl Into<String>, why: impl Into<String>) {
        self.failures.push(Failure { test: test.into(), why: why.into() });
    }

    /// Counts one test that fails if there are problems.
    pub fn check(&mut self, test: &str, problems: &[String]) {
        if problems.is_empty() {
            self.pass();
        } else {
            self.fail(test, problems.join("\n"));
        }
    }

    /// How many tests ran.
    pub fn count(&self) -> usize {
        self.passed + self.failures.len()
    }

    pub fn all_passed(&self) -> bool {
        self.passed > 0 && self.failures.is_empty()
    }

    /// The failures, and the line that a run closes with.
    pub fn summary(&self) -> String {
        let mut text = String::new();
        if !self.failures.is_empty() {
            text.push_str("Failures:\n");
        }
        for Failure { test, why } in &self.failures {
            text.push_str(&format!("- {test}\n"));
            for line in why.lines() {
                text.push_str(&format!("    {line}\n"));
            }
        }
        text + &format!("{} passed, {} failed", self.passed, self.failures.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_stands_alone() {
        let mut tally = Tally::default();
        tally.pass_many(2);
        tally.check("fine", &[]);
        assert_eq!(tally.summary(), "3 passed, 0 failed");
        assert!(tally.all_passed());
    }

    #[test]
    fn failures_are_listed_before_it() {
        let mut tally = Tally::default();
        tally.check("acks", &["first".into(), "second".into()]);
        assert_eq!(tally.summary(), "Failures:\n- acks\n    first\n    second\n0 passed, 1 failed");
        assert!(!tally.all_passed());
    }

    #[test]
    fn a_run_without_tests_has_not_passed() {
        assert!(!Tally::default().all_passed());
    }
}
