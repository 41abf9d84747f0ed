//! The transports of Engine.IO.

use std::fmt;

/// A way to carry the packets of a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TransportName {
    /// One WebSocket.
    #[default]
    WebSocket,
    /// HTTP long-polling (S21): one GET at a time to receive, one POST at a time to send.
    Polling,
}

impl TransportName {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
            Self::Polling => "polling",
        }
    }
}

impl fmt::Display for TransportName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
