//! A server that keeps its word: it answers in order, and sends a restored session again what it has missed (S16).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use socketio_protocol::Frame;
use socketio_protocol::packet::{Header, Kind};

use super::adapter::Adapter;
use super::network::ConnectionNumber;
use crate::choices::{Choices, Seeded};
use crate::game::NUMBERED;

/// The name of the events that are to be answered.
pub const QUESTION: &str = "question";

/// The name of the events that are volatile, and what they carry: texts that could be offsets.
pub const VOLATILE: &str = "volatile";
pub const OWN_TEXTS: [&str; 4] = ["Warrior", "65f0a1b2c3d4e5f6a7b8c9d0", "1700000000000-0", "left"];

/// How long it waits for a pong.
const PATIENCE: Duration = Duration::from_secs(4);

pub struct Server {
    /// One out of so many events gets no answer.
    pub silence: Option<u64>,
    /// Whether it gives back the sessions of lost connections.
    recovers: bool,
    adapter: Adapter,
    ping_interval: Duration,
    connection: Option<Connection>,
    sessions: BTreeMap<String, Session>,
    /// The numbers of the events of each session, also of those that it has missed.
    logs: BTreeMap<u64, Vec<u64>>,
    /// The offset of each event, if it has one.
    offsets: BTreeMap<u64, String>,
    next_number: u64,
    /// The last event of each namespace and kind of delivery.
    last: BTreeMap<(String, char), u64>,
    /// What is to be said later.
    later: Vec<(Instant, Frame)>,
}

/// What the client has open.
struct Connection {
    number: ConnectionNumber,
    /// The questions without an answer, and whom they went to.
    questions: BTreeMap<u64, String>,
    /// The packet whose attachments are still to come, and how many.
    incomplete: Option<(String, usize)>,
    next_ping: Instant,
    /// When the answer to a ping is overdue.
    pong_due: Option<Instant>,
}

/// A session of a namespace.
struct Session {
    id: u64,
    /// The client has it, and will not come back for it.
    is_member: bool,
}

impl Server {
    pub fn new(choices: &mut Seeded, begin: Instant) -> Self {
        Self {
            silence: Some(8),
            recovers: choices.below(2) == 0,
            adapter: Adapter::new(choices, begin),
            ping_interval: Duration::from_secs(5 + choices.below(20)),
            connection: None,
            sessions: BTreeMap::new(),
            logs: BTreeMap::new(),
            offsets: BTreeMap::new(),
            next_number: 0,
            last: BTreeMap::new(),
            later: Vec::new(),
        }
    }

    /// The connection that it takes for alive.
    pub fn connection(&self) -> Option<ConnectionNumber> {
        self.connection.as_ref().map(|connection| connection.number)
    }

    /// The events of the session that the client is in.
    pub fn log(&self, namespace: &str) -> &[u64] {
        self.member(namespace).map_or(&[], |id| &self.logs[&id])
    }

    /// The offset of an event, if it has one.
    pub fn offset(&self, number: u64) -> Option<&str> {
        self.offsets.get(&number).map(String::as_str)
    }

    /// The event of a session after so many.
    pub fn event_after(&self, session: u64, count: usize) -> Option<u64> {
        self.logs[&session].get(count).copied()
    }

    /// How many questions were not answered.
    pub fn unanswered(&self) -> usize {
        self.connection.as_ref().map_or(0, |connection| connection.questions.len())
    }

    /// Somebody connects. The connection before is gone, if it was not yet.
    pub fn opens(&mut self, now: Instant, number: ConnectionNumber) -> Vec<Frame> {
        self.ends();
        self.connection = Some(Connection {
            number,
            questions: BTreeMap::new(),
            incomplete: None,
            next_ping: now + self.ping_interval,
            pong_due: None,
        });
        let (interval, patience) = (self.ping_interval.as_millis(), PATIENCE.as_millis());
        vec![Frame::Text(format!(
            r#"0{{"sid":"E{number}","pingInterval":{interval},"pingTimeout":{patience}}}"#
        ))]
    }

    /// The connection is gone.
    pub fn ends(&mut self) {
        self.connection = None;
        self.later.clear();
        self.sessions.retain(|_, _| self.recovers);
        self.sessions.values_mut().for_each(|session| session.is_member = false);
    }

    /// It starts anew, and knows no session.
    pub fn restarts(&mut self) {
        self.ends();
        self.sessions.clear();
    }

    pub fn receives(&mut self, now: Instant, frame: Frame, choices: &mut Seeded) -> Vec<Frame> {
        let Some(connection) = &mut self.connection else { return Vec::new() };
        let (text, missing) = match (frame, connection.incomplete.take()) {
            (Frame::Binary(_), Some((text, missing))) => (text, missing - 1),
            (Frame::Text(text), None) if text == "3" => {
                connection.pong_due = None;
                return Vec::new();
            }
            (Frame::Text(text), None) => {
                let missing = Header::decode(&text[1..]).unwrap().0.attachments;
                (text, missing)
            }
            (frame, incomplete) => panic!("{frame:?} came after {incomplete:?}"),
        };
        if missing > 0 {
            connection.incomplete = Some((text, missing));
            return Vec::new();
        }
        let (header, json) = Header::decode(&text[1..]).unwrap();
        match header.kind {
            Kind::Connect => self.joins(&header.namespace, json),
            Kind::Disconnect => {
                self.leaves(&header.namespace);
                Vec::new()
            }
            Kind::Event => self.receives_event(now, &header, json, choices),
            Kind::Ack => {
                self.receives_answer(&header, json);
                Vec::new()
            }
            Kind::ConnectError => panic!("a client sent {text}"),
        }
    }

    /// Sends an event to a session; if that is away, for when it comes back.
    pub fn emits(&mut self, now: Instant, namespace: &str, with_attachment: bool) -> Vec<Frame> {
        let Some(session) = self.sessions.get(namespace) else { return Vec::new() };
        self.next_number += 1;
        if self.recovers {
            self.offsets.insert(self.next_number, self.adapter.offset(now, self.next_number));
        }
        self.logs.entry(session.id).or_default().push(self.next_number);
        if session.is_member { self.event(namespace, self.next_number, with_attachment) } else { Vec::new() }
    }

    /// Sends an event without an offset, which nobody gets who is away.
    pub fn emits_volatile(&mut self, namespace: &str, own_text: &str) -> Vec<Frame> {
        let event = format!(r#"42{namespace},["{VOLATILE}","{own_text}"]"#);
        self.member(namespace).map(|_| Frame::Text(event)).into_iter().collect()
    }

    /// Asks a member something. The number of the question is to be the answer.
    pub fn asks(&mut self, namespace: &str) -> Vec<Frame> {
        if self.member(namespace).is_none() {
            return Vec::new();
        }
        let Some(connection) = &mut self.connection else { return Vec::new() };
        self.next_number += 1;
        let number = self.next_number;
        connection.questions.insert(number, namespace.to_owned());
        vec![Frame::Text(format!(r#"42{namespace},{number}["{QUESTION}"]"#))]
    }

    /// Ends a session.
    pub fn disconnects(&mut self, namespace: &str) -> Vec<Frame> {
        if self.member(namespace).is_none() {
            return Vec::new();
        }
        self.leaves(namespace);
        vec![Frame::Text(format!("41{namespace},"))]
    }

    /// When it has something to do of its own.
    pub fn next_time(&self) -> Option<Instant> {
        let connection = self.connection.as_ref()?;
        let later = self.later.iter().map(|(at, _)| *at).min();
        [Some(connection.next_ping), connection.pong_due, later].into_iter().flatten().min()
    }

    /// Does what is due. `None` when it gives the client up.
    pub fn wakes(&mut self, now: Instant) -> Option<Vec<Frame>> {
        let connection = self.connection.as_mut()?;
        if connection.pong_due.is_some_and(|due| due <= now) {
            return None;
        }
        let (mut due, later): (Vec<_>, Vec<_>) = self.later.drain(..).partition(|(at, _)| *at <= now);
        self.later = later;
        if connection.next_ping <= now {
            connection.next_ping = now + self.ping_interval;
            connection.pong_due = Some(now + PATIENCE);
            due.push((now, Frame::Text("2".into())));
        }
        Some(due.into_iter().map(|(_, frame)| frame).collect())
    }

    fn member(&self, namespace: &str) -> Option<u64> {
        self.sessions.get(namespace).filter(|session| session.is_member).map(|session| session.id)
    }

    fn leaves(&mut self, namespace: &str) {
        self.sessions.remove(namespace);
        if let Some(connection) = &mut self.connection {
            connection.questions.retain(|_, of| of != namespace);
        }
    }

    fn joins(&mut self, namespace: &str, auth: &str) -> Vec<Frame> {
        assert_eq!(self.member(namespace), None, "S9: a second CONNECT for {namespace}");
        let restored = self.sessions.get(namespace).and_then(|session| {
            // One that it has never sent, as a game's own text would be, restores nothing.
            let offset = field(auth, "offset")?;
            let number =
                *self.logs[&session.id].iter().find(|&&number| self.offset(number) == Some(offset))?;
            (field(auth, "pid")? == session.id.to_string()).then_some((session.id, number))
        });
        let mut replies = Vec::new();
        let id = if let Some((id, offset)) = restored {
            let missed = self.logs[&id].iter().filter(|number| **number > offset);
            replies.extend(missed.flat_map(|number| self.event(namespace, *number, false)));
            id
        } else {
            let id = self.logs.len() as u64 + 1;
            self.logs.insert(id, Vec::new());
            id
        };
        self.sessions.insert(namespace.to_owned(), Session { id, is_member: true });
        let private_id = if self.recovers { format!(r#","pid":"{id}""#) } else { String::new() };
        replies.push(Frame::Text(format!(r#"40{namespace},{{"sid":"{id}"{private_id}}}"#)));
        replies
    }

    fn receives_event(
        &mut self,
        now: Instant,
        header: &Header<'_>,
        json: &str,
        choices: &mut Seeded,
    ) -> Vec<Frame> {
        let (delivery, number) = delivery_and_number(json).expect("an event of the game");
        let last = self.last.insert((header.namespace.to_string(), delivery), number).unwrap_or_default();
        assert!(number > last || delivery == 'r' && number == last, "event {number} arrived after {last}");
        let is_silent = self.silence.is_some_and(|silence| choices.below(silence) == 0);
        if self.member(&header.namespace).is_none() || is_silent {
            return Vec::new();
        }
        let Some(id) = header.id else { return Vec::new() };
        let answer = Frame::Text(format!("43{},{id}[{number}]", header.namespace));
        if self.silence.is_some() && choices.below(3) == 0 {
            self.later.push((now + Duration::from_millis(choices.below(6000)), answer));
            return Vec::new();
        }
        vec![answer]
    }

    fn receives_answer(&mut self, header: &Header<'_>, json: &str) {
        let answered = json.trim_matches(['[', ']']).parse().unwrap();
        assert_eq!(header.id, Some(answered), "the answer to another question");
        if self.member(&header.namespace).is_none() {
            return;
        }
        let asked = self.connection.as_mut().and_then(|connection| connection.questions.remove(&answered));
        assert!(asked.is_some(), "{answered} was not asked, or answered before");
    }

    /// An event, with its offset at the end where sessions are restored.
    fn event(&self, namespace: &str, number: u64, with_attachment: bool) -> Vec<Frame> {
        let offset = self.offset(number).map(|offset| format!(r#","{offset}""#)).unwrap_or_default();
        if !with_attachment {
            return vec![Frame::Text(format!(r#"42{namespace},["{NUMBERED}",{number}{offset}]"#))];
        }
        let placeholder = r#"{"_placeholder":true,"num":0}"#;
        let header = format!(r#"451-{namespace},["{NUMBERED}",{number},{placeholder}{offset}]"#);
        vec![Frame::Text(header), Frame::Binary(Bytes::from(number.to_string()))]
    }
}

/// How an event of the game is delivered, and its number: `["e",12]`.
pub fn delivery_and_number(json: &str) -> Option<(char, u64)> {
    let (delivery, number) = json.strip_prefix("[\"")?.trim_end_matches(']').split_once("\",")?;
    Some((delivery.chars().next()?, number.parse().ok()?))
}

/// The text under a key of a flat object.
fn field<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = json.split_once(&format!(r#""{name}":""#))?;
    rest.split_once('"').map(|(value, _)| value)
}
