//! That a namespace was joined or left, as up to three signals on two objects.
//!
//! A handler of the first signal may poll, and with it cause the opposite of what is being told. So the signals that
//! are due stand in a queue: a nested poll emits the rest of them first, and `connected` and `disconnected` alternate
//! on each object whatever the handlers do.

use godot::builtin::Variant;
use godot::classes::Object;
use godot::obj::Gd;

use crate::core::Core;
use crate::signals;

/// A signal that is due. It keeps its object alive.
pub(crate) struct Announcement {
    pub(crate) object: Gd<Object>,
    pub(crate) signal: &'static str,
    pub(crate) argument: Variant,
}

impl Core {
    /// Emits signals, after those that are due already.
    pub(crate) fn announce(&self, announcements: impl IntoIterator<Item = Announcement>) {
        self.announcements.borrow_mut().extend(announcements);
        self.emit_due();
    }

    /// Emits the signals that are due.
    pub(crate) fn emit_due(&self) {
        loop {
            let due = self.announcements.borrow_mut().pop_front();
            let Some(Announcement { object, signal, argument }) = due else {
                return;
            };
            signals::emit(&object, signal, &[argument]);
        }
    }
}
