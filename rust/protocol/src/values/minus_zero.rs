//! `-0` in JSON: an integer by its spelling, for which serde_json gives the float that `-0.0` is.

use std::borrow::Cow;

use memchr::memchr_iter;

/// The text with each number `-0` replaced by `0`.
pub(super) fn without_minus_zero(json: &str) -> Cow<'_, str> {
    if !memchr_iter(b'-', json.as_bytes()).any(|position| is_minus_zero(json, position)) {
        return Cow::Borrowed(json);
    }
    let mut output = String::with_capacity(json.len());
    let mut copied = 0;
    let mut in_string = false;
    let mut escaped = false;
    for (position, byte) in json.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b'-' if !in_string && is_minus_zero(json, position) => {
                output.push_str(json.get(copied..position).unwrap_or_default());
                copied = position.saturating_add(1);
            }
            _ => {}
        }
    }
    output.push_str(json.get(copied..).unwrap_or_default());
    Cow::Owned(output)
}

/// Whether the number that begins there is `-0` and nothing more.
fn is_minus_zero(json: &str, position: usize) -> bool {
    let number = json.as_bytes().get(position..).unwrap_or_default();
    let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}') || byte.is_ascii_whitespace();
    number.starts_with(b"-0") && number.get(2).is_none_or(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_numbers_only() {
        for (json, expected) in [
            ("-0", "0"),
            ("[-0,-0]", "[0,0]"),
            (r#"{"a":-0 ,"b":[-0]}"#, r#"{"a":0 ,"b":[0]}"#),
            ("[-0.0,-0.5,-0e1,-01,0,-1]", "[-0.0,-0.5,-0e1,-01,0,-1]"),
            (r#"["-0",-0]"#, r#"["-0",0]"#),
            (r#"["a\"-0,",-0]"#, r#"["a\"-0,",0]"#),
            (r#"["a\\",-0,"-0,"]"#, r#"["a\\",0,"-0,"]"#),
        ] {
            assert_eq!(without_minus_zero(json), expected, "{json}");
        }
    }
}
