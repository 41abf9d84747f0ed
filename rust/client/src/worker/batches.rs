//! Whether more that the game asks for is awaited before the worker sleeps.

use std::time::{Duration, Instant};

/// How long more requests are awaited after some have been done, and left for the server: emits often come one after the
/// other, and each to itself would be a wake-up and a write. Data that comes in ends it.
pub(super) const NAP: Duration = Duration::from_micros(50);
/// Requests that follow each other so soon, with nothing read between them, are of one batch.
const SOON: Duration = Duration::from_micros(100);

/// Finds out whether a request has others behind it.
///
/// A game that emits much in a frame does so frame after frame. One that asks and waits for the answer has nothing else:
/// to await it then would only be in the way of the server, if that is on the same machine.
#[derive(Debug, Default)]
pub(super) struct Batches {
    last: Option<Instant>,
    /// The batch that goes on has brought requests more than once.
    followed: bool,
    /// So did the batch before it.
    expected: bool,
}

impl Batches {
    /// Whether to await more for [`NAP`], after a turn that has done so many requests and read so many messages.
    pub(super) fn expects_more(&mut self, now: Instant, requests: usize, messages: usize) -> bool {
        if messages > 0 {
            self.last = None;
        }
        if requests == 0 {
            return false;
        }
        let goes_on = self.last.replace(now).is_some_and(|last| now.saturating_duration_since(last) <= SOON);
        if goes_on {
            self.followed = true;
        } else {
            self.expected = self.followed;
            self.followed = requests > 1;
        }
        self.followed || self.expected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(16);

    #[test]
    fn one_request_in_a_frame_is_not_kept_waiting_for() {
        let (mut batches, mut now) = (Batches::default(), Instant::now());
        for _ in 0..3 {
            assert!(!batches.expects_more(now, 1, 0));
            now += FRAME;
        }
    }

    #[test]
    fn requests_after_requests_are_awaited() {
        let (mut batches, now) = (Batches::default(), Instant::now());
        assert!(!batches.expects_more(now, 1, 0));
        assert!(batches.expects_more(now + SOON, 1, 0));
        assert!(batches.expects_more(now + SOON * 2, 1, 0));
        assert!(!batches.expects_more(now + SOON * 2, 0, 0), "nothing came");
    }

    #[test]
    fn several_at_once_have_more_behind_them() {
        assert!(Batches::default().expects_more(Instant::now(), 2, 0));
    }

    #[test]
    fn who_emitted_much_in_the_last_frame_does_so_in_the_next() {
        let (mut batches, now) = (Batches::default(), Instant::now());
        assert!(!batches.expects_more(now, 1, 0));
        assert!(batches.expects_more(now + SOON, 4, 0));
        assert!(
            batches.expects_more(now + FRAME, 1, 0),
            "the first of this frame was not kept for the others"
        );
        assert!(!batches.expects_more(now + FRAME * 2, 1, 0), "the last frame had one alone");
    }

    #[test]
    fn who_asks_after_each_answer_has_nothing_else() {
        let (mut batches, mut now) = (Batches::default(), Instant::now());
        for _ in 0..3 {
            assert!(!batches.expects_more(now, 1, 0));
            now += SOON / 4;
            assert!(!batches.expects_more(now, 0, 1), "an answer is no request");
            now += SOON / 4;
        }
    }
}
