//! JSON text to nodes, in one pass and without a tree in between.

use std::fmt;

use memchr::memchr;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{JsonError, MAX_DEPTH, Node, Span};

/// The bytes of JSON for a node, about.
const BYTES_PER_NODE: usize = 6;

/// Parses one JSON value and appends its nodes and their text. With attachments, placeholder objects become
/// [`Node::Attachment`]; without, they are objects like any other. Returns where the last element of the outermost array
/// is.
pub(super) fn parse(
    json: &str,
    attachments: usize,
    nodes: &mut Vec<Node>,
    text: &mut String,
) -> Result<usize, JsonError> {
    // About what events of small numbers and short keys take.
    nodes.reserve(json.len() / BYTES_PER_NODE);
    text.reserve(json.len() / 2);
    let mut writer = Writer { nodes, text, attachments, last: 0 };
    let mut deserializer = serde_json::Deserializer::from_str(json);
    // Every recursion passes through `Value`, which counts the depth itself.
    deserializer.disable_recursion_limit();
    Value { writer: &mut writer, depth: 0 }
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end())
        .map_err(|error| JsonError::new(error.to_string()))?;
    Ok(writer.last)
}

struct Writer<'t> {
    nodes: &'t mut Vec<Node>,
    text: &'t mut String,
    attachments: usize,
    last: usize,
}

impl Writer<'_> {
    fn push_text(&mut self, text: &str) -> Option<Span> {
        let start = u32::try_from(self.text.len()).ok()?;
        if memchr(0, text.as_bytes()).is_none() {
            self.text.push_str(text);
        } else {
            self.text.extend(text.chars().map(|c| if c == '\0' { char::REPLACEMENT_CHARACTER } else { c }));
        }
        let end = u32::try_from(self.text.len()).ok()?;
        Some(Span { start, end })
    }

    fn last_text_is(&self, span: Span, expected: &str) -> bool {
        self.text.get(span.start as usize..span.end as usize) == Some(expected)
    }

    /// The number in a placeholder, if there is an attachment of that number.
    fn attachment(&self, number: Option<Node>) -> Option<u32> {
        let Some(Node::Int(number)) = number else { return None };
        let within = usize::try_from(number).is_ok_and(|number| number < self.attachments);
        if within { u32::try_from(number).ok() } else { None }
    }
}

/// Writes the next value, at a depth of as many containers.
struct Value<'w, 't> {
    writer: &'w mut Writer<'t>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Value<'_, '_> {
    /// The depth of what is inside this container.
    fn deeper<E: Error>(&self) -> Result<usize, E> {
        let depth = self.depth.saturating_add(1);
        if depth > MAX_DEPTH {
            return Err(E::custom(format_args!("it is nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(depth)
    }

    /// Writes a container's node before its length is known. Returns where.
    fn begin(&mut self) -> usize {
        let position = self.writer.nodes.len();
        self.writer.nodes.push(Node::Null);
        position
    }
}

impl<'de> Visitor<'de> for Value<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.writer.nodes.push(Node::Null);
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.writer.nodes.push(Node::Bool(value));
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.writer.nodes.push(Node::Int(value));
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        let node = i64::try_from(value).map_or(Node::Float(value as f64), Node::Int);
        self.writer.nodes.push(node);
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.writer.nodes.push(Node::Float(value));
        Ok(())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        let span = self.writer.push_text(value).ok_or_else(too_long)?;
        self.writer.nodes.push(Node::String(span));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        let position = self.begin();
        let mut len: u32 = 0;
        loop {
            let element = self.writer.nodes.len();
            if elements.next_element_seed(Value { writer: self.writer, depth })?.is_none() {
                break;
            }
            // The outermost array's last one comes last.
            self.writer.last = element;
            len = len.checked_add(1).ok_or_else(too_long)?;
        }
        if let Some(node) = self.writer.nodes.get_mut(position) {
            *node = Node::Array(len);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        let text_before = self.writer.text.len();
        let position = self.begin();
        let mut pairs: u32 = 0;
        let mut placeholder = None;
        let mut number = None;
        while let Some(key) = entries.next_key_seed(Key { writer: self.writer })? {
            let value = self.writer.nodes.len();
            entries.next_value_seed(Value { writer: self.writer, depth })?;
            if self.writer.attachments > 0 {
                let node = self.writer.nodes.get(value).copied();
                if self.writer.last_text_is(key, "_placeholder") {
                    placeholder = node;
                } else if self.writer.last_text_is(key, "num") {
                    number = node;
                }
            }
            pairs = pairs.checked_add(1).ok_or_else(too_long)?;
        }
        if placeholder != Some(Node::Bool(true)) {
            if let Some(node) = self.writer.nodes.get_mut(position) {
                *node = Node::Object(pairs);
            }
            return Ok(());
        }
        let attachment = self
            .writer
            .attachment(number)
            .ok_or_else(|| A::Error::custom("a placeholder in it names no attachment of the packet"))?;
        self.writer.nodes.truncate(position);
        self.writer.text.truncate(text_before);
        self.writer.nodes.push(Node::Attachment(attachment));
        Ok(())
    }
}

/// Writes the key of the next value.
struct Key<'w, 't> {
    writer: &'w mut Writer<'t>,
}

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = Span;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Span, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_, '_> {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Span, E> {
        let span = self.writer.push_text(value).ok_or_else(too_long)?;
        self.writer.nodes.push(Node::Key(span));
        Ok(span)
    }
}

fn too_long<E: Error>() -> E {
    E::custom("it is longer than 4 GiB")
}
