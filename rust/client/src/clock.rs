//! The time, counted also while the device sleeps.

use std::time::{Duration, Instant};

/// Differences below that are those of reading two clocks one after the other.
const JITTER: Duration = Duration::from_millis(100);

/// A clock that does not stand still while the device sleeps, as [`Instant`] does on most systems: a heartbeat that
/// is overdue after it must be noticed (S7).
pub(crate) struct Clock {
    /// How long the device has slept since some time in the past.
    slept: Box<dyn Fn() -> Duration + Send>,
    slept_before: Duration,
    /// What its times are ahead of [`Instant::now`].
    ahead: Duration,
}

impl Default for Clock {
    fn default() -> Self {
        Self::reading(system::slept)
    }
}

impl Clock {
    fn reading(slept: impl Fn() -> Duration + Send + 'static) -> Self {
        Self { slept_before: slept(), slept: Box::new(slept), ahead: Duration::ZERO }
    }

    /// Takes in that the device may have slept. Returns whether it has.
    pub(crate) fn refresh(&mut self) -> bool {
        let slept = (self.slept)().saturating_sub(self.slept_before);
        let has_slept = slept > self.ahead + JITTER;
        if has_slept {
            self.ahead = slept;
        }
        has_slept
    }

    pub(crate) fn now(&self) -> Instant {
        Instant::now() + self.ahead
    }

    /// When [`Instant::now`] will be there, unless the device sleeps until then.
    pub(crate) fn to_system(&self, time: Instant) -> Instant {
        time.checked_sub(self.ahead).unwrap_or_else(Instant::now)
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod system {
    use std::time::Duration;

    #[cfg(target_vendor = "apple")]
    const CLOCKS: (libc::clockid_t, libc::clockid_t) = (libc::CLOCK_MONOTONIC, libc::CLOCK_UPTIME_RAW);
    #[cfg(not(target_vendor = "apple"))]
    const CLOCKS: (libc::clockid_t, libc::clockid_t) = (libc::CLOCK_BOOTTIME, libc::CLOCK_MONOTONIC);

    /// The difference between the clock that goes on during sleep and the one that [`Instant`](std::time::Instant)
    /// reads.
    pub(super) fn slept() -> Duration {
        read(CLOCKS.0).saturating_sub(read(CLOCKS.1))
    }

    fn read(clock: libc::clockid_t) -> Duration {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the pointer is that of a local variable. A clock that the system has not leaves it at 0.
        unsafe { libc::clock_gettime(clock, &raw mut time) };
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or_default();
        Duration::new(seconds, nanoseconds)
    }
}

/// Elsewhere [`Instant`](std::time::Instant) goes on by itself.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod system {
    use std::time::Duration;

    pub(super) fn slept() -> Duration {
        Duration::ZERO
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// A device that sleeps when a test says so.
    #[derive(Clone, Default)]
    pub(crate) struct Device(Arc<AtomicU64>);

    impl Device {
        pub(crate) fn clock(&self) -> Clock {
            let device = self.clone();
            Clock::reading(move || Duration::from_secs(device.0.load(Ordering::SeqCst)))
        }

        pub(crate) fn sleep(&self, seconds: u64) {
            self.0.fetch_add(seconds, Ordering::SeqCst);
        }
    }

    #[test]
    fn sleep_counts() {
        let device = Device::default();
        let mut clock = device.clock();
        let before = clock.now();
        assert!(!clock.refresh());
        device.sleep(60);
        assert!(clock.refresh());
        assert!(clock.now() >= before + Duration::from_secs(60));
        let until_then = clock.to_system(clock.now() + Duration::from_secs(5)) - Instant::now();
        assert!((4..=5).contains(&until_then.as_secs()), "{until_then:?}");
    }

    #[test]
    fn awake_it_stays_with_the_systems_clock() {
        let mut clock = Clock::default();
        for _ in 0..1_000 {
            assert!(!clock.refresh());
        }
        assert_eq!(clock.ahead, Duration::ZERO);
    }
}
