use crate::pair::{Pair, join};

#[test]
fn events_come_in_with_their_join() {
    let mut pair = Pair::joined(&["/", "/chat"]);
    pair.server_sends(r#"42["a",1,{"b":[true,null]}]"#);
    pair.server_sends(r#"42/chat,["c"]"#);
    assert_eq!(pair.log(), [r#"event /#1 a [1,{"b":[true,null]}]"#, "event /chat#2 c []"]);
}

#[test]
fn binary_events_come_in_whole() {
    let mut pair = Pair::joined(&["/"]);
    pair.server_sends(r#"452-3["a",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#);
    pair.server_sends_binary(b"zero");
    assert!(pair.log().is_empty());
    pair.server_sends_binary(b"one");
    assert_eq!(pair.log(), ["event /#1 a [<one>,<zero>] ack 3"]);
}

#[test]
fn events_for_unknown_namespaces_are_dropped() {
    let mut pair = Pair::joined(&["/"]);
    pair.server_sends(r#"42/unknown,["a"]"#);
    assert!(pair.log().is_empty());
}

#[test]
fn s16_events_before_the_reply_are_delivered_after_it() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/", 1)]);
    pair.open();
    pair.emit("/", r#"["waits"]"#);
    pair.log();
    pair.server_sends(r#"42["missed",1]"#);
    pair.server_sends(r#"420["missed",2]"#);
    assert!(pair.log().is_empty());
    pair.accept("/", "S");
    assert_eq!(
        pair.log(),
        [
            "accepted /#1 S",
            "event /#1 missed [1]",
            "event /#1 missed [2] ack 0",
            r#"send 42["waits"]"#,
            "joined /#1"
        ]
    );
}

#[test]
fn s16_events_before_the_reply_are_kept_on_every_new_engine() {
    let mut pair = Pair::joined(&["/"]);
    pair.transport_closes();
    pair.connect(vec![join("/", 2)]);
    pair.open();
    pair.log();
    pair.server_sends(r#"42["missed"]"#);
    pair.accept("/", "S");
    assert_eq!(pair.log(), ["accepted /#2 S", "event /#2 missed []", "joined /#2"]);
}

#[test]
fn events_before_the_reply_are_dropped_with_a_refusal() {
    let mut pair = Pair::joined(&["/other"]);
    pair.join("/", 2);
    pair.server_sends(r#"42["early"]"#);
    pair.server_sends(r#"44"no""#);
    pair.join("/", 3);
    pair.accept("/", "S");
    assert_eq!(
        pair.log(),
        ["send 40", "refused /#2 NamespaceRefused", "send 40", "accepted /#3 S", "joined /#3"]
    );
}
