//! Making the connection, losing it, and making it again (S2, S3, S4).

use std::time::{Duration, Instant};

use super::namespace::NamespaceSession;
use super::{Closing, Output, Session};
use crate::attachment::Decoder;
use crate::{Connect, ConnectError, ConnectionId, DisconnectReason, Event, Limits, Reconnection, Settings};

/// What follows a failure or a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outlook {
    /// Another attempt.
    Retrying,
    /// Nothing: there is to be no other attempt.
    GivenUp,
    /// Nothing: there have been enough attempts.
    Exhausted,
}

impl Session {
    pub(super) fn connect(&mut self, now: Instant, connect: Connect) {
        if self.settings.is_some() {
            return;
        }
        self.settings = Some(connect.settings);
        self.auth_secrets.clear();
        self.backoff.reset();
        self.open(now, connect.connection);
        for join in connect.join {
            self.join(join);
        }
    }

    pub(super) fn configure(&mut self, settings: Settings) {
        if self.settings.is_none() {
            return;
        }
        let enabled = settings.reconnection.enabled;
        self.settings = Some(settings);
        if let Some(id) = self.connection.waiting()
            && !enabled
        {
            self.give_up();
            self.end_namespaces(DisconnectReason::TransportClose, false);
            self.event(Event::ReconnectEnded { connection: id });
        }
    }

    pub(super) fn reconnect_now(&mut self, now: Instant) {
        if let Some(id) = self.connection.waiting() {
            self.backoff.restart();
            self.attempt(now, id);
        }
    }

    /// A closed WebSocket is a loss to the server, which keeps the sessions for a while; a DISCONNECT would throw them
    /// away (S16).
    pub(super) fn pause(&mut self) {
        if self.connection.paused().is_some() {
            return;
        }
        let was_open = self.connection.is_open();
        let Some((id, closing)) = self.connection.close() else { return };
        self.connection.pause(id);
        self.close_transport(closing.map(|closing| match closing {
            Closing::Flush | Closing::FlushUnlessStalled => Closing::FlushUnlessStalled,
            Closing::Abort => Closing::Abort,
        }));
        if was_open {
            self.event(Event::EngineClosed {
                connection: id,
                reason: DisconnectReason::TransportClose,
                detail: String::new(),
                retrying: true,
            });
        }
        self.end_namespaces(DisconnectReason::TransportClose, true);
    }

    pub(super) fn resume(&mut self, now: Instant) {
        if let Some(id) = self.connection.paused() {
            self.backoff.restart();
            self.attempt(now, id);
        }
    }

    /// Tries again.
    pub(super) fn attempt(&mut self, now: Instant, id: ConnectionId) {
        let (attempt, delay) = (self.backoff.attempt(), self.backoff.delay());
        self.event(Event::ReconnectAttempt { connection: id, attempt, delay });
        self.open(now, id);
    }

    /// The connection could not be made.
    pub(super) fn failed(
        &mut self,
        now: Instant,
        id: ConnectionId,
        error: ConnectError,
        closing: Option<Closing>,
    ) {
        self.close_transport(closing);
        let outlook = self.schedule(now, id, error.retry_after);
        let retrying = outlook == Outlook::Retrying;
        self.event(Event::ConnectFailed { connection: id, error: Box::new(error), retrying });
        self.end_namespaces(DisconnectReason::TransportError, retrying);
        self.report_exhausted(id, outlook);
    }

    /// The open connection ended, and not by the game's will.
    pub(super) fn lost(
        &mut self,
        now: Instant,
        id: ConnectionId,
        reason: DisconnectReason,
        detail: String,
        closing: Option<Closing>,
    ) {
        self.close_transport(closing);
        let outlook = self.schedule(now, id, None);
        let retrying = outlook == Outlook::Retrying;
        self.event(Event::EngineClosed { connection: id, reason, detail, retrying });
        self.end_namespaces(reason, retrying);
        self.report_exhausted(id, outlook);
    }

    /// The official client keeps no connection without a namespace, once the server has ended or refused the last one.
    /// Returns the connection, if that is so.
    pub(super) fn close_unused_engine(&mut self) -> Option<ConnectionId> {
        if self.namespaces.values().any(NamespaceSession::is_wanted) {
            return None;
        }
        let (id, closing) = self.connection.close()?;
        self.close_transport(closing);
        self.give_up();
        for session in self.namespaces.values_mut() {
            session.engine_lost(false);
        }
        Some(id)
    }

    /// How many bytes of events may come before a CONNECT reply.
    pub(super) fn max_early(&self) -> usize {
        self.limits().max_early
    }

    fn limits(&self) -> Limits {
        self.settings.as_ref().map(|settings| settings.limits).unwrap_or_default()
    }

    fn open(&mut self, now: Instant, id: ConnectionId) {
        let Some(settings) = &self.settings else { return };
        let (endpoint, limits) = (settings.endpoint.clone(), settings.limits);
        self.connection.open(now, id, settings.timeout);
        self.decoder = Decoder::new(limits);
        self.max_payload = None;
        self.outputs.push_back(Output::Open { endpoint, limits });
    }

    fn schedule(&mut self, now: Instant, id: ConnectionId, retry_after: Option<Duration>) -> Outlook {
        let reconnection = self.settings.as_ref().map(|settings| settings.reconnection);
        let Some(reconnection) = reconnection.filter(|reconnection: &Reconnection| reconnection.enabled)
        else {
            self.give_up();
            return Outlook::GivenUp;
        };
        if self.backoff.advance(&reconnection).is_none() {
            self.give_up();
            return Outlook::Exhausted;
        }
        let delay = match retry_after {
            None => self.backoff.delay(),
            Some(at_least) => self.backoff.extend(at_least, &reconnection),
        };
        self.connection.wait(now, id, delay);
        Outlook::Retrying
    }

    fn report_exhausted(&mut self, id: ConnectionId, outlook: Outlook) {
        if outlook == Outlook::Exhausted {
            self.event(Event::ReconnectFailed { connection: id });
        }
    }

    fn give_up(&mut self) {
        self.connection.close();
        self.settings = None;
        self.backoff.reset();
    }

    fn close_transport(&mut self, closing: Option<Closing>) {
        self.decoder.reset();
        if let Some(closing) = closing {
            self.outputs.push_back(Output::Close(closing));
        }
    }
}
