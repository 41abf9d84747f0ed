//! The arguments of an event as a developer types them: a JSON array.

use godot::builtin::VarArray;
use socketio_protocol::Values;

use crate::variant::decode;

/// Reads a JSON array as the game would get it from the server.
///
/// # Errors
/// A sentence that tells what is wrong and where.
pub(super) fn parse(json: &str) -> Result<VarArray, String> {
    let values = check(json)?;
    Ok(decode::array(&values).to())
}

fn check(json: &str) -> Result<Values, String> {
    // Nothing at all is what an event without arguments looks like.
    let json = if json.trim().is_empty() { "[]" } else { json };
    let parsed = serde_json::from_str::<serde_json::Value>(json);
    match parsed {
        Ok(value) if !value.is_array() => {
            Err("The arguments stand in brackets, such as [\"hello\", 1].".to_owned())
        }
        // Of the two parsers, this one tells the line and what it expected.
        Err(error) => Err(sentence(&error)),
        Ok(_) => Values::from_json_array(json, Vec::new())
            .map_err(|error| format!("These arguments cannot be sent: {error}.")),
    }
}

fn sentence(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string();
    let problem = message.strip_suffix(&place).unwrap_or(&message);
    let problem = problem.replace("EOF while parsing", "it ends in the middle of");
    format!("Line {}, column {}: {problem}.", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(json: &str) -> String {
        check(json).unwrap_err()
    }

    #[test]
    fn an_array_is_read_with_all_its_elements() {
        assert_eq!(check("[1, {\"a\": [true, null]}, \"x\"]").unwrap().len(), 3);
        assert_eq!(check("[]").unwrap().len(), 0);
        assert_eq!(check(" \n").unwrap().len(), 0);
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        assert_eq!(problem("[1, 2"), "Line 1, column 5: it ends in the middle of a list.");
        assert_eq!(problem("[1,\n x]"), "Line 2, column 2: expected value.");
        assert_eq!(problem("[1] 2"), "Line 1, column 5: trailing characters.");
    }

    #[test]
    fn what_is_no_array_is_refused() {
        for json in ["1", "{\"a\": 1}", "\"hello\"", "null"] {
            assert!(problem(json).starts_with("The arguments stand in brackets"), "{json}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        assert!(check(&"[".repeat(100_000)).is_err());
    }
}
