//! Latency that a developer adds to a connection, to see how the game copes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use socketio_protocol::Frame;
use socketio_protocol::engine::{EnginePacket, PONG};

use crate::transport::{Incoming, Outgoing, Transport};

/// The most that can be added.
pub const MAX_ADDED_LATENCY: Duration = Duration::from_secs(10);
/// How many bytes of what has come may be held back, until nothing more is read.
const MAX_HELD: usize = 16 << 20;
/// What something that is held back takes besides its data.
const OVERHEAD: usize = size_of::<Held<Incoming>>();

/// Holds back what passes, half of the added time each way and in its order.
///
/// What the engine says of itself passes at once: a heartbeat that is late by our own doing must not end the connection.
pub(crate) struct AddedLatency {
    added: Duration,
    incoming: VecDeque<Held<Incoming>>,
    outgoing: VecDeque<Held<Outgoing>>,
    /// The bytes of both.
    incoming_bytes: usize,
    outgoing_bytes: usize,
    /// The connection has ended, which the session learns after what came before.
    has_ended: bool,
}

struct Held<T> {
    item: T,
    due: Instant,
}

impl AddedLatency {
    pub(crate) fn new() -> Self {
        Self {
            added: Duration::ZERO,
            incoming: VecDeque::new(),
            outgoing: VecDeque::new(),
            incoming_bytes: 0,
            outgoing_bytes: 0,
            has_ended: false,
        }
    }

    /// Adds so much to the round trip from now on, in place of what was added before. With nothing, what is held back
    /// passes at once.
    pub(crate) fn set(&mut self, added: Duration, now: Instant) {
        self.added = added.min(MAX_ADDED_LATENCY);
        // Nobody waits longer than the new time.
        let latest = now + self.added / 2;
        self.incoming.iter_mut().for_each(|held| held.due = held.due.min(latest));
        self.outgoing.iter_mut().for_each(|held| held.due = held.due.min(latest));
    }

    /// Whether nothing is added and nothing held back any more.
    pub(crate) fn is_over(&self) -> bool {
        self.added.is_zero() && self.incoming.is_empty() && self.outgoing.is_empty()
    }

    /// Passes something on to the transport, at once or later.
    pub(crate) fn queue(&mut self, outgoing: Outgoing, transport: &mut Transport, now: Instant) {
        if passes_out_at_once(&outgoing) {
            transport.queue(outgoing);
            return;
        }
        self.outgoing_bytes = self.outgoing_bytes.saturating_add(frame_len(&outgoing));
        self.outgoing.push_back(Held { item: outgoing, due: now + self.added / 2 });
    }

    /// Passes on to the transport what has been held back for long enough.
    pub(crate) fn release(&mut self, transport: &mut Transport, now: Instant) {
        while self.outgoing.front().is_some_and(|held| now >= held.due) {
            self.release_one(transport);
        }
    }

    /// Passes on to the transport everything that is held back, because the connection is closed.
    pub(crate) fn release_all(&mut self, transport: &mut Transport) {
        while !self.outgoing.is_empty() {
            self.release_one(transport);
        }
    }

    /// Takes what has been held back for long enough, or else reads one message from the transport.
    pub(crate) fn read(&mut self, transport: &mut Transport, now: Instant) -> Incoming {
        if self.has_due(now)
            && let Some(held) = self.incoming.pop_front()
        {
            self.incoming_bytes = self.incoming_bytes.saturating_sub(cost(&held.item));
            return held.item;
        }
        if !self.may_read() {
            return Incoming::Blocked;
        }
        let incoming = match transport.read(now) {
            Incoming::Pong(round_trip) => return Incoming::Pong(round_trip + self.added),
            incoming if passes_in_at_once(&incoming) => return incoming,
            incoming => incoming,
        };
        self.has_ended = matches!(incoming, Incoming::Ended(..));
        self.incoming_bytes = self.incoming_bytes.saturating_add(cost(&incoming));
        self.incoming.push_back(Held { item: incoming, due: now + self.added / 2 });
        Incoming::Control
    }

    /// Forgets what was to be sent.
    pub(crate) fn discard_outgoing(&mut self) {
        self.outgoing.clear();
        self.outgoing_bytes = 0;
    }

    /// Forgets everything, for the next connection.
    pub(crate) fn reset(&mut self) {
        self.discard_outgoing();
        self.incoming.clear();
        self.incoming_bytes = 0;
        self.has_ended = false;
    }

    /// Whether the transport is to be read: it has not ended, and there is room.
    pub(crate) fn may_read(&self) -> bool {
        !self.has_ended && self.incoming_bytes < MAX_HELD
    }

    /// Whether something that has come was held back for long enough.
    pub(crate) fn has_due(&self, now: Instant) -> bool {
        self.incoming.front().is_some_and(|held| now >= held.due)
    }

    /// When the next of what is held back has been so for long enough: what came counts if it is wanted.
    pub(crate) fn deadline(&self, want_read: bool) -> Option<Instant> {
        let incoming = self.incoming.front().filter(|_| want_read).map(|held| held.due);
        self.outgoing.front().map(|held| held.due).into_iter().chain(incoming).min()
    }

    /// The number of frames that wait here to be sent.
    pub(crate) fn waiting_frames(&self) -> usize {
        self.outgoing.len()
    }

    /// The number of bytes that wait here to be sent.
    pub(crate) fn waiting_bytes(&self) -> usize {
        self.outgoing_bytes
    }

    fn release_one(&mut self, transport: &mut Transport) {
        if let Some(held) = self.outgoing.pop_front() {
            self.outgoing_bytes = self.outgoing_bytes.saturating_sub(frame_len(&held.item));
            transport.queue(held.item);
        }
    }
}

/// Answers to heartbeats, and the measuring of the round trip.
fn passes_out_at_once(outgoing: &Outgoing) -> bool {
    match outgoing {
        Outgoing::Frame(Frame::Text(text)) => text == PONG,
        Outgoing::Ping => true,
        Outgoing::Frame(Frame::Binary(_)) | Outgoing::Barrier => false,
    }
}

/// What the engine says of itself, but not its end: what was sent before comes first.
fn passes_in_at_once(incoming: &Incoming) -> bool {
    match incoming {
        Incoming::Text(text) => matches!(
            EnginePacket::decode(text),
            Some(EnginePacket::Open(_) | EnginePacket::Ping | EnginePacket::Ignored)
        ),
        Incoming::Binary(_) | Incoming::Ended(..) => false,
        Incoming::Pong(_) | Incoming::Control | Incoming::Upgraded | Incoming::Blocked => true,
    }
}

fn frame_len(outgoing: &Outgoing) -> usize {
    match outgoing {
        Outgoing::Frame(frame) => frame.len(),
        Outgoing::Ping | Outgoing::Barrier => 0,
    }
}

fn cost(incoming: &Incoming) -> usize {
    let len = match incoming {
        Incoming::Text(text) => text.len(),
        Incoming::Binary(bytes) => bytes.len(),
        _ => 0,
    };
    len.saturating_add(OVERHEAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held<T>(item: T, due: Instant) -> Held<T> {
        Held { item, due }
    }

    #[test]
    fn nobody_waits_longer_than_what_is_added_now() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut latency = AddedLatency::new();
        latency.set(Duration::from_secs(3600), start);
        assert_eq!(latency.added, MAX_ADDED_LATENCY);
        latency.incoming.push_back(held(Incoming::Text("4".into()), after(5)));
        latency.outgoing.push_back(held(Outgoing::Barrier, after(4)));
        assert_eq!((latency.deadline(true), latency.deadline(false)), (Some(after(4)), Some(after(4))));
        assert!(!latency.has_due(after(4)) && latency.has_due(after(5)));
        latency.set(Duration::from_secs(2), after(1));
        assert_eq!(latency.deadline(true), Some(after(2)));
        assert!(latency.has_due(after(2)));
        latency.set(Duration::ZERO, after(1));
        assert_eq!(latency.deadline(true), Some(after(1)));
        assert!(latency.has_due(after(1)) && !latency.is_over());
        latency.reset();
        assert!(latency.is_over() && latency.deadline(true).is_none());
    }

    #[test]
    fn what_has_come_has_a_bound_and_nothing_is_read_after_the_end() {
        let mut latency = AddedLatency::new();
        assert!(latency.may_read());
        latency.incoming_bytes = MAX_HELD;
        assert!(!latency.may_read());
        latency.reset();
        latency.has_ended = true;
        assert!(!latency.may_read());
        latency.reset();
        assert!(latency.may_read());
    }
}
