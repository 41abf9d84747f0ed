//! From the game to the server.

use std::borrow::Cow;
use std::time::Instant;

use super::ack::{AckKey, PendingAck};
use super::namespace::{EngineState, Fate, NamespaceSession, WaitingEvent};
use super::{Frame, Output, Session};
use crate::engine;
use crate::packet::{Header, Kind};
use crate::{Connect, Emit, Event, Join, JoinId, Namespace, Payload, Unsent};

impl Session {
    pub(super) fn connect(&mut self, now: Instant, connect: Connect) {
        if !self.connection.connect(now, connect.connection, connect.timeout) {
            return;
        }
        self.outputs.push_back(Output::Open(connect.endpoint));
        for join in connect.join {
            self.join(join);
        }
    }

    pub(super) fn join(&mut self, join: Join) {
        let engine = self.connection.engine_state();
        let namespace = self.namespaces.entry(join.namespace.clone()).or_default();
        if let Some(join) = namespace.join(join, engine).cloned() {
            self.send_connect(&join);
        }
    }

    pub(super) fn leave(&mut self, namespace: &Namespace) {
        let disconnect = self.namespaces.entry(namespace.clone()).or_default().leave();
        self.acks.take_namespace(namespace);
        if disconnect {
            self.outputs.push_back(Output::Barrier);
            self.send_disconnect(namespace);
        }
    }

    pub(super) fn emit(&mut self, now: Instant, emit: Emit) {
        // On a device that was suspended the time may be up before anybody noticed (S7).
        let step = self.connection.expired(now);
        self.step(step);
        let Emit { namespace, payload, ack } = emit;
        let session = self.namespaces.entry(namespace.clone()).or_default();
        let fate = session.fate();
        if fate == Fate::Refuse {
            self.outputs.push_back(Output::Event(match ack {
                Some(ack) => Event::Ack { token: ack.token, answer: None },
                None => Event::EmitRefused { namespace, payload: payload.excerpt(), why: Unsent::Ended },
            }));
            return;
        }
        let ack_id = ack.map(|_| session.take_ack_id());
        let waiting = if fate == Fate::Wait {
            Some(session.wait(WaitingEvent { payload, ack_id }))
        } else {
            self.send_event(&namespace, ack_id, payload);
            None
        };
        if let (Some(ack), Some(id)) = (ack, ack_id) {
            let deadline = ack.timeout.and_then(|timeout| now.checked_add(timeout));
            self.acks.insert(AckKey { namespace, id }, PendingAck { token: ack.token, deadline, waiting });
        }
    }

    pub(super) fn answer(&mut self, namespace: &Namespace, join: JoinId, id: u64, payload: Payload) {
        let joined = self.namespaces.get(namespace).and_then(NamespaceSession::joined);
        if joined == Some(join) {
            self.send_payload(Kind::Ack, namespace, Some(id), payload);
        }
    }

    /// The joined namespaces leave first: a DISCONNECT for one that the server does not know yet may make it close
    /// before it has read the others.
    pub(super) fn close(&mut self) {
        if self.connection.engine_state() == EngineState::Open {
            let joined = self.namespaces.iter().filter(|(_, session)| session.joined().is_some());
            let unanswered = self.namespaces.iter().filter(|(_, session)| session.is_unanswered());
            let leaving: Vec<Namespace> =
                joined.chain(unanswered).map(|(namespace, _)| namespace.clone()).collect();
            self.outputs.push_back(Output::Barrier);
            for namespace in leaving {
                self.send_disconnect(&namespace);
            }
        }
        if let Some((_, closing)) = self.connection.close() {
            self.outputs.push_back(Output::Close(closing));
        }
        self.decoder.reset();
        self.acks.clear();
        for session in self.namespaces.values_mut() {
            session.close();
        }
    }

    pub(super) fn send_connect(&mut self, join: &Join) {
        if self.namespaces.get(&join.namespace).is_some_and(NamespaceSession::had_session) {
            self.outputs.push_back(Output::Barrier);
        }
        let header = Header::new(Kind::Connect, &join.namespace);
        self.send(&header, join.auth.as_deref().unwrap_or_default());
    }

    pub(super) fn send_disconnect(&mut self, namespace: &str) {
        self.send(&Header::new(Kind::Disconnect, namespace), "");
    }

    pub(super) fn send_event(&mut self, namespace: &str, ack_id: Option<u64>, payload: Payload) {
        self.send_payload(Kind::Event, namespace, ack_id, payload);
        self.counters.events_sent = self.counters.events_sent.wrapping_add(1);
    }

    /// Sends an event that was emitted before anybody knew how much the server takes.
    pub(super) fn send_waiting(&mut self, namespace: &Namespace, event: WaitingEvent) {
        let size = event.payload.largest_message(namespace);
        let limit = self.max_payload.unwrap_or(u64::MAX);
        if u64::try_from(size).is_ok_and(|size| size <= limit) {
            self.send_event(namespace, event.ack_id, event.payload);
            return;
        }
        let (namespace, payload) = (namespace.clone(), event.payload.excerpt());
        let why = Unsent::TooLarge { size, limit };
        self.outputs.push_back(Output::Event(Event::EmitRefused {
            namespace: namespace.clone(),
            payload,
            why,
        }));
        let token = event.ack_id.and_then(|id| self.acks.take(&AckKey { namespace, id }));
        if let Some(token) = token {
            self.outputs.push_back(Output::Event(Event::Ack { token, answer: None }));
        }
    }

    pub(super) fn transmit(&mut self, frame: Frame) {
        self.counters.packets_sent = self.counters.packets_sent.wrapping_add(1);
        self.counters.bytes_sent = self.counters.bytes_sent.wrapping_add(frame.len() as u64);
        self.outputs.push_back(Output::Transmit(frame));
    }

    /// The header and its attachments follow each other without anything between them (S20).
    fn send_payload(&mut self, kind: Kind, namespace: &str, id: Option<u64>, payload: Payload) {
        let attachments = payload.attachments.len();
        self.send(&Header { kind, attachments, namespace: Cow::Borrowed(namespace), id }, &payload.json);
        for attachment in payload.attachments {
            self.transmit(Frame::Binary(attachment));
        }
    }

    fn send(&mut self, header: &Header<'_>, json: &str) {
        /// Room for the type, the comma, and the two numbers.
        const NUMBERS: usize = 32;
        let capacity = header.namespace.len().saturating_add(json.len()).saturating_add(NUMBERS);
        let mut text = String::with_capacity(capacity);
        text.push(engine::MESSAGE);
        header.encode(&mut text);
        text.push_str(json);
        self.transmit(Frame::Text(text));
    }
}
