//! A session, a virtual clock, and a server that a test speaks for.

use std::time::{Duration, Instant};

use bytes::Bytes;
use socketio_protocol::{
    AckRequest, AckToken, Auth, Command, Connect, ConnectError, ConnectErrorCode, ConnectionId, Delivery,
    DisconnectReason, Emit, Endpoint, Event, Input, Join, JoinId, Limits, Output, Payload, Reconnection,
    Session, SessionNumber, Settings, TransportName,
};

use crate::render;
use crate::server::StrictServer;

/// What the official server sends first. The deadline is 45 s.
pub const HANDSHAKE: &str =
    r#"0{"sid":"E","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

/// When all tests begin: the in-memory adapter's first offset then is `Q8000o0`.
pub const UNIX_TIME: Duration = Duration::from_millis(1_795_296_332_928);

pub struct Pair {
    pub session: Session,
    pub server: StrictServer,
    pub now: Instant,
    begin: Instant,
    pub deadline: Option<Instant>,
    /// Every output since the last [`Pair::log`].
    pub outputs: Vec<Output>,
    /// What the next connect is made with.
    pub limits: Limits,
    pub reconnection: Reconnection,
    connections: u64,
}

impl Pair {
    pub fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    pub fn with_limits(limits: Limits) -> Self {
        let now = Instant::now();
        Self {
            session: Session::new(1),
            server: StrictServer::default(),
            now,
            begin: now,
            deadline: None,
            outputs: Vec::new(),
            limits,
            reconnection: Reconnection { enabled: false, ..Reconnection::default() },
            connections: 0,
        }
    }

    /// As [`joined`](Self::joined), and reconnects: after 1 s, 2 s, 4 s, and then each 5 s.
    pub fn reconnecting(namespaces: &[&str]) -> Self {
        let mut pair = Self::new();
        pair.reconnection = Reconnection { randomization_factor: 0.0, ..Reconnection::default() };
        pair.join_all(namespaces);
        pair
    }

    /// Connected, with these namespaces joined. Their joins are numbered from 1, and the log is empty.
    pub fn joined(namespaces: &[&str]) -> Self {
        let mut pair = Self::new();
        pair.join_all(namespaces);
        pair
    }

    /// Connects and joins these namespaces as joins 1, 2, ... with the session ids S1, S2, ...
    pub fn join_all(&mut self, namespaces: &[&str]) {
        let joins: Vec<Join> =
            namespaces.iter().zip(1..).map(|(namespace, number)| join(namespace, number)).collect();
        self.connect(joins);
        self.open();
        for (namespace, number) in namespaces.iter().zip(1..) {
            self.accept(namespace, &format!("S{number}"));
        }
        self.log();
    }

    /// Connects. The connections are numbered from 1.
    pub fn connect(&mut self, join: Vec<Join>) {
        self.connections += 1;
        let (connection, settings) = (ConnectionId(self.connections), self.settings());
        self.command(Command::Connect(Connect { connection, settings, join }));
    }

    /// Changes how the connection is made again.
    pub fn configure(&mut self, reconnection: Reconnection) {
        self.reconnection = reconnection;
        let settings = self.settings();
        self.command(Command::Configure(settings));
    }

    pub fn settings(&self) -> Settings {
        Settings {
            endpoint: Endpoint::parse("ws://localhost:3000").unwrap(),
            timeout: Duration::from_secs(20),
            limits: self.limits,
            reconnection: self.reconnection,
        }
    }

    pub fn command(&mut self, command: Command) {
        self.session.handle_command(self.now, command);
        self.drain();
    }

    pub fn input(&mut self, input: Input<'_>) {
        match &input {
            Input::Text(text) => self.server.sends(text),
            Input::Closed { .. } | Input::Failed(_) => self.server.closes(),
            Input::Binary(_) | Input::Opened(_) | Input::Upgraded | Input::Timeout => {}
        }
        if matches!(input, Input::Opened(_)) {
            self.session.set_unix_time(self.now, UNIX_TIME + self.now.duration_since(self.begin));
        }
        self.session.handle_input(self.now, input);
        self.drain();
    }

    pub fn join(&mut self, namespace: &str, number: u64) {
        self.command(Command::Join(join(namespace, number)));
    }

    pub fn leave(&mut self, namespace: &str) {
        self.command(Command::Leave(namespace.into()));
    }

    pub fn close(&mut self) {
        self.command(Command::Close);
    }

    pub fn emit(&mut self, namespace: &str, json: &str) {
        self.emit_payload(namespace, payload(json, &[]), None);
    }

    /// Emits with the wish for an answer within as many seconds.
    pub fn emit_with_ack(&mut self, namespace: &str, json: &str, token: u64, seconds: Option<u64>) {
        let ack = AckRequest { token: AckToken(token), timeout: seconds.map(Duration::from_secs) };
        self.emit_payload(namespace, payload(json, &[]), Some(ack));
    }

    pub fn emit_payload(&mut self, namespace: &str, payload: Payload, ack: Option<AckRequest>) {
        self.emit_with(namespace, payload, ack, Delivery::Once);
    }

    pub fn emit_volatile(&mut self, namespace: &str, json: &str) {
        self.emit_with(namespace, payload(json, &[]), None, Delivery::Volatile);
    }

    /// Emits with retries, each with as many seconds.
    pub fn emit_retried(
        &mut self,
        namespace: &str,
        json: &str,
        token: Option<u64>,
        retries: u32,
        seconds: u64,
    ) {
        let ack = token.map(|token| AckRequest { token: AckToken(token), timeout: None });
        let timeout = Some(Duration::from_secs(seconds));
        self.emit_with(namespace, payload(json, &[]), ack, Delivery::Retried { retries, timeout });
    }

    pub fn emit_with(
        &mut self,
        namespace: &str,
        payload: Payload,
        ack: Option<AckRequest>,
        delivery: Delivery,
    ) {
        let namespace = namespace.into();
        self.command(Command::Emit(Emit { namespace, payload, ack, delivery, report: false }));
    }

    pub fn answer(&mut self, namespace: &str, session: u64, id: u64, payload: Payload) {
        let (namespace, session) = (namespace.into(), SessionNumber(session));
        self.command(Command::Answer { namespace, session, id, payload });
    }

    /// The WebSocket opens and the server sends its handshake.
    pub fn open(&mut self) {
        self.input(Input::Opened(TransportName::WebSocket));
        self.server_sends(HANDSHAKE);
    }

    /// The next attempt comes, and the engine opens.
    pub fn come_back(&mut self) {
        let deadline = self.deadline.expect("an attempt");
        self.advance(deadline.saturating_duration_since(self.now));
        self.open();
    }

    /// The server accepts a namespace.
    pub fn accept(&mut self, namespace: &str, session_id: &str) {
        let namespace = if namespace == "/" { String::new() } else { format!("{namespace},") };
        self.server_sends(&format!(r#"40{namespace}{{"sid":"{session_id}"}}"#));
    }

    /// The server accepts a namespace, and will know its session by the private id.
    pub fn accept_recoverable(&mut self, namespace: &str, session_id: &str, private_id: &str) {
        let namespace = if namespace == "/" { String::new() } else { format!("{namespace},") };
        self.server_sends(&format!(r#"40{namespace}{{"sid":"{session_id}","pid":"{private_id}"}}"#));
    }

    pub fn server_sends(&mut self, text: &str) {
        self.input(Input::Text(text));
    }

    pub fn server_sends_binary(&mut self, bytes: &'static [u8]) {
        self.input(Input::Binary(Bytes::from_static(bytes)));
    }

    pub fn transport_closes(&mut self) {
        self.input(Input::Closed { reason: DisconnectReason::TransportClose, detail: "gone".into() });
    }

    pub fn transport_fails(&mut self) {
        self.input(Input::Failed(ConnectError::new(ConnectErrorCode::Refused, "nobody there")));
    }

    /// Lets time pass, and wakes the session whenever it asked for it.
    pub fn advance(&mut self, time: Duration) {
        let end = self.now + time;
        for _ in 0..10_000 {
            match self.deadline {
                Some(deadline) if deadline <= end => {
                    self.now = self.now.max(deadline);
                    self.input(Input::Timeout);
                }
                _ => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("the session asks to be woken again and again");
    }

    pub fn advance_seconds(&mut self, seconds: u64) {
        self.advance(Duration::from_secs(seconds));
    }

    /// Lets time pass without anybody noticing, as on a device that is suspended.
    pub fn suspend_seconds(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    /// What happened since the last call.
    pub fn take_outputs(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.outputs)
    }

    /// What happened since the last call, line by line.
    pub fn log(&mut self) -> Vec<String> {
        self.outputs.drain(..).map(|output| render::output(&output)).collect()
    }

    /// The error of the last failure or refusal, which stays in the log.
    pub fn error(&self) -> ConnectError {
        self.events()
            .find_map(|event| match event {
                Event::ConnectFailed { error, .. } | Event::NamespaceRefused { error, .. } => {
                    Some((**error).clone())
                }
                _ => None,
            })
            .expect("an error")
    }

    /// What ended the connection exactly, which stays in the log.
    pub fn detail(&self) -> String {
        self.events()
            .find_map(|event| match event {
                Event::EngineClosed { detail, .. } => Some(detail.clone()),
                _ => None,
            })
            .expect("the connection's end")
    }

    fn events(&self) -> impl Iterator<Item = &Event> {
        self.outputs.iter().rev().filter_map(|output| match output {
            Output::Event(event) => Some(event),
            _ => None,
        })
    }

    fn drain(&mut self) {
        loop {
            match self.session.poll_output() {
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    return;
                }
                output => {
                    match &output {
                        Output::Transmit(frame) => self.server.receives(frame),
                        Output::Close(_) => self.server.closes(),
                        _ => {}
                    }
                    self.outputs.push(output);
                }
            }
        }
    }
}

pub fn join(namespace: &str, number: u64) -> Join {
    Join { namespace: namespace.into(), join: JoinId(number), auth: Auth::Fixed(None) }
}

pub fn payload(json: &str, attachments: &[&'static str]) -> Payload {
    let attachments = attachments.iter().map(|text| Bytes::from_static(text.as_bytes())).collect();
    Payload { json: json.into(), attachments }
}
