//! A transport that is being closed, behind the back of the session.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use polling::Event;

use crate::stream::Buffered;
use crate::transport::Transport;

/// How long closing may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// How much is read and thrown away in one turn.
const READ_PER_TURN: usize = 1024 * 1024;

/// A transport that sends its last bytes, ends its outgoing side, and reads on to the peer's end: a socket dropped
/// with unread data would be reset, and the reset may overtake what was sent.
pub(crate) struct Closing {
    stream: Buffered,
    deadline: Instant,
    state: State,
    drained: bool,
}

#[derive(PartialEq, Eq)]
enum State {
    Flushing,
    /// All is sent, and what still comes is thrown away.
    Draining,
}

impl Closing {
    pub(crate) fn new(transport: Transport, now: Instant) -> Self {
        let stream = transport.into_closed_stream();
        Self { stream, deadline: now + PATIENCE, state: State::Flushing, drained: false }
    }

    /// Gets on; `true` when it is over.
    pub(crate) fn advance(&mut self, now: Instant) -> bool {
        if now >= self.deadline {
            return true;
        }
        if self.state == State::Flushing && self.flush().is_err() {
            return true;
        }
        // Also while flushing: a peer that is itself blocked on writing would never take the rest.
        !matches!(self.drain(), Ok(()))
    }

    /// Gives it no more time than that.
    pub(crate) fn hurry(&mut self, deadline: Instant) {
        self.deadline = self.deadline.min(deadline);
    }

    /// When it is over at the latest.
    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The number of bytes not sent yet.
    pub(crate) fn waiting_bytes(&self) -> usize {
        self.stream.waiting_bytes()
    }

    /// Whether there may be more to read without the socket being ready for it.
    pub(crate) fn has_unread(&self) -> bool {
        !self.drained
    }

    pub(crate) fn on_ready(&mut self, event: Event) {
        self.stream.socket().on_ready(event);
        self.drained = false;
    }

    pub(crate) fn arm(&mut self) -> io::Result<()> {
        self.stream.socket().arm(true)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.transmit()?;
        if self.stream.waiting_bytes() > 0 {
            return Ok(());
        }
        match self.stream.stream().shut_down_write() {
            Ok(()) => self.state = State::Draining,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Reads what comes; an error at the end of it.
    fn drain(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        let mut total = 0;
        while total < READ_PER_TURN {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => total += read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.drained = true;
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
