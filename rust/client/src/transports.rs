//! The transport of the session, and those before it that are still closing.

use std::io;
use std::mem;
use std::time::{Duration, Instant};

use polling::Event;
use socketio_protocol::session::Closing as HowToClose;
use socketio_protocol::{ConnectError, TransportName};

use crate::added_latency::AddedLatency;
use crate::closing::Closing;
use crate::opening::Opening;
use crate::transport::{Incoming, Outgoing, Transport};

/// How many transports may be closing at a time. Beyond it the oldest that has sent everything is dropped, or else the
/// oldest.
const MAX_CLOSINGS: usize = 8;
/// How often in a row a transport may get no answer until the other is tried first.
const MAX_SILENCES: u32 = 2;
/// How long a new connection waits for the last bytes of the one before it.
const GIVE_WAY: Duration = Duration::from_secs(1);

/// Every transport of a client.
#[derive(Default)]
pub(crate) struct Transports {
    current: Current,
    closings: Vec<Closing>,
    /// Between the session and the open transport, while a developer wants it.
    latency: Option<Box<AddedLatency>>,
    /// How far the transport was that was given up last.
    given_up: Option<GivenUp>,
    /// The transport to try first.
    first: TransportName,
    /// How often in a row the server was there, but silent.
    silences: u32,
}

/// The one transport that the session knows of.
#[derive(Default)]
enum Current {
    #[default]
    None,
    /// To be opened when what is closing has sent its last bytes, or at that time: to the server one connection
    /// ends before the next begins, and a session that is to be restored (S16) is not in use any more.
    Due(Box<Opening>, Instant),
    Opening(Box<Opening>),
    Open(Box<Transport>),
}

/// How far a transport was when it was given up.
enum GivenUp {
    /// It was being opened. This is what it waited for, and whether the server was there but silent.
    Opening {
        late: String,
        was_asking: bool,
    },
    Open,
}

impl Transports {
    /// Opens a transport, where there is none; [`Transports::advance_opening`] tells the outcome.
    pub(crate) fn open(&mut self, opening: Opening, now: Instant) {
        self.current = Current::Due(Box::new(opening), now + GIVE_WAY);
    }

    /// The transport to try first: the one that could be opened the last time, else a WebSocket.
    pub(crate) fn first(&self) -> TransportName {
        self.first
    }

    /// Forgets which transport worked: the next connection may go elsewhere.
    pub(crate) fn forget_first(&mut self) {
        self.first = TransportName::default();
        self.silences = 0;
    }

    /// The server has opened a session.
    pub(crate) fn opened(&mut self) {
        self.silences = 0;
    }

    /// The transport was given up because time was up. Where the server was there but silent several times, something in
    /// between may swallow this kind of transport, so the other is tried next. Returns what it waited for, if it was not
    /// open.
    pub(crate) fn timed_out(&mut self) -> Option<String> {
        let (late, was_asking) = match self.given_up.take()? {
            GivenUp::Opening { late, was_asking } => (Some(late), was_asking),
            GivenUp::Open => (None, true),
        };
        if was_asking {
            self.silences += 1;
        }
        if self.silences == MAX_SILENCES {
            self.silences = 0;
            self.first = match self.first {
                TransportName::WebSocket => TransportName::Polling,
                TransportName::Polling => TransportName::WebSocket,
            };
        }
        late
    }

    /// Gets on with opening; returns the transport that has just opened.
    pub(crate) fn advance_opening(
        &mut self,
        now: Instant,
    ) -> Result<Option<TransportName>, Box<ConnectError>> {
        if self.is_due(now)
            && let Current::Due(opening, _) = mem::take(&mut self.current)
        {
            self.current = Current::Opening(opening);
        }
        let Current::Opening(opening) = &mut self.current else { return Ok(None) };
        match opening.advance(now) {
            Ok(None) => Ok(None),
            Ok(Some(transport)) => {
                self.first = transport.name();
                self.current = Current::Open(Box::new(transport));
                Ok(Some(self.first))
            }
            Err(error) => {
                self.first = TransportName::WebSocket;
                self.current = Current::None;
                Err(error)
            }
        }
    }

    /// Whether none is open or being opened.
    pub(crate) fn are_none(&self) -> bool {
        matches!(self.current, Current::None)
    }

    /// The open transport.
    pub(crate) fn open_one(&mut self) -> Option<&mut Transport> {
        if let Current::Open(transport) = &mut self.current { Some(transport) } else { None }
    }

    /// Whether so much waits for the open transport that more need not be queued yet.
    pub(crate) fn are_full(&self) -> bool {
        if let Current::Open(transport) = &self.current { transport.is_full() } else { false }
    }

    /// Queues something for the open transport; [`Transports::transmit`] sends it.
    // This and reading are inlined because every message passes them, and moving it once more would cost.
    #[inline]
    pub(crate) fn queue(&mut self, outgoing: Outgoing) {
        let Current::Open(transport) = &mut self.current else { return };
        match &mut self.latency {
            None => transport.queue(outgoing),
            Some(latency) => latency.queue(outgoing, transport, Instant::now()),
        }
    }

    /// Sends what is queued for the open transport, as far as it may be sent now.
    pub(crate) fn transmit(&mut self, now: Instant) {
        let Current::Open(transport) = &mut self.current else { return };
        if let Some(latency) = &mut self.latency {
            latency.release(transport, now);
        }
        transport.transmit(now);
    }

    /// Whether a read may give something without a socket being ready for it.
    #[inline]
    pub(crate) fn have_unread(&self, now: Instant) -> bool {
        let Current::Open(transport) = &self.current else { return false };
        match &self.latency {
            None => transport.has_unread(),
            Some(latency) => latency.has_due(now) || transport.has_unread() && latency.may_read(),
        }
    }

    /// Reads one message from the open transport.
    #[inline]
    pub(crate) fn read(&mut self, now: Instant) -> Incoming {
        let Current::Open(transport) = &mut self.current else { return Incoming::Blocked };
        match &mut self.latency {
            None => transport.read(now),
            Some(latency) => latency.read(transport, now),
        }
    }

    /// Forgets what is queued for the open transport.
    pub(crate) fn discard_queue(&mut self) {
        if let Current::Open(transport) = &mut self.current {
            transport.discard_queue();
        }
        if let Some(latency) = &mut self.latency {
            latency.discard_outgoing();
        }
    }

    /// Adds so much to the round trip of this connection and of those that follow.
    pub(crate) fn add_latency(&mut self, added: Duration, now: Instant) {
        self.latency.get_or_insert_with(|| Box::new(AddedLatency::new())).set(added, now);
        // How long it takes now.
        self.queue(Outgoing::Ping);
    }

    /// Closes the transport, or gives it up while it is being opened.
    pub(crate) fn close(&mut self, how: HowToClose, now: Instant) {
        let current = mem::take(&mut self.current);
        self.given_up = match &current {
            Current::None | Current::Due(..) => None,
            Current::Opening(opening) => {
                Some(GivenUp::Opening { late: opening.late(), was_asking: opening.is_asking() })
            }
            Current::Open(_) => Some(GivenUp::Open),
        };
        let Current::Open(mut transport) = current else { return };
        if let Some(latency) = &mut self.latency {
            latency.release_all(&mut transport);
            latency.reset();
        }
        let flushes = match how {
            HowToClose::Flush => true,
            HowToClose::FlushUnlessStalled => !transport.is_stalled(now),
            HowToClose::Abort => false,
        };
        if !flushes {
            return;
        }
        if self.closings.len() >= MAX_CLOSINGS {
            self.closings.remove(self.closings.iter().position(Closing::has_sent).unwrap_or(0));
        }
        self.closings.push(Closing::new(transport, now));
    }

    /// Gets on with closing.
    pub(crate) fn advance_closings(&mut self, now: Instant) {
        self.latency.take_if(|latency| latency.is_over());
        self.closings.retain_mut(|closing| !closing.advance(now));
    }

    /// Gives closing no more time than that.
    pub(crate) fn hurry(&mut self, deadline: Instant) {
        self.closings.iter_mut().for_each(|closing| closing.hurry(deadline));
    }

    /// Whether nothing is closing any more.
    pub(crate) fn are_closed(&self) -> bool {
        self.closings.is_empty()
    }

    /// The number of frames that wait for the open transport to send them.
    pub(crate) fn waiting_frames(&self) -> usize {
        let held = self.latency.as_ref().map_or(0, |latency| latency.waiting_frames());
        if let Current::Open(transport) = &self.current { held + transport.waiting_frames() } else { held }
    }

    /// The number of bytes not sent yet.
    pub(crate) fn waiting_bytes(&self) -> usize {
        let held = self.latency.as_ref().map_or(0, |latency| latency.waiting_bytes());
        let open = if let Current::Open(transport) = &self.current { transport.waiting_bytes() } else { 0 };
        let open = open.saturating_add(held);
        self.closings.iter().fold(open, |bytes, closing| bytes.saturating_add(closing.waiting_bytes()))
    }

    pub(crate) fn on_ready(&mut self, event: Event) {
        match &mut self.current {
            Current::None | Current::Due(..) => {}
            Current::Opening(opening) => opening.on_ready(event),
            Current::Open(transport) => transport.on_ready(event),
        }
        self.closings.iter_mut().for_each(|closing| closing.on_ready(event));
    }

    pub(crate) fn arm(&mut self, want_read: bool) -> io::Result<()> {
        match &mut self.current {
            Current::None | Current::Due(..) => {}
            Current::Opening(opening) => opening.arm()?,
            Current::Open(transport) => {
                let may_read = self.latency.as_ref().is_none_or(|latency| latency.may_read());
                transport.arm(want_read && may_read)?;
            }
        }
        self.closings.iter_mut().try_for_each(Closing::arm)
    }

    /// Whether there is something to do for which no socket will report.
    pub(crate) fn have_more_to_do(&self, want_read: bool, now: Instant) -> bool {
        let current = match &self.current {
            Current::None | Current::Opening(_) => false,
            Current::Due(..) => self.is_due(now),
            Current::Open(_) => want_read && self.have_unread(now),
        };
        current || self.closings.iter().any(Closing::has_unread)
    }

    /// When there is something to do though no socket is ready.
    pub(crate) fn deadline(&self, want_read: bool) -> Option<Instant> {
        let current = match &self.current {
            Current::None => None,
            Current::Due(_, latest) => Some(*latest),
            Current::Opening(opening) => opening.deadline(),
            Current::Open(transport) => transport.deadline(),
        };
        let held = self.latency.as_ref().and_then(|latency| latency.deadline(want_read));
        self.closings.iter().map(Closing::deadline).chain(current).chain(held).min()
    }

    /// Whether the transport is to be opened now.
    fn is_due(&self, now: Instant) -> bool {
        let Current::Due(_, latest) = &self.current else { return false };
        now >= *latest || self.closings.iter().all(Closing::has_sent)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};
    use std::sync::Arc;
    use std::thread;

    use socketio_protocol::{Endpoint, Frame, Limits};

    use super::*;
    use crate::closing::PATIENCE;
    use crate::site::{Site, TransportOptions};
    use crate::transport::Outgoing;
    use crate::waker::Waker;
    use crate::waker::tests::run;

    /// More than the system's buffers on the way take.
    const MUCH: usize = 16 << 20;

    /// Transports to a server whose sides of them read nothing and never end them. Time stands still.
    struct Connections {
        transports: Transports,
        listener: TcpListener,
        site: Arc<Site>,
        waker: Arc<Waker>,
        now: Instant,
    }

    impl Connections {
        fn start() -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let endpoint = Endpoint::parse(&format!("ws://{}", listener.local_addr().unwrap())).unwrap();
            let waker = Arc::new(Waker::new().unwrap());
            let site = Arc::new(Site::new(endpoint, TransportOptions::default(), &waker).unwrap());
            Self { transports: Transports::default(), listener, site, waker, now: Instant::now() }
        }

        /// Opens a transport, has it send so much, and closes it. Returns the server's side.
        fn open_and_close(&mut self, bytes: usize) -> TcpStream {
            let Self { transports, listener, site, waker, now } = self;
            let listener = listener.try_clone().unwrap();
            let server = thread::spawn(move || tungstenite::accept(listener.accept().unwrap().0).unwrap());
            let opening = Opening::start(site, TransportName::WebSocket, Limits::default(), *now).unwrap();
            transports.open(opening, *now);
            // What is stuck holds up no later one.
            let due = *now + GIVE_WAY;
            run(waker, |ready| {
                ready.iter().for_each(|event| transports.on_ready(event));
                let is_open = transports.advance_opening(due).unwrap().is_some();
                transports.arm(true).unwrap();
                is_open
            });
            transports.open_one().unwrap().queue(Outgoing::Frame(Frame::Text("x".repeat(bytes))));
            transports.close(HowToClose::Flush, *now);
            let mut turns = 0;
            run(waker, |ready| {
                ready.iter().for_each(|event| transports.on_ready(event));
                transports.advance_closings(*now);
                transports.arm(true).unwrap();
                turns += 1;
                transports.closings.last().unwrap().has_sent() || (bytes == MUCH && turns > 10)
            });
            server.join().unwrap().into_inner()
        }
    }

    /// Whether the client has dropped its side: what comes then is answered with a reset.
    fn is_dropped(mut server_side: &TcpStream) -> bool {
        (0..20).any(|_| {
            thread::sleep(Duration::from_millis(2));
            server_side.write_all(b"x").is_err()
        })
    }

    #[test]
    fn of_more_than_eight_that_are_closing_the_oldest_is_dropped() {
        let mut connections = Connections::start();
        let sides: Vec<_> = (0..10).map(|_| connections.open_and_close(1)).collect();
        assert_eq!(connections.transports.closings.len(), 8);
        let dropped: Vec<_> = sides.iter().map(is_dropped).collect();
        assert_eq!(dropped, [[true; 2].as_slice(), &[false; 8]].concat());
    }

    #[test]
    fn what_has_sent_everything_is_dropped_before_what_has_not() {
        let mut connections = Connections::start();
        let stuck = connections.open_and_close(MUCH);
        let sides: Vec<_> = (0..8).map(|_| connections.open_and_close(1)).collect();
        assert!(connections.transports.waiting_bytes() > 0, "the system took it all");
        assert_eq!((is_dropped(&stuck), is_dropped(&sides[0]), is_dropped(&sides[1])), (false, true, false));
    }

    #[test]
    fn of_those_that_have_not_the_oldest_is_dropped() {
        let mut connections = Connections::start();
        let sides: Vec<_> = (0..9).map(|_| connections.open_and_close(MUCH)).collect();
        assert_eq!(connections.transports.closings.len(), 8);
        assert_eq!((is_dropped(&sides[0]), is_dropped(&sides[1])), (true, false));
    }

    #[test]
    fn closing_takes_five_seconds_at_most() {
        for bytes in [1, MUCH] {
            let mut connections = Connections::start();
            let side = connections.open_and_close(bytes);
            let end = connections.now + PATIENCE;
            connections.transports.advance_closings(end - Duration::from_millis(1));
            assert!(!connections.transports.are_closed());
            assert_eq!(connections.transports.deadline(true), Some(end));
            connections.transports.advance_closings(end);
            assert!(connections.transports.are_closed());
            assert!(is_dropped(&side));
        }
    }
}
