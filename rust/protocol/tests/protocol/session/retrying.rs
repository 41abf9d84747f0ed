use crate::pair::Pair;

#[test]
fn s15_one_event_is_in_flight_at_a_time_in_order() {
    let mut pair = Pair::joined(&["/"]);
    pair.emit_retried("/", r#"["1"]"#, None, 3, 10);
    pair.emit_retried("/", r#"["2"]"#, Some(2), 3, 10);
    pair.emit("/", r#"["aside"]"#);
    assert_eq!(pair.log(), [r#"send 420["1"]"#, r#"send 42["aside"]"#]);
    assert_eq!(pair.session.waiting_events(), 2);
    pair.server_sends("430[]");
    assert_eq!(pair.log(), [r#"send 421["2"]"#]);
    pair.server_sends(r#"431["yes"]"#);
    assert_eq!(pair.log(), [r#"ack 2 ["yes"]"#]);
    assert_eq!((pair.session.waiting_events(), pair.session.waiting_bytes()), (0, 0));
}

#[test]
fn s15_each_try_has_an_id_of_its_own_and_late_answers_are_ignored() {
    let mut pair = Pair::joined(&["/"]);
    pair.emit_retried("/", r#"["a"]"#, Some(1), 3, 10);
    pair.advance_seconds(10);
    assert_eq!(pair.log(), [r#"send 420["a"]"#, r#"send 421["a"]"#]);
    pair.server_sends(r#"430["late"]"#);
    assert!(pair.log().is_empty());
    pair.server_sends(r#"431["right"]"#);
    pair.server_sends(r#"431["again"]"#);
    assert_eq!(pair.log(), [r#"ack 1 ["right"]"#]);
}

#[test]
fn s15_after_retries_and_one_tries_it_is_given_up_and_the_next_goes() {
    let mut pair = Pair::joined(&["/"]);
    pair.emit_retried("/", r#"["a"]"#, Some(1), 2, 10);
    pair.emit_retried("/", r#"["b"]"#, Some(2), 2, 10);
    pair.advance_seconds(30);
    assert_eq!(
        pair.log(),
        [r#"send 420["a"]"#, r#"send 421["a"]"#, r#"send 422["a"]"#, "ack 1 timed out", r#"send 423["b"]"#]
    );
}

#[test]
fn s15_a_disconnect_is_a_failed_try_and_the_head_is_sent_again() {
    let mut pair = Pair::reconnecting(&["/"]);
    pair.emit_retried("/", r#"["a"]"#, Some(1), 1, 10);
    pair.emit_retried("/", r#"["b"]"#, Some(2), 1, 10);
    pair.log();
    pair.transport_closes();
    assert_eq!(pair.log(), ["engine 1 closed transport close, retries", "left /#1 transport close, rejoins"]);
    pair.emit("/", r#"["buffered"]"#);
    pair.come_back();
    pair.log();
    pair.accept("/", "S");
    // S13: the retry queue after the send buffer.
    assert_eq!(pair.log(), ["accepted /#1 S", r#"send 42["buffered"]"#, r#"send 421["a"]"#, "joined /#1"]);
    pair.transport_closes();
    assert!(pair.log().contains(&"ack 1 disconnected".to_owned()));
    pair.come_back();
    pair.log();
    pair.accept("/", "S");
    assert_eq!(pair.log(), ["accepted /#1 S", r#"send 422["b"]"#, "joined /#1"]);
}

#[test]
fn s15_events_emitted_before_the_join_wait_without_a_timer() {
    let mut pair = Pair::reconnecting(&[]);
    pair.emit_retried("/chat", r#"["a"]"#, Some(1), 1, 1);
    pair.advance_seconds(10);
    pair.join("/chat", 1);
    pair.log();
    pair.accept("/chat", "S");
    assert_eq!(pair.log(), ["accepted /chat#1 S", r#"send 42/chat,0["a"]"#, "joined /chat#1"]);
}

#[test]
fn s15_leaving_forgets_the_queue_and_the_end_by_the_server_tells_who_waits() {
    let mut pair = Pair::joined(&["/", "/chat"]);
    pair.emit_retried("/", r#"["a"]"#, Some(1), 5, 1);
    pair.leave("/");
    pair.emit_retried("/chat", r#"["b"]"#, Some(2), 5, 1);
    pair.emit_retried("/chat", r#"["c"]"#, None, 5, 1);
    pair.log();
    pair.server_sends("41/chat,");
    assert!(pair.log().contains(&"ack 2 disconnected".to_owned()));
    assert_eq!(pair.session.waiting_events(), 1);
    pair.emit_retried("/chat", r#"["refused"]"#, Some(3), 5, 1);
    assert_eq!(pair.log(), ["ack 3 not sent"]);
}

#[test]
fn s15_what_the_server_would_not_take_is_refused_and_the_next_goes() {
    let mut pair = Pair::joined(&["/"]);
    let large = format!(r#"["{}"]"#, "x".repeat(1_000_000));
    pair.emit_retried("/", &large, Some(1), 5, 1);
    pair.emit_retried("/", r#"["b"]"#, None, 5, 1);
    let log = pair.log();
    assert!(log[0].starts_with("emit refused /"), "{log:?}");
    assert_eq!(log[1..], ["ack 1 not sent", r#"send 421["b"]"#]);
}

#[test]
fn s23_what_waits_for_its_turn_is_sent_before_the_end() {
    let ends: [fn(&mut Pair); 2] = [Pair::close, |pair| pair.leave("/")];
    for end in ends {
        let mut pair = Pair::joined(&["/"]);
        for json in [r#"["1"]"#, r#"["2"]"#, r#"["3"]"#] {
            pair.emit_retried("/", json, None, 5, 1);
        }
        pair.log();
        end(&mut pair);
        assert_eq!(pair.log()[..4], [r#"send 42["2"]"#, r#"send 42["3"]"#, "barrier", "send 41"]);
        assert_eq!((pair.session.waiting_events(), pair.session.waiting_bytes()), (0, 0));
    }
}

#[test]
fn s15_an_event_that_nobody_waits_for_is_not_given_up_silently() {
    let mut pair = Pair::joined(&["/"]);
    pair.emit_retried("/", r#"["a"]"#, None, 1, 1);
    pair.advance_seconds(2);
    assert_eq!(pair.log()[2], r#"emit refused / ["a"] after 2 tries"#);
}
