//! Whether the worker sleeps, as those must know who have something for it.

use crate::sync::atomic::{AtomicU8, Ordering};

/// The worker sleeps, or is about to.
const ASLEEP: u8 = 1;
/// It sleeps so that only what is urgent wakes it.
const SOUND: u8 = 2;
/// Somebody has something for the worker, since it last looked.
const WOKEN: u8 = 4;
/// What somebody has is urgent.
const URGENT: u8 = 8;

/// The worker's rest.
pub(crate) struct Rest {
    state: AtomicU8,
}

impl Default for Rest {
    fn default() -> Self {
        Self { state: AtomicU8::new(0) }
    }
}

impl Rest {
    /// To be called after the thing to look at is in its place. `true` asks for waking the worker.
    pub(crate) fn interrupt(&self) -> bool {
        let before = self.state.fetch_or(WOKEN | URGENT, Ordering::SeqCst);
        let is_coming = before & URGENT != 0 || before & (WOKEN | SOUND) == WOKEN;
        before & ASLEEP != 0 && !is_coming
    }

    /// The same for what can wait until the worker looks anyway, if it [sleeps soundly](Rest::begin_sound).
    // No look beforehand whether it does: that would say nothing of what the worker sees when it wakes.
    pub(crate) fn interrupt_unless_sound(&self) -> bool {
        self.state.fetch_or(WOKEN, Ordering::SeqCst) == ASLEEP
    }

    /// The worker is about to sleep. `false` when there is something for it.
    pub(crate) fn begin(&self) -> bool {
        self.state.compare_exchange(0, ASLEEP, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// The worker is about to sleep, and only what is urgent shall wake it. `false` when there is something of the kind.
    pub(crate) fn begin_sound(&self) -> bool {
        self.state.fetch_or(ASLEEP | SOUND, Ordering::SeqCst) & URGENT == 0
    }

    /// The worker has slept. After it it must look at everything.
    pub(crate) fn end(&self) {
        // A store would do the same, but see nothing of what another thread has put in its place before it woke the worker.
        self.state.swap(0, Ordering::SeqCst);
    }
}
