//! The game's handle on a client.

use std::io;
use std::time::Duration;

use socketio_protocol::{Command, Connect, Event, Limits};

use crate::mailbox::{Full, GameSide, Request, mailbox};
use crate::opening::TransportOptions;
use crate::statistics::Statistics;
use crate::threads;
use crate::worker::Worker;

/// A client: one connection at a time, driven by a thread of its own. None of its methods ever waits.
///
/// Dropping it closes as [`Command::Close`] does; the thread sends what waits and ends by itself. After
/// [`shut_down`](crate::shut_down) a client does nothing and reports nothing.
pub struct Client {
    mailbox: GameSide,
}

impl Client {
    /// Starts the worker. At most `max_buffered` bytes wait in either direction: past it an emit is refused, or
    /// the socket is not read until the game has taken half of what came.
    ///
    /// # Errors
    /// When the system gives no thread or poller.
    pub fn start(limits: Limits, max_buffered: usize) -> io::Result<Self> {
        let (game, worker, waker) = mailbox(max_buffered)?;
        let worker = Worker::new(limits, worker, waker);
        threads::spawn("socketio", Some(Box::new(game.stopper())), move || worker.run())?;
        Ok(Self { mailbox: game })
    }

    /// Connects; ignored while connected or connecting. [`Event::EngineOpened`] or [`Event::ConnectFailed`]
    /// follows.
    pub fn connect(&self, connect: Connect, transport: TransportOptions) {
        // Only data can be refused.
        let _ = self.mailbox.send(Request::Connect(Box::new((connect, transport))));
    }

    /// Hands a command to the session. For connecting, [`Client::connect`] has the transport's options too.
    ///
    /// # Errors
    /// When the command is an emit or an answer and too many bytes wait to be sent already. It is then dropped.
    pub fn send(&self, command: Command) -> Result<(), Full> {
        self.mailbox.send(Request::Command(command))
    }

    /// The next thing that happened.
    pub fn try_event(&self) -> Option<Event> {
        self.mailbox.try_event()
    }

    /// How many events [`Client::try_event`] has ready.
    pub fn events_waiting(&self) -> usize {
        self.mailbox.events_waiting()
    }

    /// The last measured round trip of a WebSocket ping on the open connection.
    pub fn latency(&self) -> Option<Duration> {
        self.mailbox.latency()
    }

    /// What was done since the start, and what waits.
    pub fn statistics(&self) -> Statistics {
        self.mailbox.statistics()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.mailbox.send(Request::End(None));
    }
}
