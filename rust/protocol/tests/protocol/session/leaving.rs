use crate::pair::{Pair, join};

#[test]
fn leaving_tells_the_server_and_keeps_the_connection() {
    let mut pair = Pair::joined(&["/", "/chat"]);
    pair.leave("/chat");
    pair.leave("/");
    assert_eq!(pair.log(), ["barrier", "send 41/chat,", "barrier", "send 41"]);
    pair.server_sends("2");
    assert_eq!(pair.log(), ["send 3", "ping"]);
}

#[test]
fn leaving_forgets_acks_without_an_event() {
    let mut pair = Pair::joined(&["/"]);
    pair.emit_with_ack("/", r#"["a"]"#, 1, Some(5));
    pair.leave("/");
    pair.log();
    pair.server_sends("430[]");
    pair.advance_seconds(10);
    assert!(pair.log().is_empty());
}

#[test]
fn leaving_forgets_waiting_events() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/", 1)]);
    pair.emit("/", r#"["waits"]"#);
    pair.emit_with_ack("/", r#"["waits"]"#, 1, Some(5));
    pair.leave("/");
    assert_eq!(pair.session.waiting_bytes(), 0);
    pair.join("/", 2);
    pair.open();
    pair.accept("/", "S");
    pair.advance_seconds(10);
    assert_eq!(
        pair.log(),
        [
            "open ws://localhost:3000/socket.io/",
            "engine 1 opened E",
            "send 40",
            "ping",
            "accepted /#2 S",
            "joined /#2"
        ]
    );
}

#[test]
fn emits_after_leaving_are_refused() {
    let mut pair = Pair::joined(&["/"]);
    pair.leave("/");
    pair.log();
    pair.emit("/", r#"["a"]"#);
    pair.emit_with_ack("/", r#"["b"]"#, 9, None);
    assert_eq!(pair.log(), [r#"emit refused / ["a"]"#, "ack 9 not sent"]);
}

#[test]
fn leaving_before_the_engine_is_open_means_no_connect() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/", 1), join("/chat", 2)]);
    pair.leave("/");
    pair.open();
    assert_eq!(
        pair.log(),
        ["open ws://localhost:3000/socket.io/", "engine 1 opened E", "send 40/chat,", "ping"]
    );
}

#[test]
fn leaving_while_joining_disconnects_after_the_reply() {
    let mut pair = Pair::joined(&["/"]);
    pair.join("/chat", 2);
    pair.emit("/chat", r#"["forgotten"]"#);
    pair.leave("/chat");
    pair.emit("/chat", r#"["refused"]"#);
    assert_eq!(pair.log(), ["send 40/chat,", r#"emit refused /chat ["refused"]"#]);
    pair.accept("/chat", "S");
    assert_eq!(pair.log(), ["send 41/chat,"]);
    pair.server_sends(r#"42/chat,["of the old session"]"#);
    assert!(pair.log().is_empty());
}

#[test]
fn joining_again_while_leaving_is_done_after_the_reply() {
    let mut pair = Pair::joined(&["/"]);
    pair.join("/chat", 2);
    pair.leave("/chat");
    pair.join("/chat", 3);
    pair.emit("/chat", r#"["waits"]"#);
    assert_eq!(pair.log(), ["send 40/chat,"]);
    pair.accept("/chat", "first");
    pair.server_sends(r#"42/chat,["of the first session"]"#);
    assert_eq!(pair.log(), ["send 41/chat,", "barrier", "send 40/chat,"]);
    pair.accept("/chat", "second");
    pair.server_sends(r#"42/chat,["of the second session"]"#);
    assert_eq!(
        pair.log(),
        [
            "accepted /chat#3 second",
            r#"send 42/chat,["waits"]"#,
            "joined /chat#3",
            "event /chat#3 of the second session []"
        ]
    );
}

#[test]
fn leaving_again_while_leaving_takes_the_join_back() {
    let mut pair = Pair::joined(&["/"]);
    pair.join("/chat", 2);
    pair.leave("/chat");
    pair.join("/chat", 3);
    pair.leave("/chat");
    pair.accept("/chat", "first");
    assert_eq!(pair.log(), ["send 40/chat,", "send 41/chat,"]);
}

#[test]
fn a_refusal_after_leaving_is_silent_and_needs_no_disconnect() {
    let mut pair = Pair::joined(&["/"]);
    pair.join("/chat", 2);
    pair.leave("/chat");
    pair.server_sends(r#"44/chat,"no""#);
    assert_eq!(pair.log(), ["send 40/chat,"]);
    pair.join("/chat", 3);
    pair.accept("/chat", "S");
    assert_eq!(pair.log(), ["send 40/chat,", "accepted /chat#3 S", "joined /chat#3"]);
}

#[test]
fn a_refusal_of_a_join_that_was_given_up_begins_the_next() {
    let mut pair = Pair::joined(&["/"]);
    pair.join("/chat", 2);
    pair.leave("/chat");
    pair.join("/chat", 3);
    pair.server_sends(r#"44/chat,"no""#);
    pair.accept("/chat", "S");
    assert_eq!(pair.log(), ["send 40/chat,", "send 40/chat,", "accepted /chat#3 S", "joined /chat#3"]);
}

#[test]
fn events_of_the_old_session_are_dropped_until_the_next_reply() {
    let mut pair = Pair::joined(&["/"]);
    pair.leave("/");
    pair.server_sends(r#"42["between"]"#);
    pair.join("/", 2);
    pair.server_sends(r#"42["before the reply"]"#);
    pair.accept("/", "S");
    pair.server_sends(r#"42["after"]"#);
    assert_eq!(
        pair.log(),
        ["barrier", "send 41", "barrier", "send 40", "accepted /#2 S", "joined /#2", "event /#2 after []"]
    );
}

#[test]
fn acks_of_the_old_session_are_dropped() {
    let mut pair = Pair::joined(&["/"]);
    pair.emit_with_ack("/", r#"["a"]"#, 1, None);
    pair.leave("/");
    pair.join("/", 2);
    pair.emit_with_ack("/", r#"["b"]"#, 2, None);
    pair.server_sends(r#"430["late"]"#);
    pair.server_sends(r#"431["before the reply"]"#);
    pair.accept("/", "S");
    pair.server_sends(r#"430["late"]"#);
    pair.server_sends(r#"431["right"]"#);
    assert_eq!(
        pair.log(),
        [
            r#"send 420["a"]"#,
            "barrier",
            "send 41",
            "barrier",
            "send 40",
            "accepted /#2 S",
            r#"send 421["b"]"#,
            "joined /#2",
            r#"ack 2 ["right"]"#
        ]
    );
}
