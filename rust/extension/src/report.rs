//! How a developer's mistakes are told: as one `push_error` each, which shows with the script's line in the
//! editor's debugger.

use godot::builtin::Variant;
use godot::global::{push_error, push_warning};
use godot::meta::ToGodot;

/// Prints an error that says what to do.
pub(crate) fn error(message: impl AsRef<str>) {
    push_error(&[text(message.as_ref())]);
}

/// Prints a warning.
pub(crate) fn warning(message: impl AsRef<str>) {
    push_warning(&[text(message.as_ref())]);
}

fn text(message: &str) -> Variant {
    message.to_variant()
}
