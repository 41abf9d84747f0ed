//! Socket.IO packets as texts.

use std::borrow::Cow;

use socketio_protocol::packet::{Content, Header, Kind, Packet, PacketError, RESERVED_NAMES, is_reserved};
use socketio_protocol::{Limits, Values, attachment::Decoder};

use crate::render;

fn header(kind: Kind, attachments: usize, namespace: &str, id: Option<u64>) -> Header<'_> {
    Header { kind, attachments, namespace: Cow::Borrowed(namespace), id }
}

fn decode(text: &str) -> Result<Packet<'_>, PacketError> {
    Decoder::new(Limits::default()).text(text).map(|packet| packet.expect("a whole packet"))
}

fn values(json: &str) -> Values {
    Values::from_json_array(json, Vec::new()).unwrap()
}

#[test]
fn s18_headers_both_ways() {
    let max = u64::MAX;
    for (wire, expected, json) in [
        ("0", header(Kind::Connect, 0, "/", None), ""),
        (r#"0{"token":"t"}"#, header(Kind::Connect, 0, "/", None), r#"{"token":"t"}"#),
        ("0/chat,", header(Kind::Connect, 0, "/chat", None), ""),
        (r#"0/chat,{"a":1}"#, header(Kind::Connect, 0, "/chat", None), r#"{"a":1}"#),
        ("1", header(Kind::Disconnect, 0, "/", None), ""),
        ("1/chat,", header(Kind::Disconnect, 0, "/chat", None), ""),
        (r#"2["a"]"#, header(Kind::Event, 0, "/", None), r#"["a"]"#),
        (r#"20["a"]"#, header(Kind::Event, 0, "/", Some(0)), r#"["a"]"#),
        (r#"2/a/b-c,12["a,b"]"#, header(Kind::Event, 0, "/a/b-c", Some(12)), r#"["a,b"]"#),
        (r#"218446744073709551615["a"]"#, header(Kind::Event, 0, "/", Some(max)), r#"["a"]"#),
        ("37[]", header(Kind::Ack, 0, "/", Some(7)), "[]"),
        ("3/chat,7[1]", header(Kind::Ack, 0, "/chat", Some(7)), "[1]"),
        (r#"4/x,"no""#, header(Kind::ConnectError, 0, "/x", None), r#""no""#),
        (r#"51-["a"]"#, header(Kind::Event, 1, "/", None), r#"["a"]"#),
        (r#"510-/chat,3["a"]"#, header(Kind::Event, 10, "/chat", Some(3)), r#"["a"]"#),
        ("62-9[]", header(Kind::Ack, 2, "/", Some(9)), "[]"),
    ] {
        let mut text = String::new();
        expected.encode(&mut text);
        assert_eq!(text + json, wire);
        assert_eq!(Header::decode(wire), Ok((expected, json)), "{wire}");
    }
}

#[test]
fn s19_a_namespace_runs_to_the_comma_or_the_end() {
    for (wire, namespace) in
        [("1/chat", "/chat"), ("1/chat,", "/chat"), ("1/", "/"), ("1/,", "/"), ("1/é ü", "/é ü")]
    {
        assert_eq!(Header::decode(wire), Ok((header(Kind::Disconnect, 0, namespace, None), "")), "{wire}");
    }
}

#[test]
fn reads_what_servers_send() {
    let connect = |session_id: Option<&str>, private_id: Option<&str>| Content::Connect {
        session_id: session_id.map(str::to_owned),
        private_id: private_id.map(str::to_owned),
    };
    for (wire, namespace, content) in [
        (r#"0{"sid":"s"}"#, "/", connect(Some("s"), None)),
        (r#"0/chat,{"sid":"s","pid":"p"}"#, "/chat", connect(Some("s"), Some("p"))),
        // Blazium's servers.
        (r#"0[{"sid":"s"}]"#, "/", connect(Some("s"), None)),
        // Version 2 of the official server.
        ("0", "/", connect(None, None)),
        ("0/chat", "/chat", connect(None, None)),
        ("0{}", "/", connect(None, None)),
        ("1", "/", Content::Disconnect),
        ("1/chat,", "/chat", Content::Disconnect),
        (r#"2["a"]"#, "/", Content::Event { id: None, name: "a".into(), arguments: values("[]") }),
        (
            r#"2/chat,5["a",1,{"b":[]}]"#,
            "/chat",
            Content::Event { id: Some(5), name: "a".into(), arguments: values(r#"[1,{"b":[]}]"#) },
        ),
        ("2[7,true]", "/", Content::Event { id: None, name: "7".into(), arguments: values("[true]") }),
        ("2[1.5]", "/", Content::Event { id: None, name: "1.5".into(), arguments: values("[]") }),
        (r#"2[""]"#, "/", Content::Event { id: None, name: "".into(), arguments: values("[]") }),
        ("30[]", "/", Content::Ack { id: 0, arguments: values("[]") }),
        (r#"3/chat,12["x"]"#, "/chat", Content::Ack { id: 12, arguments: values(r#"["x"]"#) }),
        (r#"4{"message":"no"}"#, "/", Content::ConnectError { message: "no".into(), data: None }),
        (
            r#"4/chat,{"message":"no","data":{"code":7}}"#,
            "/chat",
            Content::ConnectError { message: "no".into(), data: Some(values(r#"[{"code":7}]"#)) },
        ),
        (
            r#"4{"data":[1,[2]],"message":"data first","more":3}"#,
            "/",
            Content::ConnectError { message: "data first".into(), data: Some(values("[[1,[2]]]")) },
        ),
        // python-socketio.
        (
            r#"4/nope,"Unable to connect""#,
            "/nope",
            Content::ConnectError { message: "Unable to connect".into(), data: None },
        ),
        ("4{}", "/", Content::ConnectError { message: String::new(), data: None }),
    ] {
        assert_eq!(decode(wire), Ok(Packet { namespace: namespace.into(), content }), "{wire}");
    }
}

#[test]
fn s19_each_rule_broken_once() {
    use PacketError::{AckId, AckWithoutId, AttachmentCount, NoAttachments, Payload, UnknownType};
    for (wire, error) in [
        ("", UnknownType(None)),
        ("7", UnknownType(Some('7'))),
        ("x[]", UnknownType(Some('x'))),
        ("²", UnknownType(Some('²'))),
        (r#"5["a"]"#, AttachmentCount),
        (r#"51["a"]"#, AttachmentCount),
        (r#"5-["a"]"#, AttachmentCount),
        (r#"5-1-["a"]"#, AttachmentCount),
        (r#"51.5-["a"]"#, AttachmentCount),
        (r#"5 1-["a"]"#, AttachmentCount),
        (r#"5+1-["a"]"#, AttachmentCount),
        (r#"599999999999999999999-["a"]"#, AttachmentCount),
        (r#"50-["a"]"#, NoAttachments),
        ("600-1[]", NoAttachments),
        (r#"511-["a"]"#, PacketError::TooManyAttachments { count: 11, limit: 10 }),
        (r#"218446744073709551616["a"]"#, AckId),
        ("3[]", AckWithoutId),
        ("0[]", Payload(Kind::Connect)),
        (r#"0"s""#, Payload(Kind::Connect)),
        ("0null", Payload(Kind::Connect)),
        ("0[[]]", Payload(Kind::Connect)),
        (r#"0[{"sid":"s"},1]"#, Payload(Kind::Connect)),
        ("1{}", Payload(Kind::Disconnect)),
        (r#"1/chat,"x""#, Payload(Kind::Disconnect)),
        ("1x", Payload(Kind::Disconnect)),
        ("2", Payload(Kind::Event)),
        ("2/chat,1", Payload(Kind::Event)),
        ("2[]", Payload(Kind::Event)),
        ("2{}", Payload(Kind::Event)),
        (r#"2"a""#, Payload(Kind::Event)),
        ("2[null]", Payload(Kind::Event)),
        ("2[true]", Payload(Kind::Event)),
        (r#"2[["a"]]"#, Payload(Kind::Event)),
        (r#"2[{"a":1}]"#, Payload(Kind::Event)),
        ("31{}", Payload(Kind::Ack)),
        ("31null", Payload(Kind::Ack)),
        ("31", Payload(Kind::Ack)),
        ("4", Payload(Kind::ConnectError)),
        ("4[]", Payload(Kind::ConnectError)),
        ("4null", Payload(Kind::ConnectError)),
        ("45", Payload(Kind::ConnectError)),
        // The official parser takes white space for the id 0.
        (r#"2 ["a"]"#, Payload(Kind::Event)),
        ("2\u{a0}[\"a\"]", Payload(Kind::Event)),
        ("21 [\"a\"]", Payload(Kind::Event)),
    ] {
        assert_eq!(decode(wire), Err(error), "{wire}");
    }
}

#[test]
fn s19_a_payload_that_is_no_json() {
    for wire in [
        "2[",
        r#"2["a""#,
        r#"2["a",]"#,
        r#"2["a"] x"#,
        "2['a']",
        "2[\"a\",NaN]",
        "2-1[\"a\"]",
        "2[\"\u{1}\"]",
    ] {
        assert!(matches!(decode(wire), Err(PacketError::Json(_))), "{wire}");
    }
}

/// The time that Godot takes for them grows with the square of their number.
#[test]
fn keys_that_were_chosen_to_have_the_same_hash_are_refused() {
    let key = |number: usize| -> String {
        (0..9).map(|bit| if number >> bit & 1 == 0 { "Ez" } else { "FY" }).collect()
    };
    let object = |keys: usize| {
        let pairs: Vec<String> = (0..keys).map(|number| format!("\"{}\":0", key(number))).collect();
        format!("{{{}}}", pairs.join(","))
    };
    let (few, many) = (object(256), object(257));
    for (start, end) in
        [("2[\"a\",", "]"), ("31[", "]"), ("4{\"data\":", "}"), ("0{\"sid\":\"s\",\"x\":", "}")]
    {
        assert!(decode(&format!("{start}{few}{end}")).is_ok(), "{start}");
        assert_eq!(decode(&format!("{start}{many}{end}")), Err(PacketError::CollidingKeys), "{start}");
    }
}

#[test]
fn s10_reserved_names_are_refused() {
    for name in RESERVED_NAMES {
        assert!(is_reserved(name));
        assert_eq!(decode(&format!(r#"2["{name}",1]"#)), Err(PacketError::ReservedName(name.into())));
    }
    for name in ["Connect", "message", "error", "reconnect", "ping", ""] {
        assert!(!is_reserved(name));
        assert!(decode(&format!(r#"2["{name}"]"#)).is_ok());
    }
}

#[test]
fn a_placeholder_in_a_packet_without_attachments_is_an_object() {
    let json = r#"[{"_placeholder":true,"num":0}]"#;
    let Content::Ack { arguments, .. } = decode(&format!("31{json}")).unwrap().content else { panic!() };
    assert_eq!(render::values(&arguments), json);
}

#[test]
fn errors_hold_no_long_data() {
    let long = "x".repeat(10_000);
    for wire in
        [format!("2[\"a\",{long}]"), format!("2{{\"{long}\":1}}"), format!("0/{long},true"), long.clone()]
    {
        let error = decode(&wire).unwrap_err().to_string();
        assert!(error.len() < 200, "{error}");
    }
}
