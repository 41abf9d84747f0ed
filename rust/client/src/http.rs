//! A connection for HTTP requests, one after another.

use std::fmt;
use std::io::{self, Read, Write};
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use polling::Event;
use socketio_protocol::ConnectError;

use crate::answer::{AnswerError, AnswerReader, Part};
use crate::connecting::Connecting;
use crate::diagnosis::Late;
use crate::site::Site;
use crate::stream::Stream;

/// How long an unused connection is kept. Node.js closes it after 5 s; a request that crosses this on its way would
/// be lost.
const KEEP_ALIVE: Duration = Duration::from_secs(4);

/// Why a request failed.
#[derive(Debug)]
pub(crate) enum RequestError {
    /// No connection could be made.
    Connect(Box<ConnectError>),
    /// There is no answer, or it broke off.
    Answer(AnswerError),
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => f.write_str(&error.message),
            Self::Answer(AnswerError::Io(error)) => write!(f, "the connection broke: {error}"),
            Self::Answer(AnswerError::Closed) => {
                f.write_str("the connection was closed before the answer was whole")
            }
            Self::Answer(AnswerError::NotHttp(_) | AnswerError::BadBody) => {
                f.write_str("the answer is not HTTP")
            }
            Self::Answer(AnswerError::TooLong) => f.write_str("the answer has no end"),
        }
    }
}

/// A connection that is made when it is needed, and kept from one request to the next. Dropping it gives up the request.
pub(crate) struct Http {
    site: Arc<Site>,
    state: State,
}

enum State {
    /// There is no connection.
    None,
    Connecting(Box<Connecting>, Vec<u8>),
    Exchanging(Box<Exchange>),
    /// The connection waits for the next request, since then.
    Kept(Stream, Instant),
}

/// A request and its answer.
struct Exchange {
    stream: Stream,
    request: Vec<u8>,
    sent: usize,
    answer: AnswerReader,
    /// The connection has served another request before.
    reused: bool,
}

impl Http {
    pub(crate) fn new(site: &Arc<Site>) -> Self {
        Self { site: Arc::clone(site), state: State::None }
    }

    /// Whether a request is under way.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self.state, State::Connecting(..) | State::Exchanging(_))
    }

    /// Begins a request, where none is under way; [`Http::next`] gets on with it.
    pub(crate) fn start(&mut self, request: Vec<u8>, now: Instant) -> Result<(), RequestError> {
        self.state = match mem::replace(&mut self.state, State::None) {
            State::Kept(mut stream, since) => {
                if now < since + KEEP_ALIVE && is_silent(&mut stream) {
                    State::Exchanging(Box::new(Exchange::new(stream, request, true)))
                } else {
                    self.connect(request)?
                }
            }
            _ => self.connect(request)?,
        };
        Ok(())
    }

    /// Gets on with the request; gives the next part of the answer, `None` while there is none.
    pub(crate) fn next(&mut self, now: Instant) -> Result<Option<Part>, RequestError> {
        loop {
            let exchange = match &mut self.state {
                State::None | State::Kept(..) => return Ok(None),
                State::Connecting(..) => {
                    if !self.advance_connecting(now)? {
                        return Ok(None);
                    }
                    continue;
                }
                State::Exchanging(exchange) => exchange,
            };
            match exchange.next() {
                Ok(Some(Part::End)) => {
                    self.keep(now);
                    return Ok(Some(Part::End));
                }
                Ok(part) => return Ok(part),
                // The server has closed the connection before it had the whole request. Otherwise it may have done what was
                // asked, and to ask again would lose or double what the session carries.
                Err(AnswerError::Io(_) | AnswerError::Closed)
                    if exchange.reused
                        && exchange.answer.is_untouched()
                        && exchange.sent < exchange.request.len() =>
                {
                    let request = mem::take(&mut exchange.request);
                    self.state = self.connect(request)?;
                }
                Err(error) => {
                    self.state = State::None;
                    return Err(RequestError::Answer(error));
                }
            }
        }
    }

    /// Gets on with sending the request alone.
    pub(crate) fn send(&mut self, now: Instant) -> Result<(), RequestError> {
        if matches!(self.state, State::Connecting(..)) {
            self.advance_connecting(now)?;
        }
        if let State::Exchanging(exchange) = &mut self.state {
            // What is wrong shows in reading.
            let _ = exchange.send();
        }
        Ok(())
    }

    /// The number of bytes of the request not sent yet.
    pub(crate) fn waiting_bytes(&self) -> usize {
        match &self.state {
            State::None | State::Kept(..) => 0,
            State::Connecting(_, request) => request.len(),
            State::Exchanging(exchange) => exchange.request.len() - exchange.sent,
        }
    }

    /// What it is waiting for.
    pub(crate) fn late(&self) -> Late {
        if let State::Connecting(connecting, _) = &self.state { connecting.late() } else { Late::Polling }
    }

    /// When to call [`Http::next`] though the socket is not ready.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        if let State::Connecting(connecting, _) = &self.state { connecting.deadline() } else { None }
    }

    pub(crate) fn on_ready(&mut self, event: Event) {
        match &mut self.state {
            State::None => {}
            State::Connecting(connecting, _) => connecting.on_ready(event),
            State::Exchanging(exchange) => exchange.stream.socket().on_ready(event),
            State::Kept(stream, _) => stream.socket().on_ready(event),
        }
    }

    pub(crate) fn arm(&mut self, want_read: bool) -> io::Result<()> {
        match &mut self.state {
            // Whether a kept connection is still there shows when it is needed.
            State::None | State::Kept(..) => Ok(()),
            State::Connecting(connecting, _) => connecting.arm(),
            State::Exchanging(exchange) => exchange.stream.socket().arm(want_read),
        }
    }

    fn connect(&self, request: Vec<u8>) -> Result<State, RequestError> {
        let connecting = Connecting::start(&self.site).map_err(RequestError::Connect)?;
        Ok(State::Connecting(Box::new(connecting), request))
    }

    /// `true` when the connection is made.
    fn advance_connecting(&mut self, now: Instant) -> Result<bool, RequestError> {
        let State::Connecting(connecting, request) = &mut self.state else { return Ok(false) };
        let request = match connecting.advance(now) {
            Ok(None) => return Ok(false),
            Ok(Some(stream)) => Ok(Exchange::new(stream, mem::take(request), false)),
            Err(error) => Err(error),
        };
        self.state = State::None;
        self.state = State::Exchanging(Box::new(request.map_err(RequestError::Connect)?));
        Ok(true)
    }

    fn keep(&mut self, now: Instant) {
        if let State::Exchanging(exchange) = mem::replace(&mut self.state, State::None)
            && exchange.answer.keeps_alive()
        {
            self.state = State::Kept(exchange.stream, now);
        }
    }
}

impl Exchange {
    fn new(stream: Stream, request: Vec<u8>, reused: bool) -> Self {
        Self { stream, request, sent: 0, answer: AnswerReader::default(), reused }
    }

    fn next(&mut self) -> Result<Option<Part>, AnswerError> {
        // A server may answer, and close, before it has read everything.
        let sent = self.send();
        match self.answer.next(&mut self.stream) {
            Ok(None) => sent.map(|()| None).map_err(AnswerError::Io),
            answer => answer,
        }
    }

    fn send(&mut self) -> io::Result<()> {
        while self.sent < self.request.len() {
            match self.stream.write(&self.request[self.sent..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => self.sent += written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Whether a connection between two requests brings nothing, as it should: neither an end nor a stray byte.
fn is_silent(stream: &mut Stream) -> bool {
    stream.socket().assume_readable();
    matches!(stream.read(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}
