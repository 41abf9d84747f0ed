//! Joining and leaving a namespace, and how it stands.

use std::rc::Rc;

use godot::builtin::GString;
use godot::global::Error;
use godot::obj::Gd;
use godot::prelude::godot_api;

use super::{ConnectionState, SocketIONamespace};
use crate::argument::DictionaryArgument;
use crate::report::main_thread_only;
use crate::text;

#[godot_api(secondary)]
impl SocketIONamespace {
    /// Joins the namespace, at once or as soon as the client is connected, and again with the same `auth` after each
    /// reconnection. `auth` is what the server finds in `socket.handshake.auth`; for a fresh one each time, set
    /// [member auth_provider].
    ///
    /// Returns [constant OK] when joining has started: [signal connected] or [signal connect_error] follows. Returns [constant ERR_ALREADY_IN_USE] when the namespace is joined or joining,
    /// [constant ERR_UNCONFIGURED] when the client is not connecting to anything, and
    /// [constant ERR_INVALID_PARAMETER] when `auth` holds something that cannot be sent.
    ///
    /// **Note:** The main namespace `/` is joined by [method SocketIOClient.connect_to_url]. Call this for it only to
    /// join it again after [method disconnect_from_namespace].
    ///
    /// ```gdscript
    /// var client: SocketIOClient = SocketIOClient.new()
    /// var chat: SocketIONamespace = client.create_namespace("/chat")
    ///
    /// func _ready() -> void:
    ///     client.connect_to_url("http://127.0.0.1:3000")
    ///     if chat.connect_to_namespace({"token": "secret"}) == OK:
    ///         await chat.connected
    ///         print("joined ", chat.get_namespace_path())
    ///
    /// func _exit_tree() -> void:
    ///     client.close()
    /// ```
    #[func(gd_self)]
    fn connect_to_namespace(
        this: Gd<Self>,
        #[opt(default = DictionaryArgument::default())] auth: DictionaryArgument,
    ) -> Error {
        main_thread_only!("SocketIONamespace.connect_to_namespace", Error::ERR_UNAVAILABLE);
        Self::call(&this, "connect_to_namespace", |client, namespace| client.join(namespace, &auth.0))
    }

    /// Leaves the namespace. The connection stays open for other namespaces. Does nothing when it is not joined.
    ///
    /// Emits [signal disconnected] with `io client disconnect` at the next poll if the namespace was joined. Acks
    /// that are still waited for get `["timeout"]`.
    ///
    /// ```gdscript
    /// var chat: SocketIONamespace = SocketIOClient.get_singleton().get_namespace("/chat")
    /// if chat != null:
    ///     chat.disconnect_from_namespace()
    /// ```
    #[func(gd_self)]
    fn disconnect_from_namespace(this: Gd<Self>) {
        main_thread_only!("SocketIONamespace.disconnect_from_namespace");
        let core = Rc::clone(&this.bind().core);
        if let Some(client) = core.client.upgrade() {
            client.leave(&core);
        }
    }

    /// Returns the state of the namespace. While it waits to be joined again, and while the client is paused, that is
    /// [constant STATE_CONNECTING].
    ///
    /// ```gdscript
    /// var state: SocketIONamespace.ConnectionState = SocketIOClient.get_singleton().get_namespace().get_connection_state()
    /// if state == SocketIONamespace.STATE_CONNECTING:
    ///     print("joining...")
    /// ```
    #[func]
    pub(crate) fn get_connection_state(&self) -> ConnectionState {
        main_thread_only!("SocketIONamespace.get_connection_state", ConnectionState::Disconnected);
        self.core.state()
    }

    /// Returns the path of the namespace, as `/` or `/chat`.
    #[func]
    fn get_namespace_path(&self) -> GString {
        main_thread_only!("SocketIONamespace.get_namespace_path");
        text::string(&self.core.path)
    }

    /// Returns the Socket.IO session id, which is the server's `socket.id`. Empty while the namespace is not joined.
    #[func]
    pub(crate) fn get_session_id(&self) -> GString {
        main_thread_only!("SocketIONamespace.get_session_id");
        if !self.core.is_connected() {
            return GString::new();
        }
        self.core.membership.borrow().session_id().map(text::string).unwrap_or_default()
    }

    /// Returns `true` while the namespace is joined.
    ///
    /// ```gdscript
    /// if SocketIOClient.get_singleton().get_namespace().is_namespace_connected():
    ///     SocketIOClient.get_singleton().get_namespace().emit("hello")
    /// ```
    #[func]
    fn is_namespace_connected(&self) -> bool {
        main_thread_only!("SocketIONamespace.is_namespace_connected");
        self.core.is_connected()
    }
}
