//! A transport that is being closed, behind the back of the session.

use std::io::{self, Read};
use std::mem;
use std::time::{Duration, Instant};

use polling::Event;

use crate::stream::Buffered;
use crate::transport::{Incoming, Transport};

/// How long closing may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// How many messages, or bytes, are read and thrown away in one turn.
const MESSAGES_PER_TURN: usize = 256;
const BYTES_PER_TURN: usize = 1024 * 1024;

/// A transport that sends its last bytes, ends its outgoing side, and reads on to the peer's end: a socket dropped
/// with unread data would be reset, and the reset may overtake what was sent.
pub(crate) struct Closing {
    state: State,
    deadline: Instant,
}

enum State {
    /// Something is queued yet, perhaps behind a barrier.
    Sending(Box<Transport>),
    /// The close frame is in the stream's buffer.
    Flushing(Remains),
    /// All is sent, and what still comes is thrown away.
    Draining(Remains),
    Over,
}

/// What is left of a transport: no more than a stream of bytes.
struct Remains {
    stream: Buffered,
    drained: bool,
}

impl Closing {
    pub(crate) fn new(mut transport: Box<Transport>, now: Instant) -> Self {
        transport.end_session();
        Self { state: State::Sending(transport), deadline: now + PATIENCE }
    }

    /// Gets on; `true` when it is over.
    pub(crate) fn advance(&mut self, now: Instant) -> bool {
        let in_time = now < self.deadline;
        let state = match mem::replace(&mut self.state, State::Over) {
            State::Sending(mut transport) => {
                if in_time && !send(&mut transport, now) {
                    State::Sending(transport)
                } else {
                    match transport.into_closed_stream() {
                        None => State::Over,
                        Some(stream) => Remains { stream, drained: false }.flush(),
                    }
                }
            }
            State::Flushing(remains) => remains.flush(),
            state => state,
        };
        if in_time {
            self.state = state.drain();
        }
        matches!(self.state, State::Over)
    }

    /// Gives it no more time than that.
    pub(crate) fn hurry(&mut self, deadline: Instant) {
        self.deadline = self.deadline.min(deadline);
    }

    /// When to call [`Closing::advance`] though no socket is ready.
    pub(crate) fn deadline(&self) -> Instant {
        match &self.state {
            State::Sending(transport) => {
                transport.deadline().map_or(self.deadline, |at| at.min(self.deadline))
            }
            State::Flushing(_) | State::Draining(_) | State::Over => self.deadline,
        }
    }

    /// Whether everything is sent.
    pub(crate) fn has_sent(&self) -> bool {
        matches!(self.state, State::Draining(_) | State::Over)
    }

    /// The number of bytes not sent yet.
    pub(crate) fn waiting_bytes(&self) -> usize {
        match &self.state {
            State::Sending(transport) => transport.waiting_bytes(),
            State::Flushing(remains) | State::Draining(remains) => remains.stream.waiting_bytes(),
            State::Over => 0,
        }
    }

    /// Whether there may be more to read without the socket being ready for it.
    pub(crate) fn has_unread(&self) -> bool {
        match &self.state {
            State::Sending(transport) => transport.has_unread(),
            State::Flushing(remains) | State::Draining(remains) => !remains.drained,
            State::Over => false,
        }
    }

    pub(crate) fn on_ready(&mut self, event: Event) {
        match &mut self.state {
            State::Sending(transport) => transport.on_ready(event),
            State::Flushing(remains) | State::Draining(remains) => {
                remains.stream.socket().on_ready(event);
                remains.drained = false;
            }
            State::Over => {}
        }
    }

    pub(crate) fn arm(&mut self) -> io::Result<()> {
        match &mut self.state {
            State::Sending(transport) => transport.arm(true),
            State::Flushing(remains) | State::Draining(remains) => remains.stream.socket().arm(true),
            State::Over => Ok(()),
        }
    }
}

impl Remains {
    fn flush(mut self) -> State {
        if self.stream.transmit().is_err() {
            return State::Over;
        }
        if self.stream.waiting_bytes() > 0 {
            return State::Flushing(self);
        }
        match self.stream.stream().shut_down_write() {
            Ok(()) => State::Draining(self),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => State::Flushing(self),
            Err(_) => State::Over,
        }
    }

    /// Reads what comes; `true` at the end of it.
    fn drain(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        let mut total = 0;
        while total < BYTES_PER_TURN {
            match self.stream.stream().read(&mut buffer) {
                Ok(0) => return true,
                Ok(read) => total += read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.drained = true;
                    return false;
                }
                Err(_) => return true,
            }
        }
        false
    }
}

impl State {
    /// Reads also while flushing: a peer that is itself blocked on writing would never take the rest.
    fn drain(mut self) -> Self {
        let has_ended = match &mut self {
            Self::Flushing(remains) | Self::Draining(remains) => remains.drain(),
            Self::Sending(_) | Self::Over => false,
        };
        if has_ended { Self::Over } else { self }
    }
}

/// Sends what is queued, past the barriers; `true` when nothing is left or the connection has ended.
fn send(transport: &mut Transport, now: Instant) -> bool {
    for _ in 0..MESSAGES_PER_TURN {
        transport.transmit(now);
        if !transport.has_queued() {
            return true;
        }
        match transport.read(now) {
            Incoming::Blocked => return false,
            Incoming::Ended(..) => {
                // Nobody reads it any more.
                transport.discard_queue();
                return true;
            }
            Incoming::Text(_)
            | Incoming::Binary(_)
            | Incoming::Pong(_)
            | Incoming::Control
            | Incoming::Upgraded => {}
        }
    }
    false
}
