//! A transport that is full, on a device that sleeps when the test says so.

use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use socketio_protocol::{
    AckRequest, AckToken, Auth, Command, Connect, ConnectionId, Delivery, Emit, Join, JoinId, Payload,
    Reconnection, Settings,
};
use tungstenite::Message;

use super::tests::next;
use super::*;
use crate::clock::tests::Device;
use crate::mailbox::{GameSide, mailbox};
use crate::request::Request;

const PATIENCE: Duration = Duration::from_secs(20);

fn emit(json: String) -> Emit {
    let payload = Payload { json, attachments: Vec::new() };
    Emit { namespace: "/".into(), payload, ack: None, delivery: Delivery::Once, report: false }
}

fn send(game: &GameSide<Values>, command: Command) {
    game.send(Request::Command(command)).unwrap();
}

fn connect(game: &GameSide<Values>, number: u64, address: SocketAddr) {
    let settings = Settings {
        endpoint: Endpoint::parse(&format!("ws://{address}")).unwrap(),
        timeout: PATIENCE,
        limits: Limits::default(),
        reconnection: Reconnection::default(),
    };
    let join = Join { namespace: "/".into(), join: JoinId(number), auth: Auth::Fixed(None) };
    let connect = Connect { connection: ConnectionId(number), settings, join: vec![join] };
    game.send(Request::Connect(Box::new((connect, TransportOptions::default())))).unwrap();
}

/// Lets clients join and reads nothing more of what they send, until it is dropped.
struct Server {
    address: SocketAddr,
    _end: Sender<()>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ends) = channel();
        thread::spawn(move || {
            let mut socket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
            socket.send(Message::text(r#"0{"sid":"e","pingInterval":25000,"pingTimeout":20000}"#)).unwrap();
            while !socket.read().unwrap().is_text() {}
            socket.send(Message::text(r#"40{"sid":"s"}"#)).unwrap();
            let _ = ends.recv_timeout(PATIENCE);
        });
        Self { address, _end: end }
    }
}

/// A game that has emitted more than its server takes.
fn full(body: impl FnOnce(&GameSide<Values>, &Device)) {
    let server = Server::start();
    let (game, worker, waker) = mailbox(64 << 20).unwrap();
    let mut worker = Worker::new(worker, waker);
    let device = Device::default();
    worker.clock = device.clock();
    let thread = thread::spawn(|| worker.run());
    connect(&game, 1, server.address);
    while !matches!(next(&game), Event::NamespaceJoined { .. }) {}
    for _ in 0..32 {
        send(&game, Command::Emit(emit(format!(r#"["{}"]"#, "x".repeat(1 << 20)))));
    }
    let (mut turns, mut before) = (1, 0);
    while turns > before {
        thread::sleep(Duration::from_millis(100));
        before = mem::replace(&mut turns, game.statistics().wake_ups);
    }
    assert!(game.statistics().counters.events_sent < 32, "everything was sent");
    body(&game, &device);
    game.send(Request::End(Some(Instant::now()))).unwrap();
    thread.join().unwrap();
}

#[test]
fn s7_after_a_sleep_it_is_found_that_the_heartbeat_is_overdue() {
    full(|game, device| {
        device.sleep(60);
        let lost = next(game);
        assert!(
            matches!(lost, Event::EngineClosed { reason: DisconnectReason::PingTimeout, .. }),
            "{lost:?}"
        );
        // What was left may have been emitted after it, so it waits for the next connection.
        thread::sleep(Duration::from_millis(100));
        assert!(game.statistics().outbound.items >= 20, "{} wait", game.statistics().outbound.items);
    });
}

#[test]
fn s7_what_asks_for_an_answer_after_a_sleep_waits_for_the_next_connection() {
    full(|game, device| {
        device.sleep(60);
        let ack = Some(AckRequest { token: AckToken(1), timeout: Some(HOUR) });
        send(game, Command::Emit(Emit { ack, ..emit(r#"["late"]"#.into()) }));
        assert!(matches!(next(game), Event::EngineClosed { .. }));
        thread::sleep(Duration::from_millis(200));
        game.fetch(|_| {});
        while let Some(event) = game.try_event() {
            assert!(!matches!(event, Event::Ack { .. }), "{event:?}");
        }
    });
}

/// A time that no test waits.
const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn after_a_sleep_the_time_of_a_new_connection_begins_now() {
    let other = Server::start();
    full(|game, device| {
        device.sleep(60);
        send(game, Command::Close);
        connect(game, 2, other.address);
        loop {
            match next(game) {
                Event::EngineOpened { connection: ConnectionId(2), .. } => break,
                Event::ConnectFailed { error, .. } => panic!("{}", error.message),
                _ => {}
            }
        }
    });
}

#[test]
fn nothing_is_taken_past_what_cannot_wait() {
    let server = Server::start();
    let (game, worker, waker) = mailbox(64 << 20).unwrap();
    let mut worker = Worker::<Values>::new(worker, waker);
    let mut events = Events::new();
    connect(&game, 1, server.address);
    loop {
        worker.waker.wake();
        worker.turn(&mut events).unwrap();
        game.fetch(|_| {});
        if std::iter::from_fn(|| game.try_event()).any(|event| matches!(event, Event::NamespaceJoined { .. }))
        {
            break;
        }
    }
    send(&game, Command::Emit(emit(format!(r#"["{}"]"#, "x".repeat(1 << 20)))));
    send(&game, Command::Emit(emit("[1]".into())));
    assert_eq!(worker.take_requests(), 1);
    send(&game, Command::Close);
    send(&game, Command::Emit(emit("[2]".into())));
    worker.take_left(Instant::now());
    assert_eq!(worker.mailbox.requests(), 2);
    assert!(worker.transports.open_one().is_some(), "the client has closed");
}
