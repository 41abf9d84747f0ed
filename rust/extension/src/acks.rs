//! Acknowledgements: the callbacks that wait for the server's answer, and the callables that answer the server.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use godot::builtin::{AnyArray, Callable, VarArray, Variant, varray};
use socketio_protocol::{AckToken, Command, JoinId, Namespace, Received};

use crate::core::Core;
use crate::variant::encode;
use crate::{main_loop, report};

/// A callback that waits for an answer.
pub(crate) struct PendingAck {
    pub(crate) namespace: Namespace,
    pub(crate) callback: Callable,
}

/// The callbacks of one client that wait for an answer.
#[derive(Default)]
pub(crate) struct PendingAcks {
    last: u64,
    waiting: HashMap<AckToken, PendingAck>,
}

impl PendingAcks {
    /// Registers a callback, which is called exactly once: by whoever takes it out.
    pub(crate) fn add(&mut self, ack: PendingAck) -> AckToken {
        self.last += 1;
        let token = AckToken(self.last);
        self.waiting.insert(token, ack);
        token
    }

    /// Takes a callback out.
    pub(crate) fn take(&mut self, token: AckToken) -> Option<PendingAck> {
        self.waiting.remove(&token)
    }

    /// Takes out the callbacks of one namespace, or all of them, in the order of their emits.
    pub(crate) fn take_all(&mut self, namespace: Option<&str>) -> Vec<PendingAck> {
        let mut tokens: Vec<AckToken> = self
            .waiting
            .iter()
            .filter(|(_, ack)| namespace.is_none_or(|namespace| *ack.namespace == *namespace))
            .map(|(token, _)| *token)
            .collect();
        tokens.sort_unstable();
        tokens.into_iter().filter_map(|token| self.take(token)).collect()
    }
}

/// What an ack callback gets when there is no answer.
pub(crate) fn timed_out() -> VarArray {
    varray!["timeout"]
}

/// Calls a callback that waited for an answer. One whose object is gone is dropped silently.
pub(crate) fn call(callback: &Callable, answer: &VarArray) {
    if callback.is_valid() {
        callback.callv(&varray![answer].upcast_any_array());
    }
}

/// The callable that a listener's second parameter gets. It answers once, and only when the server asked.
pub(crate) fn answerer(core: &Weak<Core>, received: &Received) -> Callable {
    let question = received.ack.map(|id| Question {
        core: core.clone(),
        namespace: received.namespace.clone(),
        join: received.join,
        event: received.name.clone(),
        id,
        answered: Cell::new(false),
    });
    Callable::from_fn("SocketIONamespace.ack", move |arguments: &[&Variant]| {
        if let Some(question) = &question {
            question.answer(arguments);
        }
    })
}

/// An event that the server wants answered.
struct Question {
    core: Weak<Core>,
    namespace: Namespace,
    join: JoinId,
    event: String,
    id: u64,
    answered: Cell<bool>,
}

impl Question {
    fn answer(&self, arguments: &[&Variant]) {
        let Some(core) = self.core.upgrade() else {
            return;
        };
        if self.answered.get() || main_loop::is_exiting() {
            return;
        }
        match encode::answer(&data(arguments)) {
            Ok(payload) => {
                self.answered.set(true);
                self.send(&core, payload);
            }
            Err(error) => report::error(format!(
                "SocketIONamespace: the answer to \"{}\" was not sent: {}.",
                self.event,
                error.describe("data")
            )),
        }
    }

    fn send(&self, core: &Rc<Core>, payload: socketio_protocol::Payload) {
        let (namespace, join, id) = (self.namespace.clone(), self.join, self.id);
        if let Err(refusal) = core.send(Command::Answer { namespace, join, id, payload }) {
            report::error(format!(
                "SocketIONamespace: the answer to \"{}\" was not sent: {refusal}.",
                self.event
            ));
        }
    }
}

/// `ack.call([1, 2])` answers with two values. What is not one Array is taken as the values themselves, so that
/// `ack.call("ok")` does what it looks like.
fn data(arguments: &[&Variant]) -> AnyArray {
    if let [only] = arguments
        && let Ok(array) = only.try_to::<AnyArray>()
    {
        return array;
    }
    arguments.iter().map(|&argument| argument.clone()).collect::<VarArray>().upcast_any_array()
}
