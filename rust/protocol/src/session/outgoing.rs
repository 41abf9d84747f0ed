//! From the game to the server.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use super::ack::{AckKey, PendingAck, Waiter};
use super::namespace::{EngineState, Fate, NamespaceSession, Start};
use super::retries::{RetriedEvent, RetryQueue, Try};
use super::waiting::WaitingEvent;
use super::{Frame, Output, Session};
use crate::engine;
use crate::packet::{Header, Kind};
use crate::{
    AckRequest, Delivery, Emit, Event, Join, JoinId, Namespace, NoAnswer, Node, Payload, Secrets,
    SessionNumber, Unsent, Values,
};

/// How many texts are kept for a driver that does not ask for them.
const MAX_SPENT_TEXTS: usize = 64;

impl Session {
    pub(super) fn join(&mut self, join: Join) {
        let engine = self.connection.engine_state();
        let start = self.namespaces.entry(join.namespace.clone()).or_default().join(join, engine);
        self.start(start);
    }

    pub(super) fn authorize(&mut self, namespace: &Namespace, join: JoinId, auth: Option<Box<str>>) {
        let Some(session) = self.namespaces.get_mut(namespace) else { return };
        let start = session.authorize(join, auth);
        self.start(start);
    }

    pub(super) fn leave(&mut self, namespace: &Namespace) {
        self.send_all_retried(namespace);
        let disconnect = self.namespaces.entry(namespace.clone()).or_default().leave();
        self.acks.take_of(namespace);
        if disconnect {
            self.outputs.push_back(Output::Barrier);
            self.send_disconnect(namespace);
        }
    }

    pub(super) fn emit(&mut self, now: Instant, emit: Emit) {
        // On a device that was suspended the time may be up before anybody noticed (S7).
        let step = self.connection.heartbeat_expired(now);
        self.step(now, step);
        let Emit { namespace, payload, ack, delivery, report } = emit;
        // One that is not known yet has not been joined.
        let fate = self.namespaces.get(&namespace).map_or(Fate::Wait, NamespaceSession::fate);
        let is_retried = matches!(delivery, Delivery::Retried { .. });
        if fate == Fate::Send && !is_retried && self.is_too_large(&namespace, &payload, ack) {
            return;
        }
        match (delivery, fate) {
            (Delivery::Volatile, fate) if fate != Fate::Send || !self.writable => {
                if let Some(ack) = ack {
                    self.event(Event::Ack { token: ack.token, answer: Err(NoAnswer::NotSent) });
                }
            }
            (_, Fate::Refuse) => self.event(match ack {
                Some(ack) => Event::Ack { token: ack.token, answer: Err(NoAnswer::NotSent) },
                None => Event::EmitRefused { namespace, payload: payload.excerpt(), why: Unsent::Ended },
            }),
            (Delivery::Retried { retries, timeout }, _) => {
                let token = ack.map(|ack| ack.token);
                let session = self.namespaces.entry(namespace.clone()).or_default();
                session.retries.push(RetriedEvent { payload, token, retries, timeout, report });
                self.send_retried(now, &namespace);
            }
            (Delivery::Once | Delivery::Volatile, Fate::Send) if ack.is_none() => {
                self.send_event(&namespace, None, payload, report);
            }
            (Delivery::Once | Delivery::Volatile, _) => {
                let session = self.namespaces.entry(namespace.clone()).or_default();
                let ack_id = ack.map(|_| session.take_ack_id());
                let position = if fate == Fate::Wait {
                    Some(session.waiting.push(WaitingEvent { payload, ack_id, report }))
                } else {
                    self.send_event(&namespace, ack_id, payload, report);
                    None
                };
                if let (Some(ack), Some(id)) = (ack, ack_id) {
                    self.expect_ack(now, namespace, id, Waiter::Game(ack.token), ack.timeout, position);
                }
            }
        }
    }

    pub(super) fn answer(&mut self, namespace: &Namespace, number: SessionNumber, id: u64, payload: Payload) {
        let session = self.namespaces.get(namespace).and_then(NamespaceSession::session);
        if session == Some(number) {
            self.send_payload(Kind::Ack, namespace, Some(id), payload);
        }
    }

    /// The joined namespaces leave first: a DISCONNECT for one that the server does not know yet may make it close
    /// before it has read the others.
    pub(super) fn close(&mut self) {
        if self.connection.engine_state() == EngineState::Open {
            let joined = self.namespaces.iter().filter(|(_, session)| session.is_joined());
            let unanswered = self.namespaces.iter().filter(|(_, session)| session.is_unanswered());
            let leaving: Vec<Namespace> =
                joined.chain(unanswered).map(|(namespace, _)| namespace.clone()).collect();
            for namespace in &leaving {
                self.send_all_retried(namespace);
            }
            self.outputs.push_back(Output::Barrier);
            for namespace in leaving {
                self.send_disconnect(&namespace);
            }
        }
        if let Some((_, Some(closing))) = self.connection.close() {
            self.outputs.push_back(Output::Close(closing));
        }
        self.settings = None;
        self.auth_secrets.clear();
        self.decoder.reset();
        self.acks.clear();
        for session in self.namespaces.values_mut() {
            session.close();
        }
    }

    /// Does what has to be done to join a namespace.
    pub(super) fn start(&mut self, start: Option<Start>) {
        match start {
            None => {}
            Some(Start::Ask(Join { namespace, join, .. })) => {
                self.event(Event::AuthWanted { namespace, join });
            }
            Some(Start::Connect { join, auth }) => {
                if self.namespaces.get(&join.namespace).is_some_and(NamespaceSession::had_session) {
                    self.outputs.push_back(Output::Barrier);
                }
                let header = Header::new(Kind::Connect, &join.namespace);
                self.send(&header, auth.as_deref().unwrap_or_default());
                let auth = auth.and_then(|auth| Values::from_json(&auth, 0).ok()).unwrap_or_default();
                let mut secrets = Secrets::default();
                secrets.add(auth.strings());
                self.auth_secrets.insert(join.namespace, secrets);
            }
        }
    }

    pub(super) fn send_disconnect(&mut self, namespace: &str) {
        self.send(&Header::new(Kind::Disconnect, namespace), "");
    }

    /// Sends an event that was emitted before anybody knew how much the server takes.
    pub(super) fn send_waiting(&mut self, namespace: &Namespace, event: WaitingEvent) {
        let Some(why) = self.too_large(namespace, &event.payload) else {
            self.send_event(namespace, event.ack_id, event.payload, event.report);
            return;
        };
        self.refuse_payload(namespace, &event.payload, why);
        let waiter = event.ack_id.and_then(|id| self.acks.take(&AckKey { namespace: namespace.clone(), id }));
        if let Some(Waiter::Game(token)) = waiter {
            self.event(Event::Ack { token, answer: Err(NoAnswer::NotSent) });
        }
    }

    /// Sends the first event of the retry queue, unless it is under way or cannot be sent now (S15).
    pub(super) fn send_retried(&mut self, now: Instant, namespace: &Namespace) {
        loop {
            let Some(session) = self.namespaces.get_mut(namespace).filter(|session| session.is_joined())
            else {
                return;
            };
            let Some(Try { payload, timeout, report }) = session.retries.next() else { return };
            let id = session.take_ack_id();
            let Some(why) = self.too_large(namespace, &payload) else {
                self.send_event(namespace, Some(id), payload, report);
                self.expect_ack(now, namespace.clone(), id, Waiter::RetryQueue, timeout, None);
                return;
            };
            self.refuse_payload(namespace, &payload, why);
            let ended = self.namespaces.get_mut(namespace).map(|session| &mut session.retries);
            if let Some(token) = ended.and_then(RetryQueue::end).and_then(|event| event.token) {
                self.event(Event::Ack { token, answer: Err(NoAnswer::NotSent) });
            }
        }
    }

    /// Sends what waits for its turn in the retry queue, because there will be no turn any more. Nobody waits for it.
    fn send_all_retried(&mut self, namespace: &Namespace) {
        let Some(session) = self.namespaces.get_mut(namespace).filter(|session| session.is_joined()) else {
            return;
        };
        for RetriedEvent { payload, report, .. } in session.retries.take_unsent() {
            match self.too_large(namespace, &payload) {
                None => self.send_event(namespace, None, payload, report),
                Some(why) => self.refuse_payload(namespace, &payload, why),
            }
        }
    }

    pub(super) fn transmit(&mut self, frame: Frame) {
        self.counters.packets_sent = self.counters.packets_sent.wrapping_add(1);
        self.counters.bytes_sent = self.counters.bytes_sent.wrapping_add(frame.len() as u64);
        self.outputs.push_back(Output::Transmit(frame));
    }

    fn send_event(&mut self, namespace: &Namespace, ack_id: Option<u64>, payload: Payload, report: bool) {
        let emitted = if report { emitted(namespace, &payload) } else { None };
        self.send_payload(Kind::Event, namespace, ack_id, payload);
        self.counters.events_sent = self.counters.events_sent.wrapping_add(1);
        if let Some(emitted) = emitted {
            self.event(emitted);
        }
    }

    fn expect_ack(
        &mut self,
        now: Instant,
        namespace: Namespace,
        id: u64,
        waiter: Waiter,
        timeout: Option<Duration>,
        position: Option<u64>,
    ) {
        let deadline = timeout.and_then(|timeout| now.checked_add(timeout));
        self.acks.insert(AckKey { namespace, id }, PendingAck { waiter, deadline, position });
    }

    /// Whether the server would not take an event, of which the game is told. It may not know the limit yet, if it has
    /// not polled since the connection was made.
    fn is_too_large(&mut self, namespace: &Namespace, payload: &Payload, ack: Option<AckRequest>) -> bool {
        let Some(why) = self.too_large(namespace, payload) else { return false };
        self.refuse_payload(namespace, payload, why);
        if let Some(ack) = ack {
            self.event(Event::Ack { token: ack.token, answer: Err(NoAnswer::NotSent) });
        }
        true
    }

    fn too_large(&self, namespace: &str, payload: &Payload) -> Option<Unsent> {
        let size = payload.largest_message(namespace, self.transport);
        let limit = self.max_payload?;
        let fits = u64::try_from(size).is_ok_and(|size| size <= limit);
        (!fits).then_some(Unsent::TooLarge { size, limit })
    }

    pub(super) fn refuse_payload(&mut self, namespace: &Namespace, payload: &Payload, why: Unsent) {
        let (namespace, payload) = (namespace.clone(), payload.excerpt());
        self.event(Event::EmitRefused { namespace, payload, why });
    }

    /// The header and its attachments follow each other without anything between them (S20).
    fn send_payload(&mut self, kind: Kind, namespace: &str, id: Option<u64>, payload: Payload) {
        let attachments = payload.attachments.len();
        self.send(&Header { kind, attachments, namespace: Cow::Borrowed(namespace), id }, &payload.json);
        for attachment in payload.attachments {
            self.transmit(Frame::Binary(attachment));
        }
        if self.spent_texts.len() < MAX_SPENT_TEXTS {
            self.spent_texts.push(payload.json);
        }
    }

    fn send(&mut self, header: &Header<'_>, json: &str) {
        self.head.clear();
        self.head.push(engine::MESSAGE);
        header.encode(&mut self.head);
        // Exactly as long as it is: a text with room left is shared at the cost of another allocation.
        let text = [self.head.as_str(), json].concat();
        self.transmit(Frame::Text(text));
    }
}

/// What the game hears of an event that is sent. What the game has encoded can be read again.
fn emitted(namespace: &Namespace, payload: &Payload) -> Option<Event> {
    let mut arguments = Values::from_json_array(&payload.json, payload.attachments.clone()).ok()?;
    let Some(Node::String(name)) = arguments.split_first() else { return None };
    let name = arguments.text(name).to_owned();
    Some(Event::Emitted { namespace: namespace.clone(), name, arguments })
}
