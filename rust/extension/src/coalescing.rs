//! Events of which only the newest counts.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use rustc_hash::FxBuildHasher;
use socketio_protocol::{Event, Namespace, Received};

/// The number of the newest event of each name that is coalesced.
type ByNamespace = HashMap<Namespace, HashMap<String, u64, FxBuildHasher>, FxBuildHasher>;

/// Which events are coalesced, and which of those that wait for a frame is the newest of its name.
///
/// Events come and go in one order, so each is known by its number.
#[derive(Default)]
pub(crate) struct Coalescing {
    newest: RefCell<ByNamespace>,
    arrived: Cell<u64>,
    taken: Cell<u64>,
}

impl Coalescing {
    /// Begins or ends to coalesce the events of a name.
    pub(crate) fn set(&self, namespace: &Namespace, event: &str, enabled: bool) {
        let mut newest = self.newest.borrow_mut();
        if enabled {
            newest.entry(namespace.clone()).or_default().entry(event.to_owned()).or_default();
        } else if let Some(events) = newest.get_mut(namespace) {
            events.remove(event);
            if events.is_empty() {
                newest.remove(namespace);
            }
        }
    }

    /// Whether nothing is coalesced, so that nothing needs to be known of what waits behind an event.
    pub(crate) fn is_idle(&self) -> bool {
        self.newest.borrow().is_empty()
    }

    /// Something has arrived, and waits for a frame.
    pub(crate) fn arrives<V>(&self, event: &Event<V>) {
        self.arrived.set(self.arrived.get() + 1);
        let mut newest = self.newest.borrow_mut();
        if newest.is_empty() {
            return;
        }
        let newest = coalescible(event)
            .and_then(|received| newest.get_mut(&received.namespace)?.get_mut(received.name.as_str()));
        if let Some(newest) = newest {
            *newest = self.arrived.get();
        }
    }

    /// Something is taken out, in the order of arrival. Returns whether a newer event makes it needless.
    pub(crate) fn takes<V>(&self, event: &Event<V>) -> bool {
        self.taken.set(self.taken.get() + 1);
        let newest = self.newest.borrow();
        if newest.is_empty() {
            return false;
        }
        let newest = coalescible(event)
            .and_then(|received| newest.get(&received.namespace)?.get(received.name.as_str()));
        newest.is_some_and(|newest| *newest > self.taken.get())
    }
}

/// The event from the server, unless the server waits for its answer.
fn coalescible<V>(event: &Event<V>) -> Option<&Received<V>> {
    match event {
        Event::Received(received) if received.ack.is_none() => Some(received),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use socketio_protocol::{AckToken, JoinId, NoAnswer, SessionNumber, Values};

    use super::*;

    fn received(name: &str, ack: Option<u64>) -> Event {
        Event::Received(Received {
            namespace: "/".into(),
            join: JoinId(1),
            session: SessionNumber(1),
            name: name.into(),
            arguments: Values::default(),
            ack,
        })
    }

    fn other() -> Event {
        Event::Ack { token: AckToken(1), answer: Err(NoAnswer::TimedOut) }
    }

    fn arrive(coalescing: &Coalescing, events: &[Event]) {
        events.iter().for_each(|event| coalescing.arrives(event));
    }

    /// Which of the events are needless, when they all arrive before the first is taken.
    fn needless(coalescing: &Coalescing, events: &[Event]) -> Vec<bool> {
        arrive(coalescing, events);
        events.iter().map(|event| coalescing.takes(event)).collect()
    }

    #[test]
    fn only_the_newest_of_a_name_counts() {
        let coalescing = Coalescing::default();
        coalescing.set(&"/".into(), "move", true);
        let events = [received("move", None), other(), received("chat", None), received("move", None)];
        assert_eq!(needless(&coalescing, &events), [true, false, false, false]);
        assert_eq!(needless(&coalescing, &events[..1]), [false]);
    }

    #[test]
    fn an_event_that_wants_an_answer_always_counts() {
        let coalescing = Coalescing::default();
        coalescing.set(&"/".into(), "move", true);
        let events = [received("move", Some(1)), received("move", None), received("move", Some(2))];
        assert_eq!(needless(&coalescing, &events), [false, false, false]);
    }

    #[test]
    fn events_that_waited_before_it_was_enabled_give_way_as_well() {
        let coalescing = Coalescing::default();
        let event = received("move", None);
        arrive(&coalescing, std::slice::from_ref(&event));
        coalescing.set(&"/".into(), "move", true);
        arrive(&coalescing, std::slice::from_ref(&event));
        assert_eq!([coalescing.takes(&event), coalescing.takes(&event)], [true, false]);
    }

    #[test]
    fn nothing_gives_way_once_it_is_disabled() {
        let coalescing = Coalescing::default();
        let events = [received("move", None), received("move", None)];
        coalescing.set(&"/".into(), "move", true);
        arrive(&coalescing, &events);
        coalescing.set(&"/".into(), "move", false);
        assert_eq!([coalescing.takes(&events[0]), coalescing.takes(&events[1])], [false, false]);
    }
}
