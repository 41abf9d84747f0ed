//! What a request carries stays out of every error, also when the server repeats it.

use std::io::Write;

use socketio_client::TransportOptions;
use socketio_protocol::ConnectErrorCode;

use crate::support::http::Http;
use crate::support::{Game, OPEN, Server, accept, read_head};

/// Part of every secret here.
const HIDDEN: &str = "hidden";

fn options() -> TransportOptions {
    let headers = [
        ("X-Token", "hidden-token"),
        ("Authorization", "Bearer hidden-bearer"),
        ("Cookie", "a=1; session=hidden-cookie"),
    ];
    TransportOptions {
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        ..TransportOptions::default()
    }
}

/// The URL of a server, with secrets in it.
fn secret_url(port: u16) -> String {
    format!("ws://name:hidden-password@127.0.0.1:{port}/game?token=hidden-query&key=hidden%26key")
}

#[track_caller]
fn assert_hidden(text: &str) {
    assert!(!text.contains(HIDDEN), "a secret is in {text:?}");
    // The user info, base64.
    assert!(!text.contains("bmFtZTpoaWRkZW4"), "the password is in {text:?}");
}

/// Connects to a server that answers what `answer` makes of the request.
fn failure_with(answer: impl FnOnce(&str) -> String + Send + 'static, options: TransportOptions) -> String {
    let server = Server::start(move |listener| {
        let mut stream = accept(&listener);
        let request = read_head(&mut stream);
        assert!(request.contains(HIDDEN), "{request}");
        stream.write_all(answer(&request).as_bytes()).unwrap();
    });
    let mut game = Game::start();
    game.connect_with(&secret_url(server.port), options);
    let error = game.expect_failed();
    server.join();
    assert_hidden(&format!("{error:?}"));
    error.message
}

#[test]
fn a_server_that_repeats_the_request() {
    for status in
        ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "500 hidden-token"]
    {
        for type_of in ["text/plain", "text/html"] {
            let message = failure_with(
                move |request| format!("HTTP/1.1 {status}\r\nContent-Type: {type_of}\r\n\r\n{request}"),
                options(),
            );
            assert!(message.contains(&status[..3]), "{message}");
            assert!(message.contains("GET /game/socket.io/?token=***&key=***"), "{message}");
        }
    }
}

#[test]
fn a_server_that_repeats_each_secret_alone() {
    for secret in
        ["hidden-token", "hidden-bearer", "hidden-cookie", "hidden-password", "hidden-query", "hidden&key"]
    {
        let message = failure_with(
            move |_| format!("HTTP/1.1 403 {secret}\r\n\r\nNot let in: {secret}, \"{secret}\""),
            options(),
        );
        assert!(message.contains("HTTP 403 ***: \"Not let in: ***, \"***\"\""), "{message}");
    }
}

#[test]
fn a_web_page_with_the_request_in_its_title() {
    let page = |request: &str| {
        let target = request.split(' ').nth(1).unwrap();
        format!("HTTP/1.1 404 Not Found\r\n\r\n<html><title>No page {target}</title></html>")
    };
    let message = failure_with(page, TransportOptions::default());
    assert!(message.contains("No page /game/socket.io/?token=***"), "{message}");
}

#[test]
fn a_redirect_with_the_query_and_a_new_secret() {
    let redirect = |request: &str| {
        let target = request.split(' ').nth(1).unwrap();
        format!(
            "HTTP/1.1 302 Found\r\nLocation: https://u:hidden-2@example.com{target}&ticket=hidden-3\r\n\r\n"
        )
    };
    let message = failure_with(redirect, options());
    assert!(message.contains("https://***@example.com/game/socket.io/?token=***"), "{message}");
}

#[test]
fn something_that_is_no_web_server_and_echoes() {
    let message = failure_with(str::to_owned, options());
    assert!(message.contains("is not a web server"), "{message}");
}

#[test]
fn a_poll_that_is_answered_with_the_request() {
    let mut http = Http::start();
    let mut game = Game::start();
    game.connect_with(&secret_url(http.port), options());
    http.refuse_websocket();
    let get = http.get();
    let echo = get.head.clone();
    get.answer(echo);
    // Long-polling was a guess, so the error is the WebSocket's.
    let error = game.expect_failed();
    assert_eq!(error.code, ConnectErrorCode::HttpStatus);
    assert_hidden(&format!("{error:?}"));
}

#[test]
fn a_session_by_long_polling_that_is_refused_with_the_request() {
    let mut http = Http::start();
    let mut game = Game::start();
    game.connect_with(&secret_url(http.port), options());
    let get = http.join(OPEN);
    game.expect_joined();
    let echo = get.head.clone();
    get.answer_with("403 Forbidden", "", echo);
    let (_, detail) = game.expect_closed();
    assert!(detail.contains("403 Forbidden"), "{detail}");
    assert_hidden(&detail);
}

#[test]
fn the_reason_of_a_close_frame_with_a_url() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        let reason = "go to wss://u:hidden@h/?ticket=hidden".into();
        let frame = tungstenite::protocol::CloseFrame { code: 1000.into(), reason };
        peer.socket.close(Some(frame)).unwrap();
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    let (_, detail) = game.expect_closed();
    assert!(detail.contains("go to wss://***@h/?ticket=***"), "{detail}");
    server.join();
}

#[test]
fn a_first_message_with_a_url() {
    let server = Server::websocket(|mut peer| {
        peer.send("you came to /?token=hidden");
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    let error = game.expect_failed();
    assert!(error.message.contains("you came to /?token=***"), "{error}");
    server.join();
}

#[test]
fn the_debug_text_of_the_options_has_only_names() {
    let text = format!("{:?}", options());
    assert!(text.contains("X-Token"), "{text}");
    assert_hidden(&text);
}

#[test]
fn a_header_that_cannot_be_sent_does_not_show_its_value() {
    for (name, value) in
        [("X-Token", "hidden\r\nX-Admin: 1"), ("Authorization: Bearer hidden", ""), ("Upgrade", "hidden")]
    {
        let headers = vec![(name.to_owned(), value.to_owned())];
        let mut game = Game::start();
        game.connect_with("ws://127.0.0.1:1", TransportOptions { headers, ..TransportOptions::default() });
        assert_hidden(&game.expect_failed().message);
    }
}
