//! How a client stands.

use godot::builtin::{GString, VarDictionary, vdict};
use godot::prelude::godot_api;

use super::{ConnectionState, SocketIOClient};
use crate::connection::Connection;
use crate::text;

#[godot_api(secondary)]
impl SocketIOClient {
    /// Returns `true` while the transport is open and the Engine.IO handshake is done.
    #[func]
    fn is_socket_connected(&self) -> bool {
        let Some(core) = self.reach("SocketIOClient.is_socket_connected") else {
            return false;
        };
        core.is_open()
    }

    /// Returns the state of the client. While it waits to reconnect and while it is paused, that is
    /// [constant STATE_CONNECTING].
    #[func]
    pub(crate) fn get_connection_state(&self) -> ConnectionState {
        self.reach("SocketIOClient.get_connection_state")
            .map_or(ConnectionState::Disconnected, |core| core.state())
    }

    /// Returns the URL of the last [method connect_to_url], as it was given.
    #[func]
    fn get_connection_url(&self) -> GString {
        let Some(core) = self.reach("SocketIOClient.get_connection_url") else {
            return GString::new();
        };
        core.destination.borrow().as_ref().map(|given| text::string(&given.url)).unwrap_or_default()
    }

    /// Returns the Engine.IO session id, which is shared by all namespaces. Empty when not connected.
    #[func]
    pub(crate) fn get_engine_io_session_id(&self) -> GString {
        let Some(core) = self.reach("SocketIOClient.get_engine_io_session_id") else {
            return GString::new();
        };
        match &*core.connection.borrow() {
            Connection::Open { engine, .. } if !core.is_away() => text::string(&engine.session_id),
            _ => GString::new(),
        }
    }

    /// Returns the name of the transport in use, `websocket` or `polling`. Empty when not connected.
    ///
    /// A WebSocket is tried first. Where the server or a proxy in between refuses it as such, the client goes on with
    /// HTTP long-polling, and moves to a WebSocket as soon as the server offers one and the way lets it through. Nothing
    /// else differs, but long-polling is slower, and binary data is a third larger on it.
    #[func]
    pub(crate) fn get_transport_name(&self) -> GString {
        let Some(core) = self.reach("SocketIOClient.get_transport_name") else {
            return GString::new();
        };
        match &*core.connection.borrow() {
            Connection::Open { engine, .. } if !core.is_away() => GString::from(engine.transport.as_str()),
            _ => GString::new(),
        }
    }

    /// Returns the last measured round trip to the server in seconds, `-1.0` when unknown. It is measured by a
    /// WebSocket ping when the connection opens and with each heartbeat of the server, and by every request that sends
    /// something on HTTP long-polling.
    #[func]
    pub(crate) fn get_latency(&self) -> f64 {
        let Some(core) = self.reach("SocketIOClient.get_latency") else {
            return -1.0;
        };
        core.latency().map_or(-1.0, |latency| latency.as_secs_f64())
    }

    /// Returns what the client has done since it was made, as a [Dictionary] of [int]s:
    ///
    /// - `events_sent` and `events_received`, without acknowledgements;
    /// - `packets_sent` and `packets_received`, all Engine.IO packets and attachments;
    /// - `bytes_sent` and `bytes_received`, the sizes of these;
    /// - `reconnects`, how often a lost connection was made again;
    /// - `events_waiting_to_send` and `events_waiting_to_dispatch`, the lengths of the two queues now.
    #[func]
    pub(crate) fn get_statistics(&self) -> VarDictionary {
        let Some(core) = self.reach("SocketIOClient.get_statistics") else {
            return VarDictionary::new();
        };
        let statistics = core.worker().map(|worker| worker.statistics()).unwrap_or_default();
        let counters = statistics.counters;
        let int = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        vdict! {
            "events_sent" => int(counters.events_sent),
            "events_received" => int(counters.events_received),
            "packets_sent" => int(counters.packets_sent),
            "packets_received" => int(counters.packets_received),
            "bytes_sent" => int(counters.bytes_sent),
            "bytes_received" => int(counters.bytes_received),
            "reconnects" => int(counters.reconnects),
            "events_waiting_to_send" => int(statistics.outbound.items as u64),
            "events_waiting_to_dispatch" => int(statistics.inbound.items as u64),
        }
    }
}
