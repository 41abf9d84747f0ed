//! Large values that nobody needs any more, on their way to a worker: to give megabytes back to the system takes milliseconds,
//! which would be missing in a frame.

use std::cell::RefCell;
use std::mem;
use std::rc::Rc;

use godot::builtin::Variant;
use socketio_client::Client;

use super::data::Data;
use super::{pool, raw};

/// Arrays that nobody else holds. They end with it, on whichever thread that is.
struct Discarded(Vec<Variant>);

// SAFETY: nobody else holds the Arrays, and a thread other than the main one lets go of nothing but plain data in them; see
// `raw::let_go`.
unsafe impl Send for Discarded {}

thread_local! {
    /// Those of the main thread.
    static DISCARDED: RefCell<Vec<Variant>> = const { RefCell::new(Vec::new()) };
}

/// Adds an Array that nobody else holds. On the main thread.
pub(super) fn add(array: Variant) {
    DISCARDED.with_borrow_mut(|discarded| discarded.push(array));
}

/// Hands what was added over to a worker, or lets go of it here if there is none. On the main thread, with nothing borrowed.
pub(crate) fn hand_over(worker: impl FnOnce() -> Option<Rc<Client<Data>>>) {
    let discarded = DISCARDED.with_borrow_mut(mem::take);
    if discarded.is_empty() {
        return;
    }
    let discarded = Discarded(discarded);
    if let Some(worker) = worker() {
        worker.drop_on_worker(discarded);
    }
}

impl Drop for Discarded {
    fn drop(&mut self) {
        let mut foreign = Vec::new();
        mem::take(&mut self.0).into_iter().for_each(|array| raw::let_go(array, &mut foreign));
        pool::leave(&mut foreign);
    }
}
