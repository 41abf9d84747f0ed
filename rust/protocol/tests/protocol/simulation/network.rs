//! The way between the two sides: messages take their time, and some never arrive.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use socketio_protocol::Frame;

/// Counts the connections of a simulation.
pub type ConnectionNumber = u64;

/// What goes over a connection.
#[derive(Debug)]
pub enum Message {
    /// The client wants to connect, or the server lets it.
    Open,
    /// Nobody is there.
    Refused,
    Frame(Frame),
    /// The other side has closed, or the connection broke.
    End,
}

/// One direction. What was sent first arrives first.
#[derive(Default)]
pub struct Pipe {
    messages: VecDeque<(Instant, ConnectionNumber, Message)>,
}

impl Pipe {
    pub fn push(&mut self, at: Instant, connection: ConnectionNumber, message: Message) {
        let at = self.messages.back().map_or(at, |(last, ..)| at.max(*last));
        self.messages.push_back((at, connection, message));
    }

    /// When the next message arrives.
    pub fn next_time(&self) -> Option<Instant> {
        self.messages.front().map(|(at, ..)| *at)
    }

    pub fn pop(&mut self) -> Option<(ConnectionNumber, Message)> {
        self.messages.pop_front().map(|(_, connection, message)| (connection, message))
    }

    /// Breaks a connection: only the first messages still arrive. Returns the others.
    pub fn cut(&mut self, connection: ConnectionNumber, arriving: usize) -> Vec<Message> {
        let mut lost = Vec::new();
        let mut of_it = 0;
        for (at, number, message) in std::mem::take(&mut self.messages) {
            of_it += usize::from(number == connection);
            if number == connection && of_it > arriving {
                lost.push(message);
            } else {
                self.messages.push_back((at, number, message));
            }
        }
        lost
    }
}

/// Both directions, and what is wrong with them.
pub struct Network {
    pub to_server: Pipe,
    pub to_client: Pipe,
    pub latency: Duration,
    /// The connection that nothing gets through any more, though nobody has closed it.
    pub swallowed: Option<ConnectionNumber>,
    /// How many more attempts find nobody.
    pub refusals: u64,
}

impl Network {
    pub fn new(latency: Duration) -> Self {
        Self { to_server: Pipe::default(), to_client: Pipe::default(), latency, swallowed: None, refusals: 0 }
    }

    /// Sends to the server. Returns what will never arrive.
    pub fn send(&mut self, now: Instant, connection: ConnectionNumber, message: Message) -> Option<Message> {
        if matches!(message, Message::Open) && self.refusals > 0 {
            self.refusals -= 1;
            self.to_client.push(now + self.latency, connection, Message::Refused);
            return None;
        }
        if self.swallowed == Some(connection) {
            return Some(message);
        }
        self.to_server.push(now + self.latency, connection, message);
        None
    }

    /// Sends to the client, if it gets through.
    pub fn reply(&mut self, now: Instant, connection: ConnectionNumber, message: Message) {
        if self.swallowed != Some(connection) {
            self.to_client.push(now + self.latency, connection, message);
        }
    }
}
