//! A client of the game and its namespaces, as they stand.

use super::meter::Meter;

/// The state of a client or a namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::editor) enum State {
    #[default]
    Disconnected,
    Connecting,
    Connected,
}

/// A client as the game reported it last.
#[derive(Clone, Debug, Default)]
pub(in crate::editor) struct Client {
    /// Its number in the game.
    pub number: i64,
    pub url: String,
    pub state: State,
    pub transport: String,
    /// Masked by the game.
    pub session_id: String,
    /// The last round trip in seconds.
    pub latency: Option<f64>,
    /// What the inspector adds to it, in seconds.
    pub added_latency: f64,
    pub reconnects: u64,
    pub bytes_waiting_to_send: u64,
    pub bytes_waiting_to_dispatch: u64,
    pub reading_paused: bool,
    /// The longest dispatch of a frame, in microseconds.
    pub dispatch_usec: u64,
    pub namespaces: Vec<Namespace>,
    pub meter: Meter,
}

/// A namespace as the game reported it last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::editor) struct Namespace {
    pub path: String,
    pub state: State,
    /// Masked by the game.
    pub session_id: String,
    pub recovered: bool,
    /// Since the inspector watches.
    pub events_received: u64,
    /// Since the inspector watches.
    pub events_emitted: u64,
}

impl State {
    /// The state of that number in `SocketIOClient.ConnectionState` and `SocketIONamespace.ConnectionState`.
    pub(in crate::editor) fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Disconnected),
            1 => Some(Self::Connecting),
            2 => Some(Self::Connected),
            _ => None,
        }
    }

    pub(in crate::editor) fn as_str(self) -> &'static str {
        match self {
            Self::Disconnected => "Disconnected",
            Self::Connecting => "Connecting",
            Self::Connected => "Connected",
        }
    }
}
