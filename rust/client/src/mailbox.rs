//! What the game's thread and the worker share: a queue each way, both counted in bytes.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::vec;

use crossbeam_channel::{Receiver, Sender, unbounded};
use socketio_protocol::{Command, Connect, Event, Settings, Values};

use crate::buffers::{Buffers, SpentBuffers, buffers};
use crate::data::Data;
use crate::flow::{GameFlow, WorkerFlow, flow};
use crate::site::TransportOptions;
use crate::statistics::Statistics;
use crate::tap::Feed;
use crate::waker::Waker;

/// What an event costs besides its data.
const EVENT_OVERHEAD: usize = size_of::<Event>();
/// How many events, and how many bytes in them, the worker hands over at once: to hand over each would cost both sides
/// more than the event itself.
const EVENTS_PER_BATCH: usize = 64;
const BYTES_PER_BATCH: usize = 64 * 1024;
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
    /// Note every packet.
    Tap(Box<Feed>),
    /// End the transport as a dying network does.
    DropTransport,
    /// Add that to the round trip.
    AddLatency(Duration),
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
    /// Events in the queue.
    arrived: AtomicUsize,
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

/// What was taken from the queue and not handed out yet. It still counts for the limit.
struct Fetched<D> {
    batches: VecDeque<vec::IntoIter<Delivery<D>>>,
    count: usize,
}

impl<D> Fetched<D> {
    fn push(&mut self, batch: Vec<Delivery<D>>) {
        self.count += batch.len();
        self.batches.push_back(batch.into_iter());
    }

    fn pop(&mut self) -> Option<Delivery<D>> {
        loop {
            if let Some(delivery) = self.batches.front_mut()?.next() {
                self.count -= 1;
                return Some(delivery);
            }
            self.batches.pop_front();
        }
    }
}

impl<D> Default for Fetched<D> {
    fn default() -> Self {
        Self { batches: VecDeque::new(), count: 0 }
    }
}

/// The game's side.
pub(crate) struct GameSide<D> {
    requests: Sender<Request>,
    events: Receiver<Vec<Delivery<D>>>,
    fetched: RefCell<Fetched<D>>,
    flow: GameFlow,
    buffers: Buffers,
    shared: Arc<Shared>,
    waker: Arc<Waker>,
}

/// The worker's side.
pub(crate) struct WorkerSide<D> {
    requests: Receiver<Request>,
    events: Sender<Vec<Delivery<D>>>,
    /// The events of this turn that are not handed over yet, and their bytes.
    batch: Vec<Delivery<D>>,
    batch_cost: usize,
    /// The bytes that waited for the game when the batch began.
    waiting: usize,
    flow: WorkerFlow,
    spent: SpentBuffers,
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
    let (buffers, spent) = buffers();
    let (game_flow, worker_flow) = flow();
    let shared = Arc::new(Shared {
        max_buffered: AtomicUsize::new(max_buffered),
        requested: AtomicUsize::new(0),
        held: AtomicUsize::new(0),
        held_frames: AtomicUsize::new(0),
        arrived: AtomicUsize::new(0),
        latency: AtomicU64::new(UNKNOWN),
        statistics: Mutex::default(),
    });
    let game = GameSide {
        requests: request_sender,
        events: event_receiver,
        fetched: RefCell::default(),
        flow: game_flow,
        buffers,
        shared: Arc::clone(&shared),
        waker: Arc::clone(&waker),
    };
    let worker = WorkerSide {
        requests: request_receiver,
        events: event_sender,
        batch: Vec::new(),
        batch_cost: 0,
        waiting: 0,
        flow: worker_flow,
        spent,
        shared,
        taken: 0,
    };
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

    /// An empty text to write a payload into.
    pub(crate) fn buffer(&self) -> String {
        self.buffers.take()
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
        self.events.try_iter().take(self.events.len()).for_each(|batch| self.fetched(batch, &mut show));
    }

    pub(crate) fn fetch_next(&self, mut show: impl FnMut(&Event<D>)) {
        if let Ok(batch) = self.events.try_recv() {
            self.fetched(batch, &mut show);
        }
    }

    fn fetched(&self, batch: Vec<Delivery<D>>, show: &mut impl FnMut(&Event<D>)) {
        batch.iter().for_each(|delivery| show(&delivery.event));
        let count = batch.len();
        self.fetched.borrow_mut().push(batch);
        self.shared.arrived.fetch_sub(count, Ordering::SeqCst);
    }

    pub(crate) fn try_event(&self) -> Option<Event<D>> {
        let Delivery { event, cost } = self.fetched.borrow_mut().pop()?;
        self.flow.take(cost);
        self.resume_reading();
        Some(event)
    }

    pub(crate) fn set_max_buffered(&self, max_buffered: usize) {
        self.shared.max_buffered.store(max_buffered, Ordering::SeqCst);
        self.resume_reading();
    }

    /// Lets the worker read again when little enough waits here.
    fn resume_reading(&self) {
        if self.flow.resumes_reading(self.shared.max_buffered()) {
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
        self.flow.is_reading_paused()
    }

    pub(crate) fn events_waiting(&self) -> usize {
        self.fetched.borrow().count + self.shared.arrived.load(Ordering::SeqCst)
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let mut statistics = *self.shared.statistics.lock().unwrap_or_else(PoisonError::into_inner);
        statistics.inbound.items = self.events_waiting();
        statistics.inbound.bytes = self.flow.waiting();
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

impl<D> WorkerSide<D> {
    /// Lets the game have the events that were delivered.
    fn hand_over(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        self.batch_cost = 0;
        let batch = std::mem::take(&mut self.batch);
        self.shared.arrived.fetch_add(batch.len(), Ordering::SeqCst);
        self.flow.publish();
        // Fails when the game has let go of the client: nobody wants to know.
        let _ = self.events.send(batch);
    }
}

impl<D> Drop for WorkerSide<D> {
    fn drop(&mut self) {
        self.hand_over();
    }
}

impl<D: Data> WorkerSide<D> {
    pub(crate) fn take(&mut self) -> Option<Request> {
        let request = self.requests.try_recv().ok()?;
        self.taken += size(&request);
        Some(request)
    }

    /// Gives a text back to the game that it had written a payload into.
    pub(crate) fn give_back(&mut self, text: String) {
        self.spent.give_back(text);
    }

    /// Delivers an event, at the latest when the turn ends. What [`Data::prepare`] does not need any more goes to `spent`.
    pub(crate) fn deliver(&mut self, event: Event, spent: &mut Vec<Values>) {
        if self.batch.is_empty() {
            self.waiting = self.flow.waiting();
        }
        let event = event.map(|values| D::prepare(values, self.waiting, spent));
        let cost = cost(&event);
        self.flow.deliver(cost);
        self.batch.push(Delivery { event, cost });
        self.batch_cost = self.batch_cost.saturating_add(cost);
        if self.batch.len() >= EVENTS_PER_BATCH || self.batch_cost >= BYTES_PER_BATCH {
            self.hand_over();
        }
    }

    /// Whether so much waits for the game that the socket must not be read. Then the game wakes the worker as soon
    /// as it has taken half of it.
    pub(crate) fn must_pause(&mut self) -> bool {
        self.flow.must_pause(self.shared.max_buffered())
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.flow.is_paused()
    }

    pub(crate) fn set_latency(&self, latency: Option<Duration>) {
        let nanoseconds =
            latency.map_or(UNKNOWN, |latency| u64::try_from(latency.as_nanos()).unwrap_or(UNKNOWN));
        self.shared.latency.store(nanoseconds, Ordering::Relaxed);
    }

    /// Tells the game's side, at the end of a turn, what has happened, what is held back and what was counted.
    pub(crate) fn publish(&mut self, held_bytes: usize, held_frames: usize, statistics: Statistics) {
        self.hand_over();
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

#[cfg(test)]
mod tests {
    use socketio_protocol::{AckToken, NoAnswer};

    use super::*;

    fn event(number: u64) -> Event {
        Event::Ack { token: AckToken(number), answer: Err(NoAnswer::TimedOut) }
    }

    fn fetch(game: &GameSide<Values>) -> Vec<Event> {
        let (mut shown, waiting) = (Vec::new(), game.events_waiting());
        game.fetch(|event| shown.push(event.clone()));
        assert_eq!(shown.len(), waiting);
        assert_eq!(game.events_waiting(), waiting);
        let taken: Vec<Event> = std::iter::from_fn(|| game.try_event()).collect();
        assert_eq!(taken, shown);
        assert_eq!(game.events_waiting(), 0);
        taken
    }

    #[test]
    fn events_come_in_order_when_the_turn_ends() {
        let (game, mut worker, _waker) = mailbox(1 << 20).unwrap();
        let events: Vec<Event> = (0..2 * EVENTS_PER_BATCH as u64 + 3).map(event).collect();
        events.iter().for_each(|event| worker.deliver(event.clone(), &mut Vec::new()));
        assert_eq!(game.events_waiting(), 2 * EVENTS_PER_BATCH);
        worker.publish(0, 0, Statistics::default());
        assert_eq!(fetch(&game), events);
    }

    #[test]
    fn large_events_do_not_wait_for_others() {
        let (game, mut worker, _waker) = mailbox(1 << 20).unwrap();
        let json = format!("[\"{}\"]", "x".repeat(BYTES_PER_BATCH));
        let answer = Ok(Values::from_json_array(&json, Vec::new()).unwrap());
        worker.deliver(Event::Ack { token: AckToken(1), answer }, &mut Vec::new());
        assert_eq!(fetch(&game).len(), 1);
    }

    #[test]
    fn the_last_events_of_a_worker_are_not_lost() {
        let (game, mut worker, _waker) = mailbox(1 << 20).unwrap();
        worker.deliver(event(1), &mut Vec::new());
        assert_eq!(fetch(&game), []);
        drop(worker);
        assert_eq!(fetch(&game), [event(1)]);
    }

    #[test]
    fn a_few_events_are_fetched_at_a_time() {
        let (game, mut worker, _waker) = mailbox(1 << 20).unwrap();
        let events: Vec<Event> = (0..3 * EVENTS_PER_BATCH as u64).map(event).collect();
        events.iter().for_each(|event| worker.deliver(event.clone(), &mut Vec::new()));
        let mut shown = Vec::new();
        game.fetch_next(|event| shown.push(event.clone()));
        assert_eq!(shown, events[..EVENTS_PER_BATCH]);
        assert_eq!(game.events_waiting(), events.len());
        game.fetch(|event| shown.push(event.clone()));
        assert_eq!(shown, events);
        game.fetch_next(|event| panic!("{event:?} was shown twice"));
    }

    #[test]
    fn what_is_fetched_counts_until_it_is_taken() {
        let (game, mut worker, _waker) = mailbox::<Values>(1).unwrap();
        worker.deliver(event(1), &mut Vec::new());
        worker.deliver(event(2), &mut Vec::new());
        worker.publish(0, 0, Statistics::default());
        game.fetch(|_| {});
        assert!(worker.must_pause());
        game.try_event();
        assert!(worker.must_pause());
        game.try_event();
        assert!(!worker.must_pause());
    }
}
