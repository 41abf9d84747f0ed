//! What waits between the game and the worker, and its limit.

use std::sync::mpsc::channel;

use socketio_client::{Command, Event};

use crate::support::{Game, PATIENCE, Server, event, text_of, wait_until};

/// An event of 100 bytes.
fn hundred() -> String {
    format!(r#"["{}"]"#, "x".repeat(96))
}

#[test]
fn an_emit_past_the_limit_is_refused() {
    let game = Game::buffering(1_000);
    // Nothing is connected, so that everything waits.
    for _ in 0..9 {
        game.emit(hundred());
    }
    wait_until("the queue", || game.client.statistics().outbound.bytes == 900);
    let full = game.client.send(Command::Emit(event(format!("{} ", hundred())))).unwrap_err();
    assert_eq!((full.waiting, full.limit), (900, 1_000));
    game.emit(hundred());
    // Closing forgets what waits for its namespace.
    game.close();
    wait_until("the empty queue", || game.client.statistics().outbound.bytes == 0);
}

#[test]
fn another_limit_counts_at_once() {
    let game = Game::buffering(1_000);
    for _ in 0..5 {
        game.emit(hundred());
    }
    game.client.set_max_buffered(500);
    let full = game.client.send(Command::Emit(event(hundred()))).unwrap_err();
    assert_eq!((full.waiting, full.limit), (500, 500));
    game.client.set_max_buffered(600);
    game.emit(hundred());
    game.client.set_max_buffered(0);
    assert!(game.client.send(Command::Emit(event(hundred()))).is_err());
    // What waits already stays, and what carries no data is never refused.
    assert_eq!(game.client.statistics().outbound.bytes, 600);
    game.close();
}

#[test]
fn a_higher_limit_wakes_a_paused_reader() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        for _ in 0..100 {
            peer.send(&format!(r#"42["n","{}"]"#, "x".repeat(1_000)));
        }
        peer.read_to_end();
    });
    let mut game = Game::buffering(10_000);
    game.connect(&server.url());
    wait_until("the pause", || game.client.statistics().reading_paused);
    assert!(game.client.statistics().counters.events_received < 100);
    game.client.set_max_buffered(1 << 20);
    wait_until("the rest", || game.client.statistics().counters.events_received == 100);
    assert!(!game.client.statistics().reading_paused);
    game.close();
    server.join();
}

#[test]
fn a_lower_limit_pauses_the_reader() {
    let (lowered, is_lowered) = channel();
    let server = Server::websocket(move |mut peer| {
        peer.welcome();
        is_lowered.recv_timeout(PATIENCE).unwrap();
        for _ in 0..100 {
            peer.send(&format!(r#"42["n","{}"]"#, "x".repeat(1_000)));
        }
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    game.client.set_max_buffered(10_000);
    lowered.send(()).unwrap();
    wait_until("the pause", || game.client.statistics().reading_paused);
    for _ in 0..100 {
        game.expect_received();
    }
    game.close();
    server.join();
}

#[test]
fn what_is_fetched_is_shown_once_and_counts_until_it_is_taken() {
    let (ready, is_ready) = channel();
    let server = Server::websocket(move |mut peer| {
        peer.welcome();
        is_ready.recv_timeout(PATIENCE).unwrap();
        for number in 0..10 {
            peer.send(&format!(r#"42["n",{number}]"#));
        }
        is_ready.recv_timeout(PATIENCE).unwrap();
        peer.send(r#"42["n",10]"#);
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    ready.send(()).unwrap();
    wait_until("the events", || game.client.events_waiting() == 10);
    assert_eq!(game.client.try_event(), None, "it was not fetched yet");
    let bytes = game.client.statistics().inbound.bytes;
    assert!(bytes > 0);

    let mut shown = Vec::new();
    let mut show = |event: &Event| match event {
        Event::Received(received) => shown.push(text_of(&received.arguments)),
        other => panic!("not an event of the server: {other:?}"),
    };
    game.client.fetch(&mut show);
    assert_eq!(game.client.events_waiting(), 10);
    assert_eq!(game.client.statistics().inbound.bytes, bytes, "fetching is not taking");
    game.client.fetch(&mut show);
    ready.send(()).unwrap();
    wait_until("one more", || game.client.events_waiting() == 11);
    game.client.fetch(&mut show);
    let numbers: Vec<_> = (0..=10).map(|number| number.to_string()).collect();
    assert_eq!(shown, numbers);

    for number in numbers {
        let Some(Event::Received(received)) = game.client.try_event() else { panic!("it was lost") };
        assert_eq!(text_of(&received.arguments), number);
    }
    assert_eq!(game.client.try_event(), None);
    let inbound = game.client.statistics().inbound;
    assert_eq!((inbound.items, inbound.bytes), (0, 0));
    game.close();
    server.join();
}
