use socketio_protocol::values::MAX_DEPTH;
use socketio_protocol::{Node, Values};

use crate::tree::Tree;

/// JSON means what `serde_json` says that it means, but for placeholders and for texts that Godot cannot hold.
/// The first byte is the number of attachments.
pub fn json(data: &[u8]) {
    let Some((&attachments, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let attachments = u32::from(attachments % 4);
    // `-0.0` numbers no attachment, and is not told from `-0`.
    if attachments > 0 && text.contains("-0") {
        return;
    }
    match (Values::from_json(text, attachments as usize), Tree::read(text)) {
        (Ok(ours), Ok(theirs)) => {
            assert!(theirs.depth() <= MAX_DEPTH, "{text:?} is too deep");
            let mut nodes = ours.nodes().iter();
            let read = tree(&ours, &mut nodes);
            assert_eq!(nodes.next(), None, "{text:?}: a node is left over");
            assert_eq!(Some(read), expected(theirs, attachments), "{text:?}");
        }
        // JavaScript writes lone surrogates, which Rust cannot hold.
        (Ok(_), Err(error)) => assert!(text.to_ascii_lowercase().contains("\\ud"), "{text:?}: {error}"),
        (Err(error), Ok(theirs)) => {
            let refused = theirs.depth() > MAX_DEPTH || expected(theirs, attachments).is_none();
            assert!(refused, "{text:?}: {error}");
        }
        (Err(_), Err(_)) => {}
    }
}

fn tree(values: &Values, nodes: &mut std::slice::Iter<'_, Node>) -> Tree {
    match *nodes.next().expect("a node is missing") {
        Node::Null => Tree::Null,
        Node::Bool(value) => Tree::Bool(value),
        Node::Int(value) => Tree::Int(value),
        Node::Float(value) => float(value),
        Node::String(span) => Tree::Text(values.text(span).to_owned()),
        Node::Attachment(number) => Tree::Attachment(number),
        Node::Array(len) => Tree::Array((0..len).map(|_| tree(values, nodes)).collect()),
        Node::Object(pairs) => {
            let pair = |_| match nodes.next() {
                Some(&Node::Key(key)) => (values.text(key).to_owned(), tree(values, nodes)),
                other => panic!("{other:?} in place of a key"),
            };
            Tree::Object((0..pairs).map(pair).collect())
        }
        Node::Key(_) => panic!("a key without an object"),
    }
}

/// What the protocol makes of it; `None` where a placeholder names no attachment.
fn expected(tree: Tree, attachments: u32) -> Option<Tree> {
    Some(match tree {
        Tree::Float(value) => float(value),
        Tree::Text(text) => Tree::Text(without_nul(&text)),
        Tree::Array(items) => {
            Tree::Array(items.into_iter().map(|item| expected(item, attachments)).collect::<Option<_>>()?)
        }
        Tree::Object(pairs) => {
            let pair = |(key, item): (String, _)| Some((without_nul(&key), expected(item, attachments)?));
            let pairs = pairs.into_iter().map(pair).collect::<Option<Vec<_>>>()?;
            // Of a key that comes twice the last one counts.
            let last = |name: &str| pairs.iter().rev().find(|(key, _)| key == name).map(|(_, item)| item);
            if attachments > 0 && last("_placeholder") == Some(&Tree::Bool(true)) {
                let Some(&Tree::Int(number)) = last("num") else { return None };
                return u32::try_from(number)
                    .ok()
                    .filter(|number| *number < attachments)
                    .map(Tree::Attachment);
            }
            Tree::Object(pairs)
        }
        other => other,
    })
}

/// A float. `-0` is an integer, which `serde_json` does not tell from `-0.0`.
fn float(value: f64) -> Tree {
    if value == 0.0 && value.is_sign_negative() { Tree::Int(0) } else { Tree::Float(value) }
}

fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
