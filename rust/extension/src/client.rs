//! The class `SocketIOClient`: its properties and signals. Its methods are in the files of the folder `client`.
#![allow(clippy::needless_pass_by_value, reason = "Godot's calls pass their arguments by value")]

mod calls;
mod connect_error;
pub(crate) mod singleton;
mod state;
mod status;

use std::rc::Rc;

use godot::builtin::{AnyDictionary, GString, VarDictionary};
use godot::classes::{IRefCounted, RefCounted};
use godot::obj::{Base, Gd, NewGd as _, WithBaseField as _};
use godot::prelude::{GodotClass, PhantomVar, godot_api};

pub(crate) use self::connect_error::ConnectError;
pub(crate) use self::state::ConnectionState;
use crate::argument::DictionaryArgument;
use crate::core::Core;
use crate::on_main::OnMain;
use crate::options::{self, Options};
use crate::report;

/// A connection to a Socket.IO server.
///
/// [method get_singleton] returns a client that all of the game shares, so a game that talks to one server needs no autoload:
///
/// ```gdscript
/// var client: SocketIOClient = SocketIOClient.get_singleton()
///
/// func _ready() -> void:
///     client.connected.connect(_on_connected)
///     client.get_namespace().on("chat", _on_chat)
///     if client.get_connection_state() == SocketIOClient.STATE_DISCONNECTED:
///         client.connect_to_url("http://127.0.0.1:3000")
///     client.get_namespace().emit("chat", ["hello"])
///
/// func _on_connected(session_id: String) -> void:
///     print("connected as ", session_id)
///
/// func _on_chat(data: Array) -> void:
///     print(data[0])
/// ```
///
/// The shared client outlives the scene. What is connected to it and registered with [method SocketIONamespace.on] should
/// therefore be methods of the scene's nodes: they go with their node, but a lambda stays, and there is one more each time
/// that the scene is loaded.
///
/// For more connections at the same time, make independent clients with `SocketIOClient.new()`. Such a client closes its
/// connection when its last reference goes, so keep it in a member variable.
///
/// The network runs on a thread of its own: nothing here blocks a frame, and a game that is busy loading keeps its
/// connection. What arrives is dispatched once a frame, also while the tree is paused.
///
/// **Reconnection.** A connection that failed or was lost is made again by itself, with growing delays, and the
/// namespaces are joined again: see [member reconnection]. What is emitted meanwhile waits, and is sent in order after
/// that. Where the server has connection state recovery, the events that were missed are delivered as well: see
/// [member SocketIONamespace.recovered]. Nothing is made again after [method close], and a namespace that the server
/// itself has ended or refused is not joined again.
///
/// **Monitors.** In a debug build, the Monitors tab of the editor's Debugger shows what all clients do, under
/// **Socket.IO**: the latency, the events of a second in each direction, how many wait, and the longest dispatch of a frame
/// since the last reading. They are there from the first [method connect_to_url] on, also for the game itself:
///
/// ```gdscript
/// print(Performance.get_custom_monitor("Socket.IO/Events Received per Second"))
/// ```
///
/// **Tutorials.** They came with the addon, in the folder `res://addons/socketio/docs`: `quick-start.md` has a server to begin
/// with, `auth-and-reconnect.md`, `acks-and-await.md`, `binary.md` and `tls.md` go on from there, `inspector.md` shows how to
/// look into the traffic, `what-may-surprise.md` lists what surprises many, `testing.md`, `exporting.md` and `clusters.md` are
/// for a game that is to be shipped, and `migrating.md` for one that used another client. The FileSystem dock opens them.
///
/// **Note:** Call it from the main thread only.
#[derive(GodotClass)]
#[class(tool, base = RefCounted)]
pub(crate) struct SocketIOClient {
    base: Base<RefCounted>,
    core: OnMain<Rc<Core>>,
    /// Whether it was made on another thread than the main one, where no client can work.
    is_stray: bool,
    /// If `true`, the client calls [method poll] by itself once a frame. If `false`, nothing is dispatched until the
    /// game calls [method poll]; the connection is kept alive all the same.
    #[var(get = is_auto_poll, set = set_auto_poll, usage_flags = [DEFAULT])]
    auto_poll: PhantomVar<bool>,
    /// The path of the Socket.IO endpoint on the server, after the path of the URL if that has one. The server's option
    /// of the same name must be the same. Counts from the next attempt to connect on, as the other properties do.
    #[var(get = get_path, set = set_path, usage_flags = [DEFAULT])]
    path: PhantomVar<GString>,
    /// Names and values that are added to the query of the URL, at each attempt to connect. The server finds them in
    /// `socket.handshake.query`. Values that are not strings are written as their [method @GlobalScope.str].
    ///
    /// What a handler of [signal disconnected] or [signal connect_error] changes in it counts for the next attempt:
    ///
    /// ```gdscript
    /// var client: SocketIOClient = SocketIOClient.get_singleton()
    ///
    /// func _ready() -> void:
    ///     client.query["version"] = "1.2"
    ///     client.disconnected.connect(_on_disconnected)
    ///
    /// func _on_disconnected(reason: String) -> void:
    ///     client.query["lost"] = reason
    /// ```
    #[var(get = get_query, set = set_query, usage_flags = [DEFAULT])]
    query: PhantomVar<DictionaryArgument>,
    /// HTTP headers that are sent with each attempt to connect. The server finds them in `socket.handshake.headers`.
    /// Values that are not strings are written as their [method @GlobalScope.str]. A header with a line break in it and
    /// those that belong to the handshakes themselves, such as `Upgrade`, are refused with an error.
    ///
    /// ```gdscript
    /// SocketIOClient.get_singleton().extra_headers = {"X-Game-Version": "1.2"}
    /// ```
    #[var(get = get_extra_headers, set = set_extra_headers, usage_flags = [DEFAULT])]
    extra_headers: PhantomVar<DictionaryArgument>,
    /// If `true`, a connection that failed or was lost is made again by itself. [signal reconnect_attempt] is emitted at
    /// each attempt, [signal reconnected] when one has succeeded, and [signal reconnect_failed] when the last one has
    /// failed.
    #[var(get = is_reconnection, set = set_reconnection, usage_flags = [DEFAULT])]
    reconnection: PhantomVar<bool>,
    /// How often to try again after the connection failed or was lost, before giving up. With 0 or less, there is no
    /// limit.
    #[var(get = get_reconnection_attempts, set = set_reconnection_attempts, usage_flags = [DEFAULT])]
    reconnection_attempts: PhantomVar<i64>,
    /// The time before the first attempt to reconnect, in seconds. It doubles with each further one, up to
    /// [member reconnection_delay_max]. It is never less than 0.01 seconds.
    #[var(get = get_reconnection_delay, set = set_reconnection_delay, usage_flags = [DEFAULT])]
    reconnection_delay: PhantomVar<f64>,
    /// What the time between two attempts to reconnect grows to, in seconds, before it is randomized.
    #[var(get = get_reconnection_delay_max, set = set_reconnection_delay_max, usage_flags = [DEFAULT])]
    reconnection_delay_max: PhantomVar<f64>,
    /// By how much the time before an attempt to reconnect is randomized, from `0.0` to `1.0`: with `0.5`, it is
    /// between half and one and a half of the computed one. So the clients of a server that was restarted do not all
    /// come back at the same moment.
    #[var(get = get_randomization_factor, set = set_randomization_factor, usage_flags = [DEFAULT])]
    randomization_factor: PhantomVar<f64>,
    /// How long an attempt to connect may take, in seconds: DNS, TCP, TLS and the handshakes of the transport and Engine.IO
    /// together. How long the server then takes to accept a namespace is its own affair.
    #[var(get = get_connect_timeout, set = set_connect_timeout, usage_flags = [DEFAULT])]
    connect_timeout: PhantomVar<f64>,
    /// If `true`, connecting joins the main namespace `/`, and [signal connected] and [signal disconnected] are those of
    /// it. If `false`, they are those of the transport, with an empty session id, and the game joins the namespaces that
    /// it wants with [method SocketIONamespace.connect_to_namespace]; the `auth` of [method connect_to_url] is not used.
    /// Counts from the next [method connect_to_url] on.
    ///
    /// **Note:** Servers close a connection on which no namespace is joined, after 45 seconds as a rule.
    #[var(get = is_connect_main_namespace, set = set_connect_main_namespace, usage_flags = [DEFAULT])]
    connect_main_namespace: PhantomVar<bool>,
    /// The largest message that is taken from the server, in bytes, all its attachments together. A larger one ends the
    /// connection with `parse error` or `transport error`.
    #[var(get = get_max_payload_size, set = set_max_payload_size, usage_flags = [DEFAULT])]
    max_payload_size: PhantomVar<i64>,
    /// The most attachments of one event, in either direction. An event with more is refused with an error, and one from
    /// the server ends the connection with `parse error`.
    ///
    /// **Note:** The official servers take 10 at most, and close the connection past it.
    #[var(get = get_max_attachments, set = set_max_attachments, usage_flags = [DEFAULT])]
    max_attachments: PhantomVar<i64>,
    /// How many bytes may wait in either direction. Past it, an event is refused with an error, and the server is not
    /// read until the game has dispatched half of what came.
    #[var(get = get_max_buffered_size, set = set_max_buffered_size, usage_flags = [DEFAULT])]
    max_buffered_size: PhantomVar<i64>,
    /// The time that the dispatch of one frame may take, in microseconds. Once it is used up, what is left is dispatched
    /// in the next frame, in order. At least one event is dispatched in each. With 0, there is no limit.
    ///
    /// ```gdscript
    /// # At most 2 ms of each frame, also when a thousand events arrive together.
    /// SocketIOClient.get_singleton().poll_budget_usec = 2000
    /// ```
    #[var(get = get_poll_budget_usec, set = set_poll_budget_usec, usage_flags = [DEFAULT])]
    poll_budget_usec: PhantomVar<i64>,
}

#[godot_api]
impl IRefCounted for SocketIOClient {
    fn init(base: Base<RefCounted>) -> Self {
        let is_stray = report::is_other_thread("SocketIOClient.new");
        let core = if is_stray { Core::stray() } else { Core::new() };
        Self {
            base,
            core: OnMain::new(core),
            is_stray,
            auto_poll: PhantomVar::default(),
            path: PhantomVar::default(),
            query: PhantomVar::default(),
            extra_headers: PhantomVar::default(),
            reconnection: PhantomVar::default(),
            reconnection_attempts: PhantomVar::default(),
            reconnection_delay: PhantomVar::default(),
            reconnection_delay_max: PhantomVar::default(),
            randomization_factor: PhantomVar::default(),
            connect_timeout: PhantomVar::default(),
            connect_main_namespace: PhantomVar::default(),
            max_payload_size: PhantomVar::default(),
            max_attachments: PhantomVar::default(),
            max_buffered_size: PhantomVar::default(),
            poll_budget_usec: PhantomVar::default(),
        }
    }
}

impl SocketIOClient {
    /// A client that is not connected to anything.
    pub(crate) fn create() -> Gd<Self> {
        Self::new_gd()
    }

    /// The part that is not Godot's. To be called on the main thread.
    pub(crate) fn core(&self) -> Rc<Core> {
        // While the object is made, it has no id yet.
        self.core.set_object(self.base().instance_id());
        self.core.clone()
    }

    /// The core for a call of the game, or an error that says why the call does nothing.
    fn reach(&self, call: &str) -> Option<Rc<Core>> {
        if report::is_other_thread(call) {
            return None;
        }
        if self.is_stray {
            report::error(format!(
                "{call} did nothing: this client was made on another thread. Make it on the main thread."
            ));
            return None;
        }
        Some(self.core())
    }

    fn option<T: Default>(&self, property: &str, get: impl FnOnce(&Options) -> T) -> T {
        self.reach(property).map_or_else(T::default, |core| get(&core.options.borrow()))
    }

    /// A property that the game may edit in place.
    fn dictionary(
        &self,
        property: &str,
        field: impl FnOnce(&mut Options) -> &mut Option<AnyDictionary>,
    ) -> DictionaryArgument {
        let Some(core) = self.reach(property) else {
            return DictionaryArgument::default();
        };
        let mut options = core.options.borrow_mut();
        let empty = || VarDictionary::new().upcast_any_dictionary();
        DictionaryArgument(field(&mut options).get_or_insert_with(empty).clone())
    }

    /// Sets a property, or tells why it stays as it is.
    fn set_option<T>(
        &self,
        property: &str,
        value: Result<T, String>,
        field: impl FnOnce(&mut Options) -> &mut T,
    ) {
        let Some(core) = self.reach(property) else {
            return;
        };
        match value {
            Ok(value) => core.set_option(value, field),
            Err(problem) => report::error(format!("{property}: {problem}.")),
        }
    }
}

#[godot_api]
impl SocketIOClient {
    /// Emitted when the main namespace `/` is joined, also after each reconnection. `session_id` is the server's
    /// `socket.id` in it. Alternates with [signal disconnected].
    ///
    /// When [member connect_main_namespace] is `false`, emitted when the transport is open, with an empty `session_id`.
    #[signal]
    fn connected(session_id: GString);

    /// Emitted when the main namespace `/` is no longer joined, because it or the whole connection has ended. See
    /// [signal SocketIONamespace.disconnected] for `reason`. If it was the last namespace
    /// and the server ended it, the connection has been closed as well.
    ///
    /// When [method get_connection_state] is [constant STATE_CONNECTING], the client reconnects by itself. When it is
    /// [constant STATE_DISCONNECTED], the client may connect again at once, also in a handler of this signal.
    ///
    /// When [member connect_main_namespace] is `false`, emitted when the transport is closed.
    #[signal]
    fn disconnected(reason: GString);

    /// Emitted when an attempt to connect failed, or when the server refused a namespace.
    ///
    /// `error` has a `message` that says what happened and what can be done about it, and a `code` of
    /// [enum ConnectError]. It also has the `namespace` that was refused, the `http_status` and the `data` that the
    /// server sent, where there are any. When nothing is connected to this signal, the message is printed as a
    /// warning, unless it is the same as the one before.
    ///
    /// A failed attempt is repeated while [member reconnection] is `true`; a refused namespace is not.
    ///
    /// ```gdscript
    /// func _ready() -> void:
    ///     SocketIOClient.get_singleton().connect_error.connect(_on_connect_error)
    ///
    /// func _on_connect_error(error: Dictionary) -> void:
    ///     if error.code == SocketIOClient.ERROR_REFUSED:
    ///         print("Is the server running? ", error.message)
    /// ```
    #[signal]
    fn connect_error(error: VarDictionary);

    /// Emitted when a namespace is joined, the main one included.
    #[signal]
    fn namespace_connected(namespace_path: GString);

    /// Emitted when a namespace is no longer joined, the main one included.
    #[signal]
    fn namespace_disconnected(namespace_path: GString);

    /// Emitted when an attempt to connect again begins, after `delay` seconds of waiting. `attempt` is counted from 1
    /// since the connection failed or was lost.
    ///
    /// ```gdscript
    /// func _ready() -> void:
    ///     SocketIOClient.get_singleton().reconnect_attempt.connect(_on_reconnect_attempt)
    ///
    /// func _on_reconnect_attempt(attempt: int, _delay: float) -> void:
    ///     print("reconnecting, attempt ", attempt)
    /// ```
    #[signal]
    fn reconnect_attempt(attempt: i64, delay: f64);

    /// Emitted when an attempt to connect again has succeeded, before the namespaces are joined again.
    #[signal]
    fn reconnected(attempt: i64);

    /// Emitted when the last of [member reconnection_attempts] has failed. The client is disconnected then.
    #[signal]
    fn reconnect_failed();

    /// Emitted after each change of what [method get_connection_state] returns, once, before the signal that tells why.
    /// It is all that a banner or an overlay needs, whatever happens to the connection:
    ///
    /// ```gdscript
    /// @onready var banner: Label = $Banner
    ///
    /// func _ready() -> void:
    ///     var client: SocketIOClient = SocketIOClient.get_singleton()
    ///     client.connection_state_changed.connect(_on_connection_state_changed)
    ///     _on_connection_state_changed(client.get_connection_state())
    ///
    /// func _on_connection_state_changed(state: SocketIOClient.ConnectionState) -> void:
    ///     banner.visible = state != SocketIOClient.STATE_CONNECTED
    ///     banner.text = "Connecting..." if state == SocketIOClient.STATE_CONNECTING else "Not connected"
    /// ```
    ///
    /// What the game's own calls change is told at the next poll, each change in its order: after [method close] and
    /// [method connect_to_url] in one frame, [constant STATE_DISCONNECTED] and then [constant STATE_CONNECTING].
    #[signal]
    fn connection_state_changed(state: ConnectionState);

    #[func]
    fn is_auto_poll(&self) -> bool {
        self.reach("SocketIOClient.auto_poll").is_some_and(|core| core.auto_poll.get())
    }

    #[func]
    fn set_auto_poll(&self, enabled: bool) {
        if let Some(core) = self.reach("SocketIOClient.auto_poll") {
            core.auto_poll.set(enabled);
        }
    }

    #[func]
    fn get_path(&self) -> GString {
        self.option("SocketIOClient.path", |options| GString::from(&options.path))
    }

    #[func]
    fn set_path(&self, path: GString) {
        self.set_option("SocketIOClient.path", options::check_path(&path.to_string()), |options| {
            &mut options.path
        });
    }

    #[func]
    fn get_query(&self) -> DictionaryArgument {
        self.dictionary("SocketIOClient.query", |options| &mut options.query)
    }

    #[func]
    fn set_query(&self, query: DictionaryArgument) {
        self.set_option("SocketIOClient.query", Ok(Some(query.0)), |options| &mut options.query);
    }

    #[func]
    fn get_extra_headers(&self) -> DictionaryArgument {
        self.dictionary("SocketIOClient.extra_headers", |options| &mut options.extra_headers)
    }

    #[func]
    fn set_extra_headers(&self, headers: DictionaryArgument) {
        let headers = options::check_headers(&headers.0).map(|_| Some(headers.0));
        self.set_option("SocketIOClient.extra_headers", headers, |options| &mut options.extra_headers);
    }

    #[func]
    fn is_reconnection(&self) -> bool {
        self.option("SocketIOClient.reconnection", |options| options.reconnection)
    }

    #[func]
    fn set_reconnection(&self, enabled: bool) {
        self.set_option("SocketIOClient.reconnection", Ok(enabled), |options| &mut options.reconnection);
    }

    #[func]
    fn get_reconnection_attempts(&self) -> i64 {
        self.option("SocketIOClient.reconnection_attempts", |options| options.reconnection_attempts)
    }

    #[func]
    fn set_reconnection_attempts(&self, attempts: i64) {
        self.set_option("SocketIOClient.reconnection_attempts", Ok(attempts), |options| {
            &mut options.reconnection_attempts
        });
    }

    #[func]
    fn get_reconnection_delay(&self) -> f64 {
        self.option("SocketIOClient.reconnection_delay", |options| options.reconnection_delay)
    }

    #[func]
    fn set_reconnection_delay(&self, seconds: f64) {
        let seconds = options::check_time(seconds);
        self.set_option("SocketIOClient.reconnection_delay", seconds, |options| {
            &mut options.reconnection_delay
        });
    }

    #[func]
    fn get_reconnection_delay_max(&self) -> f64 {
        self.option("SocketIOClient.reconnection_delay_max", |options| options.reconnection_delay_max)
    }

    #[func]
    fn set_reconnection_delay_max(&self, seconds: f64) {
        let seconds = options::check_time(seconds);
        self.set_option("SocketIOClient.reconnection_delay_max", seconds, |options| {
            &mut options.reconnection_delay_max
        });
    }

    #[func]
    fn get_randomization_factor(&self) -> f64 {
        self.option("SocketIOClient.randomization_factor", |options| options.randomization_factor)
    }

    #[func]
    fn set_randomization_factor(&self, factor: f64) {
        let factor = options::check_part(factor);
        self.set_option("SocketIOClient.randomization_factor", factor, |options| {
            &mut options.randomization_factor
        });
    }

    #[func]
    fn get_connect_timeout(&self) -> f64 {
        self.option("SocketIOClient.connect_timeout", |options| options.connect_timeout)
    }

    #[func]
    fn set_connect_timeout(&self, seconds: f64) {
        let seconds = options::check_positive_time(seconds);
        self.set_option("SocketIOClient.connect_timeout", seconds, |options| &mut options.connect_timeout);
    }

    #[func]
    fn is_connect_main_namespace(&self) -> bool {
        self.option("SocketIOClient.connect_main_namespace", |options| options.connect_main_namespace)
    }

    #[func]
    fn set_connect_main_namespace(&self, enabled: bool) {
        self.set_option("SocketIOClient.connect_main_namespace", Ok(enabled), |options| {
            &mut options.connect_main_namespace
        });
    }

    #[func]
    fn get_max_payload_size(&self) -> i64 {
        self.option("SocketIOClient.max_payload_size", |options| options.max_payload_size)
    }

    #[func]
    fn set_max_payload_size(&self, bytes: i64) {
        let bytes = options::check_number(bytes, 1);
        self.set_option("SocketIOClient.max_payload_size", bytes, |options| &mut options.max_payload_size);
    }

    #[func]
    fn get_max_attachments(&self) -> i64 {
        self.option("SocketIOClient.max_attachments", |options| options.max_attachments)
    }

    #[func]
    fn set_max_attachments(&self, count: i64) {
        let count = options::check_number(count, 0);
        self.set_option("SocketIOClient.max_attachments", count, |options| &mut options.max_attachments);
    }

    #[func]
    fn get_max_buffered_size(&self) -> i64 {
        self.option("SocketIOClient.max_buffered_size", |options| options.max_buffered_size)
    }

    #[func]
    fn set_max_buffered_size(&self, bytes: i64) {
        let bytes = options::check_number(bytes, 1);
        self.set_option("SocketIOClient.max_buffered_size", bytes, |options| &mut options.max_buffered_size);
    }

    #[func]
    fn get_poll_budget_usec(&self) -> i64 {
        self.option("SocketIOClient.poll_budget_usec", |options| options.poll_budget_usec)
    }

    #[func]
    fn set_poll_budget_usec(&self, microseconds: i64) {
        let microseconds = options::check_number(microseconds, 0);
        self.set_option("SocketIOClient.poll_budget_usec", microseconds, |options| {
            &mut options.poll_budget_usec
        });
    }
}
