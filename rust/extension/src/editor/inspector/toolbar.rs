//! The row of buttons above everything.

use godot::builtin::Vector2;
use godot::classes::control::SizeFlags;
use godot::classes::{BaseButton, Button, HFlowContainer, Label, LineEdit, VSeparator};
use godot::obj::{Gd, NewAlloc as _};

use super::palette::{Palette, scaled};
use crate::editor::quantity;
use crate::editor::traffic::{Category, Client, History};

/// By how much the toggle makes the round trip longer, in seconds.
pub(super) const ADDED_LATENCY: f64 = 0.2;

pub(super) struct Toolbar {
    pub root: Gd<HFlowContainer>,
    pub drop: Gd<Button>,
    pub latency: Gd<Button>,
    pub emit: Gd<Button>,
    pub search: Gd<LineEdit>,
    pub categories: [(Category, Gd<Button>); Category::ALL.len()],
    pub follow: Gd<Button>,
    pub pause: Gd<Button>,
    pub clear: Gd<Button>,
    counts: Gd<Label>,
}

impl Toolbar {
    pub(super) fn new() -> Self {
        let mut root = HFlowContainer::new_alloc();
        root.set_name("Toolbar");
        let add = |name: &str, text: &str, tooltip: &str| {
            let mut button = Button::new_alloc();
            button.set_name(name);
            button.set_text(text);
            button.set_tooltip_text(tooltip);
            button.set_theme_type_variation("FlatButton");
            button
        };
        let drop = add(
            "Drop",
            "Drop Connection",
            "Ends the connection as a dying network would. The client connects again by itself.",
        );
        let mut latency = add(
            "Latency",
            "Add 200 ms",
            "Holds back what arrives and what leaves, so that the round trip takes 200 ms more.",
        );
        latency.set_toggle_mode(true);
        let emit = add(
            "Emit",
            "Emit…",
            "Emits an event to the server, or to the game as if the server had sent it.",
        );
        let categories = Category::ALL.map(|category| {
            let (name, text, tooltip) = match category {
                Category::Events => ("Events", "Events", "Shows events."),
                Category::Acks => ("Acks", "Acks", "Shows acknowledgements."),
                Category::Connection => (
                    "Connection",
                    "Connection",
                    "Shows what opens, joins, leaves and loses connections and namespaces.",
                ),
                Category::Heartbeat => ("Heartbeat", "Heartbeat", "Shows PING, PONG and NOOP."),
            };
            let mut button = add(name, text, tooltip);
            button.set_toggle_mode(true);
            button.set_pressed(category.is_shown_by_default());
            (category, button)
        });
        let mut follow = add(
            "Follow",
            "Follow",
            "Keeps the newest packet in sight. It is off while you look at older ones.",
        );
        follow.set_toggle_mode(true);
        follow.set_pressed(true);
        let mut pause =
            add("Pause", "Pause", "Takes no more packets into the list until it is switched off.");
        pause.set_toggle_mode(true);
        let clear = add("Clear", "Clear", "Removes all packets from the list.");
        let mut search = LineEdit::new_alloc();
        search.set_name("Filter");
        search.set_placeholder("Filter by Event or Namespace");
        search.set_tooltip_text("Shows only packets whose event or namespace contains this text.");
        search.set_clear_button_enabled(true);
        search.set_h_size_flags(SizeFlags::EXPAND_FILL);
        search.set_custom_minimum_size(Vector2::new(scaled(120.0), 0.0));
        let mut counts = Label::new_alloc();
        counts.set_name("Counts");

        root.add_child(&drop);
        root.add_child(&latency);
        root.add_child(&emit);
        root.add_child(&VSeparator::new_alloc());
        root.add_child(&search);
        for (_, button) in &categories {
            root.add_child(button);
        }
        root.add_child(&VSeparator::new_alloc());
        root.add_child(&follow);
        root.add_child(&pause);
        root.add_child(&clear);
        root.add_child(&counts);
        Self { root, drop, latency, emit, search, categories, follow, pause, clear, counts }
    }

    pub(super) fn use_theme(&self, palette: &Palette) {
        let icons = [
            (&self.drop, "Unlinked"),
            (&self.latency, "Time"),
            (&self.emit, "Signals"),
            (&self.follow, "MoveDown"),
            (&self.pause, "Pause"),
            (&self.clear, "Clear"),
        ];
        for (button, name) in icons {
            if let Some(icon) = palette.icon(name) {
                button.clone().set_button_icon(&icon);
            }
        }
        if let Some(icon) = palette.icon("Search") {
            self.search.clone().set_right_icon(&icon);
        }
        self.counts.clone().add_theme_color_override("font_color", palette.dim);
    }

    /// Offers what can be done with the client that is chosen, if the game runs.
    pub(super) fn show_client(&self, client: Option<&Client>) {
        for button in [&self.drop, &self.latency, &self.emit] {
            set_disabled(button, client.is_none());
        }
        let is_slow = client.is_some_and(|client| client.added_latency > 0.0);
        self.latency.clone().set_pressed_no_signal(is_slow);
    }

    /// Shows whether the list keeps the newest packet in sight.
    pub(super) fn show_following(&self, is_following: bool) {
        self.follow.clone().set_pressed_no_signal(is_following);
    }

    pub(super) fn show_counts(&self, history: &History) {
        let (shown, all) = (history.rows() as u64, history.len() as u64);
        let mut text = if shown == all {
            format!("{} packets", quantity::count(all))
        } else {
            format!("{} of {} packets", quantity::count(shown), quantity::count(all))
        };
        if history.skipped() > 0 {
            text = format!("{text}, {} left out", quantity::count(history.skipped()));
        }
        self.counts.clone().set_text(&text);
    }
}

fn set_disabled(button: &Gd<Button>, disabled: bool) {
    let mut button = button.clone().upcast::<BaseButton>();
    if button.is_disabled() != disabled {
        button.set_disabled(disabled);
    }
}
