//! The game's side of the traffic inspector: what passes, for the editor's debugger, while somebody watches there.
//!
//! Without a debugger, as in every exported release, nothing of it runs. With one, what passes is noted for a moment, as the
//! editor may begin to watch when it is greeted; nothing is sent until it does. Then at most [`MAX_CLIENTS`] clients are shown, each with at most [`MAX_PACKETS`] packets a frame.
//!
//! What the two sides send each other has the prefix `socket_io:` and is an `Array`. The game sends `hello`, `clients`,
//! `packets` and `payload`; what the editor sends is in [`request`]. Each side ignores what it does not know: the other one
//! may be of another version.

mod debugger;
mod inspection;
mod overview;
mod payload;
mod request;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use godot::builtin::{Callable, GString, VarArray, Variant, varray};
use godot::classes::Time;
use godot::meta::ToGodot;
use godot::obj::Singleton as _;
use socketio_client::Client;

use self::debugger::Debugger;
pub(crate) use self::inspection::Inspection;
use self::request::Request;
use crate::core::Core;
use crate::variant::data::Data;

/// The version of the messages.
const VERSION: i64 = 1;
/// How many clients are shown, the first ones.
const MAX_CLIENTS: usize = 100;
/// How many packets of a client are sent in a frame. The others are in the next ones.
const MAX_PACKETS: usize = 200;
/// How many requests of the editor may wait for the next frame.
const MAX_REQUESTS: usize = 256;
/// How long the editor may take to answer the greeting. What passes until then is noted: the first connection of a game
/// begins in the same frame.
const GREETING: Duration = Duration::from_secs(10);
/// How often the clients are shown.
const INTERVAL: Duration = Duration::from_millis(250);

#[derive(Default)]
struct Inspector {
    debugger: RefCell<Option<Debugger>>,
    requests: RefCell<VecDeque<Request>>,
    watching: Cell<Watching>,
    /// When the clients are to be shown.
    due: Cell<Option<Instant>>,
    /// The number of the last client that got one.
    last_number: Cell<i64>,
}

/// Whether the editor watches.
#[derive(Clone, Copy, Default)]
enum Watching {
    #[default]
    No,
    /// It may, until then, once it has read the greeting.
    Perhaps(Instant),
    Yes,
}

thread_local! {
    static INSPECTOR: Inspector = Inspector::default();
}

/// Greets the editor, if there is one.
fn attach() {
    if INSPECTOR.with(|this| this.debugger.borrow().is_some()) {
        return;
    }
    let Some(debugger) = Debugger::active() else {
        return;
    };
    debugger.register(&Callable::from_fn("SocketIOClient.inspect", capture));
    INSPECTOR.with(|this| {
        *this.debugger.borrow_mut() = Some(debugger.clone());
        this.watching.set(Watching::Perhaps(Instant::now() + GREETING));
    });
    greet(&debugger);
}

/// Does what the editor has asked for, and sends it what is new.
pub(crate) fn frame(clients: &[Weak<Core>]) {
    let Some(debugger) = INSPECTOR.with(|this| this.debugger.borrow().clone()) else {
        return;
    };
    let requests = INSPECTOR.with(|this| this.requests.take());
    if requests.is_empty() && !is_noting() {
        return;
    }
    let used = clients.iter().filter_map(Weak::upgrade).filter(|core| core.worker().is_some());
    let mut clients: Vec<Rc<Core>> = used.collect();
    for request in requests {
        answer(request, &debugger, &clients);
    }
    match watching() {
        Watching::No => clients.iter().for_each(|core| core.inspection.end_watching()),
        Watching::Perhaps(until) if Instant::now() >= until => {
            set_watching(Watching::No);
            clients.iter().for_each(|core| core.inspection.end_watching());
        }
        Watching::Perhaps(_) => watch_all(&clients),
        Watching::Yes => {
            watch_all(&clients);
            clients.truncate(MAX_CLIENTS);
            send_news(&debugger, &clients);
        }
    }
}

/// A client has its worker, which nothing has passed yet. The first one greets the editor.
pub(crate) fn worker_started(inspection: &Inspection, worker: &Client<Data>) {
    attach();
    let number = INSPECTOR.with(|this| {
        this.last_number.set(this.last_number.get() + 1);
        this.last_number.get()
    });
    inspection.set_number(number);
    if is_noting() {
        inspection.watch(worker);
    }
}

/// Lets go of the debugger.
pub(crate) fn exit() {
    let (debugger, requests) = INSPECTOR.with(|this| {
        this.watching.set(Watching::No);
        (this.debugger.take(), this.requests.take())
    });
    drop(requests);
    if let Some(debugger) = debugger {
        debugger.unregister();
    }
}

fn watching() -> Watching {
    INSPECTOR.with(|this| this.watching.get())
}

fn set_watching(watching: Watching) {
    INSPECTOR.with(|this| this.watching.set(watching));
}

fn is_noting() -> bool {
    !matches!(watching(), Watching::No)
}

/// Takes a message of the editor, to be answered in the next frame: it may come while the game stands at a breakpoint, in
/// the middle of anything.
fn capture(arguments: &[&Variant]) -> bool {
    let [message, data] = arguments else {
        return false;
    };
    let (Ok(message), Ok(data)) = (message.try_to::<GString>(), data.try_to::<VarArray>()) else {
        return false;
    };
    let Some(request) = Request::parse(&message.to_string(), &data) else {
        return false;
    };
    INSPECTOR.with(|this| {
        let mut requests = this.requests.borrow_mut();
        if requests.len() < MAX_REQUESTS {
            requests.push_back(request);
        }
    });
    true
}

fn greet(debugger: &Debugger) {
    debugger.send("hello", &varray![VERSION]);
}

fn answer(request: Request, debugger: &Debugger, clients: &[Rc<Core>]) {
    match request {
        Request::Watch(enabled) => {
            let was_watched = matches!(watching(), Watching::Yes);
            set_watching(if enabled { Watching::Yes } else { Watching::No });
            INSPECTOR.with(|this| this.due.set(None));
            if enabled {
                // What else the editor asks for in this frame is to be seen.
                watch_all(clients);
            }
            // The editor answers a greeting by watching: it is not to be greeted for that again.
            if was_watched != enabled {
                greet(debugger);
            }
        }
        Request::OfClient(number, request) => {
            if let Some(core) = clients.iter().find(|core| core.inspection.number() == Some(number)) {
                request.apply_to(core);
            }
        }
    }
}

/// Notes what passes from now on, of as many clients as are shown.
fn watch_all(clients: &[Rc<Core>]) {
    for (index, core) in clients.iter().enumerate() {
        match core.worker().filter(|_| index < MAX_CLIENTS) {
            Some(worker) => core.inspection.watch(&worker),
            None => core.inspection.end_watching(),
        }
    }
}

fn send_news(debugger: &Debugger, clients: &[Rc<Core>]) {
    let now = Instant::now();
    let uptime = Duration::from_micros(Time::singleton().get_ticks_usec());
    for core in clients {
        let Some(number) = core.inspection.number() else { continue };
        let taken = core.inspection.take(MAX_PACKETS);
        if taken.skipped > 0 || !taken.packets.is_empty() {
            let skipped = i64::try_from(taken.skipped).unwrap_or(i64::MAX);
            let packets: VarArray = taken
                .packets
                .iter()
                .map(|packet| {
                    let time = uptime.saturating_sub(now.saturating_duration_since(packet.time));
                    overview::packet(packet, time).to_variant()
                })
                .collect();
            debugger.send("packets", &varray![number, skipped, &packets]);
        }
        for (packet, kept) in core.inspection.wanted_payloads() {
            let packet = i64::try_from(packet).unwrap_or(i64::MAX);
            let (payload, note) = payload::show(kept);
            debugger.send("payload", &varray![number, packet, &payload, note]);
        }
    }
    let is_due = INSPECTOR.with(|this| this.due.get().is_none_or(|due| now >= due));
    if is_due {
        INSPECTOR.with(|this| this.due.set(Some(now + INTERVAL)));
        let all: VarArray = clients.iter().filter_map(overview::client).collect();
        debugger.send("clients", &varray![&all]);
    }
}
