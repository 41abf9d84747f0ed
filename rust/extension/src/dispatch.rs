//! One poll: what has happened since the last one becomes signals and calls of listeners.
//!
//! Each step takes one thing out, changes the state that the game sees, lets go of every borrow and only then
//! runs the game's code, which may call anything: emit, close, poll, or free the client.

use std::cell::Cell;
use std::rc::Rc;

use godot::builtin::{GString, VarDictionary, Variant, vdict};
use godot::meta::ToGodot;
use godot::obj::Gd;
use socketio_protocol::{
    ConnectError, ConnectErrorCode, ConnectionId, DisconnectReason, Event, JoinId, Namespace, Received,
    Unsent,
};

use crate::acks::{self, answerer};
use crate::client::SocketIOClient;
use crate::connection::Connection;
use crate::core::{Core, Notice};
use crate::membership::{Ending, MAIN_NAMESPACE, Membership, NamespaceCore, NamespaceEntry};
use crate::variant::decode;
use crate::{callback, client, report, signals};

/// How deep polls may nest: a handler may poll to wait for something, but one that polls for each of a thousand
/// waiting events would exhaust the stack.
const MAX_NESTING: u32 = 8;

/// Dispatches what has arrived.
pub(crate) fn poll(core: &Rc<Core>) {
    if core.polls.get() >= MAX_NESTING {
        return;
    }
    let _nested = Nested::enter(&core.polls);
    dispatch(core);
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

fn dispatch(core: &Rc<Core>) {
    // Keeps the client alive until the end, whatever its handlers do.
    let Some(client) = core.object() else {
        return;
    };
    let poll = Poll { core, client };
    let notices = core.notices.borrow().len();
    for _ in 0..notices {
        let notice = core.notices.borrow_mut().pop_front();
        match notice {
            Some(notice) => poll.notice(notice),
            None => break,
        }
    }
    // What the handlers cause is left for the next poll, so that one poll always ends.
    let events = core.worker().map_or(0, |worker| worker.events_waiting());
    for _ in 0..events {
        let event = core.worker().and_then(|worker| worker.try_event());
        match event {
            Some(event) => poll.event(event),
            None => break,
        }
    }
}

struct Poll<'a> {
    core: &'a Rc<Core>,
    client: Gd<SocketIOClient>,
}

impl Poll<'_> {
    fn notice(&self, notice: Notice) {
        match notice {
            Notice::NamespaceLeft { namespace, reason } => {
                if let Some(entry) = self.core.namespace(&namespace.path) {
                    self.emit_left(&entry, reason);
                }
            }
            Notice::AckFailed(callback) => acks::call(&callback, &acks::timed_out()),
        }
    }

    fn event(&self, event: Event) {
        match event {
            Event::EngineOpened { connection, session_id, max_payload } => {
                if self.core.connection.borrow().id() == Some(connection) {
                    *self.core.connection.borrow_mut() =
                        Connection::Open { id: connection, session_id, max_payload, settled: false };
                }
            }
            Event::ConnectFailed { connection, error } => {
                if self.end_connection(connection).is_some() {
                    self.emit_connect_error(&error);
                }
            }
            Event::EngineClosed { connection, reason, detail } => {
                self.engine_closed(connection, reason, &detail);
            }
            Event::NamespaceJoined { namespace, join, session_id } => {
                if let Some(entry) = self.joining(&namespace, join) {
                    self.joined(&entry, join, session_id);
                }
            }
            Event::NamespaceRefused { namespace, join, error } => {
                if let Some(entry) = self.joining(&namespace, join) {
                    *entry.core.membership.borrow_mut() = Membership::Ended(Ending::Refused);
                    self.settle(&entry.core);
                    self.emit_connect_error(&error);
                }
            }
            Event::NamespaceLeft { namespace, join, reason } => {
                if let Some(entry) = self.core.namespace(&namespace)
                    && entry.core.membership.borrow().join() == Some(join)
                {
                    *entry.core.membership.borrow_mut() = Membership::Ended(Ending::Left(reason));
                    self.emit_left(&entry, reason);
                }
            }
            Event::Received(received) => self.received(&received),
            Event::Ack { token, answer } => {
                let ack = self.core.acks.borrow_mut().take(token);
                if let Some(ack) = ack {
                    let answer = answer.as_ref().map_or_else(acks::timed_out, decode::array);
                    acks::call(&ack.callback, &answer);
                }
            }
            Event::EmitRefused { namespace, payload, why } => {
                let why = match why {
                    Unsent::Ended => format!("the server had ended \"{namespace}\" when it was emitted"),
                    Unsent::TooLarge { size, limit } => {
                        format!("{size} bytes are more than the {limit} that the server takes in one message")
                    }
                };
                report::error(format!("SocketIONamespace: {payload} was not sent: {why}."));
            }
        }
    }

    fn engine_closed(&self, connection: ConnectionId, reason: DisconnectReason, detail: &str) {
        let Some(unjoined) = self.end_connection(connection) else {
            return;
        };
        let code = match reason {
            // The server has ended or refused the last namespace, and that is told by itself.
            DisconnectReason::IoServerDisconnect => return,
            DisconnectReason::PingTimeout => ConnectErrorCode::Timeout,
            DisconnectReason::ParseError => ConnectErrorCode::Protocol,
            _ => ConnectErrorCode::Unknown,
        };
        if unjoined.is_empty() && is_fault(reason) {
            report::warning(format!("SocketIOClient: the connection was lost ({reason}): {detail}."));
        }
        for namespace in unjoined {
            let message = format!(
                "The connection ended before the server accepted \"{namespace}\" ({reason}: {detail}). Look into the \
                 server's log: it may have restarted, refuse the auth or not know the namespace."
            );
            self.emit_connect_error(&ConnectError {
                namespace: Some(namespace),
                ..ConnectError::new(code, message)
            });
        }
    }

    /// Ends the connection if it is the current one. Returns the namespaces that were still being joined.
    fn end_connection(&self, connection: ConnectionId) -> Option<Vec<Namespace>> {
        if self.core.connection.borrow().id() != Some(connection) {
            return None;
        }
        *self.core.connection.borrow_mut() = Connection::Disconnected;
        let mut unjoined = Vec::new();
        for entry in self.core.namespaces() {
            let mut membership = entry.core.membership.borrow_mut();
            if let Membership::Joining(_) = *membership {
                *membership = Membership::Fresh;
                unjoined.push(entry.core.path.clone());
            }
        }
        Some(unjoined)
    }

    /// The namespace whose join is now accepted or refused. A refusal may follow the end of the connection.
    fn joining(&self, namespace: &str, join: JoinId) -> Option<NamespaceEntry> {
        let entry = self.core.namespace(namespace)?;
        let waits =
            entry.core.wants(join) && !matches!(*entry.core.membership.borrow(), Membership::Joined { .. });
        waits.then_some(entry)
    }

    fn joined(&self, entry: &NamespaceEntry, join: JoinId, session_id: String) {
        let session = GString::from(&session_id).to_variant();
        entry.core.joined(join, session_id);
        self.settle(&entry.core);
        signals::emit(&entry.object, signals::CONNECTED, std::slice::from_ref(&session));
        if *entry.core.path == *MAIN_NAMESPACE {
            signals::emit(&self.client, signals::CONNECTED, &[session]);
        }
        signals::emit(&self.client, signals::NAMESPACE_CONNECTED, &[path(&entry.core)]);
    }

    fn settle(&self, namespace: &NamespaceCore) {
        if *namespace.path == *MAIN_NAMESPACE {
            self.core.settle();
        }
    }

    fn emit_left(&self, entry: &NamespaceEntry, reason: DisconnectReason) {
        let reason = GString::from(reason.as_str()).to_variant();
        signals::emit(&entry.object, signals::DISCONNECTED, std::slice::from_ref(&reason));
        if *entry.core.path == *MAIN_NAMESPACE {
            signals::emit(&self.client, signals::DISCONNECTED, &[reason]);
        }
        signals::emit(&self.client, signals::NAMESPACE_DISCONNECTED, &[path(&entry.core)]);
    }

    /// Tells the game, or the console when the game does not listen: silence would leave a newcomer with nothing.
    fn emit_connect_error(&self, error: &ConnectError) {
        if signals::is_connected(&self.client, signals::CONNECT_ERROR) {
            signals::emit(&self.client, signals::CONNECT_ERROR, &[dictionary(error).to_variant()]);
        } else {
            report::warning(format!("SocketIOClient: {error}"));
        }
    }

    fn received(&self, received: &Received) {
        let Some(entry) = self.core.namespace(&received.namespace) else {
            return;
        };
        let is_joined = || entry.core.membership.borrow().join() == Some(received.join);
        if !is_joined() {
            return;
        }
        let data = decode::array(&received.arguments);
        let listeners = entry.core.listeners.borrow().of(&received.name);
        if let Some(listeners) = listeners {
            let ack = listeners
                .iter()
                .any(|listener| listener.takes_ack)
                .then(|| answerer(self.client.instance_id(), received));
            let mut gone = false;
            for listener in listeners.iter() {
                if !listener.callable.is_valid() {
                    gone = true;
                    continue;
                }
                let mut arguments = vec![data.to_variant()];
                if let Some(ack) = ack.as_ref().filter(|_| listener.takes_ack) {
                    arguments.push(ack.to_variant());
                }
                if let Err(problem) = callback::call(&listener.callable, &arguments) {
                    report::error(format!(
                        "SocketIONamespace.on: the callback {} for \"{}\" was not called: {problem}.",
                        listener.callable, received.name
                    ));
                }
            }
            if gone {
                let pruned = entry.core.listeners.borrow_mut().prune(&received.name);
                drop(pruned);
            }
        }
        let name = GString::from(&received.name).to_variant();
        signals::emit(&entry.object, signals::EVENT_RECEIVED, &[name, data.to_variant()]);
    }
}

/// Whether a connection ended because somebody made a mistake that a developer should hear of.
fn is_fault(reason: DisconnectReason) -> bool {
    matches!(reason, DisconnectReason::ParseError | DisconnectReason::TransportError)
}

fn path(namespace: &NamespaceCore) -> Variant {
    GString::from(&*namespace.path).to_variant()
}

/// What `connect_error` carries.
fn dictionary(error: &ConnectError) -> VarDictionary {
    let mut dictionary =
        vdict! { "message" => error.message.as_str(), "code" => client::ConnectError::from(error.code) };
    if let Some(namespace) = &error.namespace {
        dictionary.set("namespace", &**namespace);
    }
    if let Some(status) = error.http_status {
        dictionary.set("http_status", i64::from(status));
    }
    if let Some(data) = &error.data {
        dictionary.set("data", &decode::first(data));
    }
    dictionary
}
