//! Every way in which connecting can fail says what to do.

use std::time::Duration;

use socketio_client::TransportOptions;
use socketio_protocol::{ConnectError, ConnectErrorCode};

use crate::support::{Game, Server, closed_port, read_head};

/// Connects to a server that answers any request so.
fn answered(answer: &str) -> (ConnectError, u16) {
    let server = Server::answering(answer);
    let port = server.port;
    let mut game = Game::start();
    game.connect(&server.url());
    let error = game.expect_failed();
    server.join();
    (error, port)
}

#[track_caller]
fn assert_error(error: &ConnectError, code: ConnectErrorCode, parts: &[&str]) {
    assert_eq!(error.code, code, "{error}");
    for part in parts {
        assert!(error.message.contains(part), "no {part:?} in {:?}", error.message);
    }
}

#[test]
fn a_closed_port() {
    let port = closed_port();
    let mut game = Game::start();
    game.connect(&format!("ws://127.0.0.1:{port}"));
    let address = format!("127.0.0.1:{port}");
    assert_error(&game.expect_failed(), ConnectErrorCode::Refused, &[&address, "is the server running"]);
}

#[test]
fn a_closed_port_of_a_name_with_several_addresses() {
    let port = closed_port();
    let mut game = Game::start();
    game.connect(&format!("ws://localhost:{port}"));
    assert_error(&game.expect_failed(), ConnectErrorCode::Refused, &[&format!("localhost:{port}")]);
}

#[test]
fn an_address_without_a_way_to_it() {
    let mut game = Game::start();
    // No TCP connection can lead to a multicast address.
    game.connect("ws://224.0.0.1:3000");
    let parts = ["224.0.0.1:3000", "check the address and the network"];
    assert_error(&game.expect_failed(), ConnectErrorCode::Unreachable, &parts);
}

#[test]
fn an_unknown_name() {
    let mut game = Game::start();
    game.connect("ws://nonexistent.invalid");
    assert_error(&game.expect_failed(), ConnectErrorCode::Dns, &["nonexistent.invalid:80", "spelling"]);
}

#[test]
fn status_404() {
    let (error, port) = answered("HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nNo route\n");
    let address = format!("127.0.0.1:{port}");
    let parts = [&address, "HTTP 404 Not Found", "\"No route\"", "nothing is at /socket.io/: check the path"];
    assert_error(&error, ConnectErrorCode::HttpStatus, &parts);
    assert_eq!(error.http_status, Some(404));
    assert_eq!(error.retry_after, None);
}

#[test]
fn status_400_with_the_servers_reason() {
    let (error, _) =
        answered("HTTP/1.1 400 Bad Request\r\nContent-type: text/html\r\n\r\nTransport\r\nunknown");
    assert_error(&error, ConnectErrorCode::HttpStatus, &["HTTP 400 Bad Request: \"Transport unknown\""]);
    assert_eq!(error.http_status, Some(400));
}

#[test]
fn status_503_with_the_time_to_wait() {
    let (error, _) = answered(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nTransfer-Encoding: chunked\r\n\r\n\
         4\r\nbusy\r\n0\r\n\r\n",
    );
    assert_error(&error, ConnectErrorCode::HttpStatus, &["503", "\"busy\"", "try again later"]);
    assert_eq!(error.retry_after, Some(Duration::from_secs(7)));
}

#[test]
fn a_refusal_whose_body_never_ends_is_reported_nevertheless() {
    let server = Server::raw(|mut stream| {
        use std::io::{Read, Write};
        read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nForbidden").unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
    });
    let mut game = Game::start();
    game.connect(&server.url());
    assert_error(
        &game.expect_failed(),
        ConnectErrorCode::HttpStatus,
        &["403", "\"Forbidden\"", "credentials"],
    );
    server.join();
}

#[test]
fn a_server_of_another_version() {
    for body in ["Unsupported protocol version", r#"{"code":5,"message":"Unsupported protocol version"}"#] {
        let (error, _) = answered(&format!("HTTP/1.1 400 Bad Request\r\n\r\n{body}"));
        assert_error(
            &error,
            ConnectErrorCode::UnsupportedVersion,
            &["another version", "Socket.IO 3 or later"],
        );
        assert_eq!(error.http_status, Some(400));
    }
}

#[test]
fn a_redirect() {
    let (error, _) = answered(
        "HTTP/1.1 301 Moved Permanently\r\nLocation: https://example.com/socket.io/\r\nContent-Length: 0\r\n\r\n",
    );
    assert_error(&error, ConnectErrorCode::HttpStatus, &["301", "connect to https://example.com/socket.io/"]);
}

#[test]
fn a_web_page() {
    let (error, _) = answered("HTTP/1.1 200 OK\r\n\r\n<!doctype html><title>My Game</title><p>Hello");
    assert_error(&error, ConnectErrorCode::HttpStatus, &["HTTP 200 OK: \"My Game\"", "not a WebSocket"]);
}

#[test]
fn something_that_is_not_a_web_server() {
    let (error, _) = answered("SSH-2.0-OpenSSH_9.2\r\n");
    assert_error(
        &error,
        ConnectErrorCode::NotSocketIo,
        &["SSH-2.0-OpenSSH_9.2", "check the host and the port"],
    );
}

#[test]
fn a_server_that_never_comes_to_the_point() {
    let (error, _) = answered(&"HTTP/1.1 100 Continue\r\n\r\n".repeat(1_000));
    assert_error(&error, ConnectErrorCode::NotSocketIo, &["endless headers"]);
}

#[test]
fn a_server_that_says_nothing() {
    let (error, _) = answered("");
    assert_error(
        &error,
        ConnectErrorCode::NotSocketIo,
        &["closed the connection without an answer", "https://"],
    );
}

#[test]
fn a_wrong_accept_key() {
    let (error, _) = answered(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    );
    assert_error(&error, ConnectErrorCode::NotSocketIo, &["Sec-WebSocket-Accept"]);
}

#[test]
fn tls_to_a_port_without_it() {
    let server = Server::raw(|mut stream| {
        use std::io::{Read, Write};
        // What Node.js answers to bytes that are no request.
        let mut hello = [0; 1024];
        assert!(stream.read(&mut hello).unwrap() > 0);
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").unwrap();
    });
    let mut game = Game::start();
    game.connect(&format!("wss://127.0.0.1:{}", server.port));
    assert_error(&game.expect_failed(), ConnectErrorCode::Tls, &["does not speak TLS: use http://"]);
    server.join();
}

#[test]
fn no_tls_to_a_port_with_it() {
    // An alert, as TLS servers answer bytes that are no handshake; and nginx, which knows the case.
    let server = Server::answering([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]);
    let mut game = Game::start();
    game.connect(&server.url());
    assert_error(&game.expect_failed(), ConnectErrorCode::Tls, &["speaks TLS: use https://"]);
    server.join();

    let (error, _) = answered(
        "HTTP/1.1 400 Bad Request\r\n\r\n<html><head><title>400 The plain HTTP request was sent to HTTPS port\
         </title></head></html>",
    );
    assert_error(&error, ConnectErrorCode::Tls, &["write https://"]);
    assert_eq!(error.http_status, Some(400));
}

#[test]
fn a_header_that_cannot_be_sent() {
    let mut game = Game::start();
    let headers = vec![("X-Token".to_owned(), "a\r\nX-Admin: 1".to_owned())];
    game.connect_with("ws://127.0.0.1:1", TransportOptions { headers, ..TransportOptions::default() });
    assert_error(&game.expect_failed(), ConnectErrorCode::Unknown, &["X-Token", "line break"]);
}
