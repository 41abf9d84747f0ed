//! What is emitted while the transport can take no more.

use std::net::TcpStream;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use socketio_client::{Command, Event};
use socketio_protocol::{AckRequest, AckToken, Delivery, DisconnectReason, Emit, NoAnswer, Payload};
use tungstenite::Message;

use crate::support::{Game, OPEN, PATIENCE, Peer, Server, event, reset, wait_until};

type Socket = Peer<TcpStream>;

/// Far more than what fills a transport and the system's buffers.
const EVENTS: u64 = 50_000;

fn text(number: u64) -> String {
    format!(r#"["n",{number},"{}"]"#, "x".repeat(80))
}

fn expect_events(peer: &mut Socket) {
    for number in 0..EVENTS {
        peer.expect(&format!("42{}", text(number)));
    }
}

/// A game that has emitted more than a server takes which reads nothing until it is told to.
fn fill(body: impl FnOnce(Socket) + Send + 'static) -> (Game, Sender<()>, Server) {
    fill_with(OPEN, body)
}

fn fill_with(open: &'static str, body: impl FnOnce(Socket) + Send + 'static) -> (Game, Sender<()>, Server) {
    let (read, may_read) = channel();
    let server = Server::websocket(move |mut peer| {
        peer.welcome_with(open);
        may_read.recv_timeout(PATIENCE).unwrap();
        body(peer);
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    for number in 0..EVENTS {
        game.emit(text(number));
    }
    game.wait_until_full();
    (game, read, server)
}

fn sent(game: &Game) -> u64 {
    game.client.statistics().counters.events_sent
}

#[test]
fn it_is_left_until_there_is_room() {
    let (game, read, server) = fill(|mut peer| {
        expect_events(&mut peer);
        peer.read_to_end();
    });
    let statistics = game.client.statistics();
    assert!(sent(&game) < EVENTS / 2, "{} frames were made", sent(&game));
    assert!(statistics.outbound.items as u64 > EVENTS / 2, "{} wait", statistics.outbound.items);
    assert!(statistics.outbound.bytes as u64 > EVENTS * 50, "{} bytes wait", statistics.outbound.bytes);
    read.send(()).unwrap();
    wait_until("the last event", || sent(&game) == EVENTS);
    wait_until("an empty queue", || game.client.statistics().outbound.bytes == 0);
    assert_eq!(game.client.statistics().outbound.items, 0);
    game.close();
    server.join();
}

#[test]
fn it_does_not_wake_the_worker() {
    let (game, read, server) = fill(|mut peer| peer.read_to_end());
    let before = game.client.statistics().wake_ups;
    for number in 0..100 {
        game.emit(text(number));
        thread::sleep(Duration::from_millis(1));
    }
    let woken = game.client.statistics().wake_ups - before;
    assert!(woken < 50, "the worker woke {woken} times for what it could not send");
    read.send(()).unwrap();
    game.close();
    server.join();
}

/// The events that come before the answer to a heartbeat, after the server has said something and the game something else.
fn events_before_the_pong(said: Option<&'static str>, and_then: impl FnOnce(&Game)) -> u64 {
    let (told, tell) = channel();
    let (game, read, server) = fill(move |mut peer| {
        for text in said.into_iter().chain(["2"]) {
            peer.send(text);
            // Time for the client to read it, while it cannot send.
            thread::sleep(Duration::from_millis(100));
        }
        let mut before = 0;
        while peer.receive() != Message::text("3") {
            before += 1;
        }
        told.send(before).unwrap();
        peer.read_to_end();
    });
    and_then(&game);
    read.send(()).unwrap();
    let before = tell.recv_timeout(PATIENCE).unwrap();
    wait_until("the last event", || sent(&game) >= EVENTS);
    game.close();
    server.join();
    before
}

#[test]
fn a_heartbeat_is_answered_before_it() {
    let volatile = Command::Emit(Emit { delivery: Delivery::Volatile, ..event(r#"["volatile"]"#) });
    let counts = [
        events_before_the_pong(None, |_| {}),
        events_before_the_pong(Some(r#"42["hi"]"#), |_| {}),
        events_before_the_pong(None, |game| game.send(volatile)),
    ];
    assert!(counts.iter().all(|&count| count < EVENTS / 2), "{counts:?} events came before the answers");
}

#[test]
fn a_heartbeat_is_not_answered_between_the_attachments_of_an_event() {
    const ATTACHMENTS: usize = 10;
    let (read, may_read) = channel();
    let server = Server::websocket(move |mut peer| {
        peer.welcome();
        may_read.recv_timeout(PATIENCE).unwrap();
        peer.send("2");
        thread::sleep(Duration::from_millis(100));
        assert!(matches!(peer.receive(), Message::Text(_)));
        for _ in 0..ATTACHMENTS {
            assert!(matches!(peer.receive(), Message::Binary(_)), "something came between the attachments");
        }
        peer.expect("3");
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    let placeholders: Vec<String> =
        (0..ATTACHMENTS).map(|number| format!(r#"{{"_placeholder":true,"num":{number}}}"#)).collect();
    let json = format!(r#"["bytes",{}]"#, placeholders.join(","));
    let payload = Payload { json, attachments: vec![vec![7; 1 << 20].into(); ATTACHMENTS] };
    game.send(Command::Emit(Emit { payload, ..event("") }));
    game.wait_until_full();
    read.send(()).unwrap();
    wait_until("an empty queue", || game.client.statistics().outbound.bytes == 0);
    game.close();
    server.join();
}

#[test]
fn a_time_out_does_not_wait_for_room() {
    let (game, read, server) = fill(|mut peer| {
        expect_events(&mut peer);
        peer.expect(r#"420["ask"]"#);
        peer.read_to_end();
    });
    let ack = Some(AckRequest { token: AckToken(1), timeout: Some(Duration::from_millis(50)) });
    game.send(Command::Emit(Emit { ack, ..event(r#"["ask"]"#) }));
    assert_eq!(game.next(), Event::Ack { token: AckToken(1), answer: Err(NoAnswer::TimedOut) });
    read.send(()).unwrap();
    game.close();
    server.join();
}

#[test]
fn it_is_sent_before_the_client_closes() {
    let (game, read, server) = fill(|mut peer| {
        expect_events(&mut peer);
        peer.expect("41");
        peer.read_to_end();
    });
    game.close();
    read.send(()).unwrap();
    server.join();
}

#[test]
fn it_is_gone_with_the_connection() {
    let (game, read, server) = fill(|peer| reset(peer.socket.into_inner()));
    read.send(()).unwrap();
    game.expect_closed();
    wait_until("nothing that waits", || game.client.statistics().outbound.items == 0);
    game.expect_silence();
    server.join();
}

#[test]
fn it_is_gone_with_a_connection_on_which_nonsense_came() {
    for nonsense in [Message::text("4?"), Message::binary(vec![1, 2, 3])] {
        let (game, read, server) = fill(move |mut peer| {
            peer.socket.send(nonsense).unwrap();
            thread::sleep(Duration::from_millis(100));
        });
        read.send(()).unwrap();
        assert_eq!(game.expect_closed().0, DisconnectReason::ParseError);
        game.expect_silence();
        server.join();
    }
}

#[test]
fn what_cannot_be_written_any_more_does_not_count() {
    let (broken, breaks) = channel();
    let server = Server::websocket(move |mut peer| {
        peer.welcome();
        for _ in 0..40 {
            peer.send(&format!(r#"42["e","{}"]"#, "x".repeat(100_000)));
        }
        thread::sleep(Duration::from_millis(200));
        reset(peer.socket.into_inner());
        broken.send(()).unwrap();
    });
    let mut game = Game::buffering(1 << 20);
    game.connect(&server.url());
    game.expect_joined();
    breaks.recv_timeout(PATIENCE).unwrap();
    wait_until("a pause", || game.client.statistics().reading_paused);
    // The end is not seen before the game has taken something.
    for _ in 0..30 {
        game.emit(format!(r#"["{}"]"#, "x".repeat(20_000)));
        thread::sleep(Duration::from_millis(5));
    }
    wait_until("nothing that waits", || game.client.statistics().outbound.bytes == 0);
    server.join();
}

#[test]
fn it_is_gone_with_a_connection_that_gave_no_sign_of_life() {
    const OPEN: &str =
        r#"0{"sid":"e","upgrades":[],"pingInterval":3000,"pingTimeout":1000,"maxPayload":1000000}"#;
    let (game, read, server) = fill_with(OPEN, drop);
    assert_eq!(game.expect_closed().0, DisconnectReason::PingTimeout);
    wait_until("nothing that waits", || game.client.statistics().outbound.items == 0);
    game.expect_silence();
    read.send(()).unwrap();
    server.join();
}

#[test]
fn what_the_server_says_comes_after_it() {
    let (game, read, server) = fill(|mut peer| {
        peer.send("41");
        // Time for the client to read it, while it cannot send.
        thread::sleep(Duration::from_millis(100));
        expect_events(&mut peer);
        peer.read_to_end();
    });
    read.send(()).unwrap();
    // None of them is refused because the server has ended the namespace.
    assert!(matches!(game.next(), Event::EngineClosed { .. } | Event::NamespaceLeft { .. }));
    server.join();
}
