//! From received values to Variants ("Data in" of the class documentation).

use std::slice;

use godot::builtin::{GString, PackedByteArray, VarArray, VarDictionary, Variant};
use godot::meta::ToGodot;
use socketio_protocol::{Node, Values};

/// All values, as the `Array` that listeners get.
pub(crate) fn array(values: &Values) -> VarArray {
    let mut nodes = values.nodes().iter();
    elements(values, &mut nodes, values.len())
}

/// The first value, or null.
pub(crate) fn first(values: &Values) -> Variant {
    value(values, &mut values.nodes().iter())
}

fn elements(values: &Values, nodes: &mut slice::Iter<'_, Node>, len: usize) -> VarArray {
    let mut array = VarArray::new();
    for _ in 0..len {
        array.push(&value(values, nodes));
    }
    array
}

/// Recursion is bounded by the depth to which the protocol parses.
fn value(values: &Values, nodes: &mut slice::Iter<'_, Node>) -> Variant {
    match nodes.next() {
        None | Some(Node::Null) => Variant::nil(),
        Some(Node::Bool(value)) => value.to_variant(),
        Some(Node::Int(value)) => value.to_variant(),
        Some(Node::Float(value)) => value.to_variant(),
        Some(Node::String(span) | Node::Key(span)) => GString::from(values.text(*span)).to_variant(),
        Some(Node::Attachment(number)) => PackedByteArray::from(&*values.attachment(*number)).to_variant(),
        Some(Node::Array(len)) => elements(values, nodes, *len as usize).to_variant(),
        Some(Node::Object(len)) => {
            let mut dictionary = VarDictionary::new();
            for _ in 0..*len {
                let key = value(values, nodes);
                let value = value(values, nodes);
                dictionary.set(&key, &value);
            }
            dictionary.to_variant()
        }
    }
}
