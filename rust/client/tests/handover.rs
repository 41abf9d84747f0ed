//! What the game's thread and the worker agree by, in every order in which two threads can run.

use std::sync::Arc;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::mpsc::{Receiver, Sender, channel};
use loom::sync::{Condvar, Mutex};
use loom::{model, thread};

use self::flow::{GameFlow, WorkerFlow, flow};
use self::rest::Rest;

/// loom takes `SeqCst` for `AcqRel`. Fences around loads and stores give back the order that all of them have together.
mod sync {
    pub(crate) mod atomic {
        use loom::sync::atomic::fence;
        pub(crate) use loom::sync::atomic::{AtomicU8, Ordering};

        #[derive(Default)]
        pub(crate) struct AtomicUsize(loom::sync::atomic::AtomicUsize);

        #[derive(Default)]
        pub(crate) struct AtomicBool(loom::sync::atomic::AtomicBool);

        impl AtomicUsize {
            pub(crate) fn load(&self, order: Ordering) -> usize {
                fence(order);
                self.0.load(Ordering::Acquire)
            }

            pub(crate) fn store(&self, value: usize, order: Ordering) {
                self.0.store(value, Ordering::Release);
                fence(order);
            }
        }

        impl AtomicBool {
            pub(crate) fn load(&self, order: Ordering) -> bool {
                fence(order);
                self.0.load(Ordering::Acquire)
            }

            pub(crate) fn store(&self, value: bool, order: Ordering) {
                self.0.store(value, Ordering::Release);
                fence(order);
            }

            pub(crate) fn swap(&self, value: bool, order: Ordering) -> bool {
                self.0.swap(value, order)
            }
        }
    }
}

#[path = "../src/flow.rs"]
mod flow;
#[path = "../src/rest.rs"]
mod rest;

/// Where the worker sleeps. A notification is kept until it does, as the system's poller keeps it.
#[derive(Default)]
struct Bed {
    rest: Rest,
    notified: Mutex<bool>,
    changed: Condvar,
}

impl Bed {
    fn wake(&self) {
        if self.rest.interrupt() {
            self.notify();
        }
    }

    fn wake_unless_sound(&self) {
        if self.rest.interrupt_unless_sound() {
            self.notify();
        }
    }

    /// Ends the sleep as a socket does, which knows of nothing else.
    fn notify(&self) {
        *self.notified.lock().unwrap() = true;
        self.changed.notify_one();
    }

    /// Sleeps without an end of its own: when nobody wakes it, loom finds a deadlock.
    fn sleep(&self) {
        self.rest(self.rest.begin());
    }

    fn sleep_soundly(&self) {
        self.rest(self.rest.begin_sound());
    }

    fn rest(&self, may_sleep: bool) {
        if may_sleep {
            let mut notified = self.notified.lock().unwrap();
            while !*notified {
                notified = self.changed.wait(notified).unwrap();
            }
            *notified = false;
        }
        self.rest.end();
    }
}

#[test]
fn no_wake_is_lost() {
    const REQUESTS: usize = 2;
    in_every_order(|| {
        let (bed, requests) = (Arc::new(Bed::default()), Arc::new(AtomicUsize::new(0)));
        let worker = thread::spawn({
            let (bed, requests) = (Arc::clone(&bed), Arc::clone(&requests));
            move || {
                while requests.load(Ordering::Relaxed) < REQUESTS {
                    bed.sleep();
                }
            }
        });
        for _ in 0..REQUESTS {
            requests.fetch_add(1, Ordering::Relaxed);
            bed.wake();
        }
        worker.join().unwrap();
    });
}

#[test]
fn what_is_urgent_ends_a_sound_sleep() {
    in_every_order(|| {
        let (bed, urgent) = (Arc::new(Bed::default()), Arc::new(AtomicUsize::new(0)));
        let worker = thread::spawn({
            let (bed, urgent) = (Arc::clone(&bed), Arc::clone(&urgent));
            move || {
                while urgent.load(Ordering::Relaxed) == 0 {
                    bed.sleep_soundly();
                }
            }
        });
        bed.wake_unless_sound();
        urgent.fetch_add(1, Ordering::Relaxed);
        bed.wake();
        bed.wake_unless_sound();
        worker.join().unwrap();
    });
}

#[test]
fn what_can_wait_is_found_after_a_sound_sleep() {
    in_every_order(|| {
        let (bed, requests) = (Arc::new(Bed::default()), Arc::new(AtomicUsize::new(0)));
        let worker = thread::spawn({
            let (bed, requests) = (Arc::clone(&bed), Arc::clone(&requests));
            move || {
                bed.sleep_soundly();
                while requests.load(Ordering::Relaxed) == 0 {
                    bed.sleep();
                }
            }
        });
        let socket = thread::spawn({
            let bed = Arc::clone(&bed);
            move || bed.notify()
        });
        requests.fetch_add(1, Ordering::Relaxed);
        bed.wake_unless_sound();
        worker.join().unwrap();
        socket.join().unwrap();
    });
}

#[test]
fn whoever_stops_reading_reads_again() {
    const EVENTS: usize = 3;
    in_every_order(|| {
        let (bed, (game, worker)) = (Arc::new(Bed::default()), flow());
        let (sender, receiver) = channel();
        let worker = thread::spawn({
            let bed = Arc::clone(&bed);
            move || reads(worker, EVENTS, &bed, &sender)
        });
        takes(&game, EVENTS, &bed, &receiver);
        worker.join().unwrap();
        assert_eq!(game.waiting(), 0);
    });
}

/// Those with at most so many interruptions where none is needed. More of them find nothing more, and take hours.
fn in_every_order(body: impl Fn() + Send + Sync + 'static) {
    let mut builder = model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(body);
}

/// The bytes that may wait.
const LIMIT: usize = 1;

/// The worker reads events of one byte each, as long as it may.
fn reads(mut flow: WorkerFlow, events: usize, bed: &Bed, queue: &Sender<()>) {
    for _ in 0..events {
        while flow.is_paused() {
            bed.sleep();
        }
        flow.deliver(1);
        flow.publish();
        queue.send(()).unwrap();
        flow.must_pause(LIMIT);
    }
}

fn takes(flow: &GameFlow, events: usize, bed: &Bed, queue: &Receiver<()>) {
    for _ in 0..events {
        queue.recv().unwrap();
        assert!(flow.waiting() >= 1, "an event that was not counted");
        flow.take(1);
        if flow.resumes_reading(LIMIT) {
            bed.wake();
        }
    }
}
