//! The acknowledgements that the session waits for (S11).

use std::collections::BTreeMap;
use std::time::Instant;

use crate::{AckToken, Namespace};

/// Every event that was emitted with the wish for an answer, sent or not.
#[derive(Debug, Default)]
pub(super) struct Acks {
    pending: BTreeMap<AckKey, Pending>,
    /// By the time, and those of the same time in the order of their events.
    deadlines: BTreeMap<(Instant, u64), AckKey>,
    inserted: u64,
}

#[derive(Debug)]
struct Pending {
    ack: PendingAck,
    number: u64,
}

/// Ids are counted in each namespace on its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AckKey {
    pub(super) namespace: Namespace,
    pub(super) id: u64,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct PendingAck {
    pub(super) waiter: Waiter,
    /// When to stop waiting for the answer.
    pub(super) deadline: Option<Instant>,
    /// Where the event was put when it could not be sent at once.
    pub(super) position: Option<u64>,
}

/// Who waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiter {
    /// A callback of the game.
    Game(AckToken),
    /// The first event of the namespace's retry queue (S15).
    RetryQueue,
}

impl Acks {
    /// The time of the next [`expire`](Self::expire).
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadlines.first_key_value().map(|(&(deadline, _), _)| deadline)
    }

    pub(super) fn insert(&mut self, key: AckKey, ack: PendingAck) {
        self.inserted = self.inserted.wrapping_add(1);
        let number = self.inserted;
        if let Some(deadline) = ack.deadline {
            self.deadlines.insert((deadline, number), key.clone());
        }
        self.pending.insert(key, Pending { ack, number });
    }

    /// Takes the one that an answer belongs to, if it is still waited for.
    pub(super) fn take(&mut self, key: &AckKey) -> Option<Waiter> {
        let Pending { ack, number } = self.pending.remove(key)?;
        if let Some(deadline) = ack.deadline {
            self.deadlines.remove(&(deadline, number));
        }
        Some(ack.waiter)
    }

    /// Takes the next one whose time is up.
    pub(super) fn expire(&mut self, now: Instant) -> Option<(AckKey, PendingAck)> {
        if self.deadline()? > now {
            return None;
        }
        let (_, key) = self.deadlines.pop_first()?;
        let ack = self.pending.remove(&key)?.ack;
        Some((key, ack))
    }

    /// Takes those of a namespace, in the order of their events.
    pub(super) fn take_of(&mut self, namespace: &Namespace) -> Vec<PendingAck> {
        let first = AckKey { namespace: namespace.clone(), id: 0 };
        let last = AckKey { namespace: namespace.clone(), id: u64::MAX };
        let taken: Vec<(AckKey, PendingAck)> =
            self.pending.range(first..=last).map(|(key, pending)| (key.clone(), pending.ack)).collect();
        for (key, _) in &taken {
            self.take(key);
        }
        taken.into_iter().map(|(_, ack)| ack).collect()
    }

    pub(super) fn clear(&mut self) {
        self.pending.clear();
        self.deadlines.clear();
    }
}
