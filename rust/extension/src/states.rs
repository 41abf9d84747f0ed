//! What `get_connection_state()` returns, of a client and of its namespaces, and the changes of it.
//!
//! A state has several parts, which change at once: in the game's calls, and with what the network brings. The game is
//! told of each change once, at the next point where its code may run and before the signal that tells why. So that no
//! change can be missed, the parts can be changed only here, and whatever is told, the changes are looked for first.

use std::cell::{Cell, Ref, RefCell};
use std::mem;

use socketio_protocol::Namespace;

use crate::announcement::Announcement;
use crate::client::ConnectionState;
use crate::connection::{Connection, Presence};
use crate::core::Core;
use crate::membership::{Membership, NamespaceCore};
use crate::namespace;

/// A part of a state, to be changed by the functions of this file.
#[derive(Default)]
pub(crate) struct Part<T>(RefCell<T>);

impl<T> Part<T> {
    pub(crate) fn borrow(&self) -> Ref<'_, T> {
        self.0.borrow()
    }

    fn replace(&self, value: T) -> T {
        mem::replace(&mut *self.0.borrow_mut(), value)
    }
}

impl<T: Copy> Part<T> {
    pub(crate) fn get(&self) -> T {
        *self.0.borrow()
    }
}

/// The states of a client and its namespaces that the game has been told of, or will be.
pub(crate) struct NotedStates {
    client: Cell<ConnectionState>,
    /// The namespaces whose state may be another one since.
    touched: RefCell<Vec<Namespace>>,
}

impl Default for NotedStates {
    fn default() -> Self {
        Self { client: Cell::new(ConnectionState::Disconnected), touched: RefCell::default() }
    }
}

impl Core {
    /// The state of the client.
    pub(crate) fn state(&self) -> ConnectionState {
        match *self.connection.borrow() {
            Connection::Disconnected => ConnectionState::Disconnected,
            Connection::Connecting(_) | Connection::Open { settled: false, .. } => {
                ConnectionState::Connecting
            }
            Connection::Open { settled: true, .. } if self.is_away() => ConnectionState::Connecting,
            Connection::Open { settled: true, .. } => ConnectionState::Connected,
        }
    }

    /// Returns the connection from before.
    pub(crate) fn set_connection(&self, connection: Connection) -> Connection {
        self.connection.replace(connection)
    }

    pub(crate) fn update_connection(&self, update: impl FnOnce(&mut Connection)) {
        update(&mut self.connection.0.borrow_mut());
    }

    pub(crate) fn set_presence(&self, presence: Presence) {
        if self.presence.replace(presence) != presence {
            let paths = self.namespaces().into_iter().map(|entry| entry.core.path.clone());
            self.noted_states.touched.borrow_mut().extend(paths);
        }
    }

    /// Makes the game be told of the states that have changed since the last time.
    pub(crate) fn note_states(&self) {
        let noted = &self.noted_states;
        let state = self.state();
        if noted.client.replace(state) != state {
            self.announcements.borrow_mut().push_back(Announcement::ClientState(state));
        }
        for path in noted.touched.take() {
            let Some(entry) = self.namespace(&path) else {
                continue;
            };
            let state = entry.core.state();
            if entry.core.noted_state.replace(state) != state {
                let announcement = Announcement::NamespaceState { path, state };
                self.announcements.borrow_mut().push_back(announcement);
            }
        }
    }
}

impl NamespaceCore {
    /// The state of the namespace.
    pub(crate) fn state(&self) -> namespace::ConnectionState {
        match *self.membership.borrow() {
            Membership::Fresh | Membership::Ended(_) => namespace::ConnectionState::Disconnected,
            Membership::Joining(_) => namespace::ConnectionState::Connecting,
            Membership::Accepted { .. } | Membership::Joined { .. } if self.is_away() => {
                namespace::ConnectionState::Connecting
            }
            Membership::Accepted { .. } | Membership::Joined { .. } => namespace::ConnectionState::Connected,
        }
    }

    /// Returns the membership from before.
    pub(crate) fn set_membership(&self, membership: Membership) -> Membership {
        if let Some(client) = self.client.upgrade() {
            client.noted_states.touched.borrow_mut().push(self.path.clone());
        }
        self.membership.replace(membership)
    }
}
