use socketio_protocol::{Input, TransportName};

use crate::pair::{Pair, join};

#[test]
fn s23_closing_leaves_each_namespace_and_flushes() {
    let mut pair = Pair::joined(&["/", "/chat"]);
    pair.emit("/", r#"["last"]"#);
    pair.close();
    assert_eq!(pair.log(), [r#"send 42["last"]"#, "barrier", "send 41", "send 41/chat,", "close flush"]);
    assert_eq!(pair.deadline, None);
}

#[test]
fn s23_namespaces_that_are_only_joining_leave_last() {
    let mut pair = Pair::joined(&["/b"]);
    pair.join("/a", 2);
    pair.join("/c", 3);
    pair.leave("/c");
    pair.join("/left", 4);
    pair.accept("/left", "S");
    pair.leave("/left");
    pair.log();
    pair.close();
    assert_eq!(pair.log(), ["barrier", "send 41/b,", "send 41/a,", "send 41/c,", "close flush"]);
}

#[test]
fn closing_forgets_everything_without_an_event() {
    let mut pair = Pair::joined(&["/"]);
    pair.emit_with_ack("/", r#"["a"]"#, 1, Some(5));
    pair.emit_with_ack("/never joined", r#"["b"]"#, 2, Some(5));
    pair.close();
    pair.log();
    pair.advance_seconds(100);
    pair.transport_closes();
    assert!(pair.log().is_empty());
    assert_eq!(pair.session.waiting_bytes(), 0);
}

#[test]
fn emits_after_closing_are_refused_where_the_game_was_joined_or_joining() {
    let mut pair = Pair::joined(&["/"]);
    pair.join("/joining", 2);
    pair.close();
    pair.log();
    pair.emit("/", r#"["a"]"#);
    pair.emit_with_ack("/joining", r#"["b"]"#, 3, None);
    assert_eq!(pair.log(), [r#"emit refused / ["a"]"#, "ack 3 not sent"]);
}

#[test]
fn emits_after_closing_wait_in_a_namespace_that_was_never_joined() {
    let mut pair = Pair::joined(&["/"]);
    pair.emit("/later", r#"["forgotten"]"#);
    pair.close();
    pair.emit("/later", r#"["waits"]"#);
    pair.connect(vec![join("/later", 2)]);
    pair.open();
    pair.log();
    pair.accept("/later", "S");
    assert_eq!(pair.log(), ["accepted /later#2 S", r#"send 42/later,["waits"]"#, "joined /later#2"]);
}

#[test]
fn closing_while_connecting_drops_the_transport() {
    for opened in [false, true] {
        let mut pair = Pair::new();
        pair.connect(vec![join("/", 1)]);
        if opened {
            pair.input(Input::Opened(TransportName::WebSocket));
        }
        pair.log();
        pair.close();
        assert_eq!(pair.log(), ["close abort"]);
        assert_eq!(pair.deadline, None);
    }
}

#[test]
fn closing_twice_or_when_idle_does_nothing() {
    let mut pair = Pair::new();
    pair.close();
    assert!(pair.log().is_empty());
    pair.join_all(&["/"]);
    pair.close();
    pair.log();
    pair.close();
    assert!(pair.log().is_empty());
}

#[test]
fn connecting_may_follow_at_once() {
    let mut pair = Pair::joined(&["/"]);
    pair.server_sends(r#"451-["half read",{"_placeholder":true,"num":0}]"#);
    pair.close();
    pair.connect(vec![join("/", 5)]);
    pair.open();
    pair.accept("/", "S");
    pair.server_sends(r#"42["a"]"#);
    assert_eq!(
        pair.log(),
        [
            "barrier",
            "send 41",
            "close flush",
            "open ws://localhost:3000/socket.io/",
            "engine 2 opened E",
            "send 40",
            "ping",
            "accepted /#5 S",
            "joined /#5",
            "event /#5 a []"
        ]
    );
}
