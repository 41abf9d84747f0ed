//! Real servers on loopback sockets, and a game that waits for events.
#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod http;

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use socketio_client::{Client, Command, Connect, Event, Limits, TransportOptions};
use socketio_protocol::{
    Auth, ConnectError, ConnectionId, Delivery, DisconnectReason, Emit, Endpoint, Join, JoinId, Node,
    Payload, Received, Reconnection, Settings, Values,
};
use tungstenite::{Message, WebSocket};

/// How long anything may take. A test that waits so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// Waits for a condition.
#[track_caller]
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let give_up = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < give_up, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// An event for `/` that wants no answer.
pub fn event(json: impl Into<String>) -> Emit {
    let payload = Payload { json: json.into(), attachments: Vec::new() };
    Emit { namespace: "/".into(), payload, ack: None, delivery: Delivery::Once, report: false }
}

/// A time that no test waits.
pub const HOUR: Duration = Duration::from_secs(3600);

/// A client as a game uses it.
pub struct Game {
    pub client: Client,
    /// How to connect.
    pub timeout: Duration,
    pub limits: Limits,
    pub reconnection: Reconnection,
    connections: u64,
}

impl Game {
    /// A game that stays without a connection that it has lost.
    pub fn start() -> Self {
        Self::buffering(64 << 20)
    }

    /// A game that tries again at once, without an end.
    pub fn reconnecting() -> Self {
        Self::reconnecting_after(Duration::from_millis(10))
    }

    pub fn reconnecting_after(delay: Duration) -> Self {
        let reconnection =
            Reconnection { delay, delay_max: delay, randomization_factor: 0.0, ..Reconnection::default() };
        Self { reconnection, ..Self::start() }
    }

    pub fn buffering(max_buffered: usize) -> Self {
        Self {
            client: Client::start(max_buffered).unwrap(),
            timeout: Duration::from_secs(20),
            limits: Limits::default(),
            reconnection: Reconnection { enabled: false, ..Reconnection::default() },
            connections: 0,
        }
    }

    /// Connects and joins `/`.
    pub fn connect(&mut self, url: &str) -> ConnectionId {
        self.connect_with(url, TransportOptions::default())
    }

    pub fn connect_with(&mut self, url: &str, options: TransportOptions) -> ConnectionId {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        let join = Join { namespace: "/".into(), join: JoinId(self.connections), auth: Auth::Fixed(None) };
        self.client.connect(Connect { connection, settings: self.settings(url), join: vec![join] }, options);
        connection
    }

    /// Changes how the next attempt is made.
    pub fn configure(&self, url: &str, options: TransportOptions) {
        self.client.configure(self.settings(url), options);
    }

    /// Emits to `/`.
    #[track_caller]
    pub fn emit(&self, json: impl Into<String>) {
        self.send(Command::Emit(event(json)));
    }

    #[track_caller]
    pub fn send(&self, command: Command) {
        self.client.send(command).unwrap();
    }

    pub fn close(&self) {
        self.send(Command::Close);
    }

    /// The next event, if one has come.
    pub fn try_next(&self) -> Option<Event> {
        self.client.fetch(|_| {});
        self.client.try_event()
    }

    /// The next event.
    #[track_caller]
    pub fn next(&self) -> Event {
        let mut event = None;
        wait_until("an event", || {
            event = self.try_next();
            event.is_some()
        });
        event.unwrap()
    }

    /// Waits until the engine is open and `/` is joined.
    #[track_caller]
    pub fn expect_joined(&self) {
        self.expect_joined_at(0);
    }

    /// Waits until the engine is open at that attempt, and `/` is joined.
    #[track_caller]
    pub fn expect_joined_at(&self, number: u32) {
        match (self.next(), self.next(), self.next()) {
            (
                Event::EngineOpened { attempt, .. },
                Event::NamespaceAccepted { .. },
                Event::NamespaceJoined { .. },
            ) => assert_eq!(attempt, number),
            other => panic!("not joined: {other:?}"),
        }
    }

    #[track_caller]
    pub fn expect_received(&self) -> Received {
        match self.next() {
            Event::Received(received) => received,
            other => panic!("not an event of the server: {other:?}"),
        }
    }

    /// Waits until the open connection has ended, and `/` with it. Returns the reason and the detail.
    #[track_caller]
    pub fn expect_closed(&self) -> (DisconnectReason, String) {
        match (self.next(), self.next()) {
            (
                Event::EngineClosed { reason, detail, retrying, .. },
                Event::NamespaceLeft { reason: left, rejoining, .. },
            ) => {
                assert_eq!(reason, left);
                assert_eq!((retrying, rejoining), (self.reconnection.enabled, self.reconnection.enabled));
                (reason, detail)
            }
            other => panic!("not closed: {other:?}"),
        }
    }

    #[track_caller]
    pub fn expect_failed(&self) -> ConnectError {
        match self.next() {
            Event::ConnectFailed { error, retrying, .. } => {
                assert_eq!(retrying, self.reconnection.enabled);
                *error
            }
            other => panic!("not failed: {other:?}"),
        }
    }

    /// Waits for the next attempt. Returns the time that was waited before it.
    #[track_caller]
    pub fn expect_attempt(&self, number: u32) -> Duration {
        match self.next() {
            Event::ReconnectAttempt { attempt, delay, .. } => {
                assert_eq!(attempt, number);
                delay
            }
            other => panic!("not an attempt: {other:?}"),
        }
    }

    /// Waits until the transport takes nothing more of what was emitted.
    #[track_caller]
    pub fn wait_until_full(&self) {
        let mut waiting = usize::MAX;
        wait_until("a transport that takes no more", || {
            thread::sleep(Duration::from_millis(50));
            let before = std::mem::replace(&mut waiting, self.client.statistics().outbound.bytes);
            waiting == before
        });
        assert!(waiting > 0, "the server's side took everything");
    }

    /// Fails when anything happens, for a moment.
    #[track_caller]
    pub fn expect_silence(&self) {
        thread::sleep(Duration::from_millis(100));
        assert_eq!(self.try_next(), None);
    }

    fn settings(&self, url: &str) -> Settings {
        Settings {
            endpoint: Endpoint::parse(url).unwrap(),
            timeout: self.timeout,
            limits: self.limits,
            reconnection: self.reconnection,
        }
    }
}

/// A server on a free port, in a thread of its own.
pub struct Server {
    pub port: u16,
    thread: JoinHandle<()>,
}

impl Server {
    pub fn start(body: impl FnOnce(TcpListener) + Send + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), body)
    }

    pub fn on(listener: TcpListener, body: impl FnOnce(TcpListener) + Send + 'static) -> Self {
        let port = listener.local_addr().unwrap().port();
        Self { port, thread: thread::spawn(move || body(listener)) }
    }

    /// Serves one WebSocket.
    pub fn websocket(body: impl FnOnce(Peer<TcpStream>) + Send + 'static) -> Self {
        Self::start(move |listener| body(Peer::accept(accept(&listener))))
    }

    /// Serves one connection with bytes.
    pub fn raw(body: impl FnOnce(TcpStream) + Send + 'static) -> Self {
        Self::start(move |listener| body(accept(&listener)))
    }

    /// Answers one request with these bytes, and closes.
    pub fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::raw(move |mut stream| {
            read_head(&mut stream);
            stream.write_all(&answer).unwrap();
        })
    }

    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// Waits for the end of the server's part, and fails if that has failed.
    pub fn join(self) {
        wait_until("the server's end", || self.thread.is_finished());
        if let Err(panic) = self.thread.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

/// Accepts one connection; its reads and writes are bounded in time.
pub fn accept(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// A port on which nothing listens.
pub fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Fails when another connection has come.
#[track_caller]
pub fn expect_no_connection(listener: &TcpListener) {
    listener.set_nonblocking(true).unwrap();
    if let Ok((_, address)) = listener.accept() {
        panic!("there is another connection, from {address}");
    }
    listener.set_nonblocking(false).unwrap();
}

/// Makes the kernel end a connection with a reset.
pub fn reset(stream: TcpStream) {
    let socket = socket2::Socket::from(stream);
    socket.set_linger(Some(Duration::ZERO)).unwrap();
}

/// Reads whatever comes until the connection ends. A reset is an end too.
pub fn read_to_end(stream: &mut impl Read) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
}

/// Reads a request to the end of its head.
pub fn read_head(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    String::from_utf8(head).unwrap()
}

/// The answer 101 to a request, with this `Connection` header.
pub fn accepting_answer(request: &str, connection: &str) -> String {
    let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    let accept = tungstenite::handshake::derive_accept_key(key.as_bytes());
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: {connection}\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

/// Reads the request for a WebSocket. Returns what opens the engine with this open packet, and lets the client join `/`.
pub fn welcoming_bytes(stream: &mut impl Read, open: &str) -> Vec<u8> {
    let request = read_head(stream);
    let answer = accepting_answer(&request, "Upgrade").into_bytes();
    [answer, text_frame(open), text_frame(JOINED)].concat()
}

/// A short text frame of a server.
pub fn text_frame(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    assert!(length < 126, "too long for a short frame");
    [&[0x81, length], text.as_bytes()].concat()
}

/// The Engine.IO handshake with a heartbeat that never comes into the way of a test.
pub const OPEN: &str =
    r#"0{"sid":"engine","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100000000}"#;
/// The reply to CONNECT.
pub const JOINED: &str = r#"40{"sid":"socket"}"#;

/// The server's side of a WebSocket.
pub struct Peer<S: Read + Write> {
    pub socket: WebSocket<S>,
}

impl<S: Read + Write + std::fmt::Debug> Peer<S> {
    pub fn accept(stream: S) -> Self {
        Self { socket: tungstenite::accept(stream).unwrap() }
    }

    /// Does the Engine.IO handshake and lets the client join `/`.
    pub fn welcome(&mut self) {
        self.welcome_with(OPEN);
    }

    pub fn welcome_with(&mut self, open: &str) {
        self.send(open);
        self.expect("40");
        self.send(JOINED);
    }

    pub fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).unwrap();
    }

    /// The next message that is not a ping or a pong.
    #[track_caller]
    pub fn receive(&mut self) -> Message {
        loop {
            match self.socket.read().unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return message,
            }
        }
    }

    #[track_caller]
    pub fn expect(&mut self, text: &str) {
        assert_eq!(self.receive(), Message::text(text));
    }

    /// Reads until the client's close frame has come and the client has ended its side.
    #[track_caller]
    pub fn expect_close(&mut self) {
        assert!(matches!(self.receive(), Message::Close(_)), "not a close frame");
        match self.socket.read() {
            Err(tungstenite::Error::ConnectionClosed) => {}
            other => panic!("the close was not orderly: {other:?}"),
        }
    }

    /// Reads whatever comes until the client ends the connection.
    pub fn read_to_end(&mut self) {
        while self.socket.read().is_ok() {}
    }
}

/// Values as text, strings without their quotes.
pub fn text_of(values: &Values) -> String {
    let mut text = String::new();
    for node in values.nodes() {
        if !text.is_empty() {
            text.push(' ');
        }
        match node {
            Node::String(span) => text.push_str(values.text(*span)),
            Node::Int(number) => write!(text, "{number}").unwrap(),
            other => write!(text, "{other:?}").unwrap(),
        }
    }
    text
}
