//! Events from the server.

use godot::builtin::{Callable, GString, VarArray, Variant};
use godot::global::Error;
use godot::meta::ToGodot;
use socketio_protocol::Received;

use super::Poll;
use crate::acks::answerer;
use crate::listeners::{Listener, Stay};
use crate::membership::NamespaceEntry;
use crate::variant::decode;
use crate::{callback, report, signals};

impl Poll<'_> {
    /// Calls the listeners of an event, resumes who waits for it, and emits the signal.
    pub(super) fn received(&self, received: &Received) {
        let Some(entry) = self.core.namespace(&received.namespace) else {
            return;
        };
        if entry.core.membership.borrow().join() != Some(received.join) {
            return;
        }
        let data = decode::array(&received.arguments);
        self.call_listeners(&entry, received, &data);
        let waits = entry.core.waits.borrow_mut().take(&received.name);
        for awaited in waits {
            awaited.resolve(Error::OK, data.to::<VarArray>());
        }
        let name = GString::from(&received.name).to_variant();
        signals::emit(&entry.object, signals::EVENT_RECEIVED, &[name, data]);
    }

    fn call_listeners(&self, entry: &NamespaceEntry, received: &Received, data: &Variant) {
        let listeners = entry.core.listeners.borrow().of(&received.name);
        let Some(listeners) = listeners else {
            return;
        };
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
            if let Stay::Once(number) = listener.stay {
                let taken = entry.core.listeners.borrow_mut().take_once(&received.name, number);
                if taken.is_none() {
                    continue;
                }
            }
            call(listener, received, data, ack.as_ref());
        }
        if gone {
            let pruned = entry.core.listeners.borrow_mut().prune(&received.name);
            drop(pruned);
        }
    }
}

fn call(listener: &Listener, received: &Received, data: &Variant, ack: Option<&Callable>) {
    let mut arguments = vec![data.clone()];
    if let Some(ack) = ack.filter(|_| listener.takes_ack) {
        arguments.push(ack.to_variant());
    }
    if let Err(problem) = callback::call(&listener.callable, &arguments) {
        report::error(format!(
            "SocketIONamespace.on: the callback {} for \"{}\" was not called: {problem}.",
            listener.callable, received.name
        ));
    }
}
