//! What a client counts.

use socketio_protocol::session::Counters;

/// What a client has done since it was started, and what waits.
#[derive(Debug, Clone, Copy, Default)]
pub struct Statistics {
    /// Events, packets and bytes each way.
    pub counters: Counters,
    /// What waits to be sent.
    pub outbound: Queue,
    /// What waits for [`Client::try_event`](crate::Client::try_event).
    pub inbound: Queue,
    /// Whether the socket is not being read, because too much waits for the game.
    pub reading_paused: bool,
    /// How often the worker thread has run. A connection on which nothing happens adds nothing to it.
    pub wake_ups: u64,
}

/// What waits in one direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queue {
    /// How many events, or outwards packets, wait. Outwards, events that wait for their namespace are among them.
    pub items: usize,
    /// How many bytes they hold.
    pub bytes: usize,
}
