//! What the packet that is selected carried.

use std::cell::RefCell;

use godot::builtin::{
    AnyArray, AnyDictionary, GString, PackedByteArray, VarArray, VarDictionary, Variant, VariantType, Vector2,
};
use godot::classes::control::{MouseFilter, SizeFlags};
use godot::classes::text_server::OverrunBehavior;
use godot::classes::{BaseButton, Button, DisplayServer, HBoxContainer, Json, Label, Tree, VBoxContainer};
use godot::meta::ToGodot as _;
use godot::obj::{Gd, NewAlloc as _, Singleton as _};

use super::palette::{Palette, scaled};
use super::{packet_list, payload_tree};
use crate::editor::traffic::{Direction, Packet};

pub(super) struct Details {
    pub root: Gd<VBoxContainer>,
    pub copy: Gd<Button>,
    title: Gd<Label>,
    tree: Gd<Tree>,
    hint: Gd<Label>,
    /// What is shown, to be copied.
    payload: RefCell<Option<Variant>>,
}

impl Details {
    pub(super) fn new() -> Self {
        let mut title = Label::new_alloc();
        title.set_name("Title");
        title.set_h_size_flags(SizeFlags::EXPAND_FILL);
        // For the whole of it.
        title.set_mouse_filter(MouseFilter::STOP);
        title.set_text_overrun_behavior(OverrunBehavior::TRIM_ELLIPSIS);
        let mut copy = Button::new_alloc();
        copy.set_name("Copy");
        copy.set_tooltip_text("Copy as JSON");
        copy.set_theme_type_variation("FlatButton");
        let mut head = HBoxContainer::new_alloc();
        head.add_child(&title);
        head.add_child(&copy);

        let mut tree = payload_tree::new();
        tree.set_v_size_flags(SizeFlags::EXPAND_FILL);
        let hint = packet_list::hint("Hint");
        tree.add_child(&hint);
        let mut root = VBoxContainer::new_alloc();
        root.set_name("Details");
        root.set_custom_minimum_size(Vector2::new(scaled(120.0), 0.0));
        root.set_h_size_flags(SizeFlags::EXPAND_FILL);
        root.set_stretch_ratio(0.45);
        root.add_child(&head);
        root.add_child(&tree);
        let this = Self { root, copy, title, tree, hint, payload: RefCell::default() };
        this.show_hint(None, "");
        this
    }

    pub(super) fn use_theme(&self, palette: &Palette) {
        self.hint.clone().add_theme_color_override("font_color", palette.dim);
        if let Some(icon) = palette.icon("ActionCopy") {
            self.copy.clone().set_button_icon(&icon);
        }
    }

    /// Shows what a packet carried.
    pub(super) fn show(&self, packet: &Packet, value: &Variant, palette: &Palette) {
        self.show_hint(Some(packet), "");
        payload_tree::show(&self.tree, value, palette);
        self.payload.replace(Some(value.clone()));
        self.copy.clone().upcast::<BaseButton>().set_disabled(false);
    }

    /// Shows why there is nothing.
    pub(super) fn show_hint(&self, packet: Option<&Packet>, hint: &str) {
        self.payload.replace(None);
        self.copy.clone().upcast::<BaseButton>().set_disabled(true);
        let title = packet.map(title).unwrap_or_default();
        self.title.clone().set_text(&title);
        self.title.clone().set_tooltip_text(&title);
        self.hint.clone().set_text(hint);
        self.tree.clone().clear();
    }

    /// Copies what is shown to the clipboard.
    pub(super) fn copy_to_clipboard(&self) {
        if let Some(payload) = &*self.payload.borrow() {
            let json: GString =
                Json::stringify_ex(&with_numbers(payload)).indent("\t").sort_keys(false).done();
            DisplayServer::singleton().clipboard_set(&json);
        }
    }
}

/// The same with an array of numbers for each binary value: the engine's JSON has a string for it, which looks as if it had
/// been sent as one.
fn with_numbers(value: &Variant) -> Variant {
    match value.get_type() {
        VariantType::PACKED_BYTE_ARRAY => {
            let bytes: PackedByteArray = value.to();
            bytes
                .as_slice()
                .iter()
                .map(|&byte| Variant::from(i64::from(byte)))
                .collect::<VarArray>()
                .to_variant()
        }
        VariantType::ARRAY => {
            let array: AnyArray = value.to();
            array.iter_shared().map(|element| with_numbers(&element)).collect::<VarArray>().to_variant()
        }
        VariantType::DICTIONARY => {
            let dictionary: AnyDictionary = value.to();
            let mut copy = VarDictionary::new();
            for (key, element) in dictionary.iter_shared() {
                copy.set(&key, &with_numbers(&element));
            }
            copy.to_variant()
        }
        _ => value.clone(),
    }
}

fn title(packet: &Packet) -> String {
    let direction = match packet.direction {
        Direction::In => "from the server",
        Direction::Out => "to the server",
    };
    let mut title = packet.kind.name().to_owned();
    if !packet.event.is_empty() {
        title = format!("{title} “{}”", packet.event);
    }
    if !packet.namespace.is_empty() {
        title = format!("{title} in {}", packet.namespace);
    }
    format!("{title}, {direction}")
}
