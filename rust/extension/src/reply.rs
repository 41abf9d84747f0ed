//! The class `SocketIOReply`.

use godot::builtin::VarArray;
use godot::classes::RefCounted;
use godot::global::Error;
use godot::obj::{Base, Gd};
use godot::prelude::{GodotClass, godot_api};

/// What [method SocketIONamespace.request] and [method SocketIONamespace.wait_for] bring when they are awaited.
///
/// ```gdscript
/// func show_history() -> void:
///     var reply: SocketIOReply = await SocketIOClient.get_namespace().request("get_history", [100])
///     if reply.is_ok():
///         print("the server answered ", reply.data)
///     else:
///         print("no answer: ", error_string(reply.error))
/// ```
#[derive(GodotClass)]
#[class(no_init, base = RefCounted)]
pub(crate) struct SocketIOReply {
    base: Base<RefCounted>,
    /// [constant OK] when there is an answer or an event, [constant ERR_TIMEOUT] when none came in time, and
    /// [constant ERR_CONNECTION_ERROR] when the namespace was not connected, or was left or lost first.
    #[var(no_set)]
    error: Error,
    /// The values of the answer, or the arguments of the event. Empty unless [member error] is [constant OK].
    #[var(no_set)]
    data: VarArray,
}

impl SocketIOReply {
    pub(crate) fn create(error: Error, data: VarArray) -> Gd<Self> {
        Gd::from_init_fn(|base| Self { base, error, data })
    }
}

#[godot_api]
impl SocketIOReply {
    /// Returns `true` if [member error] is [constant OK].
    ///
    /// ```gdscript
    /// var reply: SocketIOReply = await SocketIOClient.get_namespace().wait_for("round_started", 30.0)
    /// if not reply.is_ok():
    ///     print("nobody started the round")
    /// ```
    #[func]
    fn is_ok(&self) -> bool {
        self.error == Error::OK
    }
}
