//! A game, a server and the network between them, in one virtual time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use socketio_protocol::packet::{Header, Kind};
use socketio_protocol::{
    Closing, Command, ConnectError, ConnectErrorCode, Delivery, DisconnectReason, Event, Frame, Input, Node,
    Output, Payload, Received, TransportName, Values,
};

use super::ledger::Ledger;
use super::network::{ConnectionNumber, Message, Network};
use super::server::{OWN_TEXTS, QUESTION, Server, VOLATILE, delivery_and_number};
use crate::choices::{Choices, Seeded};
use crate::game::{self, Counts, Game, NAMESPACES, NUMBERED};
use crate::pair::{Pair, join};
use crate::render;

/// How long everything goes wrong.
const STORM: Duration = Duration::from_secs(60);
/// How long it takes at most until what is on its way has ended. A connection that is dead may need its heartbeat, and
/// then an attempt.
const LULL: Duration = Duration::from_secs(90);
/// How long the slowest event may take then: a few tries that nobody answers.
const CALM: Duration = Duration::from_secs(120);

pub struct World {
    choices: Seeded,
    pair: Pair,
    game: Game,
    server: Server,
    network: Network,
    ledger: Ledger,
    begin: Instant,
    /// The last connection that the client has opened, and whether it may still use it.
    connection: ConnectionNumber,
    is_connected: bool,
    /// The client notices nothing before that time.
    asleep_until: Instant,
    /// The session of each namespace, and how many of its events have come.
    heard: BTreeMap<String, (u64, usize)>,
    /// The questions that the game will answer, and when.
    questions: Vec<(Instant, Received)>,
    /// The events that the client has sent.
    sent: BTreeSet<u64>,
    /// The events that have reached the server, or were on a connection when it broke.
    accounted: BTreeSet<u64>,
    /// Whether everything is printed.
    verbose: bool,
}

/// What happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    ClientWakes,
    ClientReceives,
    GameAnswers,
    ServerReceives,
    ServerWakes,
}

impl World {
    pub fn new(seed: u64, verbose: bool) -> Self {
        let mut choices = Seeded(seed);
        let mut pair = Pair::new();
        pair.reconnection.enabled = true;
        let (server, latency) =
            (Server::new(&mut choices, pair.now), Duration::from_millis(choices.below(500)));
        Self {
            choices,
            game: Game::default(),
            server,
            network: Network::new(latency),
            ledger: Ledger::default(),
            begin: pair.now,
            connection: 0,
            is_connected: false,
            asleep_until: pair.now,
            heard: BTreeMap::new(),
            questions: Vec::new(),
            sent: BTreeSet::new(),
            accounted: BTreeSet::new(),
            pair,
            verbose,
        }
    }

    /// Lets everything go wrong, and then everything well: what was promised must have been kept by then. Returns how
    /// much has happened.
    pub fn run(mut self) -> Counts {
        let storm_ends = self.begin + STORM;
        while self.pair.now < storm_ends {
            self.acts();
            let pause = Duration::from_millis(self.choices.below(2500));
            self.passes(self.pair.now + pause);
        }
        self.note(|| "calm".into());
        // What was swallowed is missing in between: that connection cannot get well.
        if self.network.swallowed.take().is_some() {
            self.breaks();
        }
        self.network.refusals = 0;
        self.server.silence = None;
        self.pair.session.set_writable(true);
        self.passes(self.pair.now + LULL);
        self.commands(Command::Resume);
        self.connects();
        NAMESPACES.iter().for_each(|namespace| self.joins(namespace));
        self.passes(self.pair.now + CALM);
        self.checks();
        self.game.counts
    }

    /// The server, the network or the game does something.
    fn acts(&mut self) {
        let namespace = self.choices.pick(&NAMESPACES);
        match self.choices.below(100) {
            0..14 => {
                let with_attachment = self.choices.below(4) == 0;
                let frames = self.server.emits(self.pair.now, namespace, with_attachment);
                self.server_sends(frames);
            }
            14..17 => {
                let own_text = self.choices.pick(&OWN_TEXTS);
                let frames = self.server.emits_volatile(namespace, own_text);
                self.server_sends(frames);
            }
            17..23 => {
                let frames = self.server.asks(namespace);
                self.server_sends(frames);
            }
            23 => {
                let frames = self.server.disconnects(namespace);
                self.server_sends(frames);
            }
            24 => {
                self.server.restarts();
                self.breaks();
            }
            25..29 => self.breaks(),
            29..31 => self.network.swallowed = Some(self.connection),
            31 => self.network.refusals = self.choices.below(4),
            32 => self.asleep_until = self.pair.now + Duration::from_millis(self.choices.below(60_000)),
            // A device that sleeps runs no game.
            _ if self.pair.now < self.asleep_until => {}
            33 => {
                let is_writable = self.choices.below(2) == 0;
                self.pair.session.set_writable(is_writable);
            }
            34 => self.commands(Command::Pause),
            35..40 => self.commands(Command::Resume),
            40 => self.commands(Command::ReconnectNow),
            41..48 => self.connects(),
            48 => {
                let outputs = self.game.closes(&mut self.pair);
                self.carries_out(outputs);
                self.ledger.closed();
            }
            49..51 => {
                self.game.leaves(&mut self.pair, namespace);
                self.settles();
                self.ledger.left(namespace);
            }
            51..59 => self.joins(namespace),
            _ => self.emits(namespace),
        }
    }

    fn emits(&mut self, namespace: &'static str) {
        for _ in 0..=self.choices.below(2) {
            let (number, delivery) = game::emit(&mut self.pair, &mut self.game, &mut self.choices, namespace);
            self.ledger.emitted(number, namespace);
            self.settles();
            if delivery == Delivery::Volatile {
                self.ledger.is_over(number);
            }
        }
    }

    fn connects(&mut self) {
        let joins = NAMESPACES.map(|namespace| join(namespace, self.game.number())).to_vec();
        self.game.connects(&mut self.pair, joins);
        self.settles();
    }

    fn joins(&mut self, namespace: &str) {
        let number = self.game.number();
        self.pair.join(namespace, number);
        self.settles();
    }

    fn commands(&mut self, command: Command) {
        self.pair.command(command);
        self.settles();
    }

    /// The connection breaks, and what is on its way arrives in part.
    fn breaks(&mut self) {
        let (at, connection) = (self.pair.now + self.network.latency, self.connection);
        let arriving = usize::try_from(self.choices.below(4)).unwrap();
        self.network.to_client.cut(connection, arriving);
        self.network.to_client.push(at, connection, Message::End);
        self.breaks_to_server(arriving);
    }

    fn breaks_to_server(&mut self, arriving: usize) {
        let (at, connection) = (self.pair.now + self.network.latency, self.connection);
        for message in self.network.to_server.cut(connection, arriving) {
            self.loses(&message);
        }
        self.network.to_server.push(at, connection, Message::End);
    }

    /// Lets time pass, and everything happen in its time. What happens at once happens in any order.
    fn passes(&mut self, until: Instant) {
        for _ in 0..100_000 {
            let awake = |at: Instant| at.max(self.asleep_until);
            let answer = self.questions.iter().map(|(at, _)| *at).min();
            let times = [
                (self.pair.deadline.map(awake), Next::ClientWakes),
                (self.network.to_client.next_time().map(awake), Next::ClientReceives),
                (answer.map(awake), Next::GameAnswers),
                (self.network.to_server.next_time(), Next::ServerReceives),
                (self.server.next_time(), Next::ServerWakes),
            ];
            let now = times.iter().filter_map(|(at, _)| *at).min().filter(|now| *now <= until);
            let Some(now) = now else {
                self.pair.now = self.pair.now.max(until);
                return;
            };
            let mut due = times.iter().filter(|(at, _)| *at == Some(now));
            let which = self.choices.below(due.clone().count() as u64);
            let next = due.nth(usize::try_from(which).unwrap()).expect("one of them").1;
            self.pair.now = self.pair.now.max(now);
            self.happens(next);
        }
        panic!("it never comes to rest");
    }

    fn happens(&mut self, next: Next) {
        match next {
            Next::ClientWakes => self.pair.input(Input::Timeout),
            Next::ClientReceives => {
                let (connection, message) = self.network.to_client.pop().expect("a message");
                if connection == self.connection && self.is_connected {
                    self.client_receives(&message);
                }
            }
            Next::GameAnswers => {
                let due = (0..self.questions.len()).min_by_key(|index| self.questions[*index].0);
                let (_, question) = self.questions.remove(due.expect("a question"));
                let id = question.ack.expect("a question");
                let payload = Payload { json: format!("[{id}]"), attachments: Vec::new() };
                self.pair.answer(&question.namespace, question.session.0, id, payload);
            }
            Next::ServerReceives => {
                let (connection, message) = self.network.to_server.pop().expect("a message");
                self.server_receives(connection, message);
            }
            Next::ServerWakes => match self.server.wakes(self.pair.now) {
                Some(frames) => self.server_sends(frames),
                None => {
                    let connection = self.server.connection().expect("a connection");
                    self.server.ends();
                    self.network.reply(self.pair.now, connection, Message::End);
                }
            },
        }
        self.settles();
    }

    fn client_receives(&mut self, message: &Message) {
        self.note(|| format!("receives {message:?}"));
        self.is_connected &= !matches!(message, Message::Refused | Message::End);
        match message {
            Message::Open => self.pair.input(Input::Opened(TransportName::WebSocket)),
            Message::Refused => {
                self.pair.input(Input::Failed(ConnectError::new(ConnectErrorCode::Refused, "nobody there")));
            }
            Message::Frame(Frame::Text(text)) => self.pair.input(Input::Text(text)),
            Message::Frame(Frame::Binary(bytes)) => self.pair.input(Input::Binary(bytes.clone())),
            Message::End => {
                let reason = DisconnectReason::TransportClose;
                self.pair.input(Input::Closed { reason, detail: "gone".into() });
            }
        }
    }

    fn server_receives(&mut self, connection: ConnectionNumber, message: Message) {
        let now = self.pair.now;
        match message {
            Message::Open => {
                let frames = self.server.opens(now, connection);
                self.network.reply(now, connection, Message::Open);
                self.server_sends(frames);
            }
            Message::Frame(frame) if self.server.connection() != Some(connection) => {
                self.accounts_for(&frame);
            }
            Message::Frame(frame) => {
                self.accounts_for(&frame);
                let frames = self.server.receives(now, frame, &mut self.choices);
                self.server_sends(frames);
            }
            Message::End if self.server.connection() == Some(connection) => self.server.ends(),
            Message::End | Message::Refused => {}
        }
    }

    fn server_sends(&mut self, frames: Vec<Frame>) {
        let Some(connection) = self.server.connection() else { return };
        for frame in frames {
            self.network.reply(self.pair.now, connection, Message::Frame(frame));
        }
    }

    fn loses(&mut self, message: &Message) {
        if let Message::Frame(frame) = message {
            self.accounts_for(frame);
        }
    }

    fn accounts_for(&mut self, frame: &Frame) {
        if let Some((_, number)) = event_in(frame) {
            self.accounted.insert(number);
        }
    }

    /// Checks what the session has done, and does what it asks for.
    fn settles(&mut self) {
        let outputs = self.game.sees_all(&mut self.pair);
        self.carries_out(outputs);
    }

    fn carries_out(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            self.note(|| render::output(&output));
            match &output {
                Output::Open { .. } => {
                    self.connection += 1;
                    self.is_connected = true;
                    self.sends(Message::Open);
                }
                Output::Transmit(frame) => {
                    assert!(self.is_connected, "{frame:?} was sent without a connection");
                    if let Some((delivery, number)) = event_in(frame) {
                        self.ledger.sent(number, delivery == 'r');
                        self.sent.insert(number);
                    }
                    self.sends(Message::Frame(frame.clone()));
                }
                Output::Close(Closing::Abort) => {
                    self.is_connected = false;
                    let arriving = usize::try_from(self.choices.below(4)).unwrap();
                    self.breaks_to_server(arriving);
                }
                Output::Close(Closing::Flush | Closing::FlushUnlessStalled) => {
                    self.is_connected = false;
                    self.sends(Message::End);
                }
                Output::Event(event) => self.hears(event),
                Output::Ping | Output::Barrier | Output::Timeout(_) => {}
            }
            game::recycle(&mut self.pair, output);
        }
    }

    fn sends(&mut self, message: Message) {
        if let Some(message) = self.network.send(self.pair.now, self.connection, message) {
            self.loses(&message);
        }
    }

    fn hears(&mut self, event: &Event) {
        match event {
            Event::NamespaceAccepted { namespace, session_id, recovered, .. } => {
                let id = session_id.parse().unwrap();
                if *recovered {
                    assert_eq!(self.heard[&**namespace].0, id, "another session was recovered");
                } else {
                    self.heard.insert(namespace.to_string(), (id, 0));
                }
            }
            Event::Received(received) if received.name == NUMBERED => self.hears_numbered(received),
            Event::Received(received) if received.name == VOLATILE => {
                let texts: Vec<_> = strings(&received.arguments).collect();
                assert!(
                    matches!(&texts[..], [text] if OWN_TEXTS.contains(text)),
                    "{received:?} has lost its text"
                );
            }
            Event::Received(received) => {
                assert_eq!(received.name, QUESTION);
                let at = self.pair.now + Duration::from_millis(self.choices.below(4000));
                self.questions.push((at, received.clone()));
            }
            Event::Ack { token, answer: Ok(answer) } => {
                assert_eq!(answer.nodes(), [Node::Int(token.0.cast_signed())], "the answer to another event");
                self.ledger.ended(token.0);
            }
            Event::Ack { token, answer: Err(_) } => self.ledger.ended(token.0),
            Event::EmitRefused { payload, .. } => {
                let (_, number) = delivery_and_number(payload).expect("an event of the game");
                self.ledger.ended(number);
            }
            _ => {}
        }
    }

    /// The events of a session come without a gap, also where a connection was lost in between.
    fn hears_numbered(&mut self, received: &Received) {
        let arguments = &received.arguments;
        let Some(&Node::Int(number)) = arguments.nodes().first() else {
            panic!("{received:?} has no number")
        };
        let (session, count) = self.heard.get_mut(&*received.namespace).expect("a session");
        let expected = self.server.event_after(*session, *count);
        assert_eq!(Some(number.cast_unsigned()), expected, "{}", received.namespace);
        *count += 1;
        if let Some(&Node::Attachment(attachment)) = arguments.nodes().get(1) {
            assert_eq!(arguments.attachment(attachment), number.to_string().as_bytes());
        }
        // An offset that is not certain to be one is left there.
        let offset = self.server.offset(number.cast_unsigned());
        assert!(strings(arguments).all(|text| Some(text) == offset), "{received:?} has a foreign text");
    }

    /// Whatever was promised has been kept.
    fn checks(&self) {
        for namespace in NAMESPACES {
            let (_, count) = self.heard.get(namespace).expect("a session");
            assert!(self.game.is_joined(namespace), "{namespace} is not joined");
            assert_eq!(*count, self.server.log(namespace).len(), "{namespace} has not heard everything");
        }
        assert!(self.game.pending_acks.is_empty(), "{:?} got no ack", self.game.pending_acks);
        assert_eq!(self.pair.session.waiting_events(), 0);
        assert_eq!(self.ledger.waiting(), Vec::<u64>::new(), "events were never sent");
        assert_eq!(self.server.unanswered(), 0, "questions got no answer");
        let vanished = self.sent.difference(&self.accounted).next();
        assert_eq!(vanished, None, "an event was sent and has vanished");
    }

    fn note(&self, what: impl FnOnce() -> String) {
        if self.verbose {
            println!("{:8.3} {}", (self.pair.now - self.begin).as_secs_f64(), what());
        }
    }
}

fn strings(values: &Values) -> impl Iterator<Item = &str> {
    values
        .nodes()
        .iter()
        .filter_map(|node| if let Node::String(span) = *node { Some(values.text(span)) } else { None })
}

/// How the event in a frame is delivered, and its number.
fn event_in(frame: &Frame) -> Option<(char, u64)> {
    let Frame::Text(text) = frame else { return None };
    let (header, json) = Header::decode(text.strip_prefix('4')?).ok()?;
    if header.kind == Kind::Event { delivery_and_number(json) } else { None }
}
