//! Long-polling where no WebSocket gets through, and going back to what works.

use std::time::Duration;

use socketio_client::Event;
use socketio_protocol::{ConnectErrorCode, TransportName};

use crate::support::http::{Http, joined_by};
use crate::support::{Game, JOINED, OPEN};

#[test]
fn reconnecting_begins_with_what_worked_the_last_time() {
    let mut http = Http::start();
    let (game, get) = joined_by(Game::reconnecting(), &mut http, OPEN);
    get.answer("1");
    game.expect_closed();
    game.expect_attempt(1);
    let get = http.get();
    assert_eq!(get.target(), "/socket.io/?EIO=4&transport=polling");
    // A server that has WebSocket again, and nothing else.
    get.answer_with("400 Bad Request", "", r#"{"code":0,"message":"Transport unknown"}"#);
    assert_eq!(game.expect_failed().http_status, Some(400));
    game.expect_attempt(2);
    let mut peer = http.websocket().open();
    peer.welcome();
    game.expect_joined_at(2);
}

#[test]
fn a_websocket_that_is_swallowed_twice_is_followed_by_polling() {
    for opens in [false, true] {
        let mut http = Http::start();
        let mut game = Game::reconnecting();
        game.timeout = Duration::from_millis(300);
        game.connect(&http.url());
        let mut swallowed = Vec::new();
        for attempt in 1..=2 {
            let request = http.websocket();
            swallowed.push(if opens { Ok(request.open()) } else { Err(request) });
            assert_eq!(game.expect_failed().code, ConnectErrorCode::Timeout);
            game.expect_attempt(attempt);
        }
        http.get().answer(OPEN);
        http.expect_post("40");
        http.get().answer(JOINED);
        game.expect_joined_at(2);
    }
}

#[test]
fn a_silent_server_is_asked_for_a_websocket_again() {
    let mut http = Http::start();
    let mut game = Game::reconnecting();
    game.timeout = Duration::from_millis(200);
    game.connect(&http.url());
    let mut unanswered = Vec::new();
    for attempt in 1..=4 {
        unanswered.push(if attempt <= 2 { http.websocket() } else { http.get() });
        assert_eq!(game.expect_failed().code, ConnectErrorCode::Timeout);
        game.expect_attempt(attempt);
    }
    http.websocket().open().welcome();
    game.expect_joined_at(4);
}

#[test]
fn what_says_no_for_another_reason_is_not_asked_again() {
    for (status, body) in [
        ("400 Bad Request", "Unsupported protocol version"),
        ("400 Bad Request", "no more players today"),
        ("400 Bad Request", r#"{"code":4,"message":"Forbidden"}"#),
        ("401 Unauthorized", ""),
        ("403 Forbidden", "Forbidden"),
        ("404 Not Found", ""),
        ("429 Too Many Requests", ""),
        ("302 Found", ""),
        ("500 Internal Server Error", ""),
        ("503 Service Unavailable", ""),
    ] {
        let mut http = Http::start();
        let mut game = Game::start();
        game.connect(&http.url());
        http.websocket().answer_with(status, "", body);
        let error = game.expect_failed();
        assert!(error.http_status.is_some(), "{status} {body}");
        http.expect_silence();
    }
}

#[test]
fn what_knows_no_websocket_is_polled() {
    for (status, body) in [
        ("400 Bad Request", "Transport unknown"),
        ("400 Bad Request", r#"{"code":0,"message":"Transport unknown"}"#),
        ("400 Bad Request", r#"{"code":3,"message":"Bad request"}"#),
        ("400 Bad Request", "\"Invalid transport\""),
        ("403 Forbidden", "<html><title>Blocked</title></html>"),
        ("405 Method Not Allowed", ""),
        ("426 Upgrade Required", ""),
        ("200 OK", "<html></html>"),
        ("501 Not Implemented", ""),
        ("101 Switching Protocols", ""),
    ] {
        let mut http = Http::start();
        let mut game = Game::start();
        game.connect(&http.url());
        http.websocket().answer_with(status, "", body);
        http.get().answer(OPEN);
        assert!(
            matches!(game.next(), Event::EngineOpened { transport: TransportName::Polling, .. }),
            "{status}"
        );
    }
}

#[test]
fn where_nothing_works_the_error_is_the_websockets() {
    for (status, body) in [("404 Not Found", ""), ("200 OK", "<html>hello</html>"), ("200 OK", "")] {
        let mut http = Http::start();
        let mut game = Game::start();
        game.connect(&http.url());
        http.websocket().answer_with("426 Upgrade Required", "", "");
        http.get().answer_with(status, "", body);
        let error = game.expect_failed();
        assert_eq!(
            (error.code, error.http_status),
            (ConnectErrorCode::HttpStatus, Some(426)),
            "{status} {body}"
        );
    }
}

#[test]
fn a_socket_io_server_that_refuses_polling_says_why() {
    let mut http = Http::start();
    let mut game = Game::start();
    game.connect(&http.url());
    http.refuse_websocket();
    http.get().answer_with("403 Forbidden", "", r#"{"code":4,"message":"Forbidden"}"#);
    let error = game.expect_failed();
    assert_eq!(error.http_status, Some(403));
    assert!(error.message.contains("Forbidden"), "{}", error.message);
}

#[test]
fn polling_that_gets_no_answer_does_not_hold_the_error_back_for_long() {
    let mut http = Http::start();
    let mut game = Game::start();
    game.connect(&http.url());
    http.refuse_websocket();
    let _unanswered = http.get();
    assert_eq!(game.expect_failed().http_status, Some(400));
}
