//! From Variants to JSON and attachments, in one pass ("Data out" of the class documentation).

use bytes::Bytes;
use godot::builtin::{
    Aabb, AnyArray, AnyDictionary, Basis, Color, NodePath, PackedByteArray, PackedColorArray,
    PackedFloat32Array, PackedFloat64Array, PackedInt32Array, PackedInt64Array, PackedStringArray,
    PackedVector2Array, PackedVector3Array, PackedVector4Array, Plane, Projection, Quaternion, Rect2, Rect2i,
    StringName, Transform2D, Transform3D, Variant, VariantType, Vector2, Vector2i, Vector3, Vector3i,
    Vector4, Vector4i,
};
use godot::classes::Object;
use godot::meta::ToGodot;
use godot::obj::Gd;
use socketio_protocol::Payload;
use socketio_protocol::values::MAX_DEPTH;

use super::encode_error::{EncodeError, Problem, Step};
use super::json::{Json, Plain};
use super::raw::{self, SharedBytes, Value};

/// So many bytes are not copied: to hold them where they are costs less from about there on.
const SHARED: usize = 4 * 1024;

/// Encodes an event: `["name",data...]`, into an empty text.
///
/// # Errors
/// A value that cannot be sent; its place starts at the data.
pub(crate) fn event(name: &str, data: &AnyArray, buffer: String) -> Result<Payload, EncodeError> {
    let mut encoder = Encoder::new(buffer, true);
    encoder.json.raw("[");
    encoder.json.write(name);
    let data = data.to_variant();
    encoder.elements(&data, 0, 1).map_err(|error| error.or_cycle(&data))?;
    Ok(encoder.finish())
}

/// Encodes the answer to an event: `[data...]`, into an empty text.
///
/// # Errors
/// A value that cannot be sent.
pub(crate) fn answer(data: &AnyArray, buffer: String) -> Result<Payload, EncodeError> {
    let mut encoder = Encoder::new(buffer, true);
    let data = data.to_variant();
    encoder.array(&data, 0).map_err(|error| error.or_cycle(&data))?;
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
    let mut encoder = Encoder::new(String::new(), false);
    let auth = auth.to_variant();
    encoder.dictionary(&auth, 0).map_err(|error| error.or_cycle(&auth))?;
    Ok(Some(encoder.finish().json.into_boxed_str()))
}

struct Encoder {
    json: Json,
    attachments: Vec<Bytes>,
    attachments_allowed: bool,
}

impl Encoder {
    fn new(buffer: String, attachments_allowed: bool) -> Self {
        Self { json: Json::within(buffer), attachments: Vec::new(), attachments_allowed }
    }

    fn finish(self) -> Payload {
        Payload { json: self.json.into_string(), attachments: self.attachments }
    }

    fn value(&mut self, value: Value<'_>, depth: usize) -> Result<(), EncodeError> {
        match value {
            Value::Nil => self.json.raw("null"),
            Value::Bool(value) => self.plain(&value),
            Value::Int(value) => self.plain(&value),
            Value::Float(value) => self.plain(&value),
            Value::Other(kind, value) => return self.other(kind, value, depth),
        }
        Ok(())
    }

    fn other(&mut self, kind: VariantType, value: &Variant, depth: usize) -> Result<(), EncodeError> {
        match kind {
            VariantType::STRING => raw::with_characters(value, |characters| self.json.characters(characters)),
            VariantType::STRING_NAME => self.plain(&value.to::<StringName>()),
            VariantType::NODE_PATH => self.plain(&value.to::<NodePath>()),
            VariantType::VECTOR2 => self.plain(&value.to::<Vector2>()),
            VariantType::VECTOR2I => self.plain(&value.to::<Vector2i>()),
            VariantType::VECTOR3 => self.plain(&value.to::<Vector3>()),
            VariantType::VECTOR3I => self.plain(&value.to::<Vector3i>()),
            VariantType::VECTOR4 => self.plain(&value.to::<Vector4>()),
            VariantType::VECTOR4I => self.plain(&value.to::<Vector4i>()),
            VariantType::QUATERNION => self.plain(&value.to::<Quaternion>()),
            VariantType::COLOR => self.plain(&value.to::<Color>()),
            VariantType::RECT2 => self.plain(&value.to::<Rect2>()),
            VariantType::RECT2I => self.plain(&value.to::<Rect2i>()),
            VariantType::PLANE => self.plain(&value.to::<Plane>()),
            VariantType::AABB => self.plain(&value.to::<Aabb>()),
            VariantType::BASIS => self.plain(&value.to::<Basis>()),
            VariantType::TRANSFORM2D => self.plain(&value.to::<Transform2D>()),
            VariantType::TRANSFORM3D => self.plain(&value.to::<Transform3D>()),
            VariantType::PROJECTION => self.plain(&value.to::<Projection>()),
            VariantType::PACKED_INT32_ARRAY => self.plain(value.to::<PackedInt32Array>().as_slice()),
            VariantType::PACKED_INT64_ARRAY => self.plain(value.to::<PackedInt64Array>().as_slice()),
            VariantType::PACKED_FLOAT32_ARRAY => self.plain(value.to::<PackedFloat32Array>().as_slice()),
            VariantType::PACKED_FLOAT64_ARRAY => self.plain(value.to::<PackedFloat64Array>().as_slice()),
            VariantType::PACKED_STRING_ARRAY => self.plain(value.to::<PackedStringArray>().as_slice()),
            VariantType::PACKED_VECTOR2_ARRAY => self.plain(value.to::<PackedVector2Array>().as_slice()),
            VariantType::PACKED_VECTOR3_ARRAY => self.plain(value.to::<PackedVector3Array>().as_slice()),
            VariantType::PACKED_VECTOR4_ARRAY => self.plain(value.to::<PackedVector4Array>().as_slice()),
            VariantType::PACKED_COLOR_ARRAY => self.plain(value.to::<PackedColorArray>().as_slice()),
            VariantType::PACKED_BYTE_ARRAY => return self.attachment(&value.to()),
            VariantType::ARRAY => return self.array(value, depth),
            VariantType::DICTIONARY => return self.dictionary(value, depth),
            // What a function of the engine returned for nothing.
            VariantType::OBJECT if matches!(value.try_to::<Option<Gd<Object>>>(), Ok(None)) => {
                self.json.raw("null");
            }
            VariantType::OBJECT => return Err(EncodeError::new(Problem::Object(value.clone()))),
            other => return Err(EncodeError::new(Problem::Type(other))),
        }
        Ok(())
    }

    fn plain(&mut self, value: &(impl Plain + ?Sized)) {
        self.json.write(value);
    }

    fn array(&mut self, array: &Variant, depth: usize) -> Result<(), EncodeError> {
        check_depth(depth)?;
        self.json.raw("[");
        self.elements(array, depth, 0)
    }

    /// Writes the elements of an array in which `written` stand already, and closes it.
    fn elements(&mut self, array: &Variant, depth: usize, written: usize) -> Result<(), EncodeError> {
        raw::each_element(array, |index, value| {
            self.json.separate(written + index);
            self.value(value, depth + 1).map_err(|error| error.inside(Step::Index(index)))
        })?;
        self.json.raw("]");
        Ok(())
    }

    fn dictionary(&mut self, dictionary: &Variant, depth: usize) -> Result<(), EncodeError> {
        check_depth(depth)?;
        self.json.raw("{");
        raw::each_entry(dictionary, |index, key, value| {
            self.json.separate(index);
            if raw::type_of(key) == VariantType::STRING {
                raw::with_characters(key, |characters| self.json.characters(characters));
            } else {
                self.plain(&raw::text_of_key(key));
            }
            self.json.raw(":");
            self.value(value, depth + 1)
                .map_err(|error| error.inside(Step::Key(raw::text_of_key(key).to_string())))
        })?;
        self.json.raw("}");
        Ok(())
    }

    fn attachment(&mut self, bytes: &PackedByteArray) -> Result<(), EncodeError> {
        if !self.attachments_allowed {
            return Err(EncodeError::new(Problem::Binary));
        }
        self.json.raw("{\"_placeholder\":true,\"num\":");
        self.json.raw(&self.attachments.len().to_string());
        self.json.raw("}");
        self.attachments.push(if bytes.len() < SHARED {
            Bytes::copy_from_slice(bytes.as_slice())
        } else {
            Bytes::from_owner(SharedBytes::of(bytes))
        });
        Ok(())
    }
}

fn check_depth(depth: usize) -> Result<(), EncodeError> {
    if depth < MAX_DEPTH { Ok(()) } else { Err(EncodeError::new(Problem::TooDeep)) }
}
