//! A packet, as the list shows it.

/// Which way a packet went, as the game sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::editor) enum Direction {
    /// From the server.
    In,
    /// To the server.
    Out,
}

/// What a packet is, in the words of the two protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::editor) enum Kind {
    Open,
    Close,
    Ping,
    Pong,
    Upgrade,
    Noop,
    Connect,
    Disconnect,
    Event,
    Ack,
    ConnectError,
    /// No packet: the transport was opened or lost.
    Transport,
}

/// A packet without its payload.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::editor) struct Packet {
    /// The client, by its number in the game.
    pub client: i64,
    /// The packet's number at its client.
    pub number: i64,
    /// Since the game's start, in seconds.
    pub time: f64,
    pub direction: Direction,
    pub kind: Kind,
    pub namespace: String,
    /// The event's name, or what happened to the transport.
    pub event: String,
    /// On the wire, attachments included, in bytes.
    pub size: u64,
    pub ack: Option<u64>,
    /// What an answer took, in seconds.
    pub round_trip: Option<f64>,
    pub attachments: u64,
}

impl Kind {
    const NAMES: [(&'static str, Self); 12] = [
        ("OPEN", Self::Open),
        ("CLOSE", Self::Close),
        ("PING", Self::Ping),
        ("PONG", Self::Pong),
        ("UPGRADE", Self::Upgrade),
        ("NOOP", Self::Noop),
        ("CONNECT", Self::Connect),
        ("DISCONNECT", Self::Disconnect),
        ("EVENT", Self::Event),
        ("ACK", Self::Ack),
        ("CONNECT_ERROR", Self::ConnectError),
        ("TRANSPORT", Self::Transport),
    ];

    /// The kind of that name. A game with another version of the addon may have more of them.
    pub(in crate::editor) fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    pub(in crate::editor) fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// Whether packets of this kind may carry something to look at.
    pub(in crate::editor) fn has_payload(self) -> bool {
        matches!(self, Self::Open | Self::Connect | Self::Event | Self::Ack | Self::ConnectError)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An event from the server.
    pub(in crate::editor::traffic) fn event(number: i64, namespace: &str, event: &str) -> Packet {
        Packet {
            client: 1,
            number,
            time: 0.0,
            direction: Direction::In,
            kind: Kind::Event,
            namespace: namespace.to_owned(),
            event: event.to_owned(),
            size: 10,
            ack: None,
            round_trip: None,
            attachments: 0,
        }
    }

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        for (name, kind) in Kind::NAMES {
            assert_eq!(Kind::by_name(name), Some(kind));
            assert_eq!(kind.name(), name);
        }
        assert_eq!(Kind::by_name("BINARY_EVENT"), None);
    }
}
