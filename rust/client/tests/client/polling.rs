//! HTTP long-polling (S21).

use std::thread;
use std::time::Duration;

use bytes::Bytes;
use socketio_client::{Command, Event, Limits, TransportOptions};
use socketio_protocol::{
    AckRequest, AckToken, Delivery, DisconnectReason, Emit, NoAnswer, Payload, TransportName,
};

use crate::support::http::{Http, OPEN_WITH_UPGRADE, joined, joined_by};
use crate::support::{Game, HOUR, JOINED, OPEN, event, wait_until};

#[test]
fn s21_without_websocket_the_client_polls() {
    let mut http = Http::start();
    let mut game = Game::start();
    game.connect(&format!("{}/?a=b", http.url()));
    http.refuse_websocket();
    let get = http.get();
    assert_eq!(get.target(), "/socket.io/?a=b&EIO=4&transport=polling");
    get.answer(OPEN);
    let (post, body) = http.post();
    assert_eq!(body, "40");
    assert_eq!(post.target(), "/socket.io/?a=b&EIO=4&transport=polling&sid=engine");
    assert_eq!(post.header("Content-Type"), Some("text/plain;charset=UTF-8"));
    let get = http.get();
    assert_eq!(get.target(), post.target());
    post.answer("ok");
    get.answer(format!(
        "{JOINED}\x1e42[\"first\"]\x1e451-[\"b\",{{\"_placeholder\":true,\"num\":0}}]\x1ebAQID"
    ));
    match game.next() {
        Event::EngineOpened { transport, session_id, .. } => {
            assert_eq!((transport, session_id.as_str()), (TransportName::Polling, "engine"));
        }
        other => panic!("not opened: {other:?}"),
    }
    assert!(matches!(game.next(), Event::NamespaceAccepted { .. }));
    assert!(matches!(game.next(), Event::NamespaceJoined { .. }));
    assert_eq!(game.expect_received().name, "first");
    assert_eq!(game.expect_received().arguments.attachment(0), Bytes::from_static(&[1, 2, 3]));
    http.get().answer("2");
    http.expect_post("3");
}

#[test]
fn s21_one_get_and_one_post_are_under_way_at_most() {
    let mut http = Http::start();
    let (game, get) = joined(&mut http, OPEN);
    game.emit(r#"["a"]"#);
    let (post, body) = http.post();
    assert_eq!(body, r#"42["a"]"#);
    game.emit(r#"["b"]"#);
    let attachments = vec![Bytes::from_static(&[255])];
    let json = r#"["c",{"_placeholder":true,"num":0}]"#.to_owned();
    game.send(Command::Emit(Emit { payload: Payload { json, attachments }, ..event("") }));
    http.expect_silence();
    post.answer("ok");
    http.expect_post("42[\"b\"]\x1e451-[\"c\",{\"_placeholder\":true,\"num\":0}]\x1eb/w==");
    get.answer("42[\"d\"]");
    assert_eq!(game.expect_received().name, "d");
    let _get = http.get();
    http.expect_silence();
}

#[test]
fn s21_a_post_stays_within_what_the_server_takes() {
    let mut http = Http::start();
    let (game, _get) = joined(&mut http, &OPEN.replace("100000000", "60"));
    game.emit(r#"["a"]"#);
    let (post, _) = http.post();
    let name = "x".repeat(22);
    for _ in 0..3 {
        game.emit(format!(r#"["{name}"]"#));
    }
    post.answer("ok");
    http.expect_post(&format!("42[\"{name}\"]\x1e42[\"{name}\"]"));
    http.expect_post(&format!("42[\"{name}\"]"));
}

#[test]
fn events_of_a_body_do_not_wait_for_its_end() {
    let mut http = Http::start();
    let (game, get) = joined(&mut http, OPEN);
    let mut body = get.answer_in_chunks();
    body.send("42[\"a\"]\x1e42[\"");
    assert_eq!(game.expect_received().name, "a");
    game.expect_silence();
    body.send("b\"]");
    game.expect_silence();
    body.end();
    assert_eq!(game.expect_received().name, "b");
    http.get();
}

#[test]
fn a_connection_serves_one_request_after_another() {
    let mut http = Http::start();
    let (game, get) = joined(&mut http, OPEN);
    let receiving = get.connection;
    get.answer("6");
    let get = http.get();
    assert_eq!(get.connection, receiving);
    game.emit(r#"["a"]"#);
    let (post, _) = http.post();
    let sending = post.connection;
    post.answer("ok");
    game.emit(r#"["b"]"#);
    let (post, _) = http.post();
    assert_eq!(post.connection, sending);
    // The server may close it at any time.
    post.answer_with("200 OK", "Connection: close\r\n", "ok");
    game.emit(r#"["c"]"#);
    let (post, body) = http.post();
    assert_eq!(body, r#"42["c"]"#);
    assert!(post.connection > sending);
    assert_eq!(game.try_next(), None);
}

#[test]
fn a_request_that_broke_off_is_not_made_again() {
    // The server may have done what was asked: events would come twice.
    let mut http = Http::start();
    let (game, _get) = joined(&mut http, OPEN);
    game.emit(r#"["a"]"#);
    http.post().0.answer("ok");
    game.emit(r#"["b"]"#);
    http.post().0.close_with("");
    assert_eq!(game.expect_closed().0, DisconnectReason::TransportError);

    // And its answer may have held events.
    let mut http = Http::start();
    let (game, get) = joined(&mut http, OPEN);
    get.answer("6");
    http.get().close_with("");
    assert_eq!(game.expect_closed().0, DisconnectReason::TransportError);
}

#[test]
fn a_pong_passes_what_waits() {
    let mut http = Http::start();
    let (game, get) = joined(&mut http, &OPEN.replace("100000000", "60"));
    game.emit(r#"["a"]"#);
    let (post, _) = http.post();
    for _ in 0..3 {
        game.emit(format!(r#"["{}"]"#, "x".repeat(22)));
    }
    get.answer("2");
    let _get = http.get();
    post.answer("ok");
    let (_post, body) = http.post();
    assert!(body.starts_with("3\x1e42"), "{body}");
}

#[test]
fn a_server_that_may_drop_packets_gets_few_at_once() {
    for (answer, packets) in [("OK", 16), ("ok", 40)] {
        let mut http = Http::start();
        let mut game = Game::start();
        game.connect(&http.url());
        http.welcome(OPEN);
        let (post, _) = http.post();
        post.answer(answer);
        http.get().answer(JOINED);
        game.expect_joined();
        let _get = http.get();
        game.emit(r#"["first"]"#);
        let (post, _) = http.post();
        for _ in 0..40 {
            game.emit(r#"["more"]"#);
        }
        thread::sleep(Duration::from_millis(50));
        post.answer(answer);
        let (_post, body) = http.post();
        assert_eq!(body.split('\x1e').count(), packets, "{answer}");
    }
}

#[test]
fn what_came_before_a_failed_post_still_counts() {
    let mut http = Http::start();
    let (game, get) = joined(&mut http, OPEN);
    game.emit(r#"["a"]"#);
    let (post, _) = http.post();
    let events: Vec<_> = (0..3000).map(|number| format!("42[\"e\",{number}]")).collect();
    get.answer(format!("{}\x1e41", events.join("\x1e")));
    post.answer_with("400 Bad Request", "", "");
    for _ in 0..3000 {
        game.expect_received();
    }
    assert_eq!(game.expect_closed().0, DisconnectReason::IoServerDisconnect);
}

#[test]
fn an_empty_answer_is_a_transport_error() {
    let mut http = Http::start();
    let (game, get) = joined(&mut http, OPEN);
    get.answer("");
    assert_eq!(game.expect_closed().0, DisconnectReason::TransportError);
}

#[test]
fn an_answer_without_end_is_a_transport_error() {
    let mut http = Http::start();
    let (game, _get) = joined(&mut http, OPEN);
    game.emit(r#"["a"]"#);
    let mut body = http.post().0.answer_in_chunks();
    body.send(&"x".repeat(70_000));
    assert_eq!(game.expect_closed().0, DisconnectReason::TransportError);
}

#[test]
fn each_post_measures_the_round_trip() {
    let mut http = Http::start();
    let (game, _get) = joined(&mut http, OPEN);
    game.emit(r#"["a"]"#);
    let (post, _) = http.post();
    thread::sleep(Duration::from_millis(80));
    post.answer("ok");
    wait_until("a round trip", || {
        game.client.latency().is_some_and(|latency| latency >= Duration::from_millis(80))
    });
}

#[test]
fn s14_a_volatile_event_is_dropped_while_a_post_is_under_way() {
    let mut http = Http::start();
    let (game, _get) = joined(&mut http, OPEN);
    game.emit(r#"["a"]"#);
    let (post, _) = http.post();
    let ack = Some(AckRequest { token: AckToken(1), timeout: None });
    game.send(Command::Emit(Emit { ack, delivery: Delivery::Volatile, ..event(r#"["dropped"]"#) }));
    assert_eq!(game.next(), Event::Ack { token: AckToken(1), answer: Err(NoAnswer::NotSent) });
    thread::sleep(Duration::from_millis(80));
    post.answer("ok");
    wait_until("the answer", || game.client.latency().is_some_and(|took| took >= Duration::from_millis(80)));
    game.send(Command::Emit(Emit { delivery: Delivery::Volatile, ..event(r#"["b"]"#) }));
    http.expect_post(r#"42["b"]"#);
}

#[test]
fn a_refused_request_is_a_transport_error_with_the_servers_words() {
    let refusal = r#"{"code":1,"message":"Session ID unknown"}"#;
    let mut http = Http::start();
    let (game, get) = joined(&mut http, OPEN);
    get.answer_with("400 Bad Request", "", refusal);
    let (reason, detail) = game.expect_closed();
    assert_eq!(reason, DisconnectReason::TransportError);
    assert!(detail.contains("HTTP 400") && detail.contains("Session ID unknown"), "{detail}");

    let mut http = Http::start();
    let (game, _get) = joined(&mut http, OPEN);
    game.emit(r#"["a"]"#);
    http.post().0.answer_with("413 Payload Too Large", "", "");
    let (reason, detail) = game.expect_closed();
    assert_eq!(reason, DisconnectReason::TransportError);
    assert!(detail.contains("HTTP 413"), "{detail}");
}

#[test]
fn a_body_that_is_no_packet_is_a_transport_error() {
    for body in [&b"42[\"a\"]\x1eb***"[..], b"\xff\xfe"] {
        let mut http = Http::start();
        let (game, get) = joined(&mut http, OPEN);
        get.answer(body);
        if body.starts_with(b"42") {
            assert_eq!(game.expect_received().name, "a");
        }
        assert_eq!(game.expect_closed().0, DisconnectReason::TransportError, "{body:?}");
    }
}

#[test]
fn a_message_larger_than_allowed_is_refused_before_it_is_whole() {
    let mut http = Http::start();
    let mut game = Game::start();
    game.limits = Limits { max_payload: 1000, ..Limits::default() };
    let (game, get) = joined_by(game, &mut http, OPEN);
    let mut body = get.answer_in_chunks();
    body.send(&format!("42[\"{}", "x".repeat(20_000)));
    let (reason, detail) = game.expect_closed();
    assert_eq!(reason, DisconnectReason::TransportError);
    assert!(detail.contains("max_payload_size"), "{detail}");
}

#[test]
fn s23_closing_sends_everything_and_ends_the_session() {
    let mut http = Http::start();
    let (game, _get) = joined(&mut http, OPEN);
    game.emit(r#"["last words"]"#);
    game.close();
    let (post, body) = http.post();
    assert_eq!(body, r#"42["last words"]"#);
    // The server would drop what it reads together with the DISCONNECT.
    http.expect_silence();
    post.answer("ok");
    http.expect_post("41");
    http.expect_post("1");
    http.expect_silence();
}

#[test]
fn pausing_ends_the_session_without_a_disconnect() {
    let mut http = Http::start();
    let (game, _get) = joined_by(Game::reconnecting_after(HOUR), &mut http, OPEN);
    game.send(Command::Pause);
    http.expect_post("1");
}

#[test]
fn a_server_that_ends_the_session_is_a_transport_close() {
    let mut http = Http::start();
    let (game, get) = joined(&mut http, OPEN);
    get.answer("1");
    assert_eq!(game.expect_closed().0, DisconnectReason::TransportClose);
}

#[test]
fn a_server_that_is_gone_is_a_transport_error() {
    let mut http = Http::start();
    let (game, get) = joined(&mut http, OPEN);
    get.close_with("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n42[");
    let (reason, detail) = game.expect_closed();
    assert_eq!(reason, DisconnectReason::TransportError);
    assert!(detail.contains("closed"), "{detail}");
}

#[test]
fn cookies_lead_each_request_to_the_same_server() {
    let mut http = Http::start();
    let mut game = Game::start();
    let headers = vec![("Cookie".to_owned(), "own=1".to_owned())];
    game.connect_with(&http.url(), TransportOptions { headers, ..TransportOptions::default() });
    http.refuse_websocket();
    let get = http.get();
    assert_eq!(get.header("Cookie"), Some("own=1"));
    get.answer_with("200 OK", "Set-Cookie: route=b; Path=/; HttpOnly\r\n", OPEN_WITH_UPGRADE);
    for request in [http.get(), http.post().0, http.websocket()] {
        assert_eq!(request.header("Cookie"), Some("own=1; route=b"), "{}", request.head);
    }
}
