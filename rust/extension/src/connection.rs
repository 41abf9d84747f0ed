//! The state of a connection.

use socketio_protocol::ConnectionId;

/// The connection as the game sees it: changed by the game's own calls at once, by the network during a poll.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Connection {
    Disconnected,
    /// From `connect_to_url` to the Engine.IO handshake.
    Connecting(ConnectionId),
    Open {
        id: ConnectionId,
        session_id: String,
        /// The largest message that the server takes, in bytes (S26).
        max_payload: Option<u64>,
        /// Whether the main namespace has been joined or refused.
        settled: bool,
    },
}

impl Connection {
    pub(crate) fn id(&self) -> Option<ConnectionId> {
        match self {
            Self::Disconnected => None,
            Self::Connecting(id) | Self::Open { id, .. } => Some(*id),
        }
    }
}
