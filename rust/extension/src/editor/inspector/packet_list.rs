//! The list of packets. It has as many items as there is room for, and fills them with the packets of the rows that are
//! in sight: thousands of packets cost no more than those.

use std::cell::{Cell, RefCell};

use godot::builtin::{Color, Side, Vector2};
use godot::classes::control::{LayoutPreset, MouseFilter, SizeFlags};
use godot::classes::text_server::AutowrapMode;
use godot::classes::{
    HBoxContainer, InputEvent, InputEventMouseButton, InputEventPanGesture, Label, Tree, TreeItem, VScrollBar,
};
use godot::global::{HorizontalAlignment, MouseButton, VerticalAlignment};
use godot::obj::{Gd, NewAlloc as _};

use super::column::{self, Column, alignment};
use super::palette::{Palette, scaled};
use crate::editor::quantity;
use crate::editor::traffic::{Direction, History, Key, Packet};

const TIME: i32 = 0;
const KIND: i32 = 1;
const EVENT: i32 = 2;
const NAMESPACE: i32 = 3;
const SIZE: i32 = 4;
const ACK: i32 = 5;
const ROUND_TRIP: i32 = 6;
/// What matters most comes first, for where there is little room.
const COLUMNS: [Column; 7] = [
    ("Time", 106.0, 104.0, false),
    ("Type", 88.0, 84.0, false),
    ("Event", 130.0, 90.0, false),
    ("Namespace", 84.0, 40.0, false),
    ("Size", 70.0, 58.0, true),
    ("Ack", 56.0, 40.0, true),
    ("Round Trip", 80.0, 60.0, true),
];

/// No less than the scroll bar of a Tree has in the editor's themes.
const BAR_HEIGHT: f32 = 24.0;
/// How many rows one notch of the mouse wheel goes.
const WHEEL_ROWS: f64 = 3.0;
/// No window is higher than so many rows.
const MAX_ITEMS: usize = 300;

pub(super) struct PacketList {
    pub root: Gd<HBoxContainer>,
    pub tree: Gd<Tree>,
    pub bar: Gd<VScrollBar>,
    hint: Gd<Label>,
    items: RefCell<Vec<Item>>,
    position: Cell<Position>,
    selected: Cell<Option<Key>>,
}

/// What is in sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    /// The newest packets, whatever comes.
    Newest,
    /// From this packet on.
    At(Key),
}

/// An item of the tree, and the packet that it shows.
struct Item {
    item: Gd<TreeItem>,
    packet: Option<Key>,
}

/// Where a key of the keyboard goes.
#[derive(Clone, Copy)]
enum Step {
    Rows(i64),
    Pages(i64),
    First,
    Last,
}

impl PacketList {
    pub(super) fn new() -> Self {
        let mut tree = column::tree("Packets", &COLUMNS);
        tree.set_custom_minimum_size(Vector2::new(scaled(250.0), 0.0));
        tree.set_allow_search(false);
        tree.set_h_size_flags(SizeFlags::EXPAND_FILL);
        tree.create_item();

        let hint = hint("Hint");
        tree.add_child(&hint);
        let mut bar = VScrollBar::new_alloc();
        bar.set_name("Scroll");
        bar.set_step(1.0);
        let mut root = HBoxContainer::new_alloc();
        root.set_name("PacketList");
        root.add_theme_constant_override("separation", 0);
        root.set_h_size_flags(SizeFlags::EXPAND_FILL);
        root.add_child(&tree);
        root.add_child(&bar);
        Self {
            root,
            tree,
            bar,
            hint,
            items: RefCell::default(),
            position: Cell::new(Position::Newest),
            selected: Cell::default(),
        }
    }

    /// The packet that is selected.
    pub(super) fn selected(&self) -> Option<Key> {
        self.selected.get()
    }

    /// Whether the newest packets stay in sight.
    pub(super) fn is_following(&self) -> bool {
        self.position.get() == Position::Newest
    }

    /// Keeps the newest packets in sight, or what is there now.
    pub(super) fn follow(&self, is_wanted: bool) {
        if is_wanted {
            self.position.set(Position::Newest);
        } else {
            self.stay();
        }
    }

    /// Selects nothing and shows the newest.
    pub(super) fn reset(&self) {
        self.selected.set(None);
        self.position.set(Position::Newest);
    }

    /// Shows what is in sight, or why there is nothing.
    pub(super) fn show(&self, history: &History, empty: &str, palette: &Palette) {
        let (rows, page) = (history.rows(), self.fit());
        let first = match self.position.get() {
            Position::Newest => rows.saturating_sub(page),
            Position::At(key) => {
                let row = history.row_of(key).unwrap_or_else(|row| row);
                row.min(rows.saturating_sub(page))
            }
        };
        let mut tree = self.tree.clone();
        tree.set_block_signals(true);
        for (row, item) in (first..).zip(self.items.borrow_mut().iter_mut()) {
            item.show(history.row(row).filter(|_| row < first + page), palette);
            item.set_selected(item.packet.is_some() && item.packet == self.selected.get());
        }
        tree.set_block_signals(false);

        let mut bar = self.bar.clone();
        bar.set_block_signals(true);
        bar.set_max(rows as f64);
        bar.set_page(page.min(rows) as f64);
        bar.set_value(first as f64);
        bar.set_visible(rows > page);
        bar.set_block_signals(false);

        let mut hint = self.hint.clone();
        hint.set_visible(rows == 0);
        hint.set_text(empty);
    }

    /// Takes what the theme has. The next [`Self::show`] shows it.
    pub(super) fn use_theme(&self, palette: &Palette) {
        self.hint.clone().add_theme_color_override("font_color", palette.dim);
        for item in self.items.borrow_mut().iter_mut() {
            item.packet = None;
        }
    }

    /// The user has moved the scroll bar. At its end, the list follows the newest packets again.
    pub(super) fn scroll_to(&self, value: f64, history: &History) {
        let (row, page) = (value.max(0.0) as usize, self.page());
        let position = match history.row(row) {
            Some((key, _)) if row + page < history.rows() => Position::At(key),
            _ => Position::Newest,
        };
        self.position.set(position);
    }

    /// The user has selected an item of the tree.
    pub(super) fn select_item(&self) {
        let selected = self.tree.get_selected();
        let items = self.items.borrow();
        let packet =
            items.iter().find(|item| Some(&item.item) == selected.as_ref()).and_then(|item| item.packet);
        self.selected.set(packet);
        drop(items);
        // What is looked at stays in sight.
        self.stay();
    }

    fn stay(&self) {
        if let Some(first) = self.items.borrow().first().and_then(|item| item.packet) {
            self.position.set(Position::At(first));
        }
    }

    /// Takes the mouse wheel and the arrow keys, which would only move within what is in sight.
    pub(super) fn take_input(&self, event: &Gd<InputEvent>, history: &History) -> bool {
        if let Some(rows) = wheel(event) {
            let first = self.bar.get_value();
            self.scroll_to(first + rows, history);
            return true;
        }
        let Some(step) = step(event) else { return false };
        self.step(step, history);
        true
    }

    fn step(&self, step: Step, history: &History) {
        let (rows, page) = (history.rows(), self.page());
        let Some(last) = rows.checked_sub(1) else { return };
        let from =
            self.selected.get().map(|key| history.row_of(key).unwrap_or_else(|row| row.saturating_sub(1)));
        let row = match (step, from) {
            (Step::First, _) => 0,
            (Step::Last, _) | (_, None) => last,
            (Step::Rows(count), Some(row)) => row.saturating_add_signed(count as isize),
            (Step::Pages(count), Some(row)) => row.saturating_add_signed(count as isize * page as isize),
        };
        let row = row.min(last);
        self.selected.set(history.row(row).map(|(key, _)| key));
        let first = self.bar.get_value() as usize;
        if row < first {
            self.scroll_to(row as f64, history);
        } else if row >= first + page || row == last {
            self.scroll_to((row + 1).saturating_sub(page) as f64, history);
        } else {
            self.stay();
        }
    }

    /// How many rows are in sight.
    fn page(&self) -> usize {
        self.items.borrow().len().max(1)
    }

    /// Makes the items as many as there is room for, and returns how many.
    fn fit(&self) -> usize {
        let mut items = self.items.borrow_mut();
        let Some(root) = self.tree.get_root() else { return 1 };
        let add = |items: &mut Vec<Item>| {
            if let Some(item) = root.clone().create_child() {
                items.push(Item::new(item));
            }
        };
        if items.is_empty() {
            add(&mut items);
        }
        let Some(first) = items.first() else { return 1 };
        let row = self.tree.get_item_area_rect(&first.item);
        let panel = self.tree.get_theme_stylebox("panel");
        let margin = panel.map_or(0.0, |panel| panel.get_margin(Side::BOTTOM));
        let room = self.tree.get_size().y - row.position.y - margin - self.bar_height();
        let count = if row.size.y > 0.0 { (room / row.size.y) as usize } else { 1 };
        let count = count.clamp(1, MAX_ITEMS);
        while items.len() < count {
            add(&mut items);
        }
        for item in items.drain(count..) {
            item.item.free();
        }
        count
    }

    /// The room that the scroll bar at the bottom takes, when the columns need more than there is.
    fn bar_height(&self) -> f32 {
        let columns: i32 = (0..).zip(COLUMNS).map(|(column, _)| self.tree.get_column_width(column)).sum();
        if columns as f32 > self.tree.get_size().x { scaled(BAR_HEIGHT) } else { 0.0 }
    }
}

impl Item {
    fn new(mut item: Gd<TreeItem>) -> Self {
        for (column, (_, _, _, is_number)) in (0..).zip(COLUMNS) {
            item.set_text_alignment(column, alignment(is_number));
            item.set_selectable(column, false);
        }
        Self { item, packet: None }
    }

    /// Shows a packet or, with none, nothing.
    fn show(&mut self, row: Option<(Key, &Packet)>, palette: &Palette) {
        let Some((key, packet)) = row else {
            self.packet = None;
            for column in 0..COLUMNS.len() as i32 {
                self.item.set_text(column, "");
                self.item.set_tooltip_text(column, "");
                self.item.set_selectable(column, false);
            }
            self.item.set_icon_max_width(TIME, 1);
            self.item.set_icon_modulate(TIME, Color::TRANSPARENT_BLACK);
            return;
        };
        // A packet never changes.
        if self.packet.replace(key) == Some(key) {
            return;
        }
        let color = palette.of_kind(packet.kind);
        let texts = [
            quantity::clock(packet.time),
            packet.kind.name().to_owned(),
            packet.event.clone(),
            packet.namespace.clone(),
            quantity::size(packet.size as f64),
            packet.ack.map(|ack| ack.to_string()).unwrap_or_default(),
            packet.round_trip.map(quantity::duration).unwrap_or_default(),
        ];
        for (column, text) in (0..).zip(&texts) {
            self.item.set_text(column, text);
            self.item.set_custom_color(column, if column == EVENT { palette.text } else { color });
            self.item.set_tooltip_text(column, "");
            self.item.set_selectable(column, true);
        }
        if let Some(arrow) = palette.arrow(packet.direction) {
            self.item.set_icon(TIME, arrow);
        }
        self.item.set_icon_max_width(TIME, 0);
        self.item.set_icon_modulate(TIME, palette.of_direction(packet.direction));
        self.item.set_tooltip_text(TIME, &time_tooltip(packet));
        self.item.set_tooltip_text(NAMESPACE, &packet.namespace);
        self.item.set_tooltip_text(EVENT, &packet.event);
        self.item.set_tooltip_text(SIZE, &size_tooltip(packet));
        self.item.set_tooltip_text(KIND, packet.kind.name());
        if let Some(ack) = packet.ack {
            let tooltip = format!("{ack} is the number by which an answer finds its event.");
            self.item.set_tooltip_text(ACK, &tooltip);
        }
        self.item.set_tooltip_text(ROUND_TRIP, "From the event to its answer.");
    }

    fn set_selected(&mut self, selected: bool) {
        // Any column stands for the row.
        if self.item.is_selected(TIME) == selected {
            return;
        }
        if selected { self.item.select(TIME) } else { self.item.deselect(TIME) }
    }
}

fn time_tooltip(packet: &Packet) -> String {
    let direction = match packet.direction {
        Direction::In => "Received",
        Direction::Out => "Sent",
    };
    format!("{direction} {:.6} s after the game's start.", packet.time)
}

fn size_tooltip(packet: &Packet) -> String {
    let attachments = match packet.attachments {
        0 => String::new(),
        1 => ", with an attachment".to_owned(),
        count => format!(", with {} attachments", quantity::count(count)),
    };
    format!("{} bytes on the wire{attachments}.", quantity::count(packet.size))
}

/// A text in the middle of a tree that has nothing to show.
pub(super) fn hint(name: &str) -> Gd<Label> {
    let mut label = Label::new_alloc();
    label.set_name(name);
    label.set_anchors_and_offsets_preset(LayoutPreset::FULL_RECT);
    label.set_horizontal_alignment(HorizontalAlignment::CENTER);
    label.set_vertical_alignment(VerticalAlignment::CENTER);
    label.set_autowrap_mode(AutowrapMode::WORD_SMART);
    label.set_mouse_filter(MouseFilter::IGNORE);
    label.set_custom_minimum_size(Vector2::ZERO);
    label
}

/// By how many rows the wheel or a touch pad scrolls.
fn wheel(event: &Gd<InputEvent>) -> Option<f64> {
    if let Ok(gesture) = event.clone().try_cast::<InputEventPanGesture>() {
        return Some(f64::from(gesture.get_delta().y) * WHEEL_ROWS);
    }
    let button =
        event.clone().try_cast::<InputEventMouseButton>().ok().filter(|button| button.is_pressed())?;
    let rows = WHEEL_ROWS * f64::from(button.get_factor()).max(1.0);
    match button.get_button_index() {
        MouseButton::WHEEL_UP => Some(-rows),
        MouseButton::WHEEL_DOWN => Some(rows),
        _ => None,
    }
}

fn step(event: &Gd<InputEvent>) -> Option<Step> {
    const STEPS: [(&str, Step); 6] = [
        ("ui_up", Step::Rows(-1)),
        ("ui_down", Step::Rows(1)),
        ("ui_page_up", Step::Pages(-1)),
        ("ui_page_down", Step::Pages(1)),
        ("ui_home", Step::First),
        ("ui_end", Step::Last),
    ];
    let is_pressed = |action: &str| event.is_action_pressed_ex(action).allow_echo(true).done();
    STEPS.into_iter().find(|(action, _)| is_pressed(action)).map(|(_, step)| step)
}
