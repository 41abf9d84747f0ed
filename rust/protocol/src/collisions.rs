//! Keys that were chosen to have the same hash.
//!
//! Godot places the keys of a Dictionary by a hash that anybody can compute. Each key that is added is compared with all
//! before it that have the same hash, so that the time grows with the square of their number.

use crate::values::{Node, Values};

/// How many keys of one object may have the same hash. Hashes of 32 bits meet by chance, but not so often.
const MAX_ALIKE: usize = 256;

/// Whether an object in the values has too many keys with the same hash.
pub(crate) fn has_too_many(values: &Values) -> bool {
    let nodes = values.nodes();
    // Most packets have no object that is large enough.
    let is_large = |node: &Node| matches!(node, Node::Object(pairs) if *pairs as usize > MAX_ALIKE);
    if nodes.len() <= MAX_ALIKE.saturating_mul(2) || !nodes.iter().any(is_large) {
        return false;
    }
    let mut nodes = nodes.iter();
    let mut open: Vec<Container> = Vec::new();
    loop {
        while open.last().is_some_and(|container| container.left == 0) {
            if open.pop().and_then(|container| container.hashes).is_some_and(has_many_alike) {
                return true;
            }
        }
        let Some(node) = nodes.next() else { return false };
        if let Some(container) = open.last_mut() {
            container.left = container.left.saturating_sub(1);
            if let (Node::Key(key), Some(hashes)) = (node, &mut container.hashes) {
                hashes.push(hash(values.text(*key)));
            }
        }
        match *node {
            Node::Array(len) => open.push(Container { left: u64::from(len), hashes: None }),
            Node::Object(pairs) => {
                let hashes = (pairs as usize > MAX_ALIKE).then(Vec::new);
                open.push(Container { left: u64::from(pairs).saturating_mul(2), hashes });
            }
            _ => {}
        }
    }
}

/// An array or object that has not ended.
struct Container {
    /// How many keys and values are to come.
    left: u64,
    /// The hashes of its keys, if it has enough of them.
    hashes: Option<Vec<u32>>,
}

fn has_many_alike(mut hashes: Vec<u32>) -> bool {
    hashes.sort_unstable();
    hashes.chunk_by(u32::eq).any(|alike| alike.len() > MAX_ALIKE)
}

/// `String::hash` of Godot, but for what it does with the outcome.
fn hash(text: &str) -> u32 {
    text.chars().fold(5381, |hash: u32, character| hash.wrapping_mul(33).wrapping_add(u32::from(character)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(keys: impl Iterator<Item = String>) -> String {
        let pairs: Vec<String> = keys.map(|key| format!("\"{key}\":0")).collect();
        format!("{{{}}}", pairs.join(","))
    }

    /// `Ez` and `FY` have the same hash, and so has whatever is made of as many of them.
    fn alike(count: usize) -> impl Iterator<Item = String> {
        (0..count).map(|number| (0..12).map(|bit| if number >> bit & 1 == 0 { "Ez" } else { "FY" }).collect())
    }

    fn check(json: &str) -> bool {
        has_too_many(&Values::from_json(json, 0).unwrap())
    }

    #[test]
    fn as_many_keys_of_the_same_hash_as_allowed_and_no_more() {
        assert_eq!(alike(4096).map(|key| hash(&key)).collect::<std::collections::HashSet<_>>().len(), 1);
        assert!(!check(&object(alike(MAX_ALIKE))));
        assert!(check(&object(alike(MAX_ALIKE + 1))));
    }

    #[test]
    fn they_are_found_wherever_they_are() {
        let (few, many) = (object(alike(MAX_ALIKE)), object(alike(MAX_ALIKE + 1)));
        for json in [
            format!("[[],{{}},{{\"a\":[1,{{\"b\":{many}}}],\"c\":2}}]"),
            format!("[{few},{many}]"),
            format!("[{few},{{\"a\":{few},\"b\":[{few}]}},[{many}]]"),
        ] {
            assert!(check(&json));
            assert!(!check(&json.replace(&many, &few)));
        }
    }

    #[test]
    fn many_keys_are_none_of_them() {
        assert!(!check(&object((0..100_000).map(|number| number.to_string()))));
        assert!(!check(&object((0..100_000).map(|number| format!("{},{}", number / 300, number % 300)))));
        assert!(!check(&format!("[{}]", vec!["{\"a\":{\"b\":0}}"; 10_000].join(","))));
    }
}
