//! Measuring, and the one line that a peer prints.

use std::io::{Read as _, stdin};
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

/// Does the work, and prints how many of its events there were in a second and what each took of the processor.
pub fn rate(count: usize, work: impl FnOnce() -> Result<()>) -> Result<()> {
    let (cpu, start) = (cpu_time(), Instant::now());
    work()?;
    let (seconds, cpu) = (start.elapsed().as_secs_f64(), cpu_time() - cpu);
    let count = count as f64;
    println!(
        "{}",
        json!({ "events_per_second": count / seconds, "cpu_usec": cpu.as_secs_f64() * 1e6 / count })
    );
    Ok(())
}

/// Does the work as often, after some times that do not count, and prints how long it took.
pub fn latency(name: &str, count: usize, warm_up: usize, mut work: impl FnMut() -> Result<()>) -> Result<()> {
    let mut times = Vec::with_capacity(count);
    for i in 0..warm_up + count {
        let start = Instant::now();
        work()?;
        if i >= warm_up {
            times.push(start.elapsed().as_secs_f64() * 1e6);
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times.get((part * (count.saturating_sub(1)) as f64) as usize);
    let (p50, p99) = (format!("{name}_p50_usec"), format!("{name}_p99_usec"));
    println!("{}", json!({ p50: at(0.5), p99: at(0.99) }));
    Ok(())
}

/// Says that everything is connected, and waits until that is not needed any more.
pub fn stay() -> Result<()> {
    println!("{}", json!({ "ready": 1 }));
    stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// What the process has used of the processor.
fn cpu_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: clock_gettime writes the one struct that it gets.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
