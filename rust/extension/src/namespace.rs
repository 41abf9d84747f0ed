//! The class `SocketIONamespace`.
#![allow(clippy::needless_pass_by_value, reason = "Godot's calls pass their arguments by value")]

use std::rc::Rc;

use godot::builtin::{AnyArray, Callable, GString, VarArray};
use godot::classes::RefCounted;
use godot::global::Error;
use godot::obj::{Base, Gd};
use godot::prelude::{GodotClass, godot_api};
use socketio_protocol::packet::is_reserved;

use crate::argument::{ArrayArgument, DictionaryArgument};
use crate::core::Core;
use crate::enumeration::class_enum;
use crate::listeners::check_ack_callback;
use crate::main_loop;
use crate::membership::{Membership, NamespaceCore};
use crate::on_main::OnMain;
use crate::refusal::Refusal;
use crate::report::{self, main_thread_only};

class_enum! {
    /// The state of a namespace.
    ConnectionState of SocketIONamespace as "SocketIONamespace" {
        /// Not joined.
        Disconnected = STATE_DISCONNECTED 0 "The namespace is not joined, and nothing is being done to join it.",
        /// Joining.
        Connecting = STATE_CONNECTING 1 "The namespace is being joined: the server has not answered yet, or the client is still connecting.",
        /// Joined.
        Connected = STATE_CONNECTED 2 "The namespace is joined.",
    }
}

/// A Socket.IO namespace: a channel of events on the connection of a [SocketIOClient].
///
/// A namespace sends events with [method emit] and receives them with [method on]. Several namespaces share the
/// connection of one client. Get one from [method SocketIOClient.get_namespace] (the main namespace `/`, which
/// is joined by connecting) or [method SocketIOClient.create_namespace] (any other, to be joined with
/// [method connect_to_namespace]).
///
/// ```gdscript
/// var chat := SocketIOClient.create_namespace("/chat")
///
/// func _ready() -> void:
///     chat.on("message", func(data: Array) -> void: print(data[0]))
///     SocketIOClient.connect_to_url("http://127.0.0.1:3000")
///     chat.connect_to_namespace()
///     chat.emit("message", ["hello"])
/// ```
///
/// **Values sent.** `null`, [bool], [int], [float], [String], [StringName], [NodePath], [Array], [Dictionary] and
/// all packed arrays can be sent, nested up to 128 levels. A [PackedByteArray] is sent as a binary attachment
/// wherever it stands, at most 10 in one event. Vectors, [Color], [Quaternion], [Rect2] and [Rect2i] are sent as
/// objects of their components. `NAN` and `INF` are sent as null, and dictionary keys as their [method @GlobalScope.str].
/// Objects, callables, signals, RIDs and anything that contains itself are refused with an error that names the
/// place, and nothing is sent.
///
/// **Values received.** A number without fraction or exponent that fits 64 bits is an [int], any other a [float].
/// Dictionaries keep the server's order, and attachments are [PackedByteArray]s. A NUL character, which a
/// [String] cannot hold, and half of a surrogate pair are received as U+FFFD.
///
/// **Note:** JavaScript keeps integers exactly up to 2^53 only. Send larger ones as strings to such a server.
///
/// **Note:** All signals and callbacks run on the main thread, inside [method SocketIOClient.poll], which is called
/// once a frame. They may call anything, and free anything.
#[derive(GodotClass)]
#[class(no_init, base = RefCounted)]
pub(crate) struct SocketIONamespace {
    base: Base<RefCounted>,
    core: OnMain<Rc<NamespaceCore>>,
}

impl SocketIONamespace {
    pub(crate) fn create(core: &Rc<NamespaceCore>) -> Gd<Self> {
        let core = core.clone();
        Gd::from_init_fn(|base| Self { base, core: OnMain::new(core) })
    }

    /// Makes a call that can be refused, and tells the developer when it is. Nothing of the object is borrowed
    /// meanwhile: printing an error can run the game's code.
    fn call(
        this: &Gd<Self>,
        name: &str,
        call: impl FnOnce(&Rc<Core>, &NamespaceCore) -> Result<(), Refusal>,
    ) -> Error {
        let namespace = Rc::clone(&this.bind().core);
        let result = match namespace.client.upgrade() {
            Some(client) => call(&client, &namespace),
            None => Err(Refusal::client_freed()),
        };
        let Err(refusal) = result else {
            return Error::OK;
        };
        report::error(format!("SocketIONamespace.{name}: {refusal}."));
        refusal.code
    }
}

#[godot_api]
impl SocketIONamespace {
    /// Emitted when the server has accepted the namespace. `session_id` is the same as [method get_session_id].
    /// Events that waited for it have been sent.
    #[signal]
    fn connected(session_id: GString);

    /// Emitted when the namespace is no longer joined.
    ///
    /// `reason` is one of the official client's: `io server disconnect` (the server ended it), `io client disconnect`
    /// (the game left), `ping timeout` (no sign of life in time), `transport close` (the connection was closed),
    /// `transport error` (the connection failed) or `parse error` (the server sent something that is not
    /// Socket.IO).
    #[signal]
    fn disconnected(reason: GString);

    /// Emitted for every event from the server, after its listeners, whether or not there are any.
    ///
    /// ```gdscript
    /// SocketIOClient.get_namespace().event_received.connect(func(event_name: String, data: Array) -> void:
    ///     print(event_name, " ", data)
    /// )
    /// ```
    #[signal]
    fn event_received(event_name: GString, data: VarArray);

    /// Joins the namespace, at once or as soon as the client is connected. `auth` is what the server finds in
    /// `socket.handshake.auth`.
    ///
    /// Returns [constant OK] when joining has started: [signal connected] or [signal SocketIOClient.connect_error]
    /// follows. Returns [constant ERR_ALREADY_IN_USE] when the namespace is joined or joining,
    /// [constant ERR_UNCONFIGURED] when the client is not connecting to anything, and
    /// [constant ERR_INVALID_PARAMETER] when `auth` holds something that cannot be sent.
    ///
    /// **Note:** The main namespace `/` is joined by [method SocketIOClient.connect_to_url]. Call this for it only to
    /// join it again after [method disconnect_from_namespace].
    ///
    /// ```gdscript
    /// var chat := SocketIOClient.create_namespace("/chat")
    /// SocketIOClient.connect_to_url("http://127.0.0.1:3000")
    /// if chat.connect_to_namespace({"token": "secret"}) == OK:
    ///     await chat.connected
    ///     print("joined ", chat.get_namespace_path())
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
    /// var chat := SocketIOClient.get_namespace("/chat")
    /// chat.disconnected.connect(func(reason: String) -> void: print("left: ", reason))
    /// chat.disconnect_from_namespace()
    /// ```
    #[func(gd_self)]
    fn disconnect_from_namespace(this: Gd<Self>) {
        main_thread_only!("SocketIONamespace.disconnect_from_namespace");
        let core = Rc::clone(&this.bind().core);
        if let Some(client) = core.client.upgrade() {
            client.leave(&core);
        }
    }

    /// Sends an event with the values in `data` as its arguments.
    ///
    /// Until the namespace is joined for the first time, and while it is being joined, events wait and are sent in
    /// order right after the join; if the server refuses it, they wait for the next one. After the namespace has ended,
    /// events are refused with an error until it is being joined again.
    ///
    /// ```gdscript
    /// SocketIOClient.get_namespace().emit("move", [{"x": 1.5, "y": 2.0}])
    /// ```
    ///
    /// **Note:** `connect`, `connect_error`, `disconnect`, `disconnecting`, `newListener` and `removeListener` are
    /// reserved by Socket.IO and cannot be sent.
    #[func(gd_self)]
    fn emit(this: Gd<Self>, event: GString, #[opt(default = ArrayArgument::default())] data: ArrayArgument) {
        main_thread_only!("SocketIONamespace.emit");
        Self::call(&this, "emit", |client, namespace| client.emit(namespace, &event.to_string(), &data.0));
    }

    /// Sends an event and calls `callback` with the server's answer: one [Array] of the values with which the server
    /// acknowledged.
    ///
    /// `callback` is called exactly once. It gets `["timeout"]` when no answer came within `timeout` seconds, when the
    /// namespace was left or lost first, and when the event could not be sent. The time counts from this call on,
    /// also while the event waits. With a `timeout` of 0 or less, the answer is waited for as long as the namespace
    /// is joined.
    ///
    /// ```gdscript
    /// SocketIOClient.get_namespace().emit_with_ack("roll", [6], func(answer: Array) -> void:
    ///     print("rolled ", answer[0])
    /// )
    /// ```
    #[func(gd_self)]
    fn emit_with_ack(
        this: Gd<Self>,
        event: GString,
        data: AnyArray,
        callback: Callable,
        #[opt(default = 5.0)] timeout: f64,
    ) {
        main_thread_only!("SocketIONamespace.emit_with_ack");
        if Rc::clone(&this.bind().core).client.strong_count() == 0 && check_ack_callback(&callback).is_ok() {
            main_loop::fail_later(vec![callback.clone()]);
        }
        Self::call(&this, "emit_with_ack", |client, namespace| {
            client.emit_with_ack(namespace, &event.to_string(), &data, &callback, timeout)
        });
    }

    /// Calls `callback` with one [Array] of the event's arguments whenever the server sends `event`.
    ///
    /// All callbacks of an event are called with the same [Array], in the order in which they were registered; one that
    /// is registered twice is called twice. A callback whose object has been freed is dropped silently.
    ///
    /// A callback with a second parameter also gets a [Callable] that answers the server: call it with one [Array].
    /// It answers once, and does nothing when the server asked for no answer.
    ///
    /// ```gdscript
    /// func _ready() -> void:
    ///     SocketIOClient.get_namespace().on("question", _on_question)
    ///
    /// func _on_question(data: Array, ack: Callable) -> void:
    ///     ack.call(["my answer to " + str(data[0])])
    /// ```
    #[func(gd_self)]
    fn on(this: Gd<Self>, event: GString, callback: Callable) {
        main_thread_only!("SocketIONamespace.on");
        if main_loop::is_exiting() {
            return;
        }
        if is_reserved(&event.to_string()) {
            report::error(format!(
                "SocketIONamespace.on: a server cannot send \"{event}\", the name is reserved by Socket.IO. Connect the \
                 signals connected, disconnected and SocketIOClient.connect_error instead."
            ));
            return;
        }
        let core = Rc::clone(&this.bind().core);
        if let Err(problem) = core.listen(&event.to_string(), &callback) {
            report::error(format!("SocketIONamespace.on: the callback for \"{event}\" {problem}."));
        }
    }

    /// Removes one registration of `callback` for `event`. Does nothing if there is none.
    ///
    /// **Note:** Each lambda is a [Callable] of its own: keep it in a variable to be able to remove it.
    ///
    /// ```gdscript
    /// var main := SocketIOClient.get_namespace()
    /// main.on("tick", _on_tick)
    /// main.off("tick", _on_tick)
    /// ```
    #[func(gd_self)]
    fn off(this: Gd<Self>, event: GString, callback: Callable) {
        main_thread_only!("SocketIONamespace.off");
        let core = Rc::clone(&this.bind().core);
        let removed = core.listeners.borrow_mut().remove(&event.to_string(), &callback);
        drop(removed);
    }

    /// Returns the state of the namespace.
    ///
    /// ```gdscript
    /// var state: SocketIONamespace.ConnectionState = SocketIOClient.get_namespace().get_connection_state()
    /// if state == SocketIONamespace.STATE_CONNECTING:
    ///     print("joining...")
    /// ```
    #[func]
    fn get_connection_state(&self) -> ConnectionState {
        main_thread_only!("SocketIONamespace.get_connection_state", ConnectionState::Disconnected);
        match *self.core.membership.borrow() {
            Membership::Fresh | Membership::Ended(_) => ConnectionState::Disconnected,
            Membership::Joining(_) => ConnectionState::Connecting,
            Membership::Joined { .. } => ConnectionState::Connected,
        }
    }

    /// Returns the path of the namespace, as `/` or `/chat`.
    #[func]
    fn get_namespace_path(&self) -> GString {
        main_thread_only!("SocketIONamespace.get_namespace_path");
        GString::from(&*self.core.path)
    }

    /// Returns the Socket.IO session id, which is the server's `socket.id`. Empty while the namespace is not joined.
    #[func]
    fn get_session_id(&self) -> GString {
        main_thread_only!("SocketIONamespace.get_session_id");
        match &*self.core.membership.borrow() {
            Membership::Joined { session_id, .. } => GString::from(session_id),
            _ => GString::new(),
        }
    }

    /// Returns `true` while the namespace is joined.
    ///
    /// ```gdscript
    /// if SocketIOClient.get_namespace().is_namespace_connected():
    ///     SocketIOClient.get_namespace().emit("hello")
    /// ```
    #[func]
    fn is_namespace_connected(&self) -> bool {
        main_thread_only!("SocketIONamespace.is_namespace_connected");
        matches!(*self.core.membership.borrow(), Membership::Joined { .. })
    }
}
