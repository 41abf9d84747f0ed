//! A developer who tries how the game copes: with a connection that dies, and with a slow one.

use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use socketio_client::tap::Kind;
use socketio_client::{Command, Event};
use socketio_protocol::{AckRequest, AckToken, DisconnectReason, Emit, PacketType};
use tungstenite::Message;

use crate::support::{Game, OPEN, PATIENCE, Peer, Server, accept, event, wait_until};

const ADDED: Duration = Duration::from_millis(400);

#[test]
fn a_dropped_transport_is_lost_without_a_word_and_comes_back() {
    let server = Server::start(|listener| {
        let mut first = Peer::accept(accept(&listener));
        first.welcome();
        // No DISCONNECT and no close frame.
        match first.socket.read() {
            Ok(Message::Ping(_)) => assert!(first.socket.read().is_err()),
            other => assert!(other.is_err(), "{other:?}"),
        }
        let mut second = Peer::accept(accept(&listener));
        second.welcome();
        second.read_to_end();
    });
    let mut game = Game::reconnecting();
    // Nothing is open yet.
    game.client.drop_transport();
    game.connect(&server.url());
    game.expect_joined();
    game.client.drop_transport();
    let (reason, detail) = game.expect_closed();
    assert_eq!(reason, DisconnectReason::TransportClose);
    assert!(detail.contains("on purpose"), "{detail}");
    game.expect_attempt(1);
    game.expect_joined_at(1);
    game.close();
    server.join();
}

#[test]
fn the_round_trip_grows_by_what_is_added_and_the_order_stays() {
    const EVENTS: usize = 50;
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        (0..EVENTS).for_each(|number| peer.expect(&format!(r#"42["n",{number}]"#)));
        peer.expect(r#"420["ask"]"#);
        (0..EVENTS).for_each(|number| peer.send(&format!(r#"42["n",{number}]"#)));
        peer.send("430[]");
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    let mut tap = game.client.tap(1);
    game.client.add_latency(ADDED);
    wait_until("the new latency", || game.client.latency().is_some_and(|latency| latency >= ADDED));
    let asked = Instant::now();
    (0..EVENTS).for_each(|number| game.emit(format!(r#"["n",{number}]"#)));
    let ack = Some(AckRequest { token: AckToken(5), timeout: None });
    game.send(Command::Emit(Emit { ack, ..event(r#"["ask"]"#) }));
    assert!(game.client.statistics().outbound.items > 0 || asked.elapsed() > ADDED / 2);
    for number in 0..EVENTS {
        assert_eq!(crate::support::text_of(&game.expect_received().arguments), number.to_string());
    }
    assert!(matches!(game.next(), Event::Ack { token: AckToken(5), answer: Ok(_) }));
    assert!(asked.elapsed() >= ADDED, "{:?}", asked.elapsed());
    let packets = tap.take(usize::MAX).packets;
    let answer = packets.iter().find(|packet| packet.kind == Kind::Packet(PacketType::Ack)).unwrap();
    assert!(answer.round_trip.unwrap() >= ADDED);
    game.close();
    server.join();
}

#[test]
fn what_is_held_back_passes_when_nothing_is_added_any_more() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        peer.send(r#"42["held"]"#);
        peer.expect(r#"42["held"]"#);
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.client.add_latency(Duration::from_secs(3600));
    let begun = Instant::now();
    game.connect(&server.url());
    // CONNECT and its answer are held back for 10 s, which is the most.
    assert!(matches!(game.next(), Event::EngineOpened { .. }));
    game.emit(r#"["held"]"#);
    game.client.add_latency(Duration::ZERO);
    assert!(matches!(game.next(), Event::NamespaceAccepted { .. }));
    assert!(matches!(game.next(), Event::NamespaceJoined { .. }));
    assert_eq!(game.expect_received().name, "held");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    game.close();
    server.join();
}

#[test]
fn heartbeats_are_not_held_back() {
    let server = Server::websocket(|mut peer| {
        peer.send(OPEN);
        for _ in 0..20 {
            peer.send("2");
            // The CONNECT comes at some time.
            while peer.receive() != Message::text("3") {}
        }
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.client.add_latency(Duration::from_secs(10));
    game.connect(&server.url());
    // Each of them would take 5 s.
    wait_until("the heartbeats", || game.client.statistics().counters.packets_received > 20);
    game.close();
    server.join();
}

#[test]
fn closing_flushes_what_is_held_back() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        (0..100).for_each(|number| peer.expect(&format!(r#"42["n",{number}]"#)));
        peer.expect("41");
        peer.expect_close();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    game.client.add_latency(Duration::from_secs(10));
    (0..100).for_each(|number| game.emit(format!(r#"["n",{number}]"#)));
    game.close();
    server.join();
}

#[test]
fn the_end_of_the_connection_comes_after_what_came_before_it() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        peer.expect(r#"42["go"]"#);
        (0..10).for_each(|number| peer.send(&format!(r#"42["n",{number}]"#)));
        peer.socket.close(None).unwrap();
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    game.client.add_latency(ADDED);
    let begun = Instant::now();
    game.emit(r#"["go"]"#);
    (0..10).for_each(|_| drop(game.expect_received()));
    assert_eq!(game.expect_closed().0, DisconnectReason::TransportClose);
    assert!(begun.elapsed() >= ADDED);
    game.close();
    server.join();
}

#[test]
fn what_waits_because_of_it_counts_for_the_limit_and_costs_no_wake_ups() {
    let (slow, is_slow) = channel();
    let server = Server::websocket(move |mut peer| {
        peer.welcome();
        is_slow.recv_timeout(PATIENCE).unwrap();
        peer.send(r#"42["held"]"#);
        peer.read_to_end();
    });
    let mut game = Game::buffering(1 << 20);
    game.connect(&server.url());
    game.expect_joined();
    game.client.add_latency(Duration::from_secs(10));
    let large = format!(r#"["n","{}"]"#, "x".repeat(400 << 10));
    game.emit(large.clone());
    game.emit(large.clone());
    assert!(game.client.send(Command::Emit(event(large))).is_err());
    wait_until("the worker", || game.client.statistics().outbound.bytes >= 800 << 10);
    slow.send(()).unwrap();
    thread::sleep(Duration::from_millis(200));
    let before = game.client.statistics().wake_ups;
    thread::sleep(Duration::from_millis(500));
    let woken = game.client.statistics().wake_ups - before;
    assert!(woken < 5, "{woken} wake-ups though nothing happened");
    game.close();
    server.join();
}
