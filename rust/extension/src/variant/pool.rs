//! The Arrays of events that are over, to be filled again with those to come.
//!
//! A game that reads what came and lets go of it, as most listeners do, needs no allocation for the next event of the same
//! kind, and neither thread has to wait for the other's part of the heap. What the game keeps never comes here.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::hash::Hasher;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use godot::builtin::Variant;
use rustc_hash::{FxBuildHasher, FxHasher};
use socketio_protocol::{Node, Values};

use super::data::{self, Kind};
use super::{discarded, raw};

/// How many bytes what waits here may take in the engine, all clients together.
pub(super) const MAX_SIZE: usize = 16 * 1024 * 1024;
/// How many kinds of events are told apart.
const MAX_SHAPES: usize = 64;
/// How many others may have to go for one that comes.
const MAX_EVICTIONS: usize = 4;
/// By how many of its first nodes a kind of event is known.
const SHAPE_NODES: usize = 8;
/// For how many frames something must have been needless before it is let go of.
const FRAMES: u32 = 60;
/// How much of that one frame lets go of, in bytes.
const SIZE_PER_FRAME: usize = 64 * 1024;

/// What events of the same kind have in common: their first containers and keys. It decides nothing but how well one fits
/// the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Shape(u64);

impl Shape {
    /// Nothing for what has attachments: the memory of large bytes that were let go of just now is quicker to fill than that
    /// of others, which is in no cache any more.
    pub(super) fn of(values: &Values) -> Option<Self> {
        if values.has_attachments() {
            return None;
        }
        let mut hasher = FxHasher::default();
        for node in values.nodes().iter().take(SHAPE_NODES) {
            match node {
                Node::Array(_) => hasher.write_u8(1),
                Node::Object(_) => hasher.write_u8(2),
                Node::Key(key) => hasher.write(values.text(*key).as_bytes()),
                _ => hasher.write_u8(3),
            }
        }
        Some(Self(hasher.finish()))
    }
}

/// An `Array` that nobody else holds, and the bytes that it takes.
#[derive(Debug)]
struct Spent<A> {
    array: A,
    size: usize,
}

/// The Arrays of one kind of event, the newest last.
struct Shelf<A> {
    arrays: VecDeque<Spent<A>>,
    /// The fewest that there were since the last look: so many are needless.
    fewest: usize,
    /// How many have been needless until the last look, and go.
    needless: usize,
    /// When it was last used, on the pool's clock.
    used: u64,
}

/// What waits to be filled again. `A` is a Variant but in tests, which have no engine.
struct Pool<A> {
    shelves: HashMap<Shape, Shelf<A>, FxBuildHasher>,
    /// The bytes of all Arrays.
    size: usize,
    clock: u64,
    frames: u32,
    /// What only the main thread may let go of.
    foreign: Vec<A>,
    is_closed: bool,
}

// SAFETY: who has the lock alone has what is in it. Nobody else holds the Arrays, and threads other than the main one let go
// of nothing but plain data in them; see `raw::Old`.
unsafe impl Send for Pool<Variant> {}

static POOL: Mutex<Option<Pool<Variant>>> = Mutex::new(None);
/// Whether there may be anything in it, to be asked without the lock.
static IS_FILLED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// What came back last on the main thread: in a stream of events it is the one that is needed next, and no other thread has
    /// to be asked for it.
    static NEWEST: RefCell<Option<(Shape, Variant, usize)>> = const { RefCell::new(None) };
}

/// Takes an `Array` of an earlier event of this kind. On any thread.
pub(super) fn take(shape: Option<Shape>) -> Option<Variant> {
    let shape = shape?;
    if let Some((_, array, _)) =
        NEWEST.with_borrow_mut(|newest| newest.take_if(|(other, ..)| *other == shape))
    {
        return Some(array);
    }
    if !IS_FILLED.load(Ordering::Relaxed) {
        return None;
    }
    lock().as_mut()?.take(shape)
}

/// Takes back the `Array` of an event that is over, unless the game holds it. On the main thread, with nothing borrowed.
pub(super) fn give_back(array: Variant, Kind { shape, size }: Kind) {
    if !raw::is_sole(&array) {
        return;
    }
    match shape {
        Some(shape) if size <= MAX_SIZE => {
            let before = NEWEST.replace(Some((shape, array, size)));
            put_away(before);
        }
        _ => let_go(vec![Spent { array, size }]),
    }
}

/// Lets other threads have what came back last.
pub(super) fn share() {
    put_away(NEWEST.take());
}

fn put_away(newest: Option<(Shape, Variant, usize)>) {
    let Some((shape, array, size)) = newest else {
        return;
    };
    let superfluous = lock().get_or_insert_default().give_back(shape, Spent { array, size });
    IS_FILLED.store(true, Ordering::Relaxed);
    let_go(superfluous);
}

/// Lets go of what nobody needs any more, or has a worker do that. On the main thread, with nothing borrowed.
fn let_go(superfluous: impl IntoIterator<Item = Spent<Variant>>) {
    for Spent { array, size } in superfluous {
        if data::is_for_worker(size) { discarded::add(array) } else { drop(array) }
    }
}

/// Leaves to the main thread what only it may let go of. On any thread.
pub(super) fn leave(foreign: &mut Vec<Variant>) {
    if foreign.is_empty() {
        return;
    }
    let mut pool = lock();
    let pool = pool.get_or_insert_default();
    if pool.is_closed {
        // The scripts that its end may run are gone, or are about to go.
        foreign.drain(..).for_each(mem::forget);
        return;
    }
    pool.foreign.append(foreign);
    IS_FILLED.store(true, Ordering::Relaxed);
}

/// Lets go of what has not been needed for a while. Once a frame.
pub(crate) fn tidy() {
    share();
    if !IS_FILLED.load(Ordering::Relaxed) {
        return;
    }
    let mut pool = lock();
    let superfluous = pool.as_mut().map(Pool::tidy);
    IS_FILLED.store(pool.as_ref().is_some_and(Pool::is_filled), Ordering::Relaxed);
    drop(pool);
    let_go(superfluous.into_iter().flatten());
}

/// Lets go of everything, and takes nothing any more: the engine exits.
pub(crate) fn close() {
    share();
    discarded::hand_over(|| None);
    let everything = lock().replace(Pool { is_closed: true, ..Pool::default() });
    drop(everything);
}

fn lock() -> MutexGuard<'static, Option<Pool<Variant>>> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<A> Default for Shelf<A> {
    fn default() -> Self {
        Self { arrays: VecDeque::new(), fewest: 0, needless: 0, used: 0 }
    }
}

impl<A> Default for Pool<A> {
    fn default() -> Self {
        Self {
            shelves: HashMap::default(),
            size: 0,
            clock: 0,
            frames: 0,
            foreign: Vec::new(),
            is_closed: false,
        }
    }
}

impl<A> Pool<A> {
    fn take(&mut self, shape: Shape) -> Option<A> {
        let shelf = self.shelves.get_mut(&shape)?;
        let Spent { array, size } = shelf.arrays.pop_back()?;
        self.clock += 1;
        shelf.used = self.clock;
        shelf.fewest = shelf.fewest.min(shelf.arrays.len());
        self.size -= size;
        Some(array)
    }

    /// Returns what is superfluous: it must be let go of without the lock, for the end of what the game has put into it may run
    /// the game's code.
    #[must_use]
    fn give_back(&mut self, shape: Shape, spent: Spent<A>) -> Vec<Spent<A>> {
        let mut superfluous = self.take_foreign();
        for _ in 0..MAX_EVICTIONS {
            if self.has_room(shape, spent.size) {
                break;
            }
            self.evict(shape, &mut superfluous);
        }
        if self.is_closed || !self.has_room(shape, spent.size) {
            superfluous.push(spent);
            return superfluous;
        }
        self.clock += 1;
        self.size += spent.size;
        let shelf = self.shelves.entry(shape).or_default();
        shelf.used = self.clock;
        shelf.arrays.push_back(spent);
        superfluous
    }

    fn has_room(&self, shape: Shape, size: usize) -> bool {
        self.size + size <= MAX_SIZE && (self.shelves.len() < MAX_SHAPES || self.shelves.contains_key(&shape))
    }

    /// Makes room: the oldest Array of the kind that was used least lately goes, if that is another than this.
    fn evict(&mut self, shape: Shape, superfluous: &mut Vec<Spent<A>>) {
        let others = self.shelves.iter_mut().filter(|(other, _)| **other != shape);
        let Some((&other, shelf)) = others.min_by_key(|(_, shelf)| shelf.used) else {
            return;
        };
        if let Some(oldest) = shelf.arrays.pop_front() {
            self.size -= oldest.size;
            superfluous.push(oldest);
        }
        if shelf.arrays.is_empty() {
            self.shelves.remove(&other);
        }
    }

    /// Returns what is superfluous, as `give_back` does.
    #[must_use]
    fn tidy(&mut self) -> Vec<Spent<A>> {
        self.frames += 1;
        if self.frames >= FRAMES {
            self.frames = 0;
            self.shelves.retain(|_, shelf| !shelf.arrays.is_empty());
            for shelf in self.shelves.values_mut() {
                shelf.needless = mem::replace(&mut shelf.fewest, shelf.arrays.len());
            }
        }
        let mut superfluous = self.take_foreign();
        let mut size = 0;
        for shelf in self.shelves.values_mut() {
            while shelf.needless > 0 && size < SIZE_PER_FRAME {
                shelf.needless -= 1;
                let Some(oldest) = shelf.arrays.pop_front() else { break };
                shelf.fewest = shelf.fewest.min(shelf.arrays.len());
                size += oldest.size;
                superfluous.push(oldest);
            }
        }
        self.size -= size;
        superfluous
    }

    /// What only the main thread may let go of, which is never a worker's, whatever its size.
    fn take_foreign(&mut self) -> Vec<Spent<A>> {
        mem::take(&mut self.foreign).into_iter().map(|array| Spent { array, size: 0 }).collect()
    }

    fn is_filled(&self) -> bool {
        !self.foreign.is_empty() || !self.shelves.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOVE: Shape = Shape(1);
    const CHAT: Shape = Shape(2);

    fn spent(array: u32, size: usize) -> Spent<u32> {
        Spent { array, size }
    }

    fn shape(json: &str) -> Shape {
        Shape::of(&Values::from_json_array(json, Vec::new()).unwrap()).unwrap()
    }

    impl PartialEq<u32> for Spent<u32> {
        fn eq(&self, array: &u32) -> bool {
            self.array == *array
        }
    }

    /// A pool with so many Arrays of a kind, of this size.
    fn filled(shape: Shape, count: u32, size: usize) -> Pool<u32> {
        let mut pool = Pool::default();
        assert!((0..count).all(|array| pool.give_back(shape, spent(array, size)).is_empty()));
        pool
    }

    #[test]
    fn events_of_one_kind_have_one_shape() {
        let position = shape(r#"[{"id":1,"x":0.5,"name":"Ada"}]"#);
        assert_eq!(shape(r#"[{"id":2,"x":7,"name":null}]"#), position);
        assert_ne!(shape(r#"[{"id":1,"y":0.5,"name":"Ada"}]"#), position);
        assert_ne!(shape(r#"[[1,0.5,"Ada"]]"#), position);
        let many = format!("[[{}1]]", "1,".repeat(SHAPE_NODES));
        assert_eq!(shape(&many), shape(&format!("[[{}1]]", "1,".repeat(2 * SHAPE_NODES))));
    }

    #[test]
    fn what_has_attachments_is_of_no_kind() {
        let json = r#"[{"_placeholder":true,"num":0}]"#;
        assert_eq!(Shape::of(&Values::from_json_array(json, vec![vec![7].into()]).unwrap()), None);
    }

    #[test]
    fn what_was_given_back_last_is_taken_first() {
        let mut pool = filled(MOVE, 3, 100);
        assert_eq!([pool.take(MOVE), pool.take(MOVE), pool.take(CHAT)], [Some(2), Some(1), None]);
        assert_eq!(pool.size, 100);
    }

    #[test]
    fn there_is_no_more_than_the_bound() {
        let mut pool = filled(MOVE, 16, MAX_SIZE / 16);
        // Nothing else can make room.
        assert_eq!(pool.give_back(MOVE, spent(16, 100)), [16]);
        // The oldest of another kind does, a few at a time.
        assert_eq!(pool.give_back(CHAT, spent(17, 100)), [0]);
        assert_eq!(pool.give_back(CHAT, spent(18, MAX_SIZE)), [1, 2, 3, 4, 18]);
        assert_eq!(pool.size, 11 * (MAX_SIZE / 16) + 100);
        assert_eq!(pool.take(CHAT), Some(17));
    }

    #[test]
    fn the_kind_that_was_used_least_lately_makes_room() {
        let mut pool = Pool::default();
        for number in 0..MAX_SHAPES as u32 {
            assert!(pool.give_back(Shape(number.into()), spent(number, 1)).is_empty());
        }
        assert_eq!(pool.take(Shape(0)), Some(0));
        assert!(pool.give_back(Shape(0), spent(0, 1)).is_empty());
        assert_eq!(pool.give_back(Shape(1000), spent(1000, 1)), [1]);
        assert_eq!(pool.take(Shape(0)), Some(0));
        assert_eq!(pool.shelves.len(), MAX_SHAPES);
    }

    /// What a second's worth of frames let go of.
    fn tidy(pool: &mut Pool<u32>) -> Vec<u32> {
        (0..FRAMES).flat_map(|_| pool.tidy()).map(|spent| spent.array).collect()
    }

    #[test]
    fn what_is_not_needed_goes_after_a_while() {
        let mut pool = filled(MOVE, 10, 100);
        assert!(tidy(&mut pool).is_empty());
        // Each frame needs three.
        for _ in 0..FRAMES {
            let taken: Vec<u32> = (0..3).map(|_| pool.take(MOVE).unwrap()).collect();
            for array in taken {
                assert!(pool.give_back(MOVE, spent(array, 100)).is_empty());
            }
            assert!(pool.frames == FRAMES - 1 || pool.tidy().is_empty());
        }
        assert_eq!(tidy(&mut pool), [0, 1, 2, 3, 4, 5, 6]);
        let mut rest = [tidy(&mut pool), tidy(&mut pool), tidy(&mut pool)].concat();
        rest.sort_unstable();
        assert_eq!(rest, [7, 8, 9]);
        assert!(!pool.is_filled());
        assert_eq!(pool.size, 0);
    }

    #[test]
    fn a_frame_lets_go_of_little_at_a_time() {
        let mut pool = filled(MOVE, 100, SIZE_PER_FRAME / 2);
        let most = (0..4 * FRAMES).map(|_| pool.tidy().len()).max();
        assert_eq!((most, pool.size), (Some(2), 0));
    }

    #[test]
    fn what_only_the_main_thread_may_let_go_of_goes_with_the_next_frame() {
        let mut pool = Pool::<u32>::default();
        pool.foreign.push(7);
        assert!(pool.is_filled());
        assert_eq!(pool.tidy(), [7]);
        pool.foreign.push(8);
        assert_eq!(pool.give_back(MOVE, spent(1, 1)), [8]);
    }

    #[test]
    fn a_closed_pool_takes_nothing() {
        let mut pool = Pool { is_closed: true, ..Pool::default() };
        assert_eq!(pool.give_back(MOVE, spent(1, 1)), [1]);
        assert!(!pool.is_filled());
    }
}
