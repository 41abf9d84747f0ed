//! What a packet carried, as values.

use godot::builtin::Variant;
use socketio_client::tap::{Kept, Payload};
use socketio_protocol::{Node, Values};

use crate::variant::decode;

/// The engine sends no values that are nested more deeply.
const MAX_DEPTH: usize = 80;

/// The values, or null and why there are none.
pub(super) fn show(kept: Kept) -> (Variant, &'static str) {
    match kept {
        Kept::Payload(payload) => read(payload),
        Kept::TooLarge => (Variant::nil(), "larger than 256 KiB"),
        Kept::Gone => (Variant::nil(), "no longer kept"),
    }
}

fn read(Payload { json, attachments }: Payload) -> (Variant, &'static str) {
    if json.is_empty() {
        return (Variant::nil(), "");
    }
    let is_array = json.starts_with('[');
    let values =
        if is_array { Values::from_json_array(&json, attachments) } else { Values::from_json(&json, 0) };
    let Ok(values) = values else { return (Variant::nil(), "not readable") };
    if depth(values.nodes()) > MAX_DEPTH {
        return (Variant::nil(), "nested too deeply to be shown");
    }
    (if is_array { decode::array(&values) } else { decode::first(&values) }, "")
}

/// How many containers are in one another.
fn depth(nodes: &[Node]) -> usize {
    let mut deepest = 0;
    // How many nodes are missing in each container that has begun.
    let mut open: Vec<u64> = Vec::new();
    for node in nodes {
        if let Some(missing) = open.last_mut() {
            *missing -= 1;
        }
        match *node {
            Node::Array(len) => open.push(u64::from(len)),
            Node::Object(pairs) => open.push(2 * u64::from(pairs)),
            _ => {}
        }
        deepest = deepest.max(open.len());
        while open.last() == Some(&0) {
            open.pop();
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth_of(json: &str) -> usize {
        depth(Values::from_json(json, 0).unwrap().nodes())
    }

    #[test]
    fn the_depth_is_that_of_the_deepest_container() {
        for (json, depth) in [
            ("1", 0),
            ("[]", 1),
            ("[1,[],2]", 2),
            (r#"{"a":{"b":[1,2]},"c":[]}"#, 3),
            ("[[[]],[[[[]]]],1]", 5),
            (r#"[{},{},{}]"#, 2),
        ] {
            assert_eq!(depth_of(json), depth, "{json}");
        }
    }

    #[test]
    fn only_the_elements_of_an_array_count_where_it_was_taken_apart() {
        let values = Values::from_json_array("[[1],[2,[3]]]", Vec::new()).unwrap();
        assert_eq!(depth(values.nodes()), 2);
    }
}
