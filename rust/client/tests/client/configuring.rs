//! Settings that change between two attempts.

use std::thread;
use std::time::Duration;

use socketio_client::{Command, Event, TransportOptions};
use socketio_protocol::Reconnection;

use crate::support::{Game, HOUR, Peer, Server, accept, expect_no_connection, read_head};

fn with_header(value: &str) -> TransportOptions {
    TransportOptions {
        headers: vec![("X-Token".to_owned(), value.to_owned())],
        ..TransportOptions::default()
    }
}

#[test]
fn the_next_attempt_has_the_new_path_query_and_headers() {
    let server = Server::start(|listener| {
        let mut first = accept(&listener);
        let request = read_head(&mut first);
        assert!(request.starts_with("GET /old/socket.io/?EIO=4&transport=websocket "), "{request}");
        assert!(request.contains("\r\nX-Token: old\r\n"), "{request}");
        drop(first);
        let mut second = accept(&listener);
        let request = read_head(&mut second);
        assert!(request.starts_with("GET /new/socket.io/?a=b&EIO=4&transport=websocket "), "{request}");
        assert!(request.contains("\r\nX-Token: new\r\n"), "{request}");
    });
    let mut game = Game::reconnecting_after(HOUR);
    let url = server.url();
    game.connect_with(&format!("{url}/old"), with_header("old"));
    game.expect_failed();
    game.configure(&format!("{url}/new?a=b"), with_header("new"));
    game.send(Command::ReconnectNow);
    game.expect_attempt(1);
    game.expect_failed();
    server.join();
}

#[test]
fn an_open_connection_keeps_its_settings() {
    let server = Server::start(|listener| {
        let mut first = Peer::accept(accept(&listener));
        first.welcome();
        first.expect(r#"42["changed"]"#);
        expect_no_connection(&listener);
        drop(first);
        let mut second = accept(&listener);
        assert!(read_head(&mut second).contains("\r\nX-Token: new\r\n"));
    });
    let mut game = Game::reconnecting();
    game.connect_with(&server.url(), with_header("old"));
    game.expect_joined();
    game.configure(&server.url(), with_header("new"));
    game.emit(r#"["changed"]"#);
    game.expect_closed();
    game.expect_attempt(1);
    game.expect_failed();
    server.join();
}

#[test]
fn a_header_that_cannot_be_sent_fails_one_attempt_only() {
    let server = Server::start(|listener| {
        drop(accept(&listener));
        let mut peer = Peer::accept(accept(&listener));
        peer.welcome();
        peer.read_to_end();
    });
    let mut game = Game::reconnecting_after(HOUR);
    game.connect(&server.url());
    game.expect_failed();
    game.configure(&server.url(), with_header("a\r\nX-Admin: 1"));
    game.send(Command::ReconnectNow);
    game.expect_attempt(1);
    assert!(game.expect_failed().message.contains("X-Token"));
    game.configure(&server.url(), with_header("a"));
    game.send(Command::ReconnectNow);
    game.expect_attempt(1);
    game.expect_joined_at(1);
    game.close();
    server.join();
}

#[test]
fn switching_reconnection_off_ends_the_wait() {
    let server = Server::start(|listener| {
        drop(accept(&listener));
        thread::sleep(Duration::from_millis(150));
        expect_no_connection(&listener);
    });
    let mut game = Game::reconnecting_after(HOUR);
    let connection = game.connect(&server.url());
    game.expect_failed();
    game.reconnection = Reconnection { enabled: false, ..game.reconnection };
    game.configure(&server.url(), TransportOptions::default());
    assert_eq!(game.next(), Event::ReconnectEnded { connection });
    game.expect_silence();
    server.join();
}
