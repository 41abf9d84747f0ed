//! The worker's side of a tap.

use std::mem;
use std::sync::{Mutex, PoisonError, Weak};
use std::time::Instant;

use bytes::Bytes;
use socketio_protocol::{Event, Frame, Namespace, PacketType, Session, Summary, TransportName};

use super::ring::Ring;
use super::round_trips::RoundTrips;
use super::{Direction, Kept, Kind, MAX_PAYLOAD, Packet, Payload};

/// The longest name of an event or a namespace, and the longest other text, in characters. A server may send any.
const MAX_NAME: usize = 100;
const MAX_TEXT: usize = 500;

/// Notes packets for as long as the game's side is there.
pub(crate) struct Feed {
    ring: Weak<Mutex<Ring>>,
    incoming: Option<Incomplete>,
    outgoing: Option<Incomplete>,
    /// The events of the game, and those of the server, that wait for their answers.
    asked_server: RoundTrips,
    asked_game: RoundTrips,
    /// Of the last packet, which most packets share.
    namespace: Namespace,
    is_open: bool,
}

/// A packet whose attachments have not all passed.
struct Incomplete {
    packet: Packet,
    kept: Kept,
    missing: usize,
}

impl Feed {
    pub(super) fn new(ring: Weak<Mutex<Ring>>) -> Self {
        Self {
            ring,
            incoming: None,
            outgoing: None,
            asked_server: RoundTrips::default(),
            asked_game: RoundTrips::default(),
            namespace: "".into(),
            is_open: false,
        }
    }

    /// Begins where a transport is open, or none.
    pub(crate) fn begin(&mut self, is_open: bool) {
        self.is_open = is_open;
    }

    /// Whether the game's side is still there.
    pub(crate) fn is_watched(&self) -> bool {
        self.ring.strong_count() > 0
    }

    /// A text has come, which the session has not seen yet.
    pub(crate) fn receive_text(&mut self, now: Instant, text: &str, session: &Session) {
        let Some(summary) = Summary::of(text) else { return };
        let kept =
            keep(&summary, |last, has_others| session.is_offset(now, &summary.namespace, last, has_others));
        self.begin_packet(Direction::Incoming, &summary, text.len(), kept);
    }

    /// An attachment has come.
    pub(crate) fn receive_binary(&mut self, attachment: &Bytes) {
        self.attach(Direction::Incoming, attachment);
    }

    /// The session sends a message.
    pub(crate) fn send(&mut self, frame: &Frame) {
        match frame {
            Frame::Text(text) => {
                if let Some(summary) = Summary::of(text) {
                    let kept = keep(&summary, |_, _| false);
                    self.begin_packet(Direction::Outgoing, &summary, text.len(), kept);
                }
            }
            Frame::Binary(attachment) => self.attach(Direction::Outgoing, attachment),
        }
    }

    /// The transport is open.
    pub(crate) fn note_opened(&mut self, transport: TransportName) {
        self.is_open = true;
        self.note_transport(Direction::Incoming, &format!("{transport} opened"));
    }

    /// The game has closed the connection.
    pub(crate) fn note_closed(&mut self) {
        if mem::take(&mut self.is_open) {
            self.note_transport(Direction::Outgoing, "closed by the game");
            self.forget_connection();
        }
    }

    /// The session tells the game of something.
    pub(crate) fn note_event(&mut self, event: &Event) {
        let text = match event {
            Event::TransportUpgraded { .. } => {
                self.note_transport(Direction::Incoming, "moved to websocket");
                return;
            }
            Event::EngineClosed { detail, .. } if detail.is_empty() => "put aside by the game".to_owned(),
            Event::EngineClosed { reason, detail, .. } => format!("lost: {reason} ({detail})"),
            Event::NamespaceRefused { closed: Some(_), .. } => {
                "closed: the server refused the last namespace".to_owned()
            }
            Event::ConnectFailed { error, .. } => format!("failed: {}", error.message),
            _ => return,
        };
        self.is_open = false;
        self.forget_connection();
        self.note_transport(Direction::Incoming, &text);
    }

    fn begin_packet(&mut self, direction: Direction, summary: &Summary<'_>, size: usize, kept: Kept) {
        let now = Instant::now();
        if *self.namespace != *summary.namespace {
            self.namespace = cut(&summary.namespace, MAX_NAME).into();
        }
        let mut event: Box<str> = cut(summary.event.as_deref().unwrap_or_default(), MAX_NAME).into();
        let mut round_trip = None;
        match (direction, summary.packet_type, summary.id) {
            (Direction::Outgoing, PacketType::Event, Some(id)) => {
                self.asked_server.begin(self.namespace.clone(), id, &event, now);
            }
            (Direction::Incoming, PacketType::Event, Some(id)) => {
                self.asked_game.begin(self.namespace.clone(), id, &event, now);
            }
            (Direction::Incoming, PacketType::Ack, Some(id)) => {
                if let Some((asked, time)) = self.asked_server.end(&self.namespace, id, now) {
                    (event, round_trip) = (asked, Some(time));
                }
            }
            (Direction::Outgoing, PacketType::Ack, Some(id)) => {
                if let Some((asked, _)) = self.asked_game.end(&self.namespace, id, now) {
                    event = asked;
                }
            }
            _ => {}
        }
        let packet = Packet {
            number: 0,
            time: now,
            direction,
            kind: Kind::Packet(summary.packet_type),
            namespace: self.namespace.clone(),
            event,
            size,
            ack_id: summary.id,
            round_trip,
            attachments: summary.attachments,
        };
        if summary.attachments == 0 {
            self.push(packet, kept);
        } else {
            let incomplete = Incomplete { packet, kept, missing: summary.attachments };
            *self.incomplete(direction) = Some(incomplete);
        }
    }

    fn attach(&mut self, direction: Direction, attachment: &Bytes) {
        let place = self.incomplete(direction);
        let Some(incomplete) = place else { return };
        incomplete.packet.size = incomplete.packet.size.saturating_add(attachment.len());
        incomplete.missing -= 1;
        if let Kept::Payload(payload) = &mut incomplete.kept {
            payload.attachments.push(attachment.clone());
            if payload.size() > MAX_PAYLOAD {
                incomplete.kept = Kept::TooLarge;
            }
        }
        if incomplete.missing == 0
            && let Some(Incomplete { packet, kept, .. }) = place.take()
        {
            self.push(packet, kept);
        }
    }

    fn incomplete(&mut self, direction: Direction) -> &mut Option<Incomplete> {
        match direction {
            Direction::Incoming => &mut self.incoming,
            Direction::Outgoing => &mut self.outgoing,
        }
    }

    fn note_transport(&self, direction: Direction, text: &str) {
        let packet = Packet {
            number: 0,
            time: Instant::now(),
            direction,
            kind: Kind::Transport,
            namespace: "".into(),
            event: cut(text, MAX_TEXT).into(),
            size: 0,
            ack_id: None,
            round_trip: None,
            attachments: 0,
        };
        self.push(packet, Kept::Payload(Payload::default()));
    }

    fn forget_connection(&mut self) {
        self.incoming = None;
        self.outgoing = None;
        self.asked_server.clear();
        self.asked_game.clear();
    }

    fn push(&self, packet: Packet, kept: Kept) {
        if let Some(ring) = self.ring.upgrade() {
            ring.lock().unwrap_or_else(PoisonError::into_inner).push(packet, kept);
        }
    }
}

fn keep(summary: &Summary<'_>, is_offset: impl FnOnce(&str, bool) -> bool) -> Kept {
    if summary.payload_len() > MAX_PAYLOAD {
        return Kept::TooLarge;
    }
    Kept::Payload(Payload { json: summary.payload(is_offset), attachments: Vec::new() })
}

/// The beginning of a text.
fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Counts, MAX_PACKETS, Tap, tap};
    use super::*;

    fn session() -> Session {
        Session::new(0)
    }

    fn text(text: impl Into<String>) -> Frame {
        Frame::Text(text.into())
    }

    fn all(tap: &mut Tap) -> Vec<Packet> {
        let taken = tap.take(usize::MAX);
        assert_eq!(taken.skipped, 0);
        taken.packets
    }

    fn payload(tap: &Tap, number: u64) -> Payload {
        match tap.payload(number) {
            Some(Kept::Payload(payload)) => payload,
            other => panic!("no payload: {other:?}"),
        }
    }

    #[test]
    fn packets_of_both_ways_are_noted_in_order() {
        let (mut tap, mut feed) = tap(1);
        feed.note_opened(TransportName::WebSocket);
        feed.receive_text(Instant::now(), r#"0{"sid":"secret","pingInterval":1}"#, &session());
        feed.send(&text(r#"40/chat,{"token":"secret"}"#));
        feed.receive_text(Instant::now(), r#"40/chat,{"sid":"secret"}"#, &session());
        feed.send(&text(r#"42/chat,7["ask",1]"#));
        feed.receive_text(Instant::now(), r#"43/chat,7["answer"]"#, &session());
        feed.receive_text(Instant::now(), "2", &session());
        feed.send(&text("3"));
        let packets = all(&mut tap);
        let seen: Vec<_> = packets
            .iter()
            .map(|packet| (packet.direction, packet.kind.as_str(), &*packet.namespace, &*packet.event))
            .collect();
        let (from, to) = (Direction::Incoming, Direction::Outgoing);
        assert_eq!(
            seen,
            [
                (from, "TRANSPORT", "", "websocket opened"),
                (from, "OPEN", "", ""),
                (to, "CONNECT", "/chat", ""),
                (from, "CONNECT", "/chat", ""),
                (to, "EVENT", "/chat", "ask"),
                (from, "ACK", "/chat", "ask"),
                (from, "PING", "", ""),
                (to, "PONG", "", ""),
            ]
        );
        assert_eq!(packets.iter().map(|packet| packet.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!((packets[4].ack_id, packets[4].round_trip), (Some(7), None));
        assert!(packets[5].round_trip.is_some() && packets[5].ack_id == Some(7));
        assert_eq!(packets[4].size, r#"42/chat,7["ask",1]"#.len());
        assert_eq!(tap.counts("/chat"), Counts { received: 0, emitted: 1 });
        assert_eq!(
            (payload(&tap, 5).json.as_str(), payload(&tap, 6).json.as_str()),
            ("[1]", r#"["answer"]"#)
        );
        for number in 1..=8 {
            assert!(!payload(&tap, number).json.contains("secret"), "packet {number}");
        }
    }

    #[test]
    fn attachments_belong_to_their_packet() {
        let (mut tap, mut feed) = tap(1);
        feed.receive_text(Instant::now(), r#"452-["up",{"_placeholder":true,"num":0}]"#, &session());
        feed.receive_binary(&Bytes::from_static(b"ab"));
        feed.receive_text(Instant::now(), "2", &session());
        feed.send(&text(r#"461-0[{"_placeholder":true,"num":0}]"#));
        feed.send(&Frame::Binary(Bytes::from_static(b"xyz")));
        feed.receive_binary(&Bytes::from_static(b"c"));
        // Belongs to nothing.
        feed.receive_binary(&Bytes::from_static(b"d"));
        let packets = all(&mut tap);
        let kinds: Vec<_> = packets.iter().map(|packet| (packet.kind.as_str(), packet.attachments)).collect();
        assert_eq!(kinds, [("PING", 0), ("ACK", 1), ("EVENT", 2)]);
        assert_eq!(packets[2].size, r#"452-["up",{"_placeholder":true,"num":0}]"#.len() + 3);
        assert_eq!(payload(&tap, 3).attachments, ["ab", "c"]);
        assert_eq!(payload(&tap, 2).attachments, ["xyz"]);
    }

    #[test]
    fn large_payloads_are_not_kept() {
        let (mut tap, mut feed) = tap(1);
        let json = format!(r#"42["e","{}"]"#, "x".repeat(MAX_PAYLOAD));
        feed.send(&text(json.clone()));
        feed.send(&text(r#"451-["e",{"_placeholder":true,"num":0}]"#));
        feed.send(&Frame::Binary(vec![0; MAX_PAYLOAD].into()));
        feed.send(&text(r#"42["e"]"#));
        let packets = all(&mut tap);
        assert_eq!((packets.len(), packets[0].size), (3, json.len()));
        assert_eq!(tap.payload(1), Some(Kept::TooLarge));
        assert_eq!(tap.payload(2), Some(Kept::TooLarge));
        assert_eq!(payload(&tap, 3).json, "[]");
    }

    #[test]
    fn what_nobody_takes_is_skipped_and_counted() {
        let (mut tap, mut feed) = tap(5);
        (0..MAX_PACKETS + 10).for_each(|number| feed.send(&text(format!(r#"42["e",{number}]"#))));
        let first = tap.take(200);
        assert_eq!((first.skipped, first.packets.len(), first.packets[0].number), (10, 200, 15));
        assert_eq!(tap.next(), 215);
        let rest: usize = (0..20).map(|_| tap.take(200).packets.len()).sum();
        assert_eq!(rest, MAX_PACKETS - 200);
        assert_eq!(tap.counts("/").emitted, MAX_PACKETS as u64 + 10);
    }

    #[test]
    fn the_end_of_a_connection_is_told_once_and_ends_what_was_under_way() {
        let (mut tap, mut feed) = tap(1);
        feed.note_opened(TransportName::Polling);
        feed.send(&text(r#"420["ask"]"#));
        feed.receive_text(Instant::now(), r#"451-["cut",{"_placeholder":true,"num":0}]"#, &session());
        feed.note_closed();
        feed.note_closed();
        feed.receive_binary(&Bytes::from_static(b"late"));
        feed.receive_text(Instant::now(), "430[]", &session());
        let packets = all(&mut tap);
        let events: Vec<_> = packets.iter().map(|packet| (packet.kind.as_str(), &*packet.event)).collect();
        assert_eq!(
            events,
            [
                ("TRANSPORT", "polling opened"),
                ("EVENT", "ask"),
                ("TRANSPORT", "closed by the game"),
                ("ACK", "")
            ]
        );
        assert_eq!(packets[3].round_trip, None);
    }

    #[test]
    fn long_names_are_cut() {
        let (mut tap, mut feed) = tap(1);
        feed.receive_text(
            Instant::now(),
            &format!(r#"42/{},["{}"]"#, "n".repeat(1000), "é".repeat(1000)),
            &session(),
        );
        let packets = all(&mut tap);
        assert_eq!(packets[0].event.chars().count(), MAX_NAME + 1);
        assert_eq!(packets[0].namespace.chars().count(), MAX_NAME + 1);
    }

    #[test]
    fn nothing_is_noted_when_nobody_watches_any_more() {
        let (tap, mut feed) = tap(1);
        assert!(feed.is_watched());
        drop(tap);
        assert!(!feed.is_watched());
        feed.send(&text(r#"42["e"]"#));
    }
}
