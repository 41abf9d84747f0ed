//! The WebSocket transport.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::time::{Duration, Instant};

use polling::Event;
use socketio_protocol::engine::PONG;
use socketio_protocol::masking::clean;
use socketio_protocol::{Detail, DisconnectReason, Frame, Limits};
use tungstenite::protocol::frame::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket, error::ProtocolError};

use crate::stream::{Buffered, Stream};
use crate::transport::{Incoming, Outgoing};

/// How much is read from the socket at once.
const READ_BUFFER: usize = 64 * 1024;
/// How many bytes may wait for the socket until no more frames are framed and masked.
const WRITE_AHEAD: usize = 64 * 1024;
/// How many bytes may wait for it in all until the session makes no more frames. Enough for a server on the same machine to
/// read on while more are made.
const FULL: usize = 2 * WRITE_AHEAD;
/// Pings that may come while the socket takes no answer: more is an attack on our memory.
const MAX_UNANSWERED_PINGS: u32 = 1_000;
/// How long a barrier holds back what follows, for a server that answers no pings.
const BARRIER_PATIENCE: Duration = Duration::from_secs(1);

/// An open WebSocket over a stream.
pub(crate) struct WebSocketTransport {
    socket: WebSocket<Buffered>,
    queue: VecDeque<Outgoing>,
    /// The bytes of the frames in `queue`.
    queued_bytes: usize,
    once: Once,
    /// The last ping sent, and when, while its pong has not come.
    ping: Option<(u64, Instant)>,
    barrier: Option<Barrier>,
    pings_sent: u64,
    unanswered_pings: u32,
    /// The write side is broken. What came before is still read.
    broken: Option<io::Error>,
    /// Nothing is left to read until the socket is ready again.
    drained: bool,
    max_message: usize,
}

/// Holds back what is queued until the pong to this ping shows that the server has read everything before it.
struct Barrier {
    ping: u64,
    /// Holds no longer than that. Not known until the ping has left for the socket.
    until: Option<Instant>,
}

/// What is in the queue, and would say nothing more if it were there twice: so a flood of heartbeats takes no memory.
#[derive(Default)]
struct Once {
    /// The answer to a heartbeat, which answers all before it.
    pong: bool,
    ping: bool,
}

impl Once {
    fn of(&mut self, outgoing: &Outgoing) -> Option<&mut bool> {
        match outgoing {
            Outgoing::Frame(Frame::Text(text)) if text == PONG => Some(&mut self.pong),
            Outgoing::Ping => Some(&mut self.ping),
            Outgoing::Frame(_) | Outgoing::Barrier => None,
        }
    }
}

impl WebSocketTransport {
    /// `rest` is what came after the WebSocket handshake already.
    pub(crate) fn new(stream: Stream, rest: Vec<u8>, limits: Limits) -> Self {
        let max_message = limits.max_packet();
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            // The stream has the buffer.
            .write_buffer_size(0)
            .max_message_size(Some(max_message))
            .max_frame_size(Some(max_message));
        Self {
            socket: WebSocket::from_partially_read(Buffered::new(stream), rest, Role::Client, Some(config)),
            queue: VecDeque::new(),
            queued_bytes: 0,
            once: Once::default(),
            ping: None,
            barrier: None,
            pings_sent: 0,
            unanswered_pings: 0,
            broken: None,
            drained: false,
            max_message,
        }
    }

    /// Queues something; [`WebSocketTransport::transmit`] sends it. A barrier holds for a second at most.
    pub(crate) fn queue(&mut self, outgoing: Outgoing) {
        if self.once.of(&outgoing).is_some_and(|is_queued| mem::replace(is_queued, true)) {
            return;
        }
        if let Outgoing::Frame(frame) = &outgoing {
            self.queued_bytes = self.queued_bytes.saturating_add(frame.len());
        }
        match &outgoing {
            // Before what waits, but not between the attachments of an event (S20).
            Outgoing::Frame(Frame::Text(text)) if text == PONG => {
                let is_attachment = |other: &Outgoing| matches!(other, Outgoing::Frame(Frame::Binary(_)));
                let place = self.queue.iter().position(|other| !is_attachment(other));
                self.queue.insert(place.unwrap_or(self.queue.len()), outgoing);
            }
            _ => self.queue.push_back(outgoing),
        }
    }

    /// When to call [`WebSocketTransport::transmit`] though the socket is not ready.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.barrier.as_ref().and_then(|barrier| barrier.until)
    }

    /// Whether something is queued that the stream has not got.
    pub(crate) fn has_queued(&self) -> bool {
        !self.queue.is_empty()
    }

    /// The number of frames that wait to be sent.
    pub(crate) fn waiting_frames(&self) -> usize {
        self.queue.len()
    }

    /// The number of bytes that wait to be sent.
    pub(crate) fn waiting_bytes(&self) -> usize {
        self.queued_bytes.saturating_add(self.socket.get_ref().waiting_bytes())
    }

    /// Whether so much waits that more need not be queued yet.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting_bytes() >= FULL
    }

    /// Whether what is queued now will be sent without delay, as far as this side can know.
    pub(crate) fn is_writable(&self) -> bool {
        self.socket.get_ref().waiting_bytes() == 0 && self.barrier.is_none() && self.broken.is_none()
    }

    /// Whether the server takes nothing of what waits.
    pub(crate) fn is_stalled(&self, now: Instant) -> bool {
        self.socket.get_ref().is_stalled(now)
    }

    /// Whether a read may give something without the socket being ready for it: TLS and WebSocket have buffers of
    /// their own.
    pub(crate) fn has_unread(&self) -> bool {
        !self.drained
    }

    /// Sends what is queued, as far as the socket and the barriers let it. A broken write side shows in
    /// [`WebSocketTransport::read`].
    pub(crate) fn transmit(&mut self, now: Instant) {
        // tungstenite writes the answer to a ping with the next call only, and a paused reader makes none.
        let _ = self.socket.flush();
        if self.deadline().is_some_and(|deadline| now >= deadline) {
            self.barrier = None;
        }
        loop {
            while self.barrier.is_none()
                && self.socket.get_ref().waiting_bytes() < WRITE_AHEAD
                && let Some(outgoing) = self.queue.pop_front()
            {
                self.write(outgoing);
            }
            if let Err(error) = self.socket.get_mut().transmit() {
                self.give_up_writing(error);
            }
            if self.socket.get_ref().waiting_bytes() > 0 {
                return;
            }
            self.unanswered_pings = 0;
            if let Some(barrier) = &mut self.barrier {
                barrier.until.get_or_insert(now + BARRIER_PATIENCE);
                return;
            }
            if self.queue.is_empty() {
                return;
            }
        }
    }

    /// Reads one message, or a part of it.
    pub(crate) fn read(&mut self) -> Incoming {
        self.socket.get_mut().refill();
        let message = match self.socket.read() {
            Ok(message) => message,
            Err(Error::Io(error))
                if error.kind() == io::ErrorKind::WouldBlock && self.socket.get_ref().is_exhausted() =>
            {
                return Incoming::Blocked;
            }
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                self.drained = true;
                return match self.broken.take() {
                    None => Incoming::Blocked,
                    Some(error) => broken_off(&error),
                };
            }
            Err(error) => return self.fail(error),
        };
        match message {
            Message::Text(text) => Incoming::Text(text),
            Message::Binary(bytes) => Incoming::Binary(bytes),
            Message::Pong(payload) => self.take_pong(&payload),
            Message::Ping(_) => {
                self.unanswered_pings += 1;
                if self.unanswered_pings < MAX_UNANSWERED_PINGS {
                    return Incoming::Control;
                }
                let detail = "the server sends WebSocket pings without reading the answers";
                Incoming::Ended(DisconnectReason::TransportError, detail.into())
            }
            Message::Close(frame) => {
                Incoming::Ended(DisconnectReason::TransportClose, closed_by_server(frame))
            }
            Message::Frame(_) => Incoming::Control,
        }
    }

    /// Forgets what is queued.
    pub(crate) fn discard_queue(&mut self) {
        self.queue.clear();
        self.queued_bytes = 0;
        self.once = Once::default();
        self.barrier = None;
    }

    /// Queues everything, past all barriers, and a WebSocket close frame in the stream.
    pub(crate) fn into_closed_stream(mut self) -> Buffered {
        while let Some(outgoing) = self.queue.pop_front() {
            self.write(outgoing);
        }
        if self.broken.is_some() {
            self.socket.get_mut().discard();
        }
        // Fails only where a close frame was sent already, and flushes the answer to the peer's.
        let _ = self.socket.close(Some(CloseFrame { code: CloseCode::Normal, reason: "".into() }));
        self.socket.into_inner()
    }

    pub(crate) fn on_ready(&mut self, event: Event) {
        self.socket.get_mut().socket().on_ready(event);
        self.drained = false;
    }

    pub(crate) fn arm(&mut self, want_read: bool) -> io::Result<()> {
        self.socket.get_mut().socket().arm(want_read)
    }

    fn write(&mut self, outgoing: Outgoing) {
        if let Some(is_queued) = self.once.of(&outgoing) {
            *is_queued = false;
        }
        if let Outgoing::Frame(frame) = &outgoing {
            self.queued_bytes = self.queued_bytes.saturating_sub(frame.len());
        }
        if self.broken.is_some() {
            return;
        }
        let message = match outgoing {
            Outgoing::Frame(Frame::Text(text)) => Message::text(text),
            Outgoing::Frame(Frame::Binary(bytes)) => Message::binary(bytes),
            Outgoing::Ping => {
                let number = self.next_ping();
                self.ping = Some((number, Instant::now()));
                ping(number)
            }
            Outgoing::Barrier => {
                let number = self.next_ping();
                self.barrier = Some(Barrier { ping: number, until: None });
                ping(number)
            }
        };
        // The stream takes everything, so that only a closed WebSocket can refuse it.
        if let Err(error) = self.socket.write(message) {
            self.give_up_writing(io::Error::other(error));
        }
    }

    fn give_up_writing(&mut self, error: io::Error) {
        self.discard_queue();
        self.socket.get_mut().discard();
        self.broken.get_or_insert(error);
        // Forces a read, which finds the end.
        self.drained = false;
    }

    fn next_ping(&mut self) -> u64 {
        self.pings_sent += 1;
        self.pings_sent
    }

    fn take_pong(&mut self, payload: &[u8]) -> Incoming {
        let Ok(number) = payload.try_into().map(u64::from_be_bytes) else { return Incoming::Control };
        // A peer may answer only the last of several pings (RFC 6455, section 5.5.3), and none that was not sent.
        if number <= self.pings_sent && self.barrier.as_ref().is_some_and(|barrier| number >= barrier.ping) {
            self.barrier = None;
        }
        match self.ping {
            Some((ping, sent)) if ping == number => {
                self.ping = None;
                Incoming::Pong(sent.elapsed())
            }
            _ => Incoming::Control,
        }
    }

    fn fail(&mut self, error: Error) -> Incoming {
        let detail = match error {
            Error::ConnectionClosed | Error::AlreadyClosed => "the connection is closed".to_owned(),
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                "the connection was closed without a WebSocket close frame".to_owned()
            }
            Error::Io(error) => return broken_off(&error),
            Error::Capacity(_) => {
                let detail = format!(
                    "a message larger than {} bytes came in: raise max_payload_size, or let the server send less at a time",
                    self.max_message
                );
                return Incoming::Ended(DisconnectReason::TransportError, detail.into());
            }
            error => {
                return Incoming::Ended(DisconnectReason::TransportError, clean(&error.to_string()).into());
            }
        };
        Incoming::Ended(DisconnectReason::TransportClose, detail.into())
    }
}

fn ping(number: u64) -> Message {
    Message::Ping(number.to_be_bytes().to_vec().into())
}

/// The end of a connection by an I/O error. The network's are a close, those of TLS an error, except a missing close
/// message, which is how many servers end.
fn broken_off(error: &io::Error) -> Incoming {
    let text = clean(&error.to_string());
    let is_tls_error = error.raw_os_error().is_none()
        && matches!(error.kind(), io::ErrorKind::Other | io::ErrorKind::InvalidData)
        && !text.contains("unexpected eof");
    let reason =
        if is_tls_error { DisconnectReason::TransportError } else { DisconnectReason::TransportClose };
    Incoming::Ended(reason, format!("the connection broke: {text}").into())
}

fn closed_by_server(frame: Option<CloseFrame>) -> Detail {
    match frame {
        None => "the server closed the WebSocket".into(),
        Some(frame) => Detail {
            told: format!("the server closed the WebSocket with code {}", u16::from(frame.code)),
            said: frame.reason.to_string(),
        },
    }
}
