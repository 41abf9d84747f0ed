//! What the game's thread and the worker share: a queue each way, both counted in bytes.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use socketio_protocol::{Command, Connect, Event, Settings};

use crate::data::Data;
use crate::site::TransportOptions;
use crate::statistics::Statistics;
use crate::waker::Waker;

/// What an event costs besides its data.
const EVENT_OVERHEAD: usize = size_of::<Event>();
/// Stands for no latency.
const UNKNOWN: u64 = u64::MAX;

/// A packet was refused, because more would wait to be sent than may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full {
    /// The bytes of the packet.
    pub size: usize,
    /// The bytes that wait already.
    pub waiting: usize,
    /// The bytes that may wait.
    pub limit: usize,
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "its {} bytes and the {} that wait to be sent already are more than the {} that may: emit less, or wait until \
             it is sent",
            self.size, self.waiting, self.limit
        )
    }
}

impl Error for Full {}

/// A message to the worker.
#[expect(clippy::large_enum_variant, reason = "an allocation for each emit would cost more than the move")]
pub(crate) enum Request {
    Connect(Box<(Connect, TransportOptions)>),
    Configure(Box<(Settings, TransportOptions)>),
    Command(Command),
    /// Close and end the thread, until then if there is a time.
    End(Option<Instant>),
    #[cfg(test)]
    Panic,
}

/// The counters that both sides see.
struct Shared {
    max_buffered: AtomicUsize,
    /// Bytes in the queue of requests.
    requested: AtomicUsize,
    /// Bytes that the worker has taken and not sent yet.
    held: AtomicUsize,
    held_frames: AtomicUsize,
    /// Bytes in the queue of events.
    undelivered: AtomicUsize,
    reading_paused: AtomicBool,
    /// In nanoseconds.
    latency: AtomicU64,
    /// The parts of it that the worker knows.
    statistics: Mutex<Statistics>,
}

impl Shared {
    fn max_buffered(&self) -> usize {
        self.max_buffered.load(Ordering::SeqCst)
    }
}

/// An event on its way to the game, and the bytes of it that count for the limit.
struct Delivery<D> {
    event: Event<D>,
    cost: usize,
}

/// The game's side.
pub(crate) struct GameSide<D> {
    requests: Sender<Request>,
    events: Receiver<Delivery<D>>,
    /// What was taken from `events` and not handed out yet. It still counts for the limit.
    fetched: RefCell<VecDeque<Delivery<D>>>,
    shared: Arc<Shared>,
    waker: Arc<Waker>,
}

/// The worker's side.
pub(crate) struct WorkerSide<D> {
    requests: Receiver<Request>,
    events: Sender<Delivery<D>>,
    shared: Arc<Shared>,
    /// The size of the requests taken in this turn, which are not in `held` yet.
    taken: usize,
}

/// Both sides of a new mailbox. At most `max_buffered` bytes may wait in either direction.
///
/// # Errors
/// When the system gives no poller.
pub(crate) fn mailbox<D>(max_buffered: usize) -> io::Result<(GameSide<D>, WorkerSide<D>, Arc<Waker>)> {
    let waker = Arc::new(Waker::new()?);
    let (request_sender, request_receiver) = unbounded();
    let (event_sender, event_receiver) = unbounded();
    let shared = Arc::new(Shared {
        max_buffered: AtomicUsize::new(max_buffered),
        requested: AtomicUsize::new(0),
        held: AtomicUsize::new(0),
        held_frames: AtomicUsize::new(0),
        undelivered: AtomicUsize::new(0),
        reading_paused: AtomicBool::new(false),
        latency: AtomicU64::new(UNKNOWN),
        statistics: Mutex::default(),
    });
    let game = GameSide {
        requests: request_sender,
        events: event_receiver,
        fetched: RefCell::default(),
        shared: Arc::clone(&shared),
        waker: Arc::clone(&waker),
    };
    let worker = WorkerSide { requests: request_receiver, events: event_sender, shared, taken: 0 };
    Ok((game, worker, waker))
}

impl<D> GameSide<D> {
    /// Sends a request, unless it is an event or an answer for which there is no room.
    pub(crate) fn send(&self, request: Request) -> Result<(), Full> {
        let size = size(&request);
        let (waiting, limit) = (self.waiting_bytes(), self.shared.max_buffered());
        if size > 0 && waiting.saturating_add(size) > limit {
            return Err(Full { size, waiting, limit });
        }
        self.shared.requested.fetch_add(size, Ordering::SeqCst);
        // Fails when the worker has ended at the exit of the process: nothing is sent any more.
        let _ = self.requests.send(request);
        self.waker.wake();
        Ok(())
    }

    /// A way to end the worker from elsewhere.
    pub(crate) fn stopper(&self) -> impl Fn(Instant) + Send + 'static {
        let (requests, waker) = (self.requests.clone(), Arc::clone(&self.waker));
        move |deadline| {
            let _ = requests.send(Request::End(Some(deadline)));
            waker.wake();
        }
    }

    pub(crate) fn fetch(&self, mut show: impl FnMut(&Event<D>)) {
        // As many as there are now: the worker may go on sending.
        for delivery in self.events.try_iter().take(self.events.len()) {
            show(&delivery.event);
            self.fetched.borrow_mut().push_back(delivery);
        }
    }

    pub(crate) fn try_event(&self) -> Option<Event<D>> {
        let Delivery { event, cost } = self.fetched.borrow_mut().pop_front()?;
        let left = self.shared.undelivered.fetch_sub(cost, Ordering::SeqCst).saturating_sub(cost);
        self.resume_reading(left);
        Some(event)
    }

    pub(crate) fn set_max_buffered(&self, max_buffered: usize) {
        self.shared.max_buffered.store(max_buffered, Ordering::SeqCst);
        self.resume_reading(self.shared.undelivered.load(Ordering::SeqCst));
    }

    /// Lets the worker read again when little enough waits here.
    fn resume_reading(&self, undelivered: usize) {
        if undelivered <= self.shared.max_buffered() / 2
            && self.shared.reading_paused.swap(false, Ordering::SeqCst)
        {
            self.waker.wake();
        }
    }

    pub(crate) fn latency(&self) -> Option<Duration> {
        match self.shared.latency.load(Ordering::Relaxed) {
            UNKNOWN => None,
            nanoseconds => Some(Duration::from_nanos(nanoseconds)),
        }
    }

    pub(crate) fn is_reading_paused(&self) -> bool {
        self.shared.reading_paused.load(Ordering::SeqCst)
    }

    pub(crate) fn events_waiting(&self) -> usize {
        self.fetched.borrow().len() + self.events.len()
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let mut statistics = *self.shared.statistics.lock().unwrap_or_else(PoisonError::into_inner);
        statistics.inbound.items = self.events_waiting();
        statistics.inbound.bytes = self.shared.undelivered.load(Ordering::SeqCst);
        statistics.outbound.items = self.requests.len() + self.shared.held_frames.load(Ordering::Relaxed);
        statistics.outbound.bytes = self.waiting_bytes();
        statistics.reading_paused = self.is_reading_paused();
        statistics
    }

    fn waiting_bytes(&self) -> usize {
        let requested = self.shared.requested.load(Ordering::SeqCst);
        requested.saturating_add(self.shared.held.load(Ordering::SeqCst))
    }
}

impl<D: Data> WorkerSide<D> {
    pub(crate) fn take(&mut self) -> Option<Request> {
        let request = self.requests.try_recv().ok()?;
        self.taken += size(&request);
        Some(request)
    }

    pub(crate) fn deliver(&self, event: Event) {
        let event = event.map(D::prepare);
        let cost = cost(&event);
        self.shared.undelivered.fetch_add(cost, Ordering::SeqCst);
        // Fails when the game has let go of the client: nobody wants to know.
        let _ = self.events.send(Delivery { event, cost });
    }

    /// Whether so much waits for the game that the socket must not be read. Then the game wakes the worker as soon
    /// as it has taken half of it.
    pub(crate) fn must_pause(&self) -> bool {
        let shared = &self.shared;
        if shared.reading_paused.load(Ordering::SeqCst) {
            return true;
        }
        if shared.undelivered.load(Ordering::SeqCst) <= shared.max_buffered() {
            return false;
        }
        shared.reading_paused.store(true, Ordering::SeqCst);
        // The game may have emptied the queue just before it could see the flag.
        if shared.undelivered.load(Ordering::SeqCst) > shared.max_buffered() / 2 {
            return true;
        }
        shared.reading_paused.store(false, Ordering::SeqCst);
        false
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.shared.reading_paused.load(Ordering::SeqCst)
    }

    pub(crate) fn set_latency(&self, latency: Option<Duration>) {
        let nanoseconds =
            latency.map_or(UNKNOWN, |latency| u64::try_from(latency.as_nanos()).unwrap_or(UNKNOWN));
        self.shared.latency.store(nanoseconds, Ordering::Relaxed);
    }

    /// Tells the game's side, at the end of a turn, what is held back and what was counted.
    pub(crate) fn publish(&mut self, held_bytes: usize, held_frames: usize, statistics: Statistics) {
        // In this order, so that what was taken is not missing in between.
        self.shared.held.store(held_bytes, Ordering::SeqCst);
        self.shared.requested.fetch_sub(std::mem::take(&mut self.taken), Ordering::SeqCst);
        self.shared.held_frames.store(held_frames, Ordering::Relaxed);
        *self.shared.statistics.lock().unwrap_or_else(PoisonError::into_inner) = statistics;
    }
}

/// The bytes of a request that count for the limit.
fn size(request: &Request) -> usize {
    match request {
        Request::Command(Command::Emit(emit)) => emit.payload.size(),
        Request::Command(Command::Answer { payload, .. }) => payload.size(),
        _ => 0,
    }
}

/// The bytes of an event that count for the limit.
fn cost<D: Data>(event: &Event<D>) -> usize {
    let text = match event {
        Event::Received(received) => received.name.len(),
        Event::Emitted { name, .. } => name.len(),
        Event::EmitRefused { payload, .. } => payload.len(),
        _ => 0,
    };
    event.values().map_or(0, Data::size).saturating_add(text).saturating_add(EVENT_OVERHEAD)
}
