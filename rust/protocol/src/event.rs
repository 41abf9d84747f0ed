//! What the session tells the game.

use std::time::Duration;

use smol_str::SmolStr;

use crate::{
    AckToken, ConnectError, ConnectionId, DisconnectReason, JoinId, Namespace, SessionNumber, TransportName,
    Values,
};

/// The name of an event. A short one, as most are, is held without memory of its own.
pub type EventName = SmolStr;

/// Something that happened, for the game. The order of events is the order in which the game must see them.
///
/// `V` is the form in which it carries what the server sent, or the game: [`map`](Event::map) changes it. What is large
/// and rare is in a box: events are moved several times on their way.
#[derive(Debug, Clone, PartialEq)]
pub enum Event<V = Values> {
    /// The Engine.IO handshake is done: the transport is open.
    EngineOpened {
        /// The connection that opened.
        connection: ConnectionId,
        /// The Engine.IO session id.
        session_id: String,
        /// What carries it.
        transport: TransportName,
        /// The largest message that the server takes, in bytes, if it said so (S26).
        max_payload: Option<u64>,
        /// Which attempt succeeded, as [`Event::ReconnectAttempt`] counts them; 0 for the very first try.
        attempt: u32,
    },
    /// The session has moved from long-polling to a WebSocket (S22).
    TransportUpgraded {
        /// The connection.
        connection: ConnectionId,
    },
    /// The connection could not be made.
    ConnectFailed {
        /// The connection that failed.
        connection: ConnectionId,
        /// Which step failed, and what to do.
        error: Box<ConnectError>,
        /// Whether it is tried again. If not, the connection is given up.
        retrying: bool,
    },
    /// An open connection ended. One [`Event::NamespaceLeft`] for each joined namespace follows.
    EngineClosed {
        /// The connection that ended.
        connection: ConnectionId,
        /// Why.
        reason: DisconnectReason,
        /// What exactly happened, for the developer; empty when the game has paused it.
        detail: String,
        /// Whether it is made again. If not, the connection is given up.
        retrying: bool,
    },
    /// The next attempt to connect begins (S4).
    ReconnectAttempt {
        /// The connection.
        connection: ConnectionId,
        /// The number of the attempt since the connection was lost or first failed, from 1.
        attempt: u32,
        /// The time that was waited before it.
        delay: Duration,
    },
    /// The last attempt has failed, and the connection is given up (S4).
    ReconnectFailed {
        /// The connection.
        connection: ConnectionId,
    },
    /// The game does not want another attempt any more, and the connection is given up.
    ReconnectEnded {
        /// The connection.
        connection: ConnectionId,
    },
    /// A namespace with [`Auth::Fresh`](crate::Auth::Fresh) is to be joined: the answer is
    /// [`Command::Auth`](crate::Command::Auth).
    AuthWanted {
        /// The namespace.
        namespace: Namespace,
        /// The join.
        join: JoinId,
    },
    /// The server accepted a namespace, which counts as joined from now on. What the server sent before the reply
    /// follows, and then [`Event::NamespaceJoined`] (S13).
    NamespaceAccepted {
        /// The namespace.
        namespace: Namespace,
        /// The join that was accepted.
        join: JoinId,
        /// The Socket.IO session id.
        session_id: String,
        /// Whether the server restored the session before (S16).
        recovered: bool,
    },
    /// A namespace is joined, and everything that waited for it has been sent: `connected`.
    NamespaceJoined {
        /// The namespace.
        namespace: Namespace,
        /// The join.
        join: JoinId,
    },
    /// The server refused a namespace (CONNECT_ERROR, S6), which is not joined until the game asks again. The failures of
    /// its pending acks follow (S11).
    NamespaceRefused {
        /// The namespace.
        namespace: Namespace,
        /// The join that was refused.
        join: JoinId,
        /// The server's reason.
        error: Box<ConnectError>,
        /// The connection, if it was given up as well because no namespace is left.
        closed: Option<ConnectionId>,
    },
    /// A joined namespace was left, though the game did not ask for it. The failures of its pending acks follow
    /// (S11).
    NamespaceLeft {
        /// The namespace.
        namespace: Namespace,
        /// The join that ended.
        join: JoinId,
        /// Why.
        reason: DisconnectReason,
        /// Whether it is joined again by itself, as the same join.
        rejoining: bool,
    },
    /// The server sent an event.
    Received(Received<V>),
    /// An acknowledgement, or that there will be none. Exactly one for each [`AckToken`], unless the game left
    /// the namespace or closed first.
    Ack {
        /// The callback that waits.
        token: AckToken,
        /// The server's answer, or why there is none.
        answer: Result<V, NoAnswer>,
    },
    /// An event that was to be reported has been sent. With retries each try is.
    Emitted {
        /// The namespace.
        namespace: Namespace,
        /// The event's name.
        name: String,
        /// The event's arguments, as they were sent.
        arguments: V,
    },
    /// An event that the game emitted could not be sent. If it wanted an acknowledgement, [`Event::Ack`] tells of it
    /// as well.
    EmitRefused {
        /// The namespace.
        namespace: Namespace,
        /// The payload that was not sent, as JSON, cut to a length that can be printed.
        payload: String,
        /// Why.
        why: Unsent,
    },
}

impl<V> Event<V> {
    /// The values that it carries.
    pub fn values(&self) -> Option<&V> {
        match self {
            Self::Received(received) => Some(&received.arguments),
            Self::Ack { answer, .. } => answer.as_ref().ok(),
            Self::Emitted { arguments, .. } => Some(arguments),
            _ => None,
        }
    }

    /// The same event with its values in another form.
    pub fn map<U>(self, change: impl FnOnce(V) -> U) -> Event<U> {
        match self {
            Self::Received(received) => Event::Received(received.map(change)),
            Self::Ack { token, answer } => Event::Ack { token, answer: answer.map(change) },
            Self::Emitted { namespace, name, arguments } => {
                Event::Emitted { namespace, name, arguments: change(arguments) }
            }
            Self::EngineOpened { connection, session_id, transport, max_payload, attempt } => {
                Event::EngineOpened { connection, session_id, transport, max_payload, attempt }
            }
            Self::TransportUpgraded { connection } => Event::TransportUpgraded { connection },
            Self::ConnectFailed { connection, error, retrying } => {
                Event::ConnectFailed { connection, error, retrying }
            }
            Self::EngineClosed { connection, reason, detail, retrying } => {
                Event::EngineClosed { connection, reason, detail, retrying }
            }
            Self::ReconnectAttempt { connection, attempt, delay } => {
                Event::ReconnectAttempt { connection, attempt, delay }
            }
            Self::ReconnectFailed { connection } => Event::ReconnectFailed { connection },
            Self::ReconnectEnded { connection } => Event::ReconnectEnded { connection },
            Self::AuthWanted { namespace, join } => Event::AuthWanted { namespace, join },
            Self::NamespaceAccepted { namespace, join, session_id, recovered } => {
                Event::NamespaceAccepted { namespace, join, session_id, recovered }
            }
            Self::NamespaceJoined { namespace, join } => Event::NamespaceJoined { namespace, join },
            Self::NamespaceRefused { namespace, join, error, closed } => {
                Event::NamespaceRefused { namespace, join, error, closed }
            }
            Self::NamespaceLeft { namespace, join, reason, rejoining } => {
                Event::NamespaceLeft { namespace, join, reason, rejoining }
            }
            Self::EmitRefused { namespace, payload, why } => Event::EmitRefused { namespace, payload, why },
        }
    }
}

/// Why there is no answer to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// The time was up.
    TimedOut,
    /// The namespace or the connection ended first.
    Disconnected,
    /// The event could not be sent.
    NotSent,
}

/// Why an event could not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsent {
    /// The server had ended the namespace when the game emitted the event.
    Ended,
    /// The server has not acknowledged it, and nobody waits for its answer (S15).
    Unacknowledged {
        /// How often it was sent.
        tries: u32,
    },
    /// The event waited to be sent, and is larger than the server takes (S26).
    TooLarge {
        /// The bytes of its largest message.
        size: usize,
        /// The bytes that the server takes.
        limit: u64,
    },
}

/// An event from the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Received<V = Values> {
    /// The namespace it came in.
    pub namespace: Namespace,
    /// The join it came in.
    pub join: JoinId,
    /// The session it came in.
    pub session: SessionNumber,
    /// The event's name.
    pub name: EventName,
    /// The event's arguments.
    pub arguments: V,
    /// The id to answer with, when the server asked for an acknowledgement.
    pub ack: Option<u64>,
}

impl<V> Received<V> {
    /// The same event with its arguments in another form.
    pub fn map<U>(self, change: impl FnOnce(V) -> U) -> Received<U> {
        let Self { namespace, join, session, name, arguments, ack } = self;
        Received { namespace, join, session, name, arguments: change(arguments), ack }
    }
}
