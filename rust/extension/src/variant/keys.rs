//! The keys of received dictionaries as Variants, kept because the same few come again and again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use godot::builtin::Variant;
use rustc_hash::FxBuildHasher;

use super::raw;
use crate::on_main::is_main_thread;

/// How many keys are kept, and how long one may be, in bytes. A server may send any number of different ones; what is not
/// kept is made each time.
const MAX_KEYS: usize = 4096;
const MAX_LENGTH: usize = 64;

/// Keys that came before.
pub(super) struct Keys {
    short: HashMap<Short, Variant, FxBuildHasher>,
    long: HashMap<Box<str>, Variant, FxBuildHasher>,
}

/// A key of eight bytes or less, as most are: it is compared and hashed as a number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Short {
    bytes: u64,
    length: u8,
}

impl Short {
    /// Nothing for a longer key.
    fn of(key: &str) -> Option<Self> {
        let key = key.as_bytes();
        let bytes = match (key, key.first_chunk::<4>(), key.last_chunk::<4>()) {
            (_, Some(first), Some(last)) if key.len() <= 8 => {
                u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
            }
            (&[], ..) => 0,
            (&[one], ..) => u64::from(one),
            (&[one, two], ..) => u64::from(u16::from_le_bytes([one, two])),
            (&[one, two, three], ..) => u64::from(u32::from_le_bytes([one, two, three, 0])),
            _ => return None,
        };
        Some(Self { bytes, length: key.len() as u8 })
    }
}

// SAFETY: it holds Strings, whose characters nobody changes; who has the lock alone makes and copies them.
unsafe impl Send for Keys {}

/// Those of the main thread, and those that the workers share: the main thread waits for nobody.
static KEYS: [Mutex<Keys>; 2] = [const { Mutex::new(Keys::NONE) }; 2];

impl Keys {
    const NONE: Self =
        Self { short: HashMap::with_hasher(FxBuildHasher), long: HashMap::with_hasher(FxBuildHasher) };

    /// Lends the keys of this thread, for as long as values are made of one event.
    pub(super) fn lend() -> MutexGuard<'static, Self> {
        let [main, workers] = &KEYS;
        let keys = if is_main_thread() { main } else { workers };
        keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows a key.
    pub(super) fn with<R>(&mut self, key: &str, show: impl FnOnce(&Variant) -> R) -> R {
        let short = Short::of(key);
        let known = match &short {
            Some(short) => self.short.get(short),
            None => self.long.get(key),
        };
        if let Some(known) = known {
            return show(known);
        }
        let made = raw::variant(|slot| slot.string(key));
        let result = show(&made);
        if self.short.len() + self.long.len() < MAX_KEYS && key.len() <= MAX_LENGTH {
            match short {
                Some(short) => drop(self.short.insert(short, made)),
                None => drop(self.long.insert(key.into(), made)),
            }
        }
        result
    }
}

/// Forgets what must not outlive the engine.
pub(crate) fn forget() {
    for keys in &KEYS {
        *keys.lock().unwrap_or_else(PoisonError::into_inner) = Keys::NONE;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::on_main::remember_main_thread;

    #[test]
    fn the_main_thread_does_not_wait_for_a_worker() {
        let ((lent, is_lent), (end, ends), (done, is_done)) = (channel(), channel::<()>(), channel());
        let worker = thread::spawn(move || {
            let _keys = Keys::lend();
            lent.send(()).unwrap();
            let _ = ends.recv();
        });
        is_lent.recv().unwrap();
        let main = thread::spawn(move || {
            remember_main_thread();
            drop(Keys::lend());
            done.send(()).unwrap();
        });
        let went_on = is_done.recv_timeout(Duration::from_secs(20));
        drop(end);
        worker.join().unwrap();
        main.join().unwrap();
        assert!(went_on.is_ok(), "it waited for the keys of the worker");
    }

    #[test]
    fn short_keys_are_told_apart() {
        let keys = [
            "", "x", "y", "xx", "xy", "yx", "xxx", "xyx", "xxxx", "xxxy", "xxxxx", "xxxyx", "xyxxx",
            "xxxxxxx",
        ];
        let more = ["abcdefgh", "abcdefgi", "bbcdefgh", "abcddefgh", "\u{e9}", "\u{e9}\u{e9}\u{e9}\u{e9}"];
        let all: Vec<&str> = keys.into_iter().chain(more).filter(|key| key.len() <= 8).collect();
        let short: HashSet<Short> = all.iter().map(|key| Short::of(key).unwrap()).collect();
        assert_eq!(short.len(), all.len());
        assert!(Short::of("abcdefghi").is_none());
    }
}
