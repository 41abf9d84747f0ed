//! From received values to Variants ("Data in" of the class documentation).

use std::slice;

use godot::builtin::Variant;
use socketio_protocol::{Node, Values};

use super::keys::Keys;
use super::raw::{self, Slot};

/// All values, as a Variant of the `Array` that listeners get.
pub(crate) fn array(values: &Values) -> Variant {
    build(values, |reader, slot| reader.array(slot, values.len()))
}

/// The first value, or null.
pub(crate) fn first(values: &Values) -> Variant {
    build(values, |reader, slot| {
        reader.value(slot);
    })
}

fn build(values: &Values, write: impl FnOnce(&mut Reader<'_>, Slot<'_>)) -> Variant {
    Keys::with(|keys| {
        let mut reader = Reader { values, nodes: values.nodes().iter(), keys, attachments: Vec::new() };
        raw::variant(|slot| write(&mut reader, slot))
    })
}

/// Goes through the nodes once. Recursion is bounded by the depth to which the protocol parses.
struct Reader<'a> {
    values: &'a Values,
    nodes: slice::Iter<'a, Node>,
    keys: &'a mut Keys,
    /// The attachments that were met, by their number: a packet may name one a million times.
    attachments: Vec<Option<raw::Bytes>>,
}

impl Reader<'_> {
    fn value(&mut self, slot: Slot<'_>) {
        match self.nodes.next() {
            None | Some(Node::Null) => {}
            Some(Node::Bool(value)) => slot.bool(*value),
            Some(Node::Int(value)) => slot.int(*value),
            Some(Node::Float(value)) => slot.float(*value),
            Some(Node::String(span) | Node::Key(span)) => slot.string(self.values.text(*span)),
            Some(Node::Attachment(number)) => slot.bytes(self.attachment(*number)),
            Some(Node::Array(len)) => self.array(slot, *len as usize),
            Some(Node::Object(pairs)) => slot.dictionary(|dictionary| {
                for _ in 0..*pairs {
                    let Some(Node::Key(key)) = self.nodes.next() else { return };
                    let slot = self.keys.entry(dictionary, self.values.text(*key));
                    self.value(slot);
                }
            }),
        }
    }

    fn attachment(&mut self, number: u32) -> &mut raw::Bytes {
        let index = number as usize;
        if self.attachments.len() <= index {
            self.attachments.resize_with(index + 1, || None);
        }
        self.attachments[index].get_or_insert_with(|| raw::Bytes::new(&self.values.attachment(number)))
    }

    fn array(&mut self, slot: Slot<'_>, len: usize) {
        slot.array(len, |slot| self.value(slot));
    }
}
