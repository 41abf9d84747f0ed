//! Sending: one POST after another (S21).

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use polling::Event;
use socketio_protocol::Frame;
use socketio_protocol::engine::{CLOSE, PONG};
use socketio_protocol::polling::{Body, SAFE_PACKETS};

use super::requests::Requests;
use super::{PollError, Queue};
use crate::answer::{AnswerError, Part};
use crate::http::{Http, RequestError};
use crate::refusal::Refusal;
use crate::site::Site;
use crate::stream::STALL;
use crate::transport::Outgoing;

/// What engine.io answers to a POST, and what is like it. It takes any number of packets.
const OK: &[u8] = b"ok";
/// The longest answer to a POST, in bytes. What is in it does not matter.
const MAX_ANSWER: usize = 64 * 1024;

/// What is to be sent, and the POST that is under way.
pub(crate) struct Sender {
    http: Http,
    queue: Queue,
    /// The largest body that the server takes, in bytes.
    max_body: u64,
    /// Whether the session is to be ended when everything is sent.
    end: End,
    /// When the POST that is under way began.
    posted: Instant,
    /// The answer to it, if that is not 200.
    refusal: Option<Refusal>,
    /// The body of the answer to it so far.
    answer: Vec<u8>,
    /// How many packets the server takes in one POST.
    max_packets: usize,
    /// How long the last POST took, while nobody has asked for it.
    latency: Option<Duration>,
}

/// How far the end of the session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    NotWanted,
    Wanted,
    Posted,
}

impl Sender {
    pub(crate) fn new(site: &Arc<Site>, max_payload: Option<u64>) -> Self {
        Self {
            http: Http::new(site),
            queue: Queue::default(),
            max_body: max_payload.unwrap_or(u64::MAX),
            end: End::NotWanted,
            posted: Instant::now(),
            refusal: None,
            answer: Vec::new(),
            max_packets: SAFE_PACKETS,
            latency: None,
        }
    }

    /// Queues something. A PONG does not wait for what was queued before: a long queue must not end the session. One that
    /// waits answers every heartbeat before it, so a flood of them takes no memory.
    pub(crate) fn queue(&mut self, outgoing: Outgoing) {
        match outgoing {
            Outgoing::Frame(Frame::Text(text)) if text == PONG => {
                if !self.queue.begins_with(PONG) {
                    self.queue.push_front(Frame::Text(text));
                }
            }
            Outgoing::Ping if matches!(self.queue.waiting.back(), Some(Outgoing::Ping)) => {}
            outgoing => self.queue.push(outgoing),
        }
    }

    /// Ends the session when everything is sent.
    pub(crate) fn end_session(&mut self) {
        if self.end == End::NotWanted {
            self.end = End::Wanted;
        }
    }

    /// Whether a POST is under way.
    pub(crate) fn is_busy(&self) -> bool {
        self.http.is_busy()
    }

    /// Whether something has not reached the server.
    pub(crate) fn has_queued(&self) -> bool {
        self.http.is_busy() || !self.queue.waiting.is_empty() || self.end == End::Wanted
    }

    /// Whether the server does not answer the POST that is under way.
    pub(crate) fn is_stalled(&self, now: Instant) -> bool {
        self.http.is_busy() && now.saturating_duration_since(self.posted) >= STALL
    }

    pub(crate) fn waiting_frames(&self) -> usize {
        self.queue.waiting.len()
    }

    pub(crate) fn waiting_bytes(&self) -> usize {
        self.queue.bytes.saturating_add(self.http.waiting_bytes())
    }

    pub(crate) fn has_latency(&self) -> bool {
        self.latency.is_some()
    }

    /// How long the last POST took, once.
    pub(crate) fn take_latency(&mut self) -> Option<Duration> {
        self.latency.take()
    }

    /// What has not been posted. The WebSocket that takes it over ends the session by its own end.
    pub(crate) fn take_queue(&mut self) -> VecDeque<Outgoing> {
        self.end = End::NotWanted;
        mem::take(&mut self.queue).waiting
    }

    /// Gets on with the POST that is under way, and begins the next if it may.
    pub(crate) fn transmit(
        &mut self,
        requests: &mut Requests,
        may_begin: bool,
        now: Instant,
    ) -> Result<(), PollError> {
        loop {
            while self.http.is_busy() {
                let Some(part) = self.http.next(now)? else { return Ok(()) };
                self.take_part(part, requests, now)?;
            }
            let Some(body) = may_begin.then(|| self.next_body()).flatten() else { return Ok(()) };
            self.posted = now;
            self.answer.clear();
            self.http.start(requests.post(&body), now)?;
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.http.deadline()
    }

    pub(crate) fn on_ready(&mut self, event: Event) {
        self.http.on_ready(event);
    }

    pub(crate) fn arm(&mut self) -> io::Result<()> {
        self.http.arm(true)
    }

    fn take_part(&mut self, part: Part, requests: &mut Requests, now: Instant) -> Result<(), PollError> {
        match part {
            Part::Head(head) => {
                requests.keep_cookies(&head);
                if head.status != 200 {
                    self.refusal = Some(Refusal { head, body: Vec::new() });
                }
            }
            Part::Body(bytes) => match &mut self.refusal {
                Some(refusal) => {
                    if refusal.add(&bytes) {
                        return Err(PollError::Refused(refusal.clone()));
                    }
                }
                None => {
                    self.answer.extend_from_slice(&bytes);
                    if self.answer.len() > MAX_ANSWER {
                        return Err(RequestError::Answer(AnswerError::TooLong).into());
                    }
                }
            },
            Part::End => match self.refusal.take() {
                Some(refusal) => return Err(PollError::Refused(refusal)),
                None => {
                    self.latency = Some(now.saturating_duration_since(self.posted));
                    self.max_packets = if self.answer == OK { usize::MAX } else { SAFE_PACKETS };
                }
            },
        }
        Ok(())
    }

    /// What the next POST brings: as much as the server takes at once, up to a barrier. The answer to a POST shows that
    /// the server has read it.
    fn next_body(&mut self) -> Option<Vec<u8>> {
        let mut body = Body::new(self.max_body, self.max_packets);
        while let Some(outgoing) = self.queue.pop() {
            match outgoing {
                Outgoing::Frame(frame) => {
                    if let Err(frame) = body.push(frame) {
                        self.queue.push_front(frame);
                        break;
                    }
                }
                // Each POST measures the round trip.
                Outgoing::Ping => {}
                Outgoing::Barrier if body.is_empty() => {}
                Outgoing::Barrier => break,
            }
        }
        if body.is_empty() && self.end == End::Wanted {
            self.end = End::Posted;
            return Some(CLOSE.as_bytes().to_vec());
        }
        (!body.is_empty()).then(|| body.into_bytes())
    }
}
