//! The states of the connection, before the Engine.IO handshake, after it and between two of them, and all ways
//! between these.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::Closing;
use super::namespace::EngineState;
use crate::engine::{EnginePacket, Handshake};
use crate::{ConnectError, ConnectErrorCode, ConnectionId, DisconnectReason};

/// The connection. Each method is one thing that can happen to it, makes the transition, and returns what the
/// session has to do about it.
#[derive(Debug)]
pub(super) enum Connection {
    /// Not connected.
    Idle,
    /// The transport is being opened.
    Opening { id: ConnectionId, deadline: Option<Instant> },
    /// The transport is open, the Engine.IO handshake has not come.
    Opened { id: ConnectionId, deadline: Option<Instant> },
    /// The engine is open, for as long as a heartbeat comes before the deadline (S7).
    Open { id: ConnectionId, patience: Duration, deadline: Option<Instant> },
    /// There is no transport until the next attempt (S2).
    Waiting { id: ConnectionId, until: Option<Instant> },
    /// There is no transport until the game resumes.
    Paused { id: ConnectionId },
}

/// What the session has to do after something happened to the connection.
#[derive(Debug)]
pub(super) enum Step<'a> {
    /// Nothing.
    Nothing,
    /// The engine is open: join the namespaces.
    Opened(ConnectionId, Handshake),
    /// Answer a heartbeat.
    Heartbeat,
    /// Read a Socket.IO packet.
    Message(&'a str),
    /// End the connection: that text is not what a Socket.IO server sends.
    Strange(&'a str),
    /// Read an attachment.
    Attachment(Bytes),
    /// Make the next attempt.
    Retry(ConnectionId),
    /// Connecting failed. The transport is gone when `closing` is `None`.
    Failed { id: ConnectionId, error: ConnectError, closing: Option<Closing> },
    /// The open connection ended. The transport is gone when `closing` is `None`.
    Lost { id: ConnectionId, reason: DisconnectReason, detail: String, closing: Option<Closing> },
}

impl Connection {
    /// The time of the next [`expired`](Self::expired).
    pub(super) fn deadline(&self) -> Option<Instant> {
        match *self {
            Self::Idle | Self::Paused { .. } => None,
            Self::Waiting { until, .. } => until,
            Self::Opening { deadline, .. } | Self::Opened { deadline, .. } | Self::Open { deadline, .. } => {
                deadline
            }
        }
    }

    /// Whether there is a transport, open or being opened.
    pub(super) fn has_transport(&self) -> bool {
        matches!(self, Self::Opening { .. } | Self::Opened { .. } | Self::Open { .. })
    }

    /// The connection whose Engine.IO handshake is done.
    pub(super) fn open_id(&self) -> Option<ConnectionId> {
        if let Self::Open { id, .. } = *self { Some(id) } else { None }
    }

    /// Whether the Engine.IO handshake is done.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }

    /// What a namespace that is to be joined has to wait for.
    pub(super) fn engine_state(&self) -> EngineState {
        match self {
            Self::Idle => EngineState::Idle,
            Self::Opening { .. } | Self::Opened { .. } | Self::Waiting { .. } | Self::Paused { .. } => {
                EngineState::Opening
            }
            Self::Open { .. } => EngineState::Open,
        }
    }

    /// The connection that waits for its next attempt.
    pub(super) fn waiting(&self) -> Option<ConnectionId> {
        if let Self::Waiting { id, .. } = *self { Some(id) } else { None }
    }

    /// The connection that the game has paused.
    pub(super) fn paused(&self) -> Option<ConnectionId> {
        if let Self::Paused { id } = *self { Some(id) } else { None }
    }

    /// A transport is asked for, where there is none.
    pub(super) fn open(&mut self, now: Instant, id: ConnectionId, timeout: Duration) {
        *self = Self::Opening { id, deadline: now.checked_add(timeout) };
    }

    /// The next attempt is to be made after `delay`.
    pub(super) fn wait(&mut self, now: Instant, id: ConnectionId, delay: Duration) {
        *self = Self::Waiting { id, until: now.checked_add(delay) };
    }

    /// There is to be no attempt until the game resumes.
    pub(super) fn pause(&mut self, id: ConnectionId) {
        *self = Self::Paused { id };
    }

    /// The game or the session closes it. Returns how to close the transport, if there is one.
    pub(super) fn close(&mut self) -> Option<(ConnectionId, Option<Closing>)> {
        match std::mem::replace(self, Self::Idle) {
            Self::Idle => None,
            Self::Waiting { id, .. } | Self::Paused { id } => Some((id, None)),
            Self::Opening { id, .. } | Self::Opened { id, .. } => Some((id, Some(Closing::Abort))),
            Self::Open { id, .. } => Some((id, Some(Closing::Flush))),
        }
    }

    /// The transport is open.
    pub(super) fn opened(&mut self) {
        if let Self::Opening { id, deadline } = *self {
            *self = Self::Opened { id, deadline };
        }
    }

    /// The transport could not be opened.
    pub(super) fn failed(&mut self, error: ConnectError) -> Step<'static> {
        if !self.has_transport() {
            return Step::Nothing;
        }
        match std::mem::replace(self, Self::Idle) {
            Self::Idle | Self::Waiting { .. } | Self::Paused { .. } => Step::Nothing,
            Self::Opening { id, .. } | Self::Opened { id, .. } => Step::Failed { id, error, closing: None },
            Self::Open { id, .. } => Step::Lost {
                id,
                reason: DisconnectReason::TransportError,
                detail: error.message,
                closing: None,
            },
        }
    }

    /// The transport closed.
    pub(super) fn closed(&mut self, reason: DisconnectReason, detail: String) -> Step<'static> {
        if !self.has_transport() {
            return Step::Nothing;
        }
        let (id, error) = match std::mem::replace(self, Self::Idle) {
            Self::Idle | Self::Waiting { .. } | Self::Paused { .. } => return Step::Nothing,
            Self::Open { id, .. } => return Step::Lost { id, reason, detail, closing: None },
            Self::Opening { id, .. } => {
                let message = format!("The connection was closed before it was open{}.", aside(&detail));
                (id, ConnectError::new(ConnectErrorCode::Unknown, message))
            }
            Self::Opened { id, .. } => {
                let message = format!(
                    "The server closed the WebSocket before the Socket.IO handshake{}. Check that the URL's \
                     host, port and path are those of a Socket.IO server, version 3 or later.",
                    aside(&detail)
                );
                (id, ConnectError::new(ConnectErrorCode::NotSocketIo, message))
            }
        };
        Step::Failed { id, error, closing: None }
    }

    /// A text message came.
    pub(super) fn text<'a>(&mut self, now: Instant, text: &'a str) -> Step<'a> {
        match *self {
            Self::Idle | Self::Opening { .. } | Self::Waiting { .. } | Self::Paused { .. } => Step::Nothing,
            Self::Opened { id, .. } => self.handshake(now, id, text),
            Self::Open { id, patience, .. } => match EnginePacket::decode(text) {
                Some(EnginePacket::Message(packet)) => Step::Message(packet),
                Some(EnginePacket::Ping) => {
                    *self = Self::Open { id, patience, deadline: now.checked_add(patience) };
                    Step::Heartbeat
                }
                Some(EnginePacket::Ignored) => Step::Nothing,
                Some(EnginePacket::Close) => {
                    self.lose(id, DisconnectReason::TransportClose, "the server ended the session")
                }
                Some(EnginePacket::Open(_)) => {
                    self.lose(id, DisconnectReason::TransportError, "the server sent a second open packet")
                }
                None => Step::Strange(text),
            },
        }
    }

    /// A text message was no Engine.IO packet, or the first one no open packet. This is its beginning.
    pub(super) fn strange(&mut self, quoted: &str) -> Step<'static> {
        match *self {
            Self::Opened { id, .. } => self.not_socket_io(id, format!("its first message was {quoted}")),
            Self::Open { id, .. } => {
                let detail = format!("the server sent {quoted}, which is no Engine.IO packet");
                self.lose(id, DisconnectReason::TransportError, detail)
            }
            _ => Step::Nothing,
        }
    }

    /// A binary message came.
    pub(super) fn binary(&mut self, bytes: Bytes) -> Step<'static> {
        match *self {
            Self::Idle | Self::Opening { .. } | Self::Waiting { .. } | Self::Paused { .. } => Step::Nothing,
            Self::Opened { id, .. } => self.not_socket_io(id, "its first message was binary"),
            Self::Open { .. } => Step::Attachment(bytes),
        }
    }

    /// The session found a packet that breaks the protocol (S19).
    pub(super) fn parse_error(&mut self, detail: impl Into<String>) -> Step<'static> {
        match *self {
            Self::Open { id, .. } => self.lose(id, DisconnectReason::ParseError, detail),
            _ => Step::Nothing,
        }
    }

    /// Time passed, perhaps past the deadline.
    pub(super) fn expired(&mut self, now: Instant) -> Step<'static> {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return Step::Nothing;
        }
        let closing = Some(Closing::Abort);
        let (id, message) = match std::mem::replace(self, Self::Idle) {
            Self::Idle | Self::Paused { .. } => return Step::Nothing,
            Self::Waiting { id, .. } => return Step::Retry(id),
            Self::Opening { id, .. } => (
                id,
                "The server did not answer in time. Check the URL's host and port, and that no firewall is in the \
                 way.",
            ),
            Self::Opened { id, .. } => (
                id,
                "The server opened the WebSocket, but did not send the Socket.IO handshake in time. Check that \
                 the URL's host, port and path are those of a Socket.IO server.",
            ),
            Self::Open { id, patience, .. } => {
                let detail = format!("no heartbeat for {} s", patience.as_secs_f32());
                return Step::Lost { id, reason: DisconnectReason::PingTimeout, detail, closing };
            }
        };
        Step::Failed { id, error: ConnectError::new(ConnectErrorCode::Timeout, message), closing }
    }

    /// Whether the peer has been silent for too long, looked at before the deadline was (S7).
    pub(super) fn heartbeat_expired(&mut self, now: Instant) -> Step<'static> {
        if let Self::Open { .. } = self { self.expired(now) } else { Step::Nothing }
    }

    fn handshake<'a>(&mut self, now: Instant, id: ConnectionId, text: &'a str) -> Step<'a> {
        let Some(EnginePacket::Open(json)) = EnginePacket::decode(text) else {
            return Step::Strange(text);
        };
        match Handshake::parse(json) {
            Ok(handshake) => {
                let patience = handshake.patience;
                *self = Self::Open { id, patience, deadline: now.checked_add(patience) };
                Step::Opened(id, handshake)
            }
            Err(error) => self.not_socket_io(id, error.to_string()),
        }
    }

    fn not_socket_io(&mut self, id: ConnectionId, reason: impl AsRef<str>) -> Step<'static> {
        *self = Self::Idle;
        let message = format!(
            "The WebSocket server that answered does not speak Socket.IO: {}. Check that the URL's host, port and \
             path are those of a Socket.IO server, version 3 or later.",
            reason.as_ref()
        );
        let error = ConnectError::new(ConnectErrorCode::NotSocketIo, message);
        Step::Failed { id, error, closing: Some(Closing::Flush) }
    }

    fn lose(
        &mut self,
        id: ConnectionId,
        reason: DisconnectReason,
        detail: impl Into<String>,
    ) -> Step<'static> {
        *self = Self::Idle;
        Step::Lost { id, reason, detail: detail.into(), closing: Some(Closing::Flush) }
    }
}

fn aside(detail: &str) -> String {
    if detail.is_empty() { String::new() } else { format!(" ({detail})") }
}
