//! The callbacks that a game has registered for a namespace's events.

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use godot::builtin::{AnyArray, Callable};
use godot::meta::ToGodot;
use rustc_hash::FxBuildHasher;

use crate::callback::Callback;

/// A registered callback.
#[derive(Clone)]
pub(crate) struct Listener {
    pub(crate) callback: Callback,
    /// Whether it takes a second parameter, the callable that answers the server.
    pub(crate) takes_ack: bool,
    /// How long it stays registered.
    pub(crate) stay: Stay,
}

/// How long a callback stays registered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stay {
    /// Until it is removed.
    Always,
    /// Until the next event. The number tells one such registration of a callback from another.
    Once(u64),
}

impl Listener {
    /// Checks that a callback can be called with an event.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub(crate) fn new(callable: &Callable) -> Result<Self, String> {
        check_callable(callable)?;
        let arity = Arity::of(callable);
        let takes_ack = arity.most == Some(2) || (arity.takes(2) && arity.least == 2);
        if !takes_ack && !arity.takes(1) {
            return Err(format!(
                "takes {arity} parameters, but is called with one Array of the event's data, and with a Callable that \
                 answers the server if it has a second parameter: write func(data) or func(data, ack)"
            ));
        }
        Ok(Self { callback: Callback::new(callable), takes_ack, stay: Stay::Always })
    }
}

/// Checks that a callback can be called with the answer to an event.
///
/// # Errors
/// What is wrong with it, as the end of a sentence.
pub(crate) fn check_ack_callback(callable: &Callable) -> Result<(), String> {
    check_callable(callable)?;
    // The list of methods, which tells of optional parameters, costs a hundred times the emit.
    if callable.get_argument_count() == 1 {
        return Ok(());
    }
    let arity = Arity::of(callable);
    if arity.takes(1) {
        return Ok(());
    }
    Err(format!("takes {arity} parameters, but is called with one Array, the server's answer"))
}

fn check_callable(callable: &Callable) -> Result<(), String> {
    if callable.is_null() {
        return Err("is an empty Callable".into());
    }
    if !callable.is_valid() {
        return Err("is not valid: its object was freed, or has no such method".into());
    }
    Ok(())
}

/// How many parameters a callable takes.
struct Arity {
    least: usize,
    /// Nothing for a variadic function.
    most: Option<usize>,
}

impl Arity {
    fn of(callable: &Callable) -> Self {
        let count = callable.get_argument_count();
        if !callable.is_custom() {
            return Self::of_method(callable, count);
        }
        // A variadic function of the engine, such as another signal's `emit`.
        let variadic = count == 0 && callable.object().is_none();
        Self { least: count, most: (!variadic).then_some(count) }
    }

    /// A method's optional and rest parameters show in the method list only.
    fn of_method(callable: &Callable, count: usize) -> Self {
        /// `METHOD_FLAG_VARARG`
        const VARIADIC: i64 = 16;

        let exact = Self { least: count, most: Some(count) };
        let (Some(object), Some(name)) = (callable.object(), callable.method_name()) else {
            return exact;
        };
        let name = name.to_variant();
        let methods = object.get_method_list();
        let Some(method) = methods.iter_shared().find(|method| method.get("name").as_ref() == Some(&name))
        else {
            return exact;
        };
        let optional = method.get("default_args").and_then(|list| list.try_to::<AnyArray>().ok());
        let flags: i64 = method.get("flags").and_then(|flags| flags.try_to().ok()).unwrap_or_default();
        Self {
            least: count.saturating_sub(optional.map_or(0, |list| list.len())),
            most: (flags & VARIADIC == 0).then_some(count),
        }
    }

    fn takes(&self, count: usize) -> bool {
        self.least <= count && self.most.is_none_or(|most| count <= most)
    }
}

impl fmt::Display for Arity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.most {
            Some(most) if most == self.least => write!(f, "{most}"),
            Some(most) => write!(f, "{} to {most}", self.least),
            None => write!(f, "at least {}", self.least),
        }
    }
}

type ByEvent = HashMap<String, Rc<Vec<Listener>>, FxBuildHasher>;

/// All listeners of a namespace, in the order of their registration.
#[derive(Default)]
pub(crate) struct Listeners {
    by_event: ByEvent,
    last_once: u64,
}

impl Listeners {
    /// Adds a listener. It does not run for an event that is being dispatched now (S17).
    pub(crate) fn add(&mut self, event: String, listener: Listener) {
        Rc::make_mut(self.by_event.entry(event).or_default()).push(listener);
    }

    /// Adds a listener for one event.
    pub(crate) fn add_once(&mut self, event: String, listener: Listener) {
        self.last_once += 1;
        self.add(event, Listener { stay: Stay::Once(self.last_once), ..listener });
    }

    /// Takes out one registration of a callable, the oldest. Like everything that is taken out, it must be dropped
    /// where nothing is borrowed: what a lambda holds may run a game's code when it is freed.
    #[must_use]
    pub(crate) fn remove(&mut self, event: &str, callable: &Callable) -> Option<Listener> {
        let listeners = self.by_event.get_mut(event)?;
        let index = listeners.iter().position(|listener| listener.callback.callable() == callable)?;
        let removed = Rc::make_mut(listeners).remove(index);
        self.forget_if_empty(event);
        Some(removed)
    }

    /// Takes out a listener for one event, unless somebody else has done so already.
    #[must_use]
    pub(crate) fn take_once(&mut self, event: &str, number: u64) -> Option<Listener> {
        let listeners = self.by_event.get_mut(event)?;
        let index = listeners.iter().position(|listener| listener.stay == Stay::Once(number))?;
        let taken = Rc::make_mut(listeners).remove(index);
        self.forget_if_empty(event);
        Some(taken)
    }

    /// Takes out all listeners of an event.
    #[must_use]
    pub(crate) fn remove_all(&mut self, event: &str) -> Option<Rc<Vec<Listener>>> {
        self.by_event.remove(event)
    }

    /// Takes out the listeners whose objects are gone.
    #[must_use]
    pub(crate) fn prune(&mut self, event: &str) -> Vec<Listener> {
        let Some(listeners) = self.by_event.get_mut(event) else {
            return Vec::new();
        };
        let (valid, gone) =
            listeners.iter().cloned().partition(|listener| listener.callback.callable().is_valid());
        *listeners = Rc::new(valid);
        self.forget_if_empty(event);
        gone
    }

    /// The listeners of an event as they are now. Later changes do not show in it, so that handlers may make
    /// them.
    pub(crate) fn of(&self, event: &str) -> Option<Rc<Vec<Listener>>> {
        self.by_event.get(event).cloned()
    }

    /// The callbacks of an event that can still be called.
    pub(crate) fn callables(&self, event: &str) -> Vec<Callable> {
        let listeners = self.by_event.get(event).map_or(&[] as &[Listener], |listeners| listeners.as_slice());
        let callables = listeners.iter().map(|listener| listener.callback.callable());
        callables.filter(|callable| callable.is_valid()).cloned().collect()
    }

    /// Takes everything out.
    #[must_use]
    pub(crate) fn take(&mut self) -> ByEvent {
        std::mem::take(&mut self.by_event)
    }

    fn forget_if_empty(&mut self, event: &str) {
        if self.by_event.get(event).is_some_and(|listeners| listeners.is_empty()) {
            self.by_event.remove(event);
        }
    }
}
