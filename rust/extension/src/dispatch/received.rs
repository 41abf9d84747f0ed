//! Events from the server.

use godot::builtin::{VarArray, Variant};
use godot::global::Error;
use godot::meta::ToGodot;
use socketio_protocol::Received;

use super::Poll;
use crate::acks::answerer;
use crate::callback::NotCalled;
use crate::listeners::{Listener, Stay};
use crate::membership::NamespaceEntry;
use crate::signature::Form;
use crate::variant::data::{Arguments, Data};
use crate::{report, signals};

impl Poll<'_> {
    /// Calls the listeners of an event, resumes who waits for it, and emits the signal.
    pub(super) fn received(&self, received: Received<Data>) {
        let Some(entry) = self.core.namespace(&received.namespace) else {
            return;
        };
        if entry.core.membership.borrow().join() != Some(received.join) {
            return;
        }
        let received = received.map(Data::into_arguments);
        // Whoever begins to wait in a listener waits for the next event, as a listener that is added there does (S17).
        let waits = entry.core.waits.borrow_mut().take(&received.name);
        self.call_listeners(&entry, &received);
        for awaited in waits {
            awaited.resolve(Error::OK, received.arguments.variant().to::<VarArray>());
        }
        signals::emit_event_received(&entry.object, &received.name, received.arguments.variant());
    }

    fn call_listeners(&self, entry: &NamespaceEntry, received: &Received<Arguments>) {
        let listeners = entry.core.listeners.borrow().of(&received.name);
        let Some(listeners) = listeners else {
            return;
        };
        let ack = listeners
            .iter()
            .any(|listener| listener.form != Form::Data)
            .then(|| answerer(self.client.instance_id(), received).to_variant());
        let mut gone = false;
        for listener in listeners.iter() {
            if let Stay::Once(number) = listener.stay {
                let taken = entry.core.listeners.borrow_mut().take_once(&received.name, number);
                if taken.is_none() {
                    continue;
                }
            }
            match call(listener, received, ack.as_ref()) {
                Ok(_) => {}
                Err(NotCalled::Gone) => gone = true,
                Err(problem) => report::error(format!(
                    "SocketIONamespace.on: the callback {} for \"{}\" was not called: {problem}.",
                    listener.callback, received.name
                )),
            }
        }
        if gone {
            let pruned = entry.core.listeners.borrow_mut().prune(&received.name);
            drop(pruned);
        }
    }
}

fn call(
    listener: &Listener,
    received: &Received<Arguments>,
    ack: Option<&Variant>,
) -> Result<Variant, NotCalled> {
    let data = received.arguments.variant();
    match (listener.form, ack) {
        (Form::Data, _) | (_, None) => listener.callback.call([data]),
        (Form::DataAndAck, Some(ack)) => listener.callback.call([data, ack]),
        (Form::AckIfRequired, Some(ack)) => match listener.callback.call([data]) {
            Err(NotCalled::TooFewArguments(_)) => listener.callback.call([data, ack]),
            result => result,
        },
    }
}
