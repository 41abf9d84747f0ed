//! Why connecting failed, and why a connection ended.

use std::fmt;
use std::time::Duration;

use crate::{Namespace, Values};

/// The step that failed while connecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum ConnectErrorCode {
    /// None of the others.
    Unknown = 0,
    /// The host's name could not be resolved.
    Dns = 1,
    /// The host refused the TCP connection: nothing listens on the port.
    Refused = 2,
    /// The host or its network cannot be reached.
    Unreachable = 3,
    /// The TLS handshake failed, or the certificate was refused.
    Tls = 4,
    /// The server answered the WebSocket handshake with an HTTP status other than 101.
    HttpStatus = 5,
    /// Something answered that does not speak Engine.IO.
    NotSocketIo = 6,
    /// The server speaks another version of the protocol.
    UnsupportedVersion = 7,
    /// The server refused the namespace (CONNECT_ERROR).
    NamespaceRefused = 8,
    /// The connection was not ready in time.
    Timeout = 9,
    /// The server broke the protocol while connecting.
    Protocol = 10,
}

/// Why a connection or a namespace could not be made.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectError {
    /// The step that failed.
    pub code: ConnectErrorCode,
    /// What happened and what a game developer can do about it, in one or two sentences.
    pub message: String,
    /// The namespace that was refused.
    pub namespace: Option<Namespace>,
    /// The HTTP status that the server answered with.
    pub http_status: Option<u16>,
    /// The time that the server asked to wait before the next try (`Retry-After`).
    pub retry_after: Option<Duration>,
    /// What the server sent along: CONNECT_ERROR's `data`, one value.
    pub data: Option<Values>,
}

impl ConnectError {
    /// An error with a message and nothing else.
    pub fn new(code: ConnectErrorCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message, namespace: None, http_status: None, retry_after: None, data: None }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConnectError {}

/// Why a namespace or a connection ended: the official client's strings (S5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisconnectReason {
    /// The server ended the namespace with a DISCONNECT packet.
    IoServerDisconnect,
    /// The game left.
    IoClientDisconnect,
    /// No heartbeat in time (S7).
    PingTimeout,
    /// Closed by the peer or the network.
    TransportClose,
    /// A WebSocket error after the open, or a packet that is not Engine.IO.
    TransportError,
    /// A packet that is not Socket.IO (S19).
    ParseError,
}

impl DisconnectReason {
    /// The official client's string.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IoServerDisconnect => "io server disconnect",
            Self::IoClientDisconnect => "io client disconnect",
            Self::PingTimeout => "ping timeout",
            Self::TransportClose => "transport close",
            Self::TransportError => "transport error",
            Self::ParseError => "parse error",
        }
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
