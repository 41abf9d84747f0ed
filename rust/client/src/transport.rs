//! The open transport of a connection, of whichever kind.

use std::io;
use std::time::{Duration, Instant};

use bytes::Bytes;
use polling::Event;
use socketio_protocol::{Detail, DisconnectReason, Frame, TransportName};
use tungstenite::Utf8Bytes;

use crate::long_polling::LongPolling;
use crate::stream::Buffered;
use crate::websocket::WebSocketTransport;

/// An open transport.
pub(crate) enum Transport {
    WebSocket(Box<WebSocketTransport>),
    Polling(Box<LongPolling>),
}

/// What is to be sent, in order.
#[derive(Debug)]
pub(crate) enum Outgoing {
    Frame(Frame),
    /// Measures the round trip.
    Ping,
    /// Holds back what follows until the server has read everything before it.
    Barrier,
}

/// What a read gives.
#[derive(Debug)]
pub(crate) enum Incoming {
    Text(Utf8Bytes),
    Binary(Bytes),
    /// How long a round trip took.
    Pong(Duration),
    /// Something that needs no attention.
    Control,
    /// The session has moved to a WebSocket (S22).
    Upgraded,
    /// Nothing more at present.
    Blocked,
    /// The connection has ended. Nothing more can be read.
    Ended(DisconnectReason, Detail),
}

impl From<Frame> for Incoming {
    fn from(frame: Frame) -> Self {
        match frame {
            Frame::Text(text) => Self::Text(text.into()),
            Frame::Binary(bytes) => Self::Binary(bytes),
        }
    }
}

impl Transport {
    pub(crate) fn name(&self) -> TransportName {
        match self {
            Self::WebSocket(_) => TransportName::WebSocket,
            Self::Polling(_) => TransportName::Polling,
        }
    }

    /// Queues something; [`Transport::transmit`] sends it.
    pub(crate) fn queue(&mut self, outgoing: Outgoing) {
        match self {
            Self::WebSocket(transport) => transport.queue(outgoing),
            Self::Polling(transport) => transport.queue(outgoing),
        }
    }

    /// When to call [`Transport::transmit`] though no socket is ready.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::WebSocket(transport) => transport.deadline(),
            Self::Polling(transport) => transport.deadline(),
        }
    }

    /// Whether something is queued that has not left for the server, or that waits for its answer.
    pub(crate) fn has_queued(&self) -> bool {
        match self {
            Self::WebSocket(transport) => transport.has_queued(),
            Self::Polling(transport) => transport.has_queued(),
        }
    }

    /// The number of frames that wait to be sent.
    pub(crate) fn waiting_frames(&self) -> usize {
        match self {
            Self::WebSocket(transport) => transport.waiting_frames(),
            Self::Polling(transport) => transport.waiting_frames(),
        }
    }

    /// The number of bytes that wait to be sent.
    pub(crate) fn waiting_bytes(&self) -> usize {
        match self {
            Self::WebSocket(transport) => transport.waiting_bytes(),
            Self::Polling(transport) => transport.waiting_bytes(),
        }
    }

    /// Whether so much waits that more need not be queued yet. For long-polling it is never too much: the more, the fewer
    /// requests.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::WebSocket(transport) => transport.is_full(),
            Self::Polling(_) => false,
        }
    }

    /// Whether what is queued now will be sent without delay, as far as this side can know.
    pub(crate) fn is_writable(&self) -> bool {
        match self {
            Self::WebSocket(transport) => transport.is_writable(),
            Self::Polling(transport) => transport.is_writable(),
        }
    }

    /// Whether the server takes nothing of what waits.
    pub(crate) fn is_stalled(&self, now: Instant) -> bool {
        match self {
            Self::WebSocket(transport) => transport.is_stalled(now),
            Self::Polling(transport) => transport.is_stalled(now),
        }
    }

    /// Whether a read may give something without a socket being ready for it.
    pub(crate) fn has_unread(&self) -> bool {
        match self {
            Self::WebSocket(transport) => transport.has_unread(),
            Self::Polling(transport) => transport.has_unread(),
        }
    }

    /// Sends what is queued, as far as the sockets and the barriers let it. What is broken shows in
    /// [`Transport::read`].
    pub(crate) fn transmit(&mut self, now: Instant) {
        match self {
            Self::WebSocket(transport) => transport.transmit(now),
            Self::Polling(transport) => transport.transmit(now),
        }
    }

    /// Reads one message.
    pub(crate) fn read(&mut self, now: Instant) -> Incoming {
        match self {
            Self::WebSocket(transport) => transport.read(),
            Self::Polling(transport) => match transport.take_upgraded() {
                None => transport.read(now),
                Some(websocket) => {
                    *self = Self::WebSocket(websocket);
                    Incoming::Upgraded
                }
            },
        }
    }

    /// Forgets what is queued.
    pub(crate) fn discard_queue(&mut self) {
        match self {
            Self::WebSocket(transport) => transport.discard_queue(),
            Self::Polling(transport) => transport.discard_queue(),
        }
    }

    /// Queues what tells the server that the session ends, where the end of the connection does not.
    pub(crate) fn end_session(&mut self) {
        if let Self::Polling(transport) = self {
            transport.end_session();
        }
    }

    /// What is left to close once nothing is queued any more: for a WebSocket a stream with a close frame in it, past all
    /// barriers.
    pub(crate) fn into_closed_stream(self) -> Option<Buffered> {
        match self {
            Self::WebSocket(transport) => Some(transport.into_closed_stream()),
            Self::Polling(_) => None,
        }
    }

    pub(crate) fn on_ready(&mut self, event: Event) {
        match self {
            Self::WebSocket(transport) => transport.on_ready(event),
            Self::Polling(transport) => transport.on_ready(event),
        }
    }

    pub(crate) fn arm(&mut self, want_read: bool) -> io::Result<()> {
        match self {
            Self::WebSocket(transport) => transport.arm(want_read),
            Self::Polling(transport) => transport.arm(want_read),
        }
    }
}
