//! Events on their way from the worker to the game, many at a time.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use socketio_protocol::Event;

/// How many events, and how many bytes in them, the worker hands over at once: to hand over each would cost both sides
/// more than the event itself.
const EVENTS_PER_BATCH: usize = 64;
const BYTES_PER_BATCH: usize = 64 * 1024;
/// How many empty lists wait for the worker.
const MAX_EMPTY: usize = 8;

/// An event on its way to the game, and the bytes of it that count for the limit.
pub(crate) struct Delivery<D> {
    pub(crate) event: Event<D>,
    pub(crate) cost: usize,
}

type Batch<D> = VecDeque<Delivery<D>>;

/// The game's side.
pub(crate) struct Arrivals<D> {
    events: Receiver<Batch<D>>,
    /// A list goes back when it is empty: memory that one thread allocates and another frees belongs to the one's part of the
    /// heap, for whose lock both would wait.
    empty: Sender<Batch<D>>,
    fetched: RefCell<Fetched<D>>,
    /// Events in the queue.
    queued: Arc<AtomicUsize>,
}

/// What was taken from the queue and not handed out yet.
struct Fetched<D> {
    first: Batch<D>,
    others: VecDeque<Batch<D>>,
    count: usize,
}

/// The worker's side.
pub(crate) struct Departures<D> {
    events: Sender<Batch<D>>,
    empty: Receiver<Batch<D>>,
    /// What is not handed over yet, and its bytes.
    batch: Batch<D>,
    batch_cost: usize,
    queued: Arc<AtomicUsize>,
}

/// Both sides.
pub(crate) fn deliveries<D>() -> (Arrivals<D>, Departures<D>) {
    let (event_sender, event_receiver) = unbounded();
    let (empty_sender, empty_receiver) = bounded(MAX_EMPTY);
    let queued = Arc::<AtomicUsize>::default();
    let arrivals = Arrivals {
        events: event_receiver,
        empty: empty_sender,
        fetched: RefCell::new(Fetched { first: Batch::new(), others: VecDeque::new(), count: 0 }),
        queued: Arc::clone(&queued),
    };
    let departures = Departures {
        events: event_sender,
        empty: empty_receiver,
        batch: Batch::new(),
        batch_cost: 0,
        queued,
    };
    (arrivals, departures)
}

impl<D> Arrivals<D> {
    /// Takes what is in the queue now, and shows it: the worker may go on.
    pub(crate) fn fetch(&self, mut show: impl FnMut(&Event<D>)) {
        self.events.try_iter().take(self.events.len()).for_each(|batch| self.fetched(batch, &mut show));
    }

    /// Takes a few, and shows them.
    pub(crate) fn fetch_next(&self, mut show: impl FnMut(&Event<D>)) {
        if let Ok(batch) = self.events.try_recv() {
            self.fetched(batch, &mut show);
        }
    }

    fn fetched(&self, batch: Batch<D>, show: &mut impl FnMut(&Event<D>)) {
        batch.iter().for_each(|delivery| show(&delivery.event));
        let count = batch.len();
        let mut fetched = self.fetched.borrow_mut();
        fetched.count += count;
        fetched.others.push_back(batch);
        self.queued.fetch_sub(count, Ordering::SeqCst);
    }

    /// The next that was fetched.
    pub(crate) fn next(&self) -> Option<Delivery<D>> {
        let fetched = &mut *self.fetched.borrow_mut();
        loop {
            if let Some(delivery) = fetched.first.pop_front() {
                fetched.count -= 1;
                return Some(delivery);
            }
            let empty = mem::replace(&mut fetched.first, fetched.others.pop_front()?);
            // The worker may have enough of them, or have ended.
            let _ = self.empty.try_send(empty);
        }
    }

    /// How many there are, fetched or not.
    pub(crate) fn waiting(&self) -> usize {
        self.fetched.borrow().count + self.queued.load(Ordering::SeqCst)
    }
}

impl<D> Departures<D> {
    /// Whether nothing waits to be handed over.
    pub(crate) fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// Adds an event. Returns whether there are so many that they should be handed over.
    pub(crate) fn push(&mut self, delivery: Delivery<D>) -> bool {
        self.batch_cost = self.batch_cost.saturating_add(delivery.cost);
        self.batch.push_back(delivery);
        self.batch.len() >= EVENTS_PER_BATCH || self.batch_cost >= BYTES_PER_BATCH
    }

    /// Lets the game have them.
    pub(crate) fn hand_over(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        self.batch_cost = 0;
        let batch = mem::replace(&mut self.batch, self.empty.try_recv().unwrap_or_default());
        self.queued.fetch_add(batch.len(), Ordering::SeqCst);
        // Fails when the game has let go of the client: nobody wants to know.
        let _ = self.events.send(batch);
    }
}

#[cfg(test)]
mod tests {
    use socketio_protocol::{AckToken, NoAnswer};

    use super::*;

    fn delivery(number: u64, cost: usize) -> Delivery<()> {
        Delivery { event: Event::Ack { token: AckToken(number), answer: Err(NoAnswer::TimedOut) }, cost }
    }

    fn number<D>(event: &Event<D>) -> u64 {
        match event {
            Event::Ack { token, .. } => token.0,
            _ => panic!("no other was sent"),
        }
    }

    /// Hands over events of these numbers, in as many lists as there should be.
    fn send(departures: &mut Departures<()>, numbers: impl Iterator<Item = u64>) {
        for number in numbers {
            if departures.push(delivery(number, 1)) {
                departures.hand_over();
            }
        }
        departures.hand_over();
    }

    fn take(arrivals: &Arrivals<()>) -> Vec<u64> {
        std::iter::from_fn(|| arrivals.next()).map(|delivery| number(&delivery.event)).collect()
    }

    #[test]
    fn events_come_in_order_and_are_shown_once() {
        let (arrivals, mut departures) = deliveries();
        let count = 3 * EVENTS_PER_BATCH as u64 + 3;
        send(&mut departures, 0..count);
        let mut shown = Vec::new();
        arrivals.fetch_next(|event| shown.push(number(event)));
        assert_eq!(shown.len(), EVENTS_PER_BATCH);
        arrivals.fetch(|event| shown.push(number(event)));
        arrivals.fetch_next(|event| panic!("{event:?} was shown twice"));
        assert_eq!(take(&arrivals), shown);
        assert_eq!(shown, (0..count).collect::<Vec<_>>());
    }

    #[test]
    fn they_are_counted_until_they_are_taken() {
        let (arrivals, mut departures) = deliveries();
        send(&mut departures, 0..3);
        assert_eq!(arrivals.waiting(), 3);
        arrivals.fetch(|_| {});
        for left in [2, 1, 0, 0] {
            arrivals.next();
            assert_eq!(arrivals.waiting(), left);
        }
    }

    #[test]
    fn large_ones_do_not_wait_for_others() {
        let (_arrivals, mut departures) = deliveries();
        assert!(!departures.push(delivery(0, BYTES_PER_BATCH - 1)));
        assert!(departures.push(delivery(1, 1)));
        departures.hand_over();
        assert!(!departures.push(delivery(2, 1)), "what was handed over still counts");
    }

    #[test]
    fn lists_go_back_up_to_the_bound() {
        let (arrivals, mut departures) = deliveries();
        for _ in 0..2 {
            send(&mut departures, 0..2 * (MAX_EMPTY * EVENTS_PER_BATCH) as u64);
            arrivals.fetch(|_| {});
            take(&arrivals);
            assert_eq!(departures.empty.len(), MAX_EMPTY);
        }
        send(&mut departures, 0..1);
        assert!(departures.batch.capacity() >= EVENTS_PER_BATCH, "the list is a new one");
    }
}
