use crate::pair::{Pair, join};

#[test]
fn s14_a_volatile_event_is_sent_when_it_can_be() {
    let mut pair = Pair::joined(&["/"]);
    pair.emit_volatile("/", r#"["a"]"#);
    assert_eq!(pair.log(), [r#"send 42["a"]"#]);
}

#[test]
fn s14_it_is_dropped_when_the_transport_takes_nothing() {
    let mut pair = Pair::joined(&["/"]);
    pair.session.set_writable(false);
    pair.emit_volatile("/", r#"["a"]"#);
    pair.emit("/", r#"["b"]"#);
    pair.session.set_writable(true);
    pair.emit_volatile("/", r#"["c"]"#);
    assert_eq!(pair.log(), [r#"send 42["b"]"#, r#"send 42["c"]"#]);
}

#[test]
fn s14_it_never_waits_for_a_join() {
    let mut pair = Pair::reconnecting(&[]);
    pair.emit_volatile("/", r#"["fresh"]"#);
    pair.join("/", 1);
    pair.emit_volatile("/", r#"["joining"]"#);
    pair.accept("/", "S");
    pair.transport_closes();
    pair.emit_volatile("/", r#"["lost"]"#);
    pair.come_back();
    pair.accept("/", "S");
    pair.leave("/");
    pair.emit_volatile("/", r#"["left"]"#);
    let log = pair.log();
    assert!(log.iter().all(|line| !line.starts_with("send 42") && !line.starts_with("emit")), "{log:?}");
    assert_eq!(pair.session.waiting_events(), 0);
}

#[test]
fn s7_s14_a_volatile_event_after_the_deadline_is_dropped() {
    let mut pair = Pair::reconnecting(&["/"]);
    pair.suspend_seconds(60);
    pair.emit_volatile("/", r#"["late"]"#);
    pair.join("/other", 9);
    pair.connect(vec![join("/", 9)]);
    pair.come_back();
    pair.accept("/", "S");
    assert!(pair.log().iter().all(|line| !line.starts_with("send 42")));
}
