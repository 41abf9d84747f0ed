//! Values and outputs as short texts to compare with.

use socketio_protocol::{Closing, Event, Frame, NoAnswer, Node, Output, Unsent, Values};

/// Values as a JSON array. Attachments are `<their text>`.
pub fn values(values: &Values) -> String {
    let mut nodes = values.nodes().iter().copied();
    let items: Vec<String> = (0..values.len()).map(|_| value(values, &mut nodes)).collect();
    assert_eq!(nodes.next(), None, "nodes left over");
    format!("[{}]", items.join(","))
}

fn value(all: &Values, nodes: &mut impl Iterator<Item = Node>) -> String {
    match nodes.next().expect("a node is missing") {
        Node::Null => "null".into(),
        Node::Bool(value) => value.to_string(),
        Node::Int(value) => value.to_string(),
        Node::Float(value) => format!("{value:?}"),
        Node::String(span) => serde_json::to_string(all.text(span)).unwrap(),
        Node::Attachment(number) => format!("<{}>", String::from_utf8_lossy(&all.attachment(number))),
        Node::Array(len) => {
            let items: Vec<String> = (0..len).map(|_| value(all, nodes)).collect();
            format!("[{}]", items.join(","))
        }
        Node::Object(pairs) => {
            let items: Vec<String> = (0..pairs)
                .map(|_| {
                    let Some(Node::Key(key)) = nodes.next() else { panic!("a key is missing") };
                    let key = serde_json::to_string(all.text(key)).unwrap();
                    format!("{key}:{}", value(all, nodes))
                })
                .collect();
            format!("{{{}}}", items.join(","))
        }
        Node::Key(_) => panic!("a key without an object"),
    }
}

/// One output as a line. What is long in it, such as a message, is left out.
pub fn output(output: &Output) -> String {
    match output {
        Output::Open { endpoint, .. } => format!("open {endpoint}"),
        Output::Transmit(frame) => format!("send {}", self::frame(frame)),
        Output::Ping => "ping".into(),
        Output::Barrier => "barrier".into(),
        Output::Close(Closing::Flush) => "close flush".into(),
        Output::Close(Closing::FlushUnlessStalled) => "close flush unless stalled".into(),
        Output::Close(Closing::Abort) => "close abort".into(),
        Output::Event(event) => self::event(event),
        Output::Timeout(_) => panic!("not an output to show"),
    }
}

fn frame(frame: &Frame) -> String {
    match frame {
        Frame::Text(text) => text.clone(),
        Frame::Binary(bytes) => format!("<{}>", String::from_utf8_lossy(bytes)),
    }
}

fn event(event: &Event) -> String {
    match event {
        Event::EngineOpened { connection, session_id, attempt, .. } => {
            let attempt = if *attempt > 0 { format!(" by attempt {attempt}") } else { String::new() };
            format!("engine {} opened {session_id}{attempt}", connection.0)
        }
        Event::TransportUpgraded { connection } => format!("engine {} upgraded", connection.0),
        Event::ConnectFailed { connection, error, retrying } => {
            format!("engine {} failed {:?}{}", connection.0, error.code, then_retries(*retrying))
        }
        Event::EngineClosed { connection, reason, retrying, .. } => {
            format!("engine {} closed {reason}{}", connection.0, then_retries(*retrying))
        }
        Event::ReconnectAttempt { connection, attempt, delay } => {
            format!("engine {} attempt {attempt} after {} s", connection.0, delay.as_secs_f64())
        }
        Event::ReconnectFailed { connection } => format!("engine {} given up", connection.0),
        Event::ReconnectEnded { connection } => format!("engine {} not wanted any more", connection.0),
        Event::AuthWanted { namespace, join } => format!("auth wanted {namespace}#{}", join.0),
        Event::NamespaceAccepted { namespace, join, session_id, recovered } => {
            let recovered = if *recovered { " recovered" } else { "" };
            format!("accepted {namespace}#{} {session_id}{recovered}", join.0)
        }
        Event::NamespaceJoined { namespace, join } => format!("joined {namespace}#{}", join.0),
        Event::NamespaceRefused { namespace, join, error, closed } => {
            let closed = closed.map(|id| format!(", engine {} closed", id.0)).unwrap_or_default();
            format!("refused {namespace}#{} {:?}{closed}", join.0, error.code)
        }
        Event::NamespaceLeft { namespace, join, reason, rejoining } => {
            let rejoining = if *rejoining { ", rejoins" } else { "" };
            format!("left {namespace}#{} {reason}{rejoining}", join.0)
        }
        Event::Received(received) => {
            let ack = received.ack.map(|id| format!(" ack {id}")).unwrap_or_default();
            let arguments = values(&received.arguments);
            format!("event {}#{} {} {arguments}{ack}", received.namespace, received.join.0, received.name)
        }
        Event::Ack { token, answer } => {
            let answer = match answer {
                Ok(answer) => values(answer),
                Err(NoAnswer::TimedOut) => "timed out".into(),
                Err(NoAnswer::Disconnected) => "disconnected".into(),
                Err(NoAnswer::NotSent) => "not sent".into(),
            };
            format!("ack {} {answer}", token.0)
        }
        Event::Emitted { namespace, name, arguments } => {
            format!("emitted {namespace} {name} {}", values(arguments))
        }
        Event::EmitRefused { namespace, payload, why } => {
            let why = match why {
                Unsent::Ended => String::new(),
                Unsent::Unacknowledged { tries } => format!(" after {tries} tries"),
                Unsent::TooLarge { size, limit } => format!(" {size} > {limit}"),
            };
            format!("emit refused {namespace} {payload}{why}")
        }
    }
}

fn then_retries(retrying: bool) -> &'static str {
    if retrying { ", retries" } else { "" }
}
