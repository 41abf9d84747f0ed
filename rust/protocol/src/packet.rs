//! Socket.IO packets: `<type>[<attachments>-][<namespace>,][<id>][json]` (S18, S19).

use std::borrow::Cow;
use std::fmt::{self, Write};

use smol_str::ToSmolStr;

use crate::EventName;
use crate::collisions;
use crate::values::{JsonError, Node, Values};

/// The event names that a server refuses (S10): both sides emit them locally.
pub const RESERVED_NAMES: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// Whether an event must not have that name (S10).
pub fn is_reserved(name: &str) -> bool {
    RESERVED_NAMES.contains(&name)
}

/// A packet's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `0`: the wish to join a namespace, and the server's consent.
    Connect,
    /// `1`: the end of a namespace.
    Disconnect,
    /// `2`, and `5` with attachments.
    Event,
    /// `3`, and `6` with attachments.
    Ack,
    /// `4`: the server refuses a namespace.
    ConnectError,
}

/// What stands before a packet's JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header<'a> {
    /// The type.
    pub kind: Kind,
    /// How many attachments follow.
    pub attachments: usize,
    /// The namespace.
    pub namespace: Cow<'a, str>,
    /// Ties an acknowledgement to its event.
    pub id: Option<u64>,
}

impl<'a> Header<'a> {
    /// A header without attachments and id.
    pub fn new(kind: Kind, namespace: &'a str) -> Self {
        Self { kind, attachments: 0, namespace: Cow::Borrowed(namespace), id: None }
    }

    /// Appends the header to a text.
    pub fn encode(&self, text: &mut String) {
        let binary = self.attachments > 0;
        text.push(match self.kind {
            Kind::Connect => '0',
            Kind::Disconnect => '1',
            Kind::Event if binary => '5',
            Kind::Event => '2',
            Kind::Ack if binary => '6',
            Kind::Ack => '3',
            Kind::ConnectError => '4',
        });
        // Writing to a String cannot fail.
        if binary {
            let _ = write!(text, "{}-", self.attachments);
        }
        if self.namespace != "/" {
            text.push_str(&self.namespace);
            text.push(',');
        }
        if let Some(id) = self.id {
            let _ = write!(text, "{id}");
        }
    }

    /// Splits a packet into its header and its JSON, which is empty where there is none.
    ///
    /// # Errors
    /// When the header breaks a rule of S19.
    pub fn decode(packet: &'a str) -> Result<(Self, &'a str), PacketError> {
        let mut rest = packet.chars();
        let (kind, binary) = match rest.next() {
            Some('0') => (Kind::Connect, false),
            Some('1') => (Kind::Disconnect, false),
            Some('2') => (Kind::Event, false),
            Some('3') => (Kind::Ack, false),
            Some('4') => (Kind::ConnectError, false),
            Some('5') => (Kind::Event, true),
            Some('6') => (Kind::Ack, true),
            other => return Err(PacketError::UnknownType(other)),
        };
        let mut rest = rest.as_str();
        let mut attachments = 0;
        if binary {
            let (count, after) = split_digits(rest);
            attachments = count.parse().map_err(|_| PacketError::AttachmentCount)?;
            rest = after.strip_prefix('-').ok_or(PacketError::AttachmentCount)?;
            if attachments == 0 {
                return Err(PacketError::NoAttachments);
            }
        }
        let mut namespace = "/";
        if rest.starts_with('/') {
            (namespace, rest) = rest.split_once(',').unwrap_or((rest, ""));
        }
        let (digits, json) = split_digits(rest);
        let id = if digits.is_empty() { None } else { Some(digits.parse().map_err(|_| PacketError::AckId)?) };
        Ok((Self { kind, attachments, namespace: Cow::Borrowed(namespace), id }, json))
    }
}

/// A packet from the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Packet<'a> {
    /// The namespace.
    pub namespace: Cow<'a, str>,
    /// What it says.
    pub content: Content,
}

/// What a packet from the server says.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// The namespace is joined.
    Connect {
        /// The Socket.IO session id. Servers of version 2 send none.
        session_id: Option<String>,
        /// What the session can be restored with, if the server does that (S16). It is secret.
        private_id: Option<String>,
    },
    /// The server ends the namespace.
    Disconnect,
    /// An event.
    Event {
        /// The id to answer with, when an acknowledgement is wanted.
        id: Option<u64>,
        /// The name.
        name: EventName,
        /// What follows the name.
        arguments: Values,
    },
    /// The answer to an event.
    Ack {
        /// The id that the event was sent with.
        id: u64,
        /// The answer.
        arguments: Values,
    },
    /// The server refuses the namespace.
    ConnectError {
        /// The server's words; empty when it gave none.
        message: String,
        /// Whatever it sent along.
        data: Option<Values>,
    },
}

impl Content {
    /// Reads a packet's JSON as what its header announces, into the memory of spare values. The attachments may follow
    /// later.
    ///
    /// # Errors
    /// When the JSON breaks a rule of S19.
    pub fn decode(header: &Header<'_>, json: &str, spare: Values) -> Result<Self, PacketError> {
        // The parser skips white space; the protocol has none, and the official parser takes it for an id.
        if json.starts_with(char::is_whitespace) {
            return Err(PacketError::Payload(header.kind));
        }
        let payload = match (header.kind, json) {
            (Kind::Connect, "") => return Ok(Self::Connect { session_id: None, private_id: None }),
            (Kind::Disconnect, "") => return Ok(Self::Disconnect),
            (kind, "") | (kind @ Kind::Disconnect, _) => return Err(PacketError::Payload(kind)),
            _ => spare.replaced_by_json(json, header.attachments).map_err(PacketError::Json)?,
        };
        if collisions::has_too_many(&payload) {
            return Err(PacketError::CollidingKeys);
        }
        let content = match header.kind {
            Kind::Connect => connect(payload),
            Kind::Event => return event(header.id, payload),
            Kind::Ack => {
                let id = header.id.ok_or(PacketError::AckWithoutId)?;
                payload.into_elements().map(|arguments| Self::Ack { id, arguments })
            }
            Kind::ConnectError => connect_error(payload),
            Kind::Disconnect => None,
        };
        content.ok_or(PacketError::Payload(header.kind))
    }

    /// Adds the next attachment to the values that refer to it.
    pub(crate) fn push_attachment(&mut self, attachment: bytes::Bytes) {
        match self {
            Self::Event { arguments, .. } | Self::Ack { arguments, .. } => {
                arguments.push_attachment(attachment);
            }
            Self::Connect { .. } | Self::Disconnect | Self::ConnectError { .. } => {}
        }
    }
}

/// Why a packet is none (S19).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PacketError {
    /// The first character is no packet type; `None` for an empty packet.
    UnknownType(Option<char>),
    /// The number of attachments is no number.
    AttachmentCount,
    /// A packet type for attachments, without any.
    NoAttachments,
    /// More attachments than allowed.
    TooManyAttachments {
        /// How many the packet announced.
        count: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// The id does not fit 64 bits.
    AckId,
    /// An acknowledgement of nothing.
    AckWithoutId,
    /// The payload is not JSON.
    Json(JsonError),
    /// The payload is not what packets of that kind carry.
    Payload(Kind),
    /// Too many keys of one object have the same hash in Godot.
    CollidingKeys,
    /// A name that only the two sides themselves may emit.
    ReservedName(EventName),
    /// A text came while attachments were expected.
    AttachmentsMissing {
        /// How many were still to come.
        missing: usize,
    },
    /// Two heartbeats came, and no attachment.
    AttachmentsLate {
        /// How many were still to come.
        missing: usize,
    },
    /// Binary data came while no attachment was expected.
    UnexpectedAttachment,
    /// Too many events came before the CONNECT reply.
    TooEarly {
        /// The number of bytes allowed.
        limit: usize,
    },
    /// The packet and its attachments are larger than allowed.
    TooLarge {
        /// The number of bytes allowed.
        limit: usize,
    },
}

impl fmt::Display for PacketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownType(None) => f.write_str("the server sent an empty packet"),
            Self::UnknownType(Some(other)) => {
                write!(f, "the server sent a packet of the unknown type {other:?}")
            }
            Self::AttachmentCount => {
                f.write_str("the server sent a packet whose number of attachments is not a number")
            }
            Self::NoAttachments => f.write_str("the server sent a binary packet without attachments"),
            Self::TooManyAttachments { count, limit } => {
                write!(f, "the server sent a packet with {count} attachments, but only {limit} are allowed")
            }
            Self::AckId => f.write_str("the server sent a packet whose id does not fit 64 bits"),
            Self::AckWithoutId => f.write_str("the server sent an acknowledgement without an id"),
            Self::Json(error) => write!(f, "the server sent a payload that cannot be read: {error}"),
            Self::Payload(kind) => f.write_str(match kind {
                Kind::Connect => "the server sent a CONNECT whose payload is not an object",
                Kind::Disconnect => "the server sent a DISCONNECT with a payload",
                Kind::Event => {
                    "the server sent an event whose payload is not an array that begins with a name"
                }
                Kind::Ack => "the server sent an acknowledgement whose payload is not an array",
                Kind::ConnectError => "the server sent a CONNECT_ERROR that is neither a text nor an object",
            }),
            Self::CollidingKeys => {
                f.write_str("the server sent an object whose keys were chosen to have the same hash")
            }
            Self::ReservedName(name) => write!(f, "the server sent an event of the reserved name \"{name}\""),
            Self::AttachmentsMissing { missing } => {
                write!(f, "the server sent another packet while {missing} attachments were still to come")
            }
            Self::AttachmentsLate { missing } => {
                write!(f, "the server did not send {missing} attachments that it had announced")
            }
            Self::UnexpectedAttachment => {
                f.write_str("the server sent binary data that belongs to no packet")
            }
            Self::TooEarly { limit } => write!(
                f,
                "the server sent more than {limit} bytes of events before it accepted the namespace"
            ),
            Self::TooLarge { limit } => write!(
                f,
                "the server sent a packet larger than {limit} bytes; raise max_payload_size if it should"
            ),
        }
    }
}

impl std::error::Error for PacketError {}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// The consent to a join. Blazium's servers put the object into an array.
fn connect(payload: Values) -> Option<Content> {
    let object = match payload.nodes().first()? {
        Node::Object(_) => payload,
        Node::Array(1) => payload.into_elements()?,
        _ => return None,
    };
    if !matches!(object.nodes().first()?, Node::Object(_)) {
        return None;
    }
    // An empty one is none, as for the official client.
    let field = |name| object.string_field(name).filter(|text| !text.is_empty()).map(str::to_owned);
    Some(Content::Connect { session_id: field("sid"), private_id: field("pid") })
}

fn event(id: Option<u64>, payload: Values) -> Result<Content, PacketError> {
    let malformed = PacketError::Payload(Kind::Event);
    let Some(mut arguments) = payload.into_elements() else { return Err(malformed) };
    if arguments.is_empty() {
        return Err(malformed);
    }
    let name = match arguments.split_first() {
        Some(Node::String(span)) => arguments.text(span).into(),
        Some(Node::Int(number)) => number.to_smolstr(),
        Some(Node::Float(number)) => number.to_smolstr(),
        _ => return Err(malformed),
    };
    if is_reserved(&name) {
        return Err(PacketError::ReservedName(name));
    }
    Ok(Content::Event { id, name, arguments })
}

/// python-socketio refuses with a bare text.
fn connect_error(payload: Values) -> Option<Content> {
    match *payload.nodes().first()? {
        Node::String(span) => {
            Some(Content::ConnectError { message: payload.text(span).to_owned(), data: None })
        }
        Node::Object(_) => {
            let message = payload.string_field("message").unwrap_or_default().to_owned();
            Some(Content::ConnectError { message, data: payload.into_field("data") })
        }
        _ => None,
    }
}
