//! The clients of the game and their namespaces, as a tree. What is selected there is the scope of everything else.

use std::cell::RefCell;

use godot::builtin::{Color, Vector2};
use godot::classes::control::SizeFlags;
use godot::classes::{Tree, TreeItem};
use godot::obj::Gd;

use super::column::{self, Column, alignment};
use super::palette::{Palette, scaled};
use crate::editor::quantity;
use crate::editor::traffic::{Client, Namespace, Scope, State};

const NAME: i32 = 0;
const SESSION: i32 = 1;
const LATENCY: i32 = 2;
const RECEIVED: i32 = 3;
const EMITTED: i32 = 4;
/// The first has room for an address with a port, and for what stands before it.
const COLUMNS: [Column; 5] = [
    ("Client", 170.0, 170.0, false),
    ("Session", 70.0, 40.0, false),
    ("Latency", 72.0, 72.0, true),
    ("In", 42.0, 40.0, true),
    ("Out", 42.0, 40.0, true),
];

pub(super) struct ClientList {
    pub tree: Gd<Tree>,
    /// What each row stands for.
    rows: RefCell<Vec<(Scope, Gd<TreeItem>)>>,
}

impl ClientList {
    pub(super) fn new() -> Self {
        let mut tree = column::tree("Clients", &COLUMNS);
        tree.set_allow_reselect(true);
        tree.set_v_size_flags(SizeFlags::EXPAND_FILL);
        tree.set_custom_minimum_size(Vector2::new(scaled(120.0), scaled(70.0)));
        Self { tree, rows: RefCell::default() }
    }

    /// What is selected.
    pub(super) fn scope(&self) -> Scope {
        let Some(selected) = self.tree.get_selected() else { return Scope::All };
        let rows = self.rows.borrow();
        rows.iter().find(|(_, item)| *item == selected).map(|(scope, _)| scope.clone()).unwrap_or_default()
    }

    /// Shows clients. What is selected stays so while it is there. In a game that has ended, none is connected.
    pub(super) fn show(&self, clients: &[Client], is_running: bool, palette: &Palette) {
        let is_same = {
            let rows = self.rows.borrow();
            rows.iter().map(|(scope, _)| scope).eq(scopes(clients).iter())
        };
        if !is_same {
            self.rebuild(clients);
        }
        let rows = self.rows.borrow();
        let mut items = rows.iter().map(|(_, item)| item);
        let dot = |state| palette.of_state(if is_running { state } else { State::Disconnected });
        for client in clients {
            let Some(item) = items.next() else { return };
            show_client(item, client, dot(client.state), palette);
            for namespace in &client.namespaces {
                let Some(item) = items.next() else { return };
                show_namespace(item, namespace, dot(namespace.state), palette);
            }
        }
    }

    fn rebuild(&self, clients: &[Client]) {
        let selected = self.scope();
        let mut tree = self.tree.clone();
        tree.set_block_signals(true);
        self.rows.borrow_mut().clear();
        tree.clear();
        let root = tree.create_item();
        let mut rows = Vec::new();
        for scope in scopes(clients) {
            let parent = match &scope {
                Scope::Namespace(client, _) => rows
                    .iter()
                    .rev()
                    .find_map(|(scope, item)| (*scope == Scope::Client(*client)).then_some(item)),
                _ => root.as_ref(),
            };
            let Some(parent) = parent else { continue };
            let Some(mut item) = parent.clone().create_child() else { continue };
            for (column, (_, _, _, is_number)) in (0..).zip(COLUMNS) {
                item.set_text_alignment(column, alignment(is_number));
            }
            if scope == selected {
                item.select(NAME);
            }
            rows.push((scope, item));
        }
        tree.set_block_signals(false);
        self.rows.replace(rows);
    }
}

/// What the rows stand for, in their order.
fn scopes(clients: &[Client]) -> Vec<Scope> {
    let of_client = |client: &Client| {
        let number = client.number;
        let namespaces =
            client.namespaces.iter().map(move |namespace| Scope::Namespace(number, namespace.path.clone()));
        std::iter::once(Scope::Client(number)).chain(namespaces).collect::<Vec<_>>()
    };
    clients.iter().flat_map(of_client).collect()
}

fn show_client(item: &Gd<TreeItem>, client: &Client, dot: Color, palette: &Palette) {
    let latency = client.latency.map(quantity::duration).unwrap_or_default();
    let sum = |count: fn(&Namespace) -> u64| client.namespaces.iter().map(count).fold(0, u64::saturating_add);
    let name = match client.url.split_once("://") {
        Some((_, address)) => address.trim_end_matches('/').trim_end_matches("/socket.io").to_owned(),
        None => format!("Client {}", client.number),
    };
    set_texts(
        item,
        [
            &name,
            &client.session_id,
            &latency,
            &quantity::count(sum(|namespace| namespace.events_received)),
            &quantity::count(sum(|namespace| namespace.events_emitted)),
        ],
    );
    let added = if client.added_latency > 0.0 {
        format!("\n{} of its latency are added here.", quantity::duration(client.added_latency))
    } else {
        String::new()
    };
    let state = client.state.as_str();
    describe(item, dot, &format!("Client {}: {state}\n{}{added}", client.number, client.url), palette);
}

fn show_namespace(item: &Gd<TreeItem>, namespace: &Namespace, dot: Color, palette: &Palette) {
    set_texts(
        item,
        [
            &namespace.path,
            &namespace.session_id,
            "",
            &quantity::count(namespace.events_received),
            &quantity::count(namespace.events_emitted),
        ],
    );
    let recovered = if namespace.recovered { "\nThe last join restored the session." } else { "" };
    let state = namespace.state.as_str();
    describe(item, dot, &format!("Namespace {}: {state}{recovered}", namespace.path), palette);
}

fn set_texts(item: &Gd<TreeItem>, texts: [&str; COLUMNS.len()]) {
    let mut item = item.clone();
    for (column, text) in (0..).zip(texts) {
        item.set_text(column, text);
    }
}

fn describe(item: &Gd<TreeItem>, color: Color, tooltip: &str, palette: &Palette) {
    let mut item = item.clone();
    if let Some(dot) = &palette.dot {
        item.set_icon(NAME, dot);
    }
    item.set_icon_modulate(NAME, color);
    item.set_tooltip_text(NAME, tooltip);
    item.set_custom_color(SESSION, palette.dim);
    item.set_tooltip_text(SESSION, "The beginning of the session's id.");
    item.set_tooltip_text(LATENCY, "The last round trip to the server.");
    item.set_tooltip_text(RECEIVED, "Events received while the inspector watched.");
    item.set_tooltip_text(EMITTED, "Events emitted while the inspector watched.");
}
