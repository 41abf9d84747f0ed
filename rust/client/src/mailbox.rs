//! What the game's thread and the worker share: a queue each way, both counted in bytes.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use crossbeam_utils::CachePadded;
use socketio_protocol::{Event, Values};

use crate::buffers::{Buffers, SpentBuffers, buffers};
use crate::data::Data;
use crate::deliveries::{Arrivals, Delivery, Departures, deliveries};
use crate::flow::{GameFlow, WorkerFlow, flow};
use crate::request::Request;
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

/// The counters that both sides see.
struct Shared {
    max_buffered: AtomicUsize,
    /// Bytes in the queue of requests.
    requested: AtomicUsize,
    /// How many in the queue cannot wait. The worker looks at it for each that can while the transport is full.
    urgent: CachePadded<AtomicUsize>,
    /// Events and answers that the worker has taken in this turn, which are in nothing else that is counted. Only it writes
    /// here, for each, and the game hardly ever looks.
    taken: CachePadded<AtomicUsize>,
    /// Bytes that the worker has taken and not sent yet.
    held: AtomicUsize,
    held_frames: AtomicUsize,
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

/// The game's side.
pub(crate) struct GameSide<D> {
    requests: Sender<Request>,
    events: Arrivals<D>,
    flow: GameFlow,
    buffers: Buffers,
    shared: Arc<Shared>,
    waker: Arc<Waker>,
}

/// The worker's side.
pub(crate) struct WorkerSide<D> {
    requests: Receiver<Request>,
    /// The next of them, if it had to be looked at and cannot wait.
    urgent: Option<Request>,
    /// Those of this turn are handed over when it ends, at the latest.
    events: Departures<D>,
    /// The bytes that waited for the game when the first of them came.
    waiting: usize,
    flow: WorkerFlow,
    spent: SpentBuffers,
    shared: Arc<Shared>,
    /// The events and answers taken in this turn, and their size, which are not in `held` yet.
    taken: usize,
    taken_size: usize,
}

/// Both sides of a new mailbox. At most `max_buffered` bytes may wait in either direction.
///
/// # Errors
/// When the system gives no poller.
pub(crate) fn mailbox<D>(max_buffered: usize) -> io::Result<(GameSide<D>, WorkerSide<D>, Arc<Waker>)> {
    let waker = Arc::new(Waker::new()?);
    let (request_sender, request_receiver) = unbounded();
    let (arrivals, departures) = deliveries();
    let (buffers, spent) = buffers();
    let (game_flow, worker_flow) = flow();
    let shared = Arc::new(Shared {
        max_buffered: AtomicUsize::new(max_buffered),
        requested: AtomicUsize::new(0),
        urgent: CachePadded::default(),
        taken: CachePadded::default(),
        held: AtomicUsize::new(0),
        held_frames: AtomicUsize::new(0),
        latency: AtomicU64::new(UNKNOWN),
        statistics: Mutex::default(),
    });
    let game = GameSide {
        requests: request_sender,
        events: arrivals,
        flow: game_flow,
        buffers,
        shared: Arc::clone(&shared),
        waker: Arc::clone(&waker),
    };
    let worker = WorkerSide {
        requests: request_receiver,
        urgent: None,
        events: departures,
        waiting: 0,
        flow: worker_flow,
        spent,
        shared,
        taken: 0,
        taken_size: 0,
    };
    Ok((game, worker, waker))
}

impl<D> GameSide<D> {
    /// Sends a request, unless it is an event or an answer for which there is no room.
    pub(crate) fn send(&self, request: Request) -> Result<(), Full> {
        let size = request.size();
        let (waiting, limit) = (self.waiting_bytes(), self.shared.max_buffered());
        if size > 0 && waiting.saturating_add(size) > limit {
            return Err(Full { size, waiting, limit });
        }
        self.shared.requested.fetch_add(size, Ordering::SeqCst);
        let can_wait = request.can_wait();
        if !can_wait {
            self.shared.urgent.fetch_add(1, Ordering::SeqCst);
        }
        // Fails when the worker has ended at the exit of the process: nothing is sent any more.
        let _ = self.requests.send(request);
        if can_wait {
            self.waker.wake_unless_sound();
        } else {
            self.waker.wake();
        }
        Ok(())
    }

    /// An empty text to write a payload into.
    pub(crate) fn buffer(&self) -> String {
        self.buffers.take()
    }

    /// A way to end the worker from elsewhere.
    pub(crate) fn stopper(&self) -> impl Fn(Instant) + Send + 'static {
        let (requests, shared, waker) =
            (self.requests.clone(), Arc::clone(&self.shared), Arc::clone(&self.waker));
        move |deadline| {
            shared.urgent.fetch_add(1, Ordering::SeqCst);
            let _ = requests.send(Request::End(Some(deadline)));
            waker.wake();
        }
    }

    pub(crate) fn fetch(&self, show: impl FnMut(&Event<D>)) {
        self.events.fetch(show);
    }

    pub(crate) fn fetch_next(&self, show: impl FnMut(&Event<D>)) {
        self.events.fetch_next(show);
    }

    pub(crate) fn try_event(&self) -> Option<Event<D>> {
        let Delivery { event, cost } = self.events.next()?;
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
        self.events.waiting()
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let mut statistics = *self.shared.statistics.lock().unwrap_or_else(PoisonError::into_inner);
        statistics.inbound.items = self.events_waiting();
        statistics.inbound.bytes = self.flow.waiting();
        statistics.outbound.items = self.requests.len()
            + self.shared.taken.load(Ordering::Relaxed)
            + self.shared.held_frames.load(Ordering::Relaxed);
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
        if !self.events.is_empty() {
            self.flow.publish();
            self.events.hand_over();
        }
    }
}

impl<D> Drop for WorkerSide<D> {
    fn drop(&mut self) {
        self.hand_over();
    }
}

impl<D: Data> WorkerSide<D> {
    /// How many requests wait.
    pub(crate) fn requests(&self) -> usize {
        self.requests.len() + usize::from(self.urgent.is_some())
    }

    /// Whether any of them cannot wait.
    pub(crate) fn has_urgent(&self) -> bool {
        self.shared.urgent.load(Ordering::SeqCst) > 0
    }

    /// The next request.
    pub(crate) fn take(&mut self) -> Option<Request> {
        let request = self.urgent.take().or_else(|| self.requests.try_recv().ok())?;
        let size = request.size();
        if size > 0 {
            self.taken += 1;
            self.taken_size += size;
            self.tell_of_taken();
        }
        if !request.can_wait() {
            self.shared.urgent.fetch_sub(1, Ordering::SeqCst);
            self.tell_of_taken();
        }
        Some(request)
    }

    /// The next request, if it is one that can wait.
    pub(crate) fn take_what_can_wait(&mut self) -> Option<Request> {
        if self.urgent.is_none() {
            let request = self.requests.try_recv().ok()?;
            self.urgent = Some(request);
            self.tell_of_taken();
        }
        if self.urgent.as_ref().is_some_and(Request::can_wait) { self.take() } else { None }
    }

    fn tell_of_taken(&self) {
        let count = self.taken + usize::from(self.urgent.is_some());
        self.shared.taken.store(count, Ordering::Relaxed);
    }

    /// Gives a text back to the game that it had written a payload into.
    pub(crate) fn give_back(&mut self, text: String) {
        self.spent.give_back(text);
    }

    /// Delivers an event, at the latest when the turn ends. What [`Data::prepare`] does not need any more goes to `spent`.
    pub(crate) fn deliver(&mut self, event: Event, spent: &mut Vec<Values>) {
        if self.events.is_empty() {
            self.waiting = self.flow.waiting();
        }
        let event = event.map(|values| D::prepare(values, self.waiting, spent));
        let cost = cost(&event);
        self.flow.deliver(cost);
        if self.events.push(Delivery { event, cost }) {
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
        self.shared.requested.fetch_sub(std::mem::take(&mut self.taken_size), Ordering::SeqCst);
        self.shared.held_frames.store(held_frames, Ordering::Relaxed);
        self.taken = 0;
        self.tell_of_taken();
        *self.shared.statistics.lock().unwrap_or_else(PoisonError::into_inner) = statistics;
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
    use socketio_protocol::{AckRequest, AckToken, Command, Emit, NoAnswer, Payload, SessionNumber};

    use super::*;

    fn event(number: u64) -> Event {
        Event::Ack { token: AckToken(number), answer: Err(NoAnswer::TimedOut) }
    }

    fn emit() -> Emit {
        Emit {
            namespace: "/".into(),
            payload: Payload { json: "[1]".into(), ..Payload::default() },
            ack: None,
            delivery: socketio_protocol::Delivery::Once,
            report: false,
        }
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
        let events: Vec<Event> = (0..3).map(event).collect();
        events.iter().for_each(|event| worker.deliver(event.clone(), &mut Vec::new()));
        assert_eq!(game.events_waiting(), 0);
        worker.publish(0, 0, Statistics::default());
        assert_eq!(fetch(&game), events);
    }

    #[test]
    fn many_events_do_not_wait_for_the_end_of_the_turn() {
        let (game, mut worker, _waker) = mailbox::<Values>(1 << 20).unwrap();
        (0..1000).map(event).for_each(|event| worker.deliver(event, &mut Vec::new()));
        assert!(game.events_waiting() >= 900);
    }

    #[test]
    fn a_large_event_does_not_wait_for_the_end_of_the_turn() {
        let (game, mut worker, _waker) = mailbox(1 << 20).unwrap();
        let json = format!("[\"{}\"]", "x".repeat(100_000));
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
    fn what_waits_to_be_sent_counts_also_while_the_worker_has_taken_it() {
        let (game, mut worker, _waker) = mailbox::<Values>(1 << 20).unwrap();
        for _ in 0..5 {
            game.send(Request::Command(Command::Emit(emit()))).unwrap();
        }
        let waiting = || game.statistics().outbound.items;
        assert_eq!(waiting(), 5);
        for _ in 0..5 {
            worker.take();
            assert_eq!(waiting(), 5);
        }
        worker.publish(9, 3, Statistics::default());
        assert_eq!(waiting(), 3);
        game.send(Request::Command(Command::Close)).unwrap();
        worker.take();
        assert_eq!(waiting(), 3, "what is no event was counted");
    }

    #[test]
    fn what_cannot_wait_is_known_until_it_is_taken() {
        let (game, mut worker, _waker) = mailbox::<Values>(1 << 20).unwrap();
        let emitted = |emit| Request::Command(Command::Emit(emit));
        let answer = Command::Answer {
            namespace: "/".into(),
            session: SessionNumber(1),
            id: 1,
            payload: emit().payload,
        };
        game.send(emitted(emit())).unwrap();
        game.send(Request::Command(answer)).unwrap();
        assert!(!worker.has_urgent());
        let ack = Some(AckRequest { token: AckToken(1), timeout: None });
        let delivery = socketio_protocol::Delivery::Volatile;
        let urgent = [
            emitted(Emit { ack, ..emit() }),
            emitted(Emit { delivery, ..emit() }),
            emitted(Emit { report: true, ..emit() }),
            Request::Command(Command::Close),
        ];
        let count = urgent.len();
        urgent.into_iter().for_each(|request| game.send(request).unwrap());
        game.stopper()(Instant::now());
        for _ in 0..2 + count {
            worker.take();
            assert!(worker.has_urgent());
        }
        worker.take();
        assert!(!worker.has_urgent());
    }

    #[test]
    fn what_cannot_wait_keeps_its_place() {
        let (game, mut worker, _waker) = mailbox::<Values>(1 << 20).unwrap();
        let send = |request| game.send(request).unwrap();
        send(Request::Command(Command::Emit(emit())));
        send(Request::Command(Command::Close));
        send(Request::Command(Command::Emit(emit())));
        let is_emit = |request| matches!(request, Some(Request::Command(Command::Emit(_))));
        assert!(is_emit(worker.take_what_can_wait()));
        for _ in 0..2 {
            assert!(worker.take_what_can_wait().is_none());
            assert_eq!((worker.requests(), worker.has_urgent()), (2, true));
            worker.publish(0, 0, Statistics::default());
            assert_eq!(game.statistics().outbound.items, 2);
        }
        assert!(matches!(worker.take(), Some(Request::Command(Command::Close))));
        assert!(is_emit(worker.take_what_can_wait()));
        assert_eq!((worker.requests(), worker.has_urgent()), (0, false));
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
