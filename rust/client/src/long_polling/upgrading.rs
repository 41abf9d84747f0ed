//! Moving the session to a WebSocket (S22).

use std::io;
use std::mem;
use std::time::{Duration, Instant};

use polling::Event;
use socketio_protocol::engine::{PROBE, PROBE_ANSWER};
use socketio_protocol::{Frame, Limits};

use super::requests::Requests;
use crate::opening::Opening;
use crate::transport::{Incoming, Outgoing, Transport};
use crate::websocket::WebSocketTransport;

/// How long moving may take. The official server gives up at the same time.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many control frames may come at once, where no server has a reason for one: without a bound they would keep the
/// worker for ever.
const MAX_CONTROL_FRAMES: usize = 256;

/// How far the move to a WebSocket is. Whatever goes wrong with it, the session stays where it is.
pub(crate) enum Upgrading {
    /// There is none, or it has failed.
    Over,
    Opening(Box<Opening>, Instant),
    /// The server is asked whether it would move the session.
    Probing(Box<WebSocketTransport>, Instant),
    /// The server would. It waits until nothing is under way on the other transport.
    Answered(Box<WebSocketTransport>, Instant),
}

impl Upgrading {
    pub(crate) fn start(requests: &Requests, limits: Limits, now: Instant) -> Self {
        match Opening::upgrade(requests, limits) {
            Ok(opening) => Self::Opening(Box::new(opening), now + PATIENCE),
            Err(_) => Self::Over,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Self::Over)
    }

    /// Whether the server awaits the session on the WebSocket.
    pub(crate) fn is_answered(&self) -> bool {
        matches!(self, Self::Answered(..))
    }

    /// Gets on.
    pub(crate) fn advance(&mut self, now: Instant) {
        *self = match mem::replace(self, Self::Over) {
            Self::Opening(_, deadline) | Self::Probing(_, deadline) | Self::Answered(_, deadline)
                if now >= deadline =>
            {
                Self::Over
            }
            Self::Opening(mut opening, deadline) => match opening.advance(now) {
                Ok(None) => Self::Opening(opening, deadline),
                Ok(Some(Transport::WebSocket(mut websocket))) => {
                    websocket.queue(Outgoing::Frame(Frame::Text(PROBE.to_owned())));
                    listen(websocket, deadline, Listening::Probing, now)
                }
                Ok(Some(Transport::Polling(_))) | Err(_) => Self::Over,
            },
            Self::Probing(websocket, deadline) => listen(websocket, deadline, Listening::Probing, now),
            Self::Answered(websocket, deadline) => listen(websocket, deadline, Listening::Answered, now),
            Self::Over => Self::Over,
        };
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Over => None,
            Self::Opening(opening, deadline) => {
                Some(opening.deadline().map_or(*deadline, |earlier| earlier.min(*deadline)))
            }
            Self::Probing(_, deadline) | Self::Answered(_, deadline) => Some(*deadline),
        }
    }

    pub(crate) fn on_ready(&mut self, event: Event) {
        match self {
            Self::Over => {}
            Self::Opening(opening, _) => opening.on_ready(event),
            Self::Probing(websocket, _) | Self::Answered(websocket, _) => websocket.on_ready(event),
        }
    }

    pub(crate) fn arm(&mut self) -> io::Result<()> {
        match self {
            Self::Over => Ok(()),
            Self::Opening(opening, _) => opening.arm(),
            Self::Probing(websocket, _) | Self::Answered(websocket, _) => websocket.arm(true),
        }
    }
}

/// What the server may say on the WebSocket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listening {
    /// The answer.
    Probing,
    /// Nothing more until the session has moved.
    Answered,
}

fn listen(
    mut websocket: Box<WebSocketTransport>,
    deadline: Instant,
    listening: Listening,
    now: Instant,
) -> Upgrading {
    websocket.transmit(now);
    for _ in 0..MAX_CONTROL_FRAMES {
        match websocket.read() {
            Incoming::Text(text) if text == PROBE_ANSWER && listening == Listening::Probing => {
                return Upgrading::Answered(websocket, deadline);
            }
            Incoming::Pong(_) | Incoming::Control => {}
            Incoming::Blocked => {
                return match listening {
                    Listening::Probing => Upgrading::Probing(websocket, deadline),
                    Listening::Answered => Upgrading::Answered(websocket, deadline),
                };
            }
            Incoming::Text(_) | Incoming::Binary(_) | Incoming::Upgraded | Incoming::Ended(..) => {
                return Upgrading::Over;
            }
        }
    }
    Upgrading::Over
}
