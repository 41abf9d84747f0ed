//! The enum `SocketIONamespace.ConnectionState`.

use super::SocketIONamespace;
use crate::enumeration::class_enum;

class_enum! {
    /// The state of a namespace.
    ConnectionState of SocketIONamespace as "SocketIONamespace" {
        /// Not joined.
        Disconnected = STATE_DISCONNECTED 0 "The namespace is not joined, and nothing is being done to join it.",
        /// Joining.
        Connecting = STATE_CONNECTING 1 "The namespace is being joined: the server has not answered yet, or the client is still connecting.",
        /// Joined.
        Connected = STATE_CONNECTED 2 "The namespace is joined.",
    }
}
