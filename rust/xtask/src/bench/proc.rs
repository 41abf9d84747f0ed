//! What a process takes of the machine, as the kernel counts it. Linux only.

use std::fs;

use super::statistics::Figures;

/// The counters of a process at one moment.
pub struct Usage {
    cpu_usec: f64,
    wake_ups: f64,
    /// Those of all threads but the main one, which in a game wakes up for each frame.
    wake_ups_of_others: f64,
    resident_kib: f64,
}

impl Usage {
    /// Now; none where the kernel does not tell.
    pub fn of(process: u32) -> Option<Self> {
        let mut usage = Self { cpu_usec: 0.0, wake_ups: 0.0, wake_ups_of_others: 0.0, resident_kib: 0.0 };
        for thread in fs::read_dir(format!("/proc/{process}/task")).ok()? {
            let folder = thread.ok()?.path();
            let read = |name| fs::read_to_string(folder.join(name));
            // One that has just ended is gone from the list too.
            let (Ok(schedstat), Ok(status)) = (read("schedstat"), read("status")) else { continue };
            let nanoseconds: f64 = schedstat.split(' ').next()?.parse().ok()?;
            usage.cpu_usec += nanoseconds / 1e3;
            // A thread that waits is woken once for each time it went to sleep by itself.
            let wake_ups = field(&status, "voluntary_ctxt_switches:")?;
            usage.wake_ups += wake_ups;
            if !folder.ends_with(process.to_string()) {
                usage.wake_ups_of_others += wake_ups;
            }
        }
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        usage.resident_kib = field(&status, "VmRSS:")?;
        Some(usage)
    }

    /// What was used since an earlier moment, per second.
    pub fn since(&self, earlier: &Self, seconds: f64) -> Figures {
        Figures::from([
            ("cpu_percent".to_owned(), (self.cpu_usec - earlier.cpu_usec) / seconds / 1e4),
            ("wake_ups_per_second".to_owned(), (self.wake_ups - earlier.wake_ups) / seconds),
            (
                "wake_ups_of_others_per_second".to_owned(),
                (self.wake_ups_of_others - earlier.wake_ups_of_others) / seconds,
            ),
        ])
    }

    /// The memory that is in use.
    pub fn memory(&self) -> f64 {
        self.resident_kib
    }
}

fn field(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let status = "VmRSS:\t   1234 kB\nnonvoluntary_ctxt_switches:\t9\nvoluntary_ctxt_switches:\t7\n";
        assert_eq!(field(status, "VmRSS:"), Some(1234.0));
        assert_eq!(field(status, "voluntary_ctxt_switches:"), Some(7.0));
        assert_eq!(field(status, "VmSwap:"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_uses_memory_and_time() {
        let before = Usage::of(std::process::id()).unwrap();
        let start = std::time::Instant::now();
        let mut used = 0.0;
        // What the threads of other tests took is gone when they end, so that it may be less for a while.
        while used <= 0.0 && start.elapsed().as_secs() < 20 {
            used = Usage::of(std::process::id()).unwrap().since(&before, 1.0)["cpu_percent"];
        }
        assert!(before.memory() > 100.0);
        assert!(used > 0.0);
    }
}
