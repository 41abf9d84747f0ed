//! The state of a connection, and the calls that change it.

use std::rc::Rc;
use std::time::Duration;

use godot::builtin::AnyDictionary;
use godot::classes::RefCounted;
use godot::global::Error;
use godot::obj::{Gd, InstanceId};
use socketio_client::{TlsOptions, TransportOptions};
use socketio_protocol::{Command, Connect, ConnectionId, Endpoint, Settings, TransportName};

use crate::core::{Core, Maker, Notice};
use crate::membership::MAIN_NAMESPACE;
use crate::options::Options;
use crate::refusal::Refusal;
use crate::variant::encode;
use crate::{node, report, tls};

/// The connection as the game sees it: changed by the game's own calls at once, by the network during a poll.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Connection {
    #[default]
    Disconnected,
    /// From `connect_to_url`, or from a loss, to the Engine.IO handshake.
    Connecting(ConnectionId),
    Open {
        id: ConnectionId,
        engine: Engine,
        /// Whether the client counts as connected: the main namespace has been joined or refused, or is not asked for.
        settled: bool,
    },
}

/// What the Engine.IO handshake has told, and what carries the connection.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Engine {
    pub(crate) session_id: String,
    pub(crate) transport: TransportName,
    /// The largest message that the server takes, in bytes (S26).
    pub(crate) max_payload: Option<u64>,
}

impl Connection {
    pub(crate) fn id(&self) -> Option<ConnectionId> {
        match self {
            Self::Disconnected => None,
            Self::Connecting(id) | Self::Open { id, .. } => Some(*id),
        }
    }
}

/// Whether the game has put the connection aside. What the worker still reports of it is told as it comes, but the
/// game's own view changes at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Presence {
    #[default]
    Here,
    Paused,
    /// Resumed, while the worker has not reported yet that the connection was put aside.
    Returning,
}

/// Whose `connected` and `disconnected` the client's are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Mouthpiece {
    /// The main namespace's, which is joined by connecting.
    #[default]
    MainNamespace,
    /// The transport's.
    Transport,
}

/// What `connect_to_url` was given.
#[derive(Clone)]
pub(crate) struct Destination {
    pub(crate) url: String,
    endpoint: Endpoint,
    tls: TlsOptions,
}

impl Core {
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
        let destination = Destination { url: url.to_owned(), endpoint, tls };
        let (settings, transport) = self.settings(&destination).map_err(invalid)?;
        let worker = self.start_worker()?;

        let connection = ConnectionId(self.next_id());
        self.set_connection(Connection::Connecting(connection));
        *self.destination.borrow_mut() = Some(destination);
        self.given_up.set(None);
        self.set_presence(Presence::Here);
        self.last_warning.borrow_mut().clear();
        let joins_main = self.options.borrow().connect_main_namespace;
        self.mouthpiece.set(if joins_main { Mouthpiece::MainNamespace } else { Mouthpiece::Transport });
        let main = self.namespace(MAIN_NAMESPACE).filter(|_| joins_main);
        let join = main.map(|main| self.begin_join(&main.core, auth)).into_iter().collect();
        worker.connect(Connect { connection, settings, join }, transport);
        node::join_namespaces(self);
        self.note_states();
        Ok(())
    }

    /// Leaves every namespace and closes.
    pub(crate) fn close(&self) {
        self.given_up.set(None);
        self.set_presence(Presence::Here);
        let before = self.set_connection(Connection::Disconnected);
        let connected = before != Connection::Disconnected;
        // First of all: to tell the developer of what will not be sent takes its time, in which it could be.
        self.command(Command::Close);
        for namespace in self.namespaces() {
            self.end_membership(&namespace.core, connected);
        }
        if self.mouthpiece.get() == Mouthpiece::Transport && matches!(before, Connection::Open { .. }) {
            self.notices.borrow_mut().push_back(Notice::TransportClosed);
        }
        self.fail_acks(None);
        self.note_states();
    }

    /// Drops the transport without a word to the server, until the game resumes.
    pub(crate) fn pause(&self) {
        if *self.connection.borrow() != Connection::Disconnected && self.presence.get() != Presence::Paused {
            self.set_presence(Presence::Paused);
            self.command(Command::Pause);
            self.note_states();
        }
    }

    /// Connects again after a pause.
    pub(crate) fn resume(&self) {
        if self.presence.get() != Presence::Paused {
            return;
        }
        let is_open = matches!(*self.connection.borrow(), Connection::Open { .. });
        self.set_presence(if is_open { Presence::Returning } else { Presence::Here });
        self.configure();
        self.command(Command::Resume);
        self.note_states();
    }

    /// Ends the wait for the next attempt.
    pub(crate) fn reconnect_now(&self) {
        let waits = matches!(*self.connection.borrow(), Connection::Connecting(_));
        if waits && self.presence.get() == Presence::Here {
            self.configure();
            self.command(Command::ReconnectNow);
        }
    }

    /// What a game can do whose client is not connected.
    pub(crate) fn how_to_connect(&self) -> &'static str {
        let is_there = |node: &InstanceId| node.lookup_validity();
        match self.maker.get() {
            Maker::Node if !self.nodes.borrow().iter().any(is_there) => {
                "the SocketIONode of its client was freed, so use a node that is in the tree"
            }
            Maker::Node | Maker::Game => "call SocketIOClient.connect_to_url() first",
        }
    }

    /// Whether the game sees the transport as open.
    pub(crate) fn is_open(&self) -> bool {
        matches!(*self.connection.borrow(), Connection::Open { .. }) && !self.is_away()
    }

    /// The last measured round trip on the open transport.
    pub(crate) fn latency(&self) -> Option<Duration> {
        self.worker().filter(|_| self.is_open()).and_then(|worker| worker.latency())
    }

    /// Whether the game has put the connection aside.
    pub(crate) fn is_away(&self) -> bool {
        self.presence.get() != Presence::Here
    }

    /// Sets a property.
    pub(crate) fn set_option<T>(&self, value: T, field: impl FnOnce(&mut Options) -> &mut T) {
        let before = std::mem::replace(field(&mut self.options.borrow_mut()), value);
        drop(before);
        self.configure();
        if let Some(worker) = self.worker() {
            worker.set_max_buffered(self.options.borrow().max_buffered());
        }
    }

    /// Hands the properties to the worker, for the next attempt. What the game has made wrong by an edit in place is
    /// told once, and the properties from before count.
    pub(crate) fn configure(&self) {
        let destination = self.destination.borrow().clone();
        let Some(destination) = destination.filter(|_| *self.connection.borrow() != Connection::Disconnected)
        else {
            return;
        };
        match self.settings(&destination) {
            Ok((settings, transport)) => {
                self.refused_settings.borrow_mut().clear();
                if let Some(worker) = self.worker() {
                    worker.configure(settings, transport);
                }
            }
            Err(problem) => {
                if self.refused_settings.replace(problem.clone()) != problem {
                    report::error(format!(
                        "SocketIOClient.{problem}. The next attempts go without the change."
                    ));
                }
            }
        }
    }

    fn settings(&self, destination: &Destination) -> Result<(Settings, TransportOptions), String> {
        // The game's code may run meanwhile, so nothing is borrowed.
        let options = self.options.borrow().clone();
        options.settings(&destination.endpoint, &destination.tls)
    }

    /// The main namespace has been joined, refused or left: the client counts as connected from now on.
    pub(crate) fn settle(&self) {
        self.update_connection(|connection| {
            if let Connection::Open { settled, .. } = connection {
                *settled = true;
            }
        });
    }

    /// The URL without what must stay secret in it.
    pub(crate) fn masked_url(&self) -> String {
        self.destination.borrow().as_ref().map(|given| given.endpoint.to_string()).unwrap_or_default()
    }
}
