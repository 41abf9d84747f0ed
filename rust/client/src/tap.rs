//! A look at what passes between the session and its transport, for a developer.
//!
//! [`Client::tap`](crate::Client::tap) begins it. The worker then notes each packet ([`Feed`]) in a ring, from which the
//! game takes what is new ([`Tap`]). What is secret is masked before it gets there.

mod feed;
mod ring;
mod round_trips;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use socketio_protocol::{Namespace, PacketType};

pub(crate) use self::feed::Feed;
use self::ring::Ring;

/// How many packets are kept, the last ones.
pub const MAX_PACKETS: usize = 2_000;
/// How many bytes their payloads may have together.
pub const MAX_PAYLOADS: usize = 8 << 20;
/// How many bytes one of them may have, its attachments included.
pub const MAX_PAYLOAD: usize = 256 << 10;

/// The game's side of a tap. The worker notes packets for as long as it is there.
pub struct Tap {
    ring: Arc<Mutex<Ring>>,
    /// The number of the first packet that was not taken yet.
    next: u64,
    counts: BTreeMap<Namespace, Counts>,
}

/// A packet of Engine.IO or Socket.IO, with its attachments.
#[derive(Debug, Clone, PartialEq)]
pub struct Packet {
    /// Counts all packets of a tap.
    pub number: u64,
    /// When it passed.
    pub time: Instant,
    /// Which way it went.
    pub direction: Direction,
    /// What it is.
    pub kind: Kind,
    /// The namespace; empty where there is none.
    pub namespace: Namespace,
    /// The name of an event or of the one that is answered, or what happened to the transport.
    pub event: Box<str>,
    /// The bytes of its messages, those of its attachments included.
    pub size: usize,
    /// What ties an acknowledgement to its event.
    pub ack_id: Option<u64>,
    /// The time since the event that this answers was sent.
    pub round_trip: Option<Duration>,
    /// How many attachments it has.
    pub attachments: usize,
}

/// Which way a packet goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the server.
    Incoming,
    /// To the server.
    Outgoing,
}

/// What has passed, or happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A packet of that type.
    Packet(PacketType),
    /// The transport was opened, changed or lost.
    Transport,
}

impl Kind {
    /// The name of the packet's type, as the protocol writes it, or `TRANSPORT`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Packet(packet_type) => packet_type.as_str(),
            Self::Transport => "TRANSPORT",
        }
    }
}

/// What a packet carried, with the secrets masked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payload {
    /// JSON, or empty for nothing. Of an event, the array of its arguments.
    pub json: String,
    /// What its placeholders stand for.
    pub attachments: Vec<Bytes>,
}

impl Payload {
    /// The bytes in it.
    fn size(&self) -> usize {
        self.attachments
            .iter()
            .fold(self.json.len(), |size, attachment| size.saturating_add(attachment.len()))
    }
}

/// What is left of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// All of it.
    Payload(Payload),
    /// Nothing: it had more than [`MAX_PAYLOAD`] bytes.
    TooLarge,
    /// Nothing any more, or there never was such a packet.
    Gone,
}

/// What has come since the last time.
#[derive(Debug, Default, PartialEq)]
pub struct Taken {
    /// How many packets before these were too many to be kept.
    pub skipped: u64,
    /// The packets, in their order.
    pub packets: Vec<Packet>,
}

/// The events of a namespace since the tap was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// From the server.
    pub received: u64,
    /// To the server.
    pub emitted: u64,
}

/// A tap whose packets are numbered from `first` on, and what the worker notes them with.
pub(crate) fn tap(first: u64) -> (Tap, Feed) {
    let ring = Arc::new(Mutex::new(Ring::new(first)));
    let feed = Feed::new(Arc::downgrade(&ring));
    (Tap { ring, next: first, counts: BTreeMap::new() }, feed)
}

impl Tap {
    /// Takes what is new, but no more than so many packets: the rest stays for the next time. Never waits: takes nothing
    /// while the worker is just noting something.
    pub fn take(&mut self, most: usize) -> Taken {
        let Some(ring) = try_lock(&self.ring) else { return Taken::default() };
        if ring.next() == self.next {
            return Taken::default();
        }
        let taken = ring.since(self.next, most);
        self.next += taken.skipped + taken.packets.len() as u64;
        self.counts.clone_from(ring.counts());
        taken
    }

    /// The number that the next packet to be taken has, unless some are skipped.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// What a packet carried. Never waits: `None` while the worker is just noting something.
    pub fn payload(&self, number: u64) -> Option<Kept> {
        try_lock(&self.ring).map(|ring| ring.payload(number))
    }

    /// The events of a namespace, skipped ones included, as [`Tap::take`] has found them last.
    pub fn counts(&self, namespace: &str) -> Counts {
        self.counts.get(namespace).copied().unwrap_or_default()
    }
}

fn try_lock(ring: &Mutex<Ring>) -> Option<MutexGuard<'_, Ring>> {
    match ring.try_lock() {
        Ok(ring) => Some(ring),
        Err(TryLockError::Poisoned(ring)) => Some(PoisonError::into_inner(ring)),
        Err(TryLockError::WouldBlock) => None,
    }
}
