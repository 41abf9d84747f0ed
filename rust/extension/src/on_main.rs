//! Values of the main thread in objects that any thread may free.

use std::any::Any;
use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// A value that is used and dropped on the main thread only. The last reference to an object may go on any thread,
/// and with it this; the value is then dropped in the next frame.
pub(crate) struct OnMain<T: 'static>(ManuallyDrop<T>);

/// A value on its way back to the main thread.
struct HandedOver {
    /// Never used: it is there to be dropped.
    _value: Box<dyn Any>,
}

// SAFETY: the thread that hands the value over has only moved it, and only the main thread drops it.
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
        let value = HandedOver { _value: Box::new(value) };
        HANDED_OVER.lock().unwrap_or_else(PoisonError::into_inner).push(value);
        ANY_HANDED_OVER.store(true, Ordering::Release);
    }
}

/// Makes this thread known as the main one.
pub(crate) fn remember_main_thread() {
    IS_MAIN.set(true);
}

/// Whether this is the main thread.
pub(crate) fn is_main_thread() -> bool {
    IS_MAIN.get()
}

/// Drops what other threads have handed over. To be called on the main thread, where nothing is borrowed.
pub(crate) fn drop_handed_over() {
    if ANY_HANDED_OVER.swap(false, Ordering::Acquire) {
        let values = std::mem::take(&mut *HANDED_OVER.lock().unwrap_or_else(PoisonError::into_inner));
        drop(values);
    }
}
