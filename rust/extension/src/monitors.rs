//! The monitors in the editor's Debugger: what all clients do, in numbers that the engine reads once a second.
//!
//! What belongs to a time, such as the events of a second, is counted from one reading to the next: while nobody
//! reads, nothing is counted and no clock is looked at.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use godot::builtin::{Callable, StringName};
use godot::classes::{Engine, Object, Os};
use godot::meta::ToGodot;
use godot::obj::{Gd, Singleton as _};
use socketio_client::Statistics;

use crate::client::singleton;
use crate::core::Core;
use crate::main_loop;

/// The name of each monitor and its value. The editor makes a group of what is before the slash, and shows whole numbers.
const ALL: [(&str, Read); 6] = [
    ("Socket.IO/Latency (ms)", || latency().as_secs_f64() * 1e3),
    ("Socket.IO/Events Received per Second", || sample().received),
    ("Socket.IO/Events Sent per Second", || sample().sent),
    ("Socket.IO/Events Waiting to Dispatch", || waiting(|queues| queues.inbound.items)),
    ("Socket.IO/Events Waiting to Send", || waiting(|queues| queues.outbound.items)),
    ("Socket.IO/Dispatch Time (usec)", || sample().dispatch.as_secs_f64() * 1e6),
];

type Read = fn() -> f64;

/// How long a sample counts. The engine reads each monitor once a second, a game perhaps in each frame.
const SAMPLE_AGE: Duration = Duration::from_millis(500);

/// What has happened between two readings.
#[derive(Clone, Copy, Default)]
struct Sample {
    /// Events a second.
    received: f64,
    sent: f64,
    /// The longest dispatch of a frame.
    dispatch: Duration,
}

/// The time since the last sample.
struct Interval {
    begun: Instant,
    longest_dispatch: Duration,
    last: Sample,
}

/// How many events a client had received and sent when the last sample was taken.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sampled {
    received: u64,
    sent: u64,
}

#[derive(Default)]
struct Monitors {
    added: RefCell<Vec<StringName>>,
    /// None until somebody reads what belongs to a time.
    interval: RefCell<Option<Interval>>,
}

thread_local! {
    static MONITORS: Monitors = Monitors::default();
}

/// Adds the monitors, if they are not there yet. A release build has no debugger to show them.
pub(crate) fn add() {
    let are_there = MONITORS.with(|this| !this.added.borrow().is_empty());
    if are_there || main_loop::is_exiting() || !Os::singleton().is_debug_build() {
        return;
    }
    let Some(mut performance) = performance() else {
        return;
    };
    let mut added = Vec::new();
    for (id, read) in ALL {
        let name = StringName::from(id);
        // The game may have one of this name.
        if !has_monitor(&mut performance, &name) {
            let callable = Callable::from_fn(id, move |_| read());
            performance.call("add_custom_monitor", &[name.to_variant(), callable.to_variant()]);
            added.push(name);
        }
    }
    MONITORS.with(|this| this.added.replace(added));
}

/// Removes the monitors: their code goes with the library.
pub(crate) fn remove() {
    let added = MONITORS.with(|this| this.added.take());
    let Some(mut performance) = performance() else {
        return;
    };
    for name in added {
        if has_monitor(&mut performance, &name) {
            performance.call("remove_custom_monitor", &[name.to_variant()]);
        }
    }
}

/// The engine's singleton, of which the libraries for games have no class.
fn performance() -> Option<Gd<Object>> {
    Engine::singleton().get_singleton("Performance")
}

fn has_monitor(performance: &mut Gd<Object>, name: &StringName) -> bool {
    performance.call("has_custom_monitor", &[name.to_variant()]).booleanize()
}

/// Runs the dispatch of a frame, and measures it if anybody wants to know how long it takes.
pub(crate) fn measure(dispatch: impl FnOnce()) {
    let is_wanted = MONITORS.with(|this| this.interval.borrow().is_some());
    let begun = is_wanted.then(Instant::now);
    dispatch();
    let Some(taken) = begun.map(|begun| begun.elapsed()) else {
        return;
    };
    MONITORS.with(|this| {
        if let Some(interval) = &mut *this.interval.borrow_mut() {
            interval.longest_dispatch = interval.longest_dispatch.max(taken);
        }
    });
}

/// The latest sample. The first reading begins to count.
fn sample() -> Sample {
    MONITORS.with(|this| {
        let mut interval = this.interval.borrow_mut();
        interval.get_or_insert_with(Interval::begin).sample()
    })
}

impl Interval {
    fn begin() -> Self {
        // What was before does not count.
        take_events();
        Self { begun: Instant::now(), longest_dispatch: Duration::ZERO, last: Sample::default() }
    }

    fn sample(&mut self) -> Sample {
        let age = self.begun.elapsed();
        if age >= SAMPLE_AGE {
            let (received, sent) = take_events();
            self.last = Sample {
                received: received as f64 / age.as_secs_f64(),
                sent: sent as f64 / age.as_secs_f64(),
                dispatch: std::mem::take(&mut self.longest_dispatch),
            };
            self.begun = Instant::now();
        }
        self.last
    }
}

/// How many events all clients have received and sent since this was asked for last.
fn take_events() -> (u64, u64) {
    let (mut received, mut sent) = (0, 0);
    for core in main_loop::clients() {
        let counters = statistics(&core).counters;
        let now = Sampled { received: counters.events_received, sent: counters.events_sent };
        let before = core.sampled.replace(now);
        received += now.received.saturating_sub(before.received);
        sent += now.sent.saturating_sub(before.sent);
    }
    (received, sent)
}

/// The latency of the shared client; while that is not connected, the largest of the others.
fn latency() -> Duration {
    let of_shared = singleton::get().and_then(|client| client.bind().core().latency());
    let of_all = || main_loop::clients().iter().filter_map(|core| core.latency()).max();
    of_shared.or_else(of_all).unwrap_or_default()
}

/// How many events of all clients wait in a queue.
fn waiting(queue: fn(&Statistics) -> usize) -> f64 {
    main_loop::clients().iter().map(|core| queue(&statistics(core))).sum::<usize>() as f64
}

fn statistics(core: &Core) -> Statistics {
    core.worker().map(|worker| worker.statistics()).unwrap_or_default()
}
