//! What a client and its namespaces are on the main thread: their state as the game sees it, and the way to the
//! worker. The classes are thin shells around it, and nothing here is borrowed while the game's code runs.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use godot::builtin::{AnyDictionary, Callable};
use godot::classes::RefCounted;
use godot::global::Error;
use godot::obj::{Gd, InstanceId};
use socketio_client::{Client, TransportOptions};
use socketio_protocol::{Command, Connect, ConnectionId, DisconnectReason, Endpoint, Join, JoinId, Limits};

use crate::acks::PendingAcks;
use crate::client::SocketIOClient;
use crate::connection::Connection;
use crate::membership::{Ending, MAIN_NAMESPACE, Membership, NamespaceCore, NamespaceEntry};
use crate::namespace::SocketIONamespace;
use crate::refusal::Refusal;
use crate::variant::encode;
use crate::{main_loop, signals, tls};

/// How long DNS, TCP, TLS, WebSocket and Engine.IO handshake may take together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// Bytes that may wait in either direction.
const MAX_BUFFERED: usize = 64 << 20;

/// What the game's own calls have caused, for the next poll: signals and callbacks never run inside the call.
pub(crate) enum Notice {
    NamespaceLeft { namespace: Rc<NamespaceCore>, reason: DisconnectReason },
    AckFailed(Callable),
}

/// The part of a client that is not Godot's.
pub(crate) struct Core {
    object: Cell<Option<InstanceId>>,
    pub(crate) auto_poll: Cell<bool>,
    pub(crate) url: RefCell<String>,
    /// How many polls are under way, each in a handler of the one before.
    pub(crate) polls: Cell<u32>,
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
            polls: Cell::new(0),
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
        url: &str,
        auth: &AnyDictionary,
        tls_options: Option<Gd<RefCounted>>,
    ) -> Result<(), Refusal> {
        if *self.connection.borrow() != Connection::Disconnected {
            return Err(Refusal::new(
                Error::ERR_ALREADY_IN_USE,
                format!("already connected or connecting to {}: call close() first", self.masked_url()),
            ));
        }
        let invalid = |message: String| Refusal::new(Error::ERR_INVALID_PARAMETER, message);
        let endpoint = Endpoint::parse(url).map_err(|error| invalid(error.to_string()))?;
        let tls = tls::options(tls_options).map_err(|message| invalid(message.into()))?;
        let auth = encode::auth(auth).map_err(|error| invalid(error.describe("auth")))?;
        let worker = self.start_worker()?;

        let connection = ConnectionId(self.next_id());
        *self.url.borrow_mut() = url.to_owned();
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
        Endpoint::parse(&self.url.borrow()).map(|endpoint| endpoint.to_string()).unwrap_or_default()
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
        let core = Rc::new(NamespaceCore::new(path.into(), Rc::downgrade(self)));
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
        namespace.joining(join);
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
        namespace.give_up();
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

    // Worker

    /// Hands a command to the worker.
    pub(crate) fn send(&self, command: Command) -> Result<(), Refusal> {
        let Some(worker) = self.worker() else {
            return Ok(());
        };
        worker.send(command).map_err(|full| Refusal::new(Error::ERR_OUT_OF_MEMORY, full.to_string()))
    }

    pub(crate) fn start_worker(self: &Rc<Self>) -> Result<Rc<Client>, Refusal> {
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

    /// Forgets the namespaces, when the engine goes: the core may live on in an object that the engine frees last.
    pub(crate) fn forget(&self) {
        drop(self.namespaces.take());
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
