//! A game that does not poll for an hour, on a clock that the test moves.

use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use socketio_protocol::{
    Auth, Command, Connect, ConnectionId, Endpoint, Join, JoinId, Limits, Node, Reconnection, Settings,
    TransportName,
};

use super::*;
use crate::clock::tests::Device;
use crate::mailbox::{GameSide, mailbox};
use crate::request::Request;

const LIMIT: usize = 256 * 1024;
/// What one turn reads at most, and the end of the connection.
const CONSTANT: usize = LIMIT;
const MINUTES: u64 = 60;

#[test]
fn an_hour_without_a_poll_costs_no_more_than_the_limit_and_nothing_is_lost() {
    let address = flood();
    let device = Device::default();
    let (game, worker, waker) = mailbox(LIMIT).unwrap();
    let mut worker = Worker::new(worker, waker);
    worker.clock = device.clock();
    let thread = thread::spawn(|| worker.run());
    connect(&game, address);
    wait_until(|| game.is_reading_paused());

    for _ in 0..MINUTES {
        let turns = game.statistics().wake_ups;
        device.sleep(60);
        // Nothing else wakes a worker whose device has slept.
        game.send(Request::Command(Command::Leave("/nowhere".into()))).unwrap();
        wait_until(|| game.statistics().wake_ups > turns);
        let inbound = game.statistics().inbound;
        assert!((LIMIT..LIMIT + CONSTANT).contains(&inbound.bytes), "{} bytes wait", inbound.bytes);
    }

    let turns = game.statistics().wake_ups;
    thread::sleep(Duration::from_millis(100));
    let turns = game.statistics().wake_ups - turns;
    assert!(turns < 5, "{turns} turns of a worker that has nothing to do");

    let mut connections = Vec::new();
    wait_until(|| {
        game.fetch(|_| {});
        while let Some(event) = game.try_event() {
            match event {
                Event::EngineOpened { transport, .. } => {
                    assert_eq!(transport, TransportName::WebSocket);
                    connections.push(0);
                }
                Event::Received(received) => {
                    let count = connections.last_mut().unwrap();
                    assert_eq!(received.arguments.nodes().first(), Some(&Node::Int(*count)), "the order");
                    *count += 1;
                }
                Event::EngineClosed { reason, detail, .. } => {
                    assert_eq!((reason, connections.len()), (DisconnectReason::PingTimeout, 1));
                    assert!(detail.contains("call poll() more often"), "{detail}");
                }
                Event::ReconnectAttempt { attempt, .. } => assert_eq!(attempt, 1),
                Event::ConnectFailed { error, .. } => panic!("{}", error.message),
                _ => {}
            }
        }
        connections.get(1).is_some_and(|count| *count > 10_000)
    });
    assert!(connections[0] > 100, "{connections:?}");
    game.send(Request::End(Some(Instant::now()))).unwrap();
    thread.join().unwrap();
}

/// A server that has each client join, and sends it numbered events until it is gone.
fn flood() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(|| {
                let mut socket = tungstenite::accept(stream.unwrap()).unwrap();
                let opening =
                    [r#"0{"sid":"e","pingInterval":25000,"pingTimeout":20000}"#, r#"40{"sid":"s"}"#];
                let events = (0..).map(|number| format!(r#"42["n",{number}]"#));
                let mut texts = opening.map(str::to_owned).into_iter().chain(events);
                texts.try_for_each(|text| socket.send(tungstenite::Message::text(text)))
            });
        }
    });
    address
}

fn connect(game: &GameSide<Values>, address: SocketAddr) {
    let settings = Settings {
        endpoint: Endpoint::parse(&format!("ws://{address}")).unwrap(),
        timeout: Duration::from_secs(20),
        limits: Limits::default(),
        reconnection: Reconnection::default(),
    };
    let join = Join { namespace: "/".into(), join: JoinId(1), auth: Auth::Fixed(None) };
    let connect = Connect { connection: ConnectionId(1), settings, join: vec![join] };
    game.send(Request::Connect(Box::new((connect, TransportOptions::default())))).unwrap();
}

fn wait_until(mut condition: impl FnMut() -> bool) {
    let give_up = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < give_up, "waited in vain");
        thread::sleep(Duration::from_millis(1));
    }
}
