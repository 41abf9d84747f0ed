//! Connections that end by themselves.

use std::io::Write;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use socketio_protocol::DisconnectReason;
use tungstenite::Message;

use crate::support::{Game, PATIENCE, Server, reset, text_frame, text_of, wait_until};

#[test]
fn frames_that_come_with_the_close_frame_count() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        let mut bytes = Vec::new();
        for number in 0..100 {
            bytes.extend(text_frame(&format!(r#"42["n",{number}]"#)));
        }
        bytes.extend([0x88, 0x02, 0x03, 0xe9]);
        peer.socket.get_mut().write_all(&bytes).unwrap();
        assert!(matches!(peer.receive(), Message::Close(_)), "the close frame was not answered");
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    for number in 0..100 {
        assert_eq!(text_of(&game.expect_received().arguments), number.to_string());
    }
    let (reason, detail) = game.expect_closed();
    assert_eq!(reason, DisconnectReason::TransportClose);
    assert!(detail.contains("1001"), "{detail}");
    server.join();
}

#[test]
fn a_connection_cut_by_the_server_is_a_transport_close() {
    let server = Server::websocket(|mut peer| peer.welcome());
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    assert_eq!(game.expect_closed().0, DisconnectReason::TransportClose);
    server.join();
}

#[test]
fn a_reset_is_a_transport_close() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        reset(peer.socket.into_inner());
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    assert_eq!(game.expect_closed().0, DisconnectReason::TransportClose);
    server.join();
}

#[test]
fn a_websocket_error_is_a_transport_error() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        // A reserved opcode.
        peer.socket.get_mut().write_all(&[0x83, 0x00]).unwrap();
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    let (reason, detail) = game.expect_closed();
    assert_eq!(reason, DisconnectReason::TransportError);
    assert!(!detail.is_empty());
    server.join();
}

#[test]
fn a_message_over_the_limit_is_a_transport_error() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        // The client hangs up before it has taken all of it.
        let _ = peer.socket.send(Message::text(format!(r#"42["{}"]"#, "x".repeat(100_000))));
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.limits.max_payload = 50_000;
    game.connect(&server.url());
    game.expect_joined();
    let (reason, detail) = game.expect_closed();
    assert_eq!(reason, DisconnectReason::TransportError);
    assert!(detail.contains("larger than"), "{detail}");
    server.join();
}

#[test]
fn a_silent_server_is_a_ping_timeout() {
    let server = Server::websocket(|mut peer| {
        peer.welcome_with(r#"0{"sid":"e","pingInterval":100,"pingTimeout":100}"#);
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    let joined = Instant::now();
    assert_eq!(game.expect_closed().0, DisconnectReason::PingTimeout);
    assert!(joined.elapsed() > Duration::from_millis(100));
    server.join();
}

#[test]
fn a_close_frame_is_answered_in_the_place_of_what_is_queued() {
    const EVENTS: usize = 40;
    let (closed, is_closed) = channel();
    let server = Server::websocket(move |mut peer| {
        peer.welcome();
        peer.socket.close(None).unwrap();
        is_closed.recv_timeout(PATIENCE).unwrap();
        let mut events = 0;
        loop {
            match peer.receive() {
                Message::Text(_) => events += 1,
                Message::Close(_) => break,
                other => panic!("not expected: {other:?}"),
            }
        }
        assert!(events < EVENTS, "nothing was queued");
    });
    let mut game = Game::start();
    for _ in 0..EVENTS {
        game.emit(format!(r#"["bulk","{}"]"#, "x".repeat(900_000)));
    }
    game.connect(&server.url());
    game.expect_joined();
    game.expect_closed();
    closed.send(()).unwrap();
    wait_until("the empty queue", || game.client.statistics().outbound.bytes == 0);
    server.join();
}
