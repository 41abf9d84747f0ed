//! A session whose main namespace is joined.

use std::hint::black_box;
use std::time::{Duration, Instant};

use socketio_protocol::{
    Auth, Command, Connect, ConnectionId, Emit, Endpoint, Event, Input, Join, JoinId, Limits, Output,
    Reconnection, Session, Settings, TransportName,
};

const HANDSHAKE: &str =
    r#"0{"sid":"E","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100000000}"#;

/// The session, and the time that stands still for it.
pub struct Joined {
    session: Session,
    now: Instant,
}

impl Joined {
    /// Connects and joins.
    ///
    /// # Panics
    /// When the session does not do what it has to.
    pub fn new() -> Self {
        let mut joined = Self { session: Session::new(1), now: Instant::now() };
        let settings = Settings {
            endpoint: Endpoint::parse("ws://localhost:3000").expect("a URL"),
            timeout: Duration::from_secs(20),
            limits: Limits::default(),
            reconnection: Reconnection::default(),
        };
        let join = Join { namespace: "/".into(), join: JoinId(1), auth: Auth::Fixed(None) };
        let connect = Connect { connection: ConnectionId(1), settings, join: vec![join] };
        joined.command(Command::Connect(connect));
        joined.input(Input::Opened(TransportName::WebSocket));
        joined.input(Input::Text(HANDSHAKE));
        joined.input(Input::Text(r#"40{"sid":"S"}"#));
        joined
    }

    /// Emits, and takes the messages that are to be sent.
    pub fn emit(&mut self, emit: Emit) {
        self.command(Command::Emit(emit));
    }

    /// Takes what the transport brings, and hands out the events.
    pub fn input(&mut self, input: Input<'_>) {
        self.session.handle_input(self.now, input);
        self.drain();
    }

    fn command(&mut self, command: Command) {
        self.session.handle_command(self.now, command);
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.session.poll_output() {
                Output::Timeout(_) => return,
                Output::Event(Event::Received(received)) => {
                    self.session.recycle(black_box(received).arguments);
                }
                output => drop(black_box(output)),
            }
        }
    }
}
