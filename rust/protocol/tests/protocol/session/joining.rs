use socketio_protocol::{Auth, Command, ConnectErrorCode, Join, JoinId, Values};

use crate::pair::{Pair, join};

#[test]
fn s9_connect_carries_the_auth() {
    let mut pair = Pair::new();
    let auth = |namespace: &str, number, auth: &str| Join {
        auth: Auth::Fixed(Some(auth.into())),
        namespace: namespace.into(),
        join: JoinId(number),
    };
    pair.connect(vec![auth("/", 1, r#"{"token":"t"}"#)]);
    pair.open();
    pair.log();
    pair.command(Command::Join(auth("/chat", 2, "{}")));
    pair.accept("/", "S");
    pair.leave("/");
    pair.command(Command::Join(auth("/", 3, r#"{"token":"u"}"#)));
    assert_eq!(
        pair.log(),
        [
            "send 40/chat,{}",
            "accepted /#1 S",
            "joined /#1",
            "barrier",
            "send 41",
            "barrier",
            r#"send 40{"token":"u"}"#
        ]
    );
}

#[test]
fn s9_a_namespace_is_never_asked_for_twice() {
    let mut pair = Pair::joined(&["/"]);
    pair.join("/", 7);
    pair.join("/chat", 2);
    pair.join("/chat", 3);
    assert_eq!(pair.log(), ["send 40/chat,"]);
    pair.accept("/chat", "S");
    assert_eq!(pair.log(), ["accepted /chat#2 S", "joined /chat#2"]);
}

#[test]
fn a_reply_in_an_array_is_accepted() {
    let mut pair = Pair::joined(&["/"]);
    pair.join("/chat", 2);
    pair.server_sends(r#"40/chat,[{"sid":"S"}]"#);
    assert_eq!(pair.log(), ["send 40/chat,", "accepted /chat#2 S", "joined /chat#2"]);
}

#[test]
fn replies_that_nobody_asked_for_are_ignored() {
    let mut pair = Pair::joined(&["/"]);
    pair.server_sends(r#"40{"sid":"other"}"#);
    pair.server_sends(r#"40/unknown,{"sid":"other"}"#);
    pair.server_sends(r#"44{"message":"no"}"#);
    pair.server_sends(r#"44/unknown,"no""#);
    pair.server_sends("41/unknown,");
    pair.leave("/");
    pair.log();
    pair.server_sends("41");
    pair.server_sends(r#"40{"sid":"other"}"#);
    assert!(pair.log().is_empty());
}

#[test]
fn s6_a_refused_namespace_has_the_servers_message_and_data() {
    let mut pair = Pair::joined(&["/"]);
    pair.join("/admin", 2);
    pair.log();
    pair.server_sends(r#"44/admin,{"message":"not you","data":{"code":7}}"#);
    let error = pair.error();
    assert_eq!(error.message, "not you");
    assert_eq!(error.namespace.as_deref(), Some("/admin"));
    assert_eq!(error.data, Some(Values::from_json_array(r#"[{"code":7}]"#, vec![]).unwrap()));
    assert_eq!(pair.log(), ["refused /admin#2 NamespaceRefused"]);
    pair.emit("/admin", r#"["a"]"#);
    assert_eq!(pair.log(), [r#"emit refused /admin ["a"]"#]);
}

#[test]
fn s6_a_bare_text_is_the_message() {
    let mut pair = Pair::joined(&["/"]);
    pair.join("/nope", 2);
    pair.server_sends(r#"44/nope,"Unable to connect""#);
    assert_eq!(pair.error().message, "Unable to connect");
    assert_eq!(pair.error().data, None);
}

#[test]
fn s6_a_refused_namespace_can_be_joined_again_and_sends_what_waited() {
    let mut pair = Pair::joined(&["/"]);
    pair.join("/admin", 2);
    pair.emit("/admin", r#"["waited"]"#);
    pair.server_sends(r#"44/admin,"no""#);
    pair.join("/admin", 3);
    pair.accept("/admin", "S");
    assert_eq!(
        pair.log(),
        [
            "send 40/admin,",
            "refused /admin#2 NamespaceRefused",
            "send 40/admin,",
            "accepted /admin#3 S",
            r#"send 42/admin,["waited"]"#,
            "joined /admin#3"
        ]
    );
}

#[test]
fn s11_a_refusal_fails_what_wants_an_answer_and_none_of_it_is_sent_later() {
    let mut pair = Pair::joined(&["/"]);
    pair.join("/admin", 2);
    pair.emit_with_ack("/admin", r#"["timed"]"#, 1, Some(50));
    pair.emit_with_ack("/admin", r#"["patient"]"#, 2, None);
    pair.emit_retried("/admin", r#"["retried"]"#, Some(3), 5, 1);
    pair.emit("/admin", r#"["plain"]"#);
    pair.emit_with_ack("/", r#"["elsewhere"]"#, 4, Some(50));
    pair.log();
    pair.server_sends(r#"44/admin,"no""#);
    assert_eq!(
        pair.log(),
        [
            "refused /admin#2 NamespaceRefused",
            "ack 1 disconnected",
            "ack 2 disconnected",
            "ack 3 disconnected"
        ]
    );
    pair.emit_with_ack("/admin", r#"["too late"]"#, 5, Some(50));
    assert_eq!(pair.log(), ["ack 5 not sent"]);
    pair.join("/admin", 3);
    pair.log();
    pair.accept("/admin", "S");
    assert_eq!(pair.log(), ["accepted /admin#3 S", r#"send 42/admin,["plain"]"#, "joined /admin#3"]);
    pair.server_sends("430[]");
    assert_eq!(pair.log(), ["ack 4 []"]);
}

#[test]
fn s11_with_the_last_namespace_everybody_who_waits_fails() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/", 1)]);
    pair.open();
    pair.emit_with_ack("/", r#"["timed"]"#, 1, Some(50));
    pair.emit_with_ack("/never", r#"["timed"]"#, 2, Some(50));
    pair.log();
    pair.server_sends(r#"44"no""#);
    assert_eq!(
        pair.log(),
        [
            "close flush",
            "refused /#1 NamespaceRefused, engine 1 closed",
            "ack 1 disconnected",
            "ack 2 disconnected"
        ]
    );
}

#[test]
fn when_the_last_namespace_is_refused_the_connection_closes() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/", 1)]);
    pair.open();
    pair.log();
    pair.server_sends(r#"44{"message":"no"}"#);
    assert_eq!(pair.log(), ["close flush", "refused /#1 NamespaceRefused, engine 1 closed"]);
    // The game may connect again as soon as it hears of the refusal.
    pair.connect(vec![join("/", 2)]);
    pair.open();
    assert_eq!(pair.log(), ["open ws://localhost:3000/socket.io/", "engine 2 opened E", "send 40", "ping"]);
}

#[test]
fn a_refusal_keeps_the_connection_for_the_others() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/", 1), join("/chat", 2)]);
    pair.open();
    pair.log();
    pair.server_sends(r#"44"no""#);
    pair.accept("/chat", "S");
    assert_eq!(pair.log(), ["refused /#1 NamespaceRefused", "accepted /chat#2 S", "joined /chat#2"]);
}

#[test]
fn a_reply_without_a_session_id_is_of_version_2() {
    for reply in ["40", "40{}", r#"40{"sid":""}"#] {
        let mut pair = Pair::joined(&["/other"]);
        pair.join("/", 2);
        pair.log();
        pair.server_sends(reply);
        assert_eq!(pair.error().code, ConnectErrorCode::UnsupportedVersion, "{reply}");
        assert!(pair.error().message.contains("version 2"), "{reply}");
        assert_eq!(pair.log(), ["refused /#2 UnsupportedVersion"], "{reply}");
    }
}

#[test]
fn a_disconnect_for_a_namespace_that_is_only_joining_refuses_it() {
    let mut pair = Pair::joined(&["/"]);
    pair.join("/chat", 2);
    pair.log();
    pair.server_sends("41/chat,");
    assert_eq!(pair.log(), ["refused /chat#2 NamespaceRefused"]);
}

#[test]
fn a_join_that_crosses_the_end_of_the_connection_is_forgotten() {
    let mut pair = Pair::joined(&["/"]);
    pair.transport_closes();
    pair.log();
    pair.join("/chat", 2);
    pair.emit("/chat", r#"["waits"]"#);
    pair.connect(vec![join("/", 3)]);
    pair.open();
    assert_eq!(pair.log(), ["open ws://localhost:3000/socket.io/", "engine 2 opened E", "send 40", "ping"]);
}

#[test]
fn s6_a_refusal_of_a_joined_namespace_ends_it() {
    let mut pair = Pair::joined(&["/", "/chat"]);
    pair.server_sends(r#"44/chat,{"message":"enough"}"#);
    assert_eq!(pair.log(), ["left /chat#2 io server disconnect"]);
}
