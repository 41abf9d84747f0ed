//! Connections that the game ends.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use socketio_client::Event;
use tungstenite::Message;

use crate::support::{
    Game, PATIENCE, Peer, Server, accept, expect_no_connection, read_head, read_to_end, wait_until,
};

#[test]
fn closing_flushes_ten_thousand_events() {
    const EVENTS: usize = 10_000;
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        for number in 0..EVENTS {
            peer.expect(&format!(r#"42["n",{number},"{}"]"#, "x".repeat(100)));
        }
        peer.expect("41");
        peer.expect_close();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    for number in 0..EVENTS {
        game.emit(format!(r#"["n",{number},"{}"]"#, "x".repeat(100)));
    }
    game.close();
    server.join();
    assert_eq!(game.try_next(), None, "a close by the game has no events");
}

#[test]
fn dropping_the_client_flushes_too() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        for number in 0..1_000 {
            peer.expect(&format!(r#"42["n",{number}]"#));
        }
        peer.expect("41");
        peer.expect_close();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    for number in 0..1_000 {
        game.emit(format!(r#"["n",{number}]"#));
    }
    drop(game);
    server.join();
}

#[test]
fn what_still_comes_does_not_reset_what_was_flushed() {
    let (closed, is_closed) = channel();
    let server = Server::websocket(move |mut peer| {
        peer.welcome();
        is_closed.recv_timeout(PATIENCE).unwrap();
        // Each of these would fail on a socket that the client has dropped already.
        for _ in 0..100 {
            peer.send(&format!(r#"42["noise","{}"]"#, "x".repeat(10_000)));
        }
        for number in 0..1_000 {
            peer.expect(&format!(r#"42["n",{number}]"#));
        }
        peer.expect("41");
        peer.expect_close();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    for number in 0..1_000 {
        game.emit(format!(r#"["n",{number}]"#));
    }
    game.close();
    wait_until("the close", || game.client.statistics().outbound.bytes == 0);
    closed.send(()).unwrap();
    server.join();
}

#[test]
fn connecting_on_the_line_after_close_works() {
    let server = Server::start(|listener| {
        let mut first = Peer::accept(accept(&listener));
        first.welcome();
        first.expect(r#"42["last words"]"#);
        // What is left of the first connection goes before the second one begins.
        expect_no_connection(&listener);
        first.expect("41");
        first.expect_close();
        let mut second = Peer::accept(accept(&listener));
        second.welcome();
        second.expect(r#"42["first words"]"#);
        second.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    game.emit(r#"["last words"]"#);
    game.close();
    let connection = game.connect(&server.url());
    game.emit(r#"["first words"]"#);
    assert!(matches!(game.next(), Event::EngineOpened { connection: opened, .. } if opened == connection));
    drop(game);
    server.join();
}

#[test]
fn a_new_connection_waits_for_a_stuck_one_for_a_second_at_most() {
    let server = Server::start(|listener| {
        let mut first = Peer::accept(accept(&listener));
        first.welcome();
        // It takes nothing more until the second connection is there.
        let mut second = Peer::accept(accept(&listener));
        second.welcome();
        for _ in 0..32 {
            assert!(matches!(first.receive(), Message::Text(_)));
        }
        first.expect("41");
        first.expect_close();
        second.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    for _ in 0..32 {
        game.emit(format!(r#"["bulk","{}"]"#, "x".repeat(1 << 20)));
    }
    game.close();
    let started = Instant::now();
    game.connect(&server.url());
    game.expect_joined();
    let took = started.elapsed();
    assert!((Duration::from_millis(800)..Duration::from_secs(4)).contains(&took), "it took {took:?}");
    game.close();
    server.join();
}

#[test]
fn dropping_the_client_while_connecting_gives_up_at_once() {
    let (asked, was_asked) = channel();
    let server = Server::raw(move |mut stream| {
        read_head(&mut stream);
        asked.send(Instant::now()).unwrap();
        read_to_end(&mut stream);
    });
    let mut game = Game::start();
    game.connect(&server.url());
    let asked = was_asked.recv_timeout(PATIENCE).unwrap();
    drop(game);
    server.join();
    assert!(asked.elapsed() < Duration::from_secs(5), "the connection stayed open");
}

#[test]
fn closing_while_connecting_is_silent_and_final() {
    let (asked, was_asked) = channel();
    let server = Server::start(move |listener| {
        let mut first = accept(&listener);
        read_head(&mut first);
        asked.send(()).unwrap();
        let mut second = Peer::accept(accept(&listener));
        read_to_end(&mut first);
        second.welcome();
        second.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    was_asked.recv_timeout(PATIENCE).unwrap();
    game.close();
    let second = game.connect(&server.url());
    assert!(matches!(game.next(), Event::EngineOpened { connection, .. } if connection == second));
    drop(game);
    server.join();
}
