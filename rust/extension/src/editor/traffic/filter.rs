//! Which packets the list shows.

use super::{Kind, Packet};

/// The kinds of packets that are switched together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::editor) enum Category {
    Events,
    Acks,
    /// What opens, joins, leaves and loses.
    Connection,
    Heartbeat,
}

/// Whose packets are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::editor) enum Scope {
    #[default]
    All,
    Client(i64),
    Namespace(i64, String),
}

/// What a packet must be like to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::editor) struct Filter {
    /// Part of the event's name or the namespace, in lower case.
    text: String,
    shown: [bool; Category::ALL.len()],
    scope: Scope,
}

impl Category {
    pub(in crate::editor) const ALL: [Self; 4] =
        [Self::Events, Self::Acks, Self::Connection, Self::Heartbeat];

    /// The category that a kind belongs to.
    pub(in crate::editor) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Event => Self::Events,
            Kind::Ack => Self::Acks,
            Kind::Ping | Kind::Pong | Kind::Noop => Self::Heartbeat,
            Kind::Open
            | Kind::Close
            | Kind::Upgrade
            | Kind::Connect
            | Kind::Disconnect
            | Kind::ConnectError
            | Kind::Transport => Self::Connection,
        }
    }

    /// Whether its packets are shown at first.
    pub(in crate::editor) fn is_shown_by_default(self) -> bool {
        self != Self::Heartbeat
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            text: String::new(),
            shown: Category::ALL.map(Category::is_shown_by_default),
            scope: Scope::All,
        }
    }
}

impl Filter {
    pub(in crate::editor) fn with_text(self, text: &str) -> Self {
        Self { text: text.trim().to_lowercase(), ..self }
    }

    pub(in crate::editor) fn with_category(mut self, category: Category, is_shown: bool) -> Self {
        self.shown[category as usize] = is_shown;
        self
    }

    pub(in crate::editor) fn with_scope(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    pub(in crate::editor) fn passes(&self, packet: &Packet) -> bool {
        self.shown[Category::of(packet.kind) as usize]
            && self.scope.contains(packet)
            && (self.text.is_empty()
                || packet.event.to_lowercase().contains(&self.text)
                || packet.namespace.to_lowercase().contains(&self.text))
    }
}

impl Scope {
    fn contains(&self, packet: &Packet) -> bool {
        match self {
            Self::All => true,
            Self::Client(number) => packet.client == *number,
            Self::Namespace(number, path) => packet.client == *number && packet.namespace == *path,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::packet::tests::event;
    use super::*;

    fn of_kind(kind: Kind) -> Packet {
        Packet { kind, ..event(1, "/", "") }
    }

    #[test]
    fn the_heartbeat_is_hidden_at_first() {
        let filter = Filter::default();
        assert!(!filter.passes(&of_kind(Kind::Ping)));
        assert!(!filter.passes(&of_kind(Kind::Pong)));
        assert!(filter.passes(&of_kind(Kind::Event)));
        assert!(filter.with_category(Category::Heartbeat, true).passes(&of_kind(Kind::Ping)));
    }

    #[test]
    fn each_category_has_a_switch_of_its_own() {
        for hidden in Category::ALL {
            let filter =
                Filter::default().with_category(Category::Heartbeat, true).with_category(hidden, false);
            for kind in [Kind::Event, Kind::Ack, Kind::ConnectError, Kind::Transport, Kind::Pong] {
                assert_eq!(
                    filter.passes(&of_kind(kind)),
                    Category::of(kind) != hidden,
                    "{hidden:?} {kind:?}"
                );
            }
        }
    }

    #[test]
    fn the_text_is_part_of_the_event_or_the_namespace_in_any_case() {
        let passes = |text| Filter::default().with_text(text).passes(&event(1, "/Chat", "playerMoved"));
        assert!(passes(" MOVED ") && passes("chat") && passes(""));
        assert!(!passes("joined"));
    }

    #[test]
    fn a_scope_is_a_client_or_one_of_its_namespaces() {
        let passes = |scope| Filter::default().with_scope(scope).passes(&event(1, "/chat", "a"));
        assert!(passes(Scope::All) && passes(Scope::Client(1)));
        assert!(passes(Scope::Namespace(1, "/chat".to_owned())));
        assert!(!passes(Scope::Client(2)));
        assert!(!passes(Scope::Namespace(1, "/".to_owned())));
        assert!(!passes(Scope::Namespace(2, "/chat".to_owned())));
    }
}
