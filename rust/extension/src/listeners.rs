//! The callbacks that a game has registered for a namespace's events.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use godot::builtin::Callable;
use rustc_hash::FxBuildHasher;

use crate::callback::Callback;
use crate::listener_leak::{MAX_LISTENERS, Source};
use crate::signature::{self, Form};

/// A registered callback.
#[derive(Clone)]
pub(crate) struct Listener {
    pub(crate) callback: Callback,
    /// What it is called with.
    pub(crate) form: Form,
    /// What it is counted with. Nothing in a release build.
    source: Option<Source>,
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
        let callback = Callback::new(callable)?;
        let form = signature::of_listener(callable)?;
        let source = Source::of(&callback);
        Ok(Self { callback, form, source, stay: Stay::Always })
    }
}

type ByEvent = HashMap<String, Rc<Vec<Listener>>, FxBuildHasher>;

/// All listeners of a namespace, in the order of their registration.
#[derive(Default)]
pub(crate) struct Listeners {
    by_event: ByEvent,
    last_once: u64,
    /// The events whose listeners pile up, of which the developer knows.
    piled_up: HashSet<String>,
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

    /// The source of the listener that was added last, if too many of the event come from it and nobody was told yet.
    pub(crate) fn piles_up(&mut self, event: &str) -> Option<Source> {
        let listeners = self.by_event.get(event)?;
        let source = listeners.last()?.source?;
        let of_source = listeners.iter().filter(|listener| listener.source == Some(source));
        let alive = of_source.filter(|listener| listener.callback.callable().is_some()).count();
        (alive > MAX_LISTENERS && self.piled_up.insert(event.to_owned())).then_some(source)
    }

    /// Takes out one registration of a callable, the oldest. Like everything that is taken out, it must be dropped
    /// where nothing is borrowed: what a lambda holds may run a game's code when it is freed.
    #[must_use]
    pub(crate) fn remove(&mut self, event: &str, callable: &Callable) -> Option<Listener> {
        let listeners = self.by_event.get_mut(event)?;
        let index = listeners.iter().position(|listener| listener.callback.callable() == Some(callable))?;
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
            listeners.iter().cloned().partition(|listener| listener.callback.valid().is_some());
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
        listeners.iter().filter_map(|listener| listener.callback.valid()).cloned().collect()
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
