//! The keys of received dictionaries as Variants, kept because the same few come again and again.

use std::cell::RefCell;
use std::collections::HashMap;

use godot::builtin::Variant;
use rustc_hash::FxBuildHasher;

use super::raw::{self, Dictionary, Slot};

/// How many keys are kept, and how long one may be, in bytes. A server may send any number of different ones; what is not
/// kept is made each time.
const MAX_KEYS: usize = 4096;
const MAX_LENGTH: usize = 64;

/// Keys that came before.
#[derive(Default)]
pub(super) struct Keys {
    known: HashMap<Box<str>, Variant, FxBuildHasher>,
}

thread_local! {
    static KEYS: RefCell<Keys> = RefCell::default();
}

impl Keys {
    /// Lends the keys of this thread.
    pub(super) fn with<R>(use_them: impl FnOnce(&mut Self) -> R) -> R {
        KEYS.with_borrow_mut(use_them)
    }

    /// The place for the value of a key.
    pub(super) fn entry<'a>(&mut self, dictionary: &'a mut Dictionary, key: &str) -> Slot<'a> {
        if let Some(known) = self.known.get(key) {
            return dictionary.entry(known);
        }
        let made = raw::variant(|slot| slot.string(key));
        let slot = dictionary.entry(&made);
        if self.known.len() < MAX_KEYS && key.len() <= MAX_LENGTH {
            self.known.insert(key.into(), made);
        }
        slot
    }
}

/// Forgets what must not outlive the engine.
pub(crate) fn forget() {
    KEYS.with_borrow_mut(|keys| keys.known.clear());
}
