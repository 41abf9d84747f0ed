//! What the game asks the session to do.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::Endpoint;

/// A namespace's path, beginning with `/`.
pub type Namespace = Arc<str>;

/// Which `connect_to_url` something belongs to. The game's side counts them; what arrives with an older number
/// belongs to a connection that the game has closed since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// Which join of a namespace something belongs to. It stays the same when the session rejoins by itself after
/// a reconnect, and changes when the game leaves and joins again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JoinId(pub u64);

/// Ties the answer of an acknowledged event to the callback that waits for it on the game's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AckToken(pub u64);

/// A call from the game to the session.
#[derive(Debug)]
pub enum Command {
    /// Connects. Ignored while connected or connecting: the game's side checks that first.
    Connect(Connect),
    /// Joins a namespace, at once or as soon as the engine is open.
    Join(Join),
    /// Leaves a namespace. Its pending acks and waiting events are forgotten without an event: the game's side
    /// has told the game already.
    Leave(Namespace),
    /// Sends an event, or keeps it until its namespace is joined.
    Emit(Emit),
    /// Answers an event for which the server asked an acknowledgement. Dropped when it belongs to an earlier
    /// session (S12).
    Answer {
        /// The namespace of the event.
        namespace: Namespace,
        /// The join in which the event came.
        join: JoinId,
        /// The id that the server gave the event.
        id: u64,
        /// The answer: a JSON array and its attachments.
        payload: Payload,
    },
    /// Leaves every namespace, flushes what was emitted and closes (S23). No event follows.
    Close,
}

/// The start of a connection.
#[derive(Debug)]
pub struct Connect {
    /// The number of this connection.
    pub connection: ConnectionId,
    /// Where to connect to.
    pub endpoint: Endpoint,
    /// The namespaces to join as soon as the engine is open, `/` as a rule.
    pub join: Vec<Join>,
    /// How long the transport and the Engine.IO handshake may take together.
    pub timeout: Duration,
}

/// The wish to be in a namespace.
#[derive(Debug, Clone)]
pub struct Join {
    /// The namespace to join.
    pub namespace: Namespace,
    /// The number of this join.
    pub join: JoinId,
    /// What the CONNECT packet carries: a JSON object, or nothing.
    pub auth: Option<Box<str>>,
}

/// An event to send.
#[derive(Debug)]
pub struct Emit {
    /// The namespace to send it in.
    pub namespace: Namespace,
    /// `["name",arg,...]`.
    pub payload: Payload,
    /// Whether an answer is wanted.
    pub ack: Option<AckRequest>,
}

/// The wish for an acknowledgement.
#[derive(Debug, Clone, Copy)]
pub struct AckRequest {
    /// The callback that waits for the answer.
    pub token: AckToken,
    /// How long to wait for it, from the emit on and also while the event waits to be sent (S11). `None` waits
    /// for as long as the namespace stays joined.
    pub timeout: Option<Duration>,
}

/// The data of an outgoing event or acknowledgement: a JSON array in which each attachment is a placeholder
/// object (S18), and the attachments in the order of their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payload {
    /// The JSON array.
    pub json: String,
    /// The attachments.
    pub attachments: Vec<Bytes>,
}

/// What a packet's header takes at most besides the namespace: types, number of attachments, ack id.
const MAX_HEADER: usize = 32;
/// How much of a payload an error message shows.
const EXCERPT: usize = 80;

impl Payload {
    /// The size of the largest message in which the payload is sent, in bytes: the packet, or an attachment.
    pub fn largest_message(&self, namespace: &str) -> usize {
        let packet = self.json.len().saturating_add(namespace.len()).saturating_add(MAX_HEADER);
        self.attachments.iter().map(Bytes::len).fold(packet, usize::max)
    }

    /// The beginning of the JSON, for an error message.
    pub(crate) fn excerpt(&self) -> String {
        match self.json.char_indices().nth(EXCERPT) {
            None => self.json.clone(),
            Some((end, _)) => format!("{}...", self.json.get(..end).unwrap_or_default()),
        }
    }

    /// The number of bytes that the payload holds.
    pub fn size(&self) -> usize {
        self.attachments
            .iter()
            .fold(self.json.len(), |size, attachment| size.saturating_add(attachment.len()))
    }
}
