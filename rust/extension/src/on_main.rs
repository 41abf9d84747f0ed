//! Values of the main thread in objects that any thread may free.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// A value that is used and dropped on the main thread only. The last reference to an object may go on any thread,
/// and with it this; the value is then dropped in the next frame.
pub(crate) struct OnMain<T: 'static>(ManuallyDrop<T>);

// SAFETY: the other threads only move the value: `deref` does not give it to them, and they do not drop it.
unsafe impl<T> Send for OnMain<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for OnMain<T> {}

/// Something on its way to the main thread, to be done there.
struct HandedOver(Box<dyn FnOnce()>);

// SAFETY: what it holds may cross threads (`run`), or is a value that the other thread has only moved (`OnMain`). Only
// the main thread runs it, and drops it.
unsafe impl Send for HandedOver {}

thread_local! {
    /// gdext knows it as well, but not any more when the engine frees its last objects.
    static IS_MAIN: Cell<bool> = const { Cell::new(false) };
}

static HANDED_OVER: Mutex<Vec<HandedOver>> = Mutex::new(Vec::new());
/// Whether there is something in the list, so that a frame need not lock it to see that there is nothing.
static ANY_HANDED_OVER: AtomicBool = AtomicBool::new(false);

impl<T> OnMain<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(ManuallyDrop::new(value))
    }
}

impl<T> Deref for OnMain<T> {
    type Target = T;

    fn deref(&self) -> &T {
        assert!(is_main_thread(), "what belongs to the main thread is used on another one");
        &self.0
    }
}

impl<T> Drop for OnMain<T> {
    fn drop(&mut self) {
        // SAFETY: this is the drop of the only owner, and nothing uses the field after it.
        let value = unsafe { ManuallyDrop::take(&mut self.0) };
        if is_main_thread() {
            drop(value);
            return;
        }
        hand_over(HandedOver(Box::new(move || drop(value))));
    }
}

/// Does something on the main thread: at once, or in the next frame if this is another one.
pub(crate) fn run(task: impl FnOnce() + Send + 'static) {
    if is_main_thread() {
        task();
    } else {
        hand_over(HandedOver(Box::new(task)));
    }
}

fn hand_over(task: HandedOver) {
    HANDED_OVER.lock().unwrap_or_else(PoisonError::into_inner).push(task);
    ANY_HANDED_OVER.store(true, Ordering::Release);
}

/// Makes this thread known as the main one.
pub(crate) fn remember_main_thread() {
    IS_MAIN.set(true);
}

/// Whether this is the main thread.
pub(crate) fn is_main_thread() -> bool {
    IS_MAIN.get()
}

/// Does what other threads have handed over. To be called on the main thread, where nothing is borrowed.
pub(crate) fn run_handed_over() {
    if ANY_HANDED_OVER.swap(false, Ordering::Acquire) {
        let tasks = std::mem::take(&mut *HANDED_OVER.lock().unwrap_or_else(PoisonError::into_inner));
        for HandedOver(task) in tasks {
            task();
        }
    }
}
