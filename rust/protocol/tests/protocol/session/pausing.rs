use socketio_protocol::{Command, Reconnection};

use crate::pair::{Pair, join};

#[test]
fn s16_a_pause_drops_the_transport_without_a_disconnect() {
    let mut pair = Pair::reconnecting(&["/"]);
    pair.command(Command::Pause);
    assert_eq!(
        pair.log(),
        [
            "close flush unless stalled",
            "engine 1 closed transport close, retries",
            "left /#1 transport close, rejoins"
        ]
    );
    assert_eq!(pair.deadline, None);
    pair.emit("/", r#"["waits"]"#);
    pair.command(Command::Pause);
    pair.command(Command::ReconnectNow);
    pair.advance_seconds(1000);
    assert!(pair.log().is_empty());
}

#[test]
fn resuming_connects_at_once() {
    let mut pair = Pair::reconnecting(&["/"]);
    pair.command(Command::Resume);
    assert!(pair.log().is_empty());
    pair.command(Command::Pause);
    pair.emit("/", r#"["waits"]"#);
    pair.log();
    pair.command(Command::Resume);
    assert_eq!(pair.log(), ["engine 1 attempt 1 after 0 s", "open ws://localhost:3000/socket.io/"]);
    pair.open();
    pair.log();
    pair.accept("/", "S");
    assert_eq!(pair.log(), ["accepted /#1 S", r#"send 42["waits"]"#, "joined /#1"]);
}

#[test]
fn an_attempt_and_a_wait_can_be_paused_too() {
    let mut pair = Pair::new();
    pair.reconnection = Reconnection::default();
    pair.connect(vec![join("/", 1)]);
    pair.log();
    pair.command(Command::Pause);
    assert_eq!(pair.log(), ["close abort"]);
    pair.command(Command::Resume);
    pair.transport_fails();
    pair.log();
    pair.command(Command::Pause);
    pair.advance_seconds(1000);
    assert!(pair.log().is_empty());
    pair.command(Command::Resume);
    assert_eq!(pair.log(), ["engine 1 attempt 1 after 0 s", "open ws://localhost:3000/socket.io/"]);
}

#[test]
fn resuming_needs_no_reconnection() {
    let mut pair = Pair::joined(&["/"]);
    pair.command(Command::Pause);
    pair.command(Command::Resume);
    pair.open();
    pair.accept("/", "S");
    assert_eq!(pair.log().last().unwrap(), "joined /#1");
    pair.command(Command::Pause);
    pair.command(Command::Resume);
    pair.log();
    pair.transport_fails();
    assert_eq!(pair.log(), ["engine 1 failed Refused"]);
}

#[test]
fn a_pause_without_a_connection_is_none() {
    let mut pair = Pair::new();
    pair.command(Command::Pause);
    pair.command(Command::Resume);
    assert!(pair.log().is_empty());
    pair.join_all(&["/"]);
}

#[test]
fn a_pause_while_connecting_gives_the_transport_up() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/", 1)]);
    pair.log();
    pair.command(Command::Pause);
    assert_eq!(pair.log(), ["close abort"]);
}
