//! Writing JSON: the values that hold no other Variants.

use godot::builtin::{
    Color, GString, NodePath, Quaternion, Rect2, Rect2i, StringName, Vector2, Vector2i, Vector3, Vector3i,
    Vector4, Vector4i,
};
use serde_json::ser::{CompactFormatter, Formatter as _};

/// How many characters of a string are looked at together.
const BLOCK: usize = 16;

/// JSON text in the making. Only whole strings and ASCII are written to it, so it is always UTF-8.
pub(super) struct Json {
    text: Vec<u8>,
}

/// A value that is written in one go.
pub(super) trait Plain {
    fn write(&self, json: &mut Json);
}

impl Json {
    /// Begins in the room that a text has.
    pub(super) fn within(buffer: String) -> Self {
        /// What a small event takes.
        const ROOM: usize = 128;

        let mut text = buffer.into_bytes();
        text.clear();
        text.reserve(ROOM);
        Self { text }
    }

    pub(super) fn into_string(self) -> String {
        String::from_utf8(self.text)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    pub(super) fn write(&mut self, value: &(impl Plain + ?Sized)) {
        value.write(self);
    }

    /// Writes brackets, commas and other text that is JSON already.
    pub(super) fn raw(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    /// Writes what stands before an element of an array or object.
    pub(super) fn separate(&mut self, index: usize) {
        if index > 0 {
            self.text.push(b',');
        }
    }

    /// Writes a string of UTF-32. What is no character in it becomes U+FFFD.
    pub(super) fn characters(&mut self, characters: &[u32]) {
        self.text.reserve(characters.len() + 2);
        self.text.push(b'"');
        let mut blocks = characters.chunks_exact(BLOCK);
        for block in &mut blocks {
            // Without a way out in the middle, the compiler looks at several characters at once.
            if block.iter().fold(true, |verbatim, &character| verbatim & is_verbatim(character)) {
                self.text.extend(block.iter().map(|&character| character as u8));
            } else {
                self.each_character(block);
            }
        }
        self.each_character(blocks.remainder());
        self.text.push(b'"');
    }

    fn each_character(&mut self, characters: &[u32]) {
        for &character in characters {
            if is_verbatim(character) {
                self.text.push(character as u8);
            } else {
                self.character(character);
            }
        }
    }

    /// Writes a character of a string, escaped where it must be.
    #[cold]
    fn character(&mut self, character: u32) {
        let character = char::from_u32(character).unwrap_or(char::REPLACEMENT_CHARACTER);
        match character {
            '"' => self.raw("\\\""),
            '\\' => self.raw("\\\\"),
            '\n' => self.raw("\\n"),
            '\r' => self.raw("\\r"),
            '\t' => self.raw("\\t"),
            '\0'..' ' => self.raw(&format!("\\u{:04x}", u32::from(character))),
            _ => self.raw(character.encode_utf8(&mut [0; 4])),
        }
    }

    pub(super) fn key(&mut self, key: &str) {
        key.write(self);
        self.text.push(b':');
    }

    fn object<T: Plain>(&mut self, members: &[(&str, T)]) {
        self.raw("{");
        for (index, (name, value)) in members.iter().enumerate() {
            self.separate(index);
            self.key(name);
            value.write(self);
        }
        self.raw("}");
    }
}

/// Whether a character stands in a string as it is, in one byte.
fn is_verbatim(character: u32) -> bool {
    (0x20..0x7F).contains(&character) & (character != u32::from(b'"')) & (character != u32::from(b'\\'))
}

// Writing to a Vec cannot fail, so the results of serde_json's writers are dropped.

impl Plain for bool {
    fn write(&self, json: &mut Json) {
        json.raw(if *self { "true" } else { "false" });
    }
}

impl Plain for i64 {
    fn write(&self, json: &mut Json) {
        let _ = CompactFormatter.write_i64(&mut json.text, *self);
    }
}

impl Plain for i32 {
    fn write(&self, json: &mut Json) {
        i64::from(*self).write(json);
    }
}

impl Plain for f64 {
    /// NaN and infinities become null, as in JavaScript.
    fn write(&self, json: &mut Json) {
        if self.is_finite() {
            let _ = CompactFormatter.write_f64(&mut json.text, *self);
        } else {
            json.raw("null");
        }
    }
}

impl Plain for f32 {
    /// With no more digits than single precision has.
    fn write(&self, json: &mut Json) {
        if self.is_finite() {
            let _ = CompactFormatter.write_f32(&mut json.text, *self);
        } else {
            json.raw("null");
        }
    }
}

impl Plain for str {
    fn write(&self, json: &mut Json) {
        let _ = serde_json::to_writer(&mut json.text, self);
    }
}

impl<T: Plain> Plain for [T] {
    fn write(&self, json: &mut Json) {
        json.raw("[");
        for (index, item) in self.iter().enumerate() {
            json.separate(index);
            item.write(json);
        }
        json.raw("]");
    }
}

macro_rules! plain_text {
    ($($Type:ty)*) => {
        $(impl Plain for $Type {
            fn write(&self, json: &mut Json) {
                self.to_string().as_str().write(json);
            }
        })*
    };
}

macro_rules! plain_object {
    ($($Type:ty { $($member:ident)* })*) => {
        $(impl Plain for $Type {
            fn write(&self, json: &mut Json) {
                json.object(&[$((stringify!($member), self.$member),)*]);
            }
        })*
    };
}

plain_text! { GString StringName NodePath }

plain_object! {
    Vector2 { x y }
    Vector2i { x y }
    Vector3 { x y z }
    Vector3i { x y z }
    Vector4 { x y z w }
    Vector4i { x y z w }
    Quaternion { x y z w }
    Color { r g b a }
    Rect2 { position size }
    Rect2i { position size }
}
