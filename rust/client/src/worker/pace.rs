//! How the worker keeps pace with messages that come in one by one.

use std::time::{Duration, Instant};

/// Reads that follow each other so soon are in quick succession.
const QUICK: Duration = Duration::from_micros(100);
/// How many reads in quick succession show a stream of messages, and not an answer or two.
const STREAM: u32 = 8;
/// Who reads so many bytes at once has enough to do. Far less than what a system holds for a socket.
const ENOUGH: usize = 32 * 1024;
/// How long messages may gather until they are read. Much less than a frame, even in a game at 240 of them per second.
pub(super) const GATHERING: Duration = Duration::from_micros(500);
/// A stream that pauses so long is over.
const PAUSE: Duration = Duration::from_millis(2);

/// What was read in a turn.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Read {
    pub(super) messages: usize,
    pub(super) bytes: usize,
}

impl Read {
    /// Counts one more message, of so many bytes.
    pub(super) fn add(&mut self, bytes: usize) {
        self.messages += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// Finds out when to leave messages for a moment, to gather in the system.
///
/// A server that makes its messages one by one writes each by itself. To be woken for each costs the worker more than
/// most messages do, and the sender too if it shares the machine. Where the game sends something, it may wait for the
/// answer: then nothing is left.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last_read: Option<Instant>,
    quick_reads: u32,
    gathered: bool,
}

impl Pace {
    /// Whether to leave what comes in until [`GATHERING`] has passed, after a turn that has read this and left nothing.
    pub(super) fn gathers(&mut self, now: Instant, read: Read) -> bool {
        if read.messages == 0 {
            return false;
        }
        let since =
            self.last_read.replace(now).map_or(Duration::MAX, |last| now.saturating_duration_since(last));
        let goes_on = if self.gathered { since <= PAUSE && read.messages > 1 } else { since <= QUICK };
        self.quick_reads = if goes_on { self.quick_reads.saturating_add(1) } else { 0 };
        self.gathered = self.quick_reads >= STREAM && read.bytes < ENOUGH;
        self.gathered
    }

    /// The game has sent something, or the turn has left something to do.
    pub(super) fn break_off(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Read = Read { messages: 1, bytes: 100 };
    const SOME: Read = Read { messages: 5, bytes: 500 };
    const MUCH: Read = Read { messages: 1, bytes: ENOUGH };

    /// Reads in a stream, and how long after the first.
    fn pace_of_a_stream() -> (Pace, Instant) {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        for _ in 0..STREAM {
            assert!(!pace.gathers(now, ONE), "a few messages are no stream");
            now += QUICK;
        }
        assert!(pace.gathers(now, ONE), "a stream was not noticed");
        (pace, now)
    }

    #[test]
    fn a_stream_gathers_for_as_long_as_it_goes_on() {
        let (mut pace, mut now) = pace_of_a_stream();
        for _ in 0..3 {
            // What the end of the gathering brings, before the system is asked.
            assert!(!pace.gathers(now, Read::default()));
            now += GATHERING;
            assert!(pace.gathers(now, SOME));
        }
        now += PAUSE + QUICK;
        assert!(!pace.gathers(now, SOME), "a stream that pauses is over");
    }

    #[test]
    fn what_comes_now_and_then_is_read_at_once() {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        for _ in 0..5 * STREAM {
            assert!(!pace.gathers(now, SOME));
            now += QUICK * 2;
        }
    }

    #[test]
    fn a_gathering_that_brings_one_message_was_the_last() {
        let (mut pace, now) = pace_of_a_stream();
        assert!(!pace.gathers(now + GATHERING, ONE));
        assert!(!pace.gathers(now + GATHERING + QUICK, ONE));
    }

    #[test]
    fn large_messages_do_not_gather() {
        let (mut pace, now) = pace_of_a_stream();
        assert!(!pace.gathers(now + GATHERING, Read { messages: 2, ..MUCH }));
        assert!(!pace.gathers(now + GATHERING + QUICK, MUCH));
    }

    #[test]
    fn what_the_game_sends_ends_it() {
        let (mut pace, now) = pace_of_a_stream();
        pace.break_off();
        assert!(!pace.gathers(now + GATHERING, SOME));
    }
}
