//! How much of what the server sends waits for the game, and whether the worker goes on reading.

use std::cell::Cell;
use std::sync::Arc;

use crossbeam_utils::CachePadded;

use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What both sides see. Each counter is written by one side only, and wraps around.
#[derive(Default)]
struct Shared {
    /// Bytes of all events that the worker has ever handed over.
    delivered: CachePadded<AtomicUsize>,
    /// Bytes of all events that the game has ever taken.
    taken: CachePadded<AtomicUsize>,
    reading_paused: AtomicBool,
}

/// The game's side.
pub(crate) struct GameFlow {
    /// As the shared counter.
    taken: Cell<usize>,
    shared: Arc<Shared>,
}

/// The worker's side.
pub(crate) struct WorkerFlow {
    /// As the shared counter, but with the events that are not handed over yet.
    delivered: usize,
    /// The shared counter, as it was when it was looked at last.
    taken_before: usize,
    shared: Arc<Shared>,
}

/// Both sides.
pub(crate) fn flow() -> (GameFlow, WorkerFlow) {
    let shared = Arc::<Shared>::default();
    let game = GameFlow { taken: Cell::new(0), shared: Arc::clone(&shared) };
    (game, WorkerFlow { delivered: 0, taken_before: 0, shared })
}

impl GameFlow {
    /// Counts an event of so many bytes as taken.
    pub(crate) fn take(&self, cost: usize) {
        self.taken.set(self.taken.get().wrapping_add(cost));
        self.shared.taken.store(self.taken.get(), Ordering::SeqCst);
    }

    /// Lets the worker read again when little enough waits here. `true` asks for waking it.
    pub(crate) fn resumes_reading(&self, limit: usize) -> bool {
        self.is_reading_paused()
            && self.waiting() <= limit / 2
            && self.shared.reading_paused.swap(false, Ordering::SeqCst)
    }

    pub(crate) fn is_reading_paused(&self) -> bool {
        self.shared.reading_paused.load(Ordering::SeqCst)
    }

    /// Bytes of the events that were handed over and not taken.
    pub(crate) fn waiting(&self) -> usize {
        self.shared.delivered.load(Ordering::SeqCst).wrapping_sub(self.taken.get())
    }
}

impl WorkerFlow {
    /// Counts an event of so many bytes as delivered.
    pub(crate) fn deliver(&mut self, cost: usize) {
        self.delivered = self.delivered.wrapping_add(cost);
    }

    /// Shows the game what was delivered, before it is handed over.
    pub(crate) fn publish(&self) {
        self.shared.delivered.store(self.delivered, Ordering::SeqCst);
    }

    /// Whether so much waits for the game that nothing must be read. Then the game wakes the worker as soon as it has taken
    /// half of it.
    pub(crate) fn must_pause(&mut self, limit: usize) -> bool {
        if self.is_paused() {
            return true;
        }
        // The game writes its counter for each event: to look at it each time would slow down both.
        if self.delivered.wrapping_sub(self.taken_before) <= limit || self.waiting() <= limit {
            return false;
        }
        self.shared.reading_paused.store(true, Ordering::SeqCst);
        // The game may have emptied the queue just before it could see the flag.
        if self.waiting() > limit / 2 {
            return true;
        }
        self.shared.reading_paused.store(false, Ordering::SeqCst);
        false
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.shared.reading_paused.load(Ordering::SeqCst)
    }

    /// Bytes of the events that were delivered and not taken.
    pub(crate) fn waiting(&mut self) -> usize {
        self.taken_before = self.shared.taken.load(Ordering::SeqCst);
        self.delivered.wrapping_sub(self.taken_before)
    }
}
