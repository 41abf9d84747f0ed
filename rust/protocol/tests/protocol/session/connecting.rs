use std::time::Duration;

use socketio_protocol::{
    Auth, ConnectErrorCode, Detail, DisconnectReason, Endpoint, Event, Input, Join, Output, Secrets,
    TransportName,
};

use crate::pair::{HANDSHAKE, Pair, join};

#[test]
fn the_handshake_opens_the_engine_then_the_namespaces_join_in_order() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/b", 1), join("/", 2)]);
    assert_eq!(pair.log(), ["open ws://localhost:3000/socket.io/"]);
    pair.join("/a", 3);
    pair.input(Input::Opened(TransportName::WebSocket));
    assert!(pair.log().is_empty());
    pair.server_sends(HANDSHAKE);
    assert_eq!(pair.log(), ["engine 1 opened E", "send 40/b,", "send 40", "send 40/a,", "ping"]);
}

#[test]
fn the_handshake_tells_the_largest_message() {
    let mut pair = Pair::new();
    pair.connect(vec![]);
    pair.open();
    let opened = |output: &Output| {
        matches!(output, Output::Event(Event::EngineOpened { max_payload: Some(1_000_000), .. }))
    };
    assert!(pair.outputs.iter().any(opened), "{:?}", pair.outputs);
}

#[test]
fn a_transport_that_cannot_be_opened_fails_the_connection() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/", 1)]);
    pair.transport_fails();
    assert_eq!(pair.error().message, "nobody there");
    assert_eq!(pair.log(), ["open ws://localhost:3000/socket.io/", "engine 1 failed Refused"]);
    assert_eq!(pair.deadline, None);
}

#[test]
fn a_server_that_does_not_answer_fails_the_connection_at_the_connect_timeout() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/", 1)]);
    pair.log();
    pair.advance_seconds(19);
    assert!(pair.log().is_empty());
    pair.advance_seconds(1);
    assert!(pair.error().message.contains("did not answer"));
    assert_eq!(pair.log(), ["close abort", "engine 1 failed Timeout"]);
}

#[test]
fn the_connect_timeout_covers_the_engine_io_handshake() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/", 1)]);
    pair.advance_seconds(15);
    pair.input(Input::Opened(TransportName::WebSocket));
    pair.log();
    pair.advance_seconds(5);
    assert!(pair.error().message.contains("opened the WebSocket"));
    assert_eq!(pair.log(), ["close abort", "engine 1 failed Timeout"]);
}

#[test]
fn a_first_message_that_is_no_handshake_is_not_socket_io() {
    for text in ["hello", "", "2", "40", "0", "0[]", "0{}", "0{\"sid\":7}", "{\"sid\":\"a\"}"] {
        let mut pair = Pair::new();
        pair.connect(vec![join("/", 1)]);
        pair.input(Input::Opened(TransportName::WebSocket));
        pair.log();
        pair.server_sends(text);
        let error = pair.error();
        assert_eq!(error.code, ConnectErrorCode::NotSocketIo, "{text}");
        assert!(error.message.contains("path"), "{}", error.message);
        assert_eq!(pair.log(), ["close flush", "engine 1 failed NotSocketIo"], "{text}");
    }
}

/// What the tests of secrets have the requests carry.
fn secrets() -> Secrets {
    let endpoint = Endpoint::parse("ws://h/?token=hidden-query").unwrap();
    Secrets::new(&endpoint, &[("X-Token".to_owned(), "hidden-header".to_owned())])
}

#[test]
fn what_the_request_carried_is_masked_in_a_first_message() {
    for (text, quoted) in [
        ("no entry: hidden-header", r#"was "no entry: ***"."#),
        // The excerpt would end in the middle of the secret.
        ("no entry with the token that is hidden-header", r#"was "no entry with the token that is ***"."#),
        (
            "hidden-query and so on, for more than forty characters",
            "was \"*** and so on, for more than forty chara\"\u{2026}",
        ),
    ] {
        let mut pair = Pair::new();
        pair.session.set_request_secrets(secrets());
        pair.connect(vec![]);
        pair.input(Input::Opened(TransportName::WebSocket));
        pair.server_sends(text);
        assert!(pair.error().message.contains(quoted), "{}", pair.error());
    }
}

#[test]
fn what_the_server_was_sent_is_masked_in_its_words_at_the_end() {
    let mut pair = Pair::new();
    pair.session.set_request_secrets(secrets());
    let auth = r#"{"user":["hidden-auth",{"token":"hidden-token"}],"told":5}"#;
    pair.connect(vec![Join { auth: Auth::Fixed(Some(auth.into())), ..join("/", 1) }]);
    pair.open();
    pair.server_sends(r#"40{"sid":"s","pid":"hidden-pid"}"#);
    let said = "hidden-auth, hidden-token, hidden-pid, hidden-header: told 5";
    let detail = Detail { told: "closed:".into(), said: said.into() };
    pair.input(Input::Closed { reason: DisconnectReason::TransportClose, detail });
    assert_eq!(pair.detail(), "closed: ***, ***, ***, ***: told 5");
    assert!(!format!("{:?}", pair.session).contains("hidden"), "Debug shows a secret");
}

#[test]
fn a_first_message_that_is_binary_is_not_socket_io() {
    let mut pair = Pair::new();
    pair.connect(vec![]);
    pair.input(Input::Opened(TransportName::WebSocket));
    pair.log();
    pair.server_sends_binary(b"x");
    assert_eq!(pair.log(), ["close flush", "engine 1 failed NotSocketIo"]);
}

#[test]
fn a_close_between_the_websocket_and_the_handshake_is_noticed_at_once() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/", 1)]);
    pair.input(Input::Opened(TransportName::WebSocket));
    pair.log();
    pair.transport_closes();
    assert!(pair.error().message.contains("(gone)"), "{}", pair.error());
    assert_eq!(pair.log(), ["engine 1 failed NotSocketIo"]);
}

#[test]
fn a_close_before_the_websocket_is_open_fails_the_connection() {
    let mut pair = Pair::new();
    pair.connect(vec![]);
    pair.log();
    pair.input(Input::Closed { reason: DisconnectReason::TransportError, detail: "".into() });
    assert_eq!(pair.log(), ["engine 1 failed Unknown"]);
}

#[test]
fn a_second_connect_is_ignored() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/", 1)]);
    pair.log();
    pair.connect(vec![join("/x", 2)]);
    assert!(pair.log().is_empty());
    pair.open();
    assert_eq!(pair.log(), ["engine 1 opened E", "send 40", "ping"]);
    pair.connect(vec![join("/x", 2)]);
    assert!(pair.log().is_empty());
}

#[test]
fn a_failed_connection_can_be_tried_again() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/", 1)]);
    pair.transport_fails();
    pair.log();
    pair.connect(vec![join("/", 2)]);
    pair.open();
    pair.accept("/", "S");
    assert_eq!(
        pair.log(),
        [
            "open ws://localhost:3000/socket.io/",
            "engine 2 opened E",
            "send 40",
            "ping",
            "accepted /#2 S",
            "joined /#2"
        ]
    );
}

#[test]
fn what_comes_while_idle_is_ignored() {
    let mut pair = Pair::new();
    pair.input(Input::Opened(TransportName::WebSocket));
    pair.server_sends(HANDSHAKE);
    pair.server_sends("2");
    pair.server_sends_binary(b"x");
    pair.transport_closes();
    pair.transport_fails();
    pair.input(Input::Timeout);
    assert!(pair.log().is_empty());
    assert_eq!(pair.session.counters(), Default::default());
}

#[test]
fn an_absurd_heartbeat_is_a_far_deadline() {
    let mut pair = Pair::new();
    pair.connect(vec![]);
    pair.input(Input::Opened(TransportName::WebSocket));
    pair.server_sends(r#"0{"sid":"E","pingInterval":1e300,"pingTimeout":1e300}"#);
    let far = |pair: &Pair| {
        pair.deadline.is_some_and(|deadline| deadline > pair.now + Duration::from_secs(2_000_000))
    };
    assert!(far(&pair));
    pair.server_sends("2");
    assert!(far(&pair));
}

#[test]
fn s22_the_game_hears_what_carries_the_connection() {
    let mut pair = Pair::new();
    pair.connect(vec![join("/", 1)]);
    pair.input(Input::Opened(TransportName::Polling));
    pair.server_sends(HANDSHAKE);
    let opened = |output: &Output| {
        matches!(output, Output::Event(Event::EngineOpened { transport: TransportName::Polling, .. }))
    };
    assert!(pair.outputs.iter().any(opened), "{:?}", pair.outputs);
    pair.accept("/", "s");
    pair.log();
    pair.input(Input::Upgraded);
    assert_eq!(pair.log(), ["engine 1 upgraded", "ping"]);
    pair.emit("/", r#"["still there"]"#);
    assert_eq!(pair.log(), [r#"send 42["still there"]"#]);
}

#[test]
fn an_upgrade_of_a_connection_that_is_gone_is_ignored() {
    let mut pair = Pair::new();
    pair.connect(vec![]);
    pair.input(Input::Opened(TransportName::Polling));
    pair.server_sends(HANDSHAKE);
    pair.close();
    pair.log();
    pair.input(Input::Upgraded);
    assert!(pair.log().is_empty());
}
