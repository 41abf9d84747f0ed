//! The enum `SocketIOClient.ConnectionState`.

use super::SocketIOClient;
use crate::enumeration::class_enum;

class_enum! {
    /// The state of a client.
    ConnectionState of SocketIOClient as "SocketIOClient" {
        /// Not connected.
        Disconnected = STATE_DISCONNECTED 0 "The client is not connected, and nothing is being done to connect it.",
        /// Connecting.
        Connecting = STATE_CONNECTING 1 "The client is connecting: the connection is being made, or the server has not answered for the main namespace yet.",
        /// Connected.
        Connected = STATE_CONNECTED 2 "The client is connected.",
    }
}
