//! Texts of the game and of its servers as Strings of the engine.

use godot::builtin::GString;

/// What the engine's reader of UTF-8 takes for a byte order mark at the beginning of a text, and drops.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The characters of a text that the engine must not read as UTF-8, which would lose the first one.
pub(crate) fn characters(text: &str) -> Option<Vec<char>> {
    text.starts_with(BYTE_ORDER_MARK).then(|| text.chars().collect())
}

/// The whole text.
pub(crate) fn string(text: &str) -> GString {
    characters(text).map_or_else(|| GString::from(text), |characters| GString::from(characters.as_slice()))
}
