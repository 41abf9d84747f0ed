//! Texts that go round between the game's thread and the worker.
//!
//! Memory that one thread allocates and another frees belongs to the one's part of the heap: in a burst of emits both would
//! wait for its lock again and again, in system calls. So the worker gives a text back, and the game writes the next one
//! into it.

use std::cell::RefCell;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How many texts are given back at once, and how many bytes.
const BATCH: usize = 32;
const BATCH_CAPACITY: usize = 32 * 1024;
/// How many texts the game may leave unused.
const MAX_TEXTS: usize = 512;
/// How many bytes of memory all texts may have that wait to be used again.
const MAX_CAPACITY: usize = 128 * 1024;

/// The game's side.
pub(crate) struct Buffers {
    shared: Arc<Shared>,
    spare: RefCell<Vec<String>>,
}

/// The worker's side.
pub(crate) struct SpentBuffers {
    shared: Arc<Shared>,
    batch: Vec<String>,
    batch_capacity: usize,
}

#[derive(Default)]
struct Shared {
    /// What was given back. The sides exchange what is in their lists, and never a list: that of one is of no use to the other's
    /// part of the heap.
    returned: Mutex<Vec<String>>,
    /// The bytes of all texts that wait on either side.
    capacity: AtomicUsize,
}

/// Both sides.
pub(crate) fn buffers() -> (Buffers, SpentBuffers) {
    let shared = Arc::<Shared>::default();
    let buffers = Buffers { shared: Arc::clone(&shared), spare: RefCell::default() };
    (buffers, SpentBuffers { shared, batch: Vec::new(), batch_capacity: 0 })
}

impl Buffers {
    /// An empty text, one that was given back if there is any.
    pub(crate) fn take(&self) -> String {
        let mut spare = self.spare.borrow_mut();
        if spare.is_empty()
            && self.shared.capacity.load(Ordering::Relaxed) > 0
            // The game waits for nobody.
            && let Ok(mut returned) = self.shared.returned.try_lock()
        {
            spare.append(&mut returned);
        }
        let text = spare.pop().unwrap_or_default();
        if text.capacity() > 0 {
            self.shared.capacity.fetch_sub(text.capacity(), Ordering::Relaxed);
        }
        text
    }
}

impl SpentBuffers {
    /// Gives a text back, unless there is enough memory in those that wait.
    pub(crate) fn give_back(&mut self, mut text: String) {
        let capacity = text.capacity();
        let kept = self.shared.capacity.load(Ordering::Relaxed);
        if capacity == 0 || kept.saturating_add(capacity) > MAX_CAPACITY {
            return;
        }
        text.clear();
        self.batch.push(text);
        self.batch_capacity += capacity;
        self.shared.capacity.fetch_add(capacity, Ordering::Relaxed);
        if self.batch.len() < BATCH && self.batch_capacity < BATCH_CAPACITY {
            return;
        }
        let batch_capacity = mem::take(&mut self.batch_capacity);
        let mut returned = self.shared.returned.lock().unwrap_or_else(PoisonError::into_inner);
        if returned.len() + self.batch.len() <= MAX_TEXTS {
            returned.append(&mut self.batch);
            return;
        }
        drop(returned);
        // The game has enough of them, or is gone.
        self.batch.clear();
        self.shared.capacity.fetch_sub(batch_capacity, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(capacity: usize) -> String {
        let mut text = String::with_capacity(capacity);
        text.push_str("[1]");
        text
    }

    fn kept(buffers: &Buffers) -> Vec<usize> {
        std::iter::repeat_with(|| buffers.take())
            .map(|text| text.capacity())
            .take_while(|&room| room > 0)
            .collect()
    }

    #[test]
    fn texts_come_back_empty_and_with_their_room() {
        let (buffers, mut spent) = buffers();
        for _ in 0..BATCH {
            spent.give_back(text(100));
        }
        assert!(buffers.take().is_empty());
        assert_eq!(kept(&buffers), [100; BATCH - 1]);
    }

    #[test]
    fn no_more_memory_is_kept_than_the_bound() {
        let (buffers, mut spent) = buffers();
        for _ in 0..2 {
            for _ in 0..100 {
                spent.give_back(text(BATCH_CAPACITY));
            }
            assert_eq!(kept(&buffers), [BATCH_CAPACITY; MAX_CAPACITY / BATCH_CAPACITY]);
        }
        spent.give_back(text(MAX_CAPACITY + 1));
        assert!(kept(&buffers).is_empty());
    }

    #[test]
    fn no_more_texts_are_kept_than_the_bound() {
        let (buffers, mut spent) = buffers();
        for room in [10, 20] {
            // Those that are one too many leave room for others.
            for _ in 0..MAX_TEXTS + 2 * MAX_CAPACITY / room {
                spent.give_back(text(room));
            }
            assert_eq!(kept(&buffers).len(), MAX_TEXTS);
        }
    }
}
