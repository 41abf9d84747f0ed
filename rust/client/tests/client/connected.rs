//! A connection that is open.

use std::thread;
use std::time::{Duration, Instant};

use socketio_client::{Command, Event};
use socketio_protocol::{AckRequest, AckToken, Emit, Payload};
use tungstenite::Message;

use crate::support::{Game, Server, event, text_of, wait_until};

#[test]
fn events_and_acks_go_both_ways() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        peer.expect(r#"420["hello","game"]"#);
        peer.send(r#"430["hello back"]"#);
        peer.send(r#"427["question",42]"#);
        peer.expect(r#"437["answer"]"#);
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    let ack = Some(AckRequest { token: AckToken(5), timeout: None });
    game.send(Command::Emit(Emit { ack, ..event(r#"["hello","game"]"#) }));
    game.expect_joined();
    match game.next() {
        Event::Ack { token: AckToken(5), answer: Ok(answer) } => assert_eq!(text_of(&answer), "hello back"),
        other => panic!("not the ack: {other:?}"),
    }
    let question = game.expect_received();
    assert_eq!((question.name.as_str(), text_of(&question.arguments).as_str()), ("question", "42"));
    let payload = Payload { json: r#"["answer"]"#.to_owned(), attachments: Vec::new() };
    let (namespace, session, id) = (question.namespace, question.session, question.ack.unwrap());
    game.send(Command::Answer { namespace, session, id, payload });
    game.close();
    server.join();
}

#[test]
fn attachments_go_both_ways() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        peer.expect(r#"451-["up",{"_placeholder":true,"num":0}]"#);
        let attachment = peer.receive();
        assert_eq!(attachment, Message::binary(vec![0, 1, 255]));
        peer.send(r#"451-["down",{"_placeholder":true,"num":0}]"#);
        peer.socket.send(attachment).unwrap();
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    let json = r#"["up",{"_placeholder":true,"num":0}]"#.to_owned();
    let payload = Payload { json, attachments: vec![vec![0, 1, 255].into()] };
    game.send(Command::Emit(Emit { payload, ..event("") }));
    game.expect_joined();
    assert_eq!(game.expect_received().arguments.attachment(0), vec![0, 1, 255]);
    game.close();
    server.join();
}

#[test]
fn the_heartbeat_is_answered_while_nobody_polls() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        for _ in 0..10 {
            peer.send("2");
            peer.expect("3");
        }
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    let asleep = Instant::now();
    wait_until("ten heartbeats", || game.client.statistics().counters.packets_received >= 12);
    assert!(asleep.elapsed() < Duration::from_secs(5));
    game.close();
    server.join();
}

#[test]
fn an_idle_connection_causes_no_wake_ups() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    // The answer to the first WebSocket ping is the last thing to happen.
    wait_until("the latency", || game.client.latency().is_some());
    let mut before = game.client.statistics().wake_ups;
    wait_until("the worker's rest", || {
        thread::sleep(Duration::from_millis(50));
        let now = game.client.statistics().wake_ups;
        std::mem::replace(&mut before, now) == now
    });
    thread::sleep(Duration::from_secs(2));
    assert_eq!(game.client.statistics().wake_ups, before, "the worker ran though nothing happened");
    game.close();
    server.join();
}

#[test]
fn an_idle_client_without_a_connection_causes_no_wake_ups() {
    let game = Game::start();
    wait_until("the worker", || game.client.statistics().wake_ups == 1);
    thread::sleep(Duration::from_millis(500));
    assert_eq!(game.client.statistics().wake_ups, 1);
}

#[test]
fn the_round_trip_is_measured_on_the_open_connection_only() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        peer.read_to_end();
    });
    let mut game = Game::start();
    assert_eq!(game.client.latency(), None);
    game.connect(&server.url());
    wait_until("the latency", || game.client.latency().is_some());
    assert!(game.client.latency().unwrap() < Duration::from_secs(1));
    game.close();
    server.join();
    wait_until("no latency", || game.client.latency().is_none());
}

#[test]
fn an_event_by_itself_wakes_the_worker_once() {
    const ROUNDS: u64 = 50;
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        for number in 0..ROUNDS {
            peer.expect(&format!(r#"42["ask",{number}]"#));
            // Much longer than the worker waits for more after it has sent something.
            thread::sleep(Duration::from_millis(2));
            peer.send(r#"42["answer"]"#);
        }
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    thread::sleep(Duration::from_millis(20));
    let before = game.client.statistics().wake_ups;
    for number in 0..ROUNDS {
        game.emit(format!(r#"["ask",{number}]"#));
        game.expect_received();
    }
    let woken = game.client.statistics().wake_ups - before;
    // For the event, and for the answer to it.
    assert!(
        woken <= ROUNDS * 2 + ROUNDS / 5,
        "the worker woke {woken} times for {ROUNDS} events and answers"
    );
    game.close();
    server.join();
}
