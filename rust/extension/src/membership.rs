//! The state of a namespace, and what it holds on the main thread.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use godot::builtin::Callable;
use godot::obj::Gd;
use socketio_protocol::{DisconnectReason, JoinId, Namespace};

use crate::core::Core;
use crate::listeners::{Listener, Listeners};
use crate::namespace::SocketIONamespace;
use crate::{main_loop, report};

/// The path of the main namespace.
pub(crate) const MAIN_NAMESPACE: &str = "/";

/// A namespace as the game sees it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Membership {
    /// Never joined yet: emits wait.
    Fresh,
    /// From `connect_to_namespace` to the server's answer: emits wait.
    Joining(JoinId),
    Joined {
        join: JoinId,
        session_id: String,
    },
    /// Ended: emits are refused until it is joined again.
    Ended(Ending),
}

impl Membership {
    pub(crate) fn join(&self) -> Option<JoinId> {
        match self {
            Self::Fresh | Self::Ended(_) => None,
            Self::Joining(join) | Self::Joined { join, .. } => Some(*join),
        }
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
    pub(crate) membership: RefCell<Membership>,
    pub(crate) listeners: RefCell<Listeners>,
    /// The join that the game wants, until the game itself ends it: the network's events belong to it.
    wanted_join: Cell<Option<JoinId>>,
    /// Events that wait for the join.
    waiting: Cell<u64>,
    warned_of_waiting: Cell<bool>,
}

/// A namespace of a client, with its object.
#[derive(Clone)]
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
            membership: RefCell::new(Membership::Fresh),
            listeners: RefCell::default(),
            wanted_join: Cell::new(None),
            waiting: Cell::new(0),
            warned_of_waiting: Cell::new(false),
        }
    }

    /// Registers a listener.
    pub(crate) fn listen(&self, event: &str, callable: &Callable) -> Result<(), String> {
        let listener = Listener::new(callable)?;
        self.listeners.borrow_mut().add(event.into(), listener);
        Ok(())
    }

    /// The game joins.
    pub(crate) fn joining(&self, join: JoinId) {
        *self.membership.borrow_mut() = Membership::Joining(join);
        self.wanted_join.set(Some(join));
    }

    /// The game leaves: nothing that the network says of the join counts any more.
    pub(crate) fn give_up(&self) {
        self.wanted_join.set(None);
        self.warn_of_dropped_events();
    }

    /// An event has been handed to the worker.
    pub(crate) fn emitted(&self, connected: bool) {
        let joined = matches!(*self.membership.borrow(), Membership::Joined { .. });
        if joined {
            return;
        }
        self.waiting.set(self.waiting.get().saturating_add(1));
        let forgotten = connected && *self.membership.borrow() == Membership::Fresh;
        if forgotten && !self.warned_of_waiting.replace(true) {
            report::warning(format!(
                "SocketIONamespace: events emitted to \"{}\" wait until it is joined: call connect_to_namespace().",
                self.path
            ));
        }
    }

    /// Whether that join is the one that the game wants now.
    pub(crate) fn wants(&self, join: JoinId) -> bool {
        self.wanted_join.get() == Some(join)
    }

    /// The server has accepted the namespace, and gets what waited for it.
    pub(crate) fn joined(&self, join: JoinId, session_id: String) {
        self.waiting.set(0);
        *self.membership.borrow_mut() = Membership::Joined { join, session_id };
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
