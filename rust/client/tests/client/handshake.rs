//! From the TCP connection to the open engine.

use std::io::Write;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use socketio_client::TransportOptions;
use socketio_protocol::ConnectErrorCode;

use crate::support::{
    Game, JOINED, OPEN, Server, accepting_answer, read_head, read_to_end, text_frame, welcoming_bytes,
};

#[test]
fn the_request_is_what_servers_expect() {
    let server = Server::raw(|mut stream| {
        let request = read_head(&mut stream);
        let port = stream.local_addr().unwrap().port();
        assert!(
            request.starts_with("GET /game/socket.io/?a=b&EIO=4&transport=websocket HTTP/1.1\r\n"),
            "{request}"
        );
        let lines: Vec<_> = request.lines().collect();
        for line in [
            format!("Host: 127.0.0.1:{port}").as_str(),
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Authorization: Basic bWU6c2VjcmV0",
            "X-Version: 1.2",
            "User-Agent: mine",
        ] {
            assert_eq!(lines.iter().filter(|other| **other == line).count(), 1, "{line:?} in {request}");
        }
        let agents = lines.iter().filter(|line| line.starts_with("User-Agent:")).count();
        assert_eq!(agents, 1, "the game's own user agent did not replace the client's: {request}");
    });
    let mut game = Game::start();
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = vec![header("X-Version", "1.2"), header("User-Agent", "mine")];
    let url = format!("ws://me:secret@127.0.0.1:{}/game?a=b", server.port);
    game.connect_with(&url, TransportOptions { headers, ..TransportOptions::default() });
    game.expect_failed();
    server.join();
}

#[test]
fn a_proxys_connection_header_is_accepted() {
    let server = Server::raw(|mut stream| {
        let request = read_head(&mut stream);
        stream.write_all(accepting_answer(&request, "keep-alive, Upgrade").as_bytes()).unwrap();
        stream.write_all(&text_frame(JOINED)).unwrap();
        read_to_end(&mut stream);
    });
    let mut game = Game::start();
    game.connect(&server.url());
    // The answer was taken, and what followed is not an Engine.IO handshake.
    assert!(game.expect_failed().http_status.is_none());
    drop(game);
    server.join();
}

#[test]
fn frames_in_the_segment_of_the_handshake_are_not_lost() {
    let server = Server::raw(|mut stream| {
        let mut bytes = welcoming_bytes(&mut stream, OPEN);
        bytes.extend(text_frame(r#"42["early"]"#));
        stream.write_all(&bytes).unwrap();
        read_to_end(&mut stream);
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    assert_eq!(game.expect_received().name, "early");
    drop(game);
    server.join();
}

#[test]
fn an_interim_answer_may_come_first() {
    let server = Server::raw(|mut stream| {
        let mut bytes = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".to_vec();
        bytes.extend(welcoming_bytes(&mut stream, OPEN));
        stream.write_all(&bytes).unwrap();
        read_to_end(&mut stream);
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    drop(game);
    server.join();
}

#[test]
fn bytes_may_come_one_at_a_time() {
    let server = Server::raw(|mut stream| {
        let mut bytes = welcoming_bytes(&mut stream, OPEN);
        bytes.extend(text_frame(r#"42["slow"]"#));
        for byte in bytes {
            stream.write_all(&[byte]).unwrap();
            thread::sleep(Duration::from_micros(200));
        }
        read_to_end(&mut stream);
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    assert_eq!(game.expect_received().name, "slow");
    drop(game);
    server.join();
}

#[test]
fn localhost_works_where_only_ipv4_listens() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&format!("ws://localhost:{}", server.port));
    game.expect_joined();
    game.close();
    server.join();
}

#[test]
fn a_server_that_never_answers_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut game = Game::start();
    game.timeout = Duration::from_millis(200);
    game.connect(&format!("ws://{}", listener.local_addr().unwrap()));
    let error = game.expect_failed();
    assert_eq!(error.code, ConnectErrorCode::Timeout);
    assert!(error.message.contains("not the WebSocket handshake"), "{}", error.message);
    game.connect(&format!("wss://{}", listener.local_addr().unwrap()));
    let error = game.expect_failed();
    assert_eq!(error.code, ConnectErrorCode::Timeout);
    assert!(error.message.contains("not the TLS handshake"), "{}", error.message);
    // And the client can be used again.
    game.timeout = Duration::from_secs(20);
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        peer.read_to_end();
    });
    game.connect(&server.url());
    game.expect_joined();
    drop(game);
    server.join();
}
