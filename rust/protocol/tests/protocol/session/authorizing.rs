use socketio_protocol::{Auth, Command, Join, JoinId};

use crate::pair::Pair;

fn asking(pair: &mut Pair, namespace: &str, number: u64) {
    let (namespace, join) = (namespace.into(), JoinId(number));
    pair.command(Command::Join(Join { namespace, join, auth: Auth::Fresh }));
}

fn answer(pair: &mut Pair, namespace: &str, number: u64, auth: &str) {
    let (namespace, join) = (namespace.into(), JoinId(number));
    pair.command(Command::Auth { namespace, join, auth: Some(auth.into()) });
}

#[test]
fn s9_a_fresh_auth_is_asked_for_at_each_join() {
    let mut pair = Pair::reconnecting(&[]);
    asking(&mut pair, "/", 1);
    assert_eq!(pair.log(), ["auth wanted /#1"]);
    answer(&mut pair, "/", 1, r#"{"token":1}"#);
    assert_eq!(pair.log(), [r#"send 40{"token":1}"#]);
    pair.accept("/", "S");
    pair.transport_closes();
    pair.log();
    pair.come_back();
    assert_eq!(pair.log()[2..], ["engine 1 opened E by attempt 1", "auth wanted /#1", "ping"]);
    answer(&mut pair, "/", 1, r#"{"token":2}"#);
    assert_eq!(pair.log(), [r#"send 40{"token":2}"#]);
}

#[test]
fn events_wait_while_the_auth_is_asked_for() {
    let mut pair = Pair::reconnecting(&[]);
    asking(&mut pair, "/", 1);
    pair.emit("/", r#"["a"]"#);
    answer(&mut pair, "/", 1, "{}");
    pair.log();
    pair.accept("/", "S");
    assert_eq!(pair.log(), ["accepted /#1 S", r#"send 42["a"]"#, "joined /#1"]);
}

#[test]
fn an_auth_that_nobody_waits_for_is_dropped() {
    let mut pair = Pair::reconnecting(&[]);
    asking(&mut pair, "/", 1);
    pair.leave("/");
    answer(&mut pair, "/", 1, r#"{"token":1}"#);
    asking(&mut pair, "/", 2);
    answer(&mut pair, "/", 1, r#"{"token":1}"#);
    answer(&mut pair, "/unknown", 1, "{}");
    assert_eq!(pair.log(), ["auth wanted /#1", "auth wanted /#2"]);
    answer(&mut pair, "/", 2, r#"{"token":2}"#);
    answer(&mut pair, "/", 2, r#"{"token":2}"#);
    assert_eq!(pair.log(), [r#"send 40{"token":2}"#]);
    pair.transport_closes();
    pair.log();
    answer(&mut pair, "/", 2, r#"{"token":3}"#);
    pair.close();
    assert!(pair.log().is_empty());
}

#[test]
fn the_auth_of_a_join_can_be_replaced_for_the_next_time() {
    let mut pair = Pair::reconnecting(&["/"]);
    asking(&mut pair, "/", 1);
    assert!(pair.log().is_empty());
    pair.transport_closes();
    pair.log();
    pair.come_back();
    assert!(pair.log().contains(&"auth wanted /#1".to_owned()));
    let auth = Auth::Fixed(Some(r#"{"fixed":1}"#.into()));
    pair.command(Command::Join(Join { namespace: "/".into(), join: JoinId(1), auth }));
    answer(&mut pair, "/", 1, "{}");
    pair.transport_closes();
    pair.log();
    pair.come_back();
    assert!(pair.log().contains(&r#"send 40{"fixed":1}"#.to_owned()));
}
