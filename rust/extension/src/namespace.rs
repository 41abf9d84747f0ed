//! The class `SocketIONamespace`: its properties and signals. Its methods are in the files of the folder `namespace`.
#![allow(clippy::needless_pass_by_value, reason = "Godot's calls pass their arguments by value")]

mod emitting;
mod joining;
mod listening;
mod state;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use godot::builtin::{Callable, GString, VarArray, VarDictionary};
use godot::classes::RefCounted;
use godot::global::Error;
use godot::obj::{Base, Gd, InstanceId};
use godot::prelude::{GodotClass, PhantomVar, godot_api};
use rustc_hash::FxBuildHasher;

pub(crate) use self::state::ConnectionState;
use crate::callback::Callback;
use crate::core::Core;
use crate::main_loop;
use crate::membership::NamespaceCore;
use crate::on_main::OnMain;
use crate::options;
use crate::refusal::Refusal;
use crate::report::{self, main_thread_only};

thread_local! {
    /// What stands behind each object, so that an emit need not ask gdext for it: a `bind` takes two locks and a system
    /// call, which is as much as everything else about a small event.
    static CORES: RefCell<HashMap<InstanceId, Weak<NamespaceCore>, FxBuildHasher>> = RefCell::default();
}

/// A Socket.IO namespace: a channel of events on the connection of a [SocketIOClient].
///
/// A namespace sends events with [method emit] and receives them with [method on]. Several namespaces share the
/// connection of one client. Get one from [method SocketIOClient.get_namespace] (the main namespace `/`, which
/// is joined by connecting) or [method SocketIOClient.create_namespace] (any other, to be joined with
/// [method connect_to_namespace]).
///
/// ```gdscript
/// var client: SocketIOClient = SocketIOClient.new()
/// var chat: SocketIONamespace = client.create_namespace("/chat")
///
/// func _ready() -> void:
///     chat.on("message", _on_message)
///     client.connect_to_url("http://127.0.0.1:3000")
///     chat.connect_to_namespace()
///     chat.emit("message", ["hello"])
///
/// func _on_message(data: Array) -> void:
///     print(data[0])
///
/// func _exit_tree() -> void:
///     client.close()
/// ```
///
/// An answer or an event can be awaited as well, with [method request] and [method wait_for]:
///
/// ```gdscript
/// func show_history() -> void:
///     var reply: SocketIOReply = await SocketIOClient.get_singleton().get_namespace().request("get_history", [100])
///     if reply.is_ok():
///         print(reply.data)
/// ```
///
/// **Values sent.** `null`, [bool], [int], [float], [String], [StringName], [NodePath], [Array], [Dictionary] and
/// all packed arrays can be sent, nested up to 128 levels. A [PackedByteArray] is sent as a binary attachment
/// wherever it stands, at most [member SocketIOClient.max_attachments] in one event. Vectors, [Color], [Quaternion],
/// [Rect2], [Rect2i], [Plane], [AABB], [Basis], [Transform2D], [Transform3D] and [Projection] are sent as objects of
/// their members, by the names that GDScript has for them. `NAN` and `INF` are sent as null, and dictionary keys as their
/// [method @GlobalScope.str]. Objects, callables, signals, RIDs and anything that contains itself are refused with an error
/// that names the place, the class and what to send, and nothing is sent.
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
    /// If set, it is called for a fresh `auth` each time that the namespace is joined, also after each reconnection, in
    /// place of the one given to [method connect_to_namespace] or [method SocketIOClient.connect_to_url]. It takes no
    /// parameters and returns a [Dictionary]. It may `await`, also what another thread emits; the namespace is joined when
    /// it returns.
    ///
    /// If it cannot be called, as when its object has been freed, or returns something else, an error is printed and the
    /// `auth` that was given is used.
    ///
    /// ```gdscript
    /// var client: SocketIOClient = SocketIOClient.get_singleton()
    ///
    /// func _ready() -> void:
    ///     client.get_namespace().auth_provider = fresh_auth
    ///     if client.get_connection_state() == SocketIOClient.STATE_DISCONNECTED:
    ///         client.connect_to_url("http://127.0.0.1:3000")
    ///
    /// func fresh_auth() -> Dictionary:
    ///     await get_tree().create_timer(0.1).timeout # Here a game asks its login service.
    ///     return {"token": "fresh"}
    /// ```
    #[var(get = get_auth_provider, set = set_auth_provider)]
    auth_provider: PhantomVar<Callable>,
    /// How long [method emit_with_ack] and [method request] wait for an answer, in seconds, unless their own `timeout` is
    /// something other than its default. With 0, that default counts.
    ///
    /// When [member retries] is more than 0, it also is how long each try of [method emit] waits to be acknowledged. With
    /// 0, each waits as long as the connection lasts.
    #[var(get = get_ack_timeout, set = set_ack_timeout)]
    ack_timeout: PhantomVar<f64>,
    /// How often an event is sent again until the server has acknowledged it. When it is more than 0, events are sent one
    /// at a time and in order: the next one goes when the one before has been acknowledged or given up. An event that
    /// is not acknowledged within its time, or before the connection is lost, is sent again. So the server gets each
    /// event at least once; give events an id of your own to tell repetitions. Set [member ack_timeout] as well.
    ///
    /// The server must acknowledge every event then. It does not count for [method emit_volatile]. While the client is
    /// not connected, and while an event waits for its turn, no time passes for it. What waits for its turn when the
    /// namespace is left or the client is closed is still sent, once.
    ///
    /// ```gdscript
    /// var orders: SocketIONamespace = SocketIOClient.get_singleton().create_namespace("/orders")
    ///
    /// func _ready() -> void:
    ///     orders.retries = 3
    ///     orders.ack_timeout = 2.0
    /// ```
    #[var(get = get_retries, set = set_retries)]
    retries: PhantomVar<i64>,
    /// If `true`, the last join restored the session that was there before: the events that were missed have been
    /// delivered, and the server kept the rooms. If `false`, the session is a new one, and the game should ask the server
    /// for its state. Needs a server with connection state recovery.
    ///
    /// **Note:** Such a server adds a text to its events, as an extra last argument, and nothing marks it. It is hidden where
    /// it is certain not to be the game's own. With the server's in-memory adapter that is from the first event with other
    /// arguments on, with the adapters for Redis streams and MongoDB after one such event or two, and with other
    /// adapters never. If the clocks of server and
    /// device are more than five minutes apart, it takes ten seconds. Read arguments by their index, not from the end of the
    /// data, and send ids not as the last argument but in a [Dictionary].
    ///
    /// ```gdscript
    /// var main: SocketIONamespace = SocketIOClient.get_singleton().get_namespace()
    ///
    /// func _ready() -> void:
    ///     main.connected.connect(_on_connected)
    ///
    /// func _on_connected(_session_id: String) -> void:
    ///     if not main.recovered:
    ///         main.emit("send_me_everything")
    /// ```
    #[var(get = is_recovered, no_set)]
    recovered: PhantomVar<bool>,
}

impl SocketIONamespace {
    pub(crate) fn create(core: &Rc<NamespaceCore>) -> Gd<Self> {
        let object = Gd::from_init_fn(|base| Self {
            base,
            core: OnMain::new(core.clone()),
            auth_provider: PhantomVar::default(),
            ack_timeout: PhantomVar::default(),
            retries: PhantomVar::default(),
            recovered: PhantomVar::default(),
        });
        CORES.with_borrow_mut(|cores| {
            // Only when there is no room any more, so that a thousand namespaces do not cost a million looks.
            if cores.len() == cores.capacity() {
                cores.retain(|_, core| core.strong_count() > 0);
            }
            cores.insert(object.instance_id(), Rc::downgrade(core));
        });
        object
    }

    /// What stands behind an object. To be called on the main thread.
    fn core(this: &Gd<Self>) -> Rc<NamespaceCore> {
        let known =
            CORES.with_borrow(|cores| cores.get(&this.instance_id_unchecked()).and_then(Weak::upgrade));
        known.unwrap_or_else(|| Rc::clone(&this.bind().core))
    }

    /// Makes a call that can be refused, and tells the developer when it is. Nothing of the object is borrowed
    /// meanwhile: printing an error can run the game's code.
    fn call(
        this: &Gd<Self>,
        name: &str,
        call: impl FnOnce(&Rc<Core>, &NamespaceCore) -> Result<(), Refusal>,
    ) -> Error {
        let namespace = Self::core(this);
        let result = match namespace.client.upgrade() {
            Some(client) => call(&client, &namespace),
            None => Err(Refusal::client_freed(namespace.maker.get())),
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
    /// Emitted when the server has accepted the namespace, also after each reconnection. `session_id` is the same as
    /// [method get_session_id]. Events that waited for it have been sent. See [member recovered] for whether the session
    /// is a new one.
    #[signal]
    fn connected(session_id: GString);

    /// Emitted when the namespace is no longer joined.
    ///
    /// `reason` is one of the official client's: `io server disconnect` (the server ended it), `io client disconnect`
    /// (the game left), `ping timeout` (no sign of life in time), `transport close` (the connection was closed),
    /// `transport error` (the connection failed) or `parse error` (the server sent something that is not
    /// Socket.IO).
    ///
    /// After the last four, it is joined again by itself while [member SocketIOClient.reconnection] is `true`. After the
    /// first two it is not.
    #[signal]
    fn disconnected(reason: GString);

    /// Emitted when the server refused the namespace, and when an attempt to connect failed while the namespace was
    /// waiting to be joined. `error` is that of [signal SocketIOClient.connect_error], which is emitted as well.
    ///
    /// ```gdscript
    /// func _ready() -> void:
    ///     var admin: SocketIONamespace = SocketIOClient.get_singleton().create_namespace("/admin")
    ///     admin.connect_error.connect(_on_connect_error)
    ///
    /// func _on_connect_error(error: Dictionary) -> void:
    ///     print("not let in: ", error.message)
    /// ```
    #[signal]
    fn connect_error(error: VarDictionary);

    /// Emitted after each change of what [method get_connection_state] returns, once, before the signal that tells why.
    /// What the game's own calls change is told at the next poll, each change in its order.
    ///
    /// ```gdscript
    /// func _ready() -> void:
    ///     var chat: SocketIONamespace = SocketIOClient.get_singleton().create_namespace("/chat")
    ///     chat.connection_state_changed.connect(_on_chat_state_changed)
    ///
    /// func _on_chat_state_changed(state: SocketIONamespace.ConnectionState) -> void:
    ///     print("the chat is open" if state == SocketIONamespace.STATE_CONNECTED else "the chat is closed")
    /// ```
    #[signal]
    fn connection_state_changed(state: ConnectionState);

    /// Emitted for every event from the server, after its listeners, whether or not there are any.
    ///
    /// ```gdscript
    /// func _ready() -> void:
    ///     SocketIOClient.get_singleton().get_namespace().event_received.connect(_on_event_received)
    ///
    /// func _on_event_received(event_name: String, data: Array) -> void:
    ///     print(event_name, " ", data)
    /// ```
    #[signal]
    fn event_received(event_name: GString, data: VarArray);

    /// Emitted for every event that is sent, when it is sent: at the next poll after that, for one that waited for the
    /// namespace after the join. An event that is sent again because of [member retries] is told of each time.
    ///
    /// ```gdscript
    /// func _ready() -> void:
    ///     SocketIOClient.get_singleton().get_namespace().event_emitted.connect(_on_event_emitted)
    ///
    /// func _on_event_emitted(event_name: String, data: Array) -> void:
    ///     print("sent ", event_name, " ", data)
    /// ```
    #[signal]
    fn event_emitted(event_name: GString, data: VarArray);

    #[func]
    fn get_auth_provider(&self) -> Callable {
        main_thread_only!("SocketIONamespace.auth_provider", Callable::invalid());
        let provider = self.core.auth_provider.borrow();
        provider.as_ref().and_then(Callback::callable).cloned().unwrap_or_else(Callable::invalid)
    }

    #[func]
    fn set_auth_provider(&self, provider: Callable) {
        main_thread_only!("SocketIONamespace.auth_provider");
        if main_loop::is_exiting() {
            return;
        }
        let provider = match (!provider.is_null()).then(|| Callback::new(&provider)).transpose() {
            Ok(provider) => provider,
            Err(problem) => {
                report::error(format!("SocketIONamespace.auth_provider: the Callable {problem}."));
                return;
            }
        };
        let before = self.core.auth_provider.replace(provider);
        drop(before);
        if let Some(client) = self.core.client.upgrade() {
            client.provider_changed(&self.core);
        }
    }

    #[func]
    fn get_ack_timeout(&self) -> f64 {
        main_thread_only!("SocketIONamespace.ack_timeout");
        self.core.ack_timeout.get()
    }

    #[func]
    fn set_ack_timeout(&self, seconds: f64) {
        main_thread_only!("SocketIONamespace.ack_timeout");
        match options::check_time(seconds) {
            Ok(seconds) => self.core.ack_timeout.set(seconds),
            Err(problem) => report::error(format!("SocketIONamespace.ack_timeout: {problem}.")),
        }
    }

    #[func]
    fn get_retries(&self) -> i64 {
        main_thread_only!("SocketIONamespace.retries");
        self.core.retries.get()
    }

    #[func]
    fn set_retries(&self, retries: i64) {
        main_thread_only!("SocketIONamespace.retries");
        match options::check_number(retries, 0) {
            Ok(retries) => self.core.retries.set(retries),
            Err(problem) => report::error(format!("SocketIONamespace.retries: {problem}.")),
        }
    }

    #[func]
    fn is_recovered(&self) -> bool {
        main_thread_only!("SocketIONamespace.recovered");
        self.core.recovered.get()
    }
}
