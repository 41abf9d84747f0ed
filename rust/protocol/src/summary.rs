//! What a message is, for a developer who watches the traffic: read from its beginning, without taking it apart, and
//! with what is secret in it masked.

use std::borrow::Cow;

use serde_json::Value;

use crate::engine::EnginePacket;
use crate::packet::{Header, Kind};
use crate::values::{Node, Values};

/// What stands in a payload in place of a secret.
pub const HIDDEN: &str = "•••";

/// What a message of a transport is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacketType {
    /// Engine.IO: the handshake.
    Open,
    /// Engine.IO: the end of the session.
    Close,
    /// Engine.IO: the heartbeat (S7).
    Ping,
    /// Engine.IO: its answer.
    Pong,
    /// Engine.IO: the session moves to a WebSocket (S22).
    Upgrade,
    /// Engine.IO: nothing, to end a request of long-polling.
    Noop,
    /// Socket.IO: the wish to join a namespace, and the server's consent.
    Connect,
    /// Socket.IO: the end of a namespace.
    Disconnect,
    /// Socket.IO: an event, with attachments or without.
    Event,
    /// Socket.IO: the answer to an event, with attachments or without.
    Ack,
    /// Socket.IO: the server refuses a namespace.
    ConnectError,
}

impl PacketType {
    /// The name, as the protocol writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Close => "CLOSE",
            Self::Ping => "PING",
            Self::Pong => "PONG",
            Self::Upgrade => "UPGRADE",
            Self::Noop => "NOOP",
            Self::Connect => "CONNECT",
            Self::Disconnect => "DISCONNECT",
            Self::Event => "EVENT",
            Self::Ack => "ACK",
            Self::ConnectError => "CONNECT_ERROR",
        }
    }
}

impl From<Kind> for PacketType {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Connect => Self::Connect,
            Kind::Disconnect => Self::Disconnect,
            Kind::Event => Self::Event,
            Kind::Ack => Self::Ack,
            Kind::ConnectError => Self::ConnectError,
        }
    }
}

/// A text message at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary<'a> {
    /// What it is.
    pub packet_type: PacketType,
    /// The namespace; empty for a packet of Engine.IO.
    pub namespace: Cow<'a, str>,
    /// The name of an event.
    pub event: Option<Cow<'a, str>>,
    /// Ties an acknowledgement to its event.
    pub id: Option<u64>,
    /// How many attachments follow.
    pub attachments: usize,
    /// The JSON that it carries. Of an event, what follows the name.
    json: &'a str,
}

impl<'a> Summary<'a> {
    /// Looks at a text message of either side. `None` for one that is no packet.
    pub fn of(text: &'a str) -> Option<Self> {
        let engine = |packet_type, json| Self {
            packet_type,
            namespace: Cow::Borrowed(""),
            event: None,
            id: None,
            attachments: 0,
            json,
        };
        let summary = match EnginePacket::decode(text)? {
            EnginePacket::Open(json) => engine(PacketType::Open, json),
            EnginePacket::Close => engine(PacketType::Close, ""),
            EnginePacket::Ping => engine(PacketType::Ping, ""),
            EnginePacket::Ignored => match text.chars().next()? {
                '3' => engine(PacketType::Pong, ""),
                '5' => engine(PacketType::Upgrade, ""),
                _ => engine(PacketType::Noop, ""),
            },
            EnginePacket::Message(packet) => return Self::of_packet(packet),
        };
        Some(summary)
    }

    /// How long the JSON is that it carries, in bytes.
    pub fn payload_len(&self) -> usize {
        self.json.len()
    }

    /// What it carries, as JSON; empty for nothing. Of an event these are the arguments. The values of a CONNECT and the
    /// session id of the handshake are masked, and so is a text at the end of an event that is an offset of connection
    /// state recovery (S16): `is_offset` gets the text, and whether other arguments come before it.
    pub fn payload(&self, is_offset: impl FnOnce(&str, bool) -> bool) -> String {
        match self.packet_type {
            PacketType::Open => masked(self.json, |name| name == "sid"),
            PacketType::Connect => masked(self.json, |_| true),
            PacketType::Event => self.arguments(is_offset),
            _ => self.json.to_owned(),
        }
    }

    fn of_packet(packet: &'a str) -> Option<Self> {
        let (header, mut json) = Header::decode(packet).ok()?;
        let mut event = None;
        if header.kind == Kind::Event
            && let Some((name, rest)) = split_name(json)
        {
            (event, json) = (Some(name), rest);
        }
        Some(Self {
            packet_type: header.kind.into(),
            namespace: header.namespace,
            event,
            id: header.id,
            attachments: header.attachments,
            json,
        })
    }

    fn arguments(&self, is_offset: impl FnOnce(&str, bool) -> bool) -> String {
        if self.event.is_none() {
            return self.json.to_owned();
        }
        let mut arguments = String::from("[");
        arguments.push_str(self.json.strip_prefix(',').unwrap_or(self.json).trim_start());
        // An event with an acknowledgement has none (S16).
        if self.id.is_none()
            && let Some((before, last)) = split_last_string(&arguments)
            && string(last).is_some_and(|last| is_offset(&last, before.trim_end() != "["))
        {
            return format!("{before}\"{HIDDEN}\"]");
        }
        arguments
    }
}

/// Splits the array of an event into its name and what follows that: a comma or the closing bracket.
fn split_name(json: &str) -> Option<(Cow<'_, str>, &str)> {
    let inside = json.strip_prefix('[')?.trim_start();
    let end = match inside.strip_prefix('"') {
        Some(text) => text.split_at_checked(string_end(text)?)?.0.len().checked_add(2)?,
        None => inside.find([',', ']', ' ', '\t', '\n', '\r'])?,
    };
    let (name, rest) = inside.split_at_checked(end)?;
    let name = match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(plain) if !plain.contains('\\') => Cow::Borrowed(plain),
        Some(_) => Cow::Owned(string(name)?),
        None if name.parse::<f64>().is_ok() => Cow::Borrowed(name),
        None => return None,
    };
    let rest = rest.trim_start();
    rest.starts_with([',', ']']).then_some((name, rest))
}

/// Where the string ends, after its opening quote.
fn string_end(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    })
}

/// Splits an array whose last element is a string into what stands before that, and the string.
fn split_last_string(json: &str) -> Option<(&str, &str)> {
    let inside = json.trim_end().strip_suffix(']')?.trim_end();
    let mut before = inside.strip_suffix('"')?;
    loop {
        let quote = before.rfind('"')?;
        before = before.get(..quote)?;
        let backslashes = before.bytes().rev().take_while(|byte| *byte == b'\\').count();
        if backslashes & 1 == 0 {
            return inside.split_at_checked(quote);
        }
    }
}

/// What a JSON string says.
fn string(json: &str) -> Option<String> {
    let value = Values::from_json(json, 0).ok()?;
    let Some(&Node::String(span)) = value.nodes().first() else { return None };
    Some(value.text(span).to_owned())
}

/// A JSON object with the values of these names masked. Whatever else it is, is masked as a whole.
fn masked(json: &str, is_secret: impl Fn(&str) -> bool) -> String {
    if json.is_empty() {
        return String::new();
    }
    let masked = match serde_json::from_str(json) {
        Ok(Value::Object(mut object)) => {
            for (name, value) in &mut object {
                if is_secret(name) {
                    *value = HIDDEN.into();
                }
            }
            Value::Object(object)
        }
        _ => HIDDEN.into(),
    };
    masked.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(text: &str) -> String {
        Summary::of(text).unwrap().payload(|_, _| false)
    }

    #[test]
    fn packets_of_the_engine_have_a_type() {
        for (text, packet_type) in [
            (r#"0{"sid":"a"}"#, PacketType::Open),
            ("1", PacketType::Close),
            ("2", PacketType::Ping),
            ("3", PacketType::Pong),
            ("5", PacketType::Upgrade),
            ("6", PacketType::Noop),
        ] {
            let summary = Summary::of(text).unwrap();
            assert_eq!((summary.packet_type, &*summary.namespace), (packet_type, ""), "{text}");
        }
    }

    #[test]
    fn packets_of_socket_io_have_a_namespace_an_id_and_attachments() {
        for (text, packet_type, namespace, id, attachments) in [
            ("40", PacketType::Connect, "/", None, 0),
            (r#"40/chat,{"a":1}"#, PacketType::Connect, "/chat", None, 0),
            ("41/chat", PacketType::Disconnect, "/chat", None, 0),
            (r#"42["e"]"#, PacketType::Event, "/", None, 0),
            (r#"4212["e"]"#, PacketType::Event, "/", Some(12), 0),
            (r#"451-/c,7["e",{"_placeholder":true,"num":0}]"#, PacketType::Event, "/c", Some(7), 1),
            ("437[]", PacketType::Ack, "/", Some(7), 0),
            (r#"462-/c,7[]"#, PacketType::Ack, "/c", Some(7), 2),
            (r#"44{"message":"no"}"#, PacketType::ConnectError, "/", None, 0),
        ] {
            let summary = Summary::of(text).unwrap();
            let found = (summary.packet_type, &*summary.namespace, summary.id, summary.attachments);
            assert_eq!(found, (packet_type, namespace, id, attachments), "{text}");
        }
    }

    #[test]
    fn an_event_is_its_name_and_its_arguments() {
        for (text, name, arguments) in [
            (r#"42["move"]"#, Some("move"), "[]"),
            (r#"42["move",1,{"x":"]"}]"#, Some("move"), r#"[1,{"x":"]"}]"#),
            (r#"42[ "move" , 1]"#, Some("move"), "[1]"),
            (r#"42["say \"hi\"\u00e9\\",null]"#, Some("say \"hi\"é\\"), "[null]"),
            ("42[7,1]", Some("7"), "[1]"),
            ("42[-1.5]", Some("-1.5"), "[]"),
            ("42[7\r\n]", Some("7"), "[]"),
            (r#"42["",""]"#, Some(""), r#"[""]"#),
            ("42[null,1]", None, "[null,1]"),
            ("42[[1],2]", None, "[[1],2]"),
            ("42[]", None, "[]"),
            ("42[\"open", None, "[\"open"),
            ("42[\"a\"b]", None, "[\"a\"b]"),
            ("42", None, ""),
        ] {
            let summary = Summary::of(text).unwrap();
            assert_eq!(summary.event.as_deref(), name, "{text}");
            assert_eq!(payload(text), arguments, "{text}");
        }
    }

    #[test]
    fn secrets_are_masked() {
        for (text, shown) in [
            (r#"0{"sid":"secret","pingInterval":300}"#, r#"{"pingInterval":300,"sid":"•••"}"#),
            (r#"0["secret"]"#, r#""•••""#),
            (r#"40{"token":"secret","user":{"id":"secret"}}"#, r#"{"token":"•••","user":"•••"}"#),
            (r#"40/chat,{"sid":"secret","pid":"secret"}"#, r#"{"pid":"•••","sid":"•••"}"#),
            (r#"40[{"sid":"secret"}]"#, r#""•••""#),
            (r#"40{"token":"secret""#, r#""•••""#),
            ("40", ""),
        ] {
            assert_eq!(payload(text), shown, "{text}");
        }
    }

    #[test]
    fn s16_an_offset_is_masked() {
        for (text, shown) in [
            (r#"42["news",1,"offset"]"#, r#"[1,"•••"]"#),
            (r#"42["news", "off\u0073et" ]"#, r#"["•••"]"#),
            (r#"42["news","other"]"#, r#"["other"]"#),
            // The name is none, nor is what the server asks an answer to, or what stands inside.
            (r#"42["offset"]"#, "[]"),
            (r#"421["news","offset"]"#, r#"["offset"]"#),
            (r#"42["news",["offset"]]"#, r#"[["offset"]]"#),
            (r#"42["news",{"a":"offset"}]"#, r#"[{"a":"offset"}]"#),
            (r#"42["news","a\"offset"]"#, r#"["a\"offset"]"#),
            (r#"42["news","\\","offset"]"#, r#"["\\","•••"]"#),
            (r#"43["offset"]"#, r#"["offset"]"#),
        ] {
            assert_eq!(Summary::of(text).unwrap().payload(|last, _| last == "offset"), shown, "{text}");
        }
    }

    #[test]
    fn what_is_no_packet_has_no_summary() {
        for text in ["", "7", "hello", "4", "49", "45", "45-[]", r#"4299999999999999999999["e"]"#] {
            assert_eq!(Summary::of(text), None, "{text}");
        }
    }
}
