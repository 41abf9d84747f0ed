//! The class `SocketIOReply`.

use godot::builtin::{GString, VarArray};
use godot::classes::{IRefCounted, RefCounted};
use godot::global::Error;
use godot::meta::ToGodot as _;
use godot::obj::{Base, EngineEnum as _, Gd};
use godot::prelude::{GodotClass, godot_api};

/// What [method SocketIONamespace.request] and [method SocketIONamespace.wait_for] bring when they are awaited.
///
/// ```gdscript
/// func show_history() -> void:
///     var reply: SocketIOReply = await SocketIOClient.get_singleton().get_namespace().request("get_history", [100])
///     if reply.is_ok():
///         print("the server answered ", reply.data)
///     else:
///         print("no answer: ", error_string(reply.error))
/// ```
///
/// Printing a reply shows both: `SocketIOReply(error: ERR_TIMEOUT, data: [])`.
#[derive(GodotClass)]
#[class(no_init, base = RefCounted)]
pub(crate) struct SocketIOReply {
    base: Base<RefCounted>,
    /// [constant OK] when there is an answer or an event, [constant ERR_TIMEOUT] when none came in time, and
    /// [constant ERR_CONNECTION_ERROR] when the namespace was not connected, or was refused, left or lost first.
    #[var(no_set)]
    error: Error,
    /// The values of the answer, or the arguments of the event. When the server has refused the namespace, the one element
    /// is the [Dictionary] of [signal SocketIONamespace.connect_error]. Empty otherwise.
    ///
    /// ```gdscript
    /// func enter() -> void:
    ///     var rooms: SocketIONamespace = SocketIOClient.get_singleton().create_namespace("/rooms")
    ///     rooms.connect_to_namespace({"token": "guess"})
    ///     var reply: SocketIOReply = await rooms.request("enter")
    ///     if reply.error == ERR_CONNECTION_ERROR and not reply.data.is_empty():
    ///         print("not let in: ", reply.data[0].message)
    /// ```
    #[var(no_set)]
    data: VarArray,
}

#[godot_api]
impl IRefCounted for SocketIOReply {
    fn to_string(&self) -> GString {
        let data = self.data.to_variant().stringify();
        GString::from(&format!("SocketIOReply(error: {}, data: {data})", self.error.as_str()))
    }
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
    /// var reply: SocketIOReply = await SocketIOClient.get_singleton().get_namespace().wait_for("round_started", 30.0)
    /// if not reply.is_ok():
    ///     print("nobody started the round")
    /// ```
    #[func]
    fn is_ok(&self) -> bool {
        self.error == Error::OK
    }
}
