//! Engine.IO packets: the type is the first character of a text message. A binary message is an attachment and has no
//! type.

use std::fmt;
use std::time::Duration;

use crate::TransportName;
use crate::values::{JsonError, Node, Values};

/// The first character of a text that carries a Socket.IO packet.
pub const MESSAGE: char = '4';

/// The answer to a [`EnginePacket::Ping`].
pub const PONG: &str = "3";

/// What asks the server, on a WebSocket with the id of a session, whether it would move the session there (S22).
pub const PROBE: &str = "2probe";

/// The answer to [`PROBE`].
pub const PROBE_ANSWER: &str = "3probe";

/// Moves the session to the WebSocket that was probed.
pub const UPGRADE: &str = "5";

/// Ends the session, where the end of a connection does not say so.
pub const CLOSE: &str = "1";

/// An Engine.IO packet, as the server sends it in a text message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnginePacket<'a> {
    /// `0`: the handshake, a JSON object for [`Handshake::parse`].
    Open(&'a str),
    /// `1`: the server ends the session.
    Close,
    /// `2`: the heartbeat, to be answered with [`PONG`] (S7).
    Ping,
    /// `4`: a Socket.IO packet.
    Message(&'a str),
    /// `3`, `5` and `6`: they mean something to the transports only (S22).
    Ignored,
}

impl<'a> EnginePacket<'a> {
    /// Reads the text of one WebSocket message. `None` when its first character is no packet type.
    pub fn decode(text: &'a str) -> Option<Self> {
        let mut rest = text.chars();
        let packet = match rest.next()? {
            '0' => Self::Open(rest.as_str()),
            '1' => Self::Close,
            '2' => Self::Ping,
            MESSAGE => Self::Message(rest.as_str()),
            '3' | '5' | '6' => Self::Ignored,
            _ => return None,
        };
        Some(packet)
    }
}

/// What the server says when it opens the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handshake {
    /// The Engine.IO session id.
    pub session_id: String,
    /// The longest time between two heartbeats of a living connection: `pingInterval` + `pingTimeout`.
    pub patience: Duration,
    /// The largest message that the server takes, in bytes, if it said so (S26).
    pub max_payload: Option<u64>,
    /// Whether the session may move from another transport to a WebSocket (S22).
    pub upgrades: bool,
}

impl Handshake {
    /// Reads the JSON of the open packet. Times that are missing or make no sense are the official server's
    /// defaults.
    ///
    /// # Errors
    /// When it is not a JSON object with a session id.
    pub fn parse(json: &str) -> Result<Self, HandshakeError> {
        let fields = Values::from_json(json, 0).map_err(HandshakeError::Json)?;
        let session_id = match fields.string_field("sid") {
            Some(session_id) if !session_id.is_empty() => session_id.to_owned(),
            _ => return Err(HandshakeError::NoSessionId),
        };
        let interval = milliseconds(fields.field("pingInterval")).unwrap_or(DEFAULT_PING_INTERVAL);
        let timeout = milliseconds(fields.field("pingTimeout")).unwrap_or(DEFAULT_PING_TIMEOUT);
        let max_payload = positive(fields.field("maxPayload"));
        let upgrades = fields.list_field_has("upgrades", TransportName::WebSocket.as_str());
        Ok(Self { session_id, patience: interval.saturating_add(timeout), max_payload, upgrades })
    }
}

/// Why an open packet is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandshakeError {
    /// It is not JSON.
    Json(JsonError),
    /// It is not an object with a `sid`.
    NoSessionId,
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(f, "its open packet is not JSON: {error}"),
            Self::NoSessionId => f.write_str("its open packet has no session id"),
        }
    }
}

impl std::error::Error for HandshakeError {}

const DEFAULT_PING_INTERVAL: Duration = Duration::from_secs(25);
const DEFAULT_PING_TIMEOUT: Duration = Duration::from_secs(20);

/// The longest time that a JavaScript timer can wait, 25 days, which is for ever to a game.
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

fn milliseconds(field: Option<Node>) -> Option<Duration> {
    positive(field).map(|time| Duration::from_millis(time).min(LONGEST))
}

fn positive(field: Option<Node>) -> Option<u64> {
    let number = match field? {
        Node::Int(number) => u64::try_from(number).ok()?,
        // A cast from float to integer saturates.
        Node::Float(number) => number as u64,
        _ => return None,
    };
    (number > 0).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_each_packet_type() {
        for (text, packet) in [
            ("0{\"sid\":\"a\"}", Some(EnginePacket::Open("{\"sid\":\"a\"}"))),
            ("1", Some(EnginePacket::Close)),
            ("2", Some(EnginePacket::Ping)),
            ("2probe", Some(EnginePacket::Ping)),
            ("3", Some(EnginePacket::Ignored)),
            ("40", Some(EnginePacket::Message("0"))),
            ("4", Some(EnginePacket::Message(""))),
            ("5", Some(EnginePacket::Ignored)),
            ("6", Some(EnginePacket::Ignored)),
            ("", None),
            ("7", None),
            ("é", None),
            (" 2", None),
            ("{\"sid\":\"a\"}", None),
        ] {
            assert_eq!(EnginePacket::decode(text), packet, "{text:?}");
        }
    }

    #[test]
    fn reads_the_handshake_of_the_official_server() {
        let json = r#"{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}"#;
        let handshake = Handshake::parse(json).unwrap();
        assert_eq!(
            handshake,
            Handshake {
                session_id: "lv_VI97HAXpY6yYWAAAC".into(),
                patience: Duration::from_millis(500),
                max_payload: Some(1_000_000),
                upgrades: false,
            }
        );
    }

    #[test]
    fn s22_upgrades_are_a_list_of_names() {
        for (fields, upgrades) in [
            (r#","upgrades":["websocket"]"#, true),
            (r#","upgrades":["webtransport","websocket"],"x":1"#, true),
            (r#","upgrades":["webtransport"],"x":"websocket""#, false),
            (r#","upgrades":"websocket""#, false),
            (r#","upgrades":{"websocket":true}"#, false),
            ("", false),
        ] {
            let handshake = Handshake::parse(&format!(r#"{{"sid":"a"{fields}}}"#)).unwrap();
            assert_eq!(handshake.upgrades, upgrades, "{fields}");
        }
    }

    #[test]
    fn absurd_numbers_become_defaults_or_the_largest_time() {
        let default = Duration::from_secs(45);
        for (fields, patience) in [
            ("", default),
            (r#","pingInterval":-1,"pingTimeout":0"#, default),
            (r#","pingInterval":"25000","pingTimeout":null"#, default),
            (r#","pingInterval":-1e300"#, default),
            (r#","pingInterval":0.5"#, default),
            (r#","pingInterval":1500.9,"pingTimeout":500"#, Duration::from_millis(2000)),
            (r#","pingInterval":1e300"#, LONGEST + DEFAULT_PING_TIMEOUT),
        ] {
            let handshake = Handshake::parse(&format!(r#"{{"sid":"a"{fields}}}"#)).unwrap();
            assert_eq!(handshake.patience, patience, "{fields}");
            assert_eq!(handshake.max_payload, None, "{fields}");
        }
    }

    #[test]
    fn a_handshake_without_a_session_id_is_none() {
        for json in ["{}", r#"{"sid":""}"#, r#"{"sid":5}"#, "[]", "null", "5", r#"[{"sid":"a"}]"#] {
            assert_eq!(Handshake::parse(json), Err(HandshakeError::NoSessionId), "{json}");
        }
        for json in ["", "{", "{'sid':'a'}", r#"{"sid":"a"} x"#] {
            assert!(matches!(Handshake::parse(json), Err(HandshakeError::Json(_))), "{json}");
        }
    }
}
