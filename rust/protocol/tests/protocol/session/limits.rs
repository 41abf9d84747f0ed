use socketio_protocol::Limits;

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
    let mut pair = Pair::with_limits(Limits { max_payload: 10_000, ..Limits::default() });
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
    assert_eq!(Limits::default(), Limits { max_payload: 64 * 1024 * 1024, max_attachments: 10 });
}
