//! Whether the worker sleeps, as those must know who have something for it.

use crate::sync::atomic::{AtomicU8, Ordering};

/// The worker runs and has not been woken since it last looked.
const AWAKE: u8 = 0;
/// The worker sleeps, or is about to.
const ASLEEP: u8 = 1;
/// Somebody has something for the worker.
const WOKEN: u8 = 2;

/// The worker's rest.
pub(crate) struct Rest {
    state: AtomicU8,
}

impl Default for Rest {
    fn default() -> Self {
        Self { state: AtomicU8::new(AWAKE) }
    }
}

impl Rest {
    /// To be called after the thing to look at is in its place. `true` asks for waking the worker.
    pub(crate) fn interrupt(&self) -> bool {
        self.state.swap(WOKEN, Ordering::SeqCst) == ASLEEP
    }

    /// The worker is about to sleep. `false` when there is something for it.
    pub(crate) fn begin(&self) -> bool {
        self.state.compare_exchange(AWAKE, ASLEEP, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// The worker has slept. After it it must look at everything.
    pub(crate) fn end(&self) {
        // A store would do the same, but see nothing of what another thread has put in its place before it woke the worker.
        self.state.swap(AWAKE, Ordering::SeqCst);
    }
}
