//! What a client and its namespaces are on the main thread: their state as the game sees it, and the way to the
//! worker. The classes are thin shells around it, and nothing here is borrowed while the game's code runs.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use godot::classes::Os;
use godot::global::Error;
use godot::obj::{Gd, InstanceId, Singleton as _};
use socketio_client::Client;
use socketio_protocol::{Command, ConnectionId, DisconnectReason};

use crate::acks::{PendingAcks, Waiter};
use crate::announcement::Announcement;
use crate::client::SocketIOClient;
use crate::coalescing::Coalescing;
use crate::connection::{Connection, Destination, Mouthpiece, Presence};
use crate::inspector::{self, Inspection};
use crate::membership::{MAIN_NAMESPACE, NamespaceCore};
use crate::monitors::Sampled;
use crate::namespaces::Namespaces;
use crate::options::Options;
use crate::refusal::Refusal;
use crate::states::{NotedStates, Part};
use crate::unasked::Unasked;
use crate::variant::data::{self, Data};
use crate::{auth_provider, main_loop, monitors, report, signals};

/// What the game's own calls have caused, for the next poll: signals and callbacks never run inside the call.
pub(crate) enum Notice {
    NamespaceLeft { namespace: Rc<NamespaceCore>, reason: DisconnectReason, speaks: Mouthpiece },
    TransportClosed,
    Unanswered(Waiter),
}

/// Who made a client, and so has to keep it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Maker {
    #[default]
    Game,
    /// A `SocketIONode`.
    Node,
}

/// The part of a client that is not Godot's.
pub(crate) struct Core {
    object: Cell<Option<InstanceId>>,
    pub(crate) maker: Cell<Maker>,
    pub(crate) auto_poll: Cell<bool>,
    pub(crate) options: RefCell<Options>,
    /// How many polls are under way, each in a handler of the one before.
    pub(crate) polls: Cell<u32>,

    pub(crate) destination: RefCell<Option<Destination>>,
    pub(crate) connection: Part<Connection>,
    pub(crate) presence: Part<Presence>,
    pub(crate) noted_states: NotedStates,
    pub(crate) mouthpiece: Cell<Mouthpiece>,
    /// The connection that was given up last: that its last attempt failed is told after that.
    pub(crate) given_up: Cell<Option<ConnectionId>>,
    /// Why the properties could not be handed to the worker last time.
    pub(crate) refused_settings: RefCell<String>,
    /// Whether so much waits for the game that the server is not listened to.
    pub(crate) has_backlog: Cell<bool>,
    /// The last failure that was printed because nobody listened.
    pub(crate) last_warning: RefCell<String>,

    pub(crate) acks: RefCell<PendingAcks>,
    pub(crate) coalescing: Coalescing,
    pub(crate) notices: RefCell<VecDeque<Notice>>,
    pub(crate) announcements: RefCell<VecDeque<Announcement>>,
    /// When the next wait for an event is over.
    pub(crate) wait_deadline: Cell<Option<Instant>>,
    pub(crate) unasked: Unasked,
    pub(crate) namespaces: RefCell<Namespaces>,
    /// The nodes that emit its signals as their own.
    pub(crate) nodes: RefCell<Vec<InstanceId>>,
    /// What the monitors have told of.
    pub(crate) sampled: Cell<Sampled>,
    pub(crate) inspection: Inspection,
    worker: RefCell<Option<Rc<Client<Data>>>>,
    last_id: Cell<u64>,
}

impl Core {
    /// A client with its main namespace, not connected to anything.
    pub(crate) fn new() -> Rc<Self> {
        let core = Self::stray();
        core.add_namespace(MAIN_NAMESPACE);
        main_loop::add(&core);
        core
    }

    /// What stands behind a client that was made on another thread: nothing that any other part knows.
    pub(crate) fn stray() -> Rc<Self> {
        Rc::new(Self {
            object: Cell::new(None),
            maker: Cell::default(),
            auto_poll: Cell::new(true),
            options: RefCell::default(),
            polls: Cell::new(0),
            destination: RefCell::default(),
            connection: Part::default(),
            presence: Part::default(),
            noted_states: NotedStates::default(),
            mouthpiece: Cell::default(),
            given_up: Cell::default(),
            refused_settings: RefCell::default(),
            has_backlog: Cell::default(),
            last_warning: RefCell::default(),
            acks: RefCell::default(),
            coalescing: Coalescing::default(),
            notices: RefCell::default(),
            announcements: RefCell::default(),
            wait_deadline: Cell::default(),
            unasked: Unasked::default(),
            namespaces: RefCell::default(),
            nodes: RefCell::default(),
            sampled: Cell::default(),
            inspection: Inspection::default(),
            worker: RefCell::default(),
            last_id: Cell::new(0),
        })
    }

    /// Ties the core to its object.
    pub(crate) fn set_object(&self, object: InstanceId) {
        self.object.set(Some(object));
    }

    /// The client's object, kept alive while the result is.
    pub(crate) fn object(&self) -> Option<Gd<SocketIOClient>> {
        Gd::try_from_instance_id(self.object.get()?).ok()
    }

    /// The worker, if anything needed one yet.
    pub(crate) fn worker(&self) -> Option<Rc<Client<Data>>> {
        self.worker.borrow().clone()
    }

    pub(crate) fn start_worker(self: &Rc<Self>) -> Result<Rc<Client<Data>>, Refusal> {
        main_loop::start_polling();
        if let Some(worker) = self.worker() {
            return Ok(worker);
        }
        data::read_settings();
        let max_buffered = self.options.borrow().max_buffered();
        let worker = Client::start(max_buffered).map(Rc::new).map_err(|error| {
            Refusal::new(Error::ERR_CANT_CREATE, format!("the network thread could not be started: {error}"))
        })?;
        inspector::worker_started(&self.inspection, &worker);
        *self.worker.borrow_mut() = Some(worker.clone());
        monitors::add();
        Ok(worker)
    }

    /// An empty text to encode an event or an answer into.
    pub(crate) fn buffer(&self) -> String {
        self.worker.borrow().as_ref().map_or_else(String::new, |worker| worker.buffer())
    }

    /// Hands an event or an answer to the worker.
    pub(crate) fn send(&self, command: Command) -> Result<(), Refusal> {
        let Some(worker) = self.worker() else {
            return Ok(());
        };
        worker.send(command).map_err(|full| {
            Refusal::new(
                Error::ERR_OUT_OF_MEMORY,
                format!("{full}, or raise SocketIOClient.max_buffered_size"),
            )
        })
    }

    /// Hands a command to the worker that carries no data: only data can be refused.
    pub(crate) fn command(&self, command: Command) {
        if let Some(worker) = self.worker() {
            let _ = worker.send(command);
        }
    }

    pub(crate) fn next_id(&self) -> u64 {
        self.last_id.set(self.last_id.get() + 1);
        self.last_id.get()
    }

    /// Lets go of everything that belongs to the game, at the exit of the engine, and closes. Whoever awaits
    /// something resumes now, while the scripts are still there.
    pub(crate) fn release(&self) {
        let waiters = self.take_waiters();
        self.close();
        for waiter in waiters {
            waiter.fail_at_exit();
        }
        drop(self.notices.take());
        drop(self.announcements.take());
        if let Some(object) = self.object() {
            signals::disconnect_all(&object, &signals::OF_CLIENT);
        }
        self.silence_namespaces();
        self.inspection.end_watching();
        drop(self.worker.take());
    }

    /// Forgets the namespaces, when the engine goes: the core may live on in an object that the engine frees last.
    pub(crate) fn forget(&self) {
        drop(self.namespaces.take());
        let options = self.options.take();
        drop(options);
    }

    /// Warns, once, when a client that was told to connect goes without being closed: nothing else would tell the game
    /// why nothing happens.
    fn warn_of_end(&self) {
        static WARNED: AtomicBool = AtomicBool::new(false);

        let is_in_use = *self.connection.borrow() != Connection::Disconnected;
        let is_forgotten = is_in_use && matches!(self.maker.get(), Maker::Game) && !main_loop::is_exiting();
        if is_forgotten && Os::singleton().is_debug_build() && !WARNED.swap(true, Ordering::Relaxed) {
            report::warning(format!(
                "SocketIOClient: a client that was told to connect to {} was freed without close(), because no variable \
                 holds it any more, and its connection is closed. Keep it in a member variable while it is used, and call \
                 close() when it is done with.",
                self.masked_url()
            ));
        }
    }

    /// Takes out everybody who waits for something.
    fn take_waiters(&self) -> Vec<Waiter> {
        let mut waiters = Vec::new();
        for notice in self.notices.take() {
            if let Notice::Unanswered(waiter) = notice {
                waiters.push(waiter);
            }
        }
        waiters.extend(self.acks.borrow_mut().take_all(None).into_iter().map(|ack| ack.waiter));
        for namespace in self.namespaces() {
            waiters.extend(namespace.core.waits.borrow_mut().take_all().into_iter().map(Waiter::Awaited));
        }
        waiters
    }

    /// Takes the game's callables from the namespaces.
    fn silence_namespaces(&self) {
        for namespace in self.namespaces() {
            let listeners = namespace.core.listeners.borrow_mut().take();
            drop(listeners);
            let provider = namespace.core.auth_provider.replace(None);
            drop(provider);
            auth_provider::abandon(&namespace.core);
            signals::disconnect_all(&namespace.object, &signals::OF_NAMESPACE);
        }
    }
}

impl Drop for Core {
    /// A client goes away. The callbacks of unanswered emits still run once, at the next frame, and so does whoever
    /// awaits something. The namespaces may live on in the game's hands, but will never call anything again: a
    /// listener that holds its own namespace would keep it for ever.
    fn drop(&mut self) {
        self.warn_of_end();
        main_loop::fail_later(self.take_waiters());
        self.silence_namespaces();
        for namespace in self.namespaces() {
            namespace.core.orphan(self.maker.get());
        }
    }
}
