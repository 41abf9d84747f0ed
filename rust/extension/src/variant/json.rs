//! Writing JSON: the values that hold no other Variants.

use godot::builtin::{
    Aabb, Basis, Color, GString, NodePath, Plane, Projection, Quaternion, Rect2, Rect2i, StringName,
    Transform2D, Transform3D, Vector2, Vector2i, Vector3, Vector3i, Vector4, Vector4i,
};

/// How many characters of a string are looked at together.
const BLOCK: usize = 16;

/// JSON text in the making.
pub(super) struct Json {
    text: String,
}

/// A value that is written in one go.
pub(super) trait Plain {
    fn write(&self, json: &mut Json);
}

impl Json {
    /// Begins in the room that a text has.
    pub(super) fn within(mut buffer: String) -> Self {
        /// What a small event takes.
        const ROOM: usize = 128;

        buffer.clear();
        buffer.reserve(ROOM);
        Self { text: buffer }
    }

    pub(super) fn into_string(self) -> String {
        self.text
    }

    pub(super) fn write(&mut self, value: &(impl Plain + ?Sized)) {
        value.write(self);
    }

    /// Writes brackets, commas and other text that is JSON already.
    pub(super) fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writes what stands before an element of an array or object.
    pub(super) fn separate(&mut self, index: usize) {
        if index > 0 {
            self.text.push(',');
        }
    }

    /// Writes a string of UTF-32. What is no character in it becomes U+FFFD.
    pub(super) fn characters(&mut self, characters: &[u32]) {
        self.text.reserve(characters.len() + 2);
        self.text.push('"');
        let (blocks, rest) = characters.as_chunks::<BLOCK>();
        for block in blocks {
            // Without a way out in the middle, the compiler looks at several characters at once.
            let is_verbatim = block.iter().fold(true, |all, &character| all & is_verbatim(character));
            match str::from_utf8(&block.map(|character| character as u8)) {
                Ok(ascii) if is_verbatim => self.text.push_str(ascii),
                _ => self.each_character(block),
            }
        }
        self.each_character(rest);
        self.text.push('"');
    }

    fn each_character(&mut self, characters: &[u32]) {
        for &character in characters {
            let character = char::from_u32(character).unwrap_or(char::REPLACEMENT_CHARACTER);
            self.character(character);
        }
    }

    /// Writes a character of a string, escaped where it must be.
    fn character(&mut self, character: char) {
        match character {
            '"' => self.raw("\\\""),
            '\\' => self.raw("\\\\"),
            '\0'..' ' => self.control_character(character),
            _ => self.text.push(character),
        }
    }

    #[cold]
    fn control_character(&mut self, character: char) {
        match character {
            '\n' => self.raw("\\n"),
            '\r' => self.raw("\\r"),
            '\t' => self.raw("\\t"),
            _ => self.raw(&format!("\\u{:04x}", u32::from(character))),
        }
    }

    fn member(&mut self, name: &str, value: &impl Plain) {
        self.raw(if self.text.ends_with('{') { "\"" } else { ",\"" });
        self.raw(name);
        self.raw("\":");
        value.write(self);
    }
}

/// Whether a character stands in a string as it is, in one byte.
fn is_verbatim(character: u32) -> bool {
    (0x20..0x7F).contains(&character) & (character != u32::from(b'"')) & (character != u32::from(b'\\'))
}

impl Plain for bool {
    fn write(&self, json: &mut Json) {
        json.raw(if *self { "true" } else { "false" });
    }
}

impl Plain for i64 {
    fn write(&self, json: &mut Json) {
        json.raw(itoa::Buffer::new().format(*self));
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
            json.raw(zmij::Buffer::new().format_finite(*self));
        } else {
            json.raw("null");
        }
    }
}

impl Plain for f32 {
    /// With no more digits than single precision has.
    fn write(&self, json: &mut Json) {
        if self.is_finite() {
            json.raw(zmij::Buffer::new().format_finite(*self));
        } else {
            json.raw("null");
        }
    }
}

impl Plain for str {
    fn write(&self, json: &mut Json) {
        json.raw("\"");
        self.chars().for_each(|character| json.character(character));
        json.raw("\"");
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

/// Objects of what GDScript calls the members of a type, each named or given.
macro_rules! plain_object {
    ($($Type:ty { $($member:ident $(= |$value:ident| $given:expr)?),* })*) => {
        $(impl Plain for $Type {
            fn write(&self, json: &mut Json) {
                json.raw("{");
                $(json.member(stringify!($member), &plain_object!(self, $member $(= |$value| $given)?));)*
                json.raw("}");
            }
        })*
    };
    ($self:ident, $member:ident) => { $self.$member };
    ($self:ident, $member:ident = |$value:ident| $given:expr) => {{ let $value = $self; $given }};
}

plain_text! { GString StringName NodePath }

plain_object! {
    Vector2 { x, y }
    Vector2i { x, y }
    Vector3 { x, y, z }
    Vector3i { x, y, z }
    Vector4 { x, y, z, w }
    Vector4i { x, y, z, w }
    Quaternion { x, y, z, w }
    Color { r, g, b, a }
    Rect2 { position, size }
    Rect2i { position, size }
    Plane { normal, d }
    Aabb { position, size }
    Basis { x = |it| it.col_a(), y = |it| it.col_b(), z = |it| it.col_c() }
    Transform2D { x = |it| it.a, y = |it| it.b, origin }
    Transform3D { basis, origin }
    Projection { x = |it| it.cols[0], y = |it| it.cols[1], z = |it| it.cols[2], w = |it| it.cols[3] }
}
