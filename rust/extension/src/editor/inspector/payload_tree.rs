//! What a packet carried, as a tree.

use godot::builtin::{AnyArray, AnyDictionary, PackedByteArray, Variant, VariantType};
use godot::classes::tree::SelectMode;
use godot::classes::{Tree, TreeItem};
use godot::obj::{Gd, NewAlloc as _};

use super::palette::{Palette, scaled};
use crate::editor::quantity;

const KEY: i32 = 0;
const VALUE: i32 = 1;

/// The most values that are shown of one container, and of all together.
const MAX_ELEMENTS: usize = 200;
const MAX_ITEMS: usize = 2000;
/// The deepest container whose elements are shown.
const MAX_DEPTH: usize = 24;
/// Containers up to this depth are unfolded.
const UNFOLDED_DEPTH: usize = 2;
/// The longest text in a row and in a tooltip, in characters.
const MAX_TEXT: usize = 200;
const MAX_TOOLTIP: usize = 2000;
/// How many bytes of a binary value are shown.
const MAX_BYTES: usize = 24;

/// An empty tree.
pub(super) fn new() -> Gd<Tree> {
    let mut tree = Tree::new_alloc();
    tree.set_name("Payload");
    tree.set_columns(2);
    tree.set_hide_root(true);
    tree.set_select_mode(SelectMode::ROW);
    tree.set_column_expand_ratio(VALUE, 2);
    tree.set_column_custom_minimum_width(KEY, scaled(40.0) as i32);
    tree.set_column_clip_content(KEY, true);
    tree.set_column_clip_content(VALUE, true);
    tree
}

/// Fills the tree with the values of a packet.
pub(super) fn show(tree: &Gd<Tree>, value: &Variant, palette: &Palette) {
    let mut tree = tree.clone();
    tree.clear();
    let Some(root) = tree.create_item() else { return };
    let mut writer = Writer { palette, room: MAX_ITEMS };
    if is_container(value) {
        writer.elements(&root, value, 0);
    } else {
        writer.value(&root, "", value, 0);
    }
}

struct Writer<'a> {
    palette: &'a Palette,
    /// How many items may still be made.
    room: usize,
}

impl Writer<'_> {
    fn value(&mut self, parent: &Gd<TreeItem>, key: &str, value: &Variant, depth: usize) {
        let text = describe(value);
        let Some(mut item) = self.item(parent, key, &cut(&text, MAX_TEXT)) else { return };
        item.set_tooltip_text(VALUE, &cut(&text, MAX_TOOLTIP));
        if !is_container(value) {
            return;
        }
        item.set_custom_color(VALUE, self.palette.dim);
        if depth >= MAX_DEPTH {
            return;
        }
        self.elements(&item, value, depth);
        item.set_collapsed(depth >= UNFOLDED_DEPTH);
    }

    fn elements(&mut self, parent: &Gd<TreeItem>, container: &Variant, depth: usize) {
        let len = if let Ok(array) = container.try_to::<AnyArray>() {
            for (index, element) in array.iter_shared().take(MAX_ELEMENTS).enumerate() {
                self.value(parent, &index.to_string(), &element, depth + 1);
            }
            array.len()
        } else if let Ok(dictionary) = container.try_to::<AnyDictionary>() {
            for (key, element) in dictionary.iter_shared().take(MAX_ELEMENTS) {
                self.value(parent, &cut(&key.stringify().to_string(), MAX_TEXT), &element, depth + 1);
            }
            dictionary.len()
        } else {
            0
        };
        if len > MAX_ELEMENTS {
            let more = quantity::count((len - MAX_ELEMENTS) as u64);
            self.item(parent, "…", &format!("{more} more"));
        }
    }

    fn item(&mut self, parent: &Gd<TreeItem>, key: &str, text: &str) -> Option<Gd<TreeItem>> {
        self.room = self.room.checked_sub(1)?;
        let mut item = parent.clone().create_child()?;
        item.set_text(KEY, key);
        item.set_tooltip_text(KEY, key);
        item.set_custom_color(KEY, self.palette.accent);
        item.set_text(VALUE, text);
        Some(item)
    }
}

fn is_container(value: &Variant) -> bool {
    matches!(value.get_type(), VariantType::ARRAY | VariantType::DICTIONARY)
}

/// A value in one line.
fn describe(value: &Variant) -> String {
    let elements = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{} {one}s", quantity::count(count as u64)),
    };
    match value.get_type() {
        VariantType::NIL => "null".to_owned(),
        VariantType::ARRAY => {
            let len = value.try_to::<AnyArray>().map_or(0, |array| array.len());
            format!("Array, {}", elements(len, "element"))
        }
        VariantType::DICTIONARY => {
            let len = value.try_to::<AnyDictionary>().map_or(0, |dictionary| dictionary.len());
            format!("Dictionary, {}", elements(len, "key"))
        }
        VariantType::PACKED_BYTE_ARRAY => {
            value.try_to().map_or_else(|_| String::new(), |bytes| describe_bytes(&bytes))
        }
        VariantType::STRING => {
            serde_json::Value::from(cut(&value.stringify().to_string(), MAX_TOOLTIP)).to_string()
        }
        _ => value.stringify().to_string(),
    }
}

fn describe_bytes(bytes: &PackedByteArray) -> String {
    let shown: Vec<String> =
        bytes.as_slice().iter().take(MAX_BYTES).map(|byte| format!("{byte:02x}")).collect();
    let more = if bytes.len() > MAX_BYTES { " …" } else { "" };
    let separator = if shown.is_empty() { "" } else { ": " };
    format!("PackedByteArray, {}{separator}{}{more}", quantity::size(bytes.len() as f64), shown.join(" "))
}

/// The beginning of a text that is too long.
fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_too_long_is_cut() {
        assert_eq!([cut("äöü", 3), cut("äöü", 2), cut("", 0)], ["äöü", "äö…", ""]);
    }
}
