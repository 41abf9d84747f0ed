//! From Variants to JSON and attachments, in one pass ("Data out" of the class documentation).

use std::fmt::{self, Write as _};

use bytes::Bytes;
use godot::builtin::{
    AnyArray, AnyDictionary, Color, GString, NodePath, PackedByteArray, PackedColorArray, PackedFloat32Array,
    PackedFloat64Array, PackedInt32Array, PackedInt64Array, PackedStringArray, PackedVector2Array,
    PackedVector3Array, PackedVector4Array, Quaternion, Rect2, Rect2i, StringName, Variant, VariantType,
    Vector2, Vector2i, Vector3, Vector3i, Vector4, Vector4i,
};
use godot::global::is_same;
use godot::meta::ToGodot;
use serde_json::ser::{CompactFormatter, Formatter as _};
use socketio_protocol::Payload;
use socketio_protocol::values::MAX_DEPTH;

/// How many steps of a path an error names.
const MAX_STEPS: usize = 16;

/// A value that has no place in JSON, and where it is.
#[derive(Debug)]
pub(crate) struct EncodeError {
    /// From the outermost container to the value, in reverse: it is built while the encoder returns.
    path: Vec<Step>,
    problem: Problem,
}

#[derive(Debug)]
enum Step {
    Index(usize),
    Key(String),
}

#[derive(Debug)]
enum Problem {
    Type(VariantType),
    Cycle,
    TooDeep,
    Binary,
}

impl EncodeError {
    fn new(problem: Problem) -> Self {
        Self { path: Vec::new(), problem }
    }

    fn inside(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }

    /// The error as a sentence, with the path starting at `root`.
    pub(crate) fn describe(&self, root: &str) -> String {
        let mut place = String::from(root);
        for step in self.path.iter().rev().take(MAX_STEPS) {
            // Writing to a String cannot fail.
            let _ = write!(place, "{step}");
        }
        if self.path.len() > MAX_STEPS {
            place.push_str("[...]");
        }
        match self.problem {
            Problem::Type(VariantType::OBJECT) => format!("{place} is an Object"),
            Problem::Type(kind) => format!("{place} is a {}", type_name(kind)),
            Problem::Cycle => format!("{place} contains itself"),
            Problem::TooDeep => format!("{place} is nested deeper than {MAX_DEPTH} levels"),
            Problem::Binary => format!("{place} is a PackedByteArray, which cannot be sent here"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Key(key) if is_identifier(key) => write!(f, ".{key}"),
            Self::Key(key) => write!(f, "[{key:?}]"),
        }
    }
}

fn is_identifier(text: &str) -> bool {
    !text.starts_with(|first: char| first.is_ascii_digit())
        && !text.is_empty()
        && text.chars().all(|letter| letter == '_' || letter.is_alphanumeric())
}

fn type_name(kind: VariantType) -> GString {
    godot::global::type_string(i64::from(kind.ord))
}

/// Encodes an event: `["name",data...]`.
///
/// # Errors
/// A value that cannot be sent; its place starts at the data.
pub(crate) fn event(name: &str, data: &AnyArray) -> Result<Payload, EncodeError> {
    let mut encoder = Encoder::new(true);
    encoder.open('[');
    encoder.string(name);
    for (index, value) in data.iter_shared().enumerate() {
        encoder.json.push(b',');
        encoder
            .value(&value, 1)
            .map_err(|error| error.inside(Step::Index(index)).or_cycle(&data.to_variant()))?;
    }
    encoder.json.push(b']');
    Ok(encoder.finish())
}

/// Encodes the answer to an event: `[data...]`.
///
/// # Errors
/// A value that cannot be sent.
pub(crate) fn answer(data: &AnyArray) -> Result<Payload, EncodeError> {
    let mut encoder = Encoder::new(true);
    encoder.array(data, 0).map_err(|error| error.or_cycle(&data.to_variant()))?;
    Ok(encoder.finish())
}

/// Encodes the auth of a CONNECT packet, which carries no attachments. Nothing for an empty one, as the official
/// client sends none.
///
/// # Errors
/// A value that cannot be sent.
pub(crate) fn auth(auth: &AnyDictionary) -> Result<Option<Box<str>>, EncodeError> {
    if auth.is_empty() {
        return Ok(None);
    }
    let mut encoder = Encoder::new(false);
    encoder.dictionary(auth, 0).map_err(|error| error.or_cycle(&auth.to_variant()))?;
    Ok(Some(encoder.finish().json.into_boxed_str()))
}

struct Encoder {
    json: Vec<u8>,
    attachments: Vec<Bytes>,
    attachments_allowed: bool,
}

impl Encoder {
    fn new(attachments_allowed: bool) -> Self {
        Self { json: Vec::with_capacity(128), attachments: Vec::new(), attachments_allowed }
    }

    fn finish(self) -> Payload {
        // Only whole strings and ASCII were written, so nothing is replaced here.
        let json = String::from_utf8(self.json)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Payload { json, attachments: self.attachments }
    }

    fn value(&mut self, value: &Variant, depth: usize) -> Result<(), EncodeError> {
        match value.get_type() {
            VariantType::NIL => self.raw("null"),
            VariantType::BOOL => self.raw(if value.to() { "true" } else { "false" }),
            VariantType::INT => self.int(value.to()),
            VariantType::FLOAT => self.double(value.to()),
            VariantType::STRING => self.string(&value.to::<GString>().to_string()),
            VariantType::STRING_NAME => self.string(&value.to::<StringName>().to_string()),
            VariantType::NODE_PATH => self.string(&value.to::<NodePath>().to_string()),
            VariantType::ARRAY => return self.array(&value.to(), depth),
            VariantType::DICTIONARY => return self.dictionary(&value.to(), depth),
            VariantType::PACKED_BYTE_ARRAY => return self.attachment(&value.to()),
            VariantType::PACKED_INT32_ARRAY => {
                self.sequence(value.to::<PackedInt32Array>().as_slice(), |encoder, item| {
                    encoder.int(i64::from(*item));
                });
            }
            VariantType::PACKED_INT64_ARRAY => {
                self.sequence(value.to::<PackedInt64Array>().as_slice(), |encoder, item| encoder.int(*item));
            }
            VariantType::PACKED_FLOAT32_ARRAY => {
                self.sequence(value.to::<PackedFloat32Array>().as_slice(), |encoder, item| {
                    encoder.single(*item)
                });
            }
            VariantType::PACKED_FLOAT64_ARRAY => {
                self.sequence(value.to::<PackedFloat64Array>().as_slice(), |encoder, item| {
                    encoder.double(*item)
                });
            }
            VariantType::PACKED_STRING_ARRAY => {
                self.sequence(value.to::<PackedStringArray>().as_slice(), |encoder, item| {
                    encoder.string(&item.to_string());
                });
            }
            VariantType::PACKED_VECTOR2_ARRAY => {
                self.sequence(value.to::<PackedVector2Array>().as_slice(), |encoder, item| {
                    encoder.vector2(*item)
                });
            }
            VariantType::PACKED_VECTOR3_ARRAY => {
                self.sequence(value.to::<PackedVector3Array>().as_slice(), |encoder, item| {
                    encoder.reals(&[("x", item.x), ("y", item.y), ("z", item.z)]);
                });
            }
            VariantType::PACKED_VECTOR4_ARRAY => {
                self.sequence(value.to::<PackedVector4Array>().as_slice(), |encoder, item| {
                    encoder.reals(&[("x", item.x), ("y", item.y), ("z", item.z), ("w", item.w)]);
                });
            }
            VariantType::PACKED_COLOR_ARRAY => {
                self.sequence(value.to::<PackedColorArray>().as_slice(), |encoder, item| {
                    encoder.color(*item)
                });
            }
            VariantType::VECTOR2 => self.vector2(value.to()),
            VariantType::VECTOR2I => self.vector2i(value.to()),
            VariantType::VECTOR3 => {
                let vector: Vector3 = value.to();
                self.reals(&[("x", vector.x), ("y", vector.y), ("z", vector.z)]);
            }
            VariantType::VECTOR3I => {
                let vector: Vector3i = value.to();
                self.ints(&[("x", vector.x), ("y", vector.y), ("z", vector.z)]);
            }
            VariantType::VECTOR4 => {
                let vector: Vector4 = value.to();
                self.reals(&[("x", vector.x), ("y", vector.y), ("z", vector.z), ("w", vector.w)]);
            }
            VariantType::VECTOR4I => {
                let vector: Vector4i = value.to();
                self.ints(&[("x", vector.x), ("y", vector.y), ("z", vector.z), ("w", vector.w)]);
            }
            VariantType::QUATERNION => {
                let quaternion: Quaternion = value.to();
                self.reals(&[
                    ("x", quaternion.x),
                    ("y", quaternion.y),
                    ("z", quaternion.z),
                    ("w", quaternion.w),
                ]);
            }
            VariantType::COLOR => self.color(value.to()),
            VariantType::RECT2 => {
                let rect: Rect2 = value.to();
                self.raw("{\"position\":");
                self.vector2(rect.position);
                self.raw(",\"size\":");
                self.vector2(rect.size);
                self.raw("}");
            }
            VariantType::RECT2I => {
                let rect: Rect2i = value.to();
                self.raw("{\"position\":");
                self.vector2i(rect.position);
                self.raw(",\"size\":");
                self.vector2i(rect.size);
                self.raw("}");
            }
            other => return Err(EncodeError::new(Problem::Type(other))),
        }
        Ok(())
    }

    fn array(&mut self, array: &AnyArray, depth: usize) -> Result<(), EncodeError> {
        check_depth(depth)?;
        self.open('[');
        for (index, value) in array.iter_shared().enumerate() {
            if index > 0 {
                self.json.push(b',');
            }
            self.value(&value, depth + 1).map_err(|error| error.inside(Step::Index(index)))?;
        }
        self.json.push(b']');
        Ok(())
    }

    fn dictionary(&mut self, dictionary: &AnyDictionary, depth: usize) -> Result<(), EncodeError> {
        check_depth(depth)?;
        self.open('{');
        for (index, (key, value)) in dictionary.iter_shared().enumerate() {
            if index > 0 {
                self.json.push(b',');
            }
            // Keys that are not strings are written as their `str()`.
            let key = key.stringify().to_string();
            self.string(&key);
            self.json.push(b':');
            self.value(&value, depth + 1).map_err(|error| error.inside(Step::Key(key)))?;
        }
        self.json.push(b'}');
        Ok(())
    }

    fn attachment(&mut self, bytes: &PackedByteArray) -> Result<(), EncodeError> {
        if !self.attachments_allowed {
            return Err(EncodeError::new(Problem::Binary));
        }
        self.raw("{\"_placeholder\":true,\"num\":");
        self.int(i64::try_from(self.attachments.len()).unwrap_or(i64::MAX));
        self.raw("}");
        self.attachments.push(Bytes::copy_from_slice(bytes.as_slice()));
        Ok(())
    }

    fn sequence<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) {
        self.open('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.json.push(b',');
            }
            write(self, item);
        }
        self.json.push(b']');
    }

    fn vector2(&mut self, vector: Vector2) {
        self.reals(&[("x", vector.x), ("y", vector.y)]);
    }

    fn vector2i(&mut self, vector: Vector2i) {
        self.ints(&[("x", vector.x), ("y", vector.y)]);
    }

    fn color(&mut self, color: Color) {
        self.reals(&[("r", color.r), ("g", color.g), ("b", color.b), ("a", color.a)]);
    }

    fn reals(&mut self, components: &[(&str, f32)]) {
        self.components(components, |encoder, value| encoder.single(value));
    }

    fn ints(&mut self, components: &[(&str, i32)]) {
        self.components(components, |encoder, value| encoder.int(i64::from(value)));
    }

    fn components<T: Copy>(&mut self, components: &[(&str, T)], write: impl Fn(&mut Self, T)) {
        self.open('{');
        for (index, (name, value)) in components.iter().enumerate() {
            if index > 0 {
                self.json.push(b',');
            }
            self.string(name);
            self.json.push(b':');
            write(self, *value);
        }
        self.json.push(b'}');
    }

    fn open(&mut self, bracket: char) {
        self.json.push(bracket as u8);
    }

    fn raw(&mut self, text: &str) {
        self.json.extend_from_slice(text.as_bytes());
    }

    // Writing to a Vec cannot fail, so the results of the writers below are dropped.

    fn int(&mut self, value: i64) {
        let _ = CompactFormatter.write_i64(&mut self.json, value);
    }

    fn double(&mut self, value: f64) {
        if value.is_finite() {
            let _ = CompactFormatter.write_f64(&mut self.json, value);
        } else {
            self.raw("null");
        }
    }

    /// A component of single precision, with no more digits than it has.
    fn single(&mut self, value: f32) {
        if value.is_finite() {
            let _ = CompactFormatter.write_f32(&mut self.json, value);
        } else {
            self.raw("null");
        }
    }

    fn string(&mut self, text: &str) {
        let _ = serde_json::to_writer(&mut self.json, text);
    }
}

fn check_depth(depth: usize) -> Result<(), EncodeError> {
    if depth < MAX_DEPTH { Ok(()) } else { Err(EncodeError::new(Problem::TooDeep)) }
}

impl EncodeError {
    /// Tells a container that contains itself from one that is only nested too deeply, by walking the path again.
    fn or_cycle(mut self, root: &Variant) -> Self {
        if !matches!(self.problem, Problem::TooDeep) {
            return self;
        }
        let mut seen = vec![root.clone()];
        let steps = self.path.len();
        for taken in 1..=steps {
            let (Some(container), Some(step)) = (seen.last(), self.path.get(steps - taken)) else {
                return self;
            };
            let Some(inner) = step.follow(container) else {
                return self;
            };
            if seen.iter().any(|outer| is_same(outer, &inner)) {
                self.path.drain(..steps - taken);
                self.problem = Problem::Cycle;
                return self;
            }
            seen.push(inner);
        }
        self
    }
}

impl Step {
    fn follow(&self, container: &Variant) -> Option<Variant> {
        match self {
            Self::Index(index) => container.try_to::<AnyArray>().ok()?.get(*index),
            Self::Key(key) => container
                .try_to::<AnyDictionary>()
                .ok()?
                .iter_shared()
                .find_map(|(name, value)| (name.stringify().to_string() == *key).then_some(value)),
        }
    }
}
