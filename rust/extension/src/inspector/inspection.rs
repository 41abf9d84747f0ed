//! What the inspector keeps of a client.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use socketio_client::tap::{Counts, Kept, Taken, Tap};
use socketio_client::{Client, MAX_ADDED_LATENCY};

use crate::variant::data::Data;

/// How many payloads the editor may ask for at once.
const MAX_WANTED: usize = 64;

/// A client, as the inspector knows it. It holds nothing while nobody watches, but its number and what was tried with it.
#[derive(Default)]
pub(crate) struct Inspection {
    /// Its number in this game, once it has a worker.
    number: Cell<Option<i64>>,
    /// There while the editor watches.
    tap: RefCell<Option<Tap>>,
    /// How many packets were taken from earlier taps.
    packets_before: Cell<u64>,
    wanted_payloads: RefCell<VecDeque<u64>>,
    is_timed: Cell<bool>,
    longest_dispatch: Cell<Duration>,
    added_latency: Cell<Duration>,
}

impl Inspection {
    pub(super) fn number(&self) -> Option<i64> {
        self.number.get()
    }

    pub(super) fn set_number(&self, number: i64) {
        self.number.set(Some(number));
    }

    /// Begins to note what passes, unless that has begun.
    pub(super) fn watch(&self, worker: &Client<Data>) {
        let mut tap = self.tap.borrow_mut();
        if tap.is_none() {
            *tap = Some(worker.tap(self.packets_before.get() + 1));
            self.is_timed.set(true);
        }
    }

    /// Notes nothing any more.
    pub(crate) fn end_watching(&self) {
        let Some(tap) = self.tap.take() else { return };
        self.packets_before.set(tap.next() - 1);
        self.wanted_payloads.take();
        self.is_timed.set(false);
        self.longest_dispatch.set(Duration::ZERO);
    }

    /// The packets that are new, at most so many.
    pub(super) fn take(&self, most: usize) -> Taken {
        self.tap.borrow_mut().as_mut().map(|tap| tap.take(most)).unwrap_or_default()
    }

    /// How many events have passed in a namespace.
    pub(super) fn counts(&self, namespace: &str) -> Counts {
        self.tap.borrow().as_ref().map(|tap| tap.counts(namespace)).unwrap_or_default()
    }

    /// The editor wants to see what a packet carried.
    pub(super) fn want_payload(&self, number: u64) {
        let mut wanted = self.wanted_payloads.borrow_mut();
        if wanted.len() < MAX_WANTED {
            wanted.push_back(number);
        }
    }

    /// The payloads that the editor wants to see and that can be had without waiting.
    pub(super) fn wanted_payloads(&self) -> Vec<(u64, Kept)> {
        let tap = self.tap.borrow();
        let mut wanted = self.wanted_payloads.borrow_mut();
        let mut payloads = Vec::new();
        while let Some(&number) = wanted.front()
            && let Some(kept) = tap.as_ref().and_then(|tap| tap.payload(number))
        {
            wanted.pop_front();
            payloads.push((number, kept));
        }
        payloads
    }

    /// Makes the connection slower by that.
    pub(super) fn add_latency(&self, worker: &Client<Data>, seconds: f64) {
        let seconds = seconds.clamp(0.0, MAX_ADDED_LATENCY.as_secs_f64());
        // Fails for what is no number.
        let added = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        self.added_latency.set(added);
        worker.add_latency(added);
    }

    pub(super) fn added_latency(&self) -> Duration {
        self.added_latency.get()
    }

    /// A dispatch begins. The result is for [`Inspection::end_dispatch`].
    pub(crate) fn begin_dispatch(&self) -> Option<Instant> {
        self.is_timed.get().then(Instant::now)
    }

    /// A dispatch has ended.
    pub(crate) fn end_dispatch(&self, begun: Option<Instant>) {
        if let Some(begun) = begun {
            self.longest_dispatch.set(self.longest_dispatch.get().max(begun.elapsed()));
        }
    }

    /// How long the longest dispatch took since this was asked last.
    pub(super) fn take_longest_dispatch(&self) -> Duration {
        self.longest_dispatch.take()
    }
}
