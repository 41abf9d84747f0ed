//! What happens to the namespaces, as their signals and the client's.

use std::rc::Rc;

use godot::builtin::VarArray;
use godot::global::Error;
use godot::meta::ToGodot;
use socketio_protocol::{ConnectError, ConnectionId, DisconnectReason, JoinId};

use super::Poll;
use super::connection::dictionary;
use crate::acks::Waiter;
use crate::announcement::Announcement;
use crate::connection::Mouthpiece;
use crate::membership::{Ending, Membership, NamespaceCore, NamespaceEntry};
use crate::variant::data::Data;
use crate::{signals, text};

impl Poll<'_> {
    /// The namespace whose join is now accepted or refused. A refusal may follow the end of the connection.
    pub(super) fn joining(&self, namespace: &str, join: JoinId) -> Option<Rc<NamespaceEntry>> {
        let entry = self.core.namespace(namespace)?;
        let waits = entry.core.wants(join) && !entry.core.membership.borrow().is_joined();
        waits.then_some(entry)
    }

    pub(super) fn accepted(
        &self,
        namespace: &NamespaceCore,
        join: JoinId,
        session_id: String,
        recovered: bool,
    ) {
        namespace.accepted(join, session_id, recovered);
        self.core.last_warning.borrow_mut().clear();
        self.settle(namespace);
    }

    pub(super) fn joined(&self, namespace: &str, join: JoinId) {
        let Some(entry) = self.core.namespace(namespace) else {
            return;
        };
        if let Some(session_id) = entry.core.joined(join) {
            let speaks = self.core.mouthpiece.get();
            let (own, by_path) = (signals::CONNECTED, signals::NAMESPACE_CONNECTED);
            self.core.announce(self.announcements(&entry, own, &session_id, by_path, speaks));
        }
    }

    /// A namespace is refused, and with the last one the connection is `closed`. Everything ends at once, before the
    /// game hears of anything: a handler may connect again.
    pub(super) fn refused(
        &self,
        namespace: &str,
        join: JoinId,
        error: &ConnectError,
        closed: Option<ConnectionId>,
    ) {
        let entry = self.joining(namespace, join);
        let mut waiters = Vec::new();
        if let Some(entry) = &entry {
            entry.core.set_membership(Membership::Ended(Ending::Refused));
            self.settle(&entry.core);
            waiters.extend(
                self.core.acks.borrow_mut().take_all(Some(namespace)).into_iter().map(|ack| ack.waiter),
            );
            waiters.extend(entry.core.waits.borrow_mut().take_all().into_iter().map(Waiter::Awaited));
        }
        if let Some(connection) = closed.filter(|connection| self.is_current(*connection)) {
            self.engine_closed(connection, DisconnectReason::IoServerDisconnect, "", false);
        }
        if let Some(entry) = entry {
            self.emit_connect_error(error, std::slice::from_ref(&entry));
        }
        for waiter in waiters {
            waiter.refuse(&dictionary(error));
        }
    }

    pub(super) fn left(&self, namespace: &str, join: JoinId, reason: DisconnectReason, rejoining: bool) {
        let Some(entry) = self.core.namespace(namespace) else {
            return;
        };
        // The end of the connection has ended it already.
        if !entry.core.membership.borrow().is_joined_as(join) {
            return;
        }
        let (was_known, waits) = entry.core.lose(reason, rejoining);
        if was_known {
            self.announce_left(&entry, reason, self.core.mouthpiece.get());
        }
        for awaited in waits {
            awaited.resolve(Error::ERR_CONNECTION_ERROR, VarArray::new());
        }
    }

    pub(super) fn announce_left(&self, entry: &NamespaceEntry, reason: DisconnectReason, speaks: Mouthpiece) {
        self.core.announce(self.left_announcements(entry, reason, speaks));
    }

    pub(super) fn left_announcements(
        &self,
        entry: &NamespaceEntry,
        reason: DisconnectReason,
        speaks: Mouthpiece,
    ) -> Vec<Announcement> {
        let (own, by_path) = (signals::DISCONNECTED, signals::NAMESPACE_DISCONNECTED);
        self.announcements(entry, own, reason.as_str(), by_path, speaks)
    }

    pub(super) fn emitted(&self, namespace: &str, name: &str, arguments: Data) {
        if let Some(entry) = self.core.namespace(namespace) {
            let (name, arguments) = (text::string(name).to_variant(), arguments.into_arguments());
            signals::emit(&entry.object, signals::EVENT_EMITTED, &[name, arguments.variant().clone()]);
        }
    }

    fn settle(&self, namespace: &NamespaceCore) {
        if namespace.is_main() {
            self.core.settle();
        }
    }

    /// That a namespace was joined or left: on itself, on the client if it speaks for it, and by its path.
    fn announcements(
        &self,
        entry: &NamespaceEntry,
        signal: &'static str,
        argument: &str,
        path_signal: &'static str,
        speaks: Mouthpiece,
    ) -> Vec<Announcement> {
        let own = Announcement::text(&entry.object, signal, argument);
        let of_client = (entry.core.is_main() && speaks == Mouthpiece::MainNamespace)
            .then(|| Announcement::text(&self.client, signal, argument));
        let by_path = Announcement::text(&self.client, path_signal, &entry.core.path);
        [own].into_iter().chain(of_client).chain([by_path]).collect()
    }
}
