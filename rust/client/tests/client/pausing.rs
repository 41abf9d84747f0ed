//! A game that goes to the background and comes back.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use socketio_client::Command;
use socketio_protocol::DisconnectReason;
use tungstenite::Message;

use crate::support::{Game, HOUR, PATIENCE, Peer, Server, accept, expect_no_connection, wait_until};

#[test]
fn pausing_closes_without_a_disconnect_and_resuming_connects_at_once() {
    let server = Server::start(|listener| {
        let mut first = Peer::accept(accept(&listener));
        first.welcome();
        first.expect(r#"42["before"]"#);
        first.expect_close();
        expect_no_connection(&listener);
        let mut second = Peer::accept(accept(&listener));
        second.welcome();
        second.expect(r#"42["meanwhile"]"#);
        second.read_to_end();
    });
    let mut game = Game::reconnecting_after(HOUR);
    game.connect(&server.url());
    game.expect_joined();
    game.emit(r#"["before"]"#);
    game.send(Command::Pause);
    assert_eq!(game.expect_closed().0, DisconnectReason::TransportClose);
    assert_eq!(game.client.latency(), None);
    game.emit(r#"["meanwhile"]"#);
    game.expect_silence();
    assert_eq!(game.client.statistics().outbound.items, 1);
    game.send(Command::Resume);
    game.expect_attempt(1);
    game.expect_joined_at(1);
    game.close();
    server.join();
}

#[test]
fn resuming_on_the_line_after_pausing_lets_the_old_connection_end_first() {
    const EVENTS: usize = 200;
    let server = Server::start(|listener| {
        let mut first = Peer::accept(accept(&listener));
        first.welcome();
        for _ in 0..EVENTS / 2 {
            assert!(matches!(first.receive(), Message::Text(_)));
        }
        // More than the sockets' buffers hold waits yet.
        expect_no_connection(&listener);
        for _ in EVENTS / 2..EVENTS {
            assert!(matches!(first.receive(), Message::Text(_)));
        }
        first.expect_close();
        let mut second = Peer::accept(accept(&listener));
        second.welcome();
        second.read_to_end();
    });
    let mut game = Game::reconnecting();
    game.connect(&server.url());
    game.expect_joined();
    for _ in 0..EVENTS {
        game.emit(format!(r#"["bulk","{}"]"#, "x".repeat(200_000)));
    }
    game.send(Command::Pause);
    game.send(Command::Resume);
    game.expect_closed();
    game.expect_attempt(1);
    game.expect_joined_at(1);
    wait_until("the empty queue", || game.client.statistics().outbound.bytes == 0);
    game.close();
    server.join();
}

#[test]
fn a_connection_of_which_the_server_takes_nothing_is_dropped_by_a_pause() {
    let (paused, is_paused) = channel::<()>();
    let server = Server::start(move |listener| {
        let mut first = Peer::accept(accept(&listener));
        first.welcome();
        is_paused.recv_timeout(PATIENCE).unwrap();
        let mut second = Peer::accept(accept(&listener));
        second.welcome();
        let mut taken = 0;
        while first.socket.read().is_ok() {
            taken += 1;
        }
        assert!(taken < 200, "the stalled connection was flushed");
        second.read_to_end();
    });
    let mut game = Game::reconnecting();
    game.connect(&server.url());
    game.expect_joined();
    for _ in 0..200 {
        game.emit(format!(r#"["bulk","{}"]"#, "x".repeat(200_000)));
    }
    thread::sleep(Duration::from_millis(900));
    game.send(Command::Pause);
    game.expect_closed();
    wait_until("the dropped queue", || game.client.statistics().outbound.bytes == 0);
    paused.send(()).unwrap();
    game.send(Command::Resume);
    game.expect_attempt(1);
    game.expect_joined_at(1);
    game.close();
    server.join();
}
