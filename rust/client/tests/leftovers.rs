//! Nothing is left over. A file of its own, because it counts the threads and descriptors of the process, and one
//! test, because of those of another.
#![cfg(target_os = "linux")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::time::Duration;

use socketio_client::{Command, Event};
use socketio_protocol::{AckRequest, AckToken, Emit};
use support::{Game, HOUR, Peer, Server, accept, event, read_head, reset, wait_until};
use tungstenite::Message;

const RECONNECTS: u32 = 200;

/// The names of the process's threads, of this library's alone.
fn threads() -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.unwrap().path().join("comm")).ok());
    names.filter(|name| name.starts_with("socketio")).collect()
}

/// What the process has open, but for files, such as the system's random numbers, that stay open once they are.
fn descriptors() -> usize {
    let links = fs::read_dir("/proc/self/fd").unwrap();
    let targets = links.filter_map(|link| fs::read_link(link.unwrap().path()).ok());
    targets.filter(|target| !target.starts_with("/")).count()
}

#[test]
fn nothing_is_left_over() {
    let before = descriptors();
    reconnect_often();
    wait_until("the descriptors of the lost connections", || descriptors() == before);
    end_in_every_state();
    wait_until("the descriptors of the abandoned connections", || descriptors() == before);
    wait_until("the look-ups", || threads().is_empty());
}

/// Every connection is lost in another way, with data on the way in both directions.
fn reconnect_often() {
    let server = Server::start(|listener| {
        for number in 0..RECONNECTS {
            let mut stream = accept(&listener);
            if number % 5 == 4 {
                read_head(&mut stream);
                continue;
            }
            let mut peer = Peer::accept(stream);
            peer.welcome();
            peer.send(&format!(r#"42["n",{number}]"#));
            match number % 5 {
                0 => drop(peer),
                1 => reset(peer.socket.into_inner()),
                2 => peer.send("an unknown packet"),
                _ => peer.socket.close(None).unwrap(),
            }
        }
        let mut last = Peer::accept(accept(&listener));
        last.welcome();
        last.send(r#"42["end"]"#);
        while let Message::Text(text) = last.receive() {
            if let Some(id) = text.strip_prefix("42").and_then(|text| text.strip_suffix(r#"["asks"]"#)) {
                last.send(&format!("43{id}[]"));
            }
        }
        last.read_to_end();
    });
    let idle = descriptors();
    let mut game = Game::reconnecting_after(Duration::from_millis(1));
    game.connect(&server.url());
    let mut open = 0;
    let mut tokens = 0;
    let mut unanswered = BTreeSet::new();
    let mut ended = false;
    let mut most_descriptors = 0;
    while !ended || !unanswered.is_empty() {
        match game.next() {
            Event::NamespaceJoined { .. } => {
                open += 1;
                most_descriptors = most_descriptors.max(descriptors());
                let token = AckToken(tokens);
                tokens += 1;
                unanswered.insert(token);
                let ack = Some(AckRequest { token, timeout: None });
                game.send(Command::Emit(Emit { ack, ..event(r#"["asks"]"#) }));
            }
            Event::NamespaceLeft { rejoining, .. } => {
                assert!(rejoining);
                open -= 1;
            }
            Event::Ack { token, answer } => {
                assert!(unanswered.remove(&token), "{token:?} was answered twice: {answer:?}");
            }
            Event::Received(received) => ended |= received.name == "end",
            _ => {}
        }
        assert!((0..=1).contains(&open), "{open} sessions at once");
    }
    // Both ends of the open connection and of those that are closing, and the poller.
    assert!(most_descriptors < idle + 40, "{most_descriptors} descriptors, {idle} without a connection");
    let counters = game.client.statistics().counters;
    assert!(counters.reconnects >= u64::from(RECONNECTS / 5 * 4), "{counters:?}");
    assert_eq!(threads().len(), 1, "{:?}", threads());
    game.close();
    server.join();
    wait_until("the queues", || {
        let statistics = game.client.statistics();
        (statistics.outbound.items, statistics.outbound.bytes) == (0, 0)
    });
    assert_eq!(game.try_next(), None);
    let inbound = game.client.statistics().inbound;
    assert_eq!((inbound.items, inbound.bytes), (0, 0));
    drop(game);
    wait_until("the worker's end", || threads().is_empty());
}

/// A worker ends with its client, whatever it is about.
fn end_in_every_state() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
    let refusing = format!("127.0.0.1:{}", support::closed_port());
    for url in [
        "ws://nonexistent.invalid".to_owned(),
        format!("ws://{silent}"),
        format!("wss://{silent}"),
        format!("ws://{refusing}"),
    ] {
        for closes in [true, false] {
            let mut game = Game::reconnecting_after(HOUR);
            game.connect(&url);
            wait_until("the worker", || game.client.statistics().wake_ups > 0);
            if closes {
                game.close();
            }
            drop(game);
            // The look-up of a name cannot be interrupted, and has a thread of its own.
            wait_until("the worker's end", || threads().iter().all(|name| name.starts_with("socketio-dns")));
        }
    }
}
