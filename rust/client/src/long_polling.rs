//! The HTTP long-polling transport (S21), for networks that let no WebSocket through, and the way from it to a WebSocket
//! (S22).

mod handshake;
mod receiver;
mod requests;
mod sender;
mod upgrading;

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::time::Instant;

use polling::Event;
use socketio_protocol::engine::{Handshake, UPGRADE};
use socketio_protocol::polling::BodyError;
use socketio_protocol::{DisconnectReason, Frame, Limits};

pub(crate) use self::handshake::{HandshakeError, PollingHandshake};
use self::receiver::Receiver;
pub(crate) use self::requests::Requests;
use self::sender::Sender;
use self::upgrading::Upgrading;
use crate::diagnosis;
use crate::http::RequestError;
use crate::refusal::Refusal;
use crate::transport::{Incoming, Outgoing};
use crate::websocket::WebSocketTransport;

/// An open long-polling transport.
pub(crate) struct LongPolling {
    requests: Requests,
    receiver: Receiver,
    sender: Sender,
    upgrading: Upgrading,
    ended: Option<PollError>,
    /// The session is being closed: nobody wants what the server has.
    closing: bool,
    /// Nothing is left to read until a socket is ready again.
    drained: bool,
}

/// Why a GET or a POST failed.
#[derive(Debug)]
pub(crate) enum PollError {
    Request(RequestError),
    /// The answer is not 200.
    Refused(Refusal),
    Body(BodyError),
}

impl LongPolling {
    /// `receiver` is reading the answer in which the handshake came.
    fn new(
        mut requests: Requests,
        receiver: Receiver,
        handshake: Handshake,
        limits: Limits,
        now: Instant,
    ) -> Self {
        requests.set_session_id(handshake.session_id);
        let upgrading =
            if handshake.upgrades { Upgrading::start(&requests, limits, now) } else { Upgrading::Over };
        let sender = Sender::new(requests.site(), handshake.max_payload);
        Self { requests, receiver, sender, upgrading, ended: None, closing: false, drained: false }
    }

    /// Queues something; [`LongPolling::transmit`] sends it.
    pub(crate) fn queue(&mut self, outgoing: Outgoing) {
        self.sender.queue(outgoing);
    }

    /// Queues the packet that ends the session, after everything else.
    pub(crate) fn end_session(&mut self) {
        self.closing = true;
        self.sender.end_session();
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        if self.ended.is_some() {
            return None;
        }
        [self.receiver.deadline(), self.sender.deadline(), self.upgrading.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Whether something has not reached the server. An upgrade under way counts: it decides where the rest goes.
    pub(crate) fn has_queued(&self) -> bool {
        self.ended.is_none() && (self.sender.has_queued() || !self.upgrading.is_over())
    }

    pub(crate) fn waiting_frames(&self) -> usize {
        self.sender.waiting_frames()
    }

    pub(crate) fn waiting_bytes(&self) -> usize {
        self.sender.waiting_bytes()
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.ended.is_none() && !self.upgrading.is_answered() && !self.sender.is_busy()
    }

    pub(crate) fn is_stalled(&self, now: Instant) -> bool {
        self.sender.is_stalled(now)
    }

    pub(crate) fn has_unread(&self) -> bool {
        !self.drained
    }

    /// Gets on with everything but reading.
    pub(crate) fn transmit(&mut self, now: Instant) {
        if self.ended.is_some() {
            return;
        }
        self.upgrading.advance(now);
        if let Err(error) = self.poll(now).and_then(|()| self.post(now)) {
            self.end(error);
        }
        if self.sender.has_latency() || self.can_move() {
            self.drained = false;
        }
    }

    /// Reads one message.
    pub(crate) fn read(&mut self, now: Instant) -> Incoming {
        match self.receive(now) {
            Ok(Some(frame)) => return frame.into(),
            Ok(None) => {}
            Err(error) => self.end(error),
        }
        if let Some(latency) = self.sender.take_latency() {
            return Incoming::Pong(latency);
        }
        if let Some(error) = self.ended.take() {
            let detail = diagnosis::polling_lost(self.requests.site(), &error);
            return Incoming::Ended(DisconnectReason::TransportError, detail);
        }
        self.drained = true;
        Incoming::Blocked
    }

    /// The WebSocket that the session has moved to, with what was queued here: nothing is under way any more.
    pub(crate) fn take_upgraded(&mut self) -> Option<Box<WebSocketTransport>> {
        if !self.can_move() {
            return None;
        }
        let Upgrading::Answered(mut websocket, _) = mem::replace(&mut self.upgrading, Upgrading::Over) else {
            return None;
        };
        websocket.queue(Outgoing::Frame(Frame::Text(UPGRADE.to_owned())));
        self.sender.take_queue().into_iter().for_each(|outgoing| websocket.queue(outgoing));
        Some(websocket)
    }

    /// Forgets what is queued.
    pub(crate) fn discard_queue(&mut self) {
        self.sender.take_queue();
    }

    pub(crate) fn on_ready(&mut self, event: Event) {
        self.receiver.on_ready(event);
        self.sender.on_ready(event);
        self.upgrading.on_ready(event);
        self.drained = false;
    }

    pub(crate) fn arm(&mut self, want_read: bool) -> io::Result<()> {
        self.receiver.arm(want_read)?;
        self.sender.arm()?;
        self.upgrading.arm()
    }

    /// Asks the server for more, unless it is asked already, or the session is about to move.
    fn poll(&mut self, now: Instant) -> Result<(), PollError> {
        if !self.receiver.is_busy() && !self.upgrading.is_answered() && !self.closing {
            self.receiver.start(self.requests.get(), now)?;
        }
        self.receiver.send(now)
    }

    fn post(&mut self, now: Instant) -> Result<(), PollError> {
        self.sender.transmit(&mut self.requests, !self.upgrading.is_answered(), now)
    }

    fn receive(&mut self, now: Instant) -> Result<Option<Frame>, PollError> {
        if self.ended.is_some() {
            // What has come before the end still counts.
            return Ok(self.receiver.next(&mut self.requests, now).ok().flatten());
        }
        loop {
            let frame = self.receiver.next(&mut self.requests, now)?;
            if frame.is_some() || self.receiver.is_busy() || self.upgrading.is_answered() || self.closing {
                return Ok(frame);
            }
            self.poll(now)?;
        }
    }

    /// Whether the server awaits the session on the WebSocket, and nothing is under way here any more.
    fn can_move(&self) -> bool {
        self.ended.is_none()
            && self.upgrading.is_answered()
            && !self.receiver.is_busy()
            && !self.receiver.has_frames()
            && !self.sender.is_busy()
    }

    fn end(&mut self, error: PollError) {
        self.ended.get_or_insert(error);
        self.upgrading = Upgrading::Over;
        self.drained = false;
    }
}

impl From<RequestError> for PollError {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl From<BodyError> for PollError {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

/// What is queued, with the bytes in it.
#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Outgoing>,
    bytes: usize,
}

impl Queue {
    fn push(&mut self, outgoing: Outgoing) {
        if let Outgoing::Frame(frame) = &outgoing {
            self.bytes = self.bytes.saturating_add(frame.len());
        }
        self.waiting.push_back(outgoing);
    }

    fn push_front(&mut self, frame: Frame) {
        self.bytes = self.bytes.saturating_add(frame.len());
        self.waiting.push_front(Outgoing::Frame(frame));
    }

    fn begins_with(&self, text: &str) -> bool {
        matches!(self.waiting.front(), Some(Outgoing::Frame(Frame::Text(first))) if first == text)
    }

    fn pop(&mut self) -> Option<Outgoing> {
        let outgoing = self.waiting.pop_front()?;
        if let Outgoing::Frame(frame) = &outgoing {
            self.bytes = self.bytes.saturating_sub(frame.len());
        }
        Some(outgoing)
    }
}
