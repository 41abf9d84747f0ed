//! Receiving: one GET after another (S21).

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::sync::Arc;
use std::time::Instant;

use polling::Event;
use socketio_protocol::Frame;
use socketio_protocol::polling::{BodyError, Splitter};

use super::PollError;
use super::requests::Requests;
use crate::answer::Part;
use crate::diagnosis::Late;
use crate::http::Http;
use crate::refusal::Refusal;
use crate::site::Site;

/// The packets that GETs bring.
pub(crate) struct Receiver {
    http: Http,
    answer: Answer,
    frames: VecDeque<Frame>,
    /// The largest packet, in bytes.
    max_packet: usize,
}

/// What the answer to the GET that is under way is.
enum Answer {
    /// Not known yet.
    Unknown,
    /// And whether a packet has come.
    Packets(Splitter, bool),
    Refused(Refusal),
}

impl Receiver {
    pub(crate) fn new(site: &Arc<Site>, max_packet: usize) -> Self {
        Self { http: Http::new(site), answer: Answer::Unknown, frames: VecDeque::new(), max_packet }
    }

    /// Changes how large a packet may be, also the one that is coming.
    pub(crate) fn set_max_packet(&mut self, max_packet: usize) {
        self.max_packet = max_packet;
        if let Answer::Packets(splitter, _) = &mut self.answer {
            splitter.set_max_packet(max_packet);
        }
    }

    /// Whether a GET is under way.
    pub(crate) fn is_busy(&self) -> bool {
        self.http.is_busy()
    }

    /// Whether packets are there that have not been taken.
    pub(crate) fn has_frames(&self) -> bool {
        !self.frames.is_empty()
    }

    /// Begins a GET, where none is under way.
    pub(crate) fn start(&mut self, get: Vec<u8>, now: Instant) -> Result<(), PollError> {
        self.answer = Answer::Unknown;
        Ok(self.http.start(get, now)?)
    }

    /// Gets on with sending the GET.
    pub(crate) fn send(&mut self, now: Instant) -> Result<(), PollError> {
        Ok(self.http.send(now)?)
    }

    /// The next packet. `None` when there is none at present, or the GET has ended.
    pub(crate) fn next(&mut self, requests: &mut Requests, now: Instant) -> Result<Option<Frame>, PollError> {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                return Ok(Some(frame));
            }
            let Some(part) = self.http.next(now)? else { return Ok(None) };
            match (part, &mut self.answer) {
                (Part::Head(head), _) => {
                    requests.keep_cookies(&head);
                    self.answer = match head.status {
                        200 => Answer::Packets(Splitter::new(self.max_packet), false),
                        _ => Answer::Refused(Refusal { head, body: Vec::new() }),
                    };
                }
                (Part::Body(bytes), Answer::Packets(splitter, has_packets)) => {
                    splitter.feed(&bytes, &mut self.frames)?;
                    *has_packets |= !self.frames.is_empty();
                }
                (Part::Body(bytes), Answer::Refused(refusal)) => {
                    if refusal.add(&bytes) {
                        return Err(PollError::Refused(refusal.clone()));
                    }
                }
                (Part::Body(_), Answer::Unknown) => {}
                (Part::End, answer) => match mem::replace(answer, Answer::Unknown) {
                    Answer::Packets(splitter, has_packets) => {
                        self.frames.extend(splitter.finish()?);
                        // To ask again would go on without an end.
                        if !has_packets && self.frames.is_empty() {
                            return Err(PollError::Body(BodyError::Empty));
                        }
                    }
                    Answer::Refused(refusal) => return Err(PollError::Refused(refusal)),
                    Answer::Unknown => {}
                },
            }
            if self.frames.is_empty() && !self.http.is_busy() {
                return Ok(None);
            }
        }
    }

    /// Gives a packet back, to be taken again.
    pub(crate) fn put_back(&mut self, frame: Frame) {
        self.frames.push_front(frame);
    }

    /// The packet that has begun to come but is not whole.
    pub(crate) fn partial(&self) -> &[u8] {
        if let Answer::Packets(splitter, _) = &self.answer { splitter.partial() } else { &[] }
    }

    /// What it is waiting for.
    pub(crate) fn late(&self) -> Late {
        self.http.late()
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.http.deadline()
    }

    pub(crate) fn on_ready(&mut self, event: Event) {
        self.http.on_ready(event);
    }

    pub(crate) fn arm(&mut self, want_read: bool) -> io::Result<()> {
        self.http.arm(want_read)
    }
}
