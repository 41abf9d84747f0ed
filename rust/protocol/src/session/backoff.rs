//! The time between attempts to connect (S2).

use std::time::Duration;

use crate::Reconnection;

/// However short the game wants the delays: attempts without a pause would take a whole core.
const SHORTEST: Duration = Duration::from_millis(10);

/// Counts the attempts to connect since the connection last worked.
#[derive(Debug)]
pub(super) struct Backoff {
    attempt: u32,
    delay: Duration,
    random: fastrand::Rng,
}

impl Backoff {
    pub(super) fn new(seed: u64) -> Self {
        Self { attempt: 0, delay: Duration::ZERO, random: fastrand::Rng::with_seed(seed) }
    }

    /// The number of the attempt that is due or under way; 0 for the first try of all.
    pub(super) fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The time that is waited before that attempt.
    pub(super) fn delay(&self) -> Duration {
        self.delay
    }

    /// The connection works, or another one begins.
    pub(super) fn reset(&mut self) {
        self.attempt = 0;
        self.delay = Duration::ZERO;
    }

    /// The next attempt is made at once, as the first one.
    pub(super) fn restart(&mut self) {
        self.attempt = 1;
        self.delay = Duration::ZERO;
    }

    /// Makes the next attempt due after the returned time; `None` when there have been enough of them.
    ///
    /// The jitter comes after the limit. Were it the other way round, every client would wait exactly as long as the
    /// limit in a long outage, and all of them would come back in step.
    pub(super) fn advance(&mut self, reconnection: &Reconnection) -> Option<Duration> {
        if reconnection.attempts.is_some_and(|attempts| self.attempt >= attempts) {
            return None;
        }
        let doublings = self.attempt.min(31);
        let delay = reconnection.delay.saturating_mul(1_u32 << doublings).min(reconnection.delay_max);
        let deviation = reconnection.randomization_factor.clamp(0.0, 1.0) * (self.random.f64() * 2.0 - 1.0);
        self.attempt = self.attempt.saturating_add(1);
        let delay =
            Duration::try_from_secs_f64(delay.as_secs_f64() * (1.0 + deviation)).unwrap_or(Duration::MAX);
        self.delay = delay.max(SHORTEST);
        Some(self.delay)
    }

    /// Makes the attempt that is due wait at least that long (`Retry-After`), and a random part of it longer: a server
    /// tells all clients the same.
    pub(super) fn extend(&mut self, at_least: Duration, reconnection: &Reconnection) -> Duration {
        if at_least > self.delay {
            let spread = at_least.as_secs_f64() * reconnection.randomization_factor.clamp(0.0, 1.0);
            let spread = Duration::try_from_secs_f64(spread).unwrap_or_default().min(reconnection.delay_max);
            self.delay = at_least.saturating_add(spread.mul_f64(self.random.f64()));
        }
        self.delay
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(reconnection: &Reconnection, seed: u64) -> Vec<f64> {
        let mut backoff = Backoff::new(seed);
        (0..200).map_while(|_| backoff.advance(reconnection)).map(|delay| delay.as_secs_f64()).collect()
    }

    #[test]
    fn s2_delays_double_up_to_the_limit() {
        let reconnection = Reconnection { randomization_factor: 0.0, ..Reconnection::default() };
        assert_eq!(delays(&reconnection, 1)[..5], [1.0, 2.0, 4.0, 5.0, 5.0]);
    }

    #[test]
    fn s2_the_jitter_comes_after_the_limit() {
        let reconnection = Reconnection::default();
        let late: Vec<f64> = (0..20).flat_map(|seed| delays(&reconnection, seed)[3..].to_vec()).collect();
        assert!(late.iter().all(|delay| (2.5..=7.5).contains(delay)), "{late:?}");
        let average = late.iter().sum::<f64>() / late.len() as f64;
        assert!((4.8..5.2).contains(&average), "{average}");
        let longest = late.iter().copied().fold(0.0, f64::max);
        let shortest = late.iter().copied().fold(f64::MAX, f64::min);
        assert!(shortest < 2.7 && longest > 7.3, "{shortest} to {longest}");
    }

    #[test]
    fn s2_two_clients_do_not_come_back_in_step() {
        let reconnection = Reconnection::default();
        assert_ne!(delays(&reconnection, 1), delays(&reconnection, 2));
    }

    #[test]
    fn s4_the_attempts_come_to_an_end() {
        let reconnection = Reconnection { attempts: Some(3), ..Reconnection::default() };
        assert_eq!(delays(&reconnection, 1).len(), 3);
        let none = Reconnection { attempts: Some(0), ..reconnection };
        assert_eq!(delays(&none, 1).len(), 0);
    }

    #[test]
    fn there_is_always_a_pause() {
        let reconnection =
            Reconnection { delay: Duration::ZERO, delay_max: Duration::ZERO, ..Reconnection::default() };
        assert!(delays(&reconnection, 1).iter().all(|delay| *delay == 0.01));
    }

    #[test]
    fn clients_told_to_retry_after_the_same_time_do_not_come_back_in_step() {
        let reconnection = Reconnection::default();
        let extended = |seed| {
            let mut backoff = Backoff::new(seed);
            backoff.advance(&reconnection);
            backoff.extend(Duration::from_secs(60), &reconnection).as_secs_f64()
        };
        let delays: Vec<f64> = (0..50).map(extended).collect();
        assert!(delays.iter().all(|delay| (60.0..=65.0).contains(delay)), "{delays:?}");
        assert!(delays.iter().any(|delay| *delay < 61.0) && delays.iter().any(|delay| *delay > 64.0));
    }

    #[test]
    fn absurd_settings_do_no_harm() {
        let reconnection = Reconnection {
            delay: Duration::MAX,
            delay_max: Duration::MAX,
            randomization_factor: f64::NAN,
            ..Reconnection::default()
        };
        assert_eq!(delays(&reconnection, 1).len(), 200);
        let reconnection = Reconnection { randomization_factor: 1e9, ..Reconnection::default() };
        assert!(delays(&reconnection, 1).iter().all(|delay| *delay <= 10.0));
    }
}
