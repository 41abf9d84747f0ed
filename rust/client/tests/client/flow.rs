//! Much data and slow readers.

use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use socketio_client::Event;
use tungstenite::Message;

use crate::support::{Game, PATIENCE, Peer, Server, reset, text_of, wait_until};

#[test]
fn large_messages_go_both_ways_past_a_slow_reader() {
    const MESSAGES: usize = 16;
    const SIZE: usize = 1 << 20;
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        for number in 0..MESSAGES {
            // Slow, so that the client's writes block.
            thread::sleep(Duration::from_millis(10));
            let text = peer.receive();
            assert_eq!(text, Message::text(format!(r#"42["up",{number},"{}"]"#, "u".repeat(SIZE))));
        }
        for number in 0..MESSAGES {
            peer.send(&format!(r#"42["down",{number},"{}"]"#, "d".repeat(SIZE)));
        }
        peer.expect(r#"42["done"]"#);
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    for number in 0..MESSAGES {
        game.emit(format!(r#"["up",{number},"{}"]"#, "u".repeat(SIZE)));
    }
    for number in 0..MESSAGES {
        let received = game.expect_received();
        assert_eq!(text_of(&received.arguments), format!("{number} {}", "d".repeat(SIZE)));
        thread::sleep(Duration::from_millis(5));
    }
    game.emit(r#"["done"]"#);
    game.close();
    server.join();
}

#[test]
fn a_client_whose_writes_block_still_reads() {
    let (stalled, is_stalled) = channel::<()>();
    let server = Server::websocket(move |mut peer| {
        peer.welcome();
        // Nothing is read until the client's writes are blocked and it has read on nevertheless.
        peer.send(r#"42["first"]"#);
        is_stalled.recv_timeout(PATIENCE).unwrap();
        peer.send(r#"42["second"]"#);
        is_stalled.recv_timeout(PATIENCE).unwrap();
        for _ in 0..32 {
            assert_eq!(peer.receive().len(), r#"42["bulk",""]"#.len() + (1 << 20));
        }
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    assert_eq!(game.expect_received().name, "first");
    for _ in 0..32 {
        game.emit(format!(r#"["bulk","{}"]"#, "x".repeat(1 << 20)));
    }
    stalled.send(()).unwrap();
    assert_eq!(game.expect_received().name, "second");
    let waiting = game.client.statistics().outbound.bytes;
    assert!(waiting > 1 << 20, "only {waiting} bytes wait, so that nothing was blocked");
    let turns = game.client.statistics().wake_ups;
    thread::sleep(Duration::from_millis(300));
    let spun = game.client.statistics().wake_ups - turns;
    assert!(spun < 10, "the worker ran {spun} times while its writes were blocked");
    stalled.send(()).unwrap();
    game.close();
    server.join();
}

#[test]
fn reading_pauses_at_the_limit_and_resumes_without_loss() {
    const EVENTS: usize = 2_000;
    const LIMIT: usize = 256 * 1024;
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        for number in 0..EVENTS {
            peer.send(&format!(r#"42["n",{number},"{}"]"#, "x".repeat(10_000)));
        }
        peer.expect(r#"42["got all"]"#);
        peer.read_to_end();
    });
    let mut game = Game::buffering(LIMIT);
    game.connect(&server.url());
    wait_until("the pause", || game.client.statistics().reading_paused);
    thread::sleep(Duration::from_millis(300));
    let statistics = game.client.statistics();
    assert!(statistics.reading_paused);
    let waiting = statistics.inbound.bytes;
    assert!((LIMIT..2 * LIMIT).contains(&waiting), "{waiting} bytes wait with a limit of {LIMIT}");

    // The worker rests while it is paused, and still writes.
    thread::sleep(Duration::from_millis(200));
    assert!(
        game.client.statistics().wake_ups - statistics.wake_ups < 5,
        "the worker runs though it is paused"
    );

    game.expect_joined();
    for number in 0..EVENTS {
        let arguments = text_of(&game.expect_received().arguments);
        assert_eq!(arguments.split(' ').next(), Some(number.to_string().as_str()));
    }
    let statistics = game.client.statistics();
    assert_eq!((statistics.inbound.items, statistics.inbound.bytes), (0, 0));
    assert!(!statistics.reading_paused);
    game.emit(r#"["got all"]"#);
    game.close();
    server.join();
}

#[test]
fn a_paused_client_rests_also_when_the_connection_breaks() {
    let (broken, is_broken) = channel();
    let server = Server::raw(move |stream| {
        let mut peer = Peer::accept(stream);
        peer.welcome();
        for _ in 0..100 {
            peer.send(&format!(r#"42["n","{}"]"#, "x".repeat(1_000)));
        }
        thread::sleep(Duration::from_millis(200));
        reset(peer.socket.into_inner());
        broken.send(()).unwrap();
    });
    let mut game = Game::buffering(4 * 1024);
    game.connect(&server.url());
    wait_until("the pause", || game.client.statistics().reading_paused);
    is_broken.recv_timeout(PATIENCE).unwrap();
    thread::sleep(Duration::from_millis(50));
    let before = game.client.statistics().wake_ups;
    thread::sleep(Duration::from_millis(200));
    let turns = game.client.statistics().wake_ups - before;
    assert!(turns < 5, "{turns} turns of a worker that has nothing to do");
    server.join();
}

#[test]
fn a_paused_client_still_writes() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        for _ in 0..100 {
            peer.send(&format!(r#"42["n","{}"]"#, "x".repeat(1_000)));
        }
        peer.expect(r#"42["still here"]"#);
        peer.read_to_end();
    });
    let mut game = Game::buffering(4 * 1024);
    game.connect(&server.url());
    wait_until("the pause", || game.client.statistics().reading_paused);
    game.emit(r#"["still here"]"#);
    game.close();
    server.join();
}

#[test]
fn a_ping_timeout_of_a_paused_client_says_why() {
    let server = Server::websocket(|mut peer| {
        peer.welcome_with(r#"0{"sid":"e","pingInterval":300,"pingTimeout":300}"#);
        for _ in 0..100 {
            peer.send(&format!(r#"42["n","{}"]"#, "x".repeat(1_000)));
        }
        peer.read_to_end();
    });
    let mut game = Game::buffering(4 * 1024);
    game.connect(&server.url());
    wait_until("the pause", || game.client.statistics().reading_paused);
    thread::sleep(Duration::from_secs(1));
    game.expect_joined();
    let detail = loop {
        match game.next() {
            Event::EngineClosed { detail, .. } => break detail,
            Event::Received(_) => {}
            other => panic!("not expected: {other:?}"),
        }
    };
    assert!(detail.contains("call poll() more often"), "{detail}");
    server.join();
}

#[test]
fn many_emits_become_few_wake_ups() {
    const EVENTS: u64 = 20_000;
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        for number in 0..EVENTS {
            peer.expect(&format!(r#"42["n",{number}]"#));
        }
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    let before = game.client.statistics().wake_ups;
    for number in 0..EVENTS {
        game.emit(format!(r#"["n",{number}]"#));
    }
    wait_until("the events", || game.client.statistics().counters.events_sent == EVENTS);
    let turns = game.client.statistics().wake_ups - before;
    assert!(turns < EVENTS / 4, "{turns} turns for {EVENTS} events");
    game.close();
    server.join();
}

#[test]
fn emits_that_come_one_after_the_other_share_a_wake_up() {
    const EVENTS: u64 = 4_000;
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    let before = game.client.statistics().wake_ups;
    for _ in 0..EVENTS {
        game.emit(r#"["n"]"#);
        // Enough for a turn of the worker.
        let next = Instant::now() + Duration::from_micros(25);
        while Instant::now() < next {
            std::hint::spin_loop();
        }
    }
    wait_until("the events", || game.client.statistics().counters.events_sent == EVENTS);
    let turns = game.client.statistics().wake_ups - before;
    assert!(turns < EVENTS * 3 / 4, "{turns} turns for {EVENTS} events");
    game.close();
    server.join();
}
