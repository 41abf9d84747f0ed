//! What a client and its namespaces are on the main thread: their state as the game sees it, and the way to the
//! worker. The classes are thin shells around it, and nothing here is borrowed while the game's code runs.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::{Rc, Weak};
use std::time::Duration;

use bytes::Bytes;
use godot::builtin::{AnyArray, AnyDictionary, Callable, GString};
use godot::classes::TlsOptions;
use godot::global::Error;
use godot::obj::{Gd, InstanceId};
use socketio_client::{Client, TransportOptions};
use socketio_protocol::packet::is_reserved;
use socketio_protocol::{
    AckRequest, Command, Connect, ConnectionId, DisconnectReason, Emit, Endpoint, Join, JoinId, Limits,
    Namespace, Payload,
};

use crate::acks::{PendingAck, PendingAcks};
use crate::client::SocketIOClient;
use crate::listeners::{Listener, Listeners, check_ack_callback};
use crate::namespace::SocketIONamespace;
use crate::variant::encode;
use crate::{main_loop, report, signals, tls};

/// The path of the main namespace.
pub(crate) const MAIN_NAMESPACE: &str = "/";

/// What a packet's header takes at most besides the namespace: types, number of attachments, ack id.
const MAX_HEADER: usize = 32;

/// How long DNS, TCP, TLS, WebSocket and Engine.IO handshake may take together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// Bytes that may wait in either direction.
const MAX_BUFFERED: usize = 64 << 20;

/// A call that cannot be done: what it returns, and why.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: Error,
    message: String,
}

impl Refusal {
    fn new(code: Error, message: impl Into<String>) -> Self {
        // It becomes the end of a sentence.
        Self { code, message: message.into().trim_end_matches('.').to_owned() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The connection as the game sees it: changed by the game's own calls at once, by the network during a poll.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Connection {
    Disconnected,
    /// From `connect_to_url` to the Engine.IO handshake.
    Connecting(ConnectionId),
    Open {
        id: ConnectionId,
        session_id: String,
        /// The largest message that the server takes, in bytes (S26).
        max_payload: Option<u64>,
        /// Whether the main namespace has been joined or refused.
        settled: bool,
    },
}

impl Connection {
    pub(crate) fn id(&self) -> Option<ConnectionId> {
        match self {
            Self::Disconnected => None,
            Self::Connecting(id) | Self::Open { id, .. } => Some(*id),
        }
    }
}

/// A namespace as the game sees it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Membership {
    /// Never joined yet: emits wait.
    Fresh,
    /// From `connect_to_namespace` to the server's answer: emits wait.
    Joining(JoinId),
    Joined {
        join: JoinId,
        session_id: String,
    },
    /// Ended: emits are refused until it is joined again.
    Ended(Ending),
}

impl Membership {
    pub(crate) fn join(&self) -> Option<JoinId> {
        match self {
            Self::Fresh | Self::Ended(_) => None,
            Self::Joining(join) | Self::Joined { join, .. } => Some(*join),
        }
    }
}

/// Why a namespace is not joined any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Left(DisconnectReason),
    Refused,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Left(reason) => reason.fmt(f),
            Self::Refused => f.write_str("refused by the server"),
        }
    }
}

/// What the game's own calls have caused, for the next poll: signals and callbacks never run inside the call.
pub(crate) enum Notice {
    NamespaceLeft { namespace: Rc<NamespaceCore>, reason: DisconnectReason },
    AckFailed(Callable),
}

/// The part of a namespace that is not Godot's.
pub(crate) struct NamespaceCore {
    pub(crate) path: Namespace,
    pub(crate) client: Weak<Core>,
    pub(crate) membership: RefCell<Membership>,
    pub(crate) listeners: RefCell<Listeners>,
    /// The join that the game wants, until the game itself ends it: the network's events belong to it.
    wanted_join: Cell<Option<JoinId>>,
    /// Events that wait for the join.
    waiting: Cell<u64>,
}

/// A namespace of a client, with its object.
#[derive(Clone)]
pub(crate) struct NamespaceEntry {
    pub(crate) core: Rc<NamespaceCore>,
    pub(crate) object: Gd<SocketIONamespace>,
}

/// The part of a client that is not Godot's.
pub(crate) struct Core {
    object: Cell<Option<InstanceId>>,
    pub(crate) auto_poll: Cell<bool>,
    pub(crate) url: RefCell<GString>,
    pub(crate) connection: RefCell<Connection>,
    pub(crate) acks: RefCell<PendingAcks>,
    pub(crate) notices: RefCell<VecDeque<Notice>>,
    namespaces: RefCell<Vec<NamespaceEntry>>,
    worker: RefCell<Option<Rc<Client>>>,
    last_id: Cell<u64>,
}

impl Core {
    /// A client with its main namespace, not connected to anything.
    pub(crate) fn new() -> Rc<Self> {
        let core = Rc::new(Self {
            object: Cell::new(None),
            auto_poll: Cell::new(true),
            url: RefCell::default(),
            connection: RefCell::new(Connection::Disconnected),
            acks: RefCell::default(),
            notices: RefCell::default(),
            namespaces: RefCell::default(),
            worker: RefCell::default(),
            last_id: Cell::new(0),
        });
        core.add_namespace(MAIN_NAMESPACE);
        core
    }

    /// Ties the core to its object, which exists only after it.
    pub(crate) fn set_object(self: &Rc<Self>, object: &Gd<SocketIOClient>) {
        self.object.set(Some(object.instance_id()));
        main_loop::add(self);
    }

    /// The client's object, kept alive while the result is.
    pub(crate) fn object(&self) -> Option<Gd<SocketIOClient>> {
        Gd::try_from_instance_id(self.object.get()?).ok()
    }

    /// The worker, if anything needed one yet.
    pub(crate) fn worker(&self) -> Option<Rc<Client>> {
        self.worker.borrow().clone()
    }

    // Connection

    /// Starts to connect.
    pub(crate) fn connect(
        self: &Rc<Self>,
        url: &GString,
        auth: &AnyDictionary,
        tls_options: Option<Gd<TlsOptions>>,
    ) -> Result<(), Refusal> {
        if *self.connection.borrow() != Connection::Disconnected {
            return Err(Refusal::new(
                Error::ERR_ALREADY_IN_USE,
                format!("already connected or connecting to {}: call close() first", self.masked_url()),
            ));
        }
        let invalid = |message: String| Refusal::new(Error::ERR_INVALID_PARAMETER, message);
        let endpoint = Endpoint::parse(&url.to_string()).map_err(|error| invalid(error.to_string()))?;
        let tls = tls::options(tls_options).map_err(|message| invalid(message.into()))?;
        let auth = encode::auth(auth).map_err(|error| invalid(error.describe("auth")))?;
        let worker = self.start_worker()?;

        let connection = ConnectionId(self.next_id());
        *self.url.borrow_mut() = url.clone();
        *self.connection.borrow_mut() = Connection::Connecting(connection);
        let join = self.main_namespace().map(|main| self.begin_join(&main.core, auth));
        worker.connect(
            Connect { connection, endpoint, timeout: CONNECT_TIMEOUT, join: join.into_iter().collect() },
            TransportOptions { tls, headers: Vec::new() },
        );
        Ok(())
    }

    /// Leaves every namespace and closes.
    pub(crate) fn close(&self) {
        let connected = self.connection.replace(Connection::Disconnected) != Connection::Disconnected;
        for namespace in self.namespaces() {
            self.end_membership(&namespace.core, connected);
        }
        self.fail_acks(None);
        if let Some(worker) = self.worker() {
            // Only emits can be refused.
            let _ = worker.send(Command::Close);
        }
    }

    /// The URL without what must stay secret in it.
    fn masked_url(&self) -> String {
        Endpoint::parse(&self.url.borrow().to_string())
            .map(|endpoint| endpoint.to_string())
            .unwrap_or_default()
    }

    // Namespaces

    /// The namespace of that path.
    pub(crate) fn namespace(&self, path: &str) -> Option<NamespaceEntry> {
        self.namespaces.borrow().iter().find(|entry| *entry.core.path == *path).cloned()
    }

    /// All namespaces, in the order in which they were made.
    pub(crate) fn namespaces(&self) -> Vec<NamespaceEntry> {
        self.namespaces.borrow().clone()
    }

    fn main_namespace(&self) -> Option<NamespaceEntry> {
        self.namespace(MAIN_NAMESPACE)
    }

    /// The namespace of that path, made if there is none.
    pub(crate) fn create_namespace(self: &Rc<Self>, path: &str) -> Result<NamespaceEntry, Refusal> {
        if !path.starts_with('/') {
            return Err(Refusal::new(
                Error::ERR_INVALID_PARAMETER,
                format!("\"{path}\" is not a namespace: its path must begin with \"/\", as in \"/{path}\""),
            ));
        }
        if let Some(unfit) = path.chars().find(|letter| *letter == ',' || letter.is_control()) {
            return Err(Refusal::new(
                Error::ERR_INVALID_PARAMETER,
                format!("\"{path}\" is not a namespace: the protocol has no place for {unfit:?} in its path"),
            ));
        }
        Ok(self.namespace(path).unwrap_or_else(|| self.add_namespace(path)))
    }

    fn add_namespace(self: &Rc<Self>, path: &str) -> NamespaceEntry {
        let core = Rc::new(NamespaceCore {
            path: path.into(),
            client: Rc::downgrade(self),
            membership: RefCell::new(Membership::Fresh),
            listeners: RefCell::default(),
            wanted_join: Cell::new(None),
            waiting: Cell::new(0),
        });
        let entry = NamespaceEntry { object: SocketIONamespace::create(&core), core };
        self.namespaces.borrow_mut().push(entry.clone());
        entry
    }

    /// Joins a namespace, or makes the worker join it as soon as it can.
    pub(crate) fn join(&self, namespace: &NamespaceCore, auth: &AnyDictionary) -> Result<(), Refusal> {
        let path = &namespace.path;
        if namespace.membership.borrow().join().is_some() {
            return Err(Refusal::new(
                Error::ERR_ALREADY_IN_USE,
                format!("\"{path}\" is joined or joining: call disconnect_from_namespace() first"),
            ));
        }
        if *self.connection.borrow() == Connection::Disconnected {
            return Err(Refusal::new(
                Error::ERR_UNCONFIGURED,
                format!(
                    "\"{path}\" cannot be joined while its client is not connecting: call connect_to_url() first"
                ),
            ));
        }
        let auth = encode::auth(auth)
            .map_err(|error| Refusal::new(Error::ERR_INVALID_PARAMETER, error.describe("auth")))?;
        let join = self.begin_join(namespace, auth);
        self.send(Command::Join(join))
    }

    fn begin_join(&self, namespace: &NamespaceCore, auth: Option<Box<str>>) -> Join {
        let join = JoinId(self.next_id());
        *namespace.membership.borrow_mut() = Membership::Joining(join);
        namespace.wanted_join.set(Some(join));
        Join { namespace: namespace.path.clone(), join, auth }
    }

    /// Leaves a namespace; the connection stays open.
    pub(crate) fn leave(&self, namespace: &Rc<NamespaceCore>) {
        if namespace.membership.borrow().join().is_none() {
            return;
        }
        self.end_membership(namespace, true);
        self.fail_acks(Some(&namespace.path));
        if *namespace.path == *MAIN_NAMESPACE {
            self.settle();
        }
        // Only emits can be refused.
        let _ = self.send(Command::Leave(namespace.path.clone()));
    }

    /// Ends a membership by the game's own will.
    fn end_membership(&self, namespace: &Rc<NamespaceCore>, connected: bool) {
        namespace.wanted_join.set(None);
        namespace.warn_of_dropped_events();
        let before = namespace.membership.borrow().clone();
        let reason = DisconnectReason::IoClientDisconnect;
        match before {
            Membership::Joined { .. } => {
                let namespace = namespace.clone();
                self.notices.borrow_mut().push_back(Notice::NamespaceLeft { namespace, reason });
            }
            Membership::Joining(_) if connected => {}
            Membership::Joining(_) | Membership::Fresh | Membership::Ended(_) => return,
        }
        *namespace.membership.borrow_mut() = Membership::Ended(Ending::Left(reason));
    }

    /// The main namespace has been joined, refused or left: the client counts as connected from now on.
    pub(crate) fn settle(&self) {
        if let Connection::Open { settled, .. } = &mut *self.connection.borrow_mut() {
            *settled = true;
        }
    }

    /// Makes the ack callbacks of a namespace, or all of them, fail at the next poll.
    fn fail_acks(&self, namespace: Option<&str>) {
        let failed = self.acks.borrow_mut().take_all(namespace);
        self.notices.borrow_mut().extend(failed.into_iter().map(|ack| Notice::AckFailed(ack.callback)));
    }

    // Emits

    /// Sends an event, or makes it wait for the join.
    pub(crate) fn emit(
        self: &Rc<Self>,
        namespace: &NamespaceCore,
        event: &str,
        data: &AnyArray,
    ) -> Result<(), Refusal> {
        self.encode_and_send(namespace, event, data, None)
    }

    /// Sends an event whose answer goes to a callback. When it cannot be sent, the callback gets its time-out at
    /// the next poll.
    pub(crate) fn emit_with_ack(
        self: &Rc<Self>,
        namespace: &NamespaceCore,
        event: &str,
        data: &AnyArray,
        callback: &Callable,
        timeout: f64,
    ) -> Result<(), Refusal> {
        check_ack_callback(callback).map_err(|problem| {
            Refusal::new(Error::ERR_INVALID_PARAMETER, format!("the callback {problem}"))
        })?;
        main_loop::start_polling();
        let ack = PendingAck { namespace: namespace.path.clone(), callback: callback.clone() };
        let token = self.acks.borrow_mut().add(ack);
        // Zero, negative and absurdly long times all mean to wait for ever.
        let timeout = Duration::try_from_secs_f64(timeout).ok().filter(|timeout| !timeout.is_zero());
        let sent = self.encode_and_send(namespace, event, data, Some(AckRequest { token, timeout }));
        if sent.is_err() {
            let failed = self.acks.borrow_mut().take(token);
            self.notices.borrow_mut().extend(failed.map(|ack| Notice::AckFailed(ack.callback)));
        }
        sent
    }

    fn encode_and_send(
        self: &Rc<Self>,
        namespace: &NamespaceCore,
        event: &str,
        data: &AnyArray,
        ack: Option<AckRequest>,
    ) -> Result<(), Refusal> {
        let refused = |code: Error, why: String| Refusal::new(code, format!("emit \"{event}\": {why}"));
        if is_reserved(event) {
            return Err(refused(
                Error::ERR_INVALID_PARAMETER,
                "this name is reserved by Socket.IO, choose another".into(),
            ));
        }
        if let Membership::Ended(ending) = &*namespace.membership.borrow() {
            let path = &namespace.path;
            return Err(refused(
                Error::ERR_UNCONFIGURED,
                format!(
                    "\"{path}\" is not connected ({ending}): call connect_to_namespace() or connect_to_url() first"
                ),
            ));
        }
        let payload = encode::event(event, data)
            .map_err(|error| refused(Error::ERR_INVALID_DATA, error.describe("data")))?;
        let (count, limit) = (payload.attachments.len(), Limits::default().max_attachments);
        if count > limit {
            return Err(refused(
                Error::ERR_INVALID_DATA,
                format!("{count} attachments are more than the {limit} that a server takes in one event"),
            ));
        }
        self.check_size(namespace, &payload).map_err(|why| refused(Error::ERR_INVALID_DATA, why))?;
        self.start_worker()?;
        self.send(Command::Emit(Emit { namespace: namespace.path.clone(), payload, ack }))
            .map_err(|full| refused(full.code, full.message))?;
        if !matches!(*namespace.membership.borrow(), Membership::Joined { .. }) {
            namespace.waiting.set(namespace.waiting.get().saturating_add(1));
        }
        Ok(())
    }

    /// A server closes the connection without a word when a message is larger than it takes (S26).
    fn check_size(&self, namespace: &NamespaceCore, payload: &Payload) -> Result<(), String> {
        let Connection::Open { max_payload: Some(limit), .. } = *self.connection.borrow() else {
            return Ok(());
        };
        let packet = payload.json.len() + namespace.path.len() + MAX_HEADER;
        let largest = payload.attachments.iter().map(Bytes::len).fold(packet, usize::max);
        if u64::try_from(largest).is_ok_and(|size| size <= limit) {
            return Ok(());
        }
        Err(format!(
            "{largest} bytes are more than the {limit} that the server takes in one message: send less at a time, or \
             raise the server's maxHttpBufferSize"
        ))
    }

    // Worker

    /// Hands a command to the worker.
    pub(crate) fn send(&self, command: Command) -> Result<(), Refusal> {
        let Some(worker) = self.worker() else {
            return Ok(());
        };
        worker.send(command).map_err(|full| Refusal::new(Error::ERR_OUT_OF_MEMORY, full.to_string()))
    }

    fn start_worker(self: &Rc<Self>) -> Result<Rc<Client>, Refusal> {
        main_loop::start_polling();
        if let Some(worker) = self.worker() {
            return Ok(worker);
        }
        let worker = Client::start(Limits::default(), MAX_BUFFERED).map(Rc::new).map_err(|error| {
            Refusal::new(Error::ERR_CANT_CREATE, format!("the network thread could not be started: {error}"))
        })?;
        *self.worker.borrow_mut() = Some(worker.clone());
        Ok(worker)
    }

    fn next_id(&self) -> u64 {
        self.last_id.set(self.last_id.get() + 1);
        self.last_id.get()
    }

    /// Lets go of everything that belongs to the game, at the exit of the engine, and closes.
    pub(crate) fn release(&self) {
        self.close();
        drop(self.notices.take());
        if let Some(object) = self.object() {
            signals::disconnect_all(&object, &signals::OF_CLIENT);
        }
        self.silence_namespaces();
        drop(self.worker.take());
    }

    /// Takes the game's callables from the namespaces.
    fn silence_namespaces(&self) {
        for namespace in self.namespaces() {
            let listeners = namespace.core.listeners.borrow_mut().take();
            drop(listeners);
            signals::disconnect_all(&namespace.object, &signals::OF_NAMESPACE);
        }
    }
}

impl Drop for Core {
    /// A client goes away. The callbacks of unanswered emits still run once, at the next frame. The namespaces may
    /// live on in the game's hands, but will never call anything again: a listener that holds its own namespace
    /// would keep it for ever.
    fn drop(&mut self) {
        let pending = self.acks.get_mut().take_all(None).into_iter().map(|ack| ack.callback);
        let noticed = self.notices.get_mut().drain(..).filter_map(|notice| match notice {
            Notice::AckFailed(callback) => Some(callback),
            Notice::NamespaceLeft { .. } => None,
        });
        main_loop::fail_later(noticed.chain(pending).collect());
        self.silence_namespaces();
    }
}

impl NamespaceCore {
    /// Registers a listener.
    pub(crate) fn listen(&self, event: &str, callable: &Callable) -> Result<(), String> {
        let listener = Listener::new(callable)?;
        self.listeners.borrow_mut().add(event.into(), listener);
        Ok(())
    }

    /// Whether that join is the one that the game wants now.
    pub(crate) fn wants(&self, join: JoinId) -> bool {
        self.wanted_join.get() == Some(join)
    }

    /// The server has accepted the namespace, and gets what waited for it.
    pub(crate) fn joined(&self, join: JoinId, session_id: String) {
        self.waiting.set(0);
        *self.membership.borrow_mut() = Membership::Joined { join, session_id };
    }

    fn warn_of_dropped_events(&self) {
        let count = self.waiting.take();
        if count > 0 && !main_loop::is_exiting() {
            report::warning(format!(
                "SocketIONamespace: {count} event(s) emitted to \"{}\" before it was joined will not be sent.",
                self.path
            ));
        }
    }
}

impl Refusal {
    /// A namespace outlived its client.
    pub(crate) fn client_freed() -> Self {
        Self::new(
            Error::ERR_UNCONFIGURED,
            "the client of this namespace was freed: keep the SocketIOClient in a variable while it is used",
        )
    }
}
