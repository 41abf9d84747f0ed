//! The last packets, and as many of their payloads as there is room for.

use std::collections::{BTreeMap, VecDeque};

use socketio_protocol::{Namespace, PacketType};

use super::{Counts, Direction, Kept, Kind, MAX_PACKETS, MAX_PAYLOADS, Packet, Taken};

/// How many namespaces are counted: a server may name any number.
const MAX_NAMESPACES: usize = 256;

pub(crate) struct Ring {
    entries: VecDeque<Entry>,
    /// The number of the next packet.
    next: u64,
    /// The number of the oldest packet whose payload may be kept.
    oldest_payload: u64,
    /// The bytes of the payloads that are kept.
    payloads: usize,
    counts: BTreeMap<Namespace, Counts>,
}

struct Entry {
    packet: Packet,
    kept: Kept,
}

impl Ring {
    pub(super) fn new(first: u64) -> Self {
        Self {
            entries: VecDeque::new(),
            next: first,
            oldest_payload: first,
            payloads: 0,
            counts: BTreeMap::new(),
        }
    }

    /// Adds a packet, which gets its number here. What it needs room for goes.
    pub(super) fn push(&mut self, mut packet: Packet, kept: Kept) {
        self.count(&packet);
        packet.number = self.next;
        self.next += 1;
        self.payloads += size(&kept);
        self.entries.push_back(Entry { packet, kept });
        while self.payloads > MAX_PAYLOADS {
            self.forget_payload();
        }
        if self.entries.len() > MAX_PACKETS
            && let Some(entry) = self.entries.pop_front()
        {
            self.payloads -= size(&entry.kept);
            self.oldest_payload = self.oldest_payload.max(self.first());
        }
    }

    /// The number of the next packet.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// The packets from a number on, but no more than so many.
    pub(super) fn since(&self, number: u64, most: usize) -> Taken {
        let skipped = self.first().saturating_sub(number);
        let known = number.saturating_sub(self.first());
        let new = self.entries.iter().skip(usize::try_from(known).unwrap_or(usize::MAX)).take(most);
        Taken { skipped, packets: new.map(|entry| entry.packet.clone()).collect() }
    }

    pub(super) fn payload(&self, number: u64) -> Kept {
        self.index(number)
            .and_then(|index| self.entries.get(index))
            .map_or(Kept::Gone, |entry| entry.kept.clone())
    }

    pub(super) fn counts(&self) -> &BTreeMap<Namespace, Counts> {
        &self.counts
    }

    /// The number of the oldest packet, or of the next.
    fn first(&self) -> u64 {
        self.next - self.entries.len() as u64
    }

    fn index(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.first())?).ok()
    }

    fn forget_payload(&mut self) {
        let index = self.index(self.oldest_payload);
        if let Some(entry) = index.and_then(|index| self.entries.get_mut(index)) {
            self.payloads -= size(&entry.kept);
            entry.kept = Kept::Gone;
        }
        self.oldest_payload += 1;
    }

    fn count(&mut self, packet: &Packet) {
        if packet.kind != Kind::Packet(PacketType::Event) {
            return;
        }
        if !self.counts.contains_key(&packet.namespace) {
            if self.counts.len() >= MAX_NAMESPACES {
                return;
            }
            self.counts.insert(packet.namespace.clone(), Counts::default());
        }
        if let Some(counts) = self.counts.get_mut(&packet.namespace) {
            match packet.direction {
                Direction::Incoming => counts.received += 1,
                Direction::Outgoing => counts.emitted += 1,
            }
        }
    }
}

/// The bytes that a payload counts for.
fn size(kept: &Kept) -> usize {
    match kept {
        Kept::Payload(payload) => payload.size(),
        Kept::TooLarge | Kept::Gone => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::{MAX_PAYLOAD, Payload};
    use super::*;

    fn packet(namespace: &str) -> Packet {
        Packet {
            number: 0,
            time: Instant::now(),
            direction: Direction::Incoming,
            kind: Kind::Packet(PacketType::Event),
            namespace: namespace.into(),
            event: "e".into(),
            size: 1,
            ack_id: None,
            round_trip: None,
            attachments: 0,
        }
    }

    fn payload(size: usize) -> Kept {
        Kept::Payload(Payload { json: "x".repeat(size), attachments: Vec::new() })
    }

    fn numbers(taken: &Taken) -> Vec<u64> {
        taken.packets.iter().map(|packet| packet.number).collect()
    }

    #[test]
    fn packets_are_numbered_and_come_in_order() {
        let mut ring = Ring::new(10);
        assert_eq!(ring.since(10, 5), Taken::default());
        (0..4).for_each(|_| ring.push(packet("/"), payload(1)));
        assert_eq!(numbers(&ring.since(10, 3)), [10, 11, 12]);
        assert_eq!(numbers(&ring.since(13, 3)), [13]);
        assert_eq!(ring.since(14, 3), Taken::default());
    }

    #[test]
    fn the_oldest_packets_are_skipped() {
        let mut ring = Ring::new(1);
        (0..MAX_PACKETS + 7).for_each(|_| ring.push(packet("/"), payload(10)));
        let taken = ring.since(1, usize::MAX);
        assert_eq!((taken.skipped, taken.packets.len()), (7, MAX_PACKETS));
        assert_eq!(taken.packets[0].number, 8);
        assert_eq!(ring.since(5, 1).skipped, 3);
        assert_eq!(ring.payloads, MAX_PACKETS * 10);
        assert_eq!((ring.payload(7), ring.payload(8)), (Kept::Gone, payload(10)));
    }

    #[test]
    fn the_oldest_payloads_are_forgotten() {
        let mut ring = Ring::new(1);
        let fit = MAX_PAYLOADS / MAX_PAYLOAD;
        (0..fit + 3).for_each(|_| ring.push(packet("/"), payload(MAX_PAYLOAD)));
        assert_eq!(ring.payloads, MAX_PAYLOADS);
        assert_eq!((ring.payload(3), ring.payload(4)), (Kept::Gone, payload(MAX_PAYLOAD)));
        assert_eq!(ring.since(1, usize::MAX).packets.len(), fit + 3);
        // Those that go for their number do not count twice.
        (0..2 * MAX_PACKETS).for_each(|_| ring.push(packet("/"), Kept::TooLarge));
        assert_eq!(ring.payloads, 0);
        ring.push(packet("/"), payload(5));
        assert_eq!((ring.payload(ring.next - 1), ring.payloads), (payload(5), 5));
    }

    #[test]
    fn a_packet_that_is_not_there_has_no_payload() {
        let mut ring = Ring::new(5);
        ring.push(packet("/"), payload(1));
        for number in [0, 4, 6, u64::MAX] {
            assert_eq!(ring.payload(number), Kept::Gone, "{number}");
        }
    }

    #[test]
    fn events_are_counted_for_each_namespace_but_not_for_any_number_of_them() {
        let mut ring = Ring::new(1);
        ring.push(packet("/"), Kept::Gone);
        ring.push(Packet { direction: Direction::Outgoing, ..packet("/") }, Kept::Gone);
        ring.push(Packet { kind: Kind::Packet(PacketType::Ack), ..packet("/") }, Kept::Gone);
        for number in 0..2 * MAX_NAMESPACES {
            ring.push(packet(&format!("/{number}")), Kept::Gone);
        }
        ring.push(packet("/"), Kept::Gone);
        assert_eq!(ring.counts().get("/"), Some(&Counts { received: 2, emitted: 1 }));
        assert_eq!(ring.counts().len(), MAX_NAMESPACES);
    }
}
