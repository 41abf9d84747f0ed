use socketio_protocol::packet::{Content, Header, Kind};
use socketio_protocol::summary::HIDDEN;
use socketio_protocol::{Summary, Values};

use crate::tree::Tree;

/// A text message as a developer sees it: what the session reads in it, with the secrets masked.
pub fn summaries(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let packet = text.strip_prefix('4').map(Header::decode);
    let Some(summary) = Summary::of(text) else {
        return assert!(!matches!(packet, Some(Ok(_))), "{text:?} is a packet");
    };
    let shown = summary.payload(|_, _| false);
    assert!(shown.len() <= text.len().max(HIDDEN.len() + 2) * 4, "{text:?} became {shown:?}");
    let Some(Ok((header, json))) = packet else { return };
    let header_shown = (summary.namespace.as_ref(), summary.id, summary.attachments);
    assert_eq!(header_shown, (header.namespace.as_ref(), header.id, header.attachments), "{text:?}");
    match header.kind {
        Kind::Connect => assert!(hides_all(&shown), "{text:?} became {shown:?}"),
        Kind::Event => {
            let is_read = Content::decode(&header, json, Values::default());
            if let (Ok(Content::Event { name, .. }), Ok(Tree::Array(sent))) = (is_read, Tree::read(json)) {
                // A number as a name is shown as it is written, with all its digits.
                if matches!(sent.first(), Some(Tree::Text(_))) {
                    assert_eq!(summary.event.as_deref(), Some(name.as_str()), "{text:?}");
                }
                assert_eq!(Tree::read(&shown).ok(), Some(Tree::Array(arguments(sent))), "{text:?}");
                if header.id.is_none() && last_text(&shown).is_some() {
                    let masked = summary.payload(|_, _| true);
                    assert_eq!(last_text(&masked).as_deref(), Some(HIDDEN), "{text:?} became {masked:?}");
                }
            }
        }
        _ => {}
    }
}

/// Whether no value of an object is there to be read.
fn hides_all(payload: &str) -> bool {
    match Tree::read(payload) {
        Ok(Tree::Object(pairs)) => pairs.into_iter().all(|(_, value)| value == Tree::Text(HIDDEN.to_owned())),
        Ok(value) => value == Tree::Text(HIDDEN.to_owned()),
        Err(_) => payload.is_empty(),
    }
}

/// What follows the name.
fn arguments(mut sent: Vec<Tree>) -> Vec<Tree> {
    sent.drain(..1.min(sent.len()));
    sent
}

/// The string at the end of an array.
fn last_text(payload: &str) -> Option<String> {
    let Ok(Tree::Array(mut items)) = Tree::read(payload) else { return None };
    let Some(Tree::Text(text)) = items.pop() else { return None };
    Some(text)
}
