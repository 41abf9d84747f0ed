//! The states of a namespace, and all ways between them.

use std::collections::BTreeMap;
use std::mem;

use crate::{Join, JoinId, Payload, Received};

/// A namespace, from the first time that the game names it. Each method is one thing that can happen to it, makes
/// the transition, and returns what the session has to do about it.
#[derive(Debug, Default)]
pub(super) struct NamespaceSession {
    state: State,
    waiting: WaitingEvents,
    next_ack_id: u64,
    /// Whether the engine that is open now has carried a session of this namespace already: until the next
    /// CONNECT reply, what comes belongs to that one.
    had_session: bool,
}

#[derive(Debug, Default)]
enum State {
    /// Not joined, and not ended by anybody: events wait.
    #[default]
    Fresh,
    /// To be joined when the engine is open.
    Waiting(Join),
    /// CONNECT was sent.
    Joining { join: Join, early: EarlyEvents },
    /// The CONNECT reply came.
    Joined(Join),
    /// The game left between CONNECT and its reply. The server must hear of it after the reply, and only then of
    /// the next join.
    Leaving { then: Option<Join> },
    /// Left, refused, ended by the server or lost: events are refused.
    Ended,
}

/// What the connection is ready for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EngineState {
    Idle,
    Opening,
    Open,
}

/// What happens to an event that the game emits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Send,
    Wait,
    Refuse,
}

/// What a CONNECT reply means.
#[derive(Debug)]
pub(super) enum Accepted {
    /// Nothing: it was not asked for.
    Ignored,
    /// The namespace is joined: send what waited, deliver what came early.
    Joined { join: JoinId, early: Vec<Received>, waiting: Vec<WaitingEvent> },
    /// The game has left meanwhile: DISCONNECT, and CONNECT when it wants to join again.
    Left { rejoin: Option<Join> },
}

/// What it means that the server ended a namespace or refused it.
#[derive(Debug)]
pub(super) enum Ended {
    /// Nothing: it was not joined.
    Ignored,
    /// A session ended.
    Left(JoinId),
    /// A join was refused.
    Refused(JoinId),
    /// A join was refused that the game gave up before: CONNECT when it wants to join again.
    GivenUp { rejoin: Option<Join> },
}

/// What an event from the server means.
#[derive(Debug)]
pub(super) enum Arrival {
    /// It is for the game.
    Deliver(Received),
    /// It is kept until the CONNECT reply, or dropped because it is of an earlier session.
    Done,
    /// There is no room to keep it.
    Overflow,
}

/// An event that waits for its namespace to be joined.
#[derive(Debug)]
pub(super) struct WaitingEvent {
    pub(super) payload: Payload,
    pub(super) ack_id: Option<u64>,
}

impl NamespaceSession {
    /// What to do with an event that the game emits now.
    pub(super) fn fate(&self) -> Fate {
        match self.state {
            State::Joined(_) => Fate::Send,
            State::Fresh | State::Waiting(_) | State::Joining { .. } | State::Leaving { then: Some(_) } => {
                Fate::Wait
            }
            State::Leaving { then: None } | State::Ended => Fate::Refuse,
        }
    }

    /// The join that the game is in.
    pub(super) fn joined(&self) -> Option<JoinId> {
        if let State::Joined(join) = &self.state { Some(join.join) } else { None }
    }

    /// The join that was last asked for, if nothing has ended it.
    pub(super) fn wanted(&self) -> Option<JoinId> {
        match &self.state {
            State::Waiting(join)
            | State::Joining { join, .. }
            | State::Joined(join)
            | State::Leaving { then: Some(join) } => Some(join.join),
            State::Fresh | State::Leaving { then: None } | State::Ended => None,
        }
    }

    /// Whether the open engine has carried a session of this namespace before.
    pub(super) fn had_session(&self) -> bool {
        self.had_session
    }

    /// Whether a CONNECT was sent that the server has not answered.
    pub(super) fn is_unanswered(&self) -> bool {
        matches!(self.state, State::Joining { .. } | State::Leaving { .. })
    }

    /// Counts the ids of events that want an answer, from 0 and never again from the start (S11).
    pub(super) fn take_ack_id(&mut self) -> u64 {
        let id = self.next_ack_id;
        self.next_ack_id = id.wrapping_add(1);
        id
    }

    /// Keeps an event. Returns what [`forget_waiting`](Self::forget_waiting) takes.
    pub(super) fn wait(&mut self, event: WaitingEvent) -> u64 {
        self.waiting.push(event)
    }

    /// Drops an event that still waits.
    pub(super) fn forget_waiting(&mut self, position: u64) {
        self.waiting.remove(position);
    }

    pub(super) fn waiting_bytes(&self) -> usize {
        self.waiting.bytes
    }

    pub(super) fn waiting_events(&self) -> usize {
        self.waiting.events.len()
    }

    /// The game joins. Returns the join to send a CONNECT for.
    pub(super) fn join(&mut self, join: Join, engine: EngineState) -> Option<&Join> {
        match (&mut self.state, engine) {
            // Never a second CONNECT (S9).
            (State::Joining { .. } | State::Joined(_), _) => None,
            (State::Leaving { then }, _) => {
                *then = Some(join);
                None
            }
            (State::Fresh | State::Waiting(_) | State::Ended, EngineState::Open) => self.start(join),
            (state @ (State::Fresh | State::Waiting(_) | State::Ended), EngineState::Opening) => {
                *state = State::Waiting(join);
                None
            }
            // The connection was lost while the game asked: as if it had asked a moment earlier.
            (state @ (State::Fresh | State::Waiting(_) | State::Ended), EngineState::Idle) => {
                *state = State::Fresh;
                None
            }
        }
    }

    /// The engine opened. Returns the join to send a CONNECT for.
    pub(super) fn engine_opened(&mut self) -> Option<&Join> {
        match mem::take(&mut self.state) {
            State::Waiting(join) => self.start(join),
            state => {
                self.state = state;
                None
            }
        }
    }

    /// The game leaves. Returns whether a DISCONNECT must be sent.
    pub(super) fn leave(&mut self) -> bool {
        self.waiting.clear();
        let (state, disconnect) = match self.state {
            State::Joined(_) => (State::Ended, true),
            State::Joining { .. } | State::Leaving { .. } => (State::Leaving { then: None }, false),
            State::Fresh | State::Waiting(_) | State::Ended => (State::Ended, false),
        };
        self.state = state;
        disconnect
    }

    /// The game closes the connection. A namespace that it never joined has not ended with it.
    pub(super) fn close(&mut self) {
        self.waiting.clear();
        self.had_session = false;
        if !matches!(self.state, State::Fresh) {
            self.state = State::Ended;
        }
    }

    /// A CONNECT reply came.
    pub(super) fn accepted(&mut self) -> Accepted {
        match mem::take(&mut self.state) {
            State::Joining { join, early } => {
                let id = join.join;
                self.state = State::Joined(join);
                self.had_session = true;
                Accepted::Joined { join: id, early: early.events, waiting: self.waiting.take_all() }
            }
            State::Leaving { then } => {
                self.had_session = true;
                let rejoin = self.give_up(then);
                Accepted::Left { rejoin }
            }
            state => {
                self.state = state;
                Accepted::Ignored
            }
        }
    }

    /// A CONNECT_ERROR came.
    pub(super) fn refused(&mut self) -> Ended {
        match mem::take(&mut self.state) {
            State::Joining { join, .. } => {
                self.state = State::Ended;
                Ended::Refused(join.join)
            }
            State::Leaving { then } => Ended::GivenUp { rejoin: self.give_up(then) },
            state => {
                self.state = state;
                Ended::Ignored
            }
        }
    }

    /// A DISCONNECT came.
    pub(super) fn disconnected(&mut self) -> Ended {
        match mem::take(&mut self.state) {
            State::Joined(join) => {
                self.state = State::Ended;
                Ended::Left(join.join)
            }
            state => {
                self.state = state;
                self.refused()
            }
        }
    }

    /// The connection is gone. Returns the join that ended with it.
    pub(super) fn engine_lost(&mut self) -> Option<JoinId> {
        self.had_session = false;
        let mut ended = None;
        self.state = match mem::take(&mut self.state) {
            State::Joined(join) => {
                ended = Some(join.join);
                State::Ended
            }
            State::Fresh | State::Waiting(_) | State::Joining { .. } | State::Leaving { then: Some(_) } => {
                State::Fresh
            }
            State::Leaving { then: None } | State::Ended => State::Ended,
        };
        ended
    }

    /// An event came. Until `room` bytes are full it may come before the CONNECT reply, as the events that a
    /// recovered session has missed do (S16).
    pub(super) fn received(&mut self, mut event: Received, room: usize) -> Arrival {
        match &mut self.state {
            State::Joined(join) => {
                event.join = join.join;
                Arrival::Deliver(event)
            }
            State::Joining { join, early } if !self.had_session => {
                event.join = join.join;
                if early.push(event, room) { Arrival::Done } else { Arrival::Overflow }
            }
            _ => Arrival::Done,
        }
    }

    fn start(&mut self, join: Join) -> Option<&Join> {
        self.state = State::Joining { join, early: EarlyEvents::default() };
        if let State::Joining { join, .. } = &self.state { Some(join) } else { None }
    }

    /// Ends a join that the game gave up, and begins the next one. Returns the join to send a CONNECT for.
    fn give_up(&mut self, then: Option<Join>) -> Option<Join> {
        let Some(join) = then else {
            self.state = State::Ended;
            return None;
        };
        self.start(join).cloned()
    }
}

/// The events that came before the CONNECT reply.
#[derive(Debug, Default)]
struct EarlyEvents {
    events: Vec<Received>,
    bytes: usize,
}

impl EarlyEvents {
    fn push(&mut self, event: Received, room: usize) -> bool {
        let size =
            event.name.len().saturating_add(event.arguments.size()).saturating_add(size_of::<Received>());
        self.bytes = self.bytes.saturating_add(size);
        if self.bytes > room {
            return false;
        }
        self.events.push(event);
        true
    }
}

/// Events in the order in which they were emitted.
#[derive(Debug, Default)]
struct WaitingEvents {
    events: BTreeMap<u64, WaitingEvent>,
    next_position: u64,
    bytes: usize,
}

impl WaitingEvents {
    fn push(&mut self, event: WaitingEvent) -> u64 {
        let position = self.next_position;
        self.next_position = position.wrapping_add(1);
        self.bytes = self.bytes.saturating_add(event.payload.size());
        self.events.insert(position, event);
        position
    }

    fn remove(&mut self, position: u64) {
        if let Some(event) = self.events.remove(&position) {
            self.bytes = self.bytes.saturating_sub(event.payload.size());
        }
    }

    fn take_all(&mut self) -> Vec<WaitingEvent> {
        self.bytes = 0;
        mem::take(&mut self.events).into_values().collect()
    }

    fn clear(&mut self) {
        self.bytes = 0;
        self.events.clear();
    }
}
