//! Lone surrogates in JSON escapes: JavaScript strings can hold them, Rust's and Godot's cannot.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};

/// The text with each escape of a lone surrogate, such as `\ud800`, replaced by that of U+FFFD.
pub(super) fn without_lone_surrogates(json: &str) -> Cow<'_, str> {
    if !may_hold_surrogate(json) {
        return Cow::Borrowed(json);
    }
    let mut output = String::new();
    let mut copied = 0;
    let mut position = 0;
    while let Some(escape) = find_escape(json, position) {
        let after = escape.saturating_add(ESCAPE_LENGTH);
        position = match (code_unit(json, escape), code_unit(json, after)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => after.saturating_add(ESCAPE_LENGTH),
            (Some(0xD800..=0xDFFF), _) => {
                output.push_str(json.get(copied..escape).unwrap_or_default());
                output.push_str("\\ufffd");
                copied = after;
                after
            }
            (Some(_), _) => after,
            // `\\`, `\n` and the like, or an escape that the parser will refuse.
            (None, _) => escape.saturating_add(2),
        };
    }
    output.push_str(json.get(copied..).unwrap_or_default());
    Cow::Owned(output)
}

/// The length of `\u0000`.
const ESCAPE_LENGTH: usize = 6;

/// A quick look that most texts fail: ASCII text and text in UTF-8 need no second pass.
fn may_hold_surrogate(json: &str) -> bool {
    let json = json.as_bytes();
    memchr_iter(b'\\', json).any(|position| {
        let escape = json.get(position..position.saturating_add(3)).unwrap_or_default();
        matches!(escape, [_, b'u', b'd' | b'D'])
    })
}

fn find_escape(json: &str, from: usize) -> Option<usize> {
    let offset = memchr(b'\\', json.as_bytes().get(from..)?)?;
    from.checked_add(offset)
}

/// The number in the `\uXXXX` at that position.
fn code_unit(json: &str, position: usize) -> Option<u16> {
    let escape = json.as_bytes().get(position..position.checked_add(ESCAPE_LENGTH)?)?;
    let digits = escape.strip_prefix(b"\\u")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_lone_surrogates_only() {
        for (json, expected) in [
            (r#""plain""#, r#""plain""#),
            (r#""\u0041\ufffd""#, r#""\u0041\ufffd""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\uD83D\uDE00""#, r#""\uD83D\uDE00""#),
            (r#""\ud800""#, r#""\ufffd""#),
            (r#""\udfff x""#, r#""\ufffd x""#),
            (r#""\ud800\ud83d\ude00\ude00""#, r#""\ufffd\ud83d\ude00\ufffd""#),
            (r#""\ud800\u0041""#, r#""\ufffd\u0041""#),
            (r#""\ud800\n\udc00""#, r#""\ufffd\n\ufffd""#),
            // An escaped backslash before letters that only look like an escape.
            (r#""\\ud800""#, r#""\\ud800""#),
            (r#""\\\ud800""#, r#""\\\ufffd""#),
            // Broken escapes are left to the parser.
            (r#""\ud8""#, r#""\ud8""#),
            (r#""\ud8é0""#, r#""\ud8é0""#),
            (r#""\ud80g\ud800""#, r#""\ud80g\ufffd""#),
        ] {
            assert_eq!(without_lone_surrogates(json), expected, "{json}");
        }
    }

    #[test]
    fn borrows_text_without_surrogates() {
        assert!(matches!(without_lone_surrogates(r#"["\u0000","é😀","a\\b"]"#), Cow::Borrowed(_)));
    }
}
