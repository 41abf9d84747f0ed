//! A game that does anything at any time, and knows the rules that hold all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use socketio_protocol::packet::{Header, Kind};
use socketio_protocol::{
    AckRequest, AckToken, Command, ConnectionId, Delivery, DisconnectReason, Event, Frame, Input, Join,
    JoinId, Node, Output, Payload, Received, Reconnection, TransportName, Unsent,
};

use crate::choices::Choices;
use crate::pair::{HANDSHAKE, Pair, join};

pub const NAMESPACES: [&str; 3] = ["/", "/a", "/b"];

/// The name of the events whose order is checked: the server numbers them.
pub const NUMBERED: &str = "numbered";

/// What the game knows, from what it did and what it was told.
#[derive(Default)]
pub struct Game {
    pub pending_acks: BTreeMap<AckToken, String>,
    pub counts: Counts,
    next_number: u64,
    connecting: bool,
    open: bool,
    /// How often the game has connected.
    connects: u64,
    /// The connections up to this one were closed by the game, which hears of them no more.
    closed: u64,
    joined: BTreeMap<String, JoinId>,
    /// The namespace that is being left: what is sent on the way out belongs to it.
    leaving: Option<&'static str>,
    /// How many sessions a namespace has had.
    sessions: BTreeMap<String, u64>,
    /// The number of the last event that reached the server, for each namespace and kind of delivery.
    sent: BTreeMap<(String, char), u64>,
    /// The number of the last event from the server.
    received: BTreeMap<String, u64>,
    /// The id that the last event of a namespace asked to be answered with.
    asked: BTreeMap<String, u64>,
    resolved: BTreeSet<AckToken>,
}

/// How much has happened. Without it the game was too dull to prove anything.
#[derive(Default, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub joins: usize,
    pub recoveries: usize,
    pub endings: usize,
    pub reconnects: usize,
    /// Events that the server has answered.
    pub answered: usize,
    /// Answers to the server.
    pub answers: usize,
    /// Events that were sent again.
    pub repetitions: usize,
    /// Events from the server.
    pub received: usize,
}

impl Counts {
    pub fn add(&mut self, other: &Self) {
        self.joins += other.joins;
        self.recoveries += other.recoveries;
        self.endings += other.endings;
        self.reconnects += other.reconnects;
        self.answered += other.answered;
        self.answers += other.answers;
        self.repetitions += other.repetitions;
        self.received += other.received;
    }

    /// The least of all.
    pub fn least(&self) -> usize {
        let Self { joins, recoveries, endings, reconnects, answered, answers, repetitions, received } = *self;
        let counts = [joins, recoveries, endings, reconnects, answered, answers, repetitions, received];
        counts.into_iter().min().unwrap_or_default()
    }
}

impl Game {
    /// Checks what has happened since the last call, and returns it.
    pub fn sees_all(&mut self, pair: &mut Pair) -> Vec<Output> {
        let outputs = pair.take_outputs();
        outputs.iter().for_each(|output| self.sees(output));
        self.leaving = None;
        outputs
    }

    pub fn is_joined(&self, namespace: &str) -> bool {
        self.joined.contains_key(namespace)
    }

    /// Plays to the end, without a transport and without a hope of one: nothing may be left to wait for.
    pub fn ends(&mut self, pair: &mut Pair) {
        pair.configure(Reconnection { enabled: false, ..Reconnection::default() });
        pair.command(Command::Resume);
        pair.transport_closes();
        self.connects(pair, Vec::new());
        pair.transport_fails();
        pair.advance_seconds(1000);
        self.sees_all(pair);
        assert!(self.pending_acks.is_empty(), "{:?} got no ack", self.pending_acks);
        assert_eq!(pair.deadline, None, "a deadline of nothing");
    }

    pub fn connects(&mut self, pair: &mut Pair, joins: Vec<Join>) {
        self.connects += 1;
        pair.connect(joins);
    }

    pub fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    pub fn leaves(&mut self, pair: &mut Pair, namespace: &'static str) {
        self.leaving = self.joined.remove(namespace).map(|_| namespace);
        self.pending_acks.retain(|_, of| of != namespace);
        pair.leave(namespace);
    }

    /// Closes. Returns what was still done on the way out.
    pub fn closes(&mut self, pair: &mut Pair) -> Vec<Output> {
        pair.close();
        let outputs = self.sees_all(pair);
        let told = outputs.iter().find(|output| matches!(output, Output::Event(_)));
        assert_eq!(told, None, "on closing");
        self.connecting = false;
        self.open = false;
        self.closed = self.connects;
        self.joined.clear();
        self.pending_acks.clear();
        outputs
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

    fn sends(&mut self, text: &str) {
        let Some(packet) = text.strip_prefix('4') else { return };
        let (header, json) = Header::decode(packet).unwrap();
        if !matches!(header.kind, Kind::Event | Kind::Ack) {
            return;
        }
        let namespace = header.namespace.into_owned();
        let is_member = self.joined.contains_key(&namespace) || self.leaving == Some(&namespace);
        assert!(self.open && is_member, "{text} outside its namespace");
        if header.kind == Kind::Event {
            self.sends_event(namespace, header.id, json);
        } else {
            self.counts.answers += 1;
        }
    }

    /// Events arrive in the order in which they were emitted: each carries a higher number than the one before of the
    /// same delivery. One with retries may come again.
    fn sends_event(&mut self, namespace: String, id: Option<u64>, json: &str) {
        let (delivery, number) = json.trim_start_matches("[\"").split_once("\",").unwrap();
        let delivery = delivery.chars().next().unwrap();
        let number: u64 = number.split([',', ']']).next().unwrap().parse().unwrap();
        let last = self.sent.insert((namespace.clone(), delivery), number).unwrap_or_default();
        if delivery == 'r' && number == last {
            self.counts.repetitions += 1;
        } else {
            assert!(number > last, "{namespace}: event {number} sent after {last}");
        }
        if let Some(id) = id {
            self.asked.insert(namespace, id);
        }
    }

    fn hears(&mut self, event: &Event) {
        match event {
            Event::EngineOpened { connection, attempt, .. } => {
                self.is_current(*connection);
                assert!(self.connecting);
                self.connecting = false;
                self.open = true;
                self.counts.reconnects += usize::from(*attempt > 0);
            }
            Event::TransportUpgraded { connection } => {
                self.is_current(*connection);
                assert!(self.open);
            }
            Event::ConnectFailed { connection, error, .. } => {
                self.is_current(*connection);
                assert!(!self.open && self.joined.is_empty());
                assert!(error.message.len() < 600, "{}", error.message);
                self.connecting = false;
            }
            Event::EngineClosed { connection, detail, .. } => {
                self.is_current(*connection);
                assert!(self.open);
                assert!(detail.len() < 300, "{detail}");
                self.open = false;
                self.counts.endings += 1;
            }
            Event::ReconnectAttempt { connection, attempt, .. } => {
                self.is_current(*connection);
                assert!(!self.open && !self.connecting && *attempt > 0);
            }
            Event::ReconnectFailed { connection } | Event::ReconnectEnded { connection } => {
                self.is_current(*connection);
                assert!(!self.open && !self.connecting);
            }
            Event::NamespaceAccepted { namespace, join, recovered, .. } => {
                assert!(self.open);
                assert_eq!(self.joined.insert(namespace.to_string(), *join), None);
                *self.sessions.entry(namespace.to_string()).or_default() += 1;
                self.counts.joins += 1;
                self.counts.recoveries += usize::from(*recovered);
            }
            Event::NamespaceJoined { namespace, join } => {
                assert_eq!(self.joined.get(&**namespace), Some(join));
            }
            Event::NamespaceRefused { namespace, closed, .. } => {
                assert!(!self.joined.contains_key(&**namespace));
                if let Some(connection) = closed {
                    self.is_current(*connection);
                    assert!(self.open && self.joined.is_empty());
                    self.open = false;
                    self.counts.endings += 1;
                }
            }
            Event::NamespaceLeft { namespace, join, reason, .. } => {
                assert_eq!(self.joined.remove(&**namespace), Some(*join));
                assert!(!self.open || *reason == DisconnectReason::IoServerDisconnect);
            }
            Event::Received(received) => self.receives(received),
            Event::Ack { token, answer } => {
                assert!(self.pending_acks.remove(token).is_some(), "{token:?} is not waited for");
                assert!(self.resolved.insert(*token), "{token:?} twice");
                self.counts.answered += usize::from(answer.is_ok());
            }
            Event::AuthWanted { .. } | Event::Emitted { .. } => panic!("{event:?} was not asked for"),
            Event::EmitRefused { why: Unsent::Unacknowledged { .. }, .. } => {}
            Event::EmitRefused { namespace, .. } => assert!(!self.joined.contains_key(&**namespace)),
        }
    }

    fn receives(&mut self, received: &Received) {
        assert_eq!(self.joined.get(&*received.namespace), Some(&received.join), "{received:?}");
        assert_eq!(self.sessions.get(&*received.namespace), Some(&received.session.0), "{received:?}");
        if received.name != NUMBERED {
            return;
        }
        let Some(&Node::Int(number)) = received.arguments.nodes().first() else {
            panic!("{received:?} has no number")
        };
        let number = u64::try_from(number).unwrap();
        let last = self.received.insert(received.namespace.to_string(), number).unwrap_or_default();
        assert!(number > last, "{received:?} after {last}");
        self.counts.received += 1;
    }

    fn is_current(&self, connection: ConnectionId) {
        let current = self.closed + 1..=self.connects;
        assert!(current.contains(&connection.0), "{connection:?} is none of {current:?}");
    }
}

/// Does one thing, and checks what follows from it.
pub fn play(pair: &mut Pair, game: &mut Game, choices: &mut impl Choices) {
    let namespace = choices.pick(&NAMESPACES);
    let prefix = if namespace == "/" { String::new() } else { format!("{namespace},") };
    let small = choices.below(4);
    match choices.below(40) {
        0..2 => {
            let joins = (0..small).map(|_| join(choices.pick(&NAMESPACES), game.number())).collect();
            game.connects(pair, joins);
        }
        2..5 => {
            let number = game.number();
            pair.join(namespace, number);
        }
        5 => game.leaves(pair, namespace),
        6 if small == 0 => {
            game.closes(pair);
        }
        7..13 => {
            emit(pair, game, choices, namespace);
        }
        13 => answer(pair, game, namespace, small),
        14..17 if small == 0 => pair.input(Input::Opened(TransportName::Polling)),
        14..17 => pair.input(Input::Opened(TransportName::WebSocket)),
        17..20 if game.connecting => pair.server_sends(HANDSHAKE),
        20..22 if pair.server.was_asked(namespace) => pair.accept(namespace, "S"),
        22..25 if pair.server.was_asked(namespace) => pair.accept_recoverable(namespace, "S", "P"),
        25 if pair.server.was_asked(namespace) => pair.server_sends(&format!(r#"44{prefix}"no""#)),
        26 if small == 0 => pair.server_sends(&format!("41{prefix}")),
        27..29 => {
            let number = game.number();
            pair.server_sends(&format!(r#"42{prefix}["{NUMBERED}",{number}]"#));
        }
        29 => {
            let id = game.asked.get(namespace).copied().unwrap_or_default();
            pair.server_sends(&format!("43{prefix}{id}[]"));
        }
        30 if small == 0 => pair.input(Input::Upgraded),
        30 => pair.server_sends("2"),
        31 => pair.advance(Duration::from_millis(choices.below(20_000))),
        32 if choices.below(10) == 0 => match small {
            0 => pair.transport_closes(),
            1 => pair.transport_fails(),
            2 => pair.server_sends("garbage"),
            _ => pair.server_sends_binary(b"x"),
        },
        33 if choices.below(10) == 0 => pair.suspend_seconds(60),
        34 if small == 0 => pair.command(Command::Pause),
        35 => pair.command(Command::Resume),
        36 => pair.command(Command::ReconnectNow),
        37 => pair.session.set_writable(small > 0),
        38 if choices.below(10) == 0 => pair.configure(Reconnection {
            enabled: small > 0,
            attempts: (small > 1).then_some(3),
            ..Reconnection::default()
        }),
        _ => {}
    }
    for output in game.sees_all(pair) {
        recycle(pair, output);
    }
}

/// Gives the memory of an event back.
pub fn recycle(pair: &mut Pair, output: Output) {
    if let Output::Event(Event::Received(received)) = output {
        pair.session.recycle(received.arguments);
    }
}

/// Emits an event that is like no other by its number, which it returns.
pub fn emit(
    pair: &mut Pair,
    game: &mut Game,
    choices: &mut impl Choices,
    namespace: &str,
) -> (u64, Delivery) {
    let number = game.number();
    let (name, delivery) = match choices.below(5) {
        0 => ("v", Delivery::Volatile),
        1 => {
            let timeout = Some(Duration::from_secs(1 + choices.below(20)));
            ("r", Delivery::Retried { retries: 2, timeout })
        }
        _ => ("e", Delivery::Once),
    };
    let ack = (choices.below(4) > 0).then(|| {
        game.pending_acks.insert(AckToken(number), namespace.to_owned());
        AckRequest { token: AckToken(number), timeout: Some(Duration::from_secs(choices.below(40))) }
    });
    let attachments = vec![Bytes::from_static(b"x"); usize::try_from(choices.below(3)).unwrap()];
    let payload = Payload { json: format!(r#"["{name}",{number}]"#), attachments };
    pair.emit_with(namespace, payload, ack, delivery);
    (number, delivery)
}

/// Answers an event of this session or of the one before. Only the first may be sent (S12).
fn answer(pair: &mut Pair, game: &mut Game, namespace: &str, small: u64) {
    let session = game.sessions.get(namespace).copied().unwrap_or_default();
    let answered = session.saturating_sub(small / 2);
    pair.answer(namespace, answered, small, Payload { json: "[]".into(), attachments: vec![] });
    let sent = pair.outputs.iter().any(|output| matches!(output, Output::Transmit(_)));
    assert_eq!(sent, answered == session && game.joined.contains_key(namespace), "{namespace}: {answered}");
}
