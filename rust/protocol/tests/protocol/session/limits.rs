use socketio_protocol::{Limits, Reconnection};

use crate::pair::{Pair, join};

#[test]
fn a_packet_that_is_too_large_is_a_parse_error() {
    let mut pair = Pair::with_limits(Limits { max_payload: 100, ..Limits::default() });
    pair.join_all(&["/"]);
    pair.server_sends(&format!("42[\"{}\"]", "x".repeat(90)));
    pair.log();
    pair.server_sends(&format!("42[\"{}\"]", "x".repeat(100)));
    assert!(pair.detail().contains("100 bytes"), "{}", pair.detail());
    assert_eq!(pair.log()[1], "engine 1 closed parse error");
}

#[test]
fn too_many_attachments_are_a_parse_error() {
    let mut pair = Pair::joined(&["/"]);
    pair.server_sends(r#"4511-["a"]"#);
    assert!(pair.detail().contains("only 10 are allowed"), "{}", pair.detail());
    assert_eq!(pair.log()[1], "engine 1 closed parse error");
}

#[test]
fn a_server_cannot_fill_the_memory_before_the_reply() {
    let mut pair = Pair::with_limits(Limits { max_early: 10_000, ..Limits::default() });
    pair.connect(vec![join("/", 1)]);
    pair.open();
    pair.log();
    for _ in 0..10_000 {
        pair.server_sends(r#"42["early"]"#);
    }
    assert!(pair.detail().contains("before it accepted"), "{}", pair.detail());
    assert_eq!(pair.log(), ["close flush", "engine 1 closed parse error"]);
}

#[test]
fn the_defaults() {
    assert_eq!(Limits::default(), Limits { max_payload: 64 << 20, max_attachments: 10, max_early: 64 << 20 });
}

#[test]
fn s16_a_session_that_has_missed_too_much_is_not_asked_for_again() {
    let mut pair = Pair::with_limits(Limits { max_early: 1000, ..Limits::default() });
    pair.reconnection = Reconnection { randomization_factor: 0.0, ..Reconnection::default() };
    pair.connect(vec![join("/", 1)]);
    pair.open();
    pair.accept_recoverable("/", "S", "P");
    pair.server_sends(r#"42["a","o1"]"#);
    pair.transport_closes();
    pair.log();
    pair.come_back();
    assert!(pair.log().contains(&r#"send 40{"pid":"P","offset":"o1"}"#.to_owned()));
    pair.server_sends(&format!(r#"42["{}","o2"]"#, "x".repeat(1000)));
    assert!(pair.log().contains(&"engine 1 closed parse error, retries".to_owned()));
    pair.come_back();
    assert!(pair.log().contains(&"send 40".to_owned()));
}
