//! The thread that drives the session: it alone touches the sockets and the real clock.

use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use polling::Events;
use socketio_protocol::session::Closing as HowToClose;
use socketio_protocol::{Command, DisconnectReason, Event, Input, Limits, Output, Session};

use crate::closing::{Closing, PATIENCE};
use crate::ledger::Ledger;
use crate::mailbox::{Request, WorkerSide};
use crate::opening::{Opening, TransportOptions};
use crate::statistics::Statistics;
use crate::transport::{Incoming, Transport};
use crate::waker::Waker;

/// How many requests are taken until the sockets get their turn.
const REQUESTS_PER_TURN: usize = 4096;
/// How many messages, and how many bytes in them, are read until requests and writes get their turn.
const MESSAGES_PER_TURN: usize = 256;
const BYTES_PER_TURN: usize = 4 * 1024 * 1024;
/// How many transports may be closing at a time. Beyond it the oldest is dropped.
const MAX_CLOSINGS: usize = 8;
/// How many sockets report in one turn; the others do in the next.
const EVENTS_PER_TURN: NonZeroUsize = NonZeroUsize::new(32).unwrap();
/// After so many panics the worker stays silent.
const MAX_PANICS: usize = 3;

/// Everything that the thread owns.
///
/// A panic in it, which would be a bug, ends the connection with the events that say so, and the client can be used
/// again. After several the thread ends, and the client stays silent.
pub(crate) struct Worker {
    limits: Limits,
    mailbox: WorkerSide,
    waker: Arc<Waker>,
    session: Session,
    /// For the transports that the session asks to open.
    options: TransportOptions,
    connection: Connection,
    closings: Vec<Closing>,
    /// When the session wants to be called.
    timeout: Option<Instant>,
    ledger: Ledger,
    wake_ups: u64,
    /// The client is gone or told to end: the thread ends after the last closing.
    ending: bool,
}

enum Connection {
    None,
    /// The flag tells that it has not been advanced yet, so that no socket can announce it.
    Opening(Box<Opening>, bool),
    Open(Box<Transport>),
}

impl Worker {
    pub(crate) fn new(limits: Limits, mailbox: WorkerSide, waker: Arc<Waker>) -> Self {
        Self {
            limits,
            mailbox,
            waker,
            session: Session::new(limits),
            options: TransportOptions::default(),
            connection: Connection::None,
            closings: Vec::new(),
            timeout: None,
            ledger: Ledger::default(),
            wake_ups: 0,
            ending: false,
        }
    }

    /// Runs until the client is gone and everything is sent.
    pub(crate) fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS_PER_TURN);
        let mut panics = 0;
        while panics < MAX_PANICS {
            match catch_unwind(AssertUnwindSafe(|| self.turn(&mut events))) {
                Ok(Ok(Turn::Next)) => {}
                Ok(Ok(Turn::Last)) => return,
                Ok(Err(error)) => {
                    panics += 1;
                    self.start_over(&format!("The system's socket poller failed ({error})"));
                }
                Err(_) => {
                    panics += 1;
                    self.start_over(
                        "An internal error of the Socket.IO client, please report it: see the log",
                    );
                }
            }
        }
    }

    /// Does everything that can be done, and sleeps until there is more.
    fn turn(&mut self, events: &mut Events) -> io::Result<Turn> {
        self.wake_ups += 1;
        let more_requests = self.take_requests();
        if self.timeout.is_some_and(|timeout| Instant::now() >= timeout) {
            self.input(Input::Timeout);
        }
        self.open();
        self.read();
        self.transmit();
        let now = Instant::now();
        self.closings.retain_mut(|closing| !closing.advance(now));
        self.publish();
        if self.ending && self.closings.is_empty() {
            return Ok(Turn::Last);
        }
        self.arm()?;
        let deadline = if more_requests || self.has_unread() { Some(now) } else { self.deadline() };
        self.waker.sleep(events, deadline)?;
        for event in events.iter() {
            match &mut self.connection {
                Connection::None => {}
                Connection::Opening(opening, _) => opening.on_ready(event),
                Connection::Open(transport) => transport.on_ready(event),
            }
            self.closings.iter_mut().for_each(|closing| closing.on_ready(event));
        }
        Ok(Turn::Next)
    }

    /// Takes requests; `true` when more may be there.
    fn take_requests(&mut self) -> bool {
        for _ in 0..REQUESTS_PER_TURN {
            let Some(request) = self.mailbox.take() else { return false };
            match request {
                Request::Connect(connect) => {
                    let (connect, options) = *connect;
                    self.options = options;
                    self.ledger.note_connect(&connect);
                    self.command(Command::Connect(connect));
                }
                Request::Command(command) => {
                    self.ledger.note_command(&command);
                    self.command(command);
                }
                Request::End(by) => self.end(by),
                #[cfg(test)]
                Request::Panic => panic!("asked for by a test"),
            }
        }
        true
    }

    fn command(&mut self, command: Command) {
        if self.ending {
            return;
        }
        let now = Instant::now();
        self.session.handle_command(now, command);
        self.drain(now);
    }

    fn input(&mut self, input: Input) {
        let now = Instant::now();
        self.session.handle_input(now, input);
        self.drain(now);
    }

    /// Does what the session asks for, until it asks for nothing more.
    fn drain(&mut self, now: Instant) {
        loop {
            match self.session.poll_output() {
                Output::Open(endpoint) => {
                    self.mailbox.set_latency(None);
                    match Opening::start(endpoint, self.options.clone(), self.limits, &self.waker) {
                        Ok(opening) => self.connection = Connection::Opening(Box::new(opening), true),
                        Err(error) => self.session.handle_input(now, Input::Failed(*error)),
                    }
                }
                Output::Transmit(frame) => {
                    if let Connection::Open(transport) = &mut self.connection {
                        transport.queue(frame);
                    }
                }
                Output::Ping => {
                    if let Connection::Open(transport) = &mut self.connection {
                        transport.ping();
                    }
                }
                Output::Barrier => {
                    if let Connection::Open(transport) = &mut self.connection {
                        transport.barrier();
                    }
                }
                Output::Close(how) => self.close(how, now),
                Output::Event(event) => self.report(event),
                Output::Timeout(timeout) => {
                    self.timeout = timeout;
                    return;
                }
            }
        }
    }

    fn report(&mut self, mut event: Event) {
        self.ledger.note_event(&event);
        if let Event::EngineClosed { reason: DisconnectReason::PingTimeout, detail, .. } = &mut event
            && self.mailbox.is_paused()
        {
            "the game left so many events waiting that the connection was not read any more: call poll() more \
             often"
                .clone_into(detail);
        }
        self.mailbox.deliver(event);
    }

    fn close(&mut self, how: HowToClose, now: Instant) {
        self.mailbox.set_latency(None);
        match (std::mem::replace(&mut self.connection, Connection::None), how) {
            (Connection::Open(transport), HowToClose::Flush) => {
                if self.closings.len() >= MAX_CLOSINGS {
                    self.closings.remove(0);
                }
                self.closings.push(Closing::new(transport, now));
            }
            // Dropped.
            (Connection::Open(_), HowToClose::Abort) | (Connection::Opening(..) | Connection::None, _) => {}
        }
    }

    /// Gets on with opening the transport.
    fn open(&mut self) {
        let Connection::Opening(opening, unstarted) = &mut self.connection else { return };
        *unstarted = false;
        match opening.advance(Instant::now()) {
            Ok(None) => {}
            Ok(Some(transport)) => {
                self.connection = Connection::Open(Box::new(transport));
                self.input(Input::Opened);
            }
            Err(error) => {
                self.connection = Connection::None;
                self.input(Input::Failed(*error));
            }
        }
    }

    fn read(&mut self) {
        let mut bytes: usize = 0;
        for _ in 0..MESSAGES_PER_TURN {
            let Connection::Open(transport) = &mut self.connection else { return };
            if bytes >= BYTES_PER_TURN || !transport.has_unread() || self.mailbox.must_pause() {
                return;
            }
            match transport.read() {
                Incoming::Frame(frame) => {
                    bytes = bytes.saturating_add(frame.len());
                    self.input(Input::Frame(frame));
                }
                Incoming::Pong(latency) => self.mailbox.set_latency(Some(latency)),
                Incoming::Control => {}
                Incoming::Blocked => return,
                Incoming::Ended(reason, detail) => {
                    // With the answer to the peer's close frame, if there was one.
                    self.close(HowToClose::Flush, Instant::now());
                    self.input(Input::Closed { reason, detail });
                }
            }
        }
    }

    fn transmit(&mut self) {
        if let Connection::Open(transport) = &mut self.connection {
            transport.transmit(Instant::now());
        }
    }

    fn end(&mut self, by: Option<Instant>) {
        let now = Instant::now();
        if !self.ending {
            self.command(Command::Close);
            self.ending = true;
            self.timeout = None;
            self.connection = Connection::None;
        }
        let by = by.unwrap_or(now + PATIENCE);
        self.closings.iter_mut().for_each(|closing| closing.hurry(by));
    }

    fn publish(&mut self) {
        let (mut bytes, mut frames) = (self.session.waiting_bytes(), self.session.waiting_events());
        if let Connection::Open(transport) = &mut self.connection {
            bytes = bytes.saturating_add(transport.waiting_bytes());
            frames = frames.saturating_add(transport.waiting_frames());
        }
        let bytes =
            self.closings.iter().fold(bytes, |bytes, closing| bytes.saturating_add(closing.waiting_bytes()));
        let counters = self.session.counters();
        let statistics = Statistics { counters, wake_ups: self.wake_ups, ..Statistics::default() };
        self.mailbox.publish(bytes, frames, statistics);
    }

    fn arm(&mut self) -> io::Result<()> {
        match &mut self.connection {
            Connection::None => {}
            Connection::Opening(opening, _) => opening.arm()?,
            Connection::Open(transport) => transport.arm(!self.mailbox.is_paused())?,
        }
        self.closings.iter_mut().try_for_each(Closing::arm)
    }

    /// Whether there is something to do for which no socket will report.
    fn has_unread(&self) -> bool {
        let connection = match &self.connection {
            Connection::None => false,
            Connection::Opening(_, unstarted) => *unstarted,
            Connection::Open(transport) => transport.has_unread() && !self.mailbox.is_paused(),
        };
        connection || self.closings.iter().any(Closing::has_unread)
    }

    /// When to wake up though nothing happens.
    fn deadline(&self) -> Option<Instant> {
        let connection = match &self.connection {
            Connection::None => None,
            Connection::Opening(opening, _) => opening.deadline(),
            Connection::Open(transport) => transport.deadline(),
        };
        let closings = self.closings.iter().map(Closing::deadline);
        closings.chain(connection).chain(self.timeout).min()
    }

    /// Gives up everything, and tells the game what it waits for.
    fn start_over(&mut self, detail: &str) {
        self.connection = Connection::None;
        self.closings.clear();
        self.session = Session::new(self.limits);
        self.timeout = None;
        self.mailbox.set_latency(None);
        for event in self.ledger.close(detail) {
            self.mailbox.deliver(event);
        }
    }
}

/// Whether a turn follows.
enum Turn {
    Next,
    Last,
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, TcpListener};
    use std::thread;
    use std::time::Duration;

    use socketio_protocol::{Connect, ConnectionId, Endpoint};

    use super::*;
    use crate::mailbox::{GameSide, mailbox};

    fn connect(game: &GameSide, number: u64, address: SocketAddr) {
        let endpoint = Endpoint::parse(&format!("ws://{address}")).unwrap();
        let timeout = Duration::from_secs(20);
        let connect = Connect { connection: ConnectionId(number), endpoint, join: Vec::new(), timeout };
        game.send(Request::Connect(Box::new((connect, TransportOptions::default())))).unwrap();
    }

    fn next(game: &GameSide) -> Event {
        let give_up = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(event) = game.try_event() {
                return event;
            }
            assert!(Instant::now() < give_up, "no event came");
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn a_panic_ends_the_connection_and_not_the_client() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            for _ in 0..2 {
                let mut socket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
                let open = r#"0{"sid":"e","pingInterval":25000,"pingTimeout":20000}"#;
                socket.send(tungstenite::Message::text(open)).unwrap();
                while socket.read().is_ok() {}
            }
        });
        let (game, worker, waker) = mailbox(1 << 20).unwrap();
        let thread = thread::spawn(|| Worker::new(Limits::default(), worker, waker).run());

        connect(&game, 1, address);
        assert!(matches!(next(&game), Event::EngineOpened { connection: ConnectionId(1), .. }));
        game.send(Request::Panic).unwrap();
        let Event::EngineClosed { connection: ConnectionId(1), reason, detail } = next(&game) else {
            panic!("the end was not reported");
        };
        assert_eq!(reason, DisconnectReason::TransportError);
        assert!(detail.contains("internal error"), "{detail}");

        connect(&game, 2, address);
        assert!(matches!(next(&game), Event::EngineOpened { connection: ConnectionId(2), .. }));
        game.send(Request::End(None)).unwrap();
        thread.join().unwrap();
        server.join().unwrap();
    }
}
