//! What happens to the namespaces, as their signals and the client's.

use std::rc::Rc;

use godot::builtin::{GString, VarArray};
use godot::global::Error;
use godot::meta::ToGodot;
use socketio_protocol::{ConnectError, DisconnectReason, JoinId};

use super::Poll;
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
            let session_id = text::string(&session_id);
            let speaks = self.core.mouthpiece.get();
            let (own, by_path) = (signals::CONNECTED, signals::NAMESPACE_CONNECTED);
            self.core.announce(self.announcements(&entry, own, &session_id, by_path, speaks));
        }
    }

    pub(super) fn refused(&self, entry: &Rc<NamespaceEntry>, error: &ConnectError) {
        *entry.core.membership.borrow_mut() = Membership::Ended(Ending::Refused);
        self.settle(&entry.core);
        let waits = entry.core.waits.borrow_mut().take_all();
        self.emit_connect_error(error, std::slice::from_ref(entry));
        for awaited in waits {
            awaited.resolve(Error::ERR_CONNECTION_ERROR, VarArray::new());
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
        let reason = GString::from(reason.as_str());
        self.announcements(entry, signals::DISCONNECTED, &reason, signals::NAMESPACE_DISCONNECTED, speaks)
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
        argument: &GString,
        path_signal: &'static str,
        speaks: Mouthpiece,
    ) -> Vec<Announcement> {
        let client = || self.client.clone().upcast();
        let own =
            Announcement { object: entry.object.clone().upcast(), signal, argument: argument.to_variant() };
        let of_client = (entry.core.is_main() && speaks == Mouthpiece::MainNamespace).then(|| Announcement {
            object: client(),
            signal,
            argument: argument.to_variant(),
        });
        let path = text::string(&entry.core.path).to_variant();
        let by_path = Announcement { object: client(), signal: path_signal, argument: path };
        [own].into_iter().chain(of_client).chain([by_path]).collect()
    }
}
