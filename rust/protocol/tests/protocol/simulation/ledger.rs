//! What became of each event that the game has emitted.

use std::collections::BTreeMap;

/// The events by their numbers.
#[derive(Default)]
pub struct Ledger {
    events: BTreeMap<u64, (&'static str, Fate)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    Waiting,
    Sent,
    /// It was refused, its time was up, or the game left: it must not be sent any more.
    Dropped,
}

impl Ledger {
    pub fn emitted(&mut self, number: u64, namespace: &'static str) {
        self.events.insert(number, (namespace, Fate::Waiting));
    }

    pub fn sent(&mut self, number: u64, again: bool) {
        let (_, fate) = self.events.get_mut(&number).expect("an event that nobody emitted");
        let may = *fate == Fate::Waiting || again && *fate == Fate::Sent;
        assert!(may, "event {number} was sent though it was {fate:?}");
        *fate = Fate::Sent;
    }

    /// The game heard that there will be nothing, or no more, of the event.
    pub fn ended(&mut self, number: u64) {
        if let Some((_, fate)) = self.events.get_mut(&number) {
            *fate = Fate::Dropped;
        }
    }

    /// A volatile event was emitted: it is sent at once or never.
    pub fn is_over(&mut self, number: u64) {
        if let Some((_, fate @ Fate::Waiting)) = self.events.get_mut(&number) {
            *fate = Fate::Dropped;
        }
    }

    /// The game left a namespace.
    pub fn left(&mut self, namespace: &str) {
        for (of, fate) in self.events.values_mut() {
            if *of == namespace {
                *fate = Fate::Dropped;
            }
        }
    }

    /// The game closed.
    pub fn closed(&mut self) {
        self.events.values_mut().for_each(|(_, fate)| *fate = Fate::Dropped);
    }

    /// The events that the game has reason to wait for.
    pub fn waiting(&self) -> Vec<u64> {
        let waiting = self.events.iter().filter(|(_, (_, fate))| *fate == Fate::Waiting);
        waiting.map(|(number, _)| *number).collect()
    }
}
