//! Connections that are lost, or never made, and made again.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};
use std::{mem, thread};

use socketio_client::{Command, Event};
use socketio_protocol::ConnectErrorCode;

use crate::support::{
    Game, HOUR, OPEN, Peer, Server, accept, accepting_answer, closed_port, expect_no_connection, read_head,
    read_to_end, reset, text_frame, wait_until,
};

/// What goes wrong with a connection. The server has seen its end when this returns.
type Fault = fn(TcpStream);

/// Plays a server whose first connection goes wrong, and that serves the next one, which must be the only one.
fn server_with(fault: Fault) -> Server {
    Server::start(move |listener| {
        fault(accept(&listener));
        let mut peer = Peer::accept(accept(&listener));
        peer.welcome();
        peer.send(r#"42["back"]"#);
        peer.expect(r#"42["still here"]"#);
        expect_no_connection(&listener);
        peer.read_to_end();
        expect_no_connection(&listener);
    })
}

fn welcomed(stream: TcpStream) -> Peer<TcpStream> {
    let mut peer = Peer::accept(stream);
    peer.welcome();
    peer
}

#[test]
fn a_lost_connection_is_made_again_once() {
    let faults: [(&str, Fault); 5] = [
        ("cut", |stream| drop(welcomed(stream))),
        ("reset", |stream| reset(welcomed(stream).socket.into_inner())),
        ("closed", |stream| {
            let mut peer = welcomed(stream);
            peer.socket.close(None).unwrap();
            peer.read_to_end();
        }),
        ("cut in mid-frame", |stream| {
            let mut peer = welcomed(stream);
            let frame = text_frame(r#"42["never seen"]"#);
            peer.socket.get_mut().write_all(&frame[..frame.len() / 2]).unwrap();
        }),
        ("silent", |stream| {
            let mut peer = Peer::accept(stream);
            peer.welcome_with(r#"0{"sid":"engine","pingInterval":50,"pingTimeout":50}"#);
            read_to_end(peer.socket.get_mut());
        }),
    ];
    for (name, fault) in faults {
        let server = server_with(fault);
        let mut game = Game::reconnecting();
        game.connect(&server.url());
        game.expect_joined();
        let (reason, detail) = game.expect_closed();
        println!("{name}: {reason} ({detail})");
        game.expect_attempt(1);
        game.expect_joined_at(1);
        assert_eq!(game.expect_received().name, "back");
        game.emit(r#"["still here"]"#);
        wait_until("the event", || game.client.statistics().counters.events_sent == 1);
        assert_eq!(game.client.statistics().counters.reconnects, 1, "{name}");
        game.close();
        server.join();
        game.expect_silence();
    }
}

#[test]
fn a_connection_that_fails_on_the_way_is_made_again_once() {
    let faults: [(&str, Fault); 7] = [
        ("cut before the request", drop),
        ("reset before the answer", |mut stream| {
            read_head(&mut stream);
            reset(stream);
        }),
        ("cut in the answer", |mut stream| {
            let request = read_head(&mut stream);
            let answer = accepting_answer(&request, "Upgrade");
            stream.write_all(&answer.as_bytes()[..answer.len() / 2]).unwrap();
        }),
        ("cut before the handshake", |mut stream| {
            let request = read_head(&mut stream);
            stream.write_all(accepting_answer(&request, "Upgrade").as_bytes()).unwrap();
        }),
        ("reset in the handshake", |mut stream| {
            let request = read_head(&mut stream);
            let frame = text_frame("0{\"sid\":\"e\",\"pingInterval\":25000}");
            stream.write_all(accepting_answer(&request, "Upgrade").as_bytes()).unwrap();
            stream.write_all(&frame[..frame.len() / 2]).unwrap();
            reset(stream);
        }),
        ("silent instead of an answer", |mut stream| {
            read_head(&mut stream);
            read_to_end(&mut stream);
        }),
        ("not Socket.IO", |stream| {
            let mut peer = Peer::accept(stream);
            peer.send("hello");
            peer.read_to_end();
        }),
    ];
    for (name, fault) in faults {
        let server = server_with(fault);
        let mut game = Game::reconnecting();
        game.timeout = Duration::from_millis(500);
        game.connect(&server.url());
        let error = game.expect_failed();
        println!("{name}: {error}");
        game.expect_attempt(1);
        game.expect_joined_at(1);
        assert_eq!(game.expect_received().name, "back");
        game.emit(r#"["still here"]"#);
        wait_until("the event", || game.client.statistics().counters.events_sent == 1);
        game.close();
        server.join();
        game.expect_silence();
    }
}

#[test]
fn a_connection_lost_before_the_namespace_is_joined_is_made_again() {
    let server = server_with(|stream| {
        let mut peer = Peer::accept(stream);
        peer.send(OPEN);
        peer.expect("40");
    });
    let mut game = Game::reconnecting();
    game.connect(&server.url());
    assert!(matches!(game.next(), Event::EngineOpened { attempt: 0, .. }));
    // It was not joined, so that it is not left.
    assert!(matches!(game.next(), Event::EngineClosed { retrying: true, .. }));
    game.expect_attempt(1);
    game.expect_joined_at(1);
    assert_eq!(game.expect_received().name, "back");
    game.emit(r#"["still here"]"#);
    wait_until("the event", || game.client.statistics().counters.events_sent == 1);
    game.close();
    server.join();
}

#[test]
fn attempts_go_on_until_somebody_listens() {
    let port = closed_port();
    let mut game = Game::reconnecting();
    game.connect(&format!("ws://127.0.0.1:{port}"));
    for number in 1..=3 {
        assert_eq!(game.expect_failed().code, ConnectErrorCode::Refused);
        game.expect_attempt(number);
    }
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let server = Server::on(listener, |listener| {
        let mut peer = Peer::accept(accept(&listener));
        peer.welcome();
        peer.read_to_end();
        expect_no_connection(&listener);
    });
    let attempt = loop {
        match game.next() {
            Event::EngineOpened { attempt, .. } => break attempt,
            Event::ConnectFailed { retrying: true, .. } | Event::ReconnectAttempt { .. } => {}
            other => panic!("not expected: {other:?}"),
        }
    };
    assert!(attempt >= 3, "attempt {attempt}");
    game.close();
    server.join();
}

#[test]
fn the_attempts_end_at_their_limit() {
    let mut game = Game::reconnecting();
    game.reconnection.attempts = Some(2);
    let connection = game.connect(&format!("ws://127.0.0.1:{}", closed_port()));
    game.expect_failed();
    game.expect_attempt(1);
    game.expect_failed();
    game.expect_attempt(2);
    assert!(matches!(game.next(), Event::ConnectFailed { retrying: false, .. }));
    assert_eq!(game.next(), Event::ReconnectFailed { connection });
    game.expect_silence();
}

#[test]
fn what_is_emitted_meanwhile_arrives_in_order() {
    let server = Server::start(|listener| {
        drop(welcomed(accept(&listener)));
        let mut peer = welcomed(accept(&listener));
        for number in 0..200 {
            peer.expect(&format!(r#"42["n",{number}]"#));
        }
        peer.read_to_end();
    });
    let mut game = Game::reconnecting_after(Duration::from_millis(100));
    game.connect(&server.url());
    game.expect_joined();
    game.expect_closed();
    for number in 0..100 {
        game.emit(format!(r#"["n",{number}]"#));
    }
    wait_until("the waiting events", || game.client.statistics().outbound.items == 100);
    assert_eq!(game.client.statistics().outbound.bytes, r#"["n",0]"#.len() * 10 + r#"["n",10]"#.len() * 90);
    game.expect_attempt(1);
    for number in 100..200 {
        game.emit(format!(r#"["n",{number}]"#));
    }
    game.expect_joined_at(1);
    wait_until("the empty queue", || game.client.statistics().outbound.bytes == 0);
    game.close();
    server.join();
}

#[test]
fn the_server_may_ask_for_patience() {
    let server = Server::start(|listener| {
        let mut first = accept(&listener);
        read_head(&mut first);
        first.write_all(b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n").unwrap();
        drop(first);
        let refused = Instant::now();
        let mut peer = welcomed(accept(&listener));
        let waited = refused.elapsed();
        assert!(waited > Duration::from_millis(900), "it came back after {waited:?}");
        peer.read_to_end();
    });
    let mut game = Game::reconnecting();
    game.connect(&server.url());
    assert_eq!(game.expect_failed().retry_after, Some(Duration::from_secs(1)));
    assert_eq!(game.expect_attempt(1), Duration::from_secs(1));
    game.expect_joined_at(1);
    game.close();
    server.join();
}

#[test]
fn asking_to_reconnect_now_many_times_makes_one_connection() {
    let server = server_with(|stream| drop(welcomed(stream)));
    let mut game = Game::reconnecting_after(HOUR);
    game.connect(&server.url());
    game.expect_joined();
    game.expect_closed();
    for _ in 0..100 {
        game.send(Command::ReconnectNow);
    }
    assert_eq!(game.expect_attempt(1), Duration::ZERO);
    game.expect_joined_at(1);
    for _ in 0..100 {
        game.send(Command::ReconnectNow);
    }
    assert_eq!(game.expect_received().name, "back");
    game.emit(r#"["still here"]"#);
    wait_until("the event", || game.client.statistics().counters.events_sent == 1);
    game.close();
    server.join();
}

#[test]
fn waiting_for_an_attempt_causes_no_wake_ups() {
    let mut game = Game::reconnecting_after(HOUR);
    game.connect(&format!("ws://127.0.0.1:{}", closed_port()));
    game.expect_failed();
    let mut before = game.client.statistics().wake_ups;
    wait_until("the worker's rest", || {
        thread::sleep(Duration::from_millis(50));
        let now = game.client.statistics().wake_ups;
        mem::replace(&mut before, now) == now
    });
    thread::sleep(Duration::from_millis(500));
    assert_eq!(game.client.statistics().wake_ups, before, "the worker ran though nothing happened");
}

#[test]
fn the_round_trip_is_that_of_the_new_connection() {
    let server = Server::start(|listener| {
        let mut first = welcomed(accept(&listener));
        // Answers the ping that measures.
        first.expect(r#"42["measured"]"#);
        drop(first);
        let mut second = accept(&listener);
        let request = read_head(&mut second);
        second.write_all(accepting_answer(&request, "Upgrade").as_bytes()).unwrap();
        second.write_all(&text_frame(r#"0{"sid":"e","pingInterval":25000,"pingTimeout":20000}"#)).unwrap();
        // Answers nothing.
        read_to_end(&mut second);
    });
    let mut game = Game::reconnecting();
    game.connect(&server.url());
    game.expect_joined();
    wait_until("the latency", || game.client.latency().is_some());
    game.emit(r#"["measured"]"#);
    game.expect_closed();
    assert_eq!(game.client.latency(), None);
    game.expect_attempt(1);
    assert!(matches!(game.next(), Event::EngineOpened { attempt: 1, .. }));
    assert_eq!(game.client.latency(), None, "the latency of the connection before");
    game.close();
    server.join();
}
