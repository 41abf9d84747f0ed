//! The engine's connection to the editor's debugger.

use godot::builtin::{Callable, StringName, VarArray};
use godot::classes::{Engine, Object};
use godot::meta::ToGodot;
use godot::obj::{Gd, Singleton as _};

const PREFIX: &str = "socket_io";

/// The singleton `EngineDebugger`, of which gdext makes no class without all of them.
#[derive(Clone)]
pub(super) struct Debugger(Gd<Object>);

impl Debugger {
    /// The debugger, if one is connected. There is none in an exported release.
    pub(super) fn active() -> Option<Self> {
        let mut object = Engine::singleton().get_singleton("EngineDebugger")?;
        object.call("is_active", &[]).try_to().unwrap_or(false).then_some(Self(object))
    }

    /// Has the callable called with each message of the editor that has our prefix.
    pub(super) fn register(&self, callable: &Callable) {
        let prefix = StringName::from(PREFIX).to_variant();
        self.0.clone().call("register_message_capture", &[prefix, callable.to_variant()]);
    }

    /// Lets go of the callable.
    pub(super) fn unregister(&self) {
        let prefix = StringName::from(PREFIX).to_variant();
        let mut object = self.0.clone();
        if object.call("has_capture", std::slice::from_ref(&prefix)).try_to().unwrap_or(false) {
            object.call("unregister_message_capture", &[prefix]);
        }
    }

    /// Sends a message. The engine keeps a bounded number of them, and forgets what the editor does not take.
    pub(super) fn send(&self, message: &str, data: &VarArray) {
        let message = format!("{PREFIX}:{message}").to_variant();
        self.0.clone().call("send_message", &[message, data.to_variant()]);
    }
}
