//! Volatile events: sent now, or not at all (S14).

use std::sync::mpsc::channel;

use socketio_client::{Command, Event};
use socketio_protocol::{AckRequest, AckToken, Delivery, Emit, NoAnswer};
use tungstenite::Message;

use crate::support::{Game, PATIENCE, Server, event, wait_until};

fn volatile(json: &str) -> Command {
    Command::Emit(Emit { delivery: Delivery::Volatile, ..event(json) })
}

#[test]
fn they_are_sent_when_the_socket_takes_them() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        for number in 0..100 {
            peer.expect(&format!(r#"42["n",{number}]"#));
        }
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    // Also many of one frame.
    for number in 0..100 {
        game.send(volatile(&format!(r#"["n",{number}]"#)));
    }
    game.close();
    server.join();
}

#[test]
fn they_are_dropped_when_the_server_does_not_read() {
    let (read, may_read) = channel();
    let server = Server::websocket(move |mut peer| {
        peer.welcome();
        may_read.recv_timeout(PATIENCE).unwrap();
        for _ in 0..32 {
            match peer.receive() {
                Message::Text(text) => assert!(text.starts_with(r#"42["bulk""#), "{text}"),
                other => panic!("not expected: {other:?}"),
            }
        }
        peer.expect(r#"42["late"]"#);
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    for _ in 0..32 {
        game.emit(format!(r#"["bulk","{}"]"#, "x".repeat(1 << 20)));
    }
    game.wait_until_full();
    let ack = Some(AckRequest { token: AckToken(1), timeout: None });
    game.send(Command::Emit(Emit { ack, delivery: Delivery::Volatile, ..event(r#"["dropped"]"#) }));
    assert_eq!(game.next(), Event::Ack { token: AckToken(1), answer: Err(NoAnswer::NotSent) });
    game.send(volatile(r#"["dropped"]"#));
    read.send(()).unwrap();
    wait_until("the empty queue", || game.client.statistics().outbound.bytes == 0);
    game.send(volatile(r#"["late"]"#));
    game.close();
    server.join();
}

#[test]
fn they_are_dropped_while_there_is_no_connection() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        peer.expect(r#"42["kept"]"#);
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.send(volatile(r#"["dropped"]"#));
    game.connect(&server.url());
    game.send(volatile(r#"["dropped"]"#));
    game.emit(r#"["kept"]"#);
    game.expect_joined();
    game.close();
    server.join();
}
