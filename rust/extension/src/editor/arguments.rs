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
            Err("Put the arguments in brackets, such as [\"hello\", 1], also if there is only one."
                .to_owned())
        }
        // Of the two parsers, this one tells the line and what it expected.
        Err(error) => Err(sentence(&error)),
        Ok(_) => Values::from_json_array(json, Vec::new())
            .map_err(|error| format!("Change the arguments, which cannot be sent: {error}.")),
    }
}

/// What a developer can do about a mistake.
const REMEDIES: [(&str, &str); 10] = [
    ("EOF while parsing a list", "write a ] where the list ends"),
    ("EOF while parsing an object", "write a } where the object ends"),
    ("EOF while parsing a string", "write a \" where the text ends"),
    ("expected `,` or `]`", "write a comma or a ]"),
    ("expected `,` or `}`", "write a comma or a }"),
    ("expected `:`", "write a colon behind the key"),
    ("key must be a string", "write the key in double quotes"),
    ("trailing comma", "remove the comma before the bracket"),
    ("trailing characters", "remove what stands behind the last ]"),
    ("recursion limit exceeded", "nest the values less deeply"),
];
/// The same for what stands where a value should be.
const VALUE: &str =
    "write a value: a text in double quotes, a number, true, false, null, or more of them in [] or {}";

fn sentence(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string();
    let problem = message.strip_suffix(&place).unwrap_or(&message);
    let remedy = REMEDIES.into_iter().find(|(mistake, _)| *mistake == problem).map(|(_, remedy)| remedy);
    let remedy = match remedy {
        Some(remedy) => remedy.to_owned(),
        None if problem.starts_with("expected") || problem.starts_with("EOF") => VALUE.to_owned(),
        // What is wrong inside a text or a number.
        None => format!("correct what is wrong in JSON: {problem}"),
    };
    format!("Line {}, column {}: {remedy}.", error.line(), error.column())
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
        assert_eq!(problem("[1, 2"), "Line 1, column 5: write a ] where the list ends.");
        assert_eq!(problem("[1] 2"), "Line 1, column 5: remove what stands behind the last ].");
        assert!(problem("[1,\n x]").starts_with("Line 2, column 2: write a value: a text in double quotes"));
    }

    #[test]
    fn every_mistake_is_told_with_what_to_do() {
        let deep = "[".repeat(200);
        for (json, remedy) in [
            ("{\"a\": 1", "write a }"),
            ("[\"a", "write a \""),
            ("[", "write a ]"),
            ("[1 2]", "write a comma or a ]"),
            ("[{\"a\": 1 2}]", "write a comma or a }"),
            ("[{\"a\" 1}]", "write a colon"),
            ("[{a: 1}]", "write the key in double quotes"),
            ("[1,]", "remove the comma"),
            (&deep, "nest the values less deeply"),
            ("[{\"a\":", "write a value"),
            ("[tru]", "write a value"),
            ("[hello]", "write a value"),
            ("[\"\\q\"]", "correct what is wrong in JSON: invalid escape"),
            ("[01]", "correct what is wrong in JSON: invalid number"),
        ] {
            let problem = problem(json);
            assert!(problem.contains(&format!(": {remedy}")), "{json}: {problem}");
        }
    }

    #[test]
    fn what_is_no_array_is_refused() {
        for json in ["1", "{\"a\": 1}", "\"hello\"", "null"] {
            assert!(problem(json).starts_with("Put the arguments in brackets"), "{json}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        assert!(check(&"[".repeat(100_000)).is_err());
    }
}
