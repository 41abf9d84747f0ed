//! Parsed values on their way back to the worker, which uses their memory again.
//!
//! Memory that one thread allocates and another frees belongs to the one's part of the heap: under a stream of events both
//! would wait for its lock again and again, in system calls.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use socketio_protocol::Values;

/// How many values go back at once, and how many bytes.
const BATCH: usize = 64;
const BATCH_SIZE: usize = 64 * 1024;
/// How many may wait for a worker, and how many bytes. More are freed where they are.
const MAX_RETURNED: usize = 4 * BATCH;
const MAX_SIZE: usize = 4 * BATCH_SIZE;

/// Values, and the bytes of memory that they have.
struct Batch {
    values: Vec<Values>,
    size: usize,
}

impl Batch {
    const EMPTY: Self = Self { values: Vec::new(), size: 0 };

    fn is_full(&self) -> bool {
        self.values.len() >= BATCH || self.size >= BATCH_SIZE
    }

    fn has_room_for(&self, other: &Self) -> bool {
        self.values.len() + other.values.len() <= MAX_RETURNED && self.size + other.size <= MAX_SIZE
    }

    fn append(&mut self, other: &mut Self) {
        self.values.append(&mut other.values);
        self.size += std::mem::take(&mut other.size);
    }
}

/// What waits for a worker, whichever comes first.
static RETURNED: Mutex<Batch> = Mutex::new(Batch::EMPTY);
/// Whether there is anything, to be asked without the lock.
static ANY_RETURNED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static SPENT: RefCell<Batch> = const { RefCell::new(Batch::EMPTY) };
}

/// Gives values back that nobody needs any more. On the main thread.
pub(super) fn give_back(mut values: Values) {
    // The attachments are of no use to others.
    values.clear();
    let size = values.capacity();
    if size > MAX_SIZE {
        return;
    }
    SPENT.with_borrow_mut(|spent| {
        spent.values.push(values);
        spent.size += size;
        if !spent.is_full() {
            return;
        }
        let mut returned = RETURNED.lock().unwrap_or_else(PoisonError::into_inner);
        if returned.has_room_for(spent) {
            returned.append(spent);
            ANY_RETURNED.store(true, Ordering::Release);
            return;
        }
        drop(returned);
        *spent = Batch::EMPTY;
    });
}

/// Takes what has come back. On a worker.
pub(super) fn take_returned(spent: &mut Vec<Values>) {
    // The look is what each event costs: the swap would have the threads fight for it.
    if ANY_RETURNED.load(Ordering::Relaxed) && ANY_RETURNED.swap(false, Ordering::Acquire) {
        let mut returned = RETURNED.lock().unwrap_or_else(PoisonError::into_inner);
        spent.append(&mut returned.values);
        returned.size = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(json: &str) -> Values {
        Values::from_json_array(json, Vec::new()).unwrap()
    }

    fn waiting() -> usize {
        RETURNED.lock().unwrap().values.len()
    }

    /// One test, for they share the static.
    #[test]
    fn values_come_back_in_batches_up_to_the_bounds() {
        let mut spent = Vec::new();
        for _ in 1..BATCH {
            give_back(values("[1]"));
        }
        assert_eq!(waiting(), 0);
        give_back(values(&format!("[\"{}\"]", "x".repeat(MAX_SIZE))));
        assert_eq!(waiting(), 0);
        give_back(values("[1]"));
        assert_eq!(waiting(), BATCH);
        for _ in 0..10 * MAX_RETURNED {
            give_back(values("[1]"));
        }
        assert_eq!(waiting(), MAX_RETURNED);
        take_returned(&mut spent);
        assert_eq!((waiting(), spent.len()), (0, MAX_RETURNED));
        take_returned(&mut spent);
        assert_eq!(spent.len(), MAX_RETURNED);
        // Of large ones fewer.
        let large = || values(&format!("[\"{}\"]", "x".repeat(BATCH_SIZE / 2)));
        for _ in 0..20 {
            (0..100).for_each(|_| give_back(large()));
            assert!((1..=MAX_SIZE / large().capacity()).contains(&waiting()), "{} wait", waiting());
            take_returned(&mut spent);
        }
        // No attachment is kept.
        let attachment = bytes::Bytes::from(vec![7; 100]);
        let placeholder = r#"[{"_placeholder":true,"num":0}]"#;
        give_back(Values::from_json_array(placeholder, vec![attachment.clone()]).unwrap());
        assert!(attachment.is_unique(), "it is still held");
    }
}
