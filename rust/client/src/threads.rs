//! Every thread that this library has started, so that none outlives it.

use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long a worker may take over the given patience until it is taken for stuck.
const GRACE: Duration = Duration::from_millis(500);

static THREADS: Mutex<Vec<Thread>> = Mutex::new(Vec::new());
/// Notified when a thread is about to end.
static ENDING: Condvar = Condvar::new();

/// Asks a thread to finish until then.
type Stop = Box<dyn Fn(Instant) + Send>;

struct Thread {
    handle: JoinHandle<()>,
    /// `None` for a thread that cannot be asked: one that waits in a DNS look-up.
    stop: Option<Stop>,
}

/// Ends every client of the process, for when the library is about to be unloaded or the game exits: each worker
/// closes as [`Command::Close`](socketio_protocol::Command::Close) does, sends what waits within `patience`, and
/// its thread is joined. Clients that still exist stay silent from then on.
///
/// Returns `false` when a thread is still running, as a DNS look-up can that nothing can interrupt: the library
/// must then stay in memory.
pub fn shut_down(patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    for thread in threads().iter() {
        if let Some(stop) = &thread.stop {
            stop(deadline);
        }
    }
    let give_up = deadline + GRACE;
    let mut threads = threads();
    loop {
        join_finished(&mut threads);
        if threads.is_empty() {
            return true;
        }
        let left = give_up.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        // The notification comes just before a thread's end, hence the short second look.
        let pause = left.min(Duration::from_millis(20));
        threads = ENDING.wait_timeout(threads, pause).unwrap_or_else(PoisonError::into_inner).0;
    }
}

/// Starts a thread.
///
/// # Errors
/// When the system has no more threads.
pub(crate) fn spawn(name: &str, stop: Option<Stop>, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let mut threads = threads();
    join_finished(&mut threads);
    let handle = thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _ending = Ending;
        body();
    })?;
    threads.push(Thread { handle, stop });
    Ok(())
}

fn threads() -> MutexGuard<'static, Vec<Thread>> {
    THREADS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Joins, because a thread that has only announced its end still runs code of this library.
fn join_finished(threads: &mut Vec<Thread>) {
    for finished in threads.extract_if(.., |thread| thread.handle.is_finished()) {
        // A panic was reported when it happened.
        let _ = finished.handle.join();
    }
}

/// Clears up behind a thread that is about to end, also when it panics, and tells [`shut_down`].
struct Ending;

impl Drop for Ending {
    fn drop(&mut self) {
        let mut threads = threads();
        // Those that ended before: nobody may ever start another one.
        join_finished(&mut threads);
        let own = thread::current().id();
        if let Some(thread) = threads.iter_mut().find(|thread| thread.handle.thread().id() == own) {
            // It holds on to the worker's poller.
            thread.stop = None;
        }
        drop(threads);
        ENDING.notify_all();
    }
}
