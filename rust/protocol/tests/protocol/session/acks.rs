use std::time::Duration;

use crate::pair::{Pair, join, payload};

#[test]
fn s11_an_answer_finds_its_event() {
    let mut pair = Pair::joined(&["/", "/chat"]);
    pair.emit_with_ack("/", r#"["a"]"#, 10, Some(5));
    pair.emit_with_ack("/", r#"["b"]"#, 11, None);
    pair.emit_with_ack("/chat", r#"["c"]"#, 12, Some(5));
    assert_eq!(pair.log(), [r#"send 420["a"]"#, r#"send 421["b"]"#, r#"send 42/chat,0["c"]"#]);
    pair.server_sends(r#"431["for b"]"#);
    pair.server_sends("43/chat,0[]");
    pair.server_sends(r#"430["for a",{"x":1}]"#);
    assert_eq!(pair.log(), [r#"ack 11 ["for b"]"#, "ack 12 []", r#"ack 10 ["for a",{"x":1}]"#]);
    pair.advance_seconds(10);
    assert!(pair.log().is_empty());
}

#[test]
fn s11_only_events_that_want_an_answer_take_an_id() {
    let mut pair = Pair::joined(&["/"]);
    pair.emit_with_ack("/", r#"["a"]"#, 1, None);
    pair.emit("/", r#"["b"]"#);
    pair.emit_with_ack("/", r#"["c"]"#, 2, None);
    assert_eq!(pair.log(), [r#"send 420["a"]"#, r#"send 42["b"]"#, r#"send 421["c"]"#]);
}

#[test]
fn s11_an_answer_counts_once_and_unknown_ids_not_at_all() {
    let mut pair = Pair::joined(&["/", "/chat"]);
    pair.emit_with_ack("/", r#"["a"]"#, 1, Some(5));
    pair.log();
    pair.server_sends("431[]");
    pair.server_sends("43/chat,0[]");
    pair.server_sends("43/unknown,0[]");
    pair.server_sends("430[1]");
    pair.server_sends("430[2]");
    assert_eq!(pair.log(), ["ack 1 [1]"]);
}

#[test]
fn s11_time_is_up() {
    let mut pair = Pair::joined(&["/"]);
    pair.emit_with_ack("/", r#"["a"]"#, 1, Some(5));
    pair.emit_with_ack("/", r#"["b"]"#, 2, Some(3));
    pair.log();
    pair.advance(Duration::from_millis(2999));
    assert!(pair.log().is_empty());
    pair.advance(Duration::from_millis(1));
    assert_eq!(pair.log(), ["ack 2 timed out"]);
    pair.server_sends(r#"431["late"]"#);
    pair.advance_seconds(2);
    assert_eq!(pair.log(), ["ack 1 timed out"]);
    assert_eq!(pair.deadline, Some(pair.now + Duration::from_secs(40)), "the heartbeat only");
}

#[test]
fn s11_time_is_up_in_the_order_of_the_events() {
    let mut pair = Pair::joined(&["/", "/a", "/b"]);
    for (namespace, token) in [("/b", 1), ("/a", 2), ("/", 3), ("/b", 4), ("/a", 5)] {
        pair.emit_with_ack(namespace, r#"["x"]"#, token, Some(3));
    }
    pair.log();
    pair.advance_seconds(3);
    assert_eq!(pair.log(), (1..=5).map(|token| format!("ack {token} timed out")).collect::<Vec<_>>());
}

#[test]
fn s11_without_a_timeout_the_answer_is_waited_for() {
    let mut pair = Pair::joined(&["/"]);
    pair.emit_with_ack("/", r#"["a"]"#, 1, None);
    for _ in 0..100 {
        pair.advance_seconds(40);
        pair.server_sends("2");
    }
    pair.log();
    pair.server_sends("430[]");
    assert_eq!(pair.log(), ["ack 1 []"]);
}

#[test]
fn s11_the_timer_runs_while_the_event_waits_and_takes_it_back() {
    let mut pair = Pair::new();
    pair.emit_with_ack("/", r#"["before connecting"]"#, 1, Some(5));
    pair.connect(vec![join("/", 1)]);
    pair.emit_with_ack("/", r#"["later"]"#, 2, Some(10));
    pair.emit("/", r#"["without"]"#);
    pair.log();
    pair.advance_seconds(5);
    assert_eq!(pair.log(), ["ack 1 timed out"]);
    assert_eq!(pair.session.waiting_bytes(), r#"["later"]["without"]"#.len());
    pair.open();
    pair.accept("/", "S");
    assert_eq!(
        pair.log(),
        [
            "engine 1 opened E",
            "send 40",
            "ping",
            "accepted /#1 S",
            r#"send 421["later"]"#,
            r#"send 42["without"]"#,
            "joined /#1"
        ]
    );
    pair.advance_seconds(5);
    assert_eq!(pair.log(), ["ack 2 timed out"]);
}

#[test]
fn s11_ids_go_on_over_leaving_closing_and_losing() {
    let mut pair = Pair::joined(&["/"]);
    pair.emit_with_ack("/", r#"["a"]"#, 1, None);
    pair.leave("/");
    pair.join("/", 2);
    pair.accept("/", "S");
    pair.log();
    pair.emit_with_ack("/", r#"["b"]"#, 2, None);
    assert_eq!(pair.log(), [r#"send 421["b"]"#]);
    pair.close();
    pair.join_all(&["/"]);
    pair.emit_with_ack("/", r#"["c"]"#, 3, None);
    assert_eq!(pair.log(), [r#"send 422["c"]"#]);
    pair.transport_closes();
    pair.join_all(&["/"]);
    pair.emit_with_ack("/", r#"["d"]"#, 4, None);
    assert_eq!(pair.log(), [r#"send 423["d"]"#]);
}

#[test]
fn binary_acks_come_in() {
    let mut pair = Pair::joined(&["/"]);
    pair.emit_with_ack("/", r#"["a"]"#, 1, None);
    pair.log();
    pair.server_sends(r#"461-0["x",{"_placeholder":true,"num":0}]"#);
    assert!(pair.log().is_empty());
    pair.server_sends_binary(b"bytes");
    assert_eq!(pair.log(), [r#"ack 1 ["x",<bytes>]"#]);
}

#[test]
fn s12_the_server_gets_the_answer_it_asked_for() {
    let mut pair = Pair::joined(&["/", "/chat"]);
    pair.server_sends(r#"427["a"]"#);
    pair.server_sends(r#"42/chat,8["b"]"#);
    assert_eq!(pair.log(), ["event /#1 a [] ack 7", "event /chat#2 b [] ack 8"]);
    pair.answer("/", 1, 7, payload("[]", &[]));
    pair.answer("/chat", 1, 8, payload(r#"[{"_placeholder":true,"num":0}]"#, &["x"]));
    assert_eq!(pair.log(), ["send 437[]", r#"send 461-/chat,8[{"_placeholder":true,"num":0}]"#, "send <x>"]);
}

#[test]
fn s12_an_answer_of_an_earlier_session_is_dropped() {
    let mut pair = Pair::joined(&["/"]);
    pair.server_sends(r#"427["a"]"#);
    pair.leave("/");
    pair.log();
    pair.answer("/", 1, 7, payload("[]", &[]));
    pair.join("/", 2);
    pair.answer("/", 2, 7, payload("[]", &[]));
    pair.accept("/", "S");
    pair.answer("/", 1, 7, payload("[]", &[]));
    pair.answer("/unknown", 1, 7, payload("[]", &[]));
    assert_eq!(pair.log(), ["barrier", "send 40", "accepted /#2 S", "joined /#2"]);
    pair.transport_closes();
    pair.log();
    pair.answer("/", 2, 7, payload("[]", &[]));
    assert!(pair.log().is_empty());
}

#[test]
fn s12_an_answer_does_not_survive_a_reconnect() {
    let mut pair = Pair::reconnecting(&["/"]);
    pair.server_sends(r#"427["a"]"#);
    pair.transport_closes();
    pair.answer("/", 1, 7, payload("[]", &[]));
    pair.come_back();
    pair.accept("/", "S");
    pair.log();
    pair.answer("/", 1, 7, payload("[]", &[]));
    assert!(pair.log().is_empty());
    pair.server_sends(r#"427["a"]"#);
    pair.answer("/", 2, 7, payload("[]", &[]));
    assert_eq!(pair.log(), ["event /#1 a [] ack 7", "send 437[]"]);
}

#[test]
fn many_acks_cost_little() {
    let mut pair = Pair::new();
    for token in 0..50_000 {
        pair.emit_with_ack("/", r#"["a"]"#, token, Some(5));
    }
    pair.advance_seconds(5);
    assert_eq!(pair.log().len(), 50_000);
    assert_eq!(pair.session.waiting_bytes(), 0);
    assert_eq!(pair.deadline, None);
}
