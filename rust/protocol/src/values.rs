//! Received JSON as a flat list of nodes, ready to be turned into the game's own values.

mod fault;
mod number;
mod parser;
mod string;

use std::fmt;

use bytes::Bytes;

/// The deepest nesting of a received packet, its outermost array included. Deeper JSON is a parse error: it could
/// exhaust the stack of whoever walks it.
pub const MAX_DEPTH: usize = 128;

/// The most values of a received packet, keys included. A value of two bytes of JSON takes up to some hundred bytes in
/// the engine, so that a message within its limit could else fill the memory.
pub const MAX_VALUES: usize = 4 << 20;

/// A run of bytes in the text of a [`Values`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    start: u32,
    end: u32,
}

/// One value, in the order of the JSON text. A container is followed by its contents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without fraction or exponent that fits 64 bits. `-0` is 0.
    Int(i64),
    /// Any other number. One too large for 64-bit floats is a parse error.
    Float(f64),
    /// A string.
    String(Span),
    /// An attachment's number.
    Attachment(u32),
    /// That many values follow.
    Array(u32),
    /// That many pairs follow, each a [`Node::Key`] and a value. A key may come twice: the last one counts.
    Object(u32),
    /// The key of the value that follows.
    Key(Span),
}

/// A sequence of values: the arguments of an event, or an acknowledgement's answer.
///
/// It is small to move. Its memory can be used again: see [`Session::recycle`](crate::Session::recycle).
#[derive(Debug, Clone, Default)]
pub struct Values(Box<Tape>);

#[derive(Debug, Clone, Default)]
struct Tape {
    nodes: Vec<Node>,
    text: String,
    attachments: Vec<Bytes>,
    /// Where the first value's node is: an event's name stands before it.
    first: usize,
    /// Where the last value's node is, if the values are the elements of an array.
    last: usize,
    len: usize,
}

impl Values {
    /// Reads the elements of a JSON array. Placeholders in it become the attachments of that number, if there
    /// are any attachments.
    ///
    /// # Errors
    /// When the text is not a JSON array, is nested deeper than [`MAX_DEPTH`], or has a placeholder that names no
    /// attachment.
    pub fn from_json_array(json: &str, attachments: Vec<Bytes>) -> Result<Self, JsonError> {
        let document = Self::from_json(json, attachments.len())?;
        let mut values = document.into_elements().ok_or_else(|| JsonError::new("it is not an array"))?;
        values.0.attachments = attachments;
        Ok(values)
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.0.len
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.0.len == 0
    }

    /// The nodes of all values, one value after the other.
    pub fn nodes(&self) -> &[Node] {
        self.0.nodes.get(self.0.first..).unwrap_or_default()
    }

    /// The text of a string or a key. NUL, which a Godot String cannot hold, and lone surrogates, which UTF-8
    /// cannot, are U+FFFD in it.
    pub fn text(&self, span: Span) -> &str {
        self.0.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Whether there are attachments.
    pub fn has_attachments(&self) -> bool {
        !self.0.attachments.is_empty()
    }

    /// The bytes of an attachment.
    pub fn attachment(&self, number: u32) -> Bytes {
        self.0.attachments.get(number as usize).cloned().unwrap_or_default()
    }

    /// The bytes that the values hold, for the limit on what may wait for the game.
    pub fn size(&self) -> usize {
        let nodes = self.0.nodes.len().saturating_mul(size_of::<Node>());
        self.0.attachments.iter().fold(nodes.saturating_add(self.0.text.len()), |size, attachment| {
            size.saturating_add(size_of::<Bytes>()).saturating_add(attachment.len())
        })
    }

    /// The number of characters in all texts, the keys included.
    pub fn characters(&self) -> usize {
        self.0.text.chars().count()
    }

    /// Reads one JSON value. The attachments it refers to, as many as `attachments` says, may follow later.
    ///
    /// # Errors
    /// When the text is not JSON, or nested deeper than [`MAX_DEPTH`].
    pub fn from_json(json: &str, attachments: usize) -> Result<Self, JsonError> {
        Self::default().replaced_by_json(json, attachments)
    }

    /// The same as [`from_json`](Self::from_json), in the memory of values that nobody needs any more.
    pub(crate) fn replaced_by_json(mut self, json: &str, attachments: usize) -> Result<Self, JsonError> {
        self.clear();
        let Tape { nodes, text, .. } = &mut *self.0;
        self.0.last = parser::parse(json, attachments, nodes, text)?;
        self.0.len = 1;
        Ok(self)
    }

    /// Forgets everything but its own memory.
    pub fn clear(&mut self) {
        let Tape { nodes, text, attachments, first, last, len } = &mut *self.0;
        nodes.clear();
        text.clear();
        attachments.clear();
        (*first, *last, *len) = (0, 0, 0);
    }

    /// The bytes of memory that it has, used or not, without what the attachments hold.
    pub fn capacity(&self) -> usize {
        let nodes = self.0.nodes.capacity().saturating_mul(size_of::<Node>());
        let attachments = self.0.attachments.capacity().saturating_mul(size_of::<Bytes>());
        let own = size_of::<Tape>().saturating_add(nodes).saturating_add(attachments);
        own.saturating_add(self.0.text.capacity())
    }

    /// The elements of an array, or `None` when the one value is no array.
    pub(crate) fn into_elements(mut self) -> Option<Self> {
        let Some(&Node::Array(len)) = self.nodes().first() else { return None };
        self.0.first = self.0.first.saturating_add(1);
        self.0.len = len as usize;
        Some(self)
    }

    /// Takes the first value off, which must be no container.
    pub(crate) fn split_first(&mut self) -> Option<Node> {
        let node = *self.nodes().first()?;
        if matches!(node, Node::Array(_) | Node::Object(_)) {
            return None;
        }
        self.0.first = self.0.first.saturating_add(1);
        self.0.len = self.0.len.saturating_sub(1);
        Some(node)
    }

    /// The text of the last element of an array, if it is a string.
    pub(crate) fn last_string(&self) -> Option<&str> {
        match self.0.nodes.get(self.0.last)? {
            Node::String(span) if !self.is_empty() => Some(self.text(*span)),
            _ => None,
        }
    }

    /// Takes the last element of an array off.
    pub(crate) fn remove_last(&mut self) {
        if self.0.len > 0 {
            self.0.nodes.truncate(self.0.last);
            self.0.len = self.0.len.saturating_sub(1);
        }
    }

    /// The value under a key, alone, when the first value is an object that has the key.
    pub(crate) fn into_field(mut self, name: &str) -> Option<Self> {
        let start = self.field_position(name)?;
        let end = self.end_of(start);
        self.0.nodes.truncate(end);
        self.0.first = start;
        self.0.len = 1;
        Some(self)
    }

    /// The node under a key, when the first value is an object that has the key.
    pub fn field(&self, name: &str) -> Option<Node> {
        self.0.nodes.get(self.field_position(name)?).copied()
    }

    /// The text under a key, when the first value is an object that has the key with a string.
    pub(crate) fn string_field(&self, name: &str) -> Option<&str> {
        let Node::String(span) = self.field(name)? else { return None };
        Some(self.text(span))
    }

    /// Every string, but not the keys.
    pub(crate) fn strings(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.nodes().iter().filter_map(|node| {
            let Node::String(span) = *node else { return None };
            Some(self.text(span))
        })
    }

    /// Whether the first value is an object that has the key with an array in which this text is.
    pub(crate) fn list_field_has(&self, name: &str, text: &str) -> bool {
        let Some(position) = self.field_position(name) else { return false };
        if !matches!(self.0.nodes.get(position), Some(Node::Array(_))) {
            return false;
        }
        let inside = self.0.nodes.get(position..self.end_of(position)).unwrap_or_default();
        inside.iter().any(|node| matches!(*node, Node::String(span) if self.text(span) == text))
    }

    pub(crate) fn push_attachment(&mut self, attachment: Bytes) {
        self.0.attachments.push(attachment);
    }

    fn field_position(&self, name: &str) -> Option<usize> {
        let Some(&Node::Object(pairs)) = self.0.nodes.get(self.0.first) else { return None };
        let mut found = None;
        let mut position = self.0.first.saturating_add(1);
        for _ in 0..pairs {
            let Some(&Node::Key(key)) = self.0.nodes.get(position) else { break };
            let value = position.saturating_add(1);
            if self.text(key) == name {
                found = Some(value);
            }
            position = self.end_of(value);
        }
        found
    }

    /// Where the node after the value at `position` is.
    fn end_of(&self, mut position: usize) -> usize {
        let mut left: u64 = 1;
        while left > 0 {
            let Some(node) = self.0.nodes.get(position) else { break };
            let inside = match *node {
                Node::Array(len) => u64::from(len),
                Node::Object(pairs) => u64::from(pairs).saturating_mul(2),
                _ => 0,
            };
            left = left.saturating_sub(1).saturating_add(inside);
            position = position.saturating_add(1);
        }
        position
    }
}

/// The same values, wherever their texts and attachments stand.
impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.nodes().len() == other.nodes().len()
            && self.nodes().iter().zip(other.nodes()).all(|(&mine, &theirs)| match (mine, theirs) {
                (Node::String(mine), Node::String(theirs)) | (Node::Key(mine), Node::Key(theirs)) => {
                    self.text(mine) == other.text(theirs)
                }
                (Node::Attachment(mine), Node::Attachment(theirs)) => {
                    self.attachment(mine) == other.attachment(theirs)
                }
                (mine, theirs) => mine == theirs,
            })
    }
}

/// Why a text is not the JSON that was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError(String);

impl JsonError {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for JsonError {}
