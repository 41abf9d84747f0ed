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

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::sync::Arc;
    use std::thread::{self, JoinHandle};

    use socketio_protocol::Endpoint;
    use tungstenite::{Message, WebSocket};

    use super::*;
    use crate::site::{Site, TransportOptions};
    use crate::waker::Waker;
    use crate::waker::tests::run;

    /// Begins to move to a server's WebSocket, and goes on until it is where it should be. Time stands still.
    fn move_until(listener: &TcpListener, is_there: impl Fn(&Upgrading) -> bool) -> (Upgrading, Instant) {
        let endpoint = Endpoint::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let waker = Arc::new(Waker::new().unwrap());
        let site = Arc::new(Site::new(endpoint, TransportOptions::default(), &waker).unwrap());
        let now = Instant::now();
        let mut upgrading = Upgrading::start(&Requests::new(site), Limits::default(), now);
        run(&waker, |ready| {
            ready.iter().for_each(|event| upgrading.on_ready(event));
            upgrading.advance(now);
            upgrading.arm().unwrap();
            is_there(&upgrading)
        });
        (upgrading, now)
    }

    /// Expects that it is given up when its time is over, and not before.
    fn expect_patience(mut upgrading: Upgrading, start: Instant) {
        upgrading.advance(start + PATIENCE - Duration::from_millis(1));
        assert!(!upgrading.is_over());
        assert!(upgrading.deadline().is_some_and(|deadline| deadline <= start + PATIENCE));
        upgrading.advance(start + PATIENCE);
        assert!(upgrading.is_over());
    }

    /// A server that opens the WebSocket, and answers the probe if it is told to.
    fn serve(listener: &TcpListener, answers: bool) -> JoinHandle<WebSocket<TcpStream>> {
        let listener = listener.try_clone().unwrap();
        thread::spawn(move || {
            let mut socket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
            assert_eq!(socket.read().unwrap(), Message::text(PROBE));
            if answers {
                socket.send(Message::text(PROBE_ANSWER)).unwrap();
            }
            socket
        })
    }

    #[test]
    fn s22_a_server_that_does_not_answer_the_request_has_ten_seconds() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (upgrading, start) = move_until(
            &listener,
            |upgrading| matches!(upgrading, Upgrading::Opening(opening, _) if opening.is_asking()),
        );
        expect_patience(upgrading, start);
    }

    #[test]
    fn s22_a_server_that_does_not_answer_the_probe_has_ten_seconds() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = serve(&listener, false);
        let (upgrading, start) =
            move_until(&listener, |upgrading| matches!(upgrading, Upgrading::Probing(..)));
        let _socket = server.join().unwrap();
        expect_patience(upgrading, start);
    }

    #[test]
    fn s22_a_get_that_is_not_answered_has_ten_seconds() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = serve(&listener, true);
        let (upgrading, start) = move_until(&listener, Upgrading::is_answered);
        let _socket = server.join().unwrap();
        expect_patience(upgrading, start);
    }
}
