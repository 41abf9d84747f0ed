use bytes::Bytes;
use socketio_protocol::{Input, Payload, TransportName};

use crate::pair::{HANDSHAKE, Pair, join, payload};

#[test]
fn an_event_in_a_joined_namespace_goes_out_at_once() {
    let mut pair = Pair::joined(&["/", "/chat"]);
    pair.emit("/", r#"["a",1]"#);
    pair.emit("/chat", r#"["b"]"#);
    assert_eq!(pair.log(), [r#"send 42["a",1]"#, r#"send 42/chat,["b"]"#]);
}

#[test]
fn s20_attachments_follow_their_event_without_anything_between() {
    let mut pair = Pair::joined(&["/", "/chat"]);
    let json = r#"["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    pair.emit_payload("/chat", payload(json, &["one", "two"]), None);
    pair.emit("/", r#"["b"]"#);
    assert_eq!(
        pair.log(),
        [
            format!("send 452-/chat,{json}"),
            "send <one>".into(),
            "send <two>".into(),
            r#"send 42["b"]"#.into()
        ]
    );
}

#[test]
fn s13_events_wait_for_the_join_and_go_out_in_order_before_anything_else() {
    let mut pair = Pair::new();
    pair.emit("/", r#"["before connecting"]"#);
    pair.connect(vec![join("/", 1)]);
    pair.emit_payload("/", payload(r#"["opening",{"_placeholder":true,"num":0}]"#, &["x"]), None);
    pair.open();
    pair.emit_with_ack("/", r#"["joining"]"#, 1, None);
    pair.log();
    pair.accept("/", "S");
    pair.emit("/", r#"["joined"]"#);
    assert_eq!(
        pair.log(),
        [
            "accepted /#1 S",
            r#"send 42["before connecting"]"#,
            r#"send 451-["opening",{"_placeholder":true,"num":0}]"#,
            "send <x>",
            r#"send 420["joining"]"#,
            "joined /#1",
            r#"send 42["joined"]"#
        ]
    );
}

#[test]
fn events_for_a_namespace_that_was_never_joined_wait() {
    let mut pair = Pair::joined(&["/"]);
    pair.emit("/chat", r#"["waits"]"#);
    assert!(pair.log().is_empty());
    pair.join("/chat", 2);
    pair.accept("/chat", "S");
    assert_eq!(
        pair.log(),
        ["send 40/chat,", "accepted /chat#2 S", r#"send 42/chat,["waits"]"#, "joined /chat#2"]
    );
}

#[test]
fn events_that_wait_survive_a_failed_connection() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/", 1)]);
    pair.emit("/", r#"["waits"]"#);
    pair.transport_fails();
    pair.connect(vec![join("/", 2)]);
    pair.open();
    pair.log();
    pair.accept("/", "S");
    assert_eq!(pair.log(), ["accepted /#2 S", r#"send 42["waits"]"#, "joined /#2"]);
}

#[test]
fn waiting_bytes_are_those_of_json_and_attachments() {
    let mut pair = Pair::new();
    assert_eq!(pair.session.waiting_bytes(), 0);
    pair.emit("/", "[\"a\"]");
    pair.emit_payload("/chat", payload("[\"b\"]", &["12345", "67"]), None);
    assert_eq!(pair.session.waiting_bytes(), 5 + 5 + 7);
    pair.connect(vec![join("/", 1)]);
    pair.open();
    pair.accept("/", "S");
    assert_eq!(pair.session.waiting_bytes(), 12);
    pair.close();
    assert_eq!(pair.session.waiting_bytes(), 0);
}

#[test]
fn counters_count_both_ways() {
    let mut pair = Pair::joined(&["/"]);
    let before = pair.session.counters();
    pair.emit_payload("/", payload(r#"["a",{"_placeholder":true,"num":0}]"#, &["12345"]), None);
    pair.server_sends(r#"42["b"]"#);
    pair.server_sends("2");
    let after = pair.session.counters();
    assert_eq!(after.events_sent - before.events_sent, 1);
    assert_eq!(after.events_received - before.events_received, 1);
    assert_eq!(after.packets_sent - before.packets_sent, 3);
    assert_eq!(after.packets_received - before.packets_received, 2);
    let header = r#"451-["a",{"_placeholder":true,"num":0}]"#;
    assert_eq!(after.bytes_sent - before.bytes_sent, header.len() as u64 + 5 + 1);
    assert_eq!(after.bytes_received - before.bytes_received, 7 + 1);
}

#[test]
fn s26_an_event_that_waited_and_is_larger_than_the_server_takes_is_refused() {
    let mut pair = Pair::new();
    let large = format!(r#"["large","{}"]"#, "x".repeat(1_000_000));
    pair.emit("/", &large);
    pair.emit_with_ack("/", &large, 1, None);
    pair.emit("/", r#"["after"]"#);
    pair.connect(vec![join("/", 1)]);
    pair.open();
    pair.log();
    pair.accept("/", "S");
    let log = pair.log();
    let refused = log.iter().filter(|line| line.starts_with(r#"emit refused / ["large","xxx"#)).count();
    assert_eq!(refused, 2, "{log:?}");
    assert!(log.contains(&"ack 1 not sent".to_owned()), "{log:?}");
    assert!(log.contains(&r#"send 42["after"]"#.to_owned()), "{log:?}");
    assert!(log.iter().all(|line| !line.starts_with("send 42[\"large") && line.len() < 200), "{log:?}");
}

#[test]
fn s26_an_event_that_is_larger_than_the_server_takes_is_refused_also_when_joined() {
    let mut pair = Pair::joined(&["/"]);
    let large = format!(r#"["large","{}"]"#, "x".repeat(1_000_000));
    pair.emit("/", &large);
    pair.emit_with_ack("/", &large, 1, None);
    pair.emit_volatile("/", &large);
    pair.emit("/", r#"["after"]"#);
    let log = pair.log();
    let refused = log.iter().filter(|line| line.starts_with(r#"emit refused / ["large","xxx"#)).count();
    assert_eq!(refused, 3, "{log:?}");
    assert_eq!(log[2], "ack 1 not sent");
    assert_eq!(log[4], r#"send 42["after"]"#);
}

#[test]
fn s26_long_polling_carries_attachments_in_base64_which_counts() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/", 1)]);
    pair.input(Input::Opened(TransportName::Polling));
    pair.server_sends(HANDSHAKE);
    pair.accept("/", "s");
    pair.log();
    let emit = |pair: &mut Pair, size: usize| {
        let attachments = vec![Bytes::from(vec![7; size])];
        let json = r#"["file",{"_placeholder":true,"num":0}]"#.to_owned();
        pair.emit_payload("/", Payload { json, attachments }, None);
    };
    emit(&mut pair, 749_997);
    emit(&mut pair, 750_000);
    let log = pair.log();
    assert_eq!(log.iter().filter(|line| line.starts_with("send 451-")).count(), 1, "{log:?}");
    assert!(log.last().unwrap().starts_with("emit refused / "), "{log:?}");
    pair.input(Input::Upgraded);
    pair.log();
    emit(&mut pair, 750_000);
    assert!(pair.log()[0].starts_with("send 451-"));
}
