//! The whole client as one state machine: one connection and its namespaces.

mod ack;
mod backoff;
mod connection;
mod incoming;
mod namespace;
mod offsets;
mod outgoing;
mod reconnection;
mod recovery;
mod retries;
mod waiting;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;

use self::ack::Acks;
use self::backoff::Backoff;
use self::connection::Connection;
use self::namespace::NamespaceSession;
use crate::attachment::Decoder;
use crate::masking::clean;
use crate::{
    Command, ConnectError, DisconnectReason, Endpoint, Event, Namespace, Secrets, Settings, TransportName,
    Values,
};

/// What a peer may ask this side to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest packet with all its attachments, in bytes.
    pub max_payload: usize,
    /// The most attachments of one packet. The official servers allow 10.
    pub max_attachments: usize,
    /// The most that the events before a CONNECT reply may hold together, in bytes: those that a restored session has
    /// missed (S16).
    pub max_early: usize,
}

impl Limits {
    /// The largest message of a transport, in bytes: a payload, and around it the packet type, the namespace and the ack
    /// id.
    pub fn max_packet(&self) -> usize {
        const OVERHEAD: usize = 4 * 1024;
        self.max_payload.saturating_add(OVERHEAD)
    }
}

impl Default for Limits {
    /// 64 MiB, 10 attachments, and 64 MiB.
    fn default() -> Self {
        Self { max_payload: 64 << 20, max_attachments: 10, max_early: 64 << 20 }
    }
}

/// One message of a transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// Text: an Engine.IO packet.
    Text(String),
    /// Binary: an attachment.
    Binary(Bytes),
}

impl Frame {
    /// The number of bytes in it.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How to close a transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// Send what was transmitted, then close.
    Flush,
    /// The same, but drop it at once if the peer does not take anything: what it holds would keep it open, and the next one
    /// waiting.
    FlushUnlessStalled,
    /// Drop it at once.
    Abort,
}

/// What the transport brings. What comes while nothing is open or opening is ignored.
#[derive(Debug)]
pub enum Input<'a> {
    /// The transport is open: the WebSocket handshake is done, or the first answer to long-polling has begun.
    Opened(TransportName),
    /// The session has moved from long-polling to a WebSocket (S22).
    Upgraded,
    /// The transport could not be opened.
    Failed(ConnectError),
    /// A text message came: an Engine.IO packet.
    Text(&'a str),
    /// A binary message came: an attachment.
    Binary(Bytes),
    /// The transport is gone, and needs no [`Output::Close`].
    Closed {
        /// [`DisconnectReason::TransportClose`] or [`DisconnectReason::TransportError`].
        reason: DisconnectReason,
        /// What exactly happened, for the developer.
        detail: Detail,
    },
    /// The time of the last [`Output::Timeout`] has come.
    Timeout,
}

/// How a transport ended, in words for the developer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detail {
    /// The client's words.
    pub told: String,
    /// The server's words after them, as they came. What is secret in them is masked before the game gets them.
    pub said: String,
}

impl<T: Into<String>> From<T> for Detail {
    fn from(told: T) -> Self {
        Self { told: told.into(), said: String::new() }
    }
}

/// What is to be done.
#[derive(Debug, PartialEq)]
pub enum Output {
    /// Open a transport. The one before it got its [`Output::Close`], or was reported gone.
    Open {
        /// Where to.
        endpoint: Endpoint,
        /// What it may bring.
        limits: Limits,
    },
    /// Send a message.
    Transmit(Frame),
    /// Measure the round trip, with a WebSocket ping.
    Ping,
    /// Hold back what is transmitted after this until the server has read what was transmitted before it, as the
    /// pong of a WebSocket ping or the answer to a POST shows, or for a second at most.
    ///
    /// The official server handles a DISCONNECT at once and events a moment later: those that it reads together
    /// with a DISCONNECT it drops, and a DISCONNECT that it reads together with the next CONNECT makes it close the
    /// connection.
    Barrier,
    /// Close the transport and report nothing of it any more.
    Close(Closing),
    /// Tell the game.
    Event(Event),
    /// There is nothing more to do until that time, or an input or a command before it.
    Timeout(Option<Instant>),
}

/// What went over the wire since the session was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Events sent.
    pub events_sent: u64,
    /// Events received.
    pub events_received: u64,
    /// Messages sent: Engine.IO packets and attachments.
    pub packets_sent: u64,
    /// Messages received: Engine.IO packets and attachments.
    pub packets_received: u64,
    /// Bytes in the messages sent.
    pub bytes_sent: u64,
    /// Bytes in the messages received.
    pub bytes_received: u64,
    /// Connections that were made again after a failure or a loss.
    pub reconnects: u64,
}

/// A Socket.IO client without I/O. After each call of a `handle_` method, [`poll_output`](Self::poll_output) is to
/// be called until it returns [`Output::Timeout`].
#[derive(Debug)]
pub struct Session {
    /// Where and how to connect, while the game wants a connection.
    settings: Option<Settings>,
    connection: Connection,
    backoff: Backoff,
    decoder: Decoder,
    namespaces: BTreeMap<Namespace, NamespaceSession>,
    acks: Acks,
    outputs: VecDeque<Output>,
    /// The JSON of payloads that have been sent.
    spent_texts: Vec<String>,
    /// What stands before the JSON of a packet, in memory that is used for each.
    head: String,
    counters: Counters,
    /// The largest message that the server takes, in bytes (S26).
    max_payload: Option<u64>,
    writable: bool,
    /// What carries the connection, or carried the last one.
    transport: TransportName,
    /// What the requests carry.
    request_secrets: Secrets,
    /// What was sent with the last CONNECT.
    auth_secrets: BTreeMap<Namespace, Secrets>,
    /// The time since 1970, and when it was read.
    unix_time: Option<(Instant, Duration)>,
}

impl Session {
    /// A session that is not connected. The seed, which is to be another for each, keeps clients from reconnecting in
    /// step.
    pub fn new(seed: u64) -> Self {
        Self {
            settings: None,
            connection: Connection::Idle,
            backoff: Backoff::new(seed),
            decoder: Decoder::new(Limits::default()),
            namespaces: BTreeMap::new(),
            acks: Acks::default(),
            outputs: VecDeque::new(),
            spent_texts: Vec::new(),
            head: String::new(),
            counters: Counters::default(),
            max_payload: None,
            writable: true,
            transport: TransportName::default(),
            request_secrets: Secrets::default(),
            auth_secrets: BTreeMap::new(),
            unix_time: None,
        }
    }

    /// Does what the game asks for.
    pub fn handle_command(&mut self, now: Instant, command: Command) {
        match command {
            Command::Connect(connect) => self.connect(now, connect),
            Command::Configure(settings) => self.configure(settings),
            Command::ReconnectNow => self.reconnect_now(now),
            Command::Pause => self.pause(),
            Command::Resume => self.resume(now),
            Command::Join(join) => self.join(join),
            Command::Auth { namespace, join, auth } => self.authorize(&namespace, join, auth),
            Command::Leave(namespace) => self.leave(&namespace),
            Command::Emit(emit) => self.emit(now, emit),
            Command::FailWaiting => self.fail_waiting(),
            Command::Answer { namespace, session, id, payload } => {
                self.answer(&namespace, session, id, payload);
            }
            Command::Close => self.close(),
        }
    }

    /// Tells whether the transport takes data without delay. If not, volatile events are dropped (S14).
    pub fn set_writable(&mut self, writable: bool) {
        self.writable = writable;
    }

    /// Tells the time since 1970 by this device's clock, which offsets of connection state recovery
    /// are known by (S16). To be told again whenever a transport opens: somebody may have set the
    /// clock.
    pub fn set_unix_time(&mut self, now: Instant, unix_time: Duration) {
        self.unix_time = Some((now, unix_time));
    }

    /// Tells what the requests to the server carry, for [`secrets`](Self::secrets).
    pub fn set_request_secrets(&mut self, secrets: Secrets) {
        self.request_secrets = secrets;
    }

    /// What the server knows and no error may show.
    pub fn secrets(&self) -> Secrets {
        let mut secrets = self.request_secrets.clone();
        self.auth_secrets.values().for_each(|auth| secrets.add(auth.iter()));
        secrets.add(self.namespaces.values().filter_map(NamespaceSession::private_id));
        secrets
    }

    /// Takes what the transport brings.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Opened(transport) => {
                self.transport = transport;
                self.connection.opened();
            }
            Input::Upgraded => self.upgraded(),
            Input::Failed(error) => {
                let step = self.connection.failed(error);
                self.step(now, step);
            }
            Input::Text(text) => self.receive_text(now, text),
            Input::Binary(bytes) => self.receive_binary(now, bytes),
            Input::Closed { reason, detail } => {
                let detail = self.in_words(detail);
                let step = self.connection.closed(reason, detail);
                self.step(now, step);
            }
            Input::Timeout => {
                let step = self.connection.expired(now);
                self.step(now, step);
                self.expire_acks(now);
            }
        }
    }

    /// Takes back values that came in an event and that nobody needs any more, to use their memory for what comes next. At
    /// most 64 KiB are kept.
    pub fn recycle(&mut self, values: Values) {
        self.decoder.recycle(values);
    }

    /// Gives the texts of payloads back that have been sent, to be written again.
    pub fn take_spent_texts(&mut self) -> impl Iterator<Item = String> {
        self.spent_texts.drain(..)
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or_else(|| {
            let deadlines = [self.connection.deadline(), self.acks.deadline()];
            Output::Timeout(deadlines.into_iter().flatten().min())
        })
    }

    /// The bytes of the events that wait for their namespace to be joined, or for their turn.
    pub fn waiting_bytes(&self) -> usize {
        self.namespaces.values().fold(0, |sum, namespace| {
            sum.saturating_add(namespace.waiting.bytes()).saturating_add(namespace.retries.bytes())
        })
    }

    /// The number of events that wait for their namespace to be joined, or for their turn.
    pub fn waiting_events(&self) -> usize {
        self.namespaces.values().fold(0, |sum, namespace| {
            sum.saturating_add(namespace.waiting.len()).saturating_add(namespace.retries.len())
        })
    }

    /// Whether a text at the end of an event from the server, for which it asks no acknowledgement, is not for the game but
    /// an offset of connection state recovery (S16). For who watches the traffic, who is not to see it either.
    pub fn is_offset(&self, now: Instant, namespace: &str, text: &str, has_others: bool) -> bool {
        let unix_millis = self.unix_millis(now);
        self.namespaces.get(namespace).is_some_and(|session| session.is_offset(text, has_others, unix_millis))
    }

    /// The time since 1970, or long before that if nobody told it.
    fn unix_millis(&self, now: Instant) -> i64 {
        let time =
            self.unix_time.map(|(read, time)| time.saturating_add(now.saturating_duration_since(read)));
        time.and_then(|time| i64::try_from(time.as_millis()).ok()).unwrap_or(i64::MIN)
    }

    fn in_words(&self, Detail { told, said }: Detail) -> String {
        if said.is_empty() {
            return told;
        }
        format!("{told} {}", clean(&self.secrets().hidden_in(&said)))
    }

    /// What went over the wire until now.
    pub fn counters(&self) -> Counters {
        self.counters
    }
}
