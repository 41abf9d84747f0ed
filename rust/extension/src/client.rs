//! The class `SocketIOClient`, and the engine singleton of the same name.
#![allow(clippy::needless_pass_by_value, reason = "Godot's calls pass their arguments by value")]

use std::cell::RefCell;
use std::rc::Rc;

use godot::builtin::{GString, StringName, VarDictionary, vdict};
use godot::classes::{Engine, RefCounted};
use godot::global::Error;
use godot::obj::{Base, Gd, Singleton as _};
use godot::prelude::{GodotClass, PhantomVar, godot_api};
use socketio_protocol::ConnectErrorCode;

use crate::argument::{DictionaryArgument, TlsArgument};
use crate::connection::Connection;
use crate::core::Core;
use crate::dispatch;
use crate::enumeration::class_enum;
use crate::namespace::SocketIONamespace;
use crate::on_main::OnMain;
use crate::report::{self, main_thread_only};

class_enum! {
    /// The state of a client.
    ConnectionState of SocketIOClient as "SocketIOClient" {
        /// Not connected.
        Disconnected = STATE_DISCONNECTED 0 "The client is not connected, and nothing is being done to connect it.",
        /// Connecting.
        Connecting = STATE_CONNECTING 1 "The client is connecting: the connection is being made, or the server has not answered for the main namespace yet.",
        /// Connected.
        Connected = STATE_CONNECTED 2 "The client is connected.",
    }
}

class_enum! {
    /// The step that failed while connecting.
    ConnectError of SocketIOClient as "SocketIOClient" {
        /// None of the others.
        Unknown = ERROR_UNKNOWN 0 "Connecting failed for a reason that is none of the others.",
        /// DNS.
        Dns = ERROR_DNS 1 "The host's name could not be resolved.",
        /// TCP refused.
        Refused = ERROR_REFUSED 2 "The host refused the connection: nothing listens on that port.",
        /// Host or network unreachable.
        Unreachable = ERROR_UNREACHABLE 3 "The host or its network cannot be reached.",
        /// TLS.
        Tls = ERROR_TLS 4 "The TLS handshake failed, or the server's certificate was refused.",
        /// HTTP status.
        HttpStatus = ERROR_HTTP_STATUS 5 "The server answered with an HTTP error.",
        /// Not Engine.IO.
        NotSocketIo = ERROR_NOT_SOCKET_IO 6 "Something answered that is not a Socket.IO server.",
        /// Protocol version.
        UnsupportedVersion = ERROR_UNSUPPORTED_VERSION 7 "The server speaks another version of the protocol.",
        /// CONNECT_ERROR.
        NamespaceRefused = ERROR_NAMESPACE_REFUSED 8 "The server refused the namespace.",
        /// Time-out.
        Timeout = ERROR_TIMEOUT 9 "The connection was not ready in time.",
        /// Protocol error.
        Protocol = ERROR_PROTOCOL 10 "The server broke the protocol while connecting.",
    }
}

impl From<ConnectErrorCode> for ConnectError {
    fn from(code: ConnectErrorCode) -> Self {
        match code {
            ConnectErrorCode::Unknown => Self::Unknown,
            ConnectErrorCode::Dns => Self::Dns,
            ConnectErrorCode::Refused => Self::Refused,
            ConnectErrorCode::Unreachable => Self::Unreachable,
            ConnectErrorCode::Tls => Self::Tls,
            ConnectErrorCode::HttpStatus => Self::HttpStatus,
            ConnectErrorCode::NotSocketIo => Self::NotSocketIo,
            ConnectErrorCode::UnsupportedVersion => Self::UnsupportedVersion,
            ConnectErrorCode::NamespaceRefused => Self::NamespaceRefused,
            ConnectErrorCode::Timeout => Self::Timeout,
            ConnectErrorCode::Protocol => Self::Protocol,
        }
    }
}

/// A connection to a Socket.IO server.
///
/// The class is also a singleton of the same name, so a game that talks to one server needs no autoload and no node:
///
/// ```gdscript
/// func _ready() -> void:
///     SocketIOClient.connected.connect(func(id: String) -> void: print("connected as ", id))
///     SocketIOClient.connect_error.connect(func(error: Dictionary) -> void: print(error.message))
///     SocketIOClient.get_namespace().on("chat", func(data: Array) -> void: print(data))
///     SocketIOClient.connect_to_url("http://127.0.0.1:3000")
///     SocketIOClient.get_namespace().emit("chat", ["hello"])
/// ```
///
/// For more connections at the same time, make independent clients with [method create_client].
///
/// The network runs on a thread of its own: nothing here blocks a frame, and a game that is busy loading keeps its
/// connection. What arrives is dispatched once a frame, also while the tree is paused.
///
/// **Note:** Call it from the main thread only.
#[derive(GodotClass)]
#[class(no_init, base = RefCounted)]
pub(crate) struct SocketIOClient {
    base: Base<RefCounted>,
    core: OnMain<Rc<Core>>,
    /// If `true`, the client calls [method poll] by itself once a frame. If `false`, nothing is dispatched until the
    /// game calls [method poll]; the connection is kept alive all the same.
    #[var(get = is_auto_poll, set = set_auto_poll)]
    auto_poll: PhantomVar<bool>,
}

impl SocketIOClient {
    /// The part that is not Godot's.
    pub(crate) fn core(&self) -> Rc<Core> {
        self.core.clone()
    }

    fn create() -> Gd<Self> {
        let core = Core::new();
        let client = Gd::from_init_fn(|base| Self {
            base,
            core: OnMain::new(core.clone()),
            auto_poll: PhantomVar::default(),
        });
        core.set_object(&client);
        client
    }
}

#[godot_api]
impl SocketIOClient {
    /// Emitted when the main namespace `/` is joined. `session_id` is the server's `socket.id` in it. Alternates with
    /// [signal disconnected].
    #[signal]
    fn connected(session_id: GString);

    /// Emitted when the main namespace `/` is no longer joined, because it or the whole connection has ended. See
    /// [signal SocketIONamespace.disconnected] for `reason`. If it was the last namespace
    /// and the server ended it, the connection has been closed as well. When [method get_connection_state] is
    /// [constant STATE_DISCONNECTED], the client may connect again at once, also in a handler of this signal.
    #[signal]
    fn disconnected(reason: GString);

    /// Emitted when connecting failed, or when the server refused a namespace.
    ///
    /// `error` has a `message` that says what happened and what can be done about it, and a `code` of
    /// [enum ConnectError]. It also has the `namespace` that was refused, the `http_status` and the `data` that the
    /// server sent, where there are any. When nothing is connected to this signal, the message is printed as a
    /// warning.
    ///
    /// ```gdscript
    /// SocketIOClient.connect_error.connect(func(error: Dictionary) -> void:
    ///     if error.code == SocketIOClient.ERROR_REFUSED:
    ///         print("Is the server running? ", error.message)
    /// )
    /// ```
    #[signal]
    fn connect_error(error: VarDictionary);

    /// Emitted when a namespace is joined, the main one included.
    #[signal]
    fn namespace_connected(namespace_path: GString);

    /// Emitted when a namespace is no longer joined, the main one included.
    #[signal]
    fn namespace_disconnected(namespace_path: GString);

    /// Returns the shared client, which is also reached by the name of the class.
    ///
    /// ```gdscript
    /// var main := SocketIOClient.get_singleton().get_namespace("/")
    /// ```
    #[func]
    fn get_singleton() -> Option<Gd<Self>> {
        main_thread_only!("SocketIOClient.get_singleton");
        SINGLETON.with(|singleton| singleton.borrow().clone())
    }

    /// Returns a new client that is independent of the shared one. It closes itself when its last reference goes.
    ///
    /// ```gdscript
    /// var lobby_client := SocketIOClient.create_client()
    ///
    /// func _ready() -> void:
    ///     lobby_client.connect_to_url("http://127.0.0.1:4000")
    /// ```
    #[func]
    fn create_client() -> Option<Gd<Self>> {
        main_thread_only!("SocketIOClient.create_client");
        Some(Self::create())
    }

    /// Starts to connect to a Socket.IO server and returns at once. [signal connected] or [signal connect_error]
    /// follows.
    ///
    /// `url` begins with `http://`, `https://`, `ws://` or `wss://`. A path in it comes before the endpoint:
    /// `https://example.com/game` connects to `/game/socket.io/`. A query in it is kept. `auth` is what the server finds
    /// in `socket.handshake.auth` of the main namespace. `tls_options` are made with [method TLSOptions.client] or
    /// [method TLSOptions.client_unsafe]; without them, the certificate is checked against the system's roots.
    ///
    /// Returns [constant OK] when connecting has started. Returns [constant ERR_INVALID_PARAMETER] for a URL that cannot
    /// work, for an `auth` that cannot be sent and for the options of a TLS server, and
    /// [constant ERR_ALREADY_IN_USE] when the client is not disconnected.
    ///
    /// ```gdscript
    /// func _ready() -> void:
    ///     SocketIOClient.connected.connect(func(id: String) -> void: print("connected as ", id))
    ///     var error := SocketIOClient.connect_to_url("https://example.com", {"token": "secret"})
    ///     if error != OK:
    ///         print("the call itself was wrong: ", error_string(error))
    /// ```
    #[func(gd_self)]
    fn connect_to_url(
        this: Gd<Self>,
        url: GString,
        #[opt(default = DictionaryArgument::default())] auth: DictionaryArgument,
        #[opt(default = TlsArgument::default())] tls_options: TlsArgument,
    ) -> Error {
        main_thread_only!("SocketIOClient.connect_to_url", Error::ERR_UNAVAILABLE);
        let core = this.bind().core();
        match core.connect(&url.to_string(), &auth.0, tls_options.0) {
            Ok(()) => Error::OK,
            Err(refusal) => {
                report::error(format!("SocketIOClient.connect_to_url: {refusal}."));
                refusal.code
            }
        }
    }

    /// Leaves every namespace and closes the connection. What was emitted before is sent first, without blocking the
    /// frame.
    ///
    /// The client is disconnected when this returns, so [method connect_to_url] may follow on the next line. The
    /// `disconnected` signals are emitted at the next poll. It is safe to call it at any time.
    #[func(gd_self)]
    fn close(this: Gd<Self>) {
        main_thread_only!("SocketIOClient.close");
        let core = this.bind().core();
        core.close();
    }

    /// Dispatches what has arrived: emits the signals and calls the listeners.
    ///
    /// It is called by itself once a frame while [member auto_poll] is `true`. Calling it as well does no harm.
    #[func(gd_self)]
    fn poll(this: Gd<Self>) {
        main_thread_only!("SocketIOClient.poll");
        let core = this.bind().core();
        dispatch::poll(&core);
    }

    /// Returns the namespace of that path, made if there is none. Join it with
    /// [method SocketIONamespace.connect_to_namespace].
    ///
    /// Returns `null` and prints an error if the path does not begin with `/`.
    ///
    /// ```gdscript
    /// var chat := SocketIOClient.create_namespace("/chat")
    /// chat.on("message", func(data: Array) -> void: print(data))
    /// SocketIOClient.connect_to_url("http://127.0.0.1:3000")
    /// chat.connect_to_namespace()
    /// ```
    #[func(gd_self)]
    fn create_namespace(this: Gd<Self>, namespace: GString) -> Option<Gd<SocketIONamespace>> {
        main_thread_only!("SocketIOClient.create_namespace");
        let core = this.bind().core();
        match core.create_namespace(&namespace.to_string()) {
            Ok(entry) => Some(entry.object),
            Err(refusal) => {
                report::error(format!("SocketIOClient.create_namespace: {refusal}."));
                None
            }
        }
    }

    /// Returns the namespace of that path, or `null` if there is none. The main namespace `/` is there from the start,
    /// so listeners can be registered before connecting.
    #[func]
    fn get_namespace(&self, #[opt(default = "/")] namespace: GString) -> Option<Gd<SocketIONamespace>> {
        main_thread_only!("SocketIOClient.get_namespace");
        self.core.namespace(&namespace.to_string()).map(|entry| entry.object)
    }

    /// Returns `true` if there is a namespace of that path, joined or not.
    #[func]
    fn has_namespace(&self, namespace: GString) -> bool {
        main_thread_only!("SocketIOClient.has_namespace");
        self.core.namespace(&namespace.to_string()).is_some()
    }

    /// Returns `true` while the transport is open and the Engine.IO handshake is done.
    #[func]
    fn is_socket_connected(&self) -> bool {
        main_thread_only!("SocketIOClient.is_socket_connected");
        matches!(*self.core.connection.borrow(), Connection::Open { .. })
    }

    /// Returns the state of the client.
    #[func]
    fn get_connection_state(&self) -> ConnectionState {
        main_thread_only!("SocketIOClient.get_connection_state", ConnectionState::Disconnected);
        match *self.core.connection.borrow() {
            Connection::Disconnected => ConnectionState::Disconnected,
            Connection::Connecting(_) | Connection::Open { settled: false, .. } => {
                ConnectionState::Connecting
            }
            Connection::Open { settled: true, .. } => ConnectionState::Connected,
        }
    }

    /// Returns the URL of the last [method connect_to_url], as it was given.
    #[func]
    fn get_connection_url(&self) -> GString {
        main_thread_only!("SocketIOClient.get_connection_url");
        GString::from(&*self.core.url.borrow())
    }

    /// Returns the Engine.IO session id, which is shared by all namespaces. Empty when not connected.
    #[func]
    fn get_engine_io_session_id(&self) -> GString {
        main_thread_only!("SocketIOClient.get_engine_io_session_id");
        match &*self.core.connection.borrow() {
            Connection::Open { session_id, .. } => GString::from(session_id),
            _ => GString::new(),
        }
    }

    /// Returns the name of the transport in use, `websocket`. Empty when not connected.
    #[func]
    fn get_transport_name(&self) -> GString {
        main_thread_only!("SocketIOClient.get_transport_name");
        GString::from(if self.is_socket_connected() { "websocket" } else { "" })
    }

    /// Returns the last measured round trip to the server in seconds, `-1.0` when unknown. It is measured by a
    /// WebSocket ping when the connection opens and with each heartbeat of the server.
    #[func]
    fn get_latency(&self) -> f64 {
        main_thread_only!("SocketIOClient.get_latency", -1.0);
        let latency = if self.is_socket_connected() {
            self.core.worker().and_then(|worker| worker.latency())
        } else {
            None
        };
        latency.map_or(-1.0, |latency| latency.as_secs_f64())
    }

    /// Returns what the client has done since it was made, as a [Dictionary] of [int]s:
    ///
    /// - `events_sent` and `events_received`, without acknowledgements;
    /// - `packets_sent` and `packets_received`, all Engine.IO packets and attachments;
    /// - `bytes_sent` and `bytes_received`, the sizes of these;
    /// - `events_waiting_to_send` and `events_waiting_to_dispatch`, the lengths of the two queues now.
    #[func]
    fn get_statistics(&self) -> VarDictionary {
        main_thread_only!("SocketIOClient.get_statistics");
        let statistics = self.core.worker().map(|worker| worker.statistics()).unwrap_or_default();
        let counters = statistics.counters;
        let int = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        vdict! {
            "events_sent" => int(counters.events_sent),
            "events_received" => int(counters.events_received),
            "packets_sent" => int(counters.packets_sent),
            "packets_received" => int(counters.packets_received),
            "bytes_sent" => int(counters.bytes_sent),
            "bytes_received" => int(counters.bytes_received),
            "events_waiting_to_send" => int(statistics.outbound.items as u64),
            "events_waiting_to_dispatch" => int(statistics.inbound.items as u64),
        }
    }

    #[func]
    fn is_auto_poll(&self) -> bool {
        main_thread_only!("SocketIOClient.is_auto_poll");
        self.core.auto_poll.get()
    }

    #[func]
    fn set_auto_poll(&self, enabled: bool) {
        main_thread_only!("SocketIOClient.set_auto_poll");
        self.core.auto_poll.set(enabled);
    }
}

thread_local! {
    static SINGLETON: RefCell<Option<Gd<SocketIOClient>>> = const { RefCell::new(None) };
}

const SINGLETON_NAME: &str = "SocketIOClient";

/// Makes the shared client and registers it as an engine singleton.
pub(crate) fn register_singleton() {
    let client = SocketIOClient::create();
    Engine::singleton().register_singleton(&StringName::from(SINGLETON_NAME), &client);
    SINGLETON.with(|singleton| *singleton.borrow_mut() = Some(client));
}

/// Takes the shared client back before its class goes.
pub(crate) fn unregister_singleton() {
    Engine::singleton().unregister_singleton(&StringName::from(SINGLETON_NAME));
    let client = SINGLETON.with(RefCell::take);
    drop(client);
}
