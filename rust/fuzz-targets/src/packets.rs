use socketio_protocol::Values;
use socketio_protocol::packet::{Content, Header, is_reserved};

/// The longest error about a packet that somebody should have to read, in bytes.
const MAX_MESSAGE: usize = 400;

/// A Socket.IO packet as text: what can be read can be written, and read again as the same.
pub fn packets(data: &[u8]) {
    let Ok(packet) = std::str::from_utf8(data) else { return };
    let (header, json) = match Header::decode(packet) {
        Ok(parts) => parts,
        Err(error) => return assert!(error.to_string().len() < MAX_MESSAGE, "{error}"),
    };
    let mut again = String::new();
    header.encode(&mut again);
    again.push_str(json);
    // What begins with a slash is no JSON, but looks like a namespace where there is none.
    if !json.starts_with('/') {
        assert_eq!(Header::decode(&again), Ok((header.clone(), json)), "{packet:?} became {again:?}");
    }
    let binary = matches!(packet.as_bytes(), [b'5' | b'6', ..]);
    assert_eq!(binary, header.attachments > 0, "{packet:?}");
    match Content::decode(&header, json, Values::default()) {
        Ok(Content::Event { name, .. }) => assert!(!is_reserved(&name), "{packet:?}"),
        Ok(Content::Ack { id, .. }) => assert_eq!(Some(id), header.id),
        Ok(Content::Disconnect) => assert_eq!(json, ""),
        Ok(Content::Connect { .. } | Content::ConnectError { .. }) => assert_eq!(json, json.trim_start()),
        Err(error) => assert!(!error.to_string().is_empty(), "{packet:?}"),
    }
}
