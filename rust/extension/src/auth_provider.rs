//! The callable that a game gives for a fresh auth at each join. It may be a coroutine, which fetches a token first.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;

use godot::builtin::{AnyDictionary, Callable, Variant};
use godot::classes::{Object, RefCounted};
use godot::meta::ToGodot;
use godot::obj::{Gd, InstanceId};
use socketio_protocol::{Auth, Command, Join, JoinId};

use crate::core::Core;
use crate::membership::NamespaceCore;
use crate::on_main::{self, OnMain};
use crate::signals::{self, COMPLETED};
use crate::variant::encode;
use crate::{main_loop, report};

/// What a function that awaits something returns before it is done.
const COROUTINE: &str = "GDScriptFunctionState";

/// The auth of a namespace's join.
#[derive(Default)]
pub(crate) struct JoinAuth {
    /// What the game gave when it joined.
    given: RefCell<Option<Box<str>>>,
    /// The last question to a provider: earlier ones are not waited for any more.
    question: Cell<u64>,
    /// The coroutine that is to answer it.
    coroutine: Cell<Option<InstanceId>>,
}

impl JoinAuth {
    /// The game joins.
    pub(crate) fn begin(&self, given: Option<Box<str>>) {
        *self.given.borrow_mut() = given;
        self.forget_questions();
    }

    /// Whatever a provider still answers is not wanted any more.
    pub(crate) fn forget_questions(&self) {
        self.question.set(self.question.get() + 1);
    }
}

impl NamespaceCore {
    /// What the next CONNECT of this namespace carries.
    pub(crate) fn auth(&self) -> Auth {
        match *self.auth_provider.borrow() {
            Some(_) => Auth::Fresh,
            None => Auth::Fixed(self.join_auth.given.borrow().clone()),
        }
    }
}

impl Core {
    /// The game has set another provider, or none, which counts from the next CONNECT on: a join that is known already
    /// replaces the auth of it only.
    pub(crate) fn provider_changed(&self, namespace: &NamespaceCore) {
        let join = namespace.membership.borrow().join();
        if let Some(join) = join {
            let (namespace, auth) = (namespace.path.clone(), namespace.auth());
            self.command(Command::Join(Join { namespace, join, auth }));
        }
    }

    /// Asks the provider for the auth of a join, and the worker gets it as soon as it is there. When there is none,
    /// it gets the one that the game gave.
    pub(crate) fn ask_for_auth(self: &Rc<Self>, namespace: &Rc<NamespaceCore>, join: JoinId) {
        namespace.join_auth.forget_questions();
        let question = Question {
            core: Rc::downgrade(self),
            namespace: namespace.clone(),
            join,
            number: namespace.join_auth.question.get(),
        };
        let provider = namespace.auth_provider.borrow().clone();
        let Some(provider) = provider else {
            question.answer_as_given();
            return;
        };
        match provider.call([]) {
            Err(problem) => question.fail(&format!("was not called: {problem}")),
            Ok(result) => match coroutine(&result) {
                Some(coroutine) => question.follow(coroutine),
                None => question.answer_with(read(&result)),
            },
        }
    }
}

/// Stops waiting for a coroutine, when the engine exits or the client goes.
pub(crate) fn abandon(namespace: &NamespaceCore) {
    namespace.join_auth.forget_questions();
    let coroutine = namespace.join_auth.coroutine.take();
    if let Some(coroutine) = coroutine.and_then(|id| Gd::<Object>::try_from_instance_id(id).ok()) {
        signals::disconnect_all(&coroutine, &[COMPLETED]);
    }
}

/// A join that waits for its auth.
struct Question {
    core: Weak<Core>,
    namespace: Rc<NamespaceCore>,
    join: JoinId,
    number: u64,
}

impl Question {
    /// Waits for a coroutine. It ends on the thread that emits the signal which it awaits. If it is freed before it is
    /// done, so is the callable, and with it what it holds.
    fn follow(self, coroutine: Gd<RefCounted>) {
        self.namespace.join_auth.coroutine.set(Some(coroutine.instance_id()));
        let pending = Arc::new(OnMain::new(Pending::new(self)));
        let waiting = pending.clone();
        let completed =
            Callable::from_sync_fn("SocketIONamespace.auth_provider", move |arguments: &[&Variant]| {
                let [result] = arguments else {
                    return;
                };
                // Read on the thread that has made it: only plain data goes on to the main thread.
                let (waiting, auth) = (waiting.clone(), read(result));
                on_main::run(move || {
                    if let Some(question) = waiting.question.take() {
                        question.answer_with(auth);
                    }
                });
            });
        // Not gdext's own `connect`, as in the main loop.
        let mut coroutine = coroutine.upcast::<Object>();
        coroutine.call("connect", &[signals::name(COMPLETED).to_variant(), completed.to_variant()]);
        // Another thread may have been quicker. If that was the end of it, nobody heard the answer.
        let still_waits = coroutine.call("is_valid", &[]).booleanize();
        pending.has_run_on.set(!still_waits);
    }

    fn answer_with(&self, auth: Result<Option<Box<str>>, String>) {
        match auth {
            Ok(auth) => self.answer(auth),
            Err(problem) => self.fail(&problem),
        }
    }

    fn fail(&self, problem: &str) {
        if self.is_open() {
            report::error(format!(
                "SocketIONamespace.auth_provider of \"{}\" {problem}. Return a Dictionary from it; the auth given when \
                 joining is used instead.",
                self.namespace.path
            ));
            self.answer_as_given();
        }
    }

    fn answer_as_given(&self) {
        let given = self.namespace.join_auth.given.borrow().clone();
        self.answer(given);
    }

    fn answer(&self, auth: Option<Box<str>>) {
        if let Some(core) = self.core.upgrade().filter(|_| self.is_open()) {
            self.namespace.join_auth.forget_questions();
            let (namespace, join) = (self.namespace.path.clone(), self.join);
            core.command(Command::Auth { namespace, join, auth });
        }
    }

    /// Whether the answer is still wanted.
    fn is_open(&self) -> bool {
        self.namespace.join_auth.question.get() == self.number
    }
}

/// A question that a coroutine is to answer.
struct Pending {
    question: Cell<Option<Question>>,
    /// Whether the coroutine had gone on before anybody waited for it.
    has_run_on: Cell<bool>,
}

impl Pending {
    fn new(question: Question) -> Self {
        Self { question: Cell::new(Some(question)), has_run_on: Cell::new(false) }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let Some(question) = self.question.take().filter(|_| !main_loop::is_exiting()) else {
            return;
        };
        question.fail(if self.has_run_on.get() {
            "was resumed by another thread before anything could wait for its answer: emit the signal that it awaits with \
             call_deferred()"
        } else {
            "was freed while it awaited something"
        });
    }
}

/// The auth that a provider has returned. On any thread.
///
/// # Errors
/// What is wrong with it, as the end of a sentence.
fn read(result: &Variant) -> Result<Option<Box<str>>, String> {
    let auth = result
        .try_to::<AnyDictionary>()
        .map_err(|_| format!("returned {}, not a Dictionary", describe(result)))?;
    encode::auth(&auth).map_err(|error| format!("returned what cannot be sent: {}", error.describe("auth")))
}

fn coroutine(result: &Variant) -> Option<Gd<RefCounted>> {
    result.try_to::<Gd<RefCounted>>().ok().filter(|object| object.is_class(COROUTINE))
}

fn describe(value: &Variant) -> String {
    if value.is_nil() {
        return "null".to_owned();
    }
    format!("a value of the type {}", godot::global::type_string(i64::from(value.get_type().ord)))
}
