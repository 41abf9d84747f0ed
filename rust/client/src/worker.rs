//! The thread that drives the session: it alone touches the sockets and the real clock.

mod batches;
#[cfg(test)]
mod full;
mod pace;
mod requests;
#[cfg(test)]
mod standstill;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::mem;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use polling::Events;
use socketio_protocol::engine::EnginePacket;
use socketio_protocol::session::Closing as HowToClose;
use socketio_protocol::{
    ConnectError, ConnectErrorCode, DisconnectReason, Endpoint, Event, Input, Limits, Output, Session, Values,
};

use self::batches::{Batches, NAP};
use self::pace::{GATHERING, Pace, Read};
use self::requests::REQUESTS_PER_TURN;
use crate::clock::Clock;
use crate::data::Data;
use crate::ledger::Ledger;
use crate::mailbox::WorkerSide;
use crate::opening::Opening;
use crate::site::{Site, TransportOptions};
use crate::statistics::Statistics;
use crate::tap::Feed;
use crate::transport::{Incoming, Outgoing};
use crate::transports::Transports;
use crate::waker::Waker;

/// How many messages, and how many bytes in them, are read until requests and writes get their turn.
const MESSAGES_PER_TURN: usize = 256;
const BYTES_PER_TURN: usize = 4 * 1024 * 1024;
/// How many sockets report in one turn; the others do in the next.
const EVENTS_PER_TURN: NonZeroUsize = NonZeroUsize::new(32).unwrap();
/// How long the worker sleeps at most while nothing that can wait wakes it: on a device that was suspended more may be due than
/// anybody knows (S7).
const SOUND_SLEEP: Duration = Duration::from_secs(1);
/// After so many panics the worker stays silent.
const MAX_PANICS: usize = 3;

/// Everything that the thread owns.
///
/// A panic in it, which would be a bug, ends the connection with the events that say so, and the client can be used
/// again. After several the thread ends, and the client stays silent.
pub(crate) struct Worker<D> {
    mailbox: WorkerSide<D>,
    waker: Arc<Waker>,
    session: Session,
    /// For the transports that the session asks to open.
    options: TransportOptions,
    transports: Transports,
    /// The session's time. That of the sockets is the system's.
    clock: Clock,
    /// When the session wants to be called, in its time.
    timeout: Option<Instant>,
    batches: Batches,
    pace: Pace,
    ledger: Ledger,
    /// Values that the game has had, on their way back to the session.
    spent: Vec<Values>,
    /// Notes what passes, while a developer watches.
    tap: Option<Box<Feed>>,
    wake_ups: u64,
    /// When the last turn began, in the session's time.
    last_turn: Instant,
    /// The client is gone or told to end: the thread ends after the last closing.
    ending: bool,
}

impl<D: Data> Worker<D> {
    pub(crate) fn new(mailbox: WorkerSide<D>, waker: Arc<Waker>) -> Self {
        Self {
            mailbox,
            waker,
            session: Session::new(seed()),
            options: TransportOptions::default(),
            transports: Transports::default(),
            clock: Clock::default(),
            timeout: None,
            batches: Batches::default(),
            pace: Pace::default(),
            ledger: Ledger::default(),
            spent: Vec::new(),
            tap: None,
            wake_ups: 0,
            last_turn: Instant::now(),
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
        let has_slept = self.clock.refresh();
        let last = mem::replace(&mut self.last_turn, self.clock.now());
        // Of what was left before a sleep of the device and what after it, nobody knows which is which.
        if !has_slept && self.is_timeout_due() {
            self.take_left(last);
        }
        let requests = self.take_requests();
        let had_left = self.leaves_requests() && self.mailbox.requests() > 0;
        if self.is_timeout_due() {
            self.input(Input::Timeout);
        }
        self.open();
        let read = self.read();
        let now = Instant::now();
        self.transports.transmit(now);
        self.transports.advance_closings(now);
        self.publish();
        if self.ending && self.transports.are_closed() {
            return Ok(Turn::Last);
        }
        let want_read = !self.mailbox.is_paused();
        let leaves_requests = self.leaves_requests();
        let may_have_left = had_left && !leaves_requests;
        let is_busy =
            self.transports.have_more_to_do(want_read, now) || requests == REQUESTS_PER_TURN || may_have_left;
        if is_busy || requests > 0 {
            self.pace.break_off();
        }
        let expects_more = self.batches.expects_more(now, requests, read.messages);
        let gathers = self.pace.gathers(now, read);
        self.transports.arm(want_read && !gathers)?;
        if is_busy {
            self.waker.sleep(events, Some(now))?;
        } else if leaves_requests {
            let look = now + if gathers { GATHERING } else { SOUND_SLEEP };
            self.waker.sleep_soundly(events, self.deadline().into_iter().chain([look]).min())?;
        } else if expects_more {
            self.waker.nap(events, NAP)?;
        } else if gathers {
            self.waker.sleep(events, self.deadline().into_iter().chain([now + GATHERING]).min())?;
        } else {
            self.waker.sleep(events, self.deadline())?;
        }
        events.iter().for_each(|event| self.transports.on_ready(event));
        Ok(Turn::Next)
    }

    fn input(&mut self, input: Input<'_>) {
        self.input_at(self.clock.now(), input);
    }

    fn input_at(&mut self, now: Instant, input: Input<'_>) {
        self.session.handle_input(now, input);
        self.drain(now);
    }

    /// Does what the session asks for, until it asks for nothing more.
    fn drain(&mut self, now: Instant) {
        loop {
            match self.session.poll_output() {
                Output::Open { endpoint, limits } => {
                    self.mailbox.set_latency(None);
                    match self.start_opening(endpoint, limits) {
                        Ok(opening) => self.transports.open(opening, Instant::now()),
                        Err(error) => self.session.handle_input(now, Input::Failed(*error)),
                    }
                }
                Output::Transmit(frame) => {
                    if let Some(tap) = &mut self.tap {
                        tap.send(&frame);
                    }
                    self.transports.queue(Outgoing::Frame(frame));
                }
                Output::Ping => self.transports.queue(Outgoing::Ping),
                Output::Barrier => self.transports.queue(Outgoing::Barrier),
                Output::Close(how) => self.close(how),
                Output::Event(event) => self.report(event),
                Output::Timeout(timeout) => {
                    self.timeout = timeout;
                    return;
                }
            }
        }
    }

    fn start_opening(&self, endpoint: Endpoint, limits: Limits) -> Result<Opening, Box<ConnectError>> {
        let site = Site::new(endpoint, self.options.clone(), &self.waker)?;
        // Of a session that was there before, the server knows more than this request tells.
        let site = Arc::new(site.with_secrets(self.session.secrets()));
        Opening::start(&site, self.transports.first(), limits, Instant::now())
    }

    fn report(&mut self, mut event: Event) {
        self.ledger.note_event(&event);
        if let Some(tap) = &mut self.tap {
            tap.note_event(&event);
        }
        if let Event::EngineClosed { reason: DisconnectReason::PingTimeout, detail, .. } = &mut event
            && self.mailbox.is_paused()
        {
            "the game left so many events waiting that the connection was not read any more: call poll() more \
             often"
                .clone_into(detail);
        }
        if let Event::EngineOpened { .. } = event {
            self.transports.opened();
        }
        if let Event::ConnectFailed { error, .. } = &mut event
            && error.code == ConnectErrorCode::Timeout
        {
            if self.mailbox.is_paused() {
                "The game left so many events waiting that nothing of the connection was read: call poll() more often"
                    .clone_into(&mut error.message);
            } else if let Some(late) = self.transports.timed_out() {
                error.message = late;
            }
        }
        self.mailbox.deliver(event, &mut self.spent);
        self.spent.drain(..).for_each(|values| self.session.recycle(values));
    }

    fn close(&mut self, how: HowToClose) {
        self.mailbox.set_latency(None);
        self.transports.close(how, Instant::now());
    }

    /// Gets on with opening the transport.
    fn open(&mut self) {
        match self.transports.advance_opening(Instant::now()) {
            Ok(None) => {}
            Ok(Some(transport)) => {
                if let Some(tap) = &mut self.tap {
                    tap.note_opened(transport);
                }
                let unix_time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                self.session.set_unix_time(self.clock.now(), unix_time);
                self.input(Input::Opened(transport));
            }
            Err(error) => self.input(Input::Failed(*error)),
        }
    }

    fn read(&mut self) -> Read {
        // The same for all that is read in a turn: to ask for each message costs as much as parsing a short one.
        let (now, session_now) = (Instant::now(), self.clock.now());
        let mut read = Read::default();
        for _ in 0..MESSAGES_PER_TURN {
            if read.bytes >= BYTES_PER_TURN || !self.transports.have_unread(now) || self.mailbox.must_pause()
            {
                break;
            }
            match self.transports.read(now) {
                Incoming::Text(text) => {
                    read.add(text.len());
                    if let Some(tap) = &mut self.tap {
                        tap.receive_text(session_now, &text, &self.session);
                    }
                    // A heartbeat changes nothing.
                    if self.transports.are_full() && EnginePacket::decode(&text) != Some(EnginePacket::Ping) {
                        self.take_left(session_now);
                    }
                    self.input_at(session_now, Input::Text(&text));
                }
                Incoming::Binary(attachment) => {
                    read.add(attachment.len());
                    if let Some(tap) = &mut self.tap {
                        tap.receive_binary(&attachment);
                    }
                    self.take_left(session_now);
                    self.input_at(session_now, Input::Binary(attachment));
                }
                Incoming::Pong(latency) => self.mailbox.set_latency(Some(latency)),
                Incoming::Control => {}
                Incoming::Upgraded => self.input(Input::Upgraded),
                Incoming::Blocked => break,
                Incoming::Ended(reason, detail) => {
                    // Nobody reads it any more.
                    self.take_left(session_now);
                    self.transports.discard_queue();
                    // With the answer to the peer's close frame, if there was one.
                    self.close(HowToClose::Flush);
                    self.input(Input::Closed { reason, detail });
                }
            }
        }
        read
    }

    fn publish(&mut self) {
        self.tap.take_if(|tap| !tap.is_watched());
        let bytes = self.session.waiting_bytes().saturating_add(self.transports.waiting_bytes());
        let frames = self.session.waiting_events().saturating_add(self.transports.waiting_frames());
        let counters = self.session.counters();
        let statistics = Statistics { counters, wake_ups: self.wake_ups, ..Statistics::default() };
        self.mailbox.publish(bytes, frames, statistics);
    }

    /// When to wake up though nothing happens.
    fn deadline(&self) -> Option<Instant> {
        let session = self.timeout().map(|timeout| self.clock.to_system(timeout));
        self.transports.deadline(!self.mailbox.is_paused()).into_iter().chain(session).min()
    }

    /// When to call the session. While the game leaves too much waiting, nothing of a new connection could be read, so none
    /// is tried until then.
    fn timeout(&self) -> Option<Instant> {
        self.timeout.filter(|_| !(self.mailbox.is_paused() && self.transports.are_none()))
    }

    fn is_timeout_due(&self) -> bool {
        self.timeout().is_some_and(|timeout| self.clock.now() >= timeout)
    }

    /// Gives up everything, and tells the game what it waits for.
    fn start_over(&mut self, detail: &str) {
        self.transports = Transports::default();
        self.session = Session::new(seed());
        self.timeout = None;
        self.mailbox.set_latency(None);
        for event in self.ledger.close(detail) {
            self.mailbox.deliver(event, &mut self.spent);
        }
    }
}

/// Another number for each client. The standard library seeds its hash maps with the system's random numbers.
fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
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

    use socketio_protocol::{
        Auth, Command, Connect, ConnectionId, Delivery, Emit, Endpoint, Join, JoinId, Limits, Payload,
        Reconnection, Settings,
    };

    use super::*;
    use crate::clock::tests::Device;
    use crate::mailbox::{GameSide, mailbox};
    use crate::request::Request;

    fn connect(game: &GameSide<Values>, number: u64, address: SocketAddr) {
        let endpoint = Endpoint::parse(&format!("ws://{address}")).unwrap();
        let settings = Settings {
            endpoint,
            timeout: Duration::from_secs(20),
            limits: Limits::default(),
            reconnection: Reconnection::default(),
        };
        let connect = Connect { connection: ConnectionId(number), settings, join: Vec::new() };
        game.send(Request::Connect(Box::new((connect, TransportOptions::default())))).unwrap();
    }

    pub(super) fn next(game: &GameSide<Values>) -> Event {
        let give_up = Instant::now() + Duration::from_secs(10);
        loop {
            game.fetch(|_| {});
            if let Some(event) = game.try_event() {
                return event;
            }
            assert!(Instant::now() < give_up, "no event came");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// A server that serves so many connections, and tells what came in them.
    fn serve(connections: usize) -> (SocketAddr, thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let mut messages = Vec::new();
            for _ in 0..connections {
                let mut socket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
                let open = r#"0{"sid":"e","pingInterval":25000,"pingTimeout":20000}"#;
                socket.send(tungstenite::Message::text(open)).unwrap();
                while let Ok(message) = socket.read() {
                    if let tungstenite::Message::Text(text) = message {
                        messages.push(text.to_string());
                        if text == "40" {
                            socket.send(tungstenite::Message::text(r#"40{"sid":"s"}"#)).unwrap();
                        }
                    }
                }
            }
            messages
        });
        (address, server)
    }

    #[test]
    fn s7_after_a_sleep_an_emit_finds_the_heartbeat_overdue() {
        let (address, server) = serve(1);
        let (game, worker, waker) = mailbox(1 << 20).unwrap();
        let mut worker = Worker::new(worker, waker);
        let device = Device::default();
        worker.clock = device.clock();
        let thread = thread::spawn(|| worker.run());
        connect(&game, 1, address);
        assert!(matches!(next(&game), Event::EngineOpened { .. }));
        let join = Join { namespace: "/".into(), join: JoinId(1), auth: Auth::Fixed(None) };
        game.send(Request::Command(Command::Join(join))).unwrap();
        assert!(matches!(next(&game), Event::NamespaceAccepted { .. }));
        assert!(matches!(next(&game), Event::NamespaceJoined { .. }));

        device.sleep(60);
        let emit = Emit {
            namespace: "/".into(),
            payload: Payload { json: r#"["late"]"#.to_owned(), attachments: Vec::new() },
            ack: None,
            delivery: Delivery::Once,
            report: false,
        };
        game.send(Request::Command(Command::Emit(emit))).unwrap();
        let lost = next(&game);
        assert!(
            matches!(lost, Event::EngineClosed { reason: DisconnectReason::PingTimeout, retrying: true, .. }),
            "{lost:?}"
        );
        assert!(matches!(next(&game), Event::NamespaceLeft { rejoining: true, .. }));
        game.send(Request::End(None)).unwrap();
        thread.join().unwrap();
        assert_eq!(server.join().unwrap(), ["40"], "the event went into a dead connection");
    }

    #[test]
    fn a_panic_ends_the_connection_and_not_the_client() {
        let (address, server) = serve(2);
        let (game, worker, waker) = mailbox(1 << 20).unwrap();
        let thread = thread::spawn(|| Worker::new(worker, waker).run());

        connect(&game, 1, address);
        assert!(matches!(next(&game), Event::EngineOpened { connection: ConnectionId(1), .. }));
        game.send(Request::Panic).unwrap();
        let Event::EngineClosed { connection: ConnectionId(1), reason, detail, retrying: false } =
            next(&game)
        else {
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
