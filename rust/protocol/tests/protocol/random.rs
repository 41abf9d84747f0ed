//! Whatever the game, the server and the network do in whatever order: the rules that always hold.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use bytes::Bytes;
use socketio_protocol::{
    AckRequest, AckToken, DisconnectReason, Event, Frame, Input, JoinId, Limits, Output, Payload, Session,
};

use crate::pair::{HANDSHAKE, Pair, join};

const NAMESPACES: [&str; 3] = ["/", "/a", "/b"];

/// A generator that gives the same numbers for the same seed everywhere (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (value ^ (value >> 31)) % limit
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
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
    /// The number of the last event that reached the server in each namespace.
    sent: BTreeMap<String, u64>,
    /// The id that the last of them asked to be answered with.
    asked: BTreeMap<String, u64>,
    joins: usize,
    answers: usize,
    endings: usize,
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

    fn sees(&mut self, output: &Output) {
        match output {
            Output::Open(_) => {
                assert!(!self.connecting && !self.open, "two connections at once");
                self.connecting = true;
            }
            Output::Transmit(Frame::Text(text)) => self.sends(text),
            Output::Transmit(Frame::Binary(_)) | Output::Ping | Output::Barrier | Output::Close(_) => {}
            Output::Timeout(_) => panic!("not kept"),
            Output::Event(event) => self.hears(event),
        }
    }

    /// Events arrive in the order in which they were emitted: each carries a higher number than the one before.
    fn sends(&mut self, text: &str) {
        let Some((header, number)) = text.split_once(r#"["e","#) else { return };
        let namespace = NAMESPACES.iter().rev().find(|name| header.contains(*name)).map_or("/", |name| name);
        let number: u64 = number.split([',', ']']).next().unwrap().parse().unwrap();
        let last = self.sent.insert(namespace.to_owned(), number).unwrap_or_default();
        assert!(number > last, "{namespace}: event {number} sent after {last}");
        let id = header.rsplit([',', '-']).next().unwrap().trim_start_matches("42");
        if let Ok(id) = id.parse() {
            self.asked.insert(namespace.to_owned(), id);
        }
    }

    fn hears(&mut self, event: &Event) {
        match event {
            Event::EngineOpened { .. } => {
                assert!(self.connecting);
                self.connecting = false;
                self.open = true;
            }
            Event::ConnectFailed { .. } => {
                assert!(self.connecting && self.joined.is_empty());
                self.connecting = false;
            }
            Event::EngineClosed { .. } => {
                assert!(self.open);
                self.open = false;
                self.endings += 1;
            }
            Event::NamespaceJoined { namespace, join, .. } => {
                assert!(self.open);
                assert_eq!(self.joined.insert(namespace.to_string(), *join), None);
                self.joins += 1;
            }
            Event::NamespaceRefused { namespace, .. } => assert!(!self.joined.contains_key(&**namespace)),
            Event::NamespaceLeft { namespace, join, reason } => {
                assert_eq!(self.joined.remove(&**namespace), Some(*join));
                assert!(!self.open || *reason == DisconnectReason::IoServerDisconnect);
            }
            Event::Received(received) => {
                assert_eq!(self.joined.get(&*received.namespace), Some(&received.join), "{received:?}");
            }
            Event::Ack { token, answer } => {
                assert!(self.pending_acks.remove(token).is_some(), "{token:?} is not waited for");
                assert!(self.resolved.insert(*token), "{token:?} twice");
                self.answers += usize::from(answer.is_some());
            }
            Event::EmitRefused { namespace, .. } => assert!(!self.joined.contains_key(&**namespace)),
        }
    }
}

fn play(pair: &mut Pair, game: &mut Game, random: &mut Random) {
    let namespace = random.pick(&NAMESPACES);
    let prefix = if namespace == "/" { String::new() } else { format!("{namespace},") };
    let small = random.below(4);
    match random.below(34) {
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
            let ack = (small > 0).then(|| {
                game.pending_acks.insert(AckToken(number), namespace.to_owned());
                AckRequest { token: AckToken(number), timeout: Some(Duration::from_secs(random.below(40))) }
            });
            let attachments = vec![Bytes::from_static(b"x"); usize::try_from(random.below(3)).unwrap()];
            pair.emit_payload(namespace, Payload { json: format!(r#"["e",{number}]"#), attachments }, ack);
        }
        13 => pair.answer(
            namespace,
            game.next_number,
            small,
            Payload { json: "[]".into(), attachments: vec![] },
        ),
        14..17 => pair.input(Input::Opened),
        17..20 if game.connecting => pair.server_sends(HANDSHAKE),
        20..25 if pair.server.was_asked(namespace) => pair.accept(namespace, "S"),
        25 if pair.server.was_asked(namespace) => pair.server_sends(&format!(r#"44{prefix}"no""#)),
        26 if small == 0 => pair.server_sends(&format!("41{prefix}")),
        27..29 => pair.server_sends(&format!(r#"42{prefix}["event"]"#)),
        29 => {
            let id = game.asked.get(namespace).copied().unwrap_or_default();
            pair.server_sends(&format!("43{prefix}{id}[]"));
        }
        30 => pair.server_sends("2"),
        31 => pair.advance(Duration::from_millis(random.below(20_000))),
        32 if random.below(10) == 0 => match small {
            0 => pair.transport_closes(),
            1 => pair.transport_fails(),
            2 => pair.server_sends("garbage"),
            _ => pair.server_sends_binary(b"x"),
        },
        33 if random.below(10) == 0 => pair.suspend_seconds(60),
        _ => {}
    }
    for output in pair.take_outputs() {
        game.sees(&output);
    }
}

#[test]
fn the_rules_hold_in_any_order_of_things() {
    let (mut joins, mut answers, mut endings) = (0, 0, 0);
    for seed in 0..300 {
        let mut random = Random(seed);
        let mut pair = Pair::new();
        let mut game = Game::default();
        for _ in 0..1000 {
            play(&mut pair, &mut game, &mut random);
        }
        pair.advance_seconds(1000);
        for output in pair.take_outputs() {
            game.sees(&output);
        }
        assert!(game.pending_acks.is_empty(), "seed {seed}: {:?} got no ack", game.pending_acks);
        assert_eq!(pair.deadline, None, "seed {seed}: a deadline of nothing");
        joins += game.joins;
        answers += game.answers;
        endings += game.endings;
    }
    // Without these the game was too dull to prove anything.
    assert!(joins > 500 && answers > 500 && endings > 500, "{joins} {answers} {endings}");
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
        pair.input(Input::Opened);
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
        survived += u32::from(survives(&mut pair.session, pair.now, text, attachments));
    }
    assert!(survived > 1000 && survived < 19_000, "{survived}");
}

/// Feeds a text and attachments. Returns whether the connection is still there.
fn survives(session: &mut Session, now: Instant, text: String, attachments: u64) -> bool {
    session.handle_input(now, Input::Frame(Frame::Text(text)));
    for _ in 0..attachments {
        session.handle_input(now, Input::Frame(Frame::Binary(Bytes::from_static(b"attachment"))));
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
