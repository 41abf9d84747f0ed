//! The tab "Socket.IO" of one session of the debugger: it asks the game for its traffic while it is in sight, and shows it.

mod client_list;
mod column;
mod details;
mod emit_dialog;
mod figures;
mod handlers;
mod latency_graph;
mod packet_list;
mod palette;
mod payload_tree;
mod payloads;
mod signal;
mod toolbar;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use godot::builtin::{Callable, VarArray, Variant, Vector2};
use godot::classes::control::SizeFlags;
use godot::classes::{
    Control, EditorDebuggerSession, HSplitContainer, Object, TabContainer, Timer, VBoxContainer,
};
use godot::obj::{Gd, NewAlloc as _};

use self::client_list::ClientList;
use self::details::Details;
use self::emit_dialog::EmitDialog;
use self::figures::Figures;
use self::latency_graph::LatencyGraph;
use self::packet_list::PacketList;
use self::palette::{Palette, scaled};
use self::payloads::Payloads;
use self::toolbar::Toolbar;
use super::message::{CAPTURE, Message};
use super::traffic::{Client, Key, Scope, Traffic};

/// The name of the tab. A node's name has no dot.
const TITLE: &str = "Socket.IO";
/// How often the tab shows what has come, in seconds.
const REFRESH: f64 = 0.1;

/// The tab of one session.
pub(super) struct Inspector {
    session: Gd<EditorDebuggerSession>,
    /// What is connected to the session's signals.
    connections: RefCell<Vec<(&'static str, Callable)>>,
    view: View,
    palette: RefCell<Palette>,
    traffic: RefCell<Traffic>,
    payloads: RefCell<Payloads>,
    game: Cell<Game>,
    recording: Cell<Recording>,
    /// Whether something has come since the tab was refreshed.
    is_stale: Cell<bool>,
    /// What the times of what is measured count from.
    start: Instant,
}

/// The game of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Game {
    /// None was played yet.
    None,
    /// It runs, and nothing was heard of a client yet.
    Silent,
    /// It runs, and does not send its traffic.
    Unwatched,
    /// It runs, and was asked for its traffic.
    Watched,
    /// It has ended. What it sent is still shown.
    Ended,
}

/// Whether packets go into the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Recording {
    On,
    Paused,
}

/// The parts of the tab.
struct View {
    root: Gd<Control>,
    timer: Gd<Timer>,
    toolbar: Toolbar,
    clients: ClientList,
    figures: Figures,
    graph: LatencyGraph,
    packets: PacketList,
    details: Details,
    emit: EmitDialog,
}

impl Inspector {
    /// Adds the tab to a session.
    pub(super) fn open(session: Gd<EditorDebuggerSession>) -> Rc<Self> {
        let view = View::new();
        let game = if session.clone().is_active() { Game::Silent } else { Game::None };
        let this = Rc::new(Self {
            session,
            connections: RefCell::default(),
            palette: RefCell::new(Palette::of(&view.root)),
            view,
            traffic: RefCell::default(),
            payloads: RefCell::default(),
            game: Cell::new(game),
            recording: Cell::new(Recording::On),
            is_stale: Cell::new(true),
            start: Instant::now(),
        });
        this.connect_signals();
        this.session.clone().add_session_tab(&this.view.root);
        if let Some(tabs) = this.tabs() {
            let tab = tabs.get_tab_idx_from_control(&this.view.root);
            tabs.clone().set_tab_title(tab, TITLE);
        }
        this.use_theme();
        this.show_details();
        this
    }

    /// Takes the tab away, and every callback with it.
    pub(super) fn close(&self) {
        if self.is_running() {
            self.send("watch", &[Variant::from(false)]);
        }
        for (signal, callable) in self.connections.take() {
            self.session.clone().upcast::<Object>().disconnect(signal, &callable);
        }
        let root = self.view.root.clone();
        if root.is_instance_valid() {
            self.session.clone().remove_session_tab(&root);
            // The session would free it later, when the library may be gone.
            root.free();
        }
    }

    /// Takes what the game says.
    pub(super) fn take(&self, message: Message) {
        match message {
            // It is also the answer to being watched.
            Message::Hello => {
                if self.game.get() == Game::Silent {
                    self.game.set(Game::Unwatched);
                    self.watch();
                }
            }
            Message::Clients(reports) => {
                let now = self.start.elapsed().as_secs_f64();
                self.traffic.borrow_mut().update_clients(reports, now);
            }
            Message::Packets { packets, skipped } => {
                if self.recording.get() == Recording::Paused {
                    return;
                }
                let history = &mut self.traffic.borrow_mut().history;
                packets.into_iter().for_each(|packet| history.push(packet));
                history.skip(skipped);
            }
            Message::Payload(payload) => {
                self.payloads.borrow_mut().add(payload);
                self.show_details();
            }
        }
        self.is_stale.set(true);
    }

    /// Asks the game for its traffic while the tab is in sight, and not otherwise.
    fn watch(&self) {
        let is_wanted = self.view.root.is_visible_in_tree();
        let next = match (self.game.get(), is_wanted) {
            (Game::Unwatched, true) => Game::Watched,
            (Game::Watched, false) => Game::Unwatched,
            (same, _) => same,
        };
        // A silent game may have said that it has a client before the extension was reloaded.
        if self.game.replace(next) != next || next == Game::Silent {
            self.send("watch", &[Variant::from(is_wanted)]);
        }
    }

    fn send(&self, name: &str, data: &[Variant]) {
        let mut session = self.session.clone();
        if session.is_active() {
            let data: VarArray = data.iter().cloned().collect();
            session.send_message_ex(&format!("{CAPTURE}:{name}")).data(&data).done();
        }
    }

    fn is_running(&self) -> bool {
        matches!(self.game.get(), Game::Silent | Game::Unwatched | Game::Watched)
    }

    /// Shows what has come, if the tab is in sight.
    fn refresh(&self) {
        if !self.view.root.is_visible_in_tree() {
            return;
        }
        self.is_stale.set(false);
        let (palette, traffic) = (self.palette.borrow(), self.traffic.borrow());
        self.view.clients.show(traffic.clients(), self.is_running(), &palette);
        let client = self.chosen_client(&traffic);
        self.view.toolbar.show_client(client.filter(|_| self.is_running()));
        self.view.toolbar.show_counts(&traffic.history);
        self.view.toolbar.show_following(self.view.packets.is_following());
        self.view.figures.show(client, &palette);
        self.view.graph.show(client);
        self.view.packets.show(&traffic.history, self.hint(&traffic), &palette);
    }

    /// The client that is selected, or the first.
    fn chosen_client<'a>(&self, traffic: &'a Traffic) -> Option<&'a Client> {
        let chosen = match self.view.clients.scope() {
            Scope::All => None,
            Scope::Client(number) | Scope::Namespace(number, _) => traffic.client(number),
        };
        chosen.or_else(|| traffic.clients().first())
    }

    /// Why the list of packets is empty.
    fn hint(&self, traffic: &Traffic) -> &'static str {
        if traffic.history.len() > 0 {
            return "No packet passes the filter.";
        }
        match self.game.get() {
            Game::None => "Play the project to see the traffic of its Socket.IO clients.",
            Game::Ended => {
                "The game has ended. Play the project to see the traffic of its Socket.IO clients."
            }
            _ if self.recording.get() == Recording::Paused => {
                "Paused: packets that are sent now are not recorded."
            }
            _ if traffic.clients().is_empty() => "The game runs, and has not used a Socket.IO client yet.",
            _ => "No packet has been sent since this tab was opened.",
        }
    }

    /// Shows what the selected packet carried, or asks the game for it.
    fn show_details(&self) {
        let (palette, traffic) = (self.palette.borrow(), self.traffic.borrow());
        let details = &self.view.details;
        let selected = self.view.packets.selected().and_then(|key: Key| traffic.history.get(key));
        let Some(packet) = selected else {
            details.show_hint(None, "Select a packet to see what it carries.");
            return;
        };
        let payloads = self.payloads.borrow();
        let hint = match payloads.get(packet.client, packet.number) {
            Some(payload) if payload.note.is_empty() => {
                details.show(packet, &payload.value, &palette);
                return;
            }
            Some(payload) => &format!("There is nothing to show: {}.", payload.note),
            None if !packet.kind.has_payload() => "Such a packet carries nothing.",
            None if self.is_running() => {
                self.send("get_payload", &[Variant::from(packet.client), Variant::from(packet.number)]);
                "Asking the game…"
            }
            None => {
                "The game has ended, and this packet was not selected before: what it carried was in the game. \
                 Of the packets that were, the last 100 can still be shown."
            }
        };
        details.show_hint(Some(packet), hint);
    }

    fn use_theme(&self) {
        let palette = Palette::of(&self.view.root);
        self.view.toolbar.use_theme(&palette);
        self.view.figures.use_theme(&palette);
        self.view.packets.use_theme(&palette);
        self.view.details.use_theme(&palette);
        self.view.emit.use_theme(&palette);
        self.palette.replace(palette);
        self.view.graph.control.clone().queue_redraw();
        self.refresh();
    }

    fn tabs(&self) -> Option<Gd<TabContainer>> {
        self.view.root.get_parent()?.try_cast().ok()
    }
}

impl View {
    fn new() -> Self {
        let this = Self {
            root: VBoxContainer::new_alloc().upcast(),
            timer: Timer::new_alloc(),
            toolbar: Toolbar::new(),
            clients: ClientList::new(),
            figures: Figures::new(),
            graph: LatencyGraph::new(),
            packets: PacketList::new(),
            details: Details::new(),
            emit: EmitDialog::new(),
        };
        let mut side = VBoxContainer::new_alloc();
        side.set_h_size_flags(SizeFlags::EXPAND_FILL);
        side.set_stretch_ratio(0.38);
        side.add_child(&this.clients.tree);
        side.add_child(&this.graph.control);
        let mut inner = HSplitContainer::new_alloc();
        inner.set_h_size_flags(SizeFlags::EXPAND_FILL);
        inner.add_child(&this.packets.root);
        inner.add_child(&this.details.root);
        let mut outer = HSplitContainer::new_alloc();
        outer.set_v_size_flags(SizeFlags::EXPAND_FILL);
        outer.set_custom_minimum_size(Vector2::new(0.0, scaled(190.0)));
        outer.add_child(&side);
        outer.add_child(&inner);
        let mut timer = this.timer.clone();
        timer.set_name("Refresh");
        timer.set_wait_time(REFRESH);
        timer.set_autostart(true);
        let mut root = this.root.clone();
        root.set_name(&TITLE.replace('.', ""));
        root.add_child(&this.toolbar.root);
        root.add_child(&this.figures.root);
        root.add_child(&outer);
        root.add_child(&this.emit.window);
        root.add_child(&this.timer);
        this
    }
}
