//! Putting the worker to sleep, and waking it.

use std::io;
use std::time::{Duration, Instant};

use polling::{Events, Poller};

use crate::rest::Rest;

/// The poller in which a worker waits, with the knowledge whether it does: waking a worker that runs costs no
/// system call.
pub(crate) struct Waker {
    poller: Poller,
    rest: Rest,
}

impl Waker {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { poller: Poller::new()?, rest: Rest::default() })
    }

    /// The poller, for sockets to register with.
    pub(crate) fn poller(&self) -> &Poller {
        &self.poller
    }

    /// Makes the worker look at everything once more. To be called after the thing to look at is in its place.
    pub(crate) fn wake(&self) {
        if self.rest.interrupt() {
            // The worker's own wait would report a broken poller; there is nothing to do about it here.
            let _ = self.poller.notify();
        }
    }

    /// The same for what can wait, if the worker [sleeps soundly](Waker::sleep_soundly).
    pub(crate) fn wake_unless_sound(&self) {
        if self.rest.interrupt_unless_sound() {
            // As above.
            let _ = self.poller.notify();
        }
    }

    /// Waits for a socket, but not for long. Who has something for the worker leaves it to the end of the nap, so that much
    /// that comes in a short time costs no wake-up each.
    pub(crate) fn nap(&self, events: &mut Events, time: Duration) -> io::Result<()> {
        events.clear();
        self.poller.wait(events, Some(time)).map(|_| ())
    }

    /// Waits for a socket, a [`Waker::wake`] or the deadline. After it the worker must look at everything.
    pub(crate) fn sleep(&self, events: &mut Events, deadline: Option<Instant>) -> io::Result<()> {
        self.rest(events, deadline, self.rest.begin())
    }

    /// The same, but not for a [`Waker::wake_unless_sound`].
    pub(crate) fn sleep_soundly(&self, events: &mut Events, deadline: Option<Instant>) -> io::Result<()> {
        self.rest(events, deadline, self.rest.begin_sound())
    }

    fn rest(&self, events: &mut Events, deadline: Option<Instant>, may_sleep: bool) -> io::Result<()> {
        events.clear();
        let deadline = if may_sleep { deadline } else { Some(Instant::now()) };
        let result = match deadline {
            Some(deadline) => self.poller.wait_deadline(events, deadline),
            None => self.poller.wait(events, None),
        };
        self.rest.end();
        result.map(|_| ())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::thread;

    use super::*;

    /// Waits for sockets as a worker does, until it is done: each turn gets what is ready, does what it can, leaves its
    /// sockets armed, and says whether that was all.
    pub(crate) fn run(waker: &Waker, mut turn: impl FnMut(&Events) -> bool) {
        let give_up = Instant::now() + Duration::from_secs(15);
        let mut events = Events::new();
        while !turn(&events) {
            assert!(Instant::now() < give_up, "it did not come to its end");
            waker.sleep(&mut events, Some(Instant::now() + Duration::from_millis(10))).unwrap();
        }
    }

    #[test]
    fn a_wake_before_the_sleep_is_not_lost() {
        let waker = Waker::new().unwrap();
        let started = Instant::now();
        waker.wake();
        waker.sleep(&mut Events::new(), Some(started + Duration::from_secs(5))).unwrap();
        assert!(started.elapsed() < Duration::from_secs(2), "the worker slept over a wake");
    }

    #[test]
    fn a_wake_in_a_nap_counts_for_the_sleep_after_it() {
        let waker = Waker::new().unwrap();
        let started = Instant::now();
        waker.wake();
        waker.nap(&mut Events::new(), Duration::from_millis(20)).unwrap();
        assert!(started.elapsed() >= Duration::from_millis(20), "the wake ended the nap");
        waker.sleep(&mut Events::new(), Some(started + Duration::from_secs(5))).unwrap();
        assert!(started.elapsed() < Duration::from_secs(2), "the worker slept over a wake");
    }

    #[test]
    fn only_what_is_urgent_ends_a_sound_sleep() {
        let waker = Waker::new().unwrap();
        let sleep = |time: u64| {
            let started = Instant::now();
            let deadline = Some(started + Duration::from_millis(time));
            thread::scope(|scope| {
                let sleeper = scope.spawn(|| waker.sleep_soundly(&mut Events::new(), deadline).unwrap());
                thread::sleep(Duration::from_millis(10));
                waker.wake_unless_sound();
                if time > 1000 {
                    waker.wake();
                }
                sleeper.join().unwrap();
            });
            started.elapsed()
        };
        waker.wake_unless_sound();
        assert!(sleep(100) >= Duration::from_millis(100), "it was woken for what can wait");
        assert!(sleep(5000) < Duration::from_secs(2), "the worker slept over a wake");
        waker.wake();
        let started = Instant::now();
        waker.sleep_soundly(&mut Events::new(), Some(started + Duration::from_secs(5))).unwrap();
        assert!(started.elapsed() < Duration::from_secs(2), "the worker slept over a wake before the sleep");
    }

    #[test]
    fn a_sleep_ends_at_its_deadline() {
        let waker = Waker::new().unwrap();
        let deadline = Instant::now() + Duration::from_millis(20);
        waker.sleep(&mut Events::new(), Some(deadline)).unwrap();
        assert!(Instant::now() >= deadline);
    }
}
