//! The node in the tree: it connects when it enters, and closes when it leaves.

use std::rc::Rc;

use godot::builtin::Callable;
use godot::classes::Engine;
use godot::obj::{Gd, Singleton as _};

use super::SocketIONode;
use super::relay::Relay;
use crate::client::singleton;
use crate::connection::Connection;
use crate::core::Core;
use crate::main_loop;
use crate::refusal::Refusal;
use crate::report;

/// Joins what the nodes of a client want to be joined, when it begins to connect.
pub(crate) fn join_namespaces(core: &Rc<Core>) {
    let nodes = core.nodes.borrow().clone();
    for node in nodes {
        if let Ok(node) = Gd::try_from_instance_id(node) {
            SocketIONode::join_namespaces(&node, core);
        }
    }
}

impl SocketIONode {
    /// The node has entered the tree, or is in it with another client.
    pub(super) fn enter(this: &Gd<Self>) {
        if Engine::singleton().is_editor_hint() || main_loop::is_exiting() {
            return;
        }
        if this.bind().share_singleton
            && let Some(client) = singleton::get()
        {
            let relay = Relay::begin(this, client);
            this.clone().bind_mut().shared_client = Some(relay);
        }
        // What the `_ready` of the nodes around it sets shall count for the first attempt.
        let node = this.instance_id();
        let settle = Callable::from_fn("SocketIONode.connect", move |_| {
            if let Ok(node) = Gd::try_from_instance_id(node) {
                Self::settle(&node);
            }
        });
        settle.call_deferred(&[]);
    }

    /// The node is about to leave the tree, or its client.
    pub(super) fn leave(this: &Gd<Self>) {
        let shared = this.clone().bind_mut().shared_client.take();
        if let Some(relay) = shared {
            relay.end();
            return;
        }
        let own = this.bind().own_client.made();
        if let Some(client) = own {
            let core = client.bind().core();
            core.close();
        }
    }

    /// Connects, or joins what is connected already.
    fn settle(this: &Gd<Self>) {
        if !this.is_inside_tree() || main_loop::is_exiting() {
            return;
        }
        let Some(client) = Self::client(this) else {
            return;
        };
        let core = client.bind().core();
        if *core.connection.borrow() != Connection::Disconnected {
            Self::warn_of_other_url(this, &core);
            Self::join_namespaces(this, &core);
            return;
        }
        let (autoconnect, shares) = (this.bind().autoconnect, this.bind().share_singleton);
        let waits_for_others = shares && this.bind().url.is_empty();
        if !autoconnect || waits_for_others {
            return;
        }
        if shares {
            Self::hand_over_options(this, &client);
        }
        Self::connect(this, &core);
    }

    fn connect(this: &Gd<Self>, core: &Rc<Core>) {
        let (url, auth) = (this.bind().url.to_string(), this.bind().auth.clone());
        if let Err(refusal) = core.connect(&url, &auth.0, None) {
            Self::report(this, &refusal);
        }
    }

    fn join_namespaces(this: &Gd<Self>, core: &Rc<Core>) {
        let (paths, auth) = (this.bind().namespaces.clone(), this.bind().auth.clone());
        for path in paths.as_slice() {
            let joined = core.create_namespace(&path.to_string()).and_then(|entry| {
                let is_joined = entry.core.membership.borrow().join().is_some();
                if is_joined { Ok(()) } else { core.join(&entry.core, &auth.0) }
            });
            if let Err(refusal) = joined {
                Self::report(this, &refusal);
            }
        }
    }

    /// Nodes that share a client should agree on where it connects to.
    fn warn_of_other_url(this: &Gd<Self>, core: &Core) {
        let (shares, url) = (this.bind().share_singleton, this.bind().url.to_string());
        let differs = core.destination.borrow().as_ref().is_some_and(|given| given.url != url);
        if shares && differs && !url.is_empty() {
            report::warning(format!(
                "SocketIONode \"{}\": its url is not used, for the shared client is connected or connecting to {} already. \
                 Switch share_singleton off for a connection of its own.",
                this.get_name(),
                core.masked_url()
            ));
        }
    }

    fn report(this: &Gd<Self>, refusal: &Refusal) {
        report::error(format!("SocketIONode \"{}\": {refusal}.", this.get_name()));
    }
}
