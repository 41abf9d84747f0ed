//! Events from the server.

use godot::builtin::{Callable, VarArray, Variant};
use godot::global::Error;
use godot::meta::ToGodot;
use socketio_protocol::Received;

use super::Poll;
use crate::acks::answerer;
use crate::listeners::{Listener, Stay};
use crate::membership::NamespaceEntry;
use crate::variant::data::Data;
use crate::{callback, report, signals};

impl Poll<'_> {
    /// Calls the listeners of an event, resumes who waits for it, and emits the signal.
    pub(super) fn received(&self, mut received: Received<Data>) {
        let Some(entry) = self.core.namespace(&received.namespace) else {
            return;
        };
        if entry.core.membership.borrow().join() != Some(received.join) {
            return;
        }
        let data = received.arguments.take();
        // Whoever begins to wait in a listener waits for the next event, as a listener that is added there does (S17).
        let waits = entry.core.waits.borrow_mut().take(&received.name);
        self.call_listeners(&entry, &received, &data);
        for awaited in waits {
            awaited.resolve(Error::OK, data.to::<VarArray>());
        }
        signals::emit_event_received(&entry.object, &received.name, data);
    }

    fn call_listeners(&self, entry: &NamespaceEntry, received: &Received<Data>, data: &Variant) {
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
            call(listener, &received.name, data, ack.as_ref());
        }
        if gone {
            let pruned = entry.core.listeners.borrow_mut().prune(&received.name);
            drop(pruned);
        }
    }
}

fn call(listener: &Listener, event: &str, data: &Variant, ack: Option<&Callable>) {
    let result = match ack.filter(|_| listener.takes_ack) {
        None => callback::call(&listener.variant, [data]),
        Some(ack) => callback::call(&listener.variant, [data, &ack.to_variant()]),
    };
    if let Err(problem) = result {
        report::error(format!(
            "SocketIONamespace.on: the callback {} for \"{event}\" was not called: {problem}.",
            listener.callable
        ));
    }
}
