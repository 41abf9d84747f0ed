//! From received values to Variants ("Data in" of the class documentation).

use std::slice;
use std::sync::atomic::{AtomicBool, Ordering};

use godot::builtin::Variant;
use socketio_protocol::values::Span;
use socketio_protocol::{Node, Values};

use super::keys::Keys;
use super::raw::{self, Bytes, Old, Slot};

/// Whether the engine exits: it waits for the worker, and nobody waits for values any more.
static IS_EXITING: AtomicBool = AtomicBool::new(false);

/// Ends the making of values, also of those that are being made: the keys of a hostile server may take a worker very long.
pub(crate) fn stop() {
    IS_EXITING.store(true, Ordering::Relaxed);
}

/// All values, as a Variant of the `Array` that listeners get.
pub(crate) fn array(values: &Values) -> Variant {
    let mut keys = Keys::lend();
    let mut reader = Reader::new(values, &mut keys);
    raw::variant(|slot| reader.array(slot, values.len()))
}

/// The first value, or null.
pub(crate) fn first(values: &Values) -> Variant {
    let mut keys = Keys::lend();
    let mut reader = Reader::new(values, &mut keys);
    raw::variant(|slot| reader.value(slot))
}

/// The same as [`array`], in an `Array` of an earlier event if nobody else holds it. What only the main thread may let go of
/// goes to `foreign`.
pub(super) fn refill(values: &Values, mut old: Variant, foreign: &mut Vec<Variant>) -> Variant {
    let Some(place) = Old::of(&mut old) else {
        foreign.push(old);
        return array(values);
    };
    let mut keys = Keys::lend();
    Refiller { reader: Reader::new(values, &mut keys), foreign }.array(place, values.len());
    drop(keys);
    old
}

/// Goes through the nodes once. Recursion is bounded by the depth to which the protocol parses.
struct Reader<'a> {
    values: &'a Values,
    nodes: slice::Iter<'a, Node>,
    keys: &'a mut Keys,
    /// The attachments that were met, by their number: a packet may name one a million times.
    attachments: Vec<Option<Bytes>>,
}

impl<'a> Reader<'a> {
    fn new(values: &'a Values, keys: &'a mut Keys) -> Self {
        Self { values, nodes: values.nodes().iter(), keys, attachments: Vec::new() }
    }

    fn value(&mut self, slot: Slot<'_>) {
        if let Some(node) = self.next() {
            self.node(node, slot);
        }
    }

    /// Writes a node that was taken, with what is inside it.
    fn node(&mut self, node: &Node, slot: Slot<'_>) {
        match *node {
            Node::Null => {}
            Node::Bool(value) => slot.bool(value),
            Node::Int(value) => slot.int(value),
            Node::Float(value) => slot.float(value),
            Node::String(span) | Node::Key(span) => slot.string(self.values.text(span)),
            Node::Attachment(number) => slot.bytes(self.attachment(number)),
            Node::Array(len) => self.array(slot, len as usize),
            Node::Object(pairs) => slot.dictionary(|dictionary| {
                for _ in 0..pairs {
                    let Some(key) = self.key() else { return };
                    let slot = self.keys.with(self.values.text(key), |key| dictionary.entry(key));
                    self.value(slot);
                }
            }),
        }
    }

    fn key(&mut self) -> Option<Span> {
        match self.next() {
            Some(&Node::Key(key)) => Some(key),
            _ => None,
        }
    }

    /// The next node; nothing when the rest is not wanted any more. No copy: it has been written just now, piece by piece, and
    /// to read all of it at once would have to wait until that is done.
    fn next(&mut self) -> Option<&'a Node> {
        if IS_EXITING.load(Ordering::Relaxed) {
            return None;
        }
        self.nodes.next()
    }

    fn attachment(&mut self, number: u32) -> &mut Bytes {
        let index = number as usize;
        if self.attachments.len() <= index {
            self.attachments.resize_with(index + 1, || None);
        }
        self.attachments[index].get_or_insert_with(|| Bytes::new(&self.values.attachment(number)))
    }

    fn array(&mut self, slot: Slot<'_>, len: usize) {
        slot.array(len, |slot| self.value(slot));
    }
}

/// Does the same with the values of an earlier event.
struct Refiller<'a> {
    reader: Reader<'a>,
    foreign: &'a mut Vec<Variant>,
}

impl Refiller<'_> {
    fn value(&mut self, old: Old<'_>) {
        let Some(node) = self.reader.next() else { return };
        match *node {
            Node::String(span) if old.is_string(self.reader.values.text(span)) => {}
            Node::Array(len) => self.array(old, len as usize),
            Node::Object(pairs) => self.dictionary(old, pairs),
            _ => self.reader.node(node, old.clear(self.foreign)),
        }
    }

    fn array(&mut self, old: Old<'_>, len: usize) {
        match old.array(len, self.foreign) {
            Ok(mut array) => {
                while let Some(old) = array.next() {
                    self.value(old);
                }
            }
            Err(old) => self.reader.array(old.clear(self.foreign), len),
        }
    }

    fn dictionary(&mut self, old: Old<'_>, pairs: u32) {
        let mut dictionary = match old.dictionary() {
            Ok(dictionary) => dictionary,
            Err(old) => return self.reader.node(&Node::Object(pairs), old.clear(self.foreign)),
        };
        for _ in 0..pairs {
            let Some(key) = self.reader.key() else { break };
            let key = self.reader.values.text(key);
            let old = match dictionary.next(key) {
                Some(old) => old,
                None => self.reader.keys.with(key, |key| dictionary.other(key, self.foreign)),
            };
            self.value(old);
        }
        dictionary.remove_rest(self.foreign);
    }
}
