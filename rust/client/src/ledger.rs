//! What the game has been told of, so that the worker can close its accounts after a panic.

use std::collections::BTreeMap;

use socketio_protocol::{
    AckToken, Command, Connect, ConnectError, ConnectErrorCode, ConnectionId, DisconnectReason, Event,
    JoinId, Namespace, NoAnswer,
};

/// Everything whose end the game waits for. The session knows it too, but a session that has panicked is not asked
/// any more.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    connection: Option<(ConnectionId, Stage)>,
    joined: BTreeMap<Namespace, JoinId>,
    acks: BTreeMap<AckToken, Namespace>,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Connecting,
    Connected,
}

impl Ledger {
    pub(crate) fn note_connect(&mut self, connect: &Connect) {
        self.connection.get_or_insert((connect.connection, Stage::Connecting));
    }

    pub(crate) fn note_command(&mut self, command: &Command) {
        match command {
            Command::Emit(emit) => {
                if let Some(ack) = emit.ack {
                    self.acks.insert(ack.token, emit.namespace.clone());
                }
            }
            Command::Leave(namespace) => {
                self.joined.remove(namespace);
                self.acks.retain(|_, other| other != namespace);
            }
            Command::Close => *self = Self::default(),
            Command::Connect(connect) => self.note_connect(connect),
            Command::Configure(_)
            | Command::ReconnectNow
            | Command::Pause
            | Command::Resume
            | Command::FailWaiting
            | Command::Join(_)
            | Command::Auth { .. }
            | Command::Answer { .. } => {}
        }
    }

    pub(crate) fn note_event(&mut self, event: &Event) {
        match event {
            Event::EngineOpened { connection, .. } => self.connection = Some((*connection, Stage::Connected)),
            Event::ConnectFailed { connection, retrying: true, .. }
            | Event::EngineClosed { connection, retrying: true, .. } => {
                self.connection = Some((*connection, Stage::Connecting));
            }
            Event::ConnectFailed { retrying: false, .. }
            | Event::EngineClosed { retrying: false, .. }
            | Event::NamespaceRefused { closed: Some(_), .. }
            | Event::ReconnectFailed { .. }
            | Event::ReconnectEnded { .. } => self.connection = None,
            Event::NamespaceAccepted { namespace, join, .. } => {
                self.joined.insert(namespace.clone(), *join);
            }
            Event::NamespaceLeft { namespace, .. } => {
                self.joined.remove(namespace);
            }
            Event::Ack { token, .. } => {
                self.acks.remove(token);
            }
            Event::ReconnectAttempt { .. }
            | Event::TransportUpgraded { .. }
            | Event::AuthWanted { .. }
            | Event::NamespaceJoined { .. }
            | Event::NamespaceRefused { closed: None, .. }
            | Event::Received(_)
            | Event::Emitted { .. }
            | Event::EmitRefused { .. } => {}
        }
    }

    /// The events that end everything, and an empty ledger.
    pub(crate) fn close(&mut self, detail: &str) -> Vec<Event> {
        let Self { connection, joined, acks } = std::mem::take(self);
        let reason = DisconnectReason::TransportError;
        let connection = connection.map(|(connection, stage)| match stage {
            Stage::Connecting => {
                let error = ConnectError::new(ConnectErrorCode::Unknown, detail);
                Event::ConnectFailed { connection, error: Box::new(error), retrying: false }
            }
            Stage::Connected => {
                Event::EngineClosed { connection, reason, detail: detail.to_owned(), retrying: false }
            }
        });
        let joined = joined.into_iter().map(|(namespace, join)| Event::NamespaceLeft {
            namespace,
            join,
            reason,
            rejoining: false,
        });
        let acks = acks.into_keys().map(|token| Event::Ack { token, answer: Err(NoAnswer::Disconnected) });
        connection.into_iter().chain(joined).chain(acks).collect()
    }
}

#[cfg(test)]
mod tests {
    use socketio_protocol::{AckRequest, Delivery, Emit, Payload, TransportName};

    use super::*;

    fn emit(token: u64, namespace: &str) -> Command {
        let ack = Some(AckRequest { token: AckToken(token), timeout: None });
        let (namespace, payload, delivery) = (namespace.into(), Payload::default(), Delivery::Once);
        Command::Emit(Emit { namespace, payload, ack, delivery, report: false })
    }

    fn opened() -> Event {
        let (connection, session_id) = (ConnectionId(7), String::new());
        Event::EngineOpened {
            connection,
            session_id,
            transport: TransportName::WebSocket,
            max_payload: None,
            attempt: 0,
        }
    }

    fn joined(namespace: &str) -> Event {
        let (namespace, session_id) = (namespace.into(), String::new());
        Event::NamespaceAccepted { namespace, join: JoinId(1), session_id, recovered: false }
    }

    #[test]
    fn what_is_open_is_closed_once() {
        let mut ledger = Ledger::default();
        ledger.note_event(&opened());
        ledger.note_event(&joined("/"));
        ledger.note_event(&joined("/left"));
        for command in [emit(1, "/"), emit(2, "/"), emit(3, "/left"), Command::Leave("/left".into())] {
            ledger.note_command(&command);
        }
        ledger.note_event(&Event::Ack { token: AckToken(1), answer: Err(NoAnswer::TimedOut) });
        let reason = DisconnectReason::TransportError;
        let wanted = [
            Event::EngineClosed {
                connection: ConnectionId(7),
                reason,
                detail: "bug".to_owned(),
                retrying: false,
            },
            Event::NamespaceLeft { namespace: "/".into(), join: JoinId(1), reason, rejoining: false },
            Event::Ack { token: AckToken(2), answer: Err(NoAnswer::Disconnected) },
        ];
        assert_eq!(ledger.close("bug"), wanted);
        assert_eq!(ledger.close("bug"), []);
    }

    #[test]
    fn what_the_game_closed_itself_is_not_reported() {
        let mut ledger = Ledger::default();
        ledger.note_event(&opened());
        ledger.note_event(&joined("/"));
        ledger.note_command(&emit(1, "/"));
        ledger.note_command(&Command::Close);
        assert_eq!(ledger.close("bug"), []);
    }
}
