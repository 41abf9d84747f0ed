//! What a server means that gives another answer than the one that was asked for.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use socketio_protocol::{Node, Values};

use crate::answer::Head;

/// The longest `Retry-After` that is taken seriously.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The codes that Engine.IO servers give for a refusal.
const TRANSPORT_UNKNOWN: u64 = 0;
const BAD_REQUEST: u64 = 3;
const UNSUPPORTED_VERSION: u64 = 5;

/// An answer other than the one that was asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Refusal {
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
}

impl Refusal {
    /// Whether long-polling may work where a WebSocket is refused like that. What says no to this client, or to everybody
    /// for now, would say it again.
    pub(crate) fn leaves_polling(&self) -> bool {
        match self.head.status {
            400 | 403 => self.is_about_transport(),
            200..=299 | 405 | 426 | 501 | 505 => true,
            _ => false,
        }
    }

    /// Whether it is a Socket.IO server that says no to this client, whatever the transport.
    pub(crate) fn is_about_client(&self) -> bool {
        self.code().is_some_and(|code| code != TRANSPORT_UNKNOWN)
    }

    /// Whether the server speaks another version. Engine.IO says so in words on WebSocket, and by a code on HTTP.
    pub(crate) fn is_about_version(&self) -> bool {
        self.text().contains("Unsupported protocol version") || self.code() == Some(UNSUPPORTED_VERSION)
    }

    /// Whether it is what nginx, Go and Apache say to a request without TLS on a port with it.
    pub(crate) fn wants_tls(&self) -> bool {
        let text = self.text();
        ["HTTPS port", "HTTPS server", "SSL-enabled server port"].iter().any(|words| text.contains(words))
    }

    /// How long the server wants to be left alone.
    pub(crate) fn retry_after(&self, now: SystemTime) -> Option<Duration> {
        self.head.find("Retry-After").and_then(|text| retry_after(text, now))
    }

    /// Whether it is about WebSocket, or nobody's who knows Socket.IO: without a word of its own.
    fn is_about_transport(&self) -> bool {
        let text = self.text().trim().to_lowercase();
        match self.code() {
            Some(code) => matches!(code, TRANSPORT_UNKNOWN | BAD_REQUEST),
            None => {
                text.is_empty()
                    || text.starts_with('<')
                    || text.contains("transport")
                    || text.contains("bad request")
            }
        }
    }

    /// The code in a refusal of an Engine.IO server, which is a JSON object.
    fn code(&self) -> Option<u64> {
        let refusal = Values::from_json(std::str::from_utf8(&self.body).ok()?, 0).ok()?;
        match refusal.field("code")? {
            Node::Int(code) => u64::try_from(code).ok(),
            _ => None,
        }
    }

    fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// Seconds or a date (RFC 9110, section 10.2.3).
fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let wait = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(text).ok()?.duration_since(now).unwrap_or_default(),
    };
    Some(wait.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777 - 90);
        assert_eq!(retry_after("120", now), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(Duration::from_secs(90)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
        assert_eq!(retry_after("18446744073709551615", now), Some(MAX_RETRY_AFTER));
    }

    #[test]
    fn the_old_version_is_told_by_words_or_by_code() {
        let is_about_version =
            |body: &str| Refusal { body: body.into(), ..Refusal::default() }.is_about_version();
        assert!(is_about_version("Unsupported protocol version"));
        assert!(is_about_version(r#"{ "code": 5, "message": "..." }"#));
        assert!(!is_about_version(r#"{"code":50}"#));
        assert!(!is_about_version("Bad request"));
    }
}
