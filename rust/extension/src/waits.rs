//! Functions that wait for an event of a namespace.

use std::rc::Rc;
use std::time::Instant;

use godot::builtin::{Signal, VarArray};
use godot::global::Error;

use crate::acks::Waiter;
use crate::awaited::Awaited;
use crate::core::Core;
use crate::membership::{Membership, NamespaceCore};
use crate::{emit, main_loop};

/// The functions that wait for an event of one namespace, in the order in which they began to.
#[derive(Default)]
pub(crate) struct Waits {
    waiting: Vec<Wait>,
}

struct Wait {
    event: String,
    awaited: Awaited,
    deadline: Option<Instant>,
}

impl Waits {
    /// Takes out who waits for that event.
    #[must_use]
    pub(crate) fn take(&mut self, event: &str) -> Vec<Awaited> {
        self.take_if(|wait| wait.event == event)
    }

    /// Takes everybody out.
    #[must_use]
    pub(crate) fn take_all(&mut self) -> Vec<Awaited> {
        self.take_if(|_| true)
    }

    /// Takes out those whose time is up.
    #[must_use]
    fn take_late(&mut self, now: Instant) -> Vec<Awaited> {
        self.take_if(|wait| wait.deadline.is_some_and(|deadline| deadline <= now))
    }

    fn deadline(&self) -> Option<Instant> {
        self.waiting.iter().filter_map(|wait| wait.deadline).min()
    }

    fn take_if(&mut self, mut wanted: impl FnMut(&Wait) -> bool) -> Vec<Awaited> {
        self.waiting.extract_if(.., |wait| wanted(wait)).map(|wait| wait.awaited).collect()
    }
}

impl Core {
    /// Begins to wait for the next event of a name. A `timeout` that is no time has no end.
    pub(crate) fn wait_for(&self, namespace: &NamespaceCore, event: &str, timeout: f64) -> Signal {
        main_loop::start_polling();
        let awaited = Awaited::new();
        let signal = awaited.signal();
        if let Membership::Ended(_) = *namespace.membership.borrow() {
            self.fail_later([Waiter::Awaited(awaited)]);
            return signal;
        }
        let deadline = emit::time(timeout).and_then(|timeout| Instant::now().checked_add(timeout));
        self.wait_deadline.set(self.wait_deadline.get().into_iter().chain(deadline).min());
        let wait = Wait { event: event.to_owned(), awaited, deadline };
        namespace.waits.borrow_mut().waiting.push(wait);
        self.note_waiting(namespace);
        signal
    }

    /// Resumes those who have waited long enough.
    pub(crate) fn end_late_waits(self: &Rc<Self>) {
        let Some(deadline) = self.wait_deadline.get() else {
            return;
        };
        let now = Instant::now();
        if now < deadline {
            return;
        }
        let namespaces = self.namespaces();
        let late: Vec<Awaited> =
            namespaces.iter().flat_map(|entry| entry.core.waits.borrow_mut().take_late(now)).collect();
        let next = namespaces.iter().filter_map(|entry| entry.core.waits.borrow().deadline()).min();
        self.wait_deadline.set(next);
        self.warn_of_all_unasked();
        for awaited in late {
            awaited.resolve(Error::ERR_TIMEOUT, VarArray::new());
        }
    }
}
