//! Acknowledgements: the callbacks that wait for the server's answer, and the callables that answer the server.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use godot::builtin::{AnyArray, Callable, VarArray, VarDictionary, Variant, varray};
use godot::global::Error;
use godot::meta::ToGodot;
use godot::obj::{Gd, InstanceId};
use socketio_protocol::{AckToken, Command, EventName, Namespace, NoAnswer, Received, SessionNumber};

use crate::awaited::Awaited;
use crate::callback::{Callback, NotCalled};
use crate::client::SocketIOClient;
use crate::core::Core;
use crate::variant::data::Data;
use crate::variant::encode;
use crate::{main_loop, report, signature};

/// How many events of a client may wait for their answers. Each takes some hundred bytes for as long as the server says
/// nothing.
pub(crate) const MAX_PENDING_ACKS: usize = 100_000;

/// Who waits for an answer.
pub(crate) enum Waiter {
    Callback(Callback),
    Awaited(Awaited),
}

impl Waiter {
    /// A callback that waits.
    ///
    /// # Errors
    /// Why it cannot be called with an answer, as the end of a sentence.
    pub(crate) fn of(callable: &Callable) -> Result<Self, String> {
        let callback = Callback::new(callable)?;
        signature::check_ack_callback(callable)?;
        Ok(Self::Callback(callback))
    }

    /// Hands over the server's answer, or that there is none. Nothing may be borrowed.
    pub(crate) fn answer(self, answer: Result<Data, NoAnswer>) {
        match (self, answer) {
            (Self::Callback(callback), Ok(data)) => call(&callback, data.into_arguments().variant()),
            (Self::Callback(callback), Err(_)) => call(&callback, &timed_out().to_variant()),
            (Self::Awaited(awaited), Ok(data)) => awaited.resolve(Error::OK, data.into_array()),
            (Self::Awaited(awaited), Err(NoAnswer::TimedOut)) => {
                awaited.resolve(Error::ERR_TIMEOUT, VarArray::new());
            }
            (Self::Awaited(awaited), Err(NoAnswer::Disconnected | NoAnswer::NotSent)) => {
                awaited.resolve(Error::ERR_CONNECTION_ERROR, VarArray::new());
            }
        }
    }

    /// Tells that there will be no answer, because of the connection or the game.
    pub(crate) fn fail(self) {
        self.answer(Err(NoAnswer::Disconnected));
    }

    /// Tells that the server has refused the namespace, and how.
    pub(crate) fn refuse(self, refusal: &VarDictionary) {
        match self {
            Self::Awaited(awaited) => awaited.resolve(Error::ERR_CONNECTION_ERROR, varray![refusal]),
            Self::Callback(_) => self.fail(),
        }
    }

    /// Tells whoever awaits it, as the engine exits. Callbacks do not run any more.
    pub(crate) fn fail_at_exit(self) {
        match self {
            Self::Awaited(_) => self.fail(),
            Self::Callback(callback) => drop(callback),
        }
    }
}

/// An event that waits for its answer.
pub(crate) struct PendingAck {
    pub(crate) namespace: Namespace,
    pub(crate) waiter: Waiter,
}

/// The events of one client that wait for their answers.
#[derive(Default)]
pub(crate) struct PendingAcks {
    last: u64,
    waiting: HashMap<AckToken, PendingAck>,
}

impl PendingAcks {
    /// Whether nobody else may wait.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting.len() >= MAX_PENDING_ACKS
    }

    /// Registers who waits, and is told exactly once: by whoever takes it out.
    pub(crate) fn add(&mut self, ack: PendingAck) -> AckToken {
        self.last += 1;
        let token = AckToken(self.last);
        self.waiting.insert(token, ack);
        token
    }

    /// Takes one out.
    pub(crate) fn take(&mut self, token: AckToken) -> Option<PendingAck> {
        self.waiting.remove(&token)
    }

    /// Takes out those of one namespace, or all of them, in the order of their emits.
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

/// The callable that a listener's second parameter gets. It answers once, and only when the server asked.
pub(crate) fn answerer<V>(client: InstanceId, received: &Received<V>) -> Callable {
    let question = received.ack.map(|id| Question {
        client,
        namespace: received.namespace.clone(),
        session: received.session,
        event: received.name.clone(),
        id,
        answered: AtomicBool::new(false),
    });
    Callable::from_sync_fn("SocketIONamespace.ack", move |arguments: &[&Variant]| {
        if !report::is_other_thread("The ack callable of an event")
            && let Some(question) = &question
        {
            question.answer(arguments);
        }
    })
}

/// An event that the server wants answered. It may be called and dropped on any thread, so it holds nothing of the
/// main one.
struct Question {
    client: InstanceId,
    namespace: Namespace,
    session: SessionNumber,
    event: EventName,
    id: u64,
    answered: AtomicBool,
}

impl Question {
    fn answer(&self, arguments: &[&Variant]) {
        if self.answered.load(Ordering::Relaxed) || main_loop::is_exiting() {
            return;
        }
        let Ok(client) = Gd::<SocketIOClient>::try_from_instance_id(self.client) else {
            return;
        };
        let core = client.bind().core();
        match self.send(&core, &data(arguments)) {
            Ok(()) => self.answered.store(true, Ordering::Relaxed),
            Err(problem) => {
                report::error(format!(
                    "SocketIONamespace: the answer to \"{}\" was not sent: {problem}.",
                    self.event
                ));
            }
        }
    }

    fn send(&self, core: &Core, data: &AnyArray) -> Result<(), String> {
        let payload = encode::answer(data, core.buffer()).map_err(|error| error.describe("data"))?;
        core.check_payload(&self.namespace, &payload)?;
        let (namespace, session, id) = (self.namespace.clone(), self.session, self.id);
        core.send(Command::Answer { namespace, session, id, payload }).map_err(|refusal| refusal.to_string())
    }
}

/// What an ack callback gets when there is no answer.
fn timed_out() -> VarArray {
    varray!["timeout"]
}

/// Calls a callback that waited for an answer. One whose object is gone is dropped silently.
fn call(callback: &Callback, answer: &Variant) {
    match callback.call([answer]) {
        Ok(_) | Err(NotCalled::Gone) => {}
        Err(problem) => report::error(format!(
            "SocketIONamespace.emit_with_ack: the callback {callback} was not called: {problem}."
        )),
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
