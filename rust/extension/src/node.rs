//! The class `SocketIONode`: a client in the scene tree. Its parts are in the files of the folder `node`.
#![allow(clippy::needless_pass_by_value, reason = "Godot's calls pass their arguments by value")]

mod calls;
mod options;
mod own_client;
mod relay;
mod tree;
mod warnings;

use godot::builtin::{GString, PackedStringArray, VarDictionary};
use godot::classes::notify::NodeNotification;
use godot::classes::{INode, Node};
use godot::obj::{Base, WithBaseField as _};
use godot::prelude::{GodotClass, PhantomVar, godot_api};

use self::own_client::OwnClient;
use self::relay::Relay;
pub(crate) use self::tree::join_namespaces;
use crate::argument::DictionaryArgument;
use crate::client::ConnectionState;
use crate::{on_main, options as checks};

/// A [SocketIOClient] as a node, to be set up in the Inspector.
///
/// Add it to a scene, set its [member url], and connect its signals in the editor: they are those of the client. What
/// is emitted and received goes through the namespaces:
///
/// ```gdscript
/// # In the script of the node above it.
/// @onready var net: SocketIONode = $SocketIONode
///
/// func _ready() -> void:
///     net.auth = {"token": "secret"}
///     net.get_namespace("/").on("chat", _on_chat)
///     net.get_namespace("/").emit("chat", ["hello"])
///
/// func _on_chat(data: Array) -> void:
///     print(data[0])
/// ```
///
/// It connects at the end of the frame in which it enters the tree, so what a `_ready` sets still counts. It works
/// while the tree is paused. When it leaves the tree, it closes its client, and connects again when it comes back. It
/// never connects in the editor.
///
/// **Several nodes.** Each has a client of its own, unless [member share_singleton] is `true`.
///
/// **By code.** With [member autoconnect] switched off, the game decides when to connect, and may pass what the Inspector
/// does not have, such as [TLSOptions]:
///
/// ```gdscript
/// @onready var net: SocketIONode = $SocketIONode
///
/// func _on_login_pressed() -> void:
///     net.get_client().connect_to_url(net.url, {"token": "secret"}, TLSOptions.client())
/// ```
///
/// **Note:** A script of the node that has a `_get_configuration_warnings` of its own replaces the node's.
#[derive(GodotClass)]
#[class(tool, base = Node)]
pub(crate) struct SocketIONode {
    base: Base<Node>,
    own_client: OwnClient,
    /// The connection to the signals of the shared client, while the node is in the tree and shares it.
    shared_client: Option<Relay>,

    /// The address of the server, as in [method SocketIOClient.connect_to_url]. Counts from the next time that the node
    /// connects.
    #[var(get = get_url, set = set_url)]
    #[export(placeholder = "https://example.com")]
    url: GString,
    /// What the server finds in `socket.handshake.auth`, of the main namespace as well as of those in
    /// [member namespaces]. Counts from the next time that the node connects. For a fresh one at each join, set
    /// [member SocketIONamespace.auth_provider].
    ///
    /// **Note:** Whatever is set in the Inspector can be read in the exported game. Set secrets in a `_ready`.
    #[var(get = get_auth, set = set_auth)]
    #[export]
    auth: DictionaryArgument,
    /// The paths of the namespaces to be joined besides the main one, such as `/chat`. They are joined whenever the
    /// client begins to connect, by the node or by code, and when the node finds it connected as it enters the tree.
    #[var(get = get_namespaces, set = set_namespaces)]
    #[export]
    namespaces: PackedStringArray,
    /// If `true`, the node connects to [member url] when it enters the tree, at the end of the frame. It does nothing
    /// when its client is connected or connecting then.
    #[var(get = is_autoconnect, set = set_autoconnect)]
    #[export]
    autoconnect: bool,
    /// If `true`, the node uses the shared client, [method SocketIOClient.get_singleton], in place of one of its own: any
    /// number of nodes and scripts then talk over one connection, which outlives their scenes.
    ///
    /// The node that finds it disconnected connects it. When the node leaves the tree it only stops emitting signals: the
    /// connection and its namespaces stay as they are, until [method SocketIOClient.close]. With an empty [member url] it
    /// waits for others to connect.
    ///
    /// Listeners stay with the shared client as well. Methods of a node go with that node, but a lambda stays: take it off with
    /// [method SocketIONamespace.off], or there is one more each time that the scene is loaded.
    ///
    /// The options below go to the shared client when this node connects it, those that are at their default left out: what
    /// other nodes and scripts have set stays. An option that is set while the node is in the tree goes to it at once.
    ///
    /// When this is changed while the node is in the tree, it is as if it left and came back.
    #[var(get = is_share_singleton, set = set_share_singleton)]
    #[export]
    share_singleton: bool,

    /// The path of the Socket.IO endpoint on the server. See [member SocketIOClient.path].
    #[export_group(name = "Connection")]
    #[var(get = get_endpoint_path, set = set_endpoint_path)]
    #[export]
    path: PhantomVar<GString>,
    /// Names and values that are added to the query of the URL. See [member SocketIOClient.query].
    #[var(get = get_query, set = set_query)]
    #[export]
    query: PhantomVar<DictionaryArgument>,
    /// HTTP headers that are sent with each attempt to connect. See [member SocketIOClient.extra_headers].
    #[var(get = get_extra_headers, set = set_extra_headers)]
    #[export]
    extra_headers: PhantomVar<DictionaryArgument>,
    /// How long an attempt to connect may take, in seconds. See [member SocketIOClient.connect_timeout].
    #[var(get = get_connect_timeout, set = set_connect_timeout)]
    #[export(range = (0.1, 120.0, 0.1, or_greater, suffix = "s"))]
    connect_timeout: PhantomVar<f64>,
    /// If `true`, connecting joins the main namespace `/`. See [member SocketIOClient.connect_main_namespace].
    #[var(get = is_connect_main_namespace, set = set_connect_main_namespace)]
    #[export]
    connect_main_namespace: PhantomVar<bool>,

    /// If `true`, a connection that failed or was lost is made again by itself. See
    /// [member SocketIOClient.reconnection].
    #[export_group(name = "Reconnection", prefix = "reconnection_")]
    #[var(get = is_reconnection, set = set_reconnection)]
    #[export]
    reconnection: PhantomVar<bool>,
    /// How often to try again before giving up. With 0 or less, there is no limit. See
    /// [member SocketIOClient.reconnection_attempts].
    #[var(get = get_reconnection_attempts, set = set_reconnection_attempts)]
    #[export(range = (0.0, 100.0, 1.0, or_greater, or_less))]
    reconnection_attempts: PhantomVar<i64>,
    /// The time before the first attempt to reconnect, in seconds. See [member SocketIOClient.reconnection_delay].
    #[var(get = get_reconnection_delay, set = set_reconnection_delay)]
    #[export(range = (0.0, 60.0, 0.01, or_greater, suffix = "s"))]
    reconnection_delay: PhantomVar<f64>,
    /// What the time between two attempts to reconnect grows to, in seconds. See
    /// [member SocketIOClient.reconnection_delay_max].
    #[var(get = get_reconnection_delay_max, set = set_reconnection_delay_max)]
    #[export(range = (0.0, 300.0, 0.01, or_greater, suffix = "s"))]
    reconnection_delay_max: PhantomVar<f64>,
    /// By how much the time before an attempt to reconnect is randomized, from `0.0` to `1.0`. See
    /// [member SocketIOClient.randomization_factor].
    // The same group, without the prefix.
    #[export_group(name = "Reconnection")]
    #[var(get = get_randomization_factor, set = set_randomization_factor)]
    #[export(range = (0.0, 1.0, 0.01))]
    randomization_factor: PhantomVar<f64>,

    /// If `true`, what arrives is dispatched once a frame. If `false`, the game calls [method SocketIOClient.poll]. See
    /// [member SocketIOClient.auto_poll].
    #[export_group(name = "Dispatch")]
    #[var(get = is_auto_poll, set = set_auto_poll)]
    #[export]
    auto_poll: PhantomVar<bool>,
    /// The time that the dispatch of one frame may take, in microseconds. With 0, there is no limit. See
    /// [member SocketIOClient.poll_budget_usec].
    #[var(get = get_poll_budget_usec, set = set_poll_budget_usec)]
    #[export(range = (0.0, 20000.0, 1.0, or_greater, suffix = "µs"))]
    poll_budget_usec: PhantomVar<i64>,

    /// The largest message that is taken from the server, in bytes. See [member SocketIOClient.max_payload_size].
    #[export_group(name = "Limits")]
    #[var(get = get_max_payload_size, set = set_max_payload_size)]
    #[export(range = (1.0, 1_073_741_824.0, 1.0, or_greater, hide_slider, suffix = "B"))]
    max_payload_size: PhantomVar<i64>,
    /// The most attachments of one event, in either direction. See [member SocketIOClient.max_attachments].
    #[var(get = get_max_attachments, set = set_max_attachments)]
    #[export(range = (0.0, 100.0, 1.0, or_greater))]
    max_attachments: PhantomVar<i64>,
    /// How many bytes may wait in each direction. See [member SocketIOClient.max_buffered_size].
    #[var(get = get_max_buffered_size, set = set_max_buffered_size)]
    #[export(range = (1.0, 1_073_741_824.0, 1.0, or_greater, hide_slider, suffix = "B"))]
    max_buffered_size: PhantomVar<i64>,
}

#[godot_api]
impl INode for SocketIONode {
    fn init(base: Base<Node>) -> Self {
        Self {
            base,
            own_client: OwnClient::default(),
            shared_client: None,
            url: GString::new(),
            auth: own_client::empty_dictionary(),
            namespaces: PackedStringArray::new(),
            autoconnect: true,
            share_singleton: false,
            path: PhantomVar::default(),
            query: PhantomVar::default(),
            extra_headers: PhantomVar::default(),
            connect_timeout: PhantomVar::default(),
            connect_main_namespace: PhantomVar::default(),
            reconnection: PhantomVar::default(),
            reconnection_attempts: PhantomVar::default(),
            reconnection_delay: PhantomVar::default(),
            reconnection_delay_max: PhantomVar::default(),
            randomization_factor: PhantomVar::default(),
            auto_poll: PhantomVar::default(),
            poll_budget_usec: PhantomVar::default(),
            max_payload_size: PhantomVar::default(),
            max_attachments: PhantomVar::default(),
            max_buffered_size: PhantomVar::default(),
        }
    }

    // Not `enter_tree` and `exit_tree`: a script of the node with such a method would take their place.
    fn on_notification(&mut self, what: NodeNotification) {
        let change = match what {
            NodeNotification::ENTER_TREE => Self::enter,
            NodeNotification::EXIT_TREE => Self::leave,
            _ => return,
        };
        if on_main::is_main_thread() {
            self.released(change);
        }
    }

    fn get_configuration_warnings(&self) -> PackedStringArray {
        self.warnings().iter().map(GString::from).collect()
    }
}

#[godot_api]
impl SocketIONode {
    /// Emitted when the main namespace `/` is joined, also after each reconnection. See
    /// [signal SocketIOClient.connected].
    #[signal]
    fn connected(session_id: GString);

    /// Emitted when the main namespace `/` is no longer joined. See [signal SocketIOClient.disconnected].
    ///
    /// After the node has left the tree, it is emitted one frame later, unless the node has been freed by then.
    #[signal]
    fn disconnected(reason: GString);

    /// Emitted when an attempt to connect failed, or when the server refused a namespace. `error` is that of
    /// [signal SocketIOClient.connect_error].
    #[signal]
    fn connect_error(error: VarDictionary);

    /// Emitted when a namespace is joined, the main one included.
    #[signal]
    fn namespace_connected(namespace_path: GString);

    /// Emitted when a namespace is no longer joined, the main one included.
    #[signal]
    fn namespace_disconnected(namespace_path: GString);

    /// Emitted when an attempt to connect again begins. See [signal SocketIOClient.reconnect_attempt].
    #[signal]
    fn reconnect_attempt(attempt: i64, delay: f64);

    /// Emitted when an attempt to connect again has succeeded. See [signal SocketIOClient.reconnected].
    #[signal]
    fn reconnected(attempt: i64);

    /// Emitted when the last of [member reconnection_attempts] has failed.
    #[signal]
    fn reconnect_failed();

    /// Emitted after each change of the client's state. See [signal SocketIOClient.connection_state_changed].
    #[signal]
    fn connection_state_changed(state: ConnectionState);

    #[func]
    fn get_url(&self) -> GString {
        self.read("SocketIONode.url", |node| node.url.clone())
    }

    #[func]
    fn set_url(&mut self, url: GString) {
        self.change("SocketIONode.url", |node| node.url = url);
    }

    #[func]
    fn get_auth(&self) -> DictionaryArgument {
        self.read("SocketIONode.auth", |node| node.auth.clone())
    }

    #[func]
    fn set_auth(&mut self, auth: DictionaryArgument) {
        self.change("SocketIONode.auth", |node| std::mem::replace(&mut node.auth, auth));
    }

    #[func]
    fn get_namespaces(&self) -> PackedStringArray {
        self.read("SocketIONode.namespaces", |node| node.namespaces.clone())
    }

    #[func]
    fn set_namespaces(&mut self, paths: PackedStringArray) {
        self.change("SocketIONode.namespaces", |node| node.namespaces = paths);
    }

    #[func]
    fn is_autoconnect(&self) -> bool {
        self.read("SocketIONode.autoconnect", |node| node.autoconnect)
    }

    #[func]
    fn set_autoconnect(&mut self, enabled: bool) {
        self.change("SocketIONode.autoconnect", |node| node.autoconnect = enabled);
    }

    #[func]
    fn is_share_singleton(&self) -> bool {
        self.read("SocketIONode.share_singleton", |node| node.share_singleton)
    }

    #[func]
    fn set_share_singleton(&mut self, enabled: bool) {
        const NAME: &str = "SocketIONode.share_singleton";
        if self.is_out_of_reach(NAME) || self.share_singleton == enabled {
            return;
        }
        let moves = self.base().is_inside_tree();
        if moves {
            self.released(Self::leave);
        }
        self.change(NAME, |node| node.share_singleton = enabled);
        if moves {
            self.released(Self::enter);
        }
    }

    #[func]
    fn get_endpoint_path(&self) -> GString {
        self.option("SocketIONode.path", |options| GString::from(&options.path))
    }

    #[func]
    fn set_endpoint_path(&mut self, path: GString) {
        let path = checks::check_path(&path.to_string());
        self.set_option("path", path, |options| &mut options.path);
    }

    #[func]
    fn get_query(&self) -> DictionaryArgument {
        self.dictionary("SocketIONode.query", |options| &options.query)
    }

    #[func]
    fn set_query(&mut self, query: DictionaryArgument) {
        self.set_option("query", Ok(Some(query.0)), |options| &mut options.query);
    }

    #[func]
    fn get_extra_headers(&self) -> DictionaryArgument {
        self.dictionary("SocketIONode.extra_headers", |options| &options.extra_headers)
    }

    #[func]
    fn set_extra_headers(&mut self, headers: DictionaryArgument) {
        let headers = checks::check_headers(&headers.0).map(|_| Some(headers.0));
        self.set_option("extra_headers", headers, |options| &mut options.extra_headers);
    }

    #[func]
    fn get_connect_timeout(&self) -> f64 {
        self.option("SocketIONode.connect_timeout", |options| options.connect_timeout)
    }

    #[func]
    fn set_connect_timeout(&mut self, seconds: f64) {
        let seconds = checks::check_positive_time(seconds);
        self.set_option("connect_timeout", seconds, |options| &mut options.connect_timeout);
    }

    #[func]
    fn is_connect_main_namespace(&self) -> bool {
        self.option("SocketIONode.connect_main_namespace", |options| options.connect_main_namespace)
    }

    #[func]
    fn set_connect_main_namespace(&mut self, enabled: bool) {
        self.set_option("connect_main_namespace", Ok(enabled), |options| &mut options.connect_main_namespace);
    }

    #[func]
    fn is_reconnection(&self) -> bool {
        self.option("SocketIONode.reconnection", |options| options.reconnection)
    }

    #[func]
    fn set_reconnection(&mut self, enabled: bool) {
        self.set_option("reconnection", Ok(enabled), |options| &mut options.reconnection);
    }

    #[func]
    fn get_reconnection_attempts(&self) -> i64 {
        self.option("SocketIONode.reconnection_attempts", |options| options.reconnection_attempts)
    }

    #[func]
    fn set_reconnection_attempts(&mut self, attempts: i64) {
        self.set_option("reconnection_attempts", Ok(attempts), |options| &mut options.reconnection_attempts);
    }

    #[func]
    fn get_reconnection_delay(&self) -> f64 {
        self.option("SocketIONode.reconnection_delay", |options| options.reconnection_delay)
    }

    #[func]
    fn set_reconnection_delay(&mut self, seconds: f64) {
        let seconds = checks::check_time(seconds);
        self.set_option("reconnection_delay", seconds, |options| &mut options.reconnection_delay);
    }

    #[func]
    fn get_reconnection_delay_max(&self) -> f64 {
        self.option("SocketIONode.reconnection_delay_max", |options| options.reconnection_delay_max)
    }

    #[func]
    fn set_reconnection_delay_max(&mut self, seconds: f64) {
        let seconds = checks::check_time(seconds);
        self.set_option("reconnection_delay_max", seconds, |options| &mut options.reconnection_delay_max);
    }

    #[func]
    fn get_randomization_factor(&self) -> f64 {
        self.option("SocketIONode.randomization_factor", |options| options.randomization_factor)
    }

    #[func]
    fn set_randomization_factor(&mut self, factor: f64) {
        let factor = checks::check_part(factor);
        self.set_option("randomization_factor", factor, |options| &mut options.randomization_factor);
    }

    #[func]
    fn is_auto_poll(&self) -> bool {
        self.read("SocketIONode.auto_poll", |node| node.own_client.is_auto_poll())
    }

    #[func]
    fn set_auto_poll(&mut self, enabled: bool) {
        self.change("SocketIONode.auto_poll", |node| {
            if let OwnClient::Planned(plan) = &mut node.own_client {
                plan.auto_poll = enabled;
            }
            node.clients().for_each(|core| core.auto_poll.set(enabled));
        });
    }

    #[func]
    fn get_poll_budget_usec(&self) -> i64 {
        self.option("SocketIONode.poll_budget_usec", |options| options.poll_budget_usec)
    }

    #[func]
    fn set_poll_budget_usec(&mut self, microseconds: i64) {
        let microseconds = checks::check_number(microseconds, 0);
        self.set_option("poll_budget_usec", microseconds, |options| &mut options.poll_budget_usec);
    }

    #[func]
    fn get_max_payload_size(&self) -> i64 {
        self.option("SocketIONode.max_payload_size", |options| options.max_payload_size)
    }

    #[func]
    fn set_max_payload_size(&mut self, bytes: i64) {
        let bytes = checks::check_number(bytes, 1);
        self.set_option("max_payload_size", bytes, |options| &mut options.max_payload_size);
    }

    #[func]
    fn get_max_attachments(&self) -> i64 {
        self.option("SocketIONode.max_attachments", |options| options.max_attachments)
    }

    #[func]
    fn set_max_attachments(&mut self, count: i64) {
        let count = checks::check_number(count, 0);
        self.set_option("max_attachments", count, |options| &mut options.max_attachments);
    }

    #[func]
    fn get_max_buffered_size(&self) -> i64 {
        self.option("SocketIONode.max_buffered_size", |options| options.max_buffered_size)
    }

    #[func]
    fn set_max_buffered_size(&mut self, bytes: i64) {
        let bytes = checks::check_number(bytes, 1);
        self.set_option("max_buffered_size", bytes, |options| &mut options.max_buffered_size);
    }
}
