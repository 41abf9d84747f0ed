//! The latency of one client over the last minute.

use std::cell::RefCell;

use godot::builtin::{PackedVector2Array, Rect2, Vector2};
use godot::classes::Control;
use godot::global::HorizontalAlignment;
use godot::obj::{Gd, NewAlloc as _};

use super::palette::{Palette, scaled};
use crate::editor::quantity;
use crate::editor::traffic::{Client, GRAPH_SECONDS};

/// The least that the height stands for, in seconds: the noise of a good connection is not drawn as mountains.
const LEAST_RANGE: f64 = 0.01;

pub(super) struct LatencyGraph {
    pub control: Gd<Control>,
    curve: RefCell<Curve>,
}

/// What is drawn: runs of latencies, each with its age, both in seconds.
#[derive(Debug, Default, PartialEq)]
struct Curve {
    runs: Vec<Vec<(f64, f64)>>,
    highest: f64,
    last: Option<f64>,
}

impl LatencyGraph {
    pub(super) fn new() -> Self {
        let mut control = Control::new_alloc();
        control.set_name("LatencyGraph");
        control.set_custom_minimum_size(Vector2::new(0.0, scaled(72.0)));
        control.set_tooltip_text("The round trip to the server over the last minute.");
        control.set_clip_contents(true);
        Self { control, curve: RefCell::default() }
    }

    pub(super) fn show(&self, client: Option<&Client>) {
        let curve = client.map(|client| Curve::of(client.meter.latencies())).unwrap_or_default();
        if self.curve.replace(curve) != *self.curve.borrow() {
            self.control.clone().queue_redraw();
        }
    }

    /// Draws it, in the control's `draw`.
    pub(super) fn draw(&self, palette: &Palette) {
        let mut control = self.control.clone();
        let curve = self.curve.borrow();
        let area = control.get_size();
        if let Some(panel) = control.get_theme_stylebox_ex("panel").theme_type("Tree").done() {
            control.draw_style_box(&panel, Rect2::new(Vector2::ZERO, area));
        }
        let Some(font) = control.get_theme_font_ex("font").theme_type("Label").done() else { return };
        let font_size = control.get_theme_font_size_ex("font_size").theme_type("Label").done();
        let (margin, line) = (scaled(6.0), font.get_ascent_ex().font_size(font_size).done());
        let range = curve.highest.max(LEAST_RANGE);
        // The text stands above the curve.
        let top = 1.5 * margin + line;
        let (width, height) = (area.x - 2.0 * margin, area.y - top - margin);
        for run in &curve.runs {
            let place = |(age, latency): &(f64, f64)| {
                let x = 1.0 - (age / GRAPH_SECONDS) as f32;
                let y = 1.0 - (latency / range) as f32;
                Vector2::new(margin + x * width, top + y * height)
            };
            let mut points: PackedVector2Array = run.iter().map(place).collect();
            // One alone would be no line.
            if let ([only], true) = (run.as_slice(), points.len() == 1) {
                points.push(place(only) + Vector2::new(scaled(1.0), 0.0));
            }
            control.draw_polyline_ex(&points, palette.accent).width(scaled(1.5)).antialiased(true).done();
        }
        let write = |text: &str, alignment: HorizontalAlignment, color| {
            let baseline = Vector2::new(margin, margin + line);
            let control = control.draw_string_ex(&font, baseline, text).alignment(alignment).width(width);
            control.font_size(font_size).modulate(color).done();
        };
        let fits = |text: &str| font.get_string_size_ex(text).font_size(font_size).done().x <= width;
        if let Some(last) = curve.last {
            let last = quantity::duration(last);
            let both = format!("{last} (highest {})", quantity::duration(curve.highest));
            let text = if fits(&format!("Latency {both}")) { both } else { last };
            write(&text, HorizontalAlignment::RIGHT, palette.text);
        }
        write("Latency", HorizontalAlignment::LEFT, palette.dim);
    }
}

impl Curve {
    fn of(latencies: impl Iterator<Item = (f64, Option<f64>)>) -> Self {
        let mut curve = Self::default();
        let mut is_new = true;
        for (age, latency) in latencies {
            curve.last = latency;
            let Some(latency) = latency else {
                is_new = true;
                continue;
            };
            curve.highest = curve.highest.max(latency);
            match curve.runs.last_mut().filter(|_| !is_new) {
                Some(run) => run.push((age, latency)),
                None => curve.runs.push(vec![(age, latency)]),
            }
            is_new = false;
        }
        curve
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_a_gap() {
        let curve =
            Curve::of([(3.0, Some(0.1)), (2.0, Some(0.3)), (1.0, None), (0.0, Some(0.2))].into_iter());
        assert_eq!(curve.runs, [vec![(3.0, 0.1), (2.0, 0.3)], vec![(0.0, 0.2)]]);
        assert_eq!((curve.highest, curve.last), (0.3, Some(0.2)));
    }

    #[test]
    fn the_last_latency_is_unknown_while_there_is_no_connection() {
        let curve = Curve::of([(1.0, Some(0.1)), (0.0, None)].into_iter());
        assert_eq!(curve.last, None);
    }
}
