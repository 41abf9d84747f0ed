//! One poll: what has happened since the last one becomes signals and calls of listeners.
//!
//! Each step takes one thing out, changes the state that the game sees, lets go of every borrow and only then
//! runs the game's code, which may call anything: emit, close, poll, or free the client.

mod connection;
mod namespace;
mod received;

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use godot::obj::Gd;
use socketio_protocol::{Event, NoAnswer, Payload, Received, SessionNumber, Unsent, Values};

use crate::client::SocketIOClient;
use crate::connection::{Connection, Engine};
use crate::core::{Core, Notice};
use crate::report;
use crate::variant::data::{Data, Dispatching};
use crate::variant::discarded;

/// How deep polls may nest: a handler may poll to wait for something, but one that polls for each of a thousand
/// waiting events would exhaust the stack.
const MAX_NESTING: u32 = 8;

/// Dispatches what has arrived.
pub(crate) fn poll(core: &Rc<Core>) {
    if core.polls.get() >= MAX_NESTING {
        return;
    }
    let _nested = Nested::enter(&core.polls);
    // Keeps the client alive until the end, whatever its handlers do.
    let Some(client) = core.object() else {
        return;
    };
    let poll = Poll { core, client };
    let budget = core.options.borrow().poll_budget();
    let end = budget.and_then(|budget| Instant::now().checked_add(budget));
    let begun = core.inspection.begin_dispatch();
    core.announce([]);
    poll.take_notices();
    poll.take_events(end);
    core.end_late_waits();
    core.warn_of_long_unasked();
    discarded::hand_over(|| core.worker());
    core.inspection.end_dispatch(begun);
}

/// Dispatches an event as if the server had sent it. `false` where that could not be, because its namespace is not
/// joined.
pub(crate) fn receive(core: &Rc<Core>, namespace: &str, event: &str, payload: Payload) -> bool {
    let (Some(entry), Some(client)) = (core.namespace(namespace), core.object()) else {
        return false;
    };
    let is_joined = entry.core.is_connected();
    let join = entry.core.membership.borrow().join().filter(|_| is_joined);
    let arguments = Values::from_json_array(&payload.json, payload.attachments);
    let (Some(join), Ok(arguments)) = (join, arguments) else {
        return false;
    };
    let (namespace, session) = (entry.core.path.clone(), SessionNumber::default());
    let (name, arguments) = (event.into(), Data::plain(arguments));
    let _nested = Nested::enter(&core.polls);
    Poll { core, client }.received(Received { namespace, join, session, name, arguments, ack: None });
    true
}

/// Counts a poll for as long as it runs.
struct Nested<'a>(&'a Cell<u32>);

impl<'a> Nested<'a> {
    fn enter(polls: &'a Cell<u32>) -> Self {
        polls.set(polls.get() + 1);
        Self(polls)
    }
}

impl Drop for Nested<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

struct Poll<'a> {
    core: &'a Rc<Core>,
    client: Gd<SocketIOClient>,
}

impl Poll<'_> {
    fn take_notices(&self) {
        let notices = self.core.notices.borrow().len();
        for _ in 0..notices {
            let notice = self.core.notices.borrow_mut().pop_front();
            match notice {
                Some(notice) => self.notice(notice),
                None => break,
            }
        }
    }

    /// What the handlers cause is left for the next poll, so that one poll always ends. With a time to end at, at least
    /// one event is dispatched.
    fn take_events(&self, end: Option<Instant>) {
        let Some(worker) = self.core.worker() else {
            return;
        };
        self.warn_of_backlog(worker.is_reading_paused());
        let coalescing = &self.core.coalescing;
        if !coalescing.is_idle() {
            worker.fetch(|event| coalescing.arrives(event));
        }
        let mut may_reconnect = false;
        let waiting = worker.events_waiting();
        let _dispatching = (waiting > 0).then(Dispatching::begin);
        for _ in 0..waiting {
            let Some(event) = self.next_event() else {
                break;
            };
            if coalescing.takes(&event) {
                continue;
            }
            may_reconnect |= tells_of_reconnecting(&event);
            self.event(event);
            // Of a change that no signal tells why.
            self.core.announce([]);
            if end.is_some_and(|end| Instant::now() >= end) {
                break;
            }
        }
        // The handlers may have edited the dictionaries in place, to be used by the next attempt.
        if may_reconnect && matches!(*self.core.connection.borrow(), Connection::Connecting(_)) {
            self.core.configure();
        }
    }

    fn next_event(&self) -> Option<Event<Data>> {
        // A handler may have ended the worker.
        let worker = self.core.worker()?;
        worker.try_event().or_else(|| {
            worker.fetch_next(|event| self.core.coalescing.arrives(event));
            worker.try_event()
        })
    }

    /// Says once, each time that it happens, that the server is not listened to any more.
    fn warn_of_backlog(&self, reading_paused: bool) {
        if reading_paused && !self.core.has_backlog.replace(reading_paused) {
            report::warning(
                "SocketIOClient: more than max_buffered_size bytes have arrived that were not polled, so nothing more is read \
                 until half of them are gone. If that takes too long, the server ends the connection.",
            );
        }
        self.core.has_backlog.set(reading_paused);
    }

    fn notice(&self, notice: Notice) {
        match notice {
            Notice::NamespaceLeft { namespace, reason, speaks } => {
                if let Some(entry) = self.core.namespace(&namespace.path) {
                    self.announce_left(&entry, reason, speaks);
                }
            }
            Notice::TransportClosed => self.announce_transport_closed(),
            Notice::Unanswered(waiter) => waiter.fail(),
        }
    }

    fn event(&self, event: Event<Data>) {
        match event {
            Event::EngineOpened { connection, session_id, transport, max_payload, attempt } => {
                if self.is_current(connection) {
                    self.engine_opened(connection, Engine { session_id, transport, max_payload }, attempt);
                }
            }
            Event::TransportUpgraded { connection } => self.transport_upgraded(connection),
            Event::ConnectFailed { connection, error, retrying } => {
                if self.is_current(connection) {
                    self.connect_failed(connection, &error, retrying);
                }
            }
            Event::EngineClosed { connection, reason, detail, retrying } => {
                if self.is_current(connection) {
                    self.engine_closed(connection, reason, &detail, retrying);
                }
            }
            Event::ReconnectAttempt { connection, attempt, delay } => {
                if self.is_current(connection) {
                    self.reconnect_attempt(attempt, delay);
                }
            }
            Event::ReconnectFailed { connection } => self.reconnect_failed(connection),
            Event::ReconnectEnded { connection } => self.reconnect_ended(connection),
            Event::AuthWanted { namespace, join } => {
                if let Some(entry) = self.joining(&namespace, join) {
                    self.core.ask_for_auth(&entry.core, join);
                }
            }
            Event::NamespaceAccepted { namespace, join, session_id, recovered } => {
                if let Some(entry) = self.joining(&namespace, join) {
                    self.accepted(&entry.core, join, session_id, recovered);
                }
            }
            Event::NamespaceJoined { namespace, join } => self.joined(&namespace, join),
            Event::NamespaceRefused { namespace, join, error, closed } => {
                self.refused(&namespace, join, &error, closed);
            }
            Event::NamespaceLeft { namespace, join, reason, rejoining } => {
                self.left(&namespace, join, reason, rejoining);
            }
            Event::Received(received) => self.received(received),
            Event::Ack { token, answer } => {
                let ack = self.core.acks.borrow_mut().take(token);
                if let Some(ack) = ack {
                    if matches!(answer, Err(NoAnswer::TimedOut)) {
                        self.core.warn_of_all_unasked();
                    }
                    ack.waiter.answer(answer);
                }
            }
            Event::Emitted { namespace, name, arguments } => self.emitted(&namespace, &name, arguments),
            Event::EmitRefused { namespace, payload, why } => {
                let why = match why {
                    Unsent::Unacknowledged { tries } => {
                        let count = format!("the server has not acknowledged it in {tries} tries");
                        report::warning(format!("SocketIONamespace: {payload} was given up: {count}."));
                        return;
                    }
                    Unsent::Ended => format!("the server had ended \"{namespace}\" when it was emitted"),
                    Unsent::TooLarge { size, limit } => {
                        format!("{size} bytes are more than the {limit} that the server takes in one message")
                    }
                };
                report::error(format!("SocketIONamespace: {payload} was not sent: {why}."));
            }
        }
    }
}

/// Whether the settings count again after an event: another attempt to connect follows.
fn tells_of_reconnecting<V>(event: &Event<V>) -> bool {
    match event {
        Event::ConnectFailed { retrying, .. } | Event::EngineClosed { retrying, .. } => *retrying,
        Event::NamespaceLeft { rejoining, .. } => *rejoining,
        Event::ReconnectAttempt { .. } => true,
        _ => false,
    }
}
