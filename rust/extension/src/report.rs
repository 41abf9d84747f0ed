//! How a developer's mistakes are told: as one `push_error` each, which shows with the script's line in the
//! editor's debugger.

use godot::builtin::Variant;
use godot::global::{push_error, push_warning};
use godot::meta::ToGodot;

use socketio_protocol::masking::one_line;

use crate::on_main::is_main_thread;

/// The longest message of a failure, in characters: those of our own are shorter.
const MAX_FAILURE: usize = 900;

/// Prints an error that says what to do.
pub(crate) fn error(message: impl AsRef<str>) {
    push_error(&[text(message.as_ref())]);
}

/// Prints a warning.
pub(crate) fn warning(message: impl AsRef<str>) {
    push_warning(&[text(message.as_ref())]);
}

/// Prints that connecting has failed. That may be in the words of a server, which must not look like other lines of the
/// log, nor fill it.
pub(crate) fn failure(class: &str, message: &str) {
    warning(format!("{class}: {}", one_line(message, MAX_FAILURE)));
}

/// Whether this is a thread other than the main one, on which nothing here may run. It is reported.
pub(crate) fn is_other_thread(call: &str) -> bool {
    if is_main_thread() {
        return false;
    }
    error(format!(
        "{call} was called from another thread and did nothing: use call_deferred() to call it from the main thread."
    ));
    true
}

/// Returns from a method that was called from another thread, with a value that says nothing.
macro_rules! main_thread_only {
    ($call:literal) => {
        main_thread_only!($call, Default::default())
    };
    ($call:literal, $otherwise:expr) => {
        if crate::report::is_other_thread($call) {
            return $otherwise;
        }
    };
}

pub(crate) use main_thread_only;

fn text(message: &str) -> Variant {
    message.to_variant()
}
