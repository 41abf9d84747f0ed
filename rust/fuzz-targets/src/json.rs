use serde::Deserialize;
use serde_json::{Deserializer, Value};
use socketio_protocol::values::MAX_DEPTH;
use socketio_protocol::{Node, Values};

/// The key of an attachment's number. No JSON has it: NUL is replaced.
const ATTACHMENT: &str = "\0";

/// JSON means what `serde_json` says that it means, but for placeholders and for texts that Godot cannot hold.
/// The first byte is the number of attachments.
pub fn json(data: &[u8]) {
    let Some((&attachments, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let attachments = usize::from(attachments % 4);
    // `-0` is an integer to the protocol, and the same as `-0.0` to the other side.
    if attachments > 0 && text.contains("-0") {
        return;
    }
    match (Values::from_json(text, attachments), parse(text)) {
        (Ok(ours), Ok(theirs)) => {
            assert!(depth(&theirs) <= MAX_DEPTH, "{text:?} is too deep");
            let ours = value(&ours, &mut ours.nodes().iter());
            match expected(theirs, attachments) {
                Ok(theirs) => assert_eq!(ours, theirs, "{text:?}"),
                Err(Unlike::NoAttachment) => panic!("{text:?} refers to an attachment that is not there"),
                Err(Unlike::SameKeys) => {}
            }
        }
        // JavaScript writes lone surrogates, which Rust cannot hold.
        (Ok(_), Err(error)) => assert!(text.to_ascii_lowercase().contains("\\ud"), "{text:?}: {error}"),
        (Err(error), Ok(theirs)) => {
            assert!(
                depth(&theirs) > MAX_DEPTH || expected(theirs, attachments).is_err(),
                "{text:?}: {error}"
            );
        }
        (Err(_), Err(_)) => {}
    }
}

/// Why the other side cannot be compared with.
enum Unlike {
    NoAttachment,
    /// Keys that differ only in what Godot cannot hold.
    SameKeys,
}

fn parse(text: &str) -> Result<Value, serde_json::Error> {
    let mut deserializer = Deserializer::from_str(text);
    deserializer.disable_recursion_limit();
    let value = Value::deserialize(&mut deserializer)?;
    deserializer.end().map(|()| value)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

fn value(values: &Values, nodes: &mut std::slice::Iter<'_, Node>) -> Value {
    match *nodes.next().expect("a node is missing") {
        Node::Null => Value::Null,
        Node::Bool(value) => value.into(),
        Node::Int(value) => value.into(),
        Node::Float(value) => float(value),
        Node::String(span) => values.text(span).into(),
        Node::Attachment(number) => attachment(number.into()),
        Node::Array(len) => (0..len).map(|_| value(values, nodes)).collect(),
        Node::Object(pairs) => {
            let pair = |_| match nodes.next() {
                Some(&Node::Key(key)) => (values.text(key).to_owned(), value(values, nodes)),
                other => panic!("{other:?} in place of a key"),
            };
            (0..pairs).map(pair).collect()
        }
        Node::Key(_) => panic!("a key without an object"),
    }
}

fn expected(value: Value, attachments: usize) -> Result<Value, Unlike> {
    Ok(match value {
        Value::Null | Value::Bool(_) => value,
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => number.into(),
            (None, number) => float(number.expect("a number")),
        },
        Value::String(text) => without_nul(&text).into(),
        Value::Array(items) => {
            items.into_iter().map(|item| expected(item, attachments)).collect::<Result<_, _>>()?
        }
        Value::Object(map) if attachments > 0 && map.get("_placeholder") == Some(&Value::Bool(true)) => {
            let number = map.get("num").and_then(Value::as_u64).ok_or(Unlike::NoAttachment)?;
            if number >= attachments as u64 {
                return Err(Unlike::NoAttachment);
            }
            attachment(number)
        }
        Value::Object(map) => {
            let len = map.len();
            let pair = |(key, item): (String, _)| Ok((without_nul(&key), expected(item, attachments)?));
            let map = map.into_iter().map(pair).collect::<Result<serde_json::Map<_, _>, _>>()?;
            if map.len() < len {
                return Err(Unlike::SameKeys);
            }
            map.into()
        }
    })
}

/// A float; both zeros are the same.
fn float(value: f64) -> Value {
    if value == 0.0 && value.is_sign_negative() { 0.into() } else { value.into() }
}

fn attachment(number: u64) -> Value {
    Value::Object([(ATTACHMENT.to_owned(), number.into())].into_iter().collect())
}

fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
