//! What a client can be told to do.

use godot::builtin::GString;
use godot::global::Error;
use godot::obj::Gd;
use godot::prelude::godot_api;

use super::{SocketIOClient, singleton};
use crate::argument::{DictionaryArgument, TlsArgument};
use crate::dispatch;
use crate::namespace::SocketIONamespace;
use crate::report::{self, main_thread_only};

#[godot_api(secondary)]
impl SocketIOClient {
    /// Returns the client that all of the game shares. It is there from the start, and the same one in every scene.
    ///
    /// ```gdscript
    /// var main: SocketIONamespace = SocketIOClient.get_singleton().get_namespace("/")
    /// main.emit("hello", ["Ada"])
    /// ```
    #[func]
    fn get_singleton() -> Option<Gd<Self>> {
        main_thread_only!("SocketIOClient.get_singleton");
        singleton::get()
    }

    /// Starts to connect to a Socket.IO server and returns at once. [signal connected] or [signal connect_error]
    /// follows. An attempt that failed is repeated while [member reconnection] is `true`.
    ///
    /// `url` begins with `http://`, `https://`, `ws://` or `wss://`. A path in it comes before the endpoint:
    /// `https://example.com/game` connects to `/game/socket.io/`. A query in it is kept. Write an IPv6 address in
    /// brackets, a link-local one with its network interface: `http://[fe80::1%eth0]:3000`. `auth` is what the server finds
    /// in `socket.handshake.auth` of the main namespace. `tls_options` are made with [method TLSOptions.client] or
    /// [method TLSOptions.client_unsafe]; without them, the certificate is checked against the system's roots.
    ///
    /// Returns [constant OK] when connecting has started. Returns [constant ERR_INVALID_PARAMETER] for a URL that cannot
    /// work, for an `auth` or [member extra_headers] that cannot be sent and for the options of a TLS server, and
    /// [constant ERR_ALREADY_IN_USE] when the client is not disconnected; while it waits to reconnect, it is not.
    ///
    /// ```gdscript
    /// var client: SocketIOClient = SocketIOClient.new()
    ///
    /// func _ready() -> void:
    ///     client.connected.connect(func(session_id: String) -> void: print("connected as ", session_id))
    ///     var error: Error = client.connect_to_url("https://example.com", {"token": "secret"})
    ///     if error != OK:
    ///         print("the call itself was wrong: ", error_string(error))
    ///
    /// func _exit_tree() -> void:
    ///     client.close()
    /// ```
    #[func(gd_self)]
    fn connect_to_url(
        this: Gd<Self>,
        url: GString,
        #[opt(default = DictionaryArgument::default())] auth: DictionaryArgument,
        #[opt(default = TlsArgument::default())] tls_options: TlsArgument,
    ) -> Error {
        let Some(core) = this.bind().reach("SocketIOClient.connect_to_url") else {
            return Error::ERR_UNAVAILABLE;
        };
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
    /// `disconnected` signals are emitted at the next poll. It is safe to call it at any time, and nothing reconnects
    /// after it.
    #[func(gd_self)]
    fn close(this: Gd<Self>) {
        let Some(core) = this.bind().reach("SocketIOClient.close") else {
            return;
        };
        core.close();
    }

    /// Tries to connect at once while the client waits to reconnect, and counts the attempts anew. Does nothing
    /// otherwise.
    ///
    /// ```gdscript
    /// func _on_try_again_pressed() -> void:
    ///     SocketIOClient.get_singleton().reconnect_now()
    /// ```
    #[func(gd_self)]
    fn reconnect_now(this: Gd<Self>) {
        let Some(core) = this.bind().reach("SocketIOClient.reconnect_now") else {
            return;
        };
        core.reconnect_now();
    }

    /// Drops the connection without telling the server, for an app that goes to the background: a server with
    /// connection state recovery can restore the session later, which it cannot after [method close]. Does nothing when
    /// the client is disconnected.
    ///
    /// Until [method resume_connection] is called, the state is [constant STATE_CONNECTING], nothing reconnects, and what
    /// is emitted waits. The `disconnected` signals follow at the next polls.
    ///
    /// ```gdscript
    /// func _notification(what: int) -> void:
    ///     match what:
    ///         NOTIFICATION_APPLICATION_PAUSED:
    ///             SocketIOClient.get_singleton().pause_connection()
    ///         NOTIFICATION_APPLICATION_RESUMED:
    ///             SocketIOClient.get_singleton().resume_connection()
    /// ```
    #[func(gd_self)]
    fn pause_connection(this: Gd<Self>) {
        let Some(core) = this.bind().reach("SocketIOClient.pause_connection") else {
            return;
        };
        core.pause();
    }

    /// Reconnects at once after [method pause_connection]. Does nothing otherwise.
    #[func(gd_self)]
    fn resume_connection(this: Gd<Self>) {
        let Some(core) = this.bind().reach("SocketIOClient.resume_connection") else {
            return;
        };
        core.resume();
    }

    /// Dispatches what has arrived: emits the signals and calls the listeners.
    ///
    /// It is called by itself once a frame while [member auto_poll] is `true`. Calling it as well does no harm.
    #[func(gd_self)]
    fn poll(this: Gd<Self>) {
        let Some(core) = this.bind().reach("SocketIOClient.poll") else {
            return;
        };
        dispatch::poll(&core);
    }

    /// Returns the namespace of that path, made if there is none. Join it with
    /// [method SocketIONamespace.connect_to_namespace].
    ///
    /// Returns `null` and prints an error if the path does not begin with `/`, or has a query: what a server is to know of
    /// the player goes as the `auth` of [method SocketIONamespace.connect_to_namespace].
    ///
    /// ```gdscript
    /// var client: SocketIOClient = SocketIOClient.new()
    ///
    /// func _ready() -> void:
    ///     var chat: SocketIONamespace = client.create_namespace("/chat")
    ///     chat.on("message", func(data: Array) -> void: print(data[0]))
    ///     client.connect_to_url("http://127.0.0.1:3000")
    ///     chat.connect_to_namespace()
    ///
    /// func _exit_tree() -> void:
    ///     client.close()
    /// ```
    #[func(gd_self)]
    fn create_namespace(this: Gd<Self>, namespace: GString) -> Option<Gd<SocketIONamespace>> {
        let core = this.bind().reach("SocketIOClient.create_namespace")?;
        match core.create_namespace(&namespace.to_string()) {
            Ok(entry) => Some(entry.object.clone()),
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
        let core = self.reach("SocketIOClient.get_namespace")?;
        core.namespace(&namespace.to_string()).map(|entry| entry.object.clone())
    }

    /// Returns `true` if there is a namespace of that path, joined or not.
    #[func]
    fn has_namespace(&self, namespace: GString) -> bool {
        let core = self.reach("SocketIOClient.has_namespace");
        core.is_some_and(|core| core.namespace(&namespace.to_string()).is_some())
    }
}
