//! The figures of one client, in a row.

use godot::builtin::{Color, Vector2};
use godot::classes::control::MouseFilter;
use godot::classes::{HBoxContainer, HFlowContainer, Label};
use godot::obj::{Gd, NewAlloc as _};

use super::palette::{Palette, scaled};
use crate::editor::quantity;
use crate::editor::traffic::Client;

/// One figure.
#[derive(Clone, Copy, Debug)]
enum Figure {
    Transport,
    Received,
    Sent,
    Waiting,
    Dispatch,
    Reconnects,
}

pub(super) struct Figures {
    pub root: Gd<HFlowContainer>,
    labels: Vec<Labels>,
}

struct Labels {
    figure: Figure,
    title: Gd<Label>,
    value: Gd<Label>,
}

impl Figures {
    pub(super) fn new() -> Self {
        let mut root = HFlowContainer::new_alloc();
        root.set_name("Figures");
        root.add_theme_constant_override("h_separation", scaled(16.0) as i32);
        root.add_theme_constant_override("v_separation", 0);
        let mut labels = Vec::new();
        for figure in Figure::ALL {
            let title = label(&format!("{figure:?}Title"), figure);
            let mut value = label(&format!("{figure:?}"), figure);
            title.clone().set_text(figure.title());
            // Wide enough for most values, so that the row does not jump about.
            value.set_custom_minimum_size(Vector2::new(scaled(figure.width()), 0.0));
            let mut pair = HBoxContainer::new_alloc();
            pair.add_child(&title);
            pair.add_child(&value);
            root.add_child(&pair);
            labels.push(Labels { figure, title, value });
        }
        Self { root, labels }
    }

    pub(super) fn use_theme(&self, palette: &Palette) {
        for labels in &self.labels {
            labels.title.clone().add_theme_color_override("font_color", palette.dim);
        }
    }

    pub(super) fn show(&self, client: Option<&Client>, palette: &Palette) {
        for labels in &self.labels {
            let (mut value, figure) = (labels.value.clone(), labels.figure);
            value.set_text(&client.map(|client| figure.text(client)).unwrap_or_default());
            let is_alarming = client.is_some_and(|client| figure.is_alarming(client));
            value.set_modulate(if is_alarming { palette.warning } else { Color::WHITE });
        }
    }
}

impl Figure {
    const ALL: [Self; 6] =
        [Self::Transport, Self::Received, Self::Sent, Self::Waiting, Self::Dispatch, Self::Reconnects];

    fn title(self) -> &'static str {
        match self {
            Self::Transport => "Transport",
            Self::Received => "Received",
            Self::Sent => "Sent",
            Self::Waiting => "Waiting",
            Self::Dispatch => "Longest Dispatch",
            Self::Reconnects => "Reconnects",
        }
    }

    fn tooltip(self) -> &'static str {
        match self {
            Self::Transport => "What the connection runs on.",
            Self::Received => "Events and bytes from the server, a second.",
            Self::Sent => "Events and bytes to the server, a second.",
            Self::Waiting => "What waits to be sent, and what waits to be dispatched to the game.",
            Self::Dispatch => "The longest time that one frame of the game has spent on events lately.",
            Self::Reconnects => "How often a lost connection was made again.",
        }
    }

    /// In pixels.
    fn width(self) -> f32 {
        match self {
            Self::Transport => 72.0,
            Self::Received | Self::Sent => 104.0,
            Self::Waiting => 84.0,
            Self::Dispatch => 50.0,
            Self::Reconnects => 24.0,
        }
    }

    fn text(self, client: &Client) -> String {
        let rates = client.meter.rates();
        let flow =
            |events: f64, bytes: f64| format!("{}, {}/s", quantity::rate(events), quantity::size(bytes));
        match self {
            Self::Transport if client.transport.is_empty() => "none".to_owned(),
            Self::Transport => client.transport.clone(),
            Self::Received => flow(rates.events_received, rates.bytes_received),
            Self::Sent => flow(rates.events_sent, rates.bytes_sent),
            Self::Waiting => {
                let [out, into] = [client.bytes_waiting_to_send, client.bytes_waiting_to_dispatch]
                    .map(|bytes| quantity::size(bytes as f64));
                let paused = if client.reading_paused { ", reading paused" } else { "" };
                format!("{out} / {into}{paused}")
            }
            Self::Dispatch => quantity::duration(client.dispatch_usec as f64 / 1e6),
            Self::Reconnects => quantity::count(client.reconnects),
        }
    }

    fn is_alarming(self, client: &Client) -> bool {
        match self {
            Self::Waiting => client.reading_paused,
            _ => false,
        }
    }
}

fn label(name: &str, figure: Figure) -> Gd<Label> {
    let mut label = Label::new_alloc();
    label.set_name(name);
    label.set_tooltip_text(figure.tooltip());
    // A label has no tooltip while it ignores the mouse.
    label.set_mouse_filter(MouseFilter::PASS);
    label
}
