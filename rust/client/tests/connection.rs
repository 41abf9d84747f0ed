//! A connection from its opening to its end.

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use socketio_client::{Command, Event, Limits, TransportOptions};
use socketio_protocol::{AckRequest, AckToken, DisconnectReason, Emit, Payload};
use support::{
    Game, JOINED, PATIENCE, Peer, Server, accept, accepting_answer, read_head, text_frame, text_of,
    wait_until,
};
use tungstenite::Message;

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
    let payload = Payload { json: r#"["hello","game"]"#.to_owned(), attachments: Vec::new() };
    let ack = Some(AckRequest { token: AckToken(5), timeout: None });
    game.client.send(Command::Emit(Emit { namespace: "/".into(), payload, ack })).unwrap();
    game.expect_joined();
    match game.next() {
        Event::Ack { token: AckToken(5), answer: Some(answer) } => assert_eq!(text_of(&answer), "hello back"),
        other => panic!("not the ack: {other:?}"),
    }
    let question = game.expect_received();
    assert_eq!((question.name.as_str(), text_of(&question.arguments).as_str()), ("question", "42"));
    let payload = Payload { json: r#"["answer"]"#.to_owned(), attachments: Vec::new() };
    let (namespace, join, id) = (question.namespace, question.join, question.ack.unwrap());
    game.client.send(Command::Answer { namespace, join, id, payload }).unwrap();
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
    game.client.send(Command::Emit(Emit { namespace: "/".into(), payload, ack: None })).unwrap();
    game.expect_joined();
    assert_eq!(game.expect_received().arguments.attachment(0), vec![0, 1, 255]);
    game.close();
    server.join();
}

#[test]
fn the_request_is_what_servers_expect() {
    let server = Server::raw(|mut stream| {
        let request = read_head(&mut stream);
        let port = stream.local_addr().unwrap().port();
        assert!(
            request.starts_with("GET /game/socket.io/?a=b&EIO=4&transport=websocket HTTP/1.1\r\n"),
            "{request}"
        );
        let lines: Vec<_> = request.lines().collect();
        for line in [
            format!("Host: 127.0.0.1:{port}").as_str(),
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Authorization: Basic bWU6c2VjcmV0",
            "X-Version: 1.2",
            "User-Agent: mine",
        ] {
            assert_eq!(lines.iter().filter(|other| **other == line).count(), 1, "{line:?} in {request}");
        }
        let agents = lines.iter().filter(|line| line.starts_with("User-Agent:")).count();
        assert_eq!(agents, 1, "the game's own user agent did not replace the client's: {request}");
    });
    let mut game = Game::start();
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = vec![header("X-Version", "1.2"), header("User-Agent", "mine")];
    let url = format!("ws://me:secret@127.0.0.1:{}/game?a=b", server.port);
    game.connect_with(&url, TransportOptions { headers, ..TransportOptions::default() });
    game.expect_failed();
    server.join();
}

#[test]
fn a_proxys_connection_header_is_accepted() {
    let server = Server::raw(|mut stream| {
        let request = read_head(&mut stream);
        stream.write_all(accepting_answer(&request, "keep-alive, Upgrade").as_bytes()).unwrap();
        stream.write_all(&text_frame(JOINED)).unwrap();
        read_to_end(&mut stream);
    });
    let mut game = Game::start();
    game.connect(&server.url());
    // The answer was taken, and what followed is not an Engine.IO handshake.
    assert!(game.expect_failed().http_status.is_none());
    drop(game);
    server.join();
}

#[test]
fn frames_in_the_segment_of_the_handshake_are_not_lost() {
    let server = Server::raw(|mut stream| {
        let request = read_head(&mut stream);
        let mut bytes = accepting_answer(&request, "Upgrade").into_bytes();
        bytes.extend(text_frame(r#"0{"sid":"e","pingInterval":25000,"pingTimeout":20000}"#));
        bytes.extend(text_frame(JOINED));
        bytes.extend(text_frame(r#"42["early"]"#));
        stream.write_all(&bytes).unwrap();
        read_to_end(&mut stream);
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    assert_eq!(game.expect_received().name, "early");
    drop(game);
    server.join();
}

#[test]
fn an_interim_answer_may_come_first() {
    let server = Server::raw(|mut stream| {
        let request = read_head(&mut stream);
        let mut bytes = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".to_vec();
        bytes.extend(accepting_answer(&request, "Upgrade").into_bytes());
        bytes.extend(text_frame(r#"0{"sid":"e","pingInterval":25000,"pingTimeout":20000}"#));
        bytes.extend(text_frame(JOINED));
        stream.write_all(&bytes).unwrap();
        read_to_end(&mut stream);
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    drop(game);
    server.join();
}

#[test]
fn bytes_may_come_one_at_a_time() {
    let server = Server::raw(|mut stream| {
        let request = read_head(&mut stream);
        let mut bytes = accepting_answer(&request, "Upgrade").into_bytes();
        bytes.extend(text_frame(r#"0{"sid":"e","pingInterval":25000,"pingTimeout":20000}"#));
        bytes.extend(text_frame(JOINED));
        bytes.extend(text_frame(r#"42["slow"]"#));
        for byte in bytes {
            stream.write_all(&[byte]).unwrap();
            thread::sleep(Duration::from_micros(200));
        }
        read_to_end(&mut stream);
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    assert_eq!(game.expect_received().name, "slow");
    drop(game);
    server.join();
}

#[test]
fn localhost_works_where_only_ipv4_listens() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&format!("ws://localhost:{}", server.port));
    game.expect_joined();
    game.close();
    server.join();
}

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
    assert!(game.client.try_event().is_none(), "a close by the game has no events");
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
        let mut second = Peer::accept(accept(&listener));
        second.welcome();
        first.expect(r#"42["last words"]"#);
        first.expect("41");
        first.expect_close();
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
    assert!(matches!(game.next(), Event::NamespaceJoined { .. }));
    drop(game);
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
        // Closing with unread data makes the kernel send a reset.
        wait_until("unread data", || {
            let mut byte = [0];
            matches!(peer.socket.get_ref().peek(&mut byte), Ok(1))
        });
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    game.emit(r#"["unread"]"#);
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
    let mut game = Game::with(Limits { max_payload: 50_000, ..Limits::default() }, 1 << 20);
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
fn a_server_that_never_answers_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut game = Game::start();
    let endpoint =
        socketio_protocol::Endpoint::parse(&format!("ws://{}", listener.local_addr().unwrap())).unwrap();
    let connect = socketio_client::Connect {
        connection: socketio_protocol::ConnectionId(1),
        endpoint,
        join: Vec::new(),
        timeout: Duration::from_millis(200),
    };
    game.client.connect(connect, TransportOptions::default());
    assert_eq!(game.expect_failed().code, socketio_protocol::ConnectErrorCode::Timeout);
    // And the client can be used again.
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        peer.read_to_end();
    });
    game.connect(&server.url());
    game.expect_joined();
    drop(game);
    server.join();
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

fn read_to_end(stream: &mut impl Read) {
    let mut rest = Vec::new();
    // A reset is an end too.
    let _ = stream.read_to_end(&mut rest);
}
