//! The results that the Godot test runner writes: one JSON object per line.

use serde_json::Value;

/// What a run of the runner reported.
#[derive(Debug, Default, PartialEq)]
pub struct Results {
    pub passed: usize,
    /// The names of the failed tests, and why they failed.
    pub failed: Vec<(String, String)>,
    /// The runner came to its end.
    pub done: bool,
    /// What is wrong with the results themselves.
    pub problems: Vec<String>,
}

impl Results {
    /// Reads a results file. A crash can have cut off its last line.
    pub fn parse(text: &str) -> Self {
        let mut results = Self::default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match serde_json::from_str::<Value>(line) {
                Ok(entry) => results.add(&entry, line),
                Err(_) => results.problems.push(format!("unreadable result: {line}")),
            }
        }
        results
    }

    /// How many tests ran.
    pub fn count(&self) -> usize {
        self.passed + self.failed.len()
    }

    /// The exit code that a runner with these results ends with.
    pub fn expected_exit_code(&self) -> i32 {
        i32::from(!self.failed.is_empty())
    }

    fn add(&mut self, entry: &Value, line: &str) {
        if entry["done"] == true {
            self.done = true;
            return;
        }
        let (Some(suite), Some(test)) = (entry["suite"].as_str(), entry["test"].as_str()) else {
            self.problems.push(format!("a result without `suite` and `test`: {line}"));
            return;
        };
        match entry["status"].as_str() {
            Some("passed") => self.passed += 1,
            Some("failed") => {
                let message = entry["message"].as_str().unwrap_or_default().to_owned();
                self.failed.push((format!("{suite}: {test}"), message));
            }
            _ => self.problems.push(format!("a result without a known `status`: {line}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passed_and_failed_tests_are_counted() {
        let results = Results::parse(
            r#"{"suite":"acks","test":"test_a","status":"passed","message":"","msec":3}
            {"suite":"acks","test":"test_b","status":"failed","message":"1 is not 2","msec":4}
            {"done":true}"#,
        );
        assert_eq!(results.passed, 1);
        assert_eq!(results.failed, [("acks: test_b".into(), "1 is not 2".into())]);
        assert!(results.done);
        assert!(results.problems.is_empty());
        assert_eq!(results.expected_exit_code(), 1);
    }

    #[test]
    fn a_run_that_was_cut_off_is_not_done() {
        let results =
            Results::parse("{\"suite\":\"a\",\"test\":\"b\",\"status\":\"passed\"}\n{\"suite\":\"a\",");
        assert!(!results.done);
        assert_eq!((results.count(), results.problems.len()), (1, 1));
    }

    #[test]
    fn a_result_must_be_whole() {
        for line in [
            r#"{"suite":"a","status":"passed"}"#,
            r#"{"suite":"a","test":"b"}"#,
            r#"{"suite":"a","test":"b","status":"skipped"}"#,
        ] {
            let results = Results::parse(line);
            assert_eq!((results.count(), results.problems.len()), (0, 1), "{line}");
        }
    }
}
