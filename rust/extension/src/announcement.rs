//! What the game is to be told of: a change of a state, or a signal that tells why.
//!
//! A handler may poll, and so cause the opposite of the signal that it is handling. Signals are therefore queued: a
//! nested poll emits the queued ones first, so that `connected` and `disconnected` alternate on each object whatever
//! the handlers do. State changes go through the same queue, in the order in which they happened.

use godot::builtin::Variant;
use godot::classes::Object;
use godot::meta::ToGodot;
use godot::obj::{Gd, Inherits};
use socketio_protocol::Namespace;

use crate::core::Core;
use crate::signals::{self, CONNECTION_STATE_CHANGED};
use crate::{client, namespace, text};

/// A signal that is due.
pub(crate) enum Announcement {
    /// It keeps its object alive.
    Signal { object: Gd<Object>, signal: &'static str, arguments: Vec<Variant> },
    /// The client has another state. The game's own calls announce it, which must not keep the client alive until a poll.
    ClientState(client::ConnectionState),
    /// A namespace has another state.
    NamespaceState { path: Namespace, state: namespace::ConnectionState },
}

impl Announcement {
    pub(crate) fn new<T: Inherits<Object>>(
        object: &Gd<T>,
        signal: &'static str,
        arguments: Vec<Variant>,
    ) -> Self {
        Self::Signal { object: object.clone().upcast(), signal, arguments }
    }

    /// A signal with one text.
    pub(crate) fn text<T: Inherits<Object>>(object: &Gd<T>, signal: &'static str, argument: &str) -> Self {
        Self::new(object, signal, vec![text::string(argument).to_variant()])
    }
}

impl Core {
    /// Emits signals, after those that are due already and the changes of states until now.
    pub(crate) fn announce(&self, announcements: impl IntoIterator<Item = Announcement>) {
        self.note_states();
        self.announcements.borrow_mut().extend(announcements);
        self.emit_due();
    }

    /// Emits the signals that are due. What the handlers add is left for the next time, so that this always ends.
    pub(crate) fn emit_due(&self) {
        let due = self.announcements.borrow().len();
        for _ in 0..due {
            let announcement = self.announcements.borrow_mut().pop_front();
            match announcement {
                Some(announcement) => self.emit_announcement(announcement),
                None => return,
            }
        }
    }

    fn emit_announcement(&self, announcement: Announcement) {
        match announcement {
            Announcement::Signal { object, signal, arguments } => signals::emit(&object, signal, &arguments),
            Announcement::ClientState(state) => {
                if let Some(object) = self.object() {
                    signals::emit(&object, CONNECTION_STATE_CHANGED, &[state.to_variant()]);
                }
            }
            Announcement::NamespaceState { path, state } => {
                if let Some(entry) = self.namespace(&path) {
                    signals::emit(&entry.object, CONNECTION_STATE_CHANGED, &[state.to_variant()]);
                }
            }
        }
    }
}
