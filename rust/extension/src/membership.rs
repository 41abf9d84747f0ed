//! The state of a namespace, and what it holds on the main thread.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use godot::obj::Gd;
use socketio_protocol::{DisconnectReason, JoinId, Namespace};

use crate::auth_provider::JoinAuth;
use crate::awaited::Awaited;
use crate::callback::Callback;
use crate::core::{Core, Maker};
use crate::listeners::Listeners;
use crate::namespace::{ConnectionState, SocketIONamespace};
use crate::states::Part;
use crate::waits::Waits;
use crate::{main_loop, report};

/// The path of the main namespace.
pub(crate) const MAIN_NAMESPACE: &str = "/";

/// A namespace as the game sees it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Membership {
    /// Never joined yet: emits wait.
    #[default]
    Fresh,
    /// From `connect_to_namespace`, or from the loss of the connection, to the server's answer: emits wait.
    Joining(JoinId),
    /// Joined, while what the server sent before its answer is dispatched: `connected` follows (S13).
    Accepted { join: JoinId, session_id: String },
    /// Joined, and the game has been told.
    Joined { join: JoinId, session_id: String },
    /// Ended: emits are refused until it is joined again.
    Ended(Ending),
}

impl Membership {
    pub(crate) fn join(&self) -> Option<JoinId> {
        match self {
            Self::Fresh | Self::Ended(_) => None,
            Self::Joining(join) | Self::Accepted { join, .. } | Self::Joined { join, .. } => Some(*join),
        }
    }

    /// The session id, while the namespace is joined.
    pub(crate) fn session_id(&self) -> Option<&str> {
        match self {
            Self::Fresh | Self::Joining(_) | Self::Ended(_) => None,
            Self::Accepted { session_id, .. } | Self::Joined { session_id, .. } => Some(session_id),
        }
    }

    pub(crate) fn is_joined(&self) -> bool {
        self.session_id().is_some()
    }

    /// Whether that join has been accepted.
    pub(crate) fn is_joined_as(&self, join: JoinId) -> bool {
        self.is_joined() && self.join() == Some(join)
    }
}

/// Why a namespace is not joined any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Left(DisconnectReason),
    Refused,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Left(reason) => reason.fmt(f),
            Self::Refused => f.write_str("refused by the server"),
        }
    }
}

/// The part of a namespace that is not Godot's.
pub(crate) struct NamespaceCore {
    pub(crate) path: Namespace,
    pub(crate) client: Weak<Core>,
    /// Who had made the client, once it has been freed.
    pub(crate) maker: Cell<Maker>,
    pub(crate) membership: Part<Membership>,
    /// The state that the game has been told of, or will be.
    pub(crate) noted_state: Cell<ConnectionState>,
    pub(crate) listeners: RefCell<Listeners>,
    pub(crate) waits: RefCell<Waits>,
    pub(crate) auth_provider: RefCell<Option<Callback>>,
    pub(crate) join_auth: JoinAuth,
    pub(crate) ack_timeout: Cell<f64>,
    pub(crate) retries: Cell<i64>,
    /// Whether the last join restored the session (S16).
    pub(crate) recovered: Cell<bool>,
    /// The join that the game wants, until the game itself ends it: the network's events belong to it.
    wanted_join: Cell<Option<JoinId>>,
    /// Events that wait for the join, without those whose callback is told if they are not sent.
    waiting: Cell<u64>,
    pub(crate) warned_of_waiting: Cell<bool>,
}

/// A namespace of a client, with its object.
pub(crate) struct NamespaceEntry {
    pub(crate) core: Rc<NamespaceCore>,
    pub(crate) object: Gd<SocketIONamespace>,
}

impl NamespaceCore {
    /// A namespace that was never joined.
    pub(crate) fn new(path: Namespace, client: Weak<Core>) -> Self {
        Self {
            path,
            client,
            maker: Cell::default(),
            membership: Part::default(),
            noted_state: Cell::new(ConnectionState::Disconnected),
            listeners: RefCell::default(),
            waits: RefCell::default(),
            auth_provider: RefCell::default(),
            join_auth: JoinAuth::default(),
            ack_timeout: Cell::new(0.0),
            retries: Cell::new(0),
            recovered: Cell::new(false),
            wanted_join: Cell::new(None),
            waiting: Cell::new(0),
            warned_of_waiting: Cell::new(false),
        }
    }

    pub(crate) fn is_main(&self) -> bool {
        *self.path == *MAIN_NAMESPACE
    }

    /// Whether the namespace is joined, and its client not put aside.
    pub(crate) fn is_connected(&self) -> bool {
        self.membership.borrow().is_joined() && !self.is_away()
    }

    /// Whether the game has put the client aside.
    pub(crate) fn is_away(&self) -> bool {
        self.client.upgrade().is_some_and(|client| client.is_away())
    }

    /// The game joins.
    pub(crate) fn joining(&self, join: JoinId) {
        self.set_membership(Membership::Joining(join));
        self.wanted_join.set(Some(join));
    }

    /// The game leaves: nothing that the network says of the join counts any more.
    pub(crate) fn give_up(&self) {
        self.wanted_join.set(None);
        self.join_auth.forget_questions();
        self.warn_of_dropped_events();
    }

    /// An event has been handed to the worker, and nobody waits for its answer.
    pub(crate) fn emitted(&self) {
        if !self.membership.borrow().is_joined() {
            self.waiting.set(self.waiting.get().saturating_add(1));
        }
    }

    /// Whether that join is the one that the game wants now.
    pub(crate) fn wants(&self, join: JoinId) -> bool {
        self.wanted_join.get() == Some(join)
    }

    /// The session has ended. Returns whether the game knew of it, and who waits: whoever begins to wait in a handler of
    /// it waits for the next time.
    pub(crate) fn lose(&self, reason: DisconnectReason, rejoining: bool) -> (bool, Vec<Awaited>) {
        let rejoined = self.membership.borrow().join().filter(|_| rejoining);
        let before = self.set_membership(match rejoined {
            Some(join) => Membership::Joining(join),
            None => Membership::Ended(Ending::Left(reason)),
        });
        (matches!(before, Membership::Joined { .. }), self.waits.borrow_mut().take_all())
    }

    /// The client has been freed, and its connection with it.
    pub(crate) fn orphan(&self, maker: Maker) {
        self.maker.set(maker);
        if self.membership.borrow().join().is_some() {
            let reason = DisconnectReason::IoClientDisconnect;
            self.set_membership(Membership::Ended(Ending::Left(reason)));
        }
    }

    /// The server has accepted the namespace, and gets what waited for it.
    pub(crate) fn accepted(&self, join: JoinId, session_id: String, recovered: bool) {
        self.waiting.set(0);
        self.recovered.set(recovered);
        self.set_membership(Membership::Accepted { join, session_id });
    }

    /// The game is about to be told that the namespace is joined. Returns the session id, unless it is not any more.
    pub(crate) fn joined(&self, join: JoinId) -> Option<String> {
        let session_id = match &*self.membership.borrow() {
            Membership::Accepted { join: accepted, session_id } if *accepted == join => session_id.clone(),
            _ => return None,
        };
        self.set_membership(Membership::Joined { join, session_id: session_id.clone() });
        Some(session_id)
    }

    fn warn_of_dropped_events(&self) {
        let count = self.waiting.take();
        if count > 0 && !main_loop::is_exiting() {
            report::warning(format!(
                "SocketIONamespace: {count} event(s) emitted to \"{}\" before it was joined will not be sent.",
                self.path
            ));
        }
    }
}
