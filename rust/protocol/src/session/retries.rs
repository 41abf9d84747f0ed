//! Events that are sent until the server has acknowledged them (S15).

use std::collections::VecDeque;
use std::time::Duration;

use crate::{AckToken, Payload};

/// An event that is sent until it is acknowledged or given up.
#[derive(Debug)]
pub(super) struct RetriedEvent {
    pub(super) payload: Payload,
    /// Who wants to know the answer.
    pub(super) token: Option<AckToken>,
    pub(super) retries: u32,
    /// How long each try waits for the answer.
    pub(super) timeout: Option<Duration>,
    pub(super) report: bool,
}

/// One try to send an event.
#[derive(Debug)]
pub(super) struct Try {
    pub(super) payload: Payload,
    pub(super) timeout: Option<Duration>,
    pub(super) report: bool,
}

/// The events of a namespace that go one at a time, in the order in which they were emitted.
#[derive(Debug, Default)]
pub(super) struct RetryQueue {
    events: VecDeque<RetriedEvent>,
    bytes: usize,
    head: Head,
}

/// How far the first event is.
#[derive(Debug, Default)]
struct Head {
    tries: u32,
    in_flight: bool,
}

impl RetryQueue {
    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn push(&mut self, event: RetriedEvent) {
        self.bytes = self.bytes.saturating_add(event.payload.size());
        self.events.push_back(event);
    }

    /// The next try, unless one is under way.
    pub(super) fn next(&mut self) -> Option<Try> {
        let event = self.events.front().filter(|_| !self.head.in_flight)?;
        self.head.in_flight = true;
        self.head.tries = self.head.tries.saturating_add(1);
        Some(Try { payload: event.payload.clone(), timeout: event.timeout, report: event.report })
    }

    /// The try under way has failed. Returns the event if that was its last one.
    pub(super) fn failed(&mut self) -> Option<RetriedEvent> {
        self.head.in_flight = false;
        let retries = self.events.front()?.retries;
        if self.head.tries > retries { self.end() } else { None }
    }

    /// Takes the first event out: it is acknowledged, or cannot be sent.
    pub(super) fn end(&mut self) -> Option<RetriedEvent> {
        self.head = Head::default();
        let event = self.events.pop_front()?;
        self.bytes = self.bytes.saturating_sub(event.payload.size());
        Some(event)
    }

    /// Takes out the events whose answer somebody waits for. Only to be called when no try is under way.
    pub(super) fn take_awaited(&mut self) -> Vec<AckToken> {
        let tokens = self.events.iter().filter_map(|event| event.token).collect();
        if self.events.front().is_some_and(|event| event.token.is_some()) {
            self.head = Head::default();
        }
        self.events.retain(|event| event.token.is_none());
        self.bytes = self.events.iter().fold(0, |bytes, event| bytes.saturating_add(event.payload.size()));
        tokens
    }

    /// Takes out the events that have never been sent.
    pub(super) fn take_unsent(&mut self) -> Vec<RetriedEvent> {
        let sent = usize::from(self.head.tries > 0);
        let unsent = self.events.drain(sent.min(self.events.len())..).collect();
        self.bytes = self.events.iter().fold(0, |bytes, event| bytes.saturating_add(event.payload.size()));
        unsent
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
