//! Opening a long-polling transport: the first GET (S21).

use std::io;
use std::mem;
use std::sync::Arc;
use std::time::Instant;

use polling::Event;
use socketio_protocol::engine::{EnginePacket, Handshake};
use socketio_protocol::{Frame, Limits};

use super::receiver::Receiver;
use super::requests::Requests;
use super::{LongPolling, PollError};
use crate::diagnosis::Late;
use crate::site::Site;

/// A handshake is no longer, in bytes. What is longer is something else, such as a web page.
const MAX_HANDSHAKE: usize = 64 * 1024;
/// What every handshake begins with.
const START: &[u8] = b"0{";

/// A long-polling transport that is being opened.
pub(crate) struct PollingHandshake {
    /// `None` once it is open.
    parts: Option<(Requests, Receiver)>,
    limits: Limits,
}

/// Why a handshake failed.
#[derive(Debug)]
pub(crate) enum HandshakeError {
    Poll(PollError),
    /// What came is no handshake. This is its beginning.
    NotSocketIo(Vec<u8>),
}

impl PollingHandshake {
    pub(crate) fn start(site: &Arc<Site>, limits: Limits, now: Instant) -> Result<Self, HandshakeError> {
        let requests = Requests::new(Arc::clone(site));
        let mut receiver = Receiver::new(site, MAX_HANDSHAKE);
        receiver.start(requests.get(), now).map_err(HandshakeError::Poll)?;
        Ok(Self { parts: Some((requests, receiver)), limits })
    }

    /// Gets on; returns the transport once it is open.
    pub(crate) fn advance(&mut self, now: Instant) -> Result<Option<LongPolling>, HandshakeError> {
        let Some((mut requests, mut receiver)) = mem::take(&mut self.parts) else { return Ok(None) };
        match receiver.next(&mut requests, now).map_err(HandshakeError::Poll)? {
            None if !receiver.is_busy() => Err(HandshakeError::NotSocketIo(Vec::new())),
            None => {
                let begun = receiver.partial();
                let compared = begun.len().min(START.len());
                if begun[..compared] != START[..compared] {
                    return Err(HandshakeError::NotSocketIo(begun.to_vec()));
                }
                self.parts = Some((requests, receiver));
                Ok(None)
            }
            Some(Frame::Binary(bytes)) => Err(HandshakeError::NotSocketIo(bytes.to_vec())),
            Some(Frame::Text(text)) => {
                let Some(EnginePacket::Open(json)) = EnginePacket::decode(&text) else {
                    return Err(HandshakeError::NotSocketIo(text.into_bytes()));
                };
                let Ok(handshake) = Handshake::parse(json) else {
                    return Err(HandshakeError::NotSocketIo(text.into_bytes()));
                };
                // The session reads it too.
                receiver.put_back(Frame::Text(text));
                receiver.set_max_packet(self.limits.max_packet());
                Ok(Some(LongPolling::new(requests, receiver, handshake, self.limits, now)))
            }
        }
    }

    /// What it is waiting for.
    pub(crate) fn late(&self) -> Late {
        self.parts.as_ref().map_or(Late::Polling, |(_, receiver)| receiver.late())
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.parts.as_ref().and_then(|(_, receiver)| receiver.deadline())
    }

    pub(crate) fn on_ready(&mut self, event: Event) {
        if let Some((_, receiver)) = &mut self.parts {
            receiver.on_ready(event);
        }
    }

    pub(crate) fn arm(&mut self) -> io::Result<()> {
        self.parts.as_mut().map_or(Ok(()), |(_, receiver)| receiver.arm(true))
    }
}
