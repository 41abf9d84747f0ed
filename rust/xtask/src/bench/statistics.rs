//! The samples of a run, and what they say: medians with their spread, and ratios within a round.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The figures that one process has measured, by their names.
pub type Figures = BTreeMap<String, f64>;

/// What was measured in which round.
#[derive(Debug, Default)]
pub struct Samples {
    /// By row, client and figure: the round and the value.
    all: BTreeMap<(String, String, String), Vec<(usize, f64)>>,
}

/// Where a figure stands in the samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    pub row: &'a str,
    pub client: &'a str,
    pub figure: &'a str,
}

/// The middle of some values and how far they are apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    pub median: f64,
    pub min: f64,
    pub max: f64,
}

impl Samples {
    pub fn add(&mut self, round: usize, row: &str, client: &str, figures: &Figures) {
        for (figure, value) in figures {
            let key = (row.to_owned(), client.to_owned(), figure.clone());
            self.all.entry(key).or_default().push((round, *value));
        }
    }

    pub fn summary(&self, place: Place<'_>) -> Option<Summary> {
        Summary::of(self.of(place).iter().map(|(_, value)| *value).collect())
    }

    /// How many times as much the first is as the second. Only values of the same round are compared, so that a slow
    /// spell of the machine is in both.
    pub fn ratio(&self, place: Place<'_>, reference: Place<'_>) -> Option<Summary> {
        let references = self.of(reference);
        let in_round = |round| references.iter().find(|(other, _)| *other == round).map(|(_, value)| *value);
        let ratios = self.of(place).iter().filter_map(|(round, value)| Some(value / in_round(*round)?));
        Summary::of(ratios.filter(|ratio| ratio.is_finite()).collect())
    }

    /// All of it: the summaries, and the values that they were made of.
    pub fn to_json(&self) -> Value {
        let mut rows = json!({});
        for ((row, client, figure), samples) in &self.all {
            let values: Vec<f64> = samples.iter().map(|(_, value)| *value).collect();
            let Some(Summary { median, min, max }) = Summary::of(values.clone()) else { continue };
            rows[row][client][figure] =
                json!({ "median": median, "min": min, "max": max, "samples": values });
        }
        rows
    }

    fn of(&self, place: Place<'_>) -> &[(usize, f64)] {
        let key = (place.row.to_owned(), place.client.to_owned(), place.figure.to_owned());
        self.all.get(&key).map_or(&[], Vec::as_slice)
    }
}

impl Summary {
    /// Of no values there is none.
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let upper = *values.get(middle)?;
        let lower = if values.len().is_multiple_of(2) { *values.get(middle - 1)? } else { upper };
        Some(Self { median: f64::midpoint(lower, upper), min, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place<'a>(row: &'a str, client: &'a str) -> Place<'a> {
        Place { row, client, figure: "usec" }
    }

    fn samples(values: &[(usize, &str, f64)]) -> Samples {
        let mut samples = Samples::default();
        for (round, client, value) in values {
            samples.add(*round, "row", client, &Figures::from([("usec".to_owned(), *value)]));
        }
        samples
    }

    #[test]
    fn the_median_is_in_the_middle_of_odd_and_even_counts() {
        assert_eq!(Summary::of(vec![9.0, 1.0, 2.0]), Some(Summary { median: 2.0, min: 1.0, max: 9.0 }));
        assert_eq!(Summary::of(vec![4.0, 1.0, 2.0, 9.0]), Some(Summary { median: 3.0, min: 1.0, max: 9.0 }));
        assert_eq!(Summary::of(Vec::new()), None);
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // The machine was half as fast in the second round, and the third has no reference.
        let samples = samples(&[(0, "a", 1.0), (0, "b", 2.0), (1, "a", 2.0), (1, "b", 4.0), (2, "a", 100.0)]);
        let ratio = samples.ratio(place("row", "a"), place("row", "b"));
        assert_eq!(ratio, Some(Summary { median: 0.5, min: 0.5, max: 0.5 }));
    }

    #[test]
    fn what_was_not_measured_has_no_summary() {
        let samples = samples(&[(0, "a", 1.0), (0, "none", 0.0)]);
        assert_eq!(samples.summary(place("row", "b")), None);
        assert_eq!(samples.ratio(place("row", "a"), place("row", "none")), None);
    }

    #[test]
    fn the_json_has_every_sample() {
        let json = samples(&[(0, "a", 1.0), (1, "a", 3.0)]).to_json();
        assert_eq!(
            json["row"]["a"]["usec"],
            json!({ "median": 2.0, "min": 1.0, "max": 3.0, "samples": [1.0, 3.0] })
        );
    }
}
