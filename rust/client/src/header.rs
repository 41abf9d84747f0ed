//! The headers that a game may send with the WebSocket handshake.

use std::error::Error;
use std::fmt;

/// Headers that belong to the handshake itself.
const RESERVED_HEADERS: [&str; 7] = [
    "connection",
    "content-length",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-version",
    "transfer-encoding",
    "upgrade",
];

/// Why a header cannot be sent with the handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderError {
    /// The name is empty or has a character that no header name may have. This is what comes before it.
    Name(String),
    /// The value has a control character: a line break would smuggle in further headers.
    Value(String),
    /// The header belongs to the WebSocket handshake itself.
    Reserved(String),
}

/// Checks a header that is to be sent with the handshake.
///
/// # Errors
/// When it cannot be sent.
pub fn check_header(name: &str, value: &str) -> Result<(), HeaderError> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        // Whoever took the name for a whole line has the value in it.
        let fit = name.bytes().take_while(|byte| is_token(*byte)).count();
        return Err(HeaderError::Name(name[..fit].to_owned()));
    }
    if RESERVED_HEADERS.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        return Err(HeaderError::Reserved(name.to_owned()));
    }
    if value.chars().any(|character| character.is_control() && character != '\t') {
        return Err(HeaderError::Value(name.to_owned()));
    }
    Ok(())
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(fit) => write!(
                f,
                "what begins with {fit:?} is not a header name: use letters, digits and hyphens, as in \"X-Game-Version\""
            ),
            Self::Value(name) => write!(
                f,
                "the value of the header {name:?} holds a line break or another control character: remove it"
            ),
            Self::Reserved(name) => {
                write!(f, "the header {name:?} belongs to the WebSocket handshake and cannot be set")
            }
        }
    }
}

impl Error for HeaderError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_checked() {
        assert_eq!(check_header("X-Token", "a b\tc\u{e9}"), Ok(()));
        for (name, fit) in [
            ("", ""),
            ("X Token", "X"),
            ("X:", "X"),
            ("X\r\nY", "X"),
            ("Ü", ""),
            ("a\0", "a"),
            ("A: hidden", "A"),
        ] {
            assert_eq!(check_header(name, "v"), Err(HeaderError::Name(fit.to_owned())));
        }
        for value in ["a\r\nY: z", "a\nb", "a\rb", "a\0b"] {
            assert_eq!(check_header("X", value), Err(HeaderError::Value("X".to_owned())));
        }
        assert_eq!(check_header("UPGRADE", "h2c"), Err(HeaderError::Reserved("UPGRADE".to_owned())));
    }
}
