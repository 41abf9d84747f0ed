//! The engine's main loop: each client polls once a frame, and lets go of the game's callables at exit.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use godot::builtin::{Callable, StringName, VarArray, Variant};
use godot::classes::{Engine, Object, SceneTree};
use godot::global::Error;
use godot::meta::ToGodot;
use godot::obj::{Gd, InstanceId, Singleton as _};

use crate::acks::Waiter;
use crate::awaited::Awaited;
use crate::core::Core;
use crate::variant::{decode, discarded, keys, pool};
use crate::{callback, dispatch, inspector, library, monitors, on_main, signals};

/// How long the exit of the engine may wait for what was emitted last to be sent.
const EXIT_PATIENCE: Duration = Duration::from_millis(150);

/// How often a function may resume because of the exit: one that asks the server in a loop would never end.
const MAX_RESUMPTIONS: usize = 16;

#[derive(Default)]
struct MainLoop {
    /// All clients.
    clients: RefCell<Vec<Weak<Core>>>,
    /// Those whose client was freed while they waited for something.
    deserted: RefCell<Vec<Waiter>>,
    connections: RefCell<Vec<Connection>>,
    polling: Cell<Polling>,
    /// Whether the exit of the engine is being waited for.
    watching_exit: Cell<bool>,
    exiting: Cell<bool>,
    /// What functions await that have resumed because of the exit. There while they resume.
    awaited_at_exit: RefCell<Option<Vec<Awaited>>>,
}

/// Whether each frame polls: a game that does not use the addon pays nothing for it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Polling {
    #[default]
    Off,
    /// On as soon as there is a main loop: a `-s` script's `_init` runs before it is one.
    Wanted,
    On,
}

/// A callable of ours on a signal of the engine.
struct Connection {
    object: InstanceId,
    signal: StringName,
    callable: Callable,
}

thread_local! {
    static MAIN_LOOP: MainLoop = MainLoop::default();
}

/// Makes a client known, to be polled each frame once [`start_polling`] was called.
pub(crate) fn add(core: &Rc<Core>) {
    MAIN_LOOP.with(|this| {
        let mut clients = this.clients.borrow_mut();
        // Before the list grows: no frame takes out those that are gone while nothing polls.
        if clients.len() == clients.capacity() {
            clients.retain(|client| client.strong_count() > 0);
        }
        clients.push(Rc::downgrade(core));
    });
}

/// Tells at the next frame that there will be no answer.
pub(crate) fn fail_later(waiters: Vec<Waiter>) {
    if !waiters.is_empty() && !is_exiting() {
        MAIN_LOOP.with(|this| this.deserted.borrow_mut().extend(waiters));
        start_polling();
    }
}

/// All clients.
pub(crate) fn clients() -> Vec<Rc<Core>> {
    MAIN_LOOP.with(|this| this.clients.borrow().iter().filter_map(Weak::upgrade).collect())
}

/// Whether the engine is on its way out: nothing of the game's may be kept any more.
pub(crate) fn is_exiting() -> bool {
    MAIN_LOOP.with(|this| this.exiting.get())
}

/// Takes what is awaited while functions resume because of the exit. Given back when they do not any more.
pub(crate) fn take_at_exit(awaited: Awaited) -> Option<Awaited> {
    MAIN_LOOP.with(|this| match &mut *this.awaited_at_exit.borrow_mut() {
        Some(taken) => {
            taken.push(awaited);
            None
        }
        None => Some(awaited),
    })
}

/// Polls all clients each frame from now on.
pub(crate) fn start_polling() {
    let is_on = MAIN_LOOP.with(|this| {
        if this.polling.get() == Polling::Off {
            this.polling.set(Polling::Wanted);
        }
        this.polling.get() == Polling::On
    });
    if !is_on && !attach() {
        attach_deferred();
    }
}

/// Attaches to the main loop in the first frame.
pub(crate) fn attach_deferred() {
    let callable = Callable::from_fn("SocketIOClient.attach", |_: &[&Variant]| {
        attach();
    });
    callable.to_variant().call("call_deferred", &[]);
}

/// Lets go of everything that belongs to the game, and closes every client. Whoever awaits something resumes.
pub(crate) fn exit() {
    let (connections, clients, deserted) = MAIN_LOOP.with(|this| {
        this.exiting.set(true);
        this.awaited_at_exit.replace(Some(Vec::new()));
        (this.connections.take(), this.clients.borrow().clone(), this.deserted.take())
    });
    decode::stop();
    inspector::exit();
    on_main::run_handed_over();
    monitors::remove();
    for connection in connections {
        connection.disconnect();
    }
    for waiter in deserted {
        waiter.fail_at_exit();
    }
    for core in clients.iter().filter_map(Weak::upgrade) {
        core.release();
    }
    finish_awaiting();
    pool::close();
}

/// Resumes the functions that await something again, so that they come to their end: of those that do not, the engine
/// loses what they hold.
fn finish_awaiting() {
    for _ in 0..MAX_RESUMPTIONS {
        let awaited = MAIN_LOOP.with(|this| this.awaited_at_exit.replace(Some(Vec::new())));
        for awaited in awaited.into_iter().flatten() {
            awaited.resolve(Error::ERR_CONNECTION_ERROR, VarArray::new());
        }
    }
    let endless = MAIN_LOOP.with(|this| this.awaited_at_exit.take());
    drop(endless);
}

/// Forgets everything of the engine, and ends the workers. A look-up of a name cannot be interrupted: if one still runs, the library stays in memory so
/// that it finds the code to return to.
pub(crate) fn stop() {
    let clients = MAIN_LOOP.with(|this| this.clients.take());
    for core in clients.iter().filter_map(Weak::upgrade) {
        core.forget();
    }
    on_main::run_handed_over();
    signals::forget_names();
    callback::forget_names();
    if !socketio_client::shut_down(EXIT_PATIENCE) {
        library::stay_loaded();
    }
    keys::forget();
    pool::close();
}

/// Attaches to the main loop, `false` if there is none yet. A main loop that is not a `SceneTree` has no signals:
/// there the game calls `poll` by itself.
fn attach() -> bool {
    let Some(main_loop) = Engine::singleton().get_main_loop() else {
        return false;
    };
    let Ok(tree) = main_loop.try_cast::<SceneTree>() else {
        return true;
    };
    let (watch_exit, poll) = MAIN_LOOP.with(|this| {
        let exiting = this.exiting.get();
        let poll = !exiting && this.polling.get() == Polling::Wanted;
        if poll {
            this.polling.set(Polling::On);
        }
        (!exiting && !this.watching_exit.replace(true), poll)
    });
    if watch_exit && let Ok(root) = tree.get("root").try_to::<Gd<Object>>() {
        // The last moment at which every script and every object of the game is still there.
        connect(&root, "tree_exiting", Callable::from_fn("SocketIOClient.exit", |_| exit()));
    }
    if poll {
        connect(&tree.upcast(), "process_frame", Callable::from_fn("SocketIOClient.poll", |_| frame()));
    }
    true
}

fn connect(object: &Gd<Object>, signal: &str, callable: Callable) {
    let signal = StringName::from(signal);
    // Not gdext's own `connect`: in the editor it keeps a list for hot reload, which `exit` makes needless, and
    // warns of it whenever the editor is closed.
    object.clone().call("connect", &[signal.to_variant(), callable.to_variant()]);
    let connection = Connection { object: object.instance_id(), signal, callable };
    MAIN_LOOP.with(|this| this.connections.borrow_mut().push(connection));
}

impl Connection {
    fn disconnect(self) {
        if let Ok(mut object) = Gd::<Object>::try_from_instance_id(self.object)
            && object.is_connected(&self.signal, &self.callable)
        {
            object.disconnect(&self.signal, &self.callable);
        }
    }
}

/// Runs at the start of each frame, also while the tree is paused.
fn frame() {
    on_main::run_handed_over();
    let (clients, deserted) = MAIN_LOOP.with(|this| {
        this.clients.borrow_mut().retain(|client| client.strong_count() > 0);
        (this.clients.borrow().clone(), this.deserted.take())
    });
    for waiter in deserted {
        waiter.fail();
    }
    monitors::measure(|| {
        for core in clients.iter().filter_map(Weak::upgrade) {
            if core.auto_poll.get() {
                dispatch::poll(&core);
            }
        }
    });
    inspector::frame(&clients);
    pool::tidy();
    discarded::hand_over(|| clients.iter().filter_map(Weak::upgrade).find_map(|core| core.worker()));
}
