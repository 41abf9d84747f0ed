//! Received values on their way from the worker to the main thread.
//!
//! The worker makes the Variants, so that the main thread only takes them, hands them out and lets go of them. This
//! is sound for the reasons for which Godot itself lets any thread parse JSON:
//!
//! - What is made is plain data: null, bool, int, float, String, Array, Dictionary and PackedByteArray. No Object, no
//!   Callable, and no StringName, whose table all threads share.
//! - The functions of [`raw`](super::raw) that make them touch nothing but the value at hand and the allocator, which
//!   any thread may use. Reference counts are atomic.
//! - Each value is seen by the worker alone until it is handed over, and by the main thread alone afterwards. The queue
//!   between them orders the two. All that both share are the characters of the kept keys ([`keys`](super::keys)), which
//!   nobody can change: whoever writes to a String that is shared gets a copy.
//! - An Array comes back to the worker only by way of the [`pool`], and that takes it only if it has one holder. Inside it, the
//!   worker reads, refills and frees only what nothing else can reach. A reference count of one does not prove that: an Array may
//!   share its buffer with a shallow copy, so the buffer is un-shared before any element is looked at. Whatever else the game has put there goes to the main thread ([`raw::Old`](super::raw::Old)).
//! - A large Array ends on the worker ([`discarded`](super::discarded)) if the main thread has seen in the same way that nobody
//!   else reaches it or a part of it, and that it is plain data.
//! - The workers end before the library is deinitialised, and the engine after it.
//!
//! While the main thread dispatches, the worker leaves the values as they are, and the main thread makes them: of the Array that
//! it has just had back, which is still in its cache, or else of memory, for whose lock both would wait in system calls, far
//! longer than making the values takes. For the same reason what the worker has parsed goes back to it
//! ([`spent`](super::spent)).
//!
//! The project setting `socket_io/threads/build_values_on_worker` can turn it off; then the main thread makes them. With
//! `socket_io/memory/fill_values_again` off, every event has new values, and nothing is known of their place in memory. Both
//! are read whenever a client connects for the first time, and count for all of them.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use godot::builtin::{VarArray, Variant};
use godot::classes::Engine;
use godot::meta::ToGodot;
use godot::obj::Singleton as _;
use socketio_protocol::{Node, Values};

use super::pool::{self, Shape};
use super::{decode, raw, spent};

/// How much more a value takes in the engine than in [`Values`], on average: an entry of a Dictionary is two values and
/// takes some 100 bytes.
const NODE_SIZE: usize = 32;
/// What a character takes in a String, besides the byte that is counted already: a String is UTF-32.
const CHARACTER_SIZE: usize = 3;
/// What an empty Dictionary takes besides. An empty Array takes a little less.
const CONTAINER_SIZE: usize = 190;

static BUILD_ON_WORKER: AtomicBool = AtomicBool::new(true);
/// How many dispatches are under way on the main thread, one inside the other.
static DISPATCHES: AtomicU32 = AtomicU32::new(0);

/// How many bytes may wait for the game until the worker leaves what else comes to the main thread. The less waits, the more
/// of it is made of what earlier events have left, which the main thread does more quickly than it lets go of what was
/// made anew.
const MAX_WAITING: usize = pool::MAX_SIZE;

/// Larger values, in bytes, are always the worker's affair, when they are made and when they end: a single one would take the
/// main thread more of a frame than passing its memory from one processor to another does.
const LARGE: usize = 256 * 1024;

/// What the server sent, for the game.
pub(crate) enum Data {
    /// Made by the worker.
    Built(Built),
    /// To be made by the main thread.
    Plain(Plain),
}

/// An `Array` that nobody else has.
pub(crate) struct Built {
    array: Variant,
    kind: Kind,
}

/// Values that become such an `Array`.
pub(crate) struct Plain {
    values: Values,
    kind: Kind,
}

/// The `Array` that listeners get. It goes back to the [pool] at its end.
pub(crate) struct Arguments {
    array: Variant,
    kind: Kind,
}

/// What the pool has to know of an `Array`.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    /// Nothing if it cannot be filled again.
    pub(super) shape: Option<Shape>,
    /// The bytes that it takes in the engine, about.
    pub(super) size: usize,
}

// SAFETY: it holds plain data that nobody else has; see the head of this file.
unsafe impl Send for Built {}

/// A dispatch on the main thread, for as long as it is there.
pub(crate) struct Dispatching(());

impl Dispatching {
    pub(crate) fn begin() -> Self {
        DISPATCHES.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Dispatching {
    fn drop(&mut self) {
        pool::share();
        DISPATCHES.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Reads from the project's settings who makes the Variants, and how.
pub(crate) fn read_settings() {
    let Some(mut settings) = Engine::singleton().get_singleton("ProjectSettings") else {
        return;
    };
    let mut is_on = |name: &str| {
        let enabled = settings.call("get_setting", &[name.to_variant(), true.to_variant()]);
        enabled.try_to().unwrap_or(true)
    };
    BUILD_ON_WORKER.store(is_on("socket_io/threads/build_values_on_worker"), Ordering::Relaxed);
    raw::set_uses_layout(is_on("socket_io/memory/fill_values_again"));
}

/// Whether a value of so many bytes is so large that a worker should let go of it.
pub(super) fn is_for_worker(size: usize) -> bool {
    size > LARGE && BUILD_ON_WORKER.load(Ordering::Relaxed)
}

/// Whether values are left to the main thread, while so many bytes wait for it.
fn are_left(kind: Kind, waiting: usize) -> bool {
    let is_busy = DISPATCHES.load(Ordering::Relaxed) > 0;
    let waits_long = waiting > MAX_WAITING && kind.shape.is_some();
    !BUILD_ON_WORKER.load(Ordering::Relaxed) || kind.size <= LARGE && (is_busy || waits_long)
}

impl Kind {
    fn of(values: &Values) -> Self {
        Self { shape: Shape::of(values), size: size_in_engine(values) }
    }
}

impl Data {
    /// Values that the main thread makes into Variants.
    pub(crate) fn plain(values: Values) -> Self {
        Self::Plain(Plain { kind: Kind::of(&values), values })
    }

    /// The values, to be lent to listeners.
    pub(crate) fn into_arguments(self) -> Arguments {
        match self {
            Self::Built(Built { array, kind }) => Arguments { array, kind },
            Self::Plain(Plain { values, kind }) => {
                let array = make(&values, kind.shape);
                spent::give_back(values);
                Arguments { array, kind }
            }
        }
    }

    /// The values, as a Variant of an `Array`.
    pub(crate) fn into_variant(self) -> Variant {
        match self {
            Self::Built(Built { array, .. }) => array,
            Self::Plain(Plain { values, .. }) => decode::array(&values),
        }
    }

    /// The values, as an `Array`.
    pub(crate) fn into_array(self) -> VarArray {
        self.into_variant().to()
    }
}

impl Arguments {
    /// The `Array`.
    pub(crate) fn variant(&self) -> &Variant {
        &self.array
    }
}

impl Drop for Arguments {
    fn drop(&mut self) {
        pool::give_back(std::mem::take(&mut self.array), self.kind);
    }
}

/// Makes the `Array`, of one that an earlier event has left if there is any.
fn make(values: &Values, shape: Option<Shape>) -> Variant {
    let Some(old) = pool::take(shape) else {
        return decode::array(values);
    };
    let mut foreign = Vec::new();
    let array = decode::refill(values, old, &mut foreign);
    pool::leave(&mut foreign);
    array
}

/// The bytes that values take in the engine, about.
fn size_in_engine(values: &Values) -> usize {
    let nodes = values.nodes();
    let containers = nodes.iter().filter(|node| matches!(node, Node::Array(_) | Node::Object(_))).count();
    let texts = values.characters().saturating_mul(CHARACTER_SIZE);
    let values = values.size().saturating_add(nodes.len().saturating_mul(NODE_SIZE)).saturating_add(texts);
    values.saturating_add(containers.saturating_add(1).saturating_mul(CONTAINER_SIZE))
}

impl socketio_client::Data for Data {
    fn prepare(values: Values, waiting: usize, spent: &mut Vec<Values>) -> Self {
        spent::take_returned(spent);
        let kind = Kind::of(&values);
        if are_left(kind, waiting) {
            return Self::Plain(Plain { values, kind });
        }
        let array = make(&values, kind.shape);
        spent.push(values);
        Self::Built(Built { array, kind })
    }

    fn size(&self) -> usize {
        match self {
            Self::Built(Built { kind, .. }) => kind.size,
            Self::Plain(Plain { values, .. }) => values.size(),
        }
    }
}

#[cfg(test)]
mod tests {
    use socketio_client::Data as _;

    use super::*;

    fn is_left_plain(waiting: usize) -> bool {
        let values = Values::from_json_array("[1]", Vec::new()).unwrap();
        matches!(Data::prepare(values, waiting, &mut Vec::new()), Data::Plain(_))
    }

    /// To make them needs the engine.
    #[test]
    fn large_values_are_never_left_to_the_main_thread() {
        let kind = |characters: usize| {
            let json = format!("[\"{}\"]", "x".repeat(characters));
            Kind::of(&Values::from_json_array(&json, Vec::new()).unwrap())
        };
        let _dispatching = Dispatching::begin();
        assert!(are_left(kind(LARGE / 5), MAX_WAITING + 1));
        assert!(!are_left(kind(LARGE / 4), MAX_WAITING + 1));
        assert!(!is_for_worker(kind(LARGE / 5).size));
        assert!(is_for_worker(kind(LARGE / 4).size));
    }

    #[test]
    fn behind_much_that_waits_values_are_left_to_the_main_thread() {
        assert!(is_left_plain(MAX_WAITING + 1));
    }

    #[test]
    fn containers_count_for_what_they_take() {
        let size = |json: &str| size_in_engine(&Values::from_json_array(json, Vec::new()).unwrap());
        let many = format!("[{}{{}}]", "{},".repeat(999));
        assert!(size(&many) > size("[]") + 1000 * CONTAINER_SIZE);
    }

    #[test]
    fn characters_count_for_what_they_take() {
        let size = |text: &str| {
            size_in_engine(&Values::from_json_array(&format!("[\"{text}\"]"), Vec::new()).unwrap())
        };
        assert!(size(&"x".repeat(10_000)) >= 40_000);
        // Two bytes each in JSON.
        assert!((40_000..60_000).contains(&size(&"\u{e9}".repeat(10_000))));
    }

    /// Values that the worker makes need the engine.
    #[test]
    fn during_a_dispatch_values_are_left_to_the_main_thread() {
        let outer = Dispatching::begin();
        assert!(is_left_plain(0));
        drop(Dispatching::begin());
        assert!(is_left_plain(0), "only a dispatch inside another has ended");
        drop(outer);
        assert_eq!(DISPATCHES.load(Ordering::Relaxed), 0);
    }
}
