//! What waits for a join that nobody has asked for: without a word, whoever forgot to join or to connect would look
//! for the mistake on the server.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use socketio_protocol::Namespace;

use crate::connection::Connection;
use crate::core::Core;
use crate::membership::{Membership, NamespaceCore};
use crate::report;

/// How long the nodes of a scene have to connect the client that others of them use already.
const GRACE: Duration = Duration::from_millis(500);

/// The namespaces in which something waits although the client has not been told to connect, and since when.
#[derive(Default)]
pub(crate) struct Unasked(RefCell<Vec<(Namespace, Instant)>>);

impl Core {
    /// Something was emitted to a namespace, or is awaited from it.
    pub(crate) fn note_waiting(&self, namespace: &NamespaceCore) {
        if !namespace.is_unasked() {
            return;
        }
        if *self.connection.borrow() != Connection::Disconnected {
            self.warn_of_unasked(namespace);
            return;
        }
        let mut unasked = self.unasked.0.borrow_mut();
        if unasked.iter().all(|(path, _)| *path != namespace.path) {
            unasked.push((namespace.path.clone(), Instant::now()));
        }
    }

    /// Warns where something has waited long enough.
    pub(crate) fn warn_of_long_unasked(&self) {
        self.warn_of_unasked_for(GRACE);
    }

    /// Warns at once: somebody has waited in vain.
    pub(crate) fn warn_of_all_unasked(&self) {
        self.warn_of_unasked_for(Duration::ZERO);
    }

    fn warn_of_unasked_for(&self, time: Duration) {
        if self.unasked.0.borrow().is_empty() {
            return;
        }
        let is_due = |(_, since): &mut (Namespace, Instant)| since.elapsed() >= time;
        let due: Vec<_> = self.unasked.0.borrow_mut().extract_if(.., is_due).collect();
        for (path, _) in due {
            if let Some(entry) = self.namespace(&path).filter(|entry| entry.core.is_unasked()) {
                self.warn_of_unasked(&entry.core);
            }
        }
    }

    fn warn_of_unasked(&self, namespace: &NamespaceCore) {
        namespace.warned_of_waiting.set(true);
        let how = if *self.connection.borrow() == Connection::Disconnected {
            self.how_to_connect()
        } else {
            "call connect_to_namespace()"
        };
        report::warning(format!(
            "SocketIONamespace: what is emitted to \"{}\" or awaited from it waits until it is joined: {how}.",
            namespace.path
        ));
    }
}

impl NamespaceCore {
    /// Whether nobody has asked for a join, and no warning has told so yet.
    fn is_unasked(&self) -> bool {
        *self.membership.borrow() == Membership::Fresh && !self.warned_of_waiting.get()
    }
}
