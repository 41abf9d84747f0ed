//! Tables in Markdown, and numbers as they read well in them.

use super::statistics::Summary;

/// A table. All but the first column is of numbers.
pub struct Table {
    head: Vec<String>,
    lines: Vec<Vec<String>>,
}

impl Table {
    pub fn new(head: &[&str]) -> Self {
        Self { head: head.iter().map(|text| (*text).to_owned()).collect(), lines: Vec::new() }
    }

    pub fn line(&mut self, cells: Vec<String>) {
        self.lines.push(cells);
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule: Vec<String> = (0..self.head.len())
            .map(|column| if column == 0 { "---".to_owned() } else { "---:".to_owned() })
            .collect();
        let mut text = line(&self.head) + &line(&rule);
        for cells in &self.lines {
            text += &line(cells);
        }
        text
    }
}

/// A median and its spread.
pub fn spread(summary: Option<Summary>) -> String {
    match summary {
        None => "–".to_owned(),
        Some(Summary { median, min, max }) => {
            format!("{} ({} to {})", number(median), number(min), number(max))
        }
    }
}

/// A median alone.
pub fn median(summary: Option<Summary>) -> String {
    summary.map_or_else(|| "–".to_owned(), |summary| number(summary.median))
}

/// How many times as much.
pub fn times(summary: Option<Summary>) -> String {
    summary.map_or_else(|| "–".to_owned(), |summary| format!("{:.2} ×", summary.median))
}

/// A ratio and its spread.
pub fn times_spread(summary: Option<Summary>) -> String {
    match summary {
        None => "–".to_owned(),
        Some(Summary { median, min, max }) => format!("{median:.2} × ({min:.2} to {max:.2})"),
    }
}

/// Three digits that matter, and commas between thousands.
pub fn number(value: f64) -> String {
    let size = value.abs();
    let decimals = if size >= 100.0 || size == 0.0 {
        0
    } else if size >= 10.0 {
        1
    } else {
        2
    };
    // Of large numbers the rest is noise.
    let unit = if size >= 10_000.0 { 10_f64.powf(size.log10().floor() - 2.0) } else { 1.0 };
    let value = if unit > 1.0 { (value / unit).round() * unit } else { value };
    with_commas(&format!("{value:.decimals$}"))
}

fn with_commas(text: &str) -> String {
    let (whole, rest) = text.split_once('.').map_or((text, String::new()), |(w, r)| (w, format!(".{r}")));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits() {
        for (value, text) in [
            (0.0, "0"),
            (0.123, "0.12"),
            (1.006, "1.01"),
            (12.34, "12.3"),
            (-12.34, "-12.3"),
            (345.6, "346"),
            (1234.0, "1,234"),
            (123_456.0, "123,000"),
            (7_654_321.0, "7,650,000"),
        ] {
            assert_eq!(number(value), text, "{value}");
        }
    }

    #[test]
    fn a_table_has_a_rule_under_its_head() {
        let mut table = Table::new(&["client", "events/s"]);
        assert!(table.is_empty());
        table.line(vec!["bare".into(), "1".into()]);
        assert_eq!(table.markdown(), "| client | events/s |\n| --- | ---: |\n| bare | 1 |\n");
    }

    #[test]
    fn what_is_missing_is_a_dash() {
        let summary = Some(Summary { median: 2.0, min: 1.0, max: 4.0 });
        assert_eq!([spread(summary), spread(None)], ["2.00 (1.00 to 4.00)", "–"]);
        assert_eq!([median(summary), median(None)], ["2.00", "–"]);
        assert_eq!([times(summary), times(None)], ["2.00 ×", "–"]);
        assert_eq!(times_spread(summary), "2.00 × (1.00 to 4.00)");
    }
}
