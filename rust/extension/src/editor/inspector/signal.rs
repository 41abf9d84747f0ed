//! Being called when a control has something to say.

use godot::builtin::{Callable, Variant};
use godot::classes::Object;
use godot::meta::ToGodot as _;
use godot::obj::{Gd, GodotClass, Inherits};

/// Connects a signal for as long as the object lives.
pub(super) fn connect<T>(object: &Gd<T>, signal: &str, handle: impl Fn(&[&Variant]) + 'static) -> Callable
where
    T: GodotClass + Inherits<Object>,
{
    let callable =
        Callable::from_fn(format!("SocketIO.{signal}"), move |arguments: &[&Variant]| handle(arguments));
    // Not gdext's own `connect`: it keeps a list for hot reload, before which the controls are freed here, and warns of it
    // whenever the editor is closed.
    object.clone().upcast::<Object>().call("connect", &[signal.to_variant(), callable.to_variant()]);
    callable
}
