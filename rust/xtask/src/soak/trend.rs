//! Whether a quantity grows: the line through its samples by Theil and Sen, which a few outliers do not bend.

use std::fmt;

use anyhow::{Result, bail};

use super::sample::{QUANTITIES, Quantity, Sample};

/// Every kind of fault comes once in so many rounds; until then not everything has been allocated that stays.
const WARM_UP_ROUNDS: usize = 8;
/// The part of a long run that is warm-up.
const WARM_UP_PART: f64 = 0.25;
/// Fewer samples show no trend.
const FEWEST: usize = 5;

/// How a quantity has moved after the warm-up.
pub struct Trend {
    quantity: &'static Quantity,
    median: f64,
    /// By how much it has risen over the whole time, by its trend.
    rise: f64,
}

impl Trend {
    /// The trends of all quantities.
    ///
    /// # Errors
    /// When there are too few samples to tell.
    pub fn of_all(samples: &[Sample]) -> Result<Vec<Self>> {
        let part = (samples.len() as f64 * WARM_UP_PART) as usize;
        let settled = samples.get(part.max(WARM_UP_ROUNDS)..).unwrap_or_default();
        if settled.len() < FEWEST {
            bail!("{} rounds are too few to show a trend: let it run longer", samples.len());
        }
        Ok(QUANTITIES.iter().map(|quantity| Self::of(quantity, settled)).collect())
    }

    fn of(quantity: &'static Quantity, samples: &[Sample]) -> Self {
        let points: Vec<_> = samples.iter().map(|sample| (sample.seconds, (quantity.get)(sample))).collect();
        let span = points.last().map_or(0.0, |last| last.0) - points.first().map_or(0.0, |first| first.0);
        let median = median(points.iter().map(|point| point.1).collect());
        Self { quantity, median, rise: slope(&points) * span }
    }

    /// What is wrong with it.
    pub fn problem(&self) -> Option<String> {
        let Quantity { name, allowed, .. } = self.quantity;
        (self.rise > *allowed).then(|| format!("{name}: it grows, see above"))
    }
}

impl fmt::Display for Trend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Quantity { name, unit, allowed, .. } = self.quantity;
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        write!(
            f,
            "{name}: {:.1}{unit} in the middle, {:+.2}{unit} by the trend after warm-up (up to {allowed}{unit} is flat)",
            self.median, self.rise
        )
    }
}

/// The median of the slopes between all pairs of points.
fn slope(points: &[(f64, f64)]) -> f64 {
    let mut slopes = Vec::new();
    for (index, (start, first)) in points.iter().enumerate() {
        for (end, second) in &points[index + 1..] {
            if end > start {
                slopes.push((second - first) / (end - start));
            }
        }
    }
    median(slopes)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        count if count % 2 == 1 => values[count / 2],
        count => f64::midpoint(values[count / 2 - 1], values[count / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(count: usize, resident: impl Fn(usize) -> f64) -> Vec<Sample> {
        let sample = |round: usize| Sample {
            seconds: round as f64,
            resident_mib: resident(round),
            ..Sample::default()
        };
        (0..count).map(sample).collect()
    }

    fn problems(samples: &[Sample]) -> Vec<String> {
        Trend::of_all(samples).unwrap().iter().filter_map(Trend::problem).collect()
    }

    #[test]
    fn a_steady_rise_is_found() {
        let rising = samples(100, |round| 100.0 + round as f64 * 0.1);
        assert_eq!(problems(&rising), ["resident memory: it grows, see above"]);
    }

    #[test]
    fn warm_up_and_outliers_are_no_rise() {
        assert!(problems(&samples(100, |round| if round < 25 { round as f64 } else { 25.0 })).is_empty());
        assert!(problems(&samples(100, |round| if round % 10 == 9 { 500.0 } else { 100.0 })).is_empty());
        assert!(problems(&samples(100, |round| 200.0 - round as f64)).is_empty());
    }

    #[test]
    fn one_thread_more_every_ten_rounds_is_found() {
        let mut leaking = samples(60, |_| 100.0);
        for (round, sample) in leaking.iter_mut().enumerate() {
            sample.threads = (30 + round / 10) as f64;
        }
        assert_eq!(problems(&leaking).len(), 1);
    }

    #[test]
    fn too_few_rounds_are_no_verdict() {
        assert!(Trend::of_all(&samples(WARM_UP_ROUNDS + FEWEST - 1, |_| 1.0)).is_err());
        assert!(Trend::of_all(&samples(WARM_UP_ROUNDS + FEWEST, |_| 1.0)).is_ok());
    }
}
