use crate::pair::{Pair, join};

#[test]
fn s5_the_connection_ends_first_then_each_namespace_with_its_acks() {
    let mut pair = Pair::joined(&["/b", "/a"]);
    pair.emit_with_ack("/b", r#"["1"]"#, 1, Some(5));
    pair.emit_with_ack("/a", r#"["2"]"#, 2, None);
    pair.emit_with_ack("/b", r#"["3"]"#, 3, Some(1));
    pair.log();
    pair.transport_closes();
    assert_eq!(pair.detail(), "gone");
    assert_eq!(
        pair.log(),
        [
            "engine 1 closed transport close",
            "left /b#1 transport close",
            "ack 1 disconnected",
            "ack 3 disconnected",
            "left /a#2 transport close",
            "ack 2 disconnected"
        ]
    );
    assert_eq!(pair.deadline, None);
}

#[test]
fn s5_a_server_that_ends_the_engine_is_a_transport_close_at_once() {
    let mut pair = Pair::joined(&["/"]);
    pair.server_sends("1");
    assert_eq!(pair.log(), ["close flush", "engine 1 closed transport close", "left /#1 transport close"]);
}

#[test]
fn s5_what_is_no_engine_io_packet_is_a_transport_error() {
    for text in ["", "7", "hello", "\u{1f600}", r#"0{"sid":"again"}"#] {
        let mut pair = Pair::joined(&["/"]);
        pair.server_sends(text);
        assert!(!pair.detail().is_empty());
        assert_eq!(
            pair.log(),
            ["close flush", "engine 1 closed transport error", "left /#1 transport error"],
            "{text}"
        );
    }
}

#[test]
fn packets_that_mean_nothing_here_are_ignored() {
    let mut pair = Pair::joined(&["/"]);
    for text in ["6", "3", "5", "3probe"] {
        pair.server_sends(text);
    }
    assert!(pair.log().is_empty());
}

#[test]
fn s19_a_packet_that_breaks_the_protocol_is_a_parse_error() {
    for text in
        ["4", "49", "42{}", "450-[\"a\"]", "42[\"connect\"]", "41{}", "42[\"a\"", "40[]", "44[]", "43[]"]
    {
        let mut pair = Pair::joined(&["/"]);
        pair.server_sends(text);
        assert!(pair.detail().starts_with("the server sent"), "{}", pair.detail());
        assert_eq!(
            pair.log(),
            ["close flush", "engine 1 closed parse error", "left /#1 parse error"],
            "{text}"
        );
    }
}

#[test]
fn s19_a_parse_error_in_a_namespace_that_is_not_ours_counts_too() {
    let mut pair = Pair::joined(&["/"]);
    pair.server_sends("42/unknown,{}");
    assert_eq!(pair.log()[1], "engine 1 closed parse error");
}

#[test]
fn s19_attachments_that_are_missing_or_too_many_are_a_parse_error() {
    let header = r#"451-["a",{"_placeholder":true,"num":0}]"#;
    let mut pair = Pair::joined(&["/"]);
    pair.server_sends(header);
    pair.server_sends(r#"42["b"]"#);
    assert_eq!(pair.log()[1], "engine 1 closed parse error");

    let mut pair = Pair::joined(&["/"]);
    pair.server_sends(header);
    pair.server_sends_binary(b"x");
    pair.server_sends_binary(b"y");
    assert_eq!(pair.log()[2], "engine 1 closed parse error");
}

#[test]
fn a_heartbeat_between_attachments_is_no_error() {
    let mut pair = Pair::joined(&["/"]);
    pair.server_sends(r#"451-["a",{"_placeholder":true,"num":0}]"#);
    pair.server_sends("2");
    pair.server_sends_binary(b"x");
    assert_eq!(pair.log(), ["send 3", "ping", "event /#1 a [<x>]"]);
}

#[test]
fn s19_the_half_read_packet_is_dropped_with_the_connection() {
    let mut pair = Pair::joined(&["/"]);
    pair.server_sends(r#"451-["a",{"_placeholder":true,"num":0}]"#);
    pair.transport_closes();
    pair.join_all(&["/"]);
    pair.server_sends(r#"42["b"]"#);
    assert_eq!(pair.log(), ["event /#1 b []"]);
}

#[test]
fn a_namespace_that_was_never_joined_is_not_left() {
    let mut pair = Pair::joined(&["/"]);
    pair.join("/chat", 2);
    pair.emit("/chat", r#"["waits"]"#);
    pair.emit_with_ack("/chat", r#"["asks"]"#, 1, Some(100));
    pair.log();
    pair.transport_closes();
    assert_eq!(
        pair.log(),
        ["engine 1 closed transport close", "left /#1 transport close", "ack 1 disconnected"]
    );
    pair.connect(vec![join("/chat", 3)]);
    pair.open();
    pair.log();
    pair.accept("/chat", "S");
    assert_eq!(pair.log(), ["accepted /chat#3 S", r#"send 42/chat,["waits"]"#, "joined /chat#3"]);
}

#[test]
fn emits_after_the_end_are_refused_until_the_next_connect() {
    let mut pair = Pair::joined(&["/"]);
    pair.transport_closes();
    pair.log();
    pair.emit("/", r#"["refused"]"#);
    pair.emit_with_ack("/", r#"["refused"]"#, 4, Some(5));
    assert_eq!(pair.log(), [r#"emit refused / ["refused"]"#, "ack 4 not sent"]);
    pair.connect(vec![join("/", 2)]);
    pair.emit("/", r#"["waits"]"#);
    pair.open();
    pair.log();
    pair.accept("/", "S");
    assert_eq!(pair.log(), ["accepted /#2 S", r#"send 42["waits"]"#, "joined /#2"]);
}

#[test]
fn s5_a_disconnect_ends_its_namespace_only() {
    let mut pair = Pair::joined(&["/", "/chat"]);
    pair.emit_with_ack("/chat", r#"["a"]"#, 1, Some(5));
    pair.log();
    pair.server_sends("41/chat,");
    pair.emit("/chat", r#"["b"]"#);
    pair.emit("/", r#"["c"]"#);
    assert_eq!(
        pair.log(),
        [
            "left /chat#2 io server disconnect",
            "ack 1 disconnected",
            r#"emit refused /chat ["b"]"#,
            r#"send 42["c"]"#
        ]
    );
}

#[test]
fn s5_when_the_last_namespace_ends_the_connection_closes_first() {
    let mut pair = Pair::joined(&["/", "/chat"]);
    pair.server_sends("41");
    pair.log();
    pair.server_sends("41/chat,");
    assert_eq!(
        pair.log(),
        ["close flush", "engine 1 closed io server disconnect", "left /chat#2 io server disconnect"]
    );
    pair.server_sends("2");
    assert!(pair.log().is_empty());
}

#[test]
fn a_namespace_that_is_joining_keeps_the_connection() {
    let mut pair = Pair::joined(&["/"]);
    pair.join("/chat", 2);
    pair.leave("/chat");
    pair.join("/chat", 3);
    pair.log();
    pair.server_sends("41");
    pair.accept("/chat", "first");
    assert_eq!(pair.log(), ["left /#1 io server disconnect", "send 41/chat,", "barrier", "send 40/chat,"]);
}

#[test]
fn leaving_while_joining_and_then_losing_is_an_end() {
    let mut pair = Pair::joined(&["/"]);
    pair.join("/a", 2);
    pair.leave("/a");
    pair.join("/b", 3);
    pair.leave("/b");
    pair.join("/b", 4);
    pair.transport_closes();
    pair.log();
    pair.emit("/a", r#"["refused"]"#);
    pair.emit("/b", r#"["waits"]"#);
    assert_eq!(pair.log(), [r#"emit refused /a ["refused"]"#]);
}
