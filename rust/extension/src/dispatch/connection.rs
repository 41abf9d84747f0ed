//! What happens to the connection, as signals of the client.

use std::rc::Rc;
use std::time::Duration;

use godot::builtin::{VarArray, VarDictionary, Variant, vdict};
use godot::global::Error;
use godot::meta::ToGodot;
use socketio_protocol::{
    Command, ConnectError, ConnectErrorCode, ConnectionId, DisconnectReason, TransportName,
};

use super::Poll;
use crate::acks::Waiter;
use crate::announcement::Announcement;
use crate::awaited::Awaited;
use crate::connection::{Connection, Engine, Mouthpiece, Presence};
use crate::membership::{MAIN_NAMESPACE, Membership, NamespaceEntry};
use crate::variant::decode;
use crate::{client, report, signals, text};

impl Poll<'_> {
    /// Whether that connection is the one that the game wants now.
    pub(super) fn is_current(&self, connection: ConnectionId) -> bool {
        self.core.connection.borrow().id() == Some(connection)
    }

    pub(super) fn engine_opened(&self, id: ConnectionId, engine: Engine, attempt: u32) {
        let speaks = self.core.mouthpiece.get();
        // Without a main namespace to be joined there is nothing to wait for.
        let joins_main = self
            .core
            .namespace(MAIN_NAMESPACE)
            .is_some_and(|main| matches!(*main.core.membership.borrow(), Membership::Joining(_)));
        let settled = speaks == Mouthpiece::Transport || !joins_main;
        self.core.set_connection(Connection::Open { id, engine, settled });
        if attempt > 0 {
            self.announce_client(signals::RECONNECTED, vec![i64::from(attempt).to_variant()]);
        }
        if speaks == Mouthpiece::Transport && self.is_current(id) {
            self.core.last_warning.borrow_mut().clear();
            self.core.announce([Announcement::text(&self.client, signals::CONNECTED, "")]);
        }
    }

    pub(super) fn transport_upgraded(&self, upgraded: ConnectionId) {
        self.core.update_connection(|connection| {
            if let Connection::Open { id, engine, .. } = connection
                && *id == upgraded
            {
                engine.transport = TransportName::WebSocket;
            }
        });
    }

    pub(super) fn connect_failed(&self, connection: ConnectionId, error: &ConnectError, retrying: bool) {
        let unjoined = if retrying { self.unjoined() } else { self.end_connection(connection) };
        self.emit_connect_error(error, &unjoined);
    }

    pub(super) fn engine_closed(
        &self,
        connection: ConnectionId,
        reason: DisconnectReason,
        detail: &str,
        retrying: bool,
    ) {
        let was_open = matches!(*self.core.connection.borrow(), Connection::Open { .. });
        let unjoined = if retrying {
            self.core.set_connection(Connection::Connecting(connection));
            if self.core.presence.get() == Presence::Returning {
                self.core.set_presence(Presence::Here);
            }
            self.unjoined()
        } else {
            self.end_connection(connection)
        };
        // Everything ends at once, before the game hears of anything: a handler may connect again.
        let ended = self.end_memberships(reason, retrying);
        let speaks = self.core.mouthpiece.get();
        let mut announcements = Vec::new();
        if was_open && speaks == Mouthpiece::Transport {
            announcements.push(self.transport_announcement(reason));
        }
        let mut waits = Vec::new();
        for (entry, waiting) in ended {
            announcements.extend(self.left_announcements(&entry, reason, speaks));
            waits.extend(waiting);
        }
        self.core.announce(announcements);
        for awaited in waits {
            awaited.resolve(Error::ERR_CONNECTION_ERROR, VarArray::new());
        }
        // By its own will the game has put the connection aside; and the server has ended or refused the last
        // namespace, which is told by itself.
        if !detail.is_empty() && reason != DisconnectReason::IoServerDisconnect {
            self.tell_of_loss(reason, detail, &unjoined);
        }
    }

    /// Ends the namespaces that were joined, for a while or for good. Returns those of which the game has known, and who
    /// waits in them.
    fn end_memberships(
        &self,
        reason: DisconnectReason,
        retrying: bool,
    ) -> Vec<(Rc<NamespaceEntry>, Vec<Awaited>)> {
        let mut ended = Vec::new();
        for entry in self.core.namespaces() {
            if entry.core.membership.borrow().is_joined() {
                let (was_known, waits) = entry.core.lose(reason, retrying);
                if was_known {
                    ended.push((entry, waits));
                } else {
                    self.core.fail_later(waits.into_iter().map(Waiter::Awaited));
                }
            }
        }
        ended
    }

    pub(super) fn reconnect_attempt(&self, attempt: u32, delay: Duration) {
        let arguments = [i64::from(attempt).to_variant(), delay.as_secs_f64().to_variant()];
        self.announce_client(signals::RECONNECT_ATTEMPT, arguments.into());
    }

    /// The game has switched reconnecting off.
    pub(super) fn reconnect_ended(&self, connection: ConnectionId) {
        if self.is_current(connection) {
            self.end_connection(connection);
        }
    }

    /// The connection may have been given up already, but not for another one.
    pub(super) fn reconnect_failed(&self, connection: ConnectionId) {
        if self.is_current(connection) {
            self.end_connection(connection);
        }
        if self.core.given_up.take() == Some(connection) {
            self.announce_client(signals::RECONNECT_FAILED, Vec::new());
        }
    }

    pub(super) fn announce_transport_closed(&self) {
        self.announce_transport(DisconnectReason::IoClientDisconnect);
    }

    fn announce_transport(&self, reason: DisconnectReason) {
        self.core.announce([self.transport_announcement(reason)]);
    }

    fn transport_announcement(&self, reason: DisconnectReason) -> Announcement {
        Announcement::text(&self.client, signals::DISCONNECTED, reason.as_str())
    }

    fn announce_client(&self, signal: &'static str, arguments: Vec<Variant>) {
        self.core.announce([Announcement::new(&self.client, signal, arguments)]);
    }

    /// The namespaces that are being joined.
    fn unjoined(&self) -> Vec<Rc<NamespaceEntry>> {
        let mut namespaces = self.core.namespaces();
        namespaces.retain(|entry| matches!(*entry.core.membership.borrow(), Membership::Joining(_)));
        namespaces
    }

    /// Gives the connection up. Returns the namespaces that were still being joined.
    fn end_connection(&self, connection: ConnectionId) -> Vec<Rc<NamespaceEntry>> {
        self.core.set_connection(Connection::Disconnected);
        self.core.set_presence(Presence::Here);
        self.core.given_up.set(Some(connection));
        // Of what the game has emitted since, the worker does not know yet that nobody will answer.
        self.core.command(Command::FailWaiting);
        let unjoined = self.unjoined();
        for entry in &unjoined {
            entry.core.set_membership(Membership::Fresh);
            let waits = entry.core.waits.borrow_mut().take_all();
            self.core.fail_later(waits.into_iter().map(Waiter::Awaited));
        }
        unjoined
    }

    /// Tells of the end of a connection where no namespace does.
    fn tell_of_loss(&self, reason: DisconnectReason, detail: &str, unjoined: &[Rc<NamespaceEntry>]) {
        let code = match reason {
            DisconnectReason::PingTimeout => ConnectErrorCode::Timeout,
            DisconnectReason::ParseError => ConnectErrorCode::Protocol,
            _ => ConnectErrorCode::Unknown,
        };
        if unjoined.is_empty() && is_fault(reason) {
            report::warning(format!("SocketIOClient: the connection was lost ({reason}): {detail}."));
        }
        for entry in unjoined {
            let path = &entry.core.path;
            let message = format!(
                "The connection ended before the server accepted \"{path}\" ({reason}: {detail}). Look into the \
                 server's log: it may have restarted, refuse the auth or not know the namespace."
            );
            let error = ConnectError { namespace: Some(path.clone()), ..ConnectError::new(code, message) };
            self.emit_connect_error(&error, std::slice::from_ref(entry));
        }
    }

    /// Tells the game, or the console when the game does not listen: silence would leave a newcomer with nothing. The
    /// same message is printed once, until it is another one or a namespace has been joined.
    pub(super) fn emit_connect_error(&self, error: &ConnectError, namespaces: &[Rc<NamespaceEntry>]) {
        let listens =
            namespaces.iter().any(|entry| signals::is_connected(&entry.object, signals::CONNECT_ERROR))
                || signals::is_connected(&self.client, signals::CONNECT_ERROR);
        if !listens {
            let message = match &error.namespace {
                Some(path) if error.code == ConnectErrorCode::NamespaceRefused => {
                    format!("The server refused the namespace \"{path}\": {error}")
                }
                _ => error.to_string(),
            };
            if self.core.last_warning.replace(message.clone()) != message {
                report::failure("SocketIOClient", &message);
            }
            return;
        }
        let error = dictionary(error).to_variant();
        let of_namespaces = namespaces
            .iter()
            .map(|entry| Announcement::new(&entry.object, signals::CONNECT_ERROR, vec![error.clone()]));
        let of_client = Announcement::new(&self.client, signals::CONNECT_ERROR, vec![error.clone()]);
        self.core.announce(of_namespaces.chain([of_client]));
    }
}

/// Whether a connection ended because somebody made a mistake that a developer should hear of.
fn is_fault(reason: DisconnectReason) -> bool {
    matches!(reason, DisconnectReason::ParseError | DisconnectReason::TransportError)
}

/// What `connect_error` carries.
pub(super) fn dictionary(error: &ConnectError) -> VarDictionary {
    let mut dictionary = vdict! { "message" => &text::string(&error.message), "code" => client::ConnectError::from(error.code) };
    if let Some(namespace) = &error.namespace {
        dictionary.set("namespace", &text::string(namespace));
    }
    if let Some(status) = error.http_status {
        dictionary.set("http_status", i64::from(status));
    }
    if let Some(data) = &error.data {
        dictionary.set("data", &decode::first(data));
    }
    dictionary
}
