use std::time::Duration;

use crate::pair::Pair;

#[test]
fn s7_a_ping_is_answered_at_once() {
    let mut pair = Pair::joined(&["/"]);
    pair.server_sends("2");
    assert_eq!(pair.log(), ["send 3", "ping"]);
}

#[test]
fn s7_without_a_ping_the_connection_ends_after_interval_and_timeout() {
    let mut pair = Pair::joined(&["/"]);
    pair.advance(Duration::from_millis(44_999));
    assert!(pair.log().is_empty());
    pair.advance(Duration::from_millis(1));
    assert_eq!(pair.detail(), "no heartbeat for 45 s");
    assert_eq!(pair.log(), ["close abort", "engine 1 closed ping timeout", "left /#1 ping timeout"]);
    assert_eq!(pair.deadline, None);
}

#[test]
fn s7_only_a_ping_moves_the_deadline() {
    let mut pair = Pair::joined(&["/"]);
    pair.advance_seconds(30);
    pair.server_sends("2");
    pair.advance_seconds(30);
    pair.server_sends(r#"42["a"]"#);
    pair.server_sends("6");
    pair.emit("/", r#"["b"]"#);
    pair.advance_seconds(14);
    pair.log();
    pair.advance_seconds(1);
    assert_eq!(pair.log()[..2], ["close abort", "engine 1 closed ping timeout"]);
}

#[test]
fn s7_a_connection_that_is_pinged_lives_for_ever() {
    let mut pair = Pair::joined(&["/"]);
    for _ in 0..1000 {
        pair.advance_seconds(25);
        pair.server_sends("2");
        assert_eq!(pair.log(), ["send 3", "ping"]);
    }
}

#[test]
fn s7_a_late_ping_still_counts_when_nobody_has_noticed() {
    let mut pair = Pair::joined(&["/"]);
    pair.suspend_seconds(60);
    pair.server_sends("2");
    assert_eq!(pair.log(), ["send 3", "ping"]);
}

#[test]
fn s7_an_emit_into_a_dead_connection_is_not_sent() {
    let mut pair = Pair::joined(&["/"]);
    pair.suspend_seconds(60);
    pair.emit("/", r#"["a"]"#);
    assert_eq!(
        pair.log(),
        ["close abort", "engine 1 closed ping timeout", "left /#1 ping timeout", r#"emit refused / ["a"]"#]
    );
}

#[test]
fn the_only_deadline_of_an_idle_connection_is_the_heartbeat() {
    let pair = Pair::joined(&["/"]);
    assert_eq!(pair.deadline, Some(pair.now + Duration::from_secs(45)));
}
