//! From the server to the game.

use std::time::Instant;

use super::ack::AckKey;
use super::connection::Step;
use super::namespace::{Accepted, Arrival, Ended};
use super::{Closing, Frame, Output, Session};
use crate::engine::{self, Handshake};
use crate::packet::{Content, Packet, PacketError};
use crate::{
    ConnectError, ConnectErrorCode, ConnectionId, DisconnectReason, Event, Join, JoinId, Namespace, Received,
    Values,
};

impl Session {
    pub(super) fn receive(&mut self, now: Instant, frame: Frame) {
        if self.connection.is_idle() {
            return;
        }
        self.counters.packets_received = self.counters.packets_received.wrapping_add(1);
        self.counters.bytes_received = self.counters.bytes_received.wrapping_add(frame.len() as u64);
        match frame {
            Frame::Text(text) => {
                let step = self.connection.text(now, &text);
                self.step(step);
            }
            Frame::Binary(bytes) => {
                let step = self.connection.binary(bytes);
                self.step(step);
            }
        }
    }

    /// Does what a transition of the connection asks for.
    pub(super) fn step(&mut self, step: Step<'_>) {
        match step {
            Step::Nothing => {}
            Step::Opened(connection, handshake) => self.engine_opened(connection, handshake),
            Step::Heartbeat => {
                self.transmit(Frame::Text(engine::PONG.to_owned()));
                self.outputs.push_back(Output::Ping);
            }
            Step::Message(text) => match self.decoder.text(text) {
                Ok(Some(packet)) => self.packet(packet),
                Ok(None) => {}
                Err(error) => self.parse_error(&error),
            },
            Step::Attachment(bytes) => match self.decoder.binary(bytes) {
                Ok(Some(packet)) => self.packet(packet),
                Ok(None) => {}
                Err(error) => self.parse_error(&error),
            },
            Step::Failed { id, error, closing } => {
                self.close_transport(closing);
                self.event(Event::ConnectFailed { connection: id, error });
                self.end_namespaces(DisconnectReason::TransportError);
            }
            Step::Lost { id, reason, detail, closing } => self.lost(id, reason, detail, closing),
        }
    }

    /// Tells the game of each acknowledgement whose time is up, and takes back the event if it still waits (S11).
    pub(super) fn expire_acks(&mut self, now: Instant) {
        while let Some((key, ack)) = self.acks.expire(now) {
            if let (Some(position), Some(session)) = (ack.waiting, self.namespaces.get_mut(&key.namespace)) {
                session.forget_waiting(position);
            }
            self.event(Event::Ack { token: ack.token, answer: None });
        }
    }

    fn engine_opened(&mut self, connection: ConnectionId, handshake: Handshake) {
        let Handshake { session_id, max_payload, .. } = handshake;
        self.max_payload = max_payload;
        self.event(Event::EngineOpened { connection, session_id, max_payload });
        let mut joins: Vec<Join> =
            self.namespaces.values_mut().filter_map(|session| session.engine_opened().cloned()).collect();
        joins.sort_by_key(|join| join.join);
        for join in &joins {
            self.send_connect(join);
        }
        self.outputs.push_back(Output::Ping);
    }

    fn packet(&mut self, packet: Packet<'_>) {
        // A namespace that the game has never named.
        let Some((namespace, _)) = self.namespaces.get_key_value(packet.namespace.as_ref()) else { return };
        let namespace = namespace.clone();
        match packet.content {
            Content::Connect { session_id: Some(session_id) } => self.accepted(namespace, session_id),
            Content::Connect { session_id: None } => {
                let error = ConnectError::new(
                    ConnectErrorCode::UnsupportedVersion,
                    "The server speaks Socket.IO version 2, which this client cannot: update the server to version 3 \
                     or later.",
                );
                self.refused(namespace, error);
            }
            Content::ConnectError { message, data } => {
                let error = ConnectError::new(ConnectErrorCode::NamespaceRefused, refusal(message));
                self.refused(namespace, ConnectError { data, ..error });
            }
            Content::Disconnect => self.disconnected(namespace),
            Content::Event { id, name, arguments } => {
                let join = JoinId::default();
                self.received(Received { namespace, join, name, arguments, ack: id });
            }
            Content::Ack { id, arguments } => self.answered(namespace, id, arguments),
        }
    }

    fn accepted(&mut self, namespace: Namespace, session_id: String) {
        let Some(session) = self.namespaces.get_mut(&namespace) else { return };
        match session.accepted() {
            Accepted::Ignored => {}
            Accepted::Left { rejoin } => {
                self.send_disconnect(&namespace);
                self.rejoin(rejoin);
            }
            Accepted::Joined { join, early, waiting } => {
                for event in waiting {
                    self.send_waiting(&namespace, event);
                }
                self.event(Event::NamespaceJoined { namespace, join, session_id });
                for event in early {
                    self.deliver(event);
                }
            }
        }
    }

    fn refused(&mut self, namespace: Namespace, error: ConnectError) {
        let Some(session) = self.namespaces.get_mut(&namespace) else { return };
        let ended = session.refused();
        self.ended(namespace, ended, error);
    }

    fn disconnected(&mut self, namespace: Namespace) {
        let Some(session) = self.namespaces.get_mut(&namespace) else { return };
        let ended = session.disconnected();
        let error = ConnectError::new(
            ConnectErrorCode::NamespaceRefused,
            "The server ended the namespace before it was joined.",
        );
        self.ended(namespace, ended, error);
    }

    fn ended(&mut self, namespace: Namespace, ended: Ended, mut error: ConnectError) {
        match ended {
            Ended::Ignored => {}
            Ended::GivenUp { rejoin } => self.rejoin(rejoin),
            Ended::Left(join) => {
                self.close_unused_engine("the server ended the last namespace");
                self.left(namespace, join, DisconnectReason::IoServerDisconnect);
            }
            Ended::Refused(join) => {
                self.close_unused_engine("the server refused the last namespace");
                error.namespace = Some(namespace.clone());
                self.event(Event::NamespaceRefused { namespace, join, error });
            }
        }
    }

    /// The official client keeps no connection without a namespace, once the server has ended the last one. The
    /// game hears of the connection first, so that it may connect again as soon as it hears of the namespace.
    fn close_unused_engine(&mut self, detail: &str) {
        if self.namespaces.values().any(|session| session.wanted().is_some()) {
            return;
        }
        if let Some((id, closing)) = self.connection.close() {
            self.lost(id, DisconnectReason::IoServerDisconnect, detail.to_owned(), Some(closing));
        }
    }

    fn received(&mut self, event: Received) {
        let room = self.limits.max_payload;
        let Some(session) = self.namespaces.get_mut(&event.namespace) else { return };
        match session.received(event, room) {
            Arrival::Deliver(event) => self.deliver(event),
            Arrival::Done => {}
            Arrival::Overflow => self.parse_error(&PacketError::TooEarly { limit: room }),
        }
    }

    fn answered(&mut self, namespace: Namespace, id: u64, arguments: Values) {
        let joined = self.namespaces.get(&namespace).is_some_and(|session| session.joined().is_some());
        if !joined {
            return;
        }
        if let Some(token) = self.acks.take(&AckKey { namespace, id }) {
            self.event(Event::Ack { token, answer: Some(arguments) });
        }
    }

    fn rejoin(&mut self, join: Option<Join>) {
        if let Some(join) = join {
            self.send_connect(&join);
        }
    }

    fn parse_error(&mut self, error: &PacketError) {
        let step = self.connection.parse_error(error.to_string());
        self.step(step);
    }

    fn lost(
        &mut self,
        connection: ConnectionId,
        reason: DisconnectReason,
        detail: String,
        closing: Option<Closing>,
    ) {
        self.close_transport(closing);
        self.event(Event::EngineClosed { connection, reason, detail });
        self.end_namespaces(reason);
    }

    fn close_transport(&mut self, closing: Option<Closing>) {
        self.decoder.reset();
        if let Some(closing) = closing {
            self.outputs.push_back(Output::Close(closing));
        }
    }

    fn end_namespaces(&mut self, reason: DisconnectReason) {
        let mut ended: Vec<(JoinId, Namespace)> = self
            .namespaces
            .iter_mut()
            .filter_map(|(namespace, session)| Some((session.engine_lost()?, namespace.clone())))
            .collect();
        ended.sort();
        for (join, namespace) in ended {
            self.left(namespace, join, reason);
        }
    }

    fn left(&mut self, namespace: Namespace, join: JoinId, reason: DisconnectReason) {
        let tokens = self.acks.take_namespace(&namespace);
        self.event(Event::NamespaceLeft { namespace, join, reason });
        for token in tokens {
            self.event(Event::Ack { token, answer: None });
        }
    }

    fn deliver(&mut self, event: Received) {
        self.counters.events_received = self.counters.events_received.wrapping_add(1);
        self.event(Event::Received(event));
    }

    fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }
}

fn refusal(message: String) -> String {
    if message.is_empty() {
        "The server refused the namespace and did not say why.".to_owned()
    } else {
        message
    }
}
