//! The callbacks that a game has registered for a namespace's events.

use std::collections::HashMap;
use std::rc::Rc;

use godot::builtin::Callable;

/// A registered callback.
#[derive(Clone)]
pub(crate) struct Listener {
    pub(crate) callable: Callable,
    /// Whether it takes a second parameter, the callable that answers the server.
    pub(crate) takes_ack: bool,
}

impl Listener {
    /// Checks that a callback can be called with an event.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub(crate) fn new(callable: &Callable) -> Result<Self, String> {
        let takes_ack = match arity(callable)? {
            Arity::Any | Arity::Exactly(1) => false,
            Arity::Exactly(2) => true,
            Arity::Exactly(count) => {
                return Err(format!(
                    "takes {count} parameters, but is called with one Array of the event's data, and with a \
                     Callable that answers the server if it has a second parameter"
                ));
            }
        };
        Ok(Self { callable: callable.clone(), takes_ack })
    }
}

/// Checks that a callback can be called with the answer to an event.
///
/// # Errors
/// What is wrong with it, as the end of a sentence.
pub(crate) fn check_ack_callback(callable: &Callable) -> Result<(), String> {
    match arity(callable)? {
        Arity::Any | Arity::Exactly(1) => Ok(()),
        Arity::Exactly(count) => {
            Err(format!("takes {count} parameters, but is called with one Array, the server's answer"))
        }
    }
}

enum Arity {
    Exactly(usize),
    /// A variadic function of the engine, like `print` or another signal's `emit`.
    Any,
}

fn arity(callable: &Callable) -> Result<Arity, String> {
    if callable.is_null() {
        return Err("is an empty Callable".into());
    }
    if !callable.is_valid() {
        return Err("is not valid: its object was freed, or has no such method".into());
    }
    let count = callable.get_argument_count();
    let variadic = count == 0 && callable.is_custom() && callable.object().is_none();
    Ok(if variadic { Arity::Any } else { Arity::Exactly(count) })
}

/// All listeners of a namespace, in the order of their registration.
#[derive(Default)]
pub(crate) struct Listeners {
    by_event: HashMap<String, Rc<Vec<Listener>>>,
}

impl Listeners {
    /// Adds a listener. It does not run for an event that is being dispatched now (S17).
    pub(crate) fn add(&mut self, event: String, listener: Listener) {
        Rc::make_mut(self.by_event.entry(event).or_default()).push(listener);
    }

    /// Takes out one registration of a callable, the oldest. Like everything that is taken out, it must be dropped
    /// where nothing is borrowed: what a lambda holds may run a game's code when it is freed.
    #[must_use]
    pub(crate) fn remove(&mut self, event: &str, callable: &Callable) -> Option<Listener> {
        let listeners = self.by_event.get_mut(event)?;
        let index = listeners.iter().position(|listener| listener.callable == *callable)?;
        let removed = Rc::make_mut(listeners).remove(index);
        self.forget_if_empty(event);
        Some(removed)
    }

    /// Takes out the listeners whose objects are gone.
    #[must_use]
    pub(crate) fn prune(&mut self, event: &str) -> Vec<Listener> {
        let Some(listeners) = self.by_event.get_mut(event) else {
            return Vec::new();
        };
        let (valid, gone) = listeners.iter().cloned().partition(|listener| listener.callable.is_valid());
        *listeners = Rc::new(valid);
        self.forget_if_empty(event);
        gone
    }

    /// The listeners of an event as they are now. Later changes do not show in it, so that handlers may make
    /// them.
    pub(crate) fn of(&self, event: &str) -> Option<Rc<Vec<Listener>>> {
        self.by_event.get(event).cloned()
    }

    /// Takes everything out.
    #[must_use]
    pub(crate) fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    fn forget_if_empty(&mut self, event: &str) {
        if self.by_event.get(event).is_some_and(|listeners| listeners.is_empty()) {
            self.by_event.remove(event);
        }
    }
}
