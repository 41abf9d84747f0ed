use std::time::Duration;

use socketio_protocol::{
    Command, ConnectError, ConnectErrorCode, DisconnectReason, Input, Reconnection, TransportName,
};

use crate::pair::{Pair, join};

/// Attempts after 1 s, 2 s, 4 s and then each 5 s.
const STEADY: Reconnection = Reconnection {
    enabled: true,
    attempts: None,
    delay: Duration::from_secs(1),
    delay_max: Duration::from_secs(5),
    randomization_factor: 0.0,
};

fn connecting(reconnection: Reconnection) -> Pair {
    let mut pair = Pair::new();
    pair.reconnection = reconnection;
    pair.connect(vec![join("/", 1)]);
    pair.log();
    pair
}

#[test]
fn s4_a_lost_connection_is_made_again_and_every_namespace_rejoins() {
    let mut pair = Pair::reconnecting(&["/", "/chat"]);
    pair.transport_closes();
    assert_eq!(
        pair.log(),
        [
            "engine 1 closed transport close, retries",
            "left /#1 transport close, rejoins",
            "left /chat#2 transport close, rejoins"
        ]
    );
    pair.advance(Duration::from_millis(999));
    assert!(pair.log().is_empty());
    pair.advance(Duration::from_millis(1));
    assert_eq!(pair.log(), ["engine 1 attempt 1 after 1 s", "open ws://localhost:3000/socket.io/"]);
    pair.open();
    assert_eq!(pair.log(), ["engine 1 opened E by attempt 1", "send 40", "send 40/chat,", "ping"]);
    pair.accept("/chat", "C");
    pair.accept("/", "S");
    assert_eq!(pair.log(), ["accepted /chat#2 C", "joined /chat#2", "accepted /#1 S", "joined /#1"]);
    assert_eq!(pair.session.counters().reconnects, 1);
}

#[test]
fn s3_a_failed_first_attempt_is_retried_too() {
    let mut pair = connecting(STEADY);
    pair.transport_fails();
    assert_eq!(pair.log(), ["engine 1 failed Refused, retries"]);
    pair.advance_seconds(1);
    pair.transport_fails();
    pair.advance_seconds(2);
    assert_eq!(
        pair.log(),
        [
            "engine 1 attempt 1 after 1 s",
            "open ws://localhost:3000/socket.io/",
            "engine 1 failed Refused, retries",
            "engine 1 attempt 2 after 2 s",
            "open ws://localhost:3000/socket.io/"
        ]
    );
    pair.open();
    assert_eq!(pair.log(), ["engine 1 opened E by attempt 2", "send 40", "ping"]);
}

#[test]
fn s2_delays_grow_and_begin_anew_after_a_success() {
    let mut pair = connecting(STEADY);
    pair.transport_fails();
    let mut delays = Vec::new();
    for _ in 0..5 {
        delays.push((pair.deadline.unwrap() - pair.now).as_secs());
        pair.advance(pair.deadline.unwrap() - pair.now);
        pair.transport_fails();
    }
    assert_eq!(delays, [1, 2, 4, 5, 5]);
    pair.come_back();
    pair.transport_closes();
    assert_eq!(pair.deadline.unwrap() - pair.now, Duration::from_secs(1));
}

#[test]
fn s4_at_the_limit_the_connection_is_given_up() {
    let mut pair = Pair::reconnecting(&["/"]);
    pair.configure(Reconnection { attempts: Some(2), ..STEADY });
    pair.transport_closes();
    pair.advance_seconds(1);
    pair.transport_fails();
    pair.advance_seconds(2);
    pair.log();
    pair.transport_fails();
    assert_eq!(pair.log(), ["engine 1 failed Refused", "engine 1 given up"]);
    assert_eq!(pair.deadline, None);
    pair.advance_seconds(1000);
    assert!(pair.log().is_empty());
    pair.connect(vec![join("/", 2)]);
    assert_eq!(pair.log(), ["open ws://localhost:3000/socket.io/"]);
}

#[test]
fn s4_a_success_counts_the_attempts_anew() {
    let mut pair = Pair::reconnecting(&["/"]);
    pair.configure(Reconnection { attempts: Some(1), ..STEADY });
    for _ in 0..10 {
        pair.transport_closes();
        pair.come_back();
        assert!(pair.log().contains(&"engine 1 opened E by attempt 1".to_owned()));
    }
}

#[test]
fn without_reconnection_there_is_no_other_attempt_and_no_word_of_one() {
    let mut pair = connecting(Reconnection { enabled: false, ..STEADY });
    pair.transport_fails();
    assert_eq!(pair.log(), ["engine 1 failed Refused"]);
    assert_eq!(pair.deadline, None);
}

#[test]
fn s5_every_reason_but_the_servers_and_the_games_own_will_reconnects() {
    type Lose = fn(&mut Pair);
    let losses: [(&str, Lose); 5] = [
        ("transport close", Pair::transport_closes),
        ("transport close", |pair| pair.server_sends("1")),
        ("transport error", |pair| pair.server_sends("garbage")),
        ("parse error", |pair| pair.server_sends("42{}")),
        ("ping timeout", |pair| pair.advance_seconds(45)),
    ];
    for (reason, lose) in losses {
        let mut pair = Pair::reconnecting(&["/"]);
        lose(&mut pair);
        let log = pair.log();
        assert!(log.contains(&format!("engine 1 closed {reason}, retries")), "{log:?}");
        assert!(log.contains(&format!("left /#1 {reason}, rejoins")), "{log:?}");
        pair.come_back();
        pair.accept("/", "S");
        assert_eq!(pair.log().last().unwrap(), "joined /#1", "{reason}");
    }
}

#[test]
fn s5_a_namespace_that_the_server_ended_does_not_rejoin() {
    let mut pair = Pair::reconnecting(&["/", "/chat"]);
    pair.server_sends("41/chat,");
    pair.transport_closes();
    pair.log();
    pair.come_back();
    assert_eq!(pair.log()[2..], ["engine 1 opened E by attempt 1", "send 40", "ping"]);
}

#[test]
fn s5_after_the_server_ended_the_last_namespace_nothing_is_tried() {
    let mut pair = Pair::reconnecting(&["/"]);
    pair.server_sends("41");
    assert_eq!(
        pair.log(),
        ["close flush", "engine 1 closed io server disconnect", "left /#1 io server disconnect"]
    );
    assert_eq!(pair.deadline, None);
}

#[test]
fn s6_a_refused_namespace_is_not_tried_again() {
    let mut pair = Pair::reconnecting(&["/"]);
    pair.join("/admin", 2);
    pair.server_sends(r#"44/admin,{"message":"no"}"#);
    pair.transport_closes();
    pair.log();
    pair.come_back();
    assert!(!pair.log().contains(&"send 40/admin,".to_owned()));
}

#[test]
fn a_namespace_left_or_joined_meanwhile_is_as_the_game_last_wanted() {
    let mut pair = Pair::reconnecting(&["/", "/left", "/again"]);
    pair.transport_closes();
    pair.leave("/left");
    pair.leave("/again");
    pair.join("/again", 7);
    pair.join("/new", 8);
    pair.log();
    pair.come_back();
    assert_eq!(
        pair.log()[2..],
        ["engine 1 opened E by attempt 1", "send 40", "send 40/again,", "send 40/new,", "ping"]
    );
}

#[test]
fn s3_a_connection_lost_while_joining_joins_again() {
    let mut pair = connecting(STEADY);
    pair.open();
    pair.transport_closes();
    pair.log();
    pair.come_back();
    assert_eq!(pair.log()[2..], ["engine 1 opened E by attempt 1", "send 40", "ping"]);
}

#[test]
fn s23_closing_is_final_whatever_is_under_way() {
    let stages: [fn(&mut Pair); 4] = [
        |_| {},
        |pair| pair.advance_seconds(1),
        |pair| {
            pair.advance_seconds(1);
            pair.input(Input::Opened(TransportName::WebSocket));
        },
        |pair| pair.command(Command::Pause),
    ];
    for stage in stages {
        let mut pair = Pair::reconnecting(&["/"]);
        pair.transport_closes();
        stage(&mut pair);
        pair.log();
        pair.close();
        let log = pair.log();
        assert!(log.is_empty() || log == ["close abort"], "{log:?}");
        assert_eq!(pair.deadline, None);
        pair.transport_closes();
        pair.transport_fails();
        pair.command(Command::ReconnectNow);
        pair.command(Command::Resume);
        pair.advance_seconds(1000);
        assert!(pair.log().is_empty());
        pair.join_all(&["/"]);
    }
}

#[test]
fn there_is_one_transport_at_a_time() {
    let mut pair = Pair::reconnecting(&["/"]);
    pair.server_sends("garbage");
    pair.log();
    // What still comes of the old one, and late timers.
    pair.server_sends("2");
    pair.transport_closes();
    pair.input(Input::Opened(TransportName::WebSocket));
    pair.input(Input::Timeout);
    assert!(pair.log().is_empty());
    pair.connect(vec![join("/", 9)]);
    assert!(pair.log().is_empty());
    pair.advance_seconds(1);
    assert_eq!(pair.log(), ["engine 1 attempt 1 after 1 s", "open ws://localhost:3000/socket.io/"]);
}

#[test]
fn reconnect_now_ends_the_wait_and_counts_anew() {
    let mut pair = connecting(Reconnection { attempts: Some(2), ..STEADY });
    pair.command(Command::ReconnectNow);
    assert!(pair.log().is_empty(), "an attempt under way is not disturbed");
    pair.transport_fails();
    pair.advance_seconds(1);
    pair.transport_fails();
    pair.log();
    pair.command(Command::ReconnectNow);
    assert_eq!(pair.log(), ["engine 1 attempt 1 after 0 s", "open ws://localhost:3000/socket.io/"]);
    pair.transport_fails();
    assert_eq!(pair.log(), ["engine 1 failed Refused, retries"]);
    assert_eq!(pair.deadline.unwrap() - pair.now, Duration::from_secs(2));
}

#[test]
fn retry_after_is_honoured() {
    let mut pair = connecting(STEADY);
    let refusal = |seconds| ConnectError {
        retry_after: Some(Duration::from_secs(seconds)),
        ..ConnectError::new(ConnectErrorCode::HttpStatus, "503")
    };
    pair.input(Input::Failed(refusal(30)));
    pair.log();
    pair.advance(Duration::from_millis(29_999));
    assert!(pair.log().is_empty());
    pair.advance(Duration::from_millis(1));
    assert_eq!(pair.log()[0], "engine 1 attempt 1 after 30 s");
    // It does not shorten the wait.
    pair.input(Input::Failed(refusal(1)));
    assert_eq!(pair.deadline.unwrap() - pair.now, Duration::from_secs(2));
}

#[test]
fn new_settings_count_from_the_next_attempt_on() {
    let mut pair = Pair::reconnecting(&["/"]);
    pair.transport_closes();
    let mut settings = pair.settings();
    settings.endpoint = settings.endpoint.with_path("/other");
    pair.command(Command::Configure(settings));
    pair.log();
    pair.advance_seconds(1);
    assert_eq!(pair.log()[1], "open ws://localhost:3000/other/");
}

#[test]
fn switching_reconnection_off_ends_the_wait() {
    let mut pair = Pair::reconnecting(&["/"]);
    pair.transport_closes();
    pair.log();
    pair.configure(Reconnection { enabled: false, ..STEADY });
    assert_eq!(pair.log(), ["engine 1 not wanted any more"]);
    assert_eq!(pair.deadline, None);
    pair.join_all(&["/"]);
}

#[test]
fn s11_the_acks_of_sent_events_fail_and_those_of_waiting_ones_do_not() {
    let mut pair = Pair::reconnecting(&["/"]);
    pair.emit_with_ack("/", r#"["sent"]"#, 1, None);
    pair.log();
    pair.transport_closes();
    pair.emit_with_ack("/", r#"["waits"]"#, 2, Some(100));
    assert_eq!(
        pair.log(),
        [
            "engine 1 closed transport close, retries",
            "left /#1 transport close, rejoins",
            "ack 1 disconnected"
        ]
    );
    pair.come_back();
    // Lost again before the join: the event still waits.
    pair.transport_closes();
    pair.come_back();
    pair.log();
    pair.accept("/", "S");
    assert_eq!(pair.log(), ["accepted /#1 S", r#"send 421["waits"]"#, "joined /#1"]);
    pair.server_sends(r#"430["late"]"#);
    pair.server_sends(r#"431["yes"]"#);
    assert_eq!(pair.log(), [r#"ack 2 ["yes"]"#]);
}

#[test]
fn s11_a_time_out_takes_the_waiting_event_back() {
    let mut pair = Pair::reconnecting(&["/"]);
    pair.transport_closes();
    pair.emit_with_ack("/", r#"["late"]"#, 1, Some(3));
    pair.emit("/", r#"["kept"]"#);
    pair.log();
    pair.advance_seconds(1);
    pair.transport_fails();
    pair.advance_seconds(2);
    assert!(pair.log().contains(&"ack 1 timed out".to_owned()));
    pair.open();
    pair.log();
    pair.accept("/", "S");
    assert_eq!(pair.log(), ["accepted /#1 S", r#"send 42["kept"]"#, "joined /#1"]);
}

#[test]
fn s13_events_emitted_meanwhile_go_out_in_order_after_the_join() {
    let mut pair = Pair::reconnecting(&["/"]);
    pair.transport_closes();
    pair.emit("/", r#"["1"]"#);
    pair.advance_seconds(1);
    pair.emit("/", r#"["2"]"#);
    pair.open();
    pair.emit("/", r#"["3"]"#);
    pair.log();
    assert_eq!(pair.session.waiting_events(), 3);
    pair.accept("/", "S");
    assert_eq!(
        pair.log(),
        ["accepted /#1 S", r#"send 42["1"]"#, r#"send 42["2"]"#, r#"send 42["3"]"#, "joined /#1"]
    );
}

#[test]
fn s7_an_emit_after_the_deadline_waits_instead_of_going_into_a_dead_socket() {
    let mut pair = Pair::reconnecting(&["/"]);
    pair.suspend_seconds(60);
    pair.emit("/", r#"["late"]"#);
    assert_eq!(
        pair.log(),
        ["close abort", "engine 1 closed ping timeout, retries", "left /#1 ping timeout, rejoins"]
    );
    pair.come_back();
    pair.log();
    pair.accept("/", "S");
    assert_eq!(pair.log(), ["accepted /#1 S", r#"send 42["late"]"#, "joined /#1"]);
}

#[test]
fn when_given_up_nobody_waits_for_an_answer() {
    let mut pair = connecting(Reconnection { attempts: Some(1), ..STEADY });
    pair.emit_with_ack("/", r#"["patient"]"#, 1, None);
    pair.emit_with_ack("/", r#"["timed"]"#, 2, Some(50));
    pair.emit("/", r#"["plain"]"#);
    pair.emit_retried("/", r#"["retried"]"#, Some(3), 5, 1);
    pair.transport_fails();
    pair.advance_seconds(1);
    pair.log();
    pair.transport_fails();
    assert_eq!(
        pair.log(),
        [
            "engine 1 failed Refused",
            "ack 1 disconnected",
            "ack 2 disconnected",
            "ack 3 disconnected",
            "engine 1 given up"
        ]
    );
    pair.connect(vec![join("/", 2)]);
    pair.open();
    pair.log();
    pair.accept("/", "S");
    assert_eq!(pair.log(), ["accepted /#2 S", r#"send 42["plain"]"#, "joined /#2"]);
}

#[test]
fn what_crosses_the_giving_up_fails_when_the_game_has_heard_of_it() {
    let mut pair = connecting(Reconnection { attempts: Some(0), enabled: false, ..STEADY });
    pair.transport_fails();
    pair.log();
    pair.emit_with_ack("/", r#"["timed"]"#, 1, Some(50));
    pair.emit_retried("/", r#"["retried"]"#, Some(2), 5, 1);
    pair.emit("/", r#"["plain"]"#);
    pair.command(Command::FailWaiting);
    assert_eq!(pair.log(), ["ack 1 disconnected", "ack 2 disconnected"]);
    pair.emit_with_ack("/", r#"["later"]"#, 3, Some(50));
    pair.connect(vec![join("/", 2)]);
    pair.open();
    pair.log();
    pair.command(Command::FailWaiting);
    pair.accept("/", "S");
    assert_eq!(pair.log(), ["accepted /#2 S", r#"send 42["plain"]"#, r#"send 421["later"]"#, "joined /#2"]);
}

#[test]
fn a_connection_closed_before_the_handshake_is_a_failure_and_retried() {
    let mut pair = connecting(STEADY);
    pair.input(Input::Opened(TransportName::WebSocket));
    pair.input(Input::Closed { reason: DisconnectReason::TransportClose, detail: "".into() });
    assert_eq!(pair.log(), ["engine 1 failed NotSocketIo, retries"]);
}

#[test]
fn the_connect_time_out_counts_for_each_attempt() {
    let mut pair = connecting(STEADY);
    pair.advance_seconds(20);
    assert_eq!(pair.log(), ["close abort", "engine 1 failed Timeout, retries"]);
    pair.advance_seconds(1);
    pair.input(Input::Opened(TransportName::WebSocket));
    pair.log();
    pair.advance_seconds(20);
    assert_eq!(pair.log(), ["close abort", "engine 1 failed Timeout, retries"]);
}
