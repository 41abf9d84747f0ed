//! What happens when the user or the editor does something.

use std::rc::Rc;

use godot::builtin::Variant;
use godot::classes::{InputEvent, Object};
use godot::obj::{Gd, GodotClass, Inherits};

use super::emit_dialog::Target;
use super::signal::connect;
use super::toolbar::ADDED_LATENCY;
use super::{Game, Inspector, Recording};
use crate::editor::traffic::{Filter, Traffic};

impl Inspector {
    pub(super) fn connect_signals(self: &Rc<Self>) {
        for (signal, handle) in [("started", Self::begin as fn(&Self)), ("stopped", Self::end)] {
            let callable = self.on(&self.session, signal, handle);
            self.connections.borrow_mut().push((signal, callable));
        }
        let view = &self.view;
        self.on(&view.root, "visibility_changed", Self::come_into_sight);
        self.on(&view.root, "theme_changed", Self::use_theme);
        self.on(&view.timer, "timeout", |this| {
            if this.is_stale.get() {
                this.refresh();
            }
        });
        self.on(&view.graph.control, "draw", |this| this.view.graph.draw(&this.palette.borrow()));

        self.on(&view.toolbar.drop, "pressed", |this| this.command("drop_connection", &[]));
        self.on_value(&view.toolbar.latency, "toggled", |this, is_on: bool| {
            let seconds = if is_on { ADDED_LATENCY } else { 0.0 };
            this.command("add_latency", &[Variant::from(seconds)]);
            // Until the game reports it, so that the button does not jump back.
            let number = this.chosen_client(&this.traffic.borrow()).map(|client| client.number);
            if let Some(number) = number {
                this.traffic.borrow_mut().set_added_latency(number, seconds);
            }
        });
        self.on(&view.toolbar.emit, "pressed", Self::open_emit_dialog);
        self.on(&view.emit.namespace, "text_changed", |this| this.view.emit.check());
        self.on(&view.emit.event, "text_changed", |this| this.view.emit.check());
        self.on(&view.emit.arguments, "text_changed", |this| this.view.emit.check());
        self.on(&view.emit.window, "confirmed", Self::emit);

        self.on(&view.toolbar.search, "text_changed", |this| {
            let text = this.view.toolbar.search.get_text().to_string();
            this.filter(|filter| filter.with_text(&text));
        });
        for (category, button) in &view.toolbar.categories {
            let category = *category;
            self.on_value(button, "toggled", move |this, is_shown: bool| {
                this.filter(|filter| filter.with_category(category, is_shown));
            });
        }
        self.on_value(&view.toolbar.follow, "toggled", |this, is_wanted: bool| {
            this.view.packets.follow(is_wanted);
            this.refresh();
        });
        self.on_value(&view.toolbar.pause, "toggled", |this, is_paused: bool| {
            this.recording.set(if is_paused { Recording::Paused } else { Recording::On });
            this.refresh();
        });
        self.on(&view.toolbar.clear, "pressed", |this| {
            this.traffic.borrow_mut().history.clear();
            this.forget_selection();
        });

        self.on(&view.clients.tree, "item_selected", Self::choose_scope);
        self.on(&view.clients.tree, "nothing_selected", |this| {
            this.view.clients.tree.clone().deselect_all();
            this.choose_scope();
        });
        self.on(&view.packets.tree, "item_selected", |this| {
            this.view.packets.select_item();
            this.show_details();
            this.is_stale.set(true);
        });
        self.on(&view.packets.tree, "resized", |this| this.is_stale.set(true));
        self.on_value(&view.packets.tree, "gui_input", |this, event: Gd<InputEvent>| this.take_input(&event));
        self.on_value(&view.packets.bar, "value_changed", |this, value: f64| {
            this.view.packets.scroll_to(value, &this.traffic.borrow().history);
            this.refresh();
        });
        self.on(&view.details.copy, "pressed", |this| this.view.details.copy_to_clipboard());
    }

    /// A game begins to be played.
    fn begin(&self) {
        self.game.set(Game::Silent);
        let mut traffic = Traffic::default();
        traffic.history.set_filter(self.traffic.borrow().history.filter().clone());
        self.traffic.replace(traffic);
        self.payloads.borrow_mut().clear();
        self.forget_selection();
    }

    /// The game has ended. What it has told stays.
    fn end(&self) {
        self.game.set(Game::Ended);
        // What it was asked for does not come any more.
        self.show_details();
        self.refresh();
    }

    fn come_into_sight(&self) {
        self.watch();
        self.refresh();
    }

    fn forget_selection(&self) {
        self.view.packets.reset();
        self.show_details();
        self.refresh();
    }

    fn choose_scope(&self) {
        let scope = self.view.clients.scope();
        self.filter(|filter| filter.with_scope(scope));
    }

    fn filter(&self, change: impl FnOnce(Filter) -> Filter) {
        let history = &mut self.traffic.borrow_mut().history;
        let filter = change(history.filter().clone());
        history.set_filter(filter);
        self.is_stale.set(true);
    }

    fn take_input(&self, event: &Gd<InputEvent>) {
        let before = self.view.packets.selected();
        let is_taken = self.view.packets.take_input(event, &self.traffic.borrow().history);
        if is_taken {
            self.view.packets.tree.clone().accept_event();
            self.refresh();
        }
        if self.view.packets.selected() != before {
            self.show_details();
        }
    }

    fn open_emit_dialog(&self) {
        let traffic = self.traffic.borrow();
        let (scope, client) = (self.view.clients.scope(), self.chosen_client(&traffic));
        self.view.emit.open(&scope, client);
    }

    fn emit(&self) {
        let Ok(emission) = self.view.emit.emission() else { return };
        let name = match emission.target {
            Target::Server => "emit",
            Target::Game => "receive",
        };
        let (namespace, event) = (Variant::from(emission.namespace), Variant::from(emission.event));
        self.command(name, &[namespace, event, Variant::from(emission.arguments)]);
    }

    /// Tells the game to do something with the chosen client.
    fn command(&self, name: &str, arguments: &[Variant]) {
        let client = self.chosen_client(&self.traffic.borrow()).map(|client| Variant::from(client.number));
        if let Some(client) = client {
            self.send(name, &[&[client], arguments].concat());
        }
    }

    /// Calls a method when a signal is emitted, for as long as the inspector is there.
    fn on<T>(
        self: &Rc<Self>,
        object: &Gd<T>,
        signal: &str,
        handle: impl Fn(&Self) + 'static,
    ) -> godot::builtin::Callable
    where
        T: GodotClass + Inherits<Object>,
    {
        let this = Rc::downgrade(self);
        connect(object, signal, move |_| {
            if let Some(this) = this.upgrade() {
                handle(&this);
            }
        })
    }

    /// The same with the signal's first argument.
    fn on_value<T, V>(self: &Rc<Self>, object: &Gd<T>, signal: &str, handle: impl Fn(&Self, V) + 'static)
    where
        T: GodotClass + Inherits<Object>,
        V: godot::meta::FromGodot,
    {
        let this = Rc::downgrade(self);
        connect(object, signal, move |arguments| {
            let value = arguments.first().and_then(|value| value.try_to::<V>().ok());
            if let (Some(this), Some(value)) = (this.upgrade(), value) {
                handle(&this, value);
            }
        });
    }
}
