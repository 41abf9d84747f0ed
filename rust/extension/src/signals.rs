//! The signals of the two classes, emitted by name: gdext's typed `emit` costs twice as much.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use godot::builtin::{Callable, StringName, VarDictionary, Variant};
use godot::classes::Object;
use godot::meta::ToGodot;
use godot::obj::{Gd, Inherits};
use godot::sys;
use rustc_hash::FxBuildHasher;

use crate::text;

pub(crate) const CONNECTED: &str = "connected";
pub(crate) const DISCONNECTED: &str = "disconnected";
pub(crate) const CONNECT_ERROR: &str = "connect_error";
pub(crate) const NAMESPACE_CONNECTED: &str = "namespace_connected";
pub(crate) const NAMESPACE_DISCONNECTED: &str = "namespace_disconnected";
pub(crate) const RECONNECT_ATTEMPT: &str = "reconnect_attempt";
pub(crate) const RECONNECTED: &str = "reconnected";
pub(crate) const RECONNECT_FAILED: &str = "reconnect_failed";
pub(crate) const CONNECTION_STATE_CHANGED: &str = "connection_state_changed";
pub(crate) const EVENT_RECEIVED: &str = "event_received";
pub(crate) const EVENT_EMITTED: &str = "event_emitted";
/// Of what a game awaits: our own emitters, and the engine's coroutines.
pub(crate) const COMPLETED: &str = "completed";

/// The signals of `SocketIOClient`.
pub(crate) const OF_CLIENT: [&str; 9] = [
    CONNECTED,
    DISCONNECTED,
    CONNECT_ERROR,
    NAMESPACE_CONNECTED,
    NAMESPACE_DISCONNECTED,
    RECONNECT_ATTEMPT,
    RECONNECTED,
    RECONNECT_FAILED,
    CONNECTION_STATE_CHANGED,
];

/// The signals of `SocketIONamespace`.
pub(crate) const OF_NAMESPACE: [&str; 6] =
    [CONNECTED, DISCONNECTED, CONNECT_ERROR, EVENT_RECEIVED, EVENT_EMITTED, CONNECTION_STATE_CHANGED];

thread_local! {
    /// A `StringName` from text costs a hash and a lock, so each is made once, and shared without the engine.
    static NAMES: RefCell<HashMap<&'static str, Rc<StringName>, FxBuildHasher>> = RefCell::default();
    static HAS_CONNECTIONS: OnceCell<Option<sys::GDExtensionMethodBindPtr>> = const { OnceCell::new() };
}

/// Emits a signal. The object must be kept alive by the caller, and nothing may be borrowed: a handler may call
/// anything.
pub(crate) fn emit<T: Inherits<Object>>(object: &Gd<T>, signal: &'static str, arguments: &[Variant]) {
    object.clone().upcast::<Object>().emit_signal(&*shared_name(signal), arguments);
}

/// Emits the signal for an event from the server, if anybody listens to it.
pub(crate) fn emit_event_received<T: Inherits<Object>>(object: &Gd<T>, name: &str, data: &Variant) {
    if is_connected(object, EVENT_RECEIVED) {
        emit(object, EVENT_RECEIVED, &[text::string(name).to_variant(), data.clone()]);
    }
}

/// Whether anybody listens to a signal.
pub(crate) fn is_connected<T: Inherits<Object>>(object: &Gd<T>, signal: &'static str) -> bool {
    let name = shared_name(signal);
    let Some(method) = HAS_CONNECTIONS.with(|method| *method.get_or_init(|| has_connections(object))) else {
        return !object.clone().upcast::<Object>().get_signal_connection_list(&*name).is_empty();
    };
    let arguments: [sys::GDExtensionConstTypePtr; 1] = [name.string_sys().cast()];
    let mut result = 0_u8;
    // SAFETY: the method takes a StringName and gives a bool, and the object lives until the call is over. It runs no
    // code of the game.
    unsafe {
        let call = sys::interface_fn!(object_method_bind_ptrcall);
        call(method, object.obj_sys(), arguments.as_ptr(), (&raw mut result).cast());
    }
    result != 0
}

/// Disconnects everybody from the signals. A lambda that is still connected when the engine exits would be freed
/// after its script, which crashes.
pub(crate) fn disconnect_all<T: Inherits<Object>>(object: &Gd<T>, signals: &[&'static str]) {
    let mut object = object.clone().upcast::<Object>();
    for &signal in signals {
        let name = name(signal);
        for connection in object.get_signal_connection_list(&name).iter_shared() {
            disconnect(&mut object, &name, &connection);
        }
    }
}

/// Forgets the cached names, which must not outlive the engine.
pub(crate) fn forget_names() {
    NAMES.with(|names| names.borrow_mut().clear());
}

fn disconnect(object: &mut Gd<Object>, name: &StringName, connection: &VarDictionary) {
    let Some(callable) = connection.get("callable").and_then(|value| value.try_to::<Callable>().ok()) else {
        return;
    };
    if object.is_connected(name, &callable) {
        object.disconnect(name, &callable);
    }
}

/// `Object.has_connections`, which is much cheaper than to ask for the list of them. Old engines do not have it.
fn has_connections<T: Inherits<Object>>(object: &Gd<T>) -> Option<sys::GDExtensionMethodBindPtr> {
    /// What the engine finds the method's signature by.
    const TAKES_NAME_GIVES_BOOL: i64 = 2_619_796_661;

    let method = StringName::from("has_connections");
    if !object.clone().upcast::<Object>().has_method(&method) {
        return None;
    }
    let class = StringName::from("Object");
    // SAFETY: both names live until the call is over. The engine keeps its methods for as long as it runs.
    let found = unsafe {
        let find = sys::interface_fn!(classdb_get_method_bind);
        find(class.string_sys(), method.string_sys(), TAKES_NAME_GIVES_BOOL)
    };
    (!found.is_null()).then_some(found)
}

/// The name of a signal, as the engine wants it.
pub(crate) fn name(signal: &'static str) -> StringName {
    (*shared_name(signal)).clone()
}

fn shared_name(signal: &'static str) -> Rc<StringName> {
    NAMES.with(|names| {
        names.borrow_mut().entry(signal).or_insert_with(|| Rc::new(StringName::from(signal))).clone()
    })
}
