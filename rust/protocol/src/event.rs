//! What the session tells the game.

use crate::{AckToken, ConnectError, ConnectionId, DisconnectReason, JoinId, Namespace, Values};

/// Something that happened, for the game. The order of events is the order in which the game must see them.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The Engine.IO handshake is done: the transport is open.
    EngineOpened {
        /// The connection that opened.
        connection: ConnectionId,
        /// The Engine.IO session id.
        session_id: String,
        /// The largest message that the server takes, in bytes, if it said so (S26).
        max_payload: Option<u64>,
    },
    /// The connection could not be made, and is given up.
    ConnectFailed {
        /// The connection that failed.
        connection: ConnectionId,
        /// Which step failed, and what to do.
        error: ConnectError,
    },
    /// An open connection ended. One [`Event::NamespaceLeft`] for each joined namespace follows.
    EngineClosed {
        /// The connection that ended.
        connection: ConnectionId,
        /// Why.
        reason: DisconnectReason,
        /// What exactly happened, for the developer; empty when there is nothing to add to the reason.
        detail: String,
    },
    /// The server accepted a namespace.
    NamespaceJoined {
        /// The namespace.
        namespace: Namespace,
        /// The join that was accepted.
        join: JoinId,
        /// The Socket.IO session id.
        session_id: String,
    },
    /// The server refused a namespace (CONNECT_ERROR, S6), which is not joined until the game asks again.
    NamespaceRefused {
        /// The namespace.
        namespace: Namespace,
        /// The join that was refused.
        join: JoinId,
        /// The server's reason.
        error: ConnectError,
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
    },
    /// The server sent an event.
    Received(Received),
    /// An acknowledgement, or that there will be none. Exactly one for each [`AckToken`], unless the game left
    /// the namespace or closed first.
    Ack {
        /// The callback that waits.
        token: AckToken,
        /// The server's answer; `None` when the time is up or the connection was lost first.
        answer: Option<Values>,
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

/// Why an event could not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsent {
    /// The server had ended the namespace when the game emitted the event.
    Ended,
    /// The event waited for its namespace, and is larger than the server takes (S26).
    TooLarge {
        /// The bytes of its largest message.
        size: usize,
        /// The bytes that the server takes.
        limit: u64,
    },
}

/// An event from the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// The namespace it came in.
    pub namespace: Namespace,
    /// The join it came in.
    pub join: JoinId,
    /// The event's name.
    pub name: String,
    /// The event's arguments.
    pub arguments: Values,
    /// The id to answer with, when the server asked for an acknowledgement.
    pub ack: Option<u64>,
}
