//! The game's handle on a client.

use std::io;
use std::time::Duration;

use socketio_protocol::{Command, Connect, Event, Settings, Values};

use crate::data::Data;
use crate::mailbox::{Full, GameSide, mailbox};
use crate::request::Request;
use crate::site::TransportOptions;
use crate::statistics::Statistics;
use crate::tap::{Tap, tap};
use crate::threads;
use crate::worker::Worker;

/// A client: one connection at a time, driven by a thread of its own. None of its methods ever waits.
///
/// Dropping it closes as [`Command::Close`] does; the thread sends what waits and ends by itself. After
/// [`shut_down`](crate::shut_down) a client does nothing and reports nothing.
///
/// `D` is the form in which the game gets what the server sends.
pub struct Client<D: Data = Values> {
    mailbox: GameSide<D>,
}

impl<D: Data> Client<D> {
    /// Starts the worker. At most `max_buffered` bytes wait in either direction: past it an emit is refused, or
    /// the socket is not read until the game has taken half of what came.
    ///
    /// # Errors
    /// When the system gives no thread or poller.
    pub fn start(max_buffered: usize) -> io::Result<Self> {
        let (game, worker, waker) = mailbox(max_buffered)?;
        let worker = Worker::new(worker, waker);
        threads::spawn("socketio", Some(Box::new(game.stopper())), move || worker.run())?;
        Ok(Self { mailbox: game })
    }

    /// Connects; ignored while connected or connecting. [`Event::EngineOpened`] or [`Event::ConnectFailed`]
    /// follows.
    pub fn connect(&self, connect: Connect, transport: TransportOptions) {
        // Only data can be refused.
        let _ = self.mailbox.send(Request::Connect(Box::new((connect, transport))));
    }

    /// Replaces the settings of the connection. They count from the next attempt on; ignored when there is none.
    pub fn configure(&self, settings: Settings, transport: TransportOptions) {
        // Only data can be refused.
        let _ = self.mailbox.send(Request::Configure(Box::new((settings, transport))));
    }

    /// Changes how many bytes may wait in either direction. What waits already stays.
    pub fn set_max_buffered(&self, max_buffered: usize) {
        self.mailbox.set_max_buffered(max_buffered);
    }

    /// Hands a command to the session. For connecting, [`Client::connect`] has the transport's options too, and for
    /// other settings [`Client::configure`] has.
    ///
    /// # Errors
    /// When the command is an emit or an answer and too many bytes wait to be sent already. It is then dropped.
    pub fn send(&self, command: Command) -> Result<(), Full> {
        self.mailbox.send(Request::Command(command))
    }

    /// An empty text to write the JSON of a payload into. It may have room already, from one that was sent before.
    pub fn buffer(&self) -> String {
        self.mailbox.buffer()
    }

    /// Makes what has happened since the last call ready for [`Client::try_event`], and shows it, in its order.
    pub fn fetch(&self, show: impl FnMut(&Event<D>)) {
        self.mailbox.fetch(show);
    }

    /// As [`Client::fetch`], but with the next few events only: what it costs does not grow with what waits.
    pub fn fetch_next(&self, show: impl FnMut(&Event<D>)) {
        self.mailbox.fetch_next(show);
    }

    /// The next thing that happened, of those that were fetched.
    pub fn try_event(&self) -> Option<Event<D>> {
        self.mailbox.try_event()
    }

    /// How many events wait, fetched or not.
    pub fn events_waiting(&self) -> usize {
        self.mailbox.events_waiting()
    }

    /// The last measured round trip of a WebSocket ping on the open connection.
    pub fn latency(&self) -> Option<Duration> {
        self.mailbox.latency()
    }

    /// Whether the socket is not being read, because too much waits for the game.
    pub fn is_reading_paused(&self) -> bool {
        self.mailbox.is_reading_paused()
    }

    /// Has the worker note every packet that passes from now on, until the result is dropped. They are numbered from
    /// `first` on. Another tap takes the place of this one.
    pub fn tap(&self, first: u64) -> Tap {
        let (tap, feed) = tap(first);
        // Only data can be refused.
        let _ = self.mailbox.send(Request::Tap(Box::new(feed)));
        tap
    }

    /// Ends the transport as a dying network does: nothing is flushed, and the server hears no word of it. Does nothing
    /// where none is open.
    pub fn drop_transport(&self) {
        // Only data can be refused.
        let _ = self.mailbox.send(Request::DropTransport);
    }

    /// Holds back what passes, so that the round trip grows by that much, up to
    /// [`MAX_ADDED_LATENCY`](crate::MAX_ADDED_LATENCY), until the next call. Heartbeats pass at once.
    pub fn add_latency(&self, added: Duration) {
        // Only data can be refused.
        let _ = self.mailbox.send(Request::AddLatency(added));
    }

    /// Has the worker drop something, where that takes longer than the game's thread should spend on it.
    pub fn drop_on_worker(&self, value: impl Send + 'static) {
        // Only data can be refused.
        let _ = self.mailbox.send(Request::Drop(Box::new(value)));
    }

    /// What was done since the start, and what waits.
    pub fn statistics(&self) -> Statistics {
        self.mailbox.statistics()
    }
}

impl<D: Data> Drop for Client<D> {
    fn drop(&mut self) {
        let _ = self.mailbox.send(Request::End(None));
    }
}
