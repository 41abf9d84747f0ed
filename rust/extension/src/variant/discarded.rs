//! Large values that nobody needs any more, on their way to a worker: to give megabytes back to the system takes milliseconds,
//! which would be missing in a frame.

use std::cell::RefCell;
use std::mem;
use std::rc::Rc;

use godot::builtin::Variant;
use socketio_client::Client;

use super::data::Data;
use super::raw::PlainArray;

thread_local! {
    /// Those of the main thread.
    static DISCARDED: RefCell<Vec<PlainArray>> = const { RefCell::new(Vec::new()) };
}

/// Adds an Array, or lets go of it at once if only the main thread may do that: the game holds a part of it, or has put
/// something into it. On the main thread, with nothing borrowed.
pub(super) fn add(array: Variant) {
    match PlainArray::of(array) {
        Ok(array) => DISCARDED.with_borrow_mut(|discarded| discarded.push(array)),
        Err(array) => drop(array),
    }
}

/// Hands what was added over to a worker, or lets go of it here if there is none. On the main thread.
pub(crate) fn hand_over(worker: impl FnOnce() -> Option<Rc<Client<Data>>>) {
    let discarded = DISCARDED.with_borrow_mut(mem::take);
    if !discarded.is_empty()
        && let Some(worker) = worker()
    {
        worker.drop_on_worker(discarded);
    }
}
