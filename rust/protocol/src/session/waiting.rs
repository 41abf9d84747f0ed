//! What a namespace keeps for later: events that cannot be sent yet, and events that came too early.

use std::collections::BTreeMap;
use std::mem;

use crate::{Payload, Received};

/// An event that waits for its namespace to be joined.
#[derive(Debug)]
pub(super) struct WaitingEvent {
    pub(super) payload: Payload,
    pub(super) ack_id: Option<u64>,
    pub(super) report: bool,
}

/// Events in the order in which they were emitted.
#[derive(Debug, Default)]
pub(super) struct WaitingEvents {
    events: BTreeMap<u64, WaitingEvent>,
    next_position: u64,
    bytes: usize,
}

impl WaitingEvents {
    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds an event. Returns its position, which no other event ever has.
    pub(super) fn push(&mut self, event: WaitingEvent) -> u64 {
        let position = self.next_position;
        self.next_position = position.wrapping_add(1);
        self.bytes = self.bytes.saturating_add(event.payload.size());
        self.events.insert(position, event);
        position
    }

    pub(super) fn remove(&mut self, position: u64) {
        if let Some(event) = self.events.remove(&position) {
            self.bytes = self.bytes.saturating_sub(event.payload.size());
        }
    }

    pub(super) fn take_all(&mut self) -> Vec<WaitingEvent> {
        self.bytes = 0;
        mem::take(&mut self.events).into_values().collect()
    }

    pub(super) fn clear(&mut self) {
        self.bytes = 0;
        self.events.clear();
    }
}

/// The events that came before the CONNECT reply.
#[derive(Debug, Default)]
pub(super) struct EarlyEvents {
    events: Vec<Received>,
    bytes: usize,
}

impl EarlyEvents {
    /// Adds an event, unless that makes it more than `room` bytes.
    pub(super) fn push(&mut self, event: Received, room: usize) -> bool {
        let size =
            event.name.len().saturating_add(event.arguments.size()).saturating_add(size_of::<Received>());
        self.bytes = self.bytes.saturating_add(size);
        if self.bytes > room {
            return false;
        }
        self.events.push(event);
        true
    }

    pub(super) fn into_events(self) -> Vec<Received> {
        self.events
    }
}
