//! Times, sizes and rates as texts.

/// A time since the game's start, as minutes and seconds.
pub(super) fn clock(seconds: f64) -> String {
    let milliseconds = (seconds * 1000.0) as u64;
    let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000);
    format!("{minutes}:{:02}.{:03}", rest / 1000, rest % 1000)
}

/// A short time, such as a latency.
pub(super) fn duration(seconds: f64) -> String {
    let milliseconds = seconds * 1000.0;
    match milliseconds {
        0.0 => "0 ms".to_owned(),
        ..1.0 => format!("{milliseconds:.2} ms"),
        ..10.0 => format!("{milliseconds:.1} ms"),
        ..1000.0 => format!("{milliseconds:.0} ms"),
        _ => format!("{seconds:.2} s"),
    }
}

/// A number of bytes.
pub(super) fn size(bytes: f64) -> String {
    const UNITS: [&str; 4] = ["B", "KiB", "MiB", "GiB"];

    let (mut value, mut unit) = (bytes, 0);
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 || value >= 10.0 {
        format!("{value:.0} {}", UNITS[unit])
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

/// A count with a separator every three digits.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Something a second.
pub(super) fn rate(per_second: f64) -> String {
    if per_second < 9.95 && per_second > 0.0 {
        format!("{per_second:.1}/s")
    } else {
        format!("{per_second:.0}/s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_at_a_glance() {
        assert_eq!([clock(0.0), clock(12.3456), clock(754.5)], ["0:00.000", "0:12.345", "12:34.500"]);
        let durations = [0.0, 0.00004, 0.0042, 0.0123, 1.5].map(duration);
        assert_eq!(durations, ["0 ms", "0.04 ms", "4.2 ms", "12 ms", "1.50 s"]);
        assert_eq!(clock(f64::MAX), clock(u64::MAX as f64), "too much is cut off");
    }

    #[test]
    fn sizes_have_the_unit_that_fits() {
        let sizes = [0.0, 999.0, 1000.0, 1536.0, 300_000.0, 5e6, 7e12].map(size);
        assert_eq!(sizes, ["0 B", "999 B", "1.0 KiB", "1.5 KiB", "293 KiB", "4.8 MiB", "6519 GiB"]);
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn rates_are_exact_where_they_are_small() {
        assert_eq!([0.0, 0.5, 9.97, 120.4].map(rate), ["0/s", "0.5/s", "10/s", "120/s"]);
    }
}
