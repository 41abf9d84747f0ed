//! The namespaces of a client: making, joining and leaving them.

use std::collections::HashMap;
use std::rc::Rc;

use godot::builtin::AnyDictionary;
use godot::global::Error;
use rustc_hash::FxBuildHasher;
use socketio_protocol::{Command, DisconnectReason, Join, JoinId, Namespace};

use crate::acks::Waiter;
use crate::connection::Connection;
use crate::core::{Core, Notice};
use crate::membership::{Ending, Membership, NamespaceCore, NamespaceEntry};
use crate::namespace::SocketIONamespace;
use crate::refusal::Refusal;
use crate::variant::encode;

/// The namespaces of a client. None is ever taken out.
#[derive(Default)]
pub(crate) struct Namespaces {
    in_order: Vec<Rc<NamespaceEntry>>,
    by_path: HashMap<Namespace, Rc<NamespaceEntry>, FxBuildHasher>,
}

impl Core {
    /// The namespace of that path.
    pub(crate) fn namespace(&self, path: &str) -> Option<Rc<NamespaceEntry>> {
        self.namespaces.borrow().by_path.get(path).cloned()
    }

    /// All namespaces, in the order in which they were made.
    pub(crate) fn namespaces(&self) -> Vec<Rc<NamespaceEntry>> {
        self.namespaces.borrow().in_order.clone()
    }

    /// The namespace of that path, made if there is none.
    pub(crate) fn create_namespace(self: &Rc<Self>, path: &str) -> Result<Rc<NamespaceEntry>, Refusal> {
        check_path(path)?;
        Ok(self.namespace(path).unwrap_or_else(|| self.add_namespace(path)))
    }

    pub(crate) fn add_namespace(self: &Rc<Self>, path: &str) -> Rc<NamespaceEntry> {
        let core = Rc::new(NamespaceCore::new(path.into(), Rc::downgrade(self)));
        let entry = Rc::new(NamespaceEntry { object: SocketIONamespace::create(&core), core });
        let mut namespaces = self.namespaces.borrow_mut();
        namespaces.by_path.insert(path.into(), entry.clone());
        namespaces.in_order.push(entry.clone());
        entry
    }

    /// Joins a namespace, or makes the worker join it as soon as it can.
    pub(crate) fn join(&self, namespace: &NamespaceCore, auth: &AnyDictionary) -> Result<(), Refusal> {
        let path = &namespace.path;
        if namespace.membership.borrow().join().is_some() {
            return Err(Refusal::new(
                Error::ERR_ALREADY_IN_USE,
                format!("\"{path}\" is joined or joining: call disconnect_from_namespace() first"),
            ));
        }
        if *self.connection.borrow() == Connection::Disconnected {
            return Err(Refusal::new(
                Error::ERR_UNCONFIGURED,
                format!(
                    "\"{path}\" cannot be joined while its client is not connecting: {}",
                    self.how_to_connect()
                ),
            ));
        }
        let auth = encode::auth(auth)
            .map_err(|error| Refusal::new(Error::ERR_INVALID_PARAMETER, error.describe("auth")))?;
        let join = self.begin_join(namespace, auth);
        self.command(Command::Join(join));
        self.note_states();
        Ok(())
    }

    pub(crate) fn begin_join(&self, namespace: &NamespaceCore, auth: Option<Box<str>>) -> Join {
        let join = JoinId(self.next_id());
        namespace.joining(join);
        namespace.join_auth.begin(auth);
        Join { namespace: namespace.path.clone(), join, auth: namespace.auth() }
    }

    /// Leaves a namespace; the connection stays open.
    pub(crate) fn leave(&self, namespace: &Rc<NamespaceCore>) {
        if namespace.membership.borrow().join().is_none() {
            return;
        }
        // First of all: to tell the developer of what will not be sent takes its time, in which it could be.
        self.command(Command::Leave(namespace.path.clone()));
        self.end_membership(namespace, true);
        self.fail_acks(Some(&namespace.path));
        if namespace.is_main() {
            self.settle();
        }
        self.note_states();
    }

    /// Ends a membership by the game's own will.
    pub(crate) fn end_membership(&self, namespace: &Rc<NamespaceCore>, connected: bool) {
        namespace.give_up();
        let waits = namespace.waits.borrow_mut().take_all();
        self.fail_later(waits.into_iter().map(Waiter::Awaited));
        let before = namespace.membership.borrow().clone();
        let reason = DisconnectReason::IoClientDisconnect;
        match before {
            // Of the join that is only accepted the game has not been told, and neither it is of the end.
            Membership::Accepted { .. } => {}
            Membership::Joined { .. } => {
                let (namespace, speaks) = (namespace.clone(), self.mouthpiece.get());
                self.notices.borrow_mut().push_back(Notice::NamespaceLeft { namespace, reason, speaks });
            }
            Membership::Joining(_) if connected => {}
            Membership::Joining(_) | Membership::Fresh | Membership::Ended(_) => return,
        }
        namespace.set_membership(Membership::Ended(Ending::Left(reason)));
    }

    /// Makes those who wait for an answer in a namespace, or in all of them, fail at the next poll.
    pub(crate) fn fail_acks(&self, namespace: Option<&str>) {
        let failed = self.acks.borrow_mut().take_all(namespace);
        self.fail_later(failed.into_iter().map(|ack| ack.waiter));
    }

    /// Tells at the next poll that there will be no answer.
    pub(crate) fn fail_later(&self, waiters: impl IntoIterator<Item = Waiter>) {
        self.notices.borrow_mut().extend(waiters.into_iter().map(Notice::Unanswered));
    }
}

/// Whether a namespace can have that path.
///
/// # Errors
/// Why not.
pub(crate) fn check_path(path: &str) -> Result<(), Refusal> {
    // What follows may be a secret, which has no place in an error.
    if let Some((name, _)) = path.split_once('?') {
        let name = if name.starts_with('/') { name.to_owned() } else { format!("/{name}") };
        return Err(Refusal::new(
            Error::ERR_INVALID_PARAMETER,
            format!(
                "a namespace has no query: ask for \"{name}\", and give the values after \"?\" as its auth, to \
                 connect_to_namespace()"
            ),
        ));
    }
    if !path.starts_with('/') {
        return Err(Refusal::new(
            Error::ERR_INVALID_PARAMETER,
            format!("\"{path}\" is not a namespace: its path must begin with \"/\", as in \"/{path}\""),
        ));
    }
    if let Some(unfit) = path.chars().find(|letter| *letter == ',' || letter.is_control()) {
        return Err(Refusal::new(
            Error::ERR_INVALID_PARAMETER,
            format!("\"{path}\" is not a namespace: the protocol has no place for {unfit:?} in its path"),
        ));
    }
    Ok(())
}
