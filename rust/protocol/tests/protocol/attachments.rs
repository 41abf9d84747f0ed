//! Packets with attachments.

use bytes::Bytes;
use socketio_protocol::Limits;
use socketio_protocol::attachment::Decoder;
use socketio_protocol::packet::{Content, Packet, PacketError};

use crate::render;

fn arguments(packet: &Packet<'_>) -> String {
    match &packet.content {
        Content::Event { arguments, .. } | Content::Ack { arguments, .. } => render::values(arguments),
        other => panic!("{other:?} has no arguments"),
    }
}

fn bytes(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

#[test]
fn s20_a_packet_is_whole_with_its_last_attachment() {
    let mut decoder = Decoder::new(Limits::default());
    let header = r#"52-/chat,4["a",{"x":[{"_placeholder":true,"num":1}]},{"num":0,"_placeholder":true}]"#;
    assert_eq!(decoder.text(header), Ok(None));
    assert_eq!(decoder.binary(bytes("one")), Ok(None));
    let packet = decoder.binary(bytes("two")).unwrap().expect("a whole packet");
    assert_eq!(packet.namespace, "/chat");
    assert_eq!(arguments(&packet), r#"[{"x":[<two>]},<one>]"#);
    assert!(matches!(packet.content, Content::Event { id: Some(4), .. }));
    // The next packet is read as if nothing had been.
    assert!(matches!(decoder.text(r#"2["b"]"#), Ok(Some(_))));
}

#[test]
fn s20_binary_acks() {
    let mut decoder = Decoder::new(Limits::default());
    assert_eq!(decoder.text(r#"61-9[{"_placeholder":true,"num":0}]"#), Ok(None));
    let packet = decoder.binary(bytes("x")).unwrap().expect("a whole packet");
    assert!(matches!(packet.content, Content::Ack { id: 9, .. }));
    assert_eq!(arguments(&packet), "[<x>]");
}

#[test]
fn attachments_may_be_empty_used_twice_or_not_at_all() {
    let mut decoder = Decoder::new(Limits::default());
    let header = r#"53-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":2},{"_placeholder":true,"num":2}]"#;
    assert_eq!(decoder.text(header), Ok(None));
    assert_eq!(decoder.binary(Bytes::new()), Ok(None));
    assert_eq!(decoder.binary(bytes("unused")), Ok(None));
    let packet = decoder.binary(bytes("x")).unwrap().expect("a whole packet");
    assert_eq!(arguments(&packet), "[<>,<x>,<x>]");
}

#[test]
fn objects_that_only_look_like_placeholders_are_kept() {
    let mut decoder = Decoder::new(Limits::default());
    let json =
        r#"[{"_placeholder":false,"num":0},{"_placeholder":1,"num":0},{"num":0},{"placeholder":true}]"#;
    assert_eq!(decoder.text(&format!(r#"61-1{json}"#)), Ok(None));
    assert_eq!(arguments(&decoder.binary(bytes("x")).unwrap().unwrap()), json);
}

#[test]
fn s19_a_placeholder_out_of_range() {
    for placeholder in [
        r#"{"_placeholder":true,"num":1}"#,
        r#"{"_placeholder":true,"num":-1}"#,
        r#"{"_placeholder":true,"num":0.5}"#,
        r#"{"_placeholder":true,"num":"0"}"#,
        r#"{"_placeholder":true,"num":4294967296}"#,
        r#"{"_placeholder":true,"num":18446744073709551616}"#,
        r#"{"_placeholder":true}"#,
    ] {
        let mut decoder = Decoder::new(Limits::default());
        let error = decoder.text(&format!(r#"51-["a",{placeholder}]"#)).unwrap_err();
        assert!(matches!(error, PacketError::Json(_)), "{placeholder}");
        assert!(error.to_string().contains("placeholder"), "{error}");
    }
}

#[test]
fn s19_a_text_while_attachments_are_missing() {
    let mut decoder = Decoder::new(Limits::default());
    decoder.text(r#"53-["a"]"#).unwrap();
    decoder.binary(bytes("one")).unwrap();
    assert_eq!(decoder.text(r#"2["b"]"#), Err(PacketError::AttachmentsMissing { missing: 2 }));
}

#[test]
fn attachments_may_stay_away_for_one_heartbeat() {
    let mut decoder = Decoder::new(Limits::default());
    assert_eq!(decoder.heartbeat(), Ok(()));
    assert_eq!(decoder.heartbeat(), Ok(()));
    decoder.text(r#"52-["a"]"#).unwrap();
    assert_eq!(decoder.heartbeat(), Ok(()));
    decoder.binary(bytes("one")).unwrap();
    assert_eq!(decoder.heartbeat(), Ok(()));
    assert_eq!(decoder.heartbeat(), Err(PacketError::AttachmentsLate { missing: 1 }));
}

#[test]
fn s19_binary_data_while_none_is_expected() {
    let mut decoder = Decoder::new(Limits::default());
    assert_eq!(decoder.binary(bytes("x")), Err(PacketError::UnexpectedAttachment));
    decoder.text(r#"51-["a"]"#).unwrap();
    decoder.binary(bytes("x")).unwrap();
    assert_eq!(decoder.binary(bytes("x")), Err(PacketError::UnexpectedAttachment));
}

#[test]
fn s19_a_reset_drops_the_half_read_packet() {
    let mut decoder = Decoder::new(Limits::default());
    decoder.text(r#"52-["a"]"#).unwrap();
    decoder.reset();
    assert!(matches!(decoder.text(r#"2["b"]"#), Ok(Some(_))));
    assert_eq!(decoder.binary(bytes("x")), Err(PacketError::UnexpectedAttachment));
}

#[test]
fn as_many_attachments_as_allowed() {
    let limits = Limits { max_attachments: 2, ..Limits::default() };
    assert_eq!(Decoder::new(limits).text(r#"52-["a"]"#), Ok(None));
    let error = PacketError::TooManyAttachments { count: 3, limit: 2 };
    assert_eq!(Decoder::new(limits).text(r#"53-["a"]"#), Err(error));
}

#[test]
fn as_many_bytes_as_allowed_header_and_attachments_together() {
    let limits = Limits { max_payload: 18, ..Limits::default() };
    let header = r#"52-["ab"]"#;
    assert_eq!(header.len(), 9);
    let mut decoder = Decoder::new(limits);
    decoder.text(header).unwrap();
    decoder.binary(bytes("12345")).unwrap();
    assert!(decoder.binary(bytes("1234")).unwrap().is_some());

    decoder.text(header).unwrap();
    decoder.binary(bytes("12345")).unwrap();
    assert_eq!(decoder.binary(bytes("12345")), Err(PacketError::TooLarge { limit: 18 }));

    let mut decoder = Decoder::new(limits);
    assert!(decoder.text(r#"2["12345678901","#).is_err_and(|error| matches!(error, PacketError::Json(_))));
    let error = decoder.text(r#"2["1234567890123456"]"#);
    assert_eq!(error, Err(PacketError::TooLarge { limit: 18 }));
}
