//! What a client's counters and latency were lately: its rates, and the graph of its latency.

use std::collections::VecDeque;

/// How far back the graph goes, in seconds.
pub(in crate::editor) const GRAPH_SECONDS: f64 = 60.0;

/// Rates are means over about so many seconds.
const RATE_SECONDS: f64 = 1.0;

/// A game reports four times a second. More often than so, the oldest readings go early.
const MAX_READINGS: usize = 600;

/// Counters of a client since it was made, and its latency.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::editor) struct Reading {
    pub events_received: u64,
    pub events_sent: u64,
    pub bytes_received: u64,
    pub bytes_sent: u64,
    /// The last round trip in seconds.
    pub latency: Option<f64>,
}

/// How much a second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::editor) struct Rates {
    pub events_received: f64,
    pub events_sent: f64,
    pub bytes_received: f64,
    pub bytes_sent: f64,
}

/// The readings of the last [`GRAPH_SECONDS`].
#[derive(Clone, Debug, Default)]
pub(in crate::editor) struct Meter {
    /// Each with when it was made, in seconds.
    readings: VecDeque<(f64, Reading)>,
}

impl Meter {
    pub(super) fn add(&mut self, reading: Reading, now: f64) {
        self.readings.push_back((now, reading));
        let is_old = |readings: &VecDeque<(f64, Reading)>| {
            readings.len() > MAX_READINGS || readings.front().is_some_and(|(at, _)| now - at > GRAPH_SECONDS)
        };
        while is_old(&self.readings) {
            self.readings.pop_front();
        }
    }

    /// The rates at the time of the last reading.
    pub(in crate::editor) fn rates(&self) -> Rates {
        let Some((now, last)) = self.readings.back() else { return Rates::default() };
        let earlier = self.readings.iter().rev().find(|(at, _)| now - at >= RATE_SECONDS);
        let Some((then, first)) = earlier.or_else(|| self.readings.front()) else { return Rates::default() };
        let seconds = now - then;
        let rate = |last: u64, first: u64| {
            if seconds > 0.0 { last.saturating_sub(first) as f64 / seconds } else { 0.0 }
        };
        Rates {
            events_received: rate(last.events_received, first.events_received),
            events_sent: rate(last.events_sent, first.events_sent),
            bytes_received: rate(last.bytes_received, first.bytes_received),
            bytes_sent: rate(last.bytes_sent, first.bytes_sent),
        }
    }

    /// The latencies and how long before the last reading they were measured, both in seconds, the oldest first.
    pub(in crate::editor) fn latencies(&self) -> impl Iterator<Item = (f64, Option<f64>)> {
        let now = self.readings.back().map_or(0.0, |(at, _)| *at);
        self.readings.iter().map(move |(at, reading)| (now - at, reading.latency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(readings: &[(f64, u64)]) -> Meter {
        let mut meter = Meter::default();
        for &(at, events_received) in readings {
            meter.add(Reading { events_received, latency: Some(at), ..Reading::default() }, at);
        }
        meter
    }

    #[test]
    fn one_reading_has_no_rate() {
        assert_eq!(meter(&[]).rates(), Rates::default());
        assert_eq!(meter(&[(5.0, 100)]).rates(), Rates::default());
        assert_eq!(meter(&[(5.0, 100), (5.0, 200)]).rates(), Rates::default());
    }

    #[test]
    fn a_rate_is_that_of_the_last_second() {
        assert_eq!(meter(&[(0.0, 0), (0.5, 10)]).rates().events_received, 20.0);
        assert_eq!(meter(&[(0.0, 0), (0.5, 100), (1.0, 100), (1.5, 101)]).rates().events_received, 1.0);
    }

    #[test]
    fn counters_that_begin_again_make_no_negative_rate() {
        assert_eq!(meter(&[(0.0, 100), (1.0, 2)]).rates().events_received, 0.0);
    }

    #[test]
    fn a_minute_is_kept_and_no_more() {
        let meter = meter(&(0..1000).map(|second| (f64::from(second), 0)).collect::<Vec<_>>());
        let ages: Vec<f64> = meter.latencies().map(|(age, _)| age).collect();
        assert_eq!((ages[0], *ages.last().unwrap()), (GRAPH_SECONDS, 0.0));
    }

    #[test]
    fn readings_are_bounded_however_often_they_come() {
        let meter = meter(&(0..5000).map(|_| (1.0, 0)).collect::<Vec<_>>());
        assert_eq!(meter.latencies().count(), MAX_READINGS);
    }
}
