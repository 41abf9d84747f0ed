//! What a node can be asked for.

use godot::builtin::GString;
use godot::obj::Gd;
use godot::prelude::godot_api;

use super::SocketIONode;
use crate::client::SocketIOClient;
use crate::namespace::SocketIONamespace;
use crate::report::{self, main_thread_only};

#[godot_api(secondary)]
impl SocketIONode {
    /// Returns the client that the node uses: its own, which is always the same one, or the shared one if
    /// [member share_singleton] is `true`.
    ///
    /// ```gdscript
    /// @onready var net: SocketIONode = $SocketIONode
    ///
    /// func _process(_delta: float) -> void:
    ///     print("round trip: ", net.get_client().get_latency())
    /// ```
    #[func(gd_self)]
    fn get_client(this: Gd<Self>) -> Option<Gd<SocketIOClient>> {
        main_thread_only!("SocketIONode.get_client");
        Self::client(&this)
    }

    /// Returns the namespace of that path of the node's client, made if there is none. It can be called at any time, so
    /// listeners can be registered before the node enters the tree.
    ///
    /// Returns `null` and prints an error if the path does not begin with `/`.
    ///
    /// **Note:** It does not join the namespace. Put its path into [member namespaces], or call
    /// [method SocketIONamespace.connect_to_namespace].
    ///
    /// ```gdscript
    /// @onready var net: SocketIONode = $SocketIONode
    ///
    /// func _ready() -> void:
    ///     net.get_namespace("/chat").on("message", _on_message)
    ///
    /// func _on_message(data: Array) -> void:
    ///     print(data[0])
    /// ```
    #[func(gd_self)]
    fn get_namespace(this: Gd<Self>, path: GString) -> Option<Gd<SocketIONamespace>> {
        main_thread_only!("SocketIONode.get_namespace");
        let core = Self::client(&this)?.bind().core();
        match core.create_namespace(&path.to_string()) {
            Ok(entry) => Some(entry.object.clone()),
            Err(refusal) => {
                report::error(format!("SocketIONode.get_namespace: {refusal}."));
                None
            }
        }
    }
}
