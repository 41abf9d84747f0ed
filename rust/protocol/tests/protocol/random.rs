//! Whatever the game, the server and the network do in whatever order: the rules that always hold.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use bytes::Bytes;
use socketio_protocol::{
    AckRequest, AckToken, Command, Delivery, DisconnectReason, Event, Frame, Input, JoinId, Limits, Output,
    Payload, Reconnection, Session, TransportName, Unsent,
};

use crate::pair::{HANDSHAKE, Pair, join};

const NAMESPACES: [&str; 3] = ["/", "/a", "/b"];

/// A generator that gives the same numbers for the same seed everywhere (splitmix64).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (value ^ (value >> 31)) % limit
    }

    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[usize::try_from(self.below(items.len() as u64)).unwrap()]
    }
}

/// What the game knows, from what it did and what it was told.
#[derive(Default)]
struct Game {
    next_number: u64,
    connecting: bool,
    open: bool,
    joined: BTreeMap<String, JoinId>,
    pending_acks: BTreeMap<AckToken, String>,
    /// The number of the last event that reached the server, for each namespace and kind of delivery.
    sent: BTreeMap<(String, char), u64>,
    /// The id that the last event of a namespace asked to be answered with.
    asked: BTreeMap<String, u64>,
    joins: usize,
    answers: usize,
    endings: usize,
    reconnects: usize,
    repetitions: usize,
    resolved: BTreeSet<AckToken>,
}

impl Game {
    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    fn left(&mut self, namespace: &str) {
        self.joined.remove(namespace);
        self.pending_acks.retain(|_, of| of != namespace);
    }

    fn closed(&mut self) {
        self.connecting = false;
        self.open = false;
        self.joined.clear();
        self.pending_acks.clear();
    }

    fn sees_all(&mut self, pair: &mut Pair) {
        for output in pair.take_outputs() {
            self.sees(&output);
        }
    }

    fn sees(&mut self, output: &Output) {
        match output {
            Output::Open { .. } => {
                assert!(!self.connecting && !self.open, "two connections at once");
                self.connecting = true;
            }
            Output::Transmit(Frame::Text(text)) => self.sends(text),
            Output::Close(_) => self.connecting = false,
            Output::Transmit(Frame::Binary(_)) | Output::Ping | Output::Barrier => {}
            Output::Timeout(_) => panic!("not kept"),
            Output::Event(event) => self.hears(event),
        }
    }

    /// Events arrive in the order in which they were emitted: each carries a higher number than the one before of the
    /// same delivery. One with retries may come again.
    fn sends(&mut self, text: &str) {
        let Some((header, data)) = text.split_once("[\"") else { return };
        let (delivery, number) = data.split_once("\",").unwrap();
        let delivery = delivery.chars().next().unwrap();
        let namespace = NAMESPACES.iter().rev().find(|name| header.contains(*name)).map_or("/", |name| name);
        let number: u64 = number.split([',', ']']).next().unwrap().parse().unwrap();
        let last = self.sent.insert((namespace.to_owned(), delivery), number).unwrap_or_default();
        if delivery == 'r' && number == last {
            self.repetitions += 1;
        } else {
            assert!(number > last, "{namespace}: event {number} sent after {last}");
        }
        let id = header.rsplit([',', '-']).next().unwrap().trim_start_matches("42");
        if let Ok(id) = id.parse() {
            self.asked.insert(namespace.to_owned(), id);
        }
    }

    fn hears(&mut self, event: &Event) {
        match event {
            Event::EngineOpened { attempt, .. } => {
                assert!(self.connecting);
                self.connecting = false;
                self.open = true;
                self.reconnects += usize::from(*attempt > 0);
            }
            Event::TransportUpgraded { .. } => assert!(self.open),
            Event::ConnectFailed { .. } => {
                assert!(!self.open && self.joined.is_empty());
                self.connecting = false;
            }
            Event::EngineClosed { .. } => {
                assert!(self.open);
                self.open = false;
                self.endings += 1;
            }
            Event::ReconnectAttempt { attempt, .. } => {
                assert!(!self.open && !self.connecting && *attempt > 0);
            }
            Event::ReconnectFailed { .. } | Event::ReconnectEnded { .. } => {
                assert!(!self.open && !self.connecting);
            }
            Event::NamespaceAccepted { namespace, join, .. } => {
                assert!(self.open);
                assert_eq!(self.joined.insert(namespace.to_string(), *join), None);
                self.joins += 1;
            }
            Event::NamespaceJoined { namespace, join } => {
                assert_eq!(self.joined.get(&**namespace), Some(join));
            }
            Event::NamespaceRefused { namespace, .. } => assert!(!self.joined.contains_key(&**namespace)),
            Event::NamespaceLeft { namespace, join, reason, .. } => {
                assert_eq!(self.joined.remove(&**namespace), Some(*join));
                assert!(!self.open || *reason == DisconnectReason::IoServerDisconnect);
            }
            Event::Received(received) => {
                assert_eq!(self.joined.get(&*received.namespace), Some(&received.join), "{received:?}");
            }
            Event::Ack { token, answer } => {
                assert!(self.pending_acks.remove(token).is_some(), "{token:?} is not waited for");
                assert!(self.resolved.insert(*token), "{token:?} twice");
                self.answers += usize::from(answer.is_ok());
            }
            Event::AuthWanted { .. } | Event::Emitted { .. } => panic!("{event:?} was not asked for"),
            Event::EmitRefused { why: Unsent::Unacknowledged { .. }, .. } => {}
            Event::EmitRefused { namespace, .. } => assert!(!self.joined.contains_key(&**namespace)),
        }
    }
}

fn play(pair: &mut Pair, game: &mut Game, random: &mut Random) {
    let namespace = random.pick(&NAMESPACES);
    let prefix = if namespace == "/" { String::new() } else { format!("{namespace},") };
    let small = random.below(4);
    match random.below(40) {
        0..2 => {
            let joins = (0..small).map(|_| join(random.pick(&NAMESPACES), game.number())).collect();
            pair.connect(joins);
        }
        2..5 => {
            let number = game.number();
            pair.join(namespace, number);
        }
        5 => {
            game.left(namespace);
            pair.leave(namespace);
        }
        6 if small == 0 => {
            pair.close();
            // What was sent on the way out is still to be checked.
            for output in pair.take_outputs() {
                assert!(!matches!(output, Output::Event(_)), "{output:?} on closing");
            }
            game.closed();
        }
        7..13 => {
            let number = game.number();
            let (name, delivery) = match random.below(5) {
                0 => ("v", Delivery::Volatile),
                1 => {
                    let timeout = Some(Duration::from_secs(1 + random.below(20)));
                    ("r", Delivery::Retried { retries: 2, timeout })
                }
                _ => ("e", Delivery::Once),
            };
            let ack = (small > 0).then(|| {
                game.pending_acks.insert(AckToken(number), namespace.to_owned());
                AckRequest { token: AckToken(number), timeout: Some(Duration::from_secs(random.below(40))) }
            });
            let attachments = vec![Bytes::from_static(b"x"); usize::try_from(random.below(3)).unwrap()];
            let payload = Payload { json: format!(r#"["{name}",{number}]"#), attachments };
            pair.emit_with(namespace, payload, ack, delivery);
        }
        13 => pair.answer(
            namespace,
            game.next_number,
            small,
            Payload { json: "[]".into(), attachments: vec![] },
        ),
        14..17 if small == 0 => pair.input(Input::Opened(TransportName::Polling)),
        14..17 => pair.input(Input::Opened(TransportName::WebSocket)),
        17..20 if game.connecting => pair.server_sends(HANDSHAKE),
        20..25 if pair.server.was_asked(namespace) => pair.accept(namespace, "S"),
        25 if pair.server.was_asked(namespace) => pair.server_sends(&format!(r#"44{prefix}"no""#)),
        26 if small == 0 => pair.server_sends(&format!("41{prefix}")),
        27..29 => pair.server_sends(&format!(r#"42{prefix}["event"]"#)),
        29 => {
            let id = game.asked.get(namespace).copied().unwrap_or_default();
            pair.server_sends(&format!("43{prefix}{id}[]"));
        }
        30 if small == 0 => pair.input(Input::Upgraded),
        30 => pair.server_sends("2"),
        31 => pair.advance(Duration::from_millis(random.below(20_000))),
        32 if random.below(10) == 0 => match small {
            0 => pair.transport_closes(),
            1 => pair.transport_fails(),
            2 => pair.server_sends("garbage"),
            _ => pair.server_sends_binary(b"x"),
        },
        33 if random.below(10) == 0 => pair.suspend_seconds(60),
        34 if small == 0 => pair.command(Command::Pause),
        35 => pair.command(Command::Resume),
        36 => pair.command(Command::ReconnectNow),
        37 => pair.session.set_writable(small > 0),
        38 if random.below(10) == 0 => pair.configure(Reconnection {
            enabled: small > 0,
            attempts: (small > 1).then_some(3),
            ..Reconnection::default()
        }),
        _ => {}
    }
    game.sees_all(pair);
}

#[test]
fn the_rules_hold_in_any_order_of_things() {
    let mut total = [0; 5];
    for seed in 0..300 {
        let mut random = Random(seed);
        let mut pair = Pair::new();
        pair.reconnection.enabled = seed % 4 > 0;
        let mut game = Game::default();
        for _ in 0..1000 {
            play(&mut pair, &mut game, &mut random);
        }
        // To the end: without a transport, and without a hope of one.
        pair.configure(Reconnection { enabled: false, ..Reconnection::default() });
        pair.command(Command::Resume);
        pair.transport_closes();
        pair.connect(Vec::new());
        pair.transport_fails();
        pair.advance_seconds(1000);
        game.sees_all(&mut pair);
        assert!(game.pending_acks.is_empty(), "seed {seed}: {:?} got no ack", game.pending_acks);
        assert_eq!(pair.deadline, None, "seed {seed}: a deadline of nothing");
        let counts = [game.joins, game.answers, game.endings, game.reconnects, game.repetitions];
        total.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
    }
    // Without these the game was too dull to prove anything.
    assert!(total.iter().all(|count| *count > 500), "{total:?}");
}

#[test]
fn damaged_texts_end_the_connection_or_are_packets() {
    let texts = [
        r#"452-/chat,12["name",{"_placeholder":true,"num":0},{"a":[1,-2.5e3,"\ud83d\ude00"]}]"#,
        r#"42["name",{"key":[null,true,18446744073709551616]}]"#,
        r#"461-3[{"_placeholder":true,"num":0}]"#,
        r#"40{"sid":"S","pid":"P"}"#,
        r#"44/admin,{"message":"no","data":{"code":1}}"#,
        r#"41/chat,"#,
        r#"0{"sid":"E","pingInterval":25000,"pingTimeout":20000}"#,
    ];
    let mut random = Random(7);
    let limits = Limits { max_payload: 200, ..Limits::default() };
    let mut survived = 0;
    for round in 0..20_000 {
        let mut pair = Pair::with_limits(limits);
        pair.connect(vec![join("/", 1), join("/chat", 2), join("/admin", 3)]);
        pair.input(Input::Opened(TransportName::WebSocket));
        if round % 4 != 0 {
            pair.server_sends(HANDSHAKE);
        }
        let mut bytes = random.pick(&texts).as_bytes().to_vec();
        for _ in 0..=random.below(3) {
            let at = usize::try_from(random.below(bytes.len() as u64)).unwrap();
            match random.below(3) {
                0 => bytes[at] = random.pick(b"0123456789-,/[]{}\"\\_u \0"),
                1 => bytes.insert(at, random.pick(b"0123456789-,/[]{}\"\\_u \xff")),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // The server's own rules are not the point here.
        let attachments = if text.starts_with("45") || text.starts_with("46") { random.below(3) } else { 0 };
        survived += u32::from(survives(&mut pair.session, pair.now, &text, attachments));
    }
    assert!(survived > 1000 && survived < 19_000, "{survived}");
}

/// Feeds a text and attachments. Returns whether the connection is still there.
fn survives(session: &mut Session, now: Instant, text: &str, attachments: u64) -> bool {
    session.handle_input(now, Input::Text(text));
    for _ in 0..attachments {
        session.handle_input(now, Input::Binary(Bytes::from_static(b"attachment")));
    }
    let mut ended = 0;
    for _ in 0..100 {
        match session.poll_output() {
            Output::Timeout(deadline) => {
                assert!(ended <= 1);
                assert_eq!(deadline.is_none(), ended == 1);
                return ended == 0;
            }
            Output::Event(Event::EngineClosed { detail, .. }) => {
                assert!(!detail.is_empty() && detail.len() < 300, "{detail}");
                ended += 1;
            }
            Output::Event(Event::ConnectFailed { error, .. }) => {
                assert!(error.message.len() < 600, "{}", error.message);
                ended += 1;
            }
            _ => {}
        }
    }
    panic!("the session never comes to rest");
}
