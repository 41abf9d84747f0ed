//! What the game asks the worker to do.

use std::time::Instant;

use socketio_protocol::session::Closing as HowToClose;
use socketio_protocol::{Command, DisconnectReason, Input, Secrets, Settings};

use super::Worker;
use crate::closing::PATIENCE;
use crate::data::Data;
use crate::request::Request;
use crate::site::TransportOptions;

/// How many requests are taken until the sockets get their turn.
pub(super) const REQUESTS_PER_TURN: usize = 4096;

impl<D: Data> Worker<D> {
    /// Takes requests, as many as the transport has room for. Returns how many.
    pub(super) fn take_requests(&mut self) -> usize {
        // For all of them: to read the clock for each would be a twentieth of an event's cost here.
        let now = self.clock.now();
        for taken in 0..REQUESTS_PER_TURN {
            if self.leaves_requests() {
                return taken;
            }
            let Some(request) = self.mailbox.take() else { return taken };
            self.request(now, request);
        }
        REQUESTS_PER_TURN
    }

    /// Whether requests are left where they are, because the transport is full and none of them is urgent: frames made of them
    /// would only wait. The worker wakes when the peer has made room.
    pub(super) fn leaves_requests(&self) -> bool {
        self.transports.are_full() && !self.mailbox.has_urgent()
    }

    /// Takes what was left, up to the first request that cannot wait, as if that had been done at that time: before something
    /// changes what becomes of it.
    pub(super) fn take_left(&mut self, then: Instant) {
        if !self.transports.are_full() {
            return;
        }
        for _ in 0..self.mailbox.requests() {
            let Some(request) = self.mailbox.take_what_can_wait() else { return };
            self.request(then, request);
        }
    }

    fn request(&mut self, now: Instant, request: Request) {
        match request {
            Request::Connect(connect) => {
                let (connect, options) = *connect;
                self.take_options(options, &connect.settings);
                self.transports.forget_first();
                self.ledger.note_connect(&connect);
                self.command(now, Command::Connect(connect));
            }
            Request::Configure(configure) => {
                let (settings, options) = *configure;
                self.take_options(options, &settings);
                self.command(now, Command::Configure(settings));
            }
            Request::Command(Command::Close) => {
                self.ledger.note_command(&Command::Close);
                self.command(now, Command::Close);
                if let Some(tap) = &mut self.tap {
                    tap.note_closed();
                }
            }
            Request::Command(command) => {
                self.ledger.note_command(&command);
                self.command(now, command);
            }
            Request::Tap(mut feed) => {
                feed.begin(self.transports.open_one().is_some());
                self.tap = Some(feed);
            }
            Request::DropTransport => self.drop_transport(),
            Request::AddLatency(added) => self.transports.add_latency(added, Instant::now()),
            Request::Drop(value) => drop(value),
            Request::End(by) => self.end(now, by),
            #[cfg(test)]
            Request::Panic => panic!("asked for by a test"),
        }
    }

    fn take_options(&mut self, options: TransportOptions, settings: &Settings) {
        self.session.set_request_secrets(Secrets::new(&settings.endpoint, &options.headers));
        self.options = options;
    }

    fn command(&mut self, now: Instant, command: Command) {
        if self.ending {
            return;
        }
        if let Some(transport) = self.transports.open_one() {
            self.session.set_writable(transport.is_writable());
        }
        self.session.handle_command(now, command);
        self.drain(now);
        self.session.take_spent_texts().for_each(|text| self.mailbox.give_back(text));
    }

    /// Ends the open transport as a dying network does.
    fn drop_transport(&mut self) {
        if self.transports.open_one().is_none() {
            return;
        }
        self.close(HowToClose::Abort);
        let detail = "it was dropped on purpose, by the traffic inspector".into();
        self.input(Input::Closed { reason: DisconnectReason::TransportClose, detail });
    }

    fn end(&mut self, now: Instant, by: Option<Instant>) {
        if !self.ending {
            self.command(now, Command::Close);
            self.ending = true;
            self.timeout = None;
        }
        self.transports.hurry(by.unwrap_or_else(|| Instant::now() + PATIENCE));
    }
}
