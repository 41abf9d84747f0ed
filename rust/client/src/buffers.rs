//! Texts that go round between the game's thread and the worker.
//!
//! Memory that one thread allocates and another frees belongs to the one's part of the heap: in a burst of emits both would
//! wait for its lock again and again, in system calls. So the worker makes a copy of a payload in its own part, and
//! gives the game's text back to be written once more.

use std::cell::RefCell;

use crossbeam_channel::{Receiver, Sender, bounded};

/// How many texts are given back at once.
const BATCH: usize = 32;
/// How many batches the game may leave unused.
const MAX_BATCHES: usize = 16;
/// The largest text that goes round, in bytes: to write a larger one takes so long that its memory does not matter.
const MAX_CAPACITY: usize = 1024;

/// The game's side.
pub(crate) struct Buffers {
    returned: Receiver<Vec<String>>,
    spare: RefCell<Vec<String>>,
}

/// The worker's side.
pub(crate) struct SpentBuffers {
    returned: Sender<Vec<String>>,
    batch: Vec<String>,
}

/// Both sides.
pub(crate) fn buffers() -> (Buffers, SpentBuffers) {
    let (sender, receiver) = bounded(MAX_BATCHES);
    let buffers = Buffers { returned: receiver, spare: RefCell::default() };
    (buffers, SpentBuffers { returned: sender, batch: Vec::new() })
}

impl Buffers {
    /// An empty text, one that was given back if there is any.
    pub(crate) fn take(&self) -> String {
        let mut spare = self.spare.borrow_mut();
        if spare.is_empty()
            && let Ok(returned) = self.returned.try_recv()
        {
            *spare = returned;
        }
        spare.pop().unwrap_or_default()
    }
}

impl SpentBuffers {
    /// Puts a copy in the place of a text of the game, unless that is a large one, and gives it back.
    pub(crate) fn give_back(&mut self, text: &mut String) {
        if text.capacity() == 0 || text.capacity() > MAX_CAPACITY {
            return;
        }
        let copy = text.clone();
        let mut spent = std::mem::replace(text, copy);
        spent.clear();
        self.batch.push(spent);
        if self.batch.len() >= BATCH {
            // When the game has enough of them, these are dropped.
            let _ = self.returned.try_send(std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(content: &str, capacity: usize) -> String {
        let mut text = String::with_capacity(capacity);
        text.push_str(content);
        text
    }

    #[test]
    fn texts_come_back_empty_and_with_their_room() {
        let (buffers, mut spent) = buffers();
        for _ in 0..BATCH {
            let mut payload = text("[1]", 100);
            spent.give_back(&mut payload);
            assert_eq!(payload, "[1]");
        }
        for _ in 0..BATCH {
            let buffer = buffers.take();
            assert!(buffer.is_empty());
            assert!(buffer.capacity() >= 100);
        }
        assert_eq!(buffers.take().capacity(), 0);
    }

    #[test]
    fn large_texts_do_not_come_back() {
        let (buffers, mut spent) = buffers();
        for _ in 0..BATCH {
            spent.give_back(&mut text("[1]", MAX_CAPACITY + 1));
        }
        assert_eq!(buffers.take().capacity(), 0);
    }

    #[test]
    fn no_more_texts_are_kept_than_the_bound() {
        let (buffers, mut spent) = buffers();
        for _ in 0..BATCH * (MAX_BATCHES + 3) {
            spent.give_back(&mut text("[1]", 100));
        }
        let kept = std::iter::repeat_with(|| buffers.take()).take_while(|text| text.capacity() > 0).count();
        assert_eq!(kept, BATCH * MAX_BATCHES);
    }
}
