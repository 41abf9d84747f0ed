//! What is answered by which acknowledgement, and how long that takes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use socketio_protocol::Namespace;

/// How many events may wait for their answers; the oldest are forgotten.
const MAX_WAITING: usize = 4_096;

/// The events that wait for an acknowledgement, in the order in which they were sent.
#[derive(Default)]
pub(super) struct RoundTrips {
    waiting: VecDeque<Asked>,
}

struct Asked {
    namespace: Namespace,
    id: u64,
    event: Box<str>,
    sent: Instant,
}

impl RoundTrips {
    /// An event was sent that wants an answer.
    pub(super) fn begin(&mut self, namespace: Namespace, id: u64, event: &str, sent: Instant) {
        if self.waiting.len() >= MAX_WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back(Asked { namespace, id, event: event.into(), sent });
    }

    /// The answer has come. Returns the name of the event, and how long it took.
    pub(super) fn end(&mut self, namespace: &str, id: u64, now: Instant) -> Option<(Box<str>, Duration)> {
        // As a rule it is one of the first.
        let position =
            self.waiting.iter().position(|asked| asked.id == id && *asked.namespace == *namespace)?;
        let asked = self.waiting.remove(position)?;
        Some((asked.event, now.saturating_duration_since(asked.sent)))
    }

    /// The connection has ended: there will be no answers.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_ends_its_own_round_trip_once() {
        let mut trips = RoundTrips::default();
        let start = Instant::now();
        let after = |milliseconds| start + Duration::from_millis(milliseconds);
        trips.begin("/".into(), 0, "a", start);
        trips.begin("/chat".into(), 0, "b", after(10));
        trips.begin("/".into(), 1, "c", after(20));
        assert_eq!(trips.end("/chat", 0, after(50)), Some(("b".into(), Duration::from_millis(40))));
        assert_eq!(trips.end("/", 1, after(60)), Some(("c".into(), Duration::from_millis(40))));
        assert_eq!(trips.end("/", 0, after(60)), Some(("a".into(), Duration::from_millis(60))));
        assert_eq!(trips.end("/", 0, after(60)), None);
        trips.begin("/".into(), 2, "d", start);
        trips.clear();
        assert_eq!(trips.end("/", 2, start), None);
    }

    #[test]
    fn what_is_never_answered_is_forgotten() {
        let mut trips = RoundTrips::default();
        let now = Instant::now();
        (0..=MAX_WAITING as u64).for_each(|id| trips.begin("/".into(), id, "a", now));
        assert_eq!(trips.waiting.len(), MAX_WAITING);
        assert_eq!(trips.end("/", 0, now), None);
        assert!(trips.end("/", 1, now).is_some());
    }
}
