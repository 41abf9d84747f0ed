use std::fmt::Write as _;

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;
use socketio_protocol::attachment::Decoder;
use socketio_protocol::packet::{Content, Header};
use socketio_protocol::{Limits, Node, Values};

/// A message from the server.
#[derive(Arbitrary, Debug)]
enum Message<'a> {
    Text(&'a str),
    /// An event that announces so many attachments, and refers to these.
    Event(u8, Vec<u8>),
    Binary(&'a [u8]),
}

const LIMITS: Limits = Limits { max_payload: 200, max_attachments: 3, max_early: 0 };

/// Packets are put together from a header and the attachments that follow it, in their order and within the limits.
pub fn attachments(data: &[u8]) {
    let Ok(messages) = Vec::<Message<'_>>::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let (mut decoder, mut came) = (Decoder::new(LIMITS), Vec::new());
    let (mut missing, mut size) = (0_usize, 0);
    for message in &messages {
        let was_missing = missing > 0;
        let packet = if let Message::Binary(bytes) = message {
            came.push(Bytes::copy_from_slice(bytes));
            size += bytes.len();
            missing = missing.saturating_sub(1);
            decoder.binary(Bytes::copy_from_slice(bytes)).map(|packet| packet.map(|packet| packet.content))
        } else {
            let text = text(message);
            came.clear();
            size = text.len();
            missing = Header::decode(&text).map_or(0, |(header, _)| header.attachments);
            decoder.text(&text).map(|packet| packet.map(|packet| packet.content))
        };
        let Ok(packet) = packet else { return };
        assert_eq!(was_missing, matches!(message, Message::Binary(_)), "{messages:?}");
        assert!(size <= LIMITS.max_payload && missing <= LIMITS.max_attachments, "{messages:?}");
        assert_eq!(packet.is_some(), missing == 0, "{messages:?}");
        if let Some(Content::Event { arguments, .. } | Content::Ack { arguments, .. }) = packet {
            check(&arguments, &came);
        }
    }
}

/// Each reference is to the attachment of its number.
fn check(arguments: &Values, came: &[Bytes]) {
    for node in arguments.nodes() {
        if let Node::Attachment(number) = *node {
            assert_eq!(arguments.attachment(number), came[number as usize]);
        }
    }
}

fn text(message: &Message<'_>) -> String {
    match message {
        Message::Text(text) => (*text).to_owned(),
        Message::Event(count, references) => {
            let mut text = format!(r#"5{count}-["name""#);
            for number in references {
                write!(text, r#",{{"_placeholder":true,"num":{number}}}"#).unwrap();
            }
            text + "]"
        }
        Message::Binary(_) => String::new(),
    }
}
