//! What the game asks the session to do.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use smol_str::SmolStr;

use crate::polling::binary_len;
use crate::{Endpoint, Limits, TransportName};

/// A namespace's path, beginning with `/`. A short one, as most are, is held without memory of its own: each event has one, and
/// a count of its holders would pass from one processor to another with it.
pub type Namespace = SmolStr;

/// Which `connect_to_url` something belongs to. The game's side counts them; what arrives with an older number
/// belongs to a connection that the game has closed since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// Which join of a namespace something belongs to. It stays the same when the session rejoins by itself after
/// a reconnect, and changes when the game leaves and joins again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JoinId(pub u64);

/// Which session of a namespace something belongs to. Each CONNECT that the server accepts begins one, also when it
/// restores an earlier one (S16): answers to the server do not survive a connection (S12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionNumber(pub u64);

/// Ties the answer of an acknowledged event to the callback that waits for it on the game's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AckToken(pub u64);

/// A call from the game to the session.
#[derive(Debug)]
pub enum Command {
    /// Connects. Ignored while connected or connecting: the game's side checks that first.
    Connect(Connect),
    /// Replaces the settings of the connection. They count from the next attempt on.
    Configure(Settings),
    /// Ends the wait for the next attempt, and counts the attempts anew. Ignored when nothing waits.
    ReconnectNow,
    /// Drops the transport without a DISCONNECT, so that the server can restore the sessions (S16), and stays away
    /// until [`Command::Resume`].
    Pause,
    /// Connects again after [`Command::Pause`], at once.
    Resume,
    /// Joins a namespace, at once or as soon as the engine is open. With the number of the join that the namespace is
    /// in already, it only replaces the auth, which counts from the next CONNECT on.
    Join(Join),
    /// The auth that [`Event::AuthWanted`](crate::Event::AuthWanted) asked for.
    Auth {
        /// The namespace to join.
        namespace: Namespace,
        /// The join that waits for it.
        join: JoinId,
        /// What the CONNECT packet carries: a JSON object, or nothing.
        auth: Option<Box<str>>,
    },
    /// Leaves a namespace. Its pending acks and waiting events are forgotten without an event: the game's side
    /// has told the game already.
    Leave(Namespace),
    /// Sends an event, or keeps it until its namespace is joined.
    Emit(Emit),
    /// Fails every event that waits to be sent and wants an answer: it was emitted before the game heard that the
    /// connection had been given up.
    FailWaiting,
    /// Answers an event for which the server asked an acknowledgement. Dropped when it belongs to an earlier
    /// session (S12).
    Answer {
        /// The namespace of the event.
        namespace: Namespace,
        /// The session in which the event came.
        session: SessionNumber,
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
    /// Where to and how.
    pub settings: Settings,
    /// The namespaces to join as soon as the engine is open, `/` as a rule.
    pub join: Vec<Join>,
}

/// Where and how to connect, at every attempt.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to connect to.
    pub endpoint: Endpoint,
    /// How long the transport and the Engine.IO handshake may take together.
    pub timeout: Duration,
    /// What the server may send.
    pub limits: Limits,
    /// When to try again.
    pub reconnection: Reconnection,
}

/// What to do about a connection that failed or was lost (S2, S3, S4).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reconnection {
    /// Whether to try again at all.
    pub enabled: bool,
    /// How often to try again after a failure or a loss; `None` has no limit.
    pub attempts: Option<u32>,
    /// The time before the first attempt, doubled with each further one.
    pub delay: Duration,
    /// What the delay grows to, before it is randomized.
    pub delay_max: Duration,
    /// By how much a delay may differ from the computed one, as a part of it: 0.5 is from half of it to one and a
    /// half.
    pub randomization_factor: f64,
}

impl Default for Reconnection {
    /// The official client's: no limit, 1 s to 5 s, 0.5.
    fn default() -> Self {
        Self {
            enabled: true,
            attempts: None,
            delay: Duration::from_secs(1),
            delay_max: Duration::from_secs(5),
            randomization_factor: 0.5,
        }
    }
}

/// The wish to be in a namespace.
#[derive(Debug, Clone)]
pub struct Join {
    /// The namespace to join.
    pub namespace: Namespace,
    /// The number of this join.
    pub join: JoinId,
    /// What the CONNECT packet carries.
    pub auth: Auth,
}

/// What a CONNECT packet carries. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub enum Auth {
    /// The same each time: a JSON object, or nothing.
    Fixed(Option<Box<str>>),
    /// A new one each time: [`Event::AuthWanted`](crate::Event::AuthWanted) asks for it.
    Fresh,
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed(None) => "Fixed(None)",
            Self::Fixed(Some(_)) => "Fixed(Some(..))",
            Self::Fresh => "Fresh",
        })
    }
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
    /// What to do when it cannot be sent at once, or is not answered.
    pub delivery: Delivery,
    /// Whether [`Event::Emitted`](crate::Event::Emitted) tells when it is sent.
    pub report: bool,
}

/// How much is done for an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Delivery {
    /// It waits until it can be sent, and is sent once.
    #[default]
    Once,
    /// It is dropped unless it can be sent now (S14).
    Volatile,
    /// It waits for its turn, and is sent again until the server has acknowledged it (S15).
    Retried {
        /// How often to send it again.
        retries: u32,
        /// How long each try waits for the answer, in place of [`AckRequest::timeout`]. `None` waits for as long as
        /// the connection lasts.
        timeout: Option<Duration>,
    },
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
    /// The size of the largest message in which that transport sends the payload, in bytes: the packet, or an attachment,
    /// which long-polling sends in base64 (S21).
    pub fn largest_message(&self, namespace: &str, transport: TransportName) -> usize {
        let packet = self.json.len().saturating_add(namespace.len()).saturating_add(MAX_HEADER);
        let attachment_size = |attachment: &Bytes| match transport {
            TransportName::WebSocket => attachment.len(),
            TransportName::Polling => binary_len(attachment.len()),
        };
        self.attachments.iter().map(attachment_size).fold(packet, usize::max)
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
