//! The chart of a run, as SVG: bars in groups, readable on light and dark pages.

use std::fmt::Write as _;

use super::clients::Client;
use super::sections::main_engine;
use super::statistics::{Place, Samples};
use super::table::number;

const WIDTH: f64 = 760.0;
const LABEL_WIDTH: f64 = 210.0;
const VALUE_WIDTH: f64 = 90.0;
const MARGIN: f64 = 16.0;
const BAR: f64 = 16.0;
const LINE: f64 = 24.0;
const TITLE: f64 = 40.0;

/// The text and the bars take their colours from the page's scheme.
const STYLE: &str = "\
    text { font: 13px system-ui, sans-serif; fill: #24292f; }\n\
    .title { font-weight: 600; font-size: 15px; }\n\
    .note { fill: #57606a; }\n\
    .bar { fill: #afb8c1; }\n\
    .ours { fill: #478cbf; }\n\
    @media (prefers-color-scheme: dark) {\n\
      text { fill: #e6edf3; }\n\
      .note { fill: #8b949e; }\n\
      .bar { fill: #484f58; }\n\
    }\n";

/// Some bars under a title. All are drawn to one scale.
struct Group {
    title: &'static str,
    note: &'static str,
    bars: Vec<Bar>,
}

struct Bar {
    label: String,
    value: f64,
    text: String,
    is_ours: bool,
}

/// Draws what a player and a server notice most.
pub fn svg(samples: &Samples) -> String {
    let groups = [
        main_thread(samples),
        rates(samples, "in-small", "Small events received", "events/s, more is better"),
        rates(samples, "out-small", "Small events sent", "events/s, more is better"),
        latencies(samples),
    ];
    draw(&groups.into_iter().filter(|group| !group.bars.is_empty()).collect::<Vec<_>>())
}

fn main_thread(samples: &Samples) -> Group {
    let client = main_engine(samples);
    let ways = [
        ("small.in", "small.parse", "this addon, small event", true),
        ("small.by_hand_in", "small.parse", "GDScript by hand, small event", false),
        ("big.in", "big.parse", "this addon, big event", true),
        ("big.by_hand_in", "big.parse", "GDScript by hand, big event", false),
    ];
    let bar = |(way, parse, label, is_ours): (&str, &str, &str, bool)| {
        let place = |figure| Place { row: "main-thread", client, figure };
        let value = samples.ratio(place(way), place(parse))?.median;
        Some(Bar { label: label.to_owned(), value, text: format!("{value:.2} ×"), is_ours })
    };
    Group {
        title: "Main thread, per event received",
        note: "times the engine's JSON.parse_string, less is better",
        bars: ways.into_iter().filter_map(bar).collect(),
    }
}

fn rates(samples: &Samples, row: &str, title: &'static str, note: &'static str) -> Group {
    let clients = [Client::Addon, Client::ByHand, Client::JavaScript, Client::Python, Client::RustSocketIo];
    Group { title, note, bars: bars(samples, row, "events_per_second", &clients) }
}

fn latencies(samples: &Samples) -> Group {
    let clients = [
        Client::Addon,
        Client::ByHand,
        Client::JavaScript,
        Client::Python,
        Client::RustSocketIo,
        Client::Bare,
    ];
    Group {
        title: "Round trip of an acknowledgement",
        note: "µs, less is better",
        bars: bars(samples, "ack", "ack_p50_usec", &clients),
    }
}

fn bars(samples: &Samples, row: &str, figure: &str, clients: &[Client]) -> Vec<Bar> {
    let bar = |client: &Client| {
        let value = samples.summary(Place { row, client: client.name(), figure })?.median;
        let is_ours = *client == Client::Addon;
        Some(Bar { label: client.name().to_owned(), value, text: number(value), is_ours })
    };
    clients.iter().filter_map(bar).collect()
}

fn draw(groups: &[Group]) -> String {
    let lines: usize = groups.iter().map(|group| group.bars.len()).sum();
    let height = 2.0 * MARGIN + groups.len() as f64 * TITLE + lines as f64 * LINE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-label=\"Benchmarks\">\n<style>\n{STYLE}</style>\n"
    );
    let mut y = MARGIN;
    for group in groups {
        let _ = writeln!(
            svg,
            "<text class=\"title\" x=\"{MARGIN}\" y=\"{:.0}\">{} <tspan class=\"note\" \
             font-size=\"13\" font-weight=\"400\">{}</tspan></text>",
            y + 20.0,
            escaped(group.title),
            escaped(group.note)
        );
        y += TITLE - 8.0;
        let longest = group.bars.iter().map(|bar| bar.value).fold(f64::MIN_POSITIVE, f64::max);
        for bar in &group.bars {
            let room = WIDTH - 2.0 * MARGIN - LABEL_WIDTH - VALUE_WIDTH;
            let length = (bar.value / longest * room).max(1.0);
            let x = MARGIN + LABEL_WIDTH;
            let class = if bar.is_ours { "ours" } else { "bar" };
            let _ = writeln!(
                svg,
                "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>\
                 <rect class=\"{class}\" x=\"{x:.0}\" y=\"{y:.0}\" width=\"{length:.1}\" height=\"{BAR:.0}\" rx=\"2\"/>\
                 <text x=\"{:.1}\" y=\"{:.0}\">{}</text>",
                x - 8.0,
                y + 13.0,
                escaped(&bar.label),
                x + length + 6.0,
                y + 13.0,
                escaped(&bar.text)
            );
            y += LINE;
        }
        y += 8.0;
    }
    svg + "</svg>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::statistics::Figures;
    use super::*;

    fn samples(row: &str, figure: &str, values: &[(Client, f64)]) -> Samples {
        let mut samples = Samples::default();
        for (client, value) in values {
            samples.add(0, row, client.name(), &Figures::from([(figure.to_owned(), *value)]));
        }
        samples
    }

    #[test]
    fn the_longest_bar_fills_the_room_and_the_others_are_in_proportion() {
        let values = [(Client::Addon, 300.0), (Client::JavaScript, 75.0)];
        let svg = svg(&samples("in-small", "events_per_second", &values));
        let room = WIDTH - 2.0 * MARGIN - LABEL_WIDTH - VALUE_WIDTH;
        assert!(svg.contains(&format!("class=\"ours\" x=\"226\" y=\"48\" width=\"{room:.1}\"")), "{svg}");
        assert!(svg.contains(&format!("width=\"{:.1}\"", room / 4.0)), "{svg}");
        assert_eq!(svg.matches("<rect").count(), 2);
    }

    #[test]
    fn without_results_it_is_empty_and_still_svg() {
        let svg = svg(&Samples::default());
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert!(!svg.contains("<rect"));
    }

    #[test]
    fn text_cannot_break_the_markup() {
        assert_eq!(escaped("a < b & c"), "a &lt; b &amp; c");
    }
}
