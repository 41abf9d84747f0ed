//! From the server to the game.

use std::time::Instant;

use bytes::Bytes;

use super::ack::{AckKey, Waiter};
use super::connection::Step;
use super::namespace::{Accepted, Arrival, Ended, NamespaceSession};
use super::retries::{RetriedEvent, RetryQueue};
use super::{Frame, Output, Session};
use crate::engine::{self, Handshake};
use crate::packet::{Content, Packet, PacketError};
use crate::{
    ConnectError, ConnectErrorCode, ConnectionId, DisconnectReason, Event, JoinId, Namespace, NoAnswer,
    Received, Secrets, SessionNumber, TransportName, Unsent, Values,
};

impl Session {
    pub(super) fn receive_text(&mut self, now: Instant, text: &str) {
        if self.count_received(text.len()) {
            let step = self.connection.text(now, text);
            self.step(now, step);
        }
    }

    pub(super) fn receive_binary(&mut self, now: Instant, bytes: Bytes) {
        if self.count_received(bytes.len()) {
            let step = self.connection.binary(bytes);
            self.step(now, step);
        }
    }

    /// Counts a message, unless there is no transport that it could come from.
    fn count_received(&mut self, size: usize) -> bool {
        let counts = self.connection.has_transport();
        if counts {
            self.counters.packets_received = self.counters.packets_received.wrapping_add(1);
            self.counters.bytes_received = self.counters.bytes_received.wrapping_add(size as u64);
        }
        counts
    }

    /// Does what a transition of the connection asks for.
    pub(super) fn step(&mut self, now: Instant, step: Step<'_>) {
        match step {
            Step::Nothing => {}
            Step::Opened(connection, handshake) => self.engine_opened(connection, handshake),
            Step::Heartbeat => match self.decoder.heartbeat() {
                Ok(()) => {
                    self.transmit(Frame::Text(engine::PONG.to_owned()));
                    self.outputs.push_back(Output::Ping);
                }
                Err(error) => self.parse_error(now, &error),
            },
            Step::Message(text) => match self.decoder.text(text) {
                Ok(Some(packet)) => self.packet(now, packet),
                Ok(None) => {}
                Err(error) => self.parse_error(now, &error),
            },
            Step::Strange(text) => {
                let step = self.connection.strange(&quoted(text, &self.secrets()));
                self.step(now, step);
            }
            Step::Attachment(bytes) => match self.decoder.binary(bytes) {
                Ok(Some(packet)) => self.packet(now, packet),
                Ok(None) => {}
                Err(error) => self.parse_error(now, &error),
            },
            Step::Retry(id) => self.attempt(now, id),
            Step::Failed { id, error, closing } => self.failed(now, id, error, closing),
            Step::Lost { id, reason, detail, closing } => self.lost(now, id, reason, detail, closing),
        }
    }

    /// Ends the wait for each acknowledgement whose time is up, and takes back the event if it still waits (S11).
    pub(super) fn expire_acks(&mut self, now: Instant) {
        while let Some((key, ack)) = self.acks.expire(now) {
            if let (Some(position), Some(session)) = (ack.position, self.namespaces.get_mut(&key.namespace)) {
                session.waiting.remove(position);
            }
            match ack.waiter {
                Waiter::Game(token) => self.event(Event::Ack { token, answer: Err(NoAnswer::TimedOut) }),
                Waiter::RetryQueue => {
                    self.try_failed(&key.namespace, NoAnswer::TimedOut);
                    self.send_retried(now, &key.namespace);
                }
            }
        }
    }

    fn engine_opened(&mut self, connection: ConnectionId, handshake: Handshake) {
        let Handshake { session_id, max_payload, .. } = handshake;
        self.max_payload = max_payload;
        let attempt = self.backoff.attempt();
        self.backoff.reset();
        if attempt > 0 {
            self.counters.reconnects = self.counters.reconnects.wrapping_add(1);
        }
        let transport = self.transport;
        self.event(Event::EngineOpened { connection, session_id, transport, max_payload, attempt });
        let mut joins: Vec<(JoinId, Namespace)> = self
            .namespaces
            .iter()
            .filter_map(|(namespace, session)| Some((session.awaits_engine()?, namespace.clone())))
            .collect();
        joins.sort();
        for (_, namespace) in &joins {
            if let Some(session) = self.namespaces.get_mut(namespace) {
                let start = session.engine_opened();
                self.start(start);
            }
        }
        self.outputs.push_back(Output::Ping);
    }

    /// The session has moved to a WebSocket (S22).
    pub(super) fn upgraded(&mut self) {
        let Some(connection) = self.connection.open_id() else { return };
        self.transport = TransportName::WebSocket;
        self.event(Event::TransportUpgraded { connection });
        self.outputs.push_back(Output::Ping);
    }

    fn packet(&mut self, now: Instant, packet: Packet<'_>) {
        // A namespace that the game has never named.
        let Some((namespace, _)) = self.namespaces.get_key_value(packet.namespace.as_ref()) else { return };
        let namespace = namespace.clone();
        match packet.content {
            Content::Connect { session_id: Some(session_id), private_id } => {
                self.accepted(now, namespace, session_id, private_id);
            }
            Content::Connect { session_id: None, .. } => {
                let error = ConnectError::new(
                    ConnectErrorCode::UnsupportedVersion,
                    "The server speaks Socket.IO version 2, which this client cannot: update the server to version 3 \
                     or later.",
                );
                self.refused(&namespace, error);
            }
            Content::ConnectError { message, data } => {
                let error = ConnectError::new(ConnectErrorCode::NamespaceRefused, refusal(message));
                self.refused(&namespace, ConnectError { data, ..error });
            }
            Content::Disconnect => self.disconnected(&namespace),
            Content::Event { id, name, arguments } => {
                let (join, session) = (JoinId::default(), SessionNumber::default());
                self.received(now, Received { namespace, join, session, name, arguments, ack: id });
            }
            Content::Ack { id, arguments } => self.answered(now, &namespace, id, arguments),
        }
    }

    /// The order is that of the official client (S13).
    fn accepted(
        &mut self,
        now: Instant,
        namespace: Namespace,
        session_id: String,
        private_id: Option<String>,
    ) {
        let unix_millis = self.unix_millis(now);
        let Some(session) = self.namespaces.get_mut(&namespace) else { return };
        match session.accepted(private_id, unix_millis) {
            Accepted::Ignored => {}
            Accepted::Left { rejoin } => {
                self.send_disconnect(&namespace);
                self.start(rejoin);
            }
            Accepted::Joined { join, recovered, early, waiting } => {
                let accepted = namespace.clone();
                self.event(Event::NamespaceAccepted { namespace: accepted, join, session_id, recovered });
                for event in early {
                    self.deliver(event);
                }
                for event in waiting {
                    self.send_waiting(&namespace, event);
                }
                self.send_retried(now, &namespace);
                self.event(Event::NamespaceJoined { namespace, join });
            }
        }
    }

    fn refused(&mut self, namespace: &Namespace, error: ConnectError) {
        let Some(session) = self.namespaces.get_mut(namespace) else { return };
        let ended = session.refused();
        self.ended(namespace, ended, error);
    }

    fn disconnected(&mut self, namespace: &Namespace) {
        let Some(session) = self.namespaces.get_mut(namespace) else { return };
        let ended = session.disconnected();
        let error = ConnectError::new(
            ConnectErrorCode::NamespaceRefused,
            "The server ended the namespace before it was joined.",
        );
        self.ended(namespace, ended, error);
    }

    fn ended(&mut self, namespace: &Namespace, ended: Ended, mut error: ConnectError) {
        match ended {
            Ended::Ignored => {}
            Ended::GivenUp { rejoin } => self.start(rejoin),
            Ended::Left(join) => {
                let reason = DisconnectReason::IoServerDisconnect;
                let closed = self.close_unused_engine();
                // The game hears of the connection first, so that it may connect again as soon as it hears of the
                // namespace.
                if let Some(connection) = closed {
                    let detail = "the server ended the last namespace".to_owned();
                    self.event(Event::EngineClosed { connection, reason, detail, retrying: false });
                }
                self.left(namespace, join, reason, false);
                self.fail_unjoinable(namespace, closed);
            }
            Ended::Refused(join) => {
                let closed = self.close_unused_engine();
                error.namespace = Some(namespace.clone());
                let (refused, error) = (namespace.clone(), Box::new(error));
                self.event(Event::NamespaceRefused { namespace: refused, join, error, closed });
                self.fail_unjoinable(namespace, closed);
            }
        }
    }

    fn received(&mut self, now: Instant, event: Received) {
        let (room, unix_millis) = (self.max_early(), self.unix_millis(now));
        let Some(session) = self.namespaces.get_mut(&event.namespace) else { return };
        match session.received(event, room, unix_millis) {
            Arrival::Deliver(event) => self.deliver(event),
            Arrival::Done => {}
            Arrival::Overflow => self.parse_error(now, &PacketError::TooEarly { limit: room }),
        }
    }

    fn answered(&mut self, now: Instant, namespace: &Namespace, id: u64, arguments: Values) {
        if !self.namespaces.get(namespace).is_some_and(NamespaceSession::is_joined) {
            return;
        }
        let answer = Ok(arguments);
        match self.acks.take(&AckKey { namespace: namespace.clone(), id }) {
            None => {}
            Some(Waiter::Game(token)) => self.event(Event::Ack { token, answer }),
            Some(Waiter::RetryQueue) => {
                let queue = self.namespaces.get_mut(namespace).map(|session| &mut session.retries);
                if let Some(token) = queue.and_then(RetryQueue::end).and_then(|event| event.token) {
                    self.event(Event::Ack { token, answer });
                }
                self.send_retried(now, namespace);
            }
        }
    }

    /// The try under way got no answer (S15).
    fn try_failed(&mut self, namespace: &Namespace, why: NoAnswer) {
        let queue = self.namespaces.get_mut(namespace).map(|session| &mut session.retries);
        let Some(RetriedEvent { payload, token, retries, .. }) = queue.and_then(RetryQueue::failed) else {
            return;
        };
        match token {
            Some(token) => self.event(Event::Ack { token, answer: Err(why) }),
            None => {
                let why = Unsent::Unacknowledged { tries: retries.saturating_add(1) };
                self.refuse_payload(namespace, &payload, why);
            }
        }
    }

    fn parse_error(&mut self, now: Instant, error: &PacketError) {
        let step = self.connection.parse_error(error.to_string());
        self.step(now, step);
    }

    /// Ends the namespaces with their engine, for a while or for good.
    pub(super) fn end_namespaces(&mut self, reason: DisconnectReason, retrying: bool) {
        let mut ended: Vec<(JoinId, Namespace)> = self
            .namespaces
            .iter_mut()
            .filter_map(|(namespace, session)| Some((session.engine_lost(retrying)?, namespace.clone())))
            .collect();
        ended.sort();
        for (join, namespace) in ended {
            self.left(&namespace, join, reason, retrying);
        }
        if !retrying {
            self.fail_all_hopeless();
        }
    }

    /// Tells the game of a session that ended, and of each event that was sent in it and will not be answered (S11).
    fn left(&mut self, namespace: &Namespace, join: JoinId, reason: DisconnectReason, rejoining: bool) {
        self.event(Event::NamespaceLeft { namespace: namespace.clone(), join, reason, rejoining });
        // All of them were sent: nothing waits in a namespace that is joined.
        for ack in self.acks.take_of(namespace) {
            match ack.waiter {
                Waiter::Game(token) => self.event(Event::Ack { token, answer: Err(NoAnswer::Disconnected) }),
                Waiter::RetryQueue => self.try_failed(namespace, NoAnswer::Disconnected),
            }
        }
    }

    /// The game has heard that the connection was given up, and not asked for another one yet.
    pub(super) fn fail_waiting(&mut self) {
        if self.settings.is_none() {
            self.fail_all_hopeless();
        }
    }

    /// A namespace has ended, and with it the connection if it was the last one.
    fn fail_unjoinable(&mut self, namespace: &Namespace, closed: Option<ConnectionId>) {
        match closed {
            Some(_) => self.fail_all_hopeless(),
            None => self.fail_hopeless(namespace),
        }
    }

    /// Nobody tries to connect any more.
    fn fail_all_hopeless(&mut self) {
        let namespaces: Vec<Namespace> = self.namespaces.keys().cloned().collect();
        for namespace in &namespaces {
            self.fail_hopeless(namespace);
        }
    }

    /// Nobody tries to join the namespace any more: what wants an answer there is not sent, also if the game joins later.
    fn fail_hopeless(&mut self, namespace: &Namespace) {
        for ack in self.acks.take_of(namespace) {
            if let (Some(position), Some(session)) = (ack.position, self.namespaces.get_mut(namespace)) {
                session.waiting.remove(position);
            }
            if let Waiter::Game(token) = ack.waiter {
                self.event(Event::Ack { token, answer: Err(NoAnswer::Disconnected) });
            }
        }
        let Some(session) = self.namespaces.get_mut(namespace) else { return };
        for token in session.retries.take_awaited() {
            self.event(Event::Ack { token, answer: Err(NoAnswer::Disconnected) });
        }
    }

    fn deliver(&mut self, event: Received) {
        self.counters.events_received = self.counters.events_received.wrapping_add(1);
        self.event(Event::Received(event));
    }

    pub(super) fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }
}

/// The beginning of a message, for an error.
fn quoted(text: &str, secrets: &Secrets) -> String {
    const LENGTH: usize = 40;
    /// How much is looked at: a secret may begin in what is shown and end behind it.
    const CONTEXT: usize = 1024;
    let end = text.char_indices().nth(CONTEXT).map_or(text.len(), |(end, _)| end);
    let context = text.get(..end).unwrap_or(text);
    let hidden = secrets.hidden_in(context);
    let beginning: String = hidden.chars().take(LENGTH).collect();
    let more = if beginning.len() < hidden.len() || context.len() < text.len() { "…" } else { "" };
    format!("{beginning:?}{more}")
}

fn refusal(message: String) -> String {
    if message.is_empty() {
        "The server refused the namespace and did not say why.".to_owned()
    } else {
        message
    }
}
