//! The states of a namespace, and all ways between them.

use std::mem;

use super::recovery::Recovery;
use super::retries::RetryQueue;
use super::waiting::{EarlyEvents, WaitingEvent, WaitingEvents};
use crate::{Auth, Join, JoinId, Received, SessionNumber};

/// A namespace, from the first time that the game names it. Each method is one thing that can happen to it, makes
/// the transition, and returns what the session has to do about it.
#[derive(Debug, Default)]
pub(super) struct NamespaceSession {
    state: State,
    pub(super) waiting: WaitingEvents,
    pub(super) retries: RetryQueue,
    recovery: Option<Recovery>,
    next_ack_id: u64,
    sessions: u64,
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
    /// To be joined when the game has said with which auth.
    Asking(Join),
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
    /// It is being opened, or will be.
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

/// What has to be done to join.
#[derive(Debug)]
pub(super) enum Start {
    /// Send a CONNECT with this auth.
    Connect { join: Join, auth: Option<Box<str>> },
    /// Ask the game for the auth.
    Ask(Join),
}

/// What a CONNECT reply means.
#[derive(Debug)]
pub(super) enum Accepted {
    /// Nothing: it was not asked for.
    Ignored,
    /// The namespace is joined: deliver what came early, send what waited.
    Joined { join: JoinId, recovered: bool, early: Vec<Received>, waiting: Vec<WaitingEvent> },
    /// The game has left meanwhile: DISCONNECT, and join again if it wants to.
    Left { rejoin: Option<Start> },
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
    /// A join was refused that the game gave up before: join again if it wants to.
    GivenUp { rejoin: Option<Start> },
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

impl State {
    fn join_mut(&mut self) -> Option<&mut Join> {
        match self {
            Self::Waiting(join)
            | Self::Asking(join)
            | Self::Joining { join, .. }
            | Self::Joined(join)
            | Self::Leaving { then: Some(join) } => Some(join),
            Self::Fresh | Self::Leaving { then: None } | Self::Ended => None,
        }
    }
}

impl NamespaceSession {
    /// What to do with an event that the game emits now.
    pub(super) fn fate(&self) -> Fate {
        match self.state {
            State::Joined(_) => Fate::Send,
            State::Fresh
            | State::Waiting(_)
            | State::Asking(_)
            | State::Joining { .. }
            | State::Leaving { then: Some(_) } => Fate::Wait,
            State::Leaving { then: None } | State::Ended => Fate::Refuse,
        }
    }

    /// Whether the CONNECT reply has come.
    pub(super) fn is_joined(&self) -> bool {
        matches!(self.state, State::Joined(_))
    }

    /// The session that the game is in.
    pub(super) fn session(&self) -> Option<SessionNumber> {
        self.is_joined().then_some(SessionNumber(self.sessions))
    }

    /// Whether the game has asked for a join that nothing has ended.
    pub(super) fn is_wanted(&self) -> bool {
        !matches!(self.state, State::Fresh | State::Leaving { then: None } | State::Ended)
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

    /// The game joins, or gives the join that it is in another auth for the next time.
    pub(super) fn join(&mut self, join: Join, engine: EngineState) -> Option<Start> {
        if let Some(current) = self.state.join_mut()
            && current.join == join.join
        {
            current.auth = join.auth;
            return None;
        }
        match (&mut self.state, engine) {
            // Never a second CONNECT (S9).
            (State::Joining { .. } | State::Joined(_), _) => None,
            (State::Leaving { then }, _) => {
                *then = Some(join);
                None
            }
            (_, EngineState::Open) => Some(self.start(join)),
            (state, EngineState::Opening) => {
                *state = State::Waiting(join);
                None
            }
            // The connection was given up while the game asked: as if it had asked a moment earlier.
            (state, EngineState::Idle) => {
                *state = State::Fresh;
                None
            }
        }
    }

    /// The game says with which auth to join.
    pub(super) fn authorize(&mut self, id: JoinId, auth: Option<Box<str>>) -> Option<Start> {
        match mem::take(&mut self.state) {
            State::Asking(join) if join.join == id => Some(self.connect(join, auth)),
            state => {
                self.state = state;
                None
            }
        }
    }

    /// The join that a CONNECT is due for when the engine opens.
    pub(super) fn awaits_engine(&self) -> Option<JoinId> {
        if let State::Waiting(join) = &self.state { Some(join.join) } else { None }
    }

    /// The engine opened.
    pub(super) fn engine_opened(&mut self) -> Option<Start> {
        match mem::take(&mut self.state) {
            State::Waiting(join) => Some(self.start(join)),
            state => {
                self.state = state;
                None
            }
        }
    }

    /// The game leaves. Returns whether a DISCONNECT must be sent.
    pub(super) fn leave(&mut self) -> bool {
        self.forget();
        let (state, disconnect) = match self.state {
            State::Joined(_) => (State::Ended, true),
            State::Joining { .. } | State::Leaving { .. } => (State::Leaving { then: None }, false),
            State::Fresh | State::Waiting(_) | State::Asking(_) | State::Ended => (State::Ended, false),
        };
        self.state = state;
        disconnect
    }

    /// The game closes the connection. A namespace that it never joined has not ended with it.
    pub(super) fn close(&mut self) {
        self.forget();
        self.had_session = false;
        if !matches!(self.state, State::Fresh) {
            self.state = State::Ended;
        }
    }

    /// A CONNECT reply came.
    pub(super) fn accepted(&mut self, private_id: Option<String>, unix_millis: i64) -> Accepted {
        match mem::take(&mut self.state) {
            State::Joining { join, early } => {
                let id = join.join;
                self.state = State::Joined(join);
                self.had_session = true;
                self.sessions = self.sessions.wrapping_add(1);
                let recovered = self.recovers(private_id);
                let mut early = early.into_events();
                for event in &mut early {
                    self.complete(event, id, unix_millis);
                }
                Accepted::Joined { join: id, recovered, early, waiting: self.waiting.take_all() }
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
                self.recovery = None;
                Ended::Refused(join.join)
            }
            State::Leaving { then } => Ended::GivenUp { rejoin: self.give_up(then) },
            State::Joined(join) => {
                self.state = State::Ended;
                self.recovery = None;
                Ended::Left(join.join)
            }
            state => {
                self.state = state;
                Ended::Ignored
            }
        }
    }

    /// A DISCONNECT came.
    pub(super) fn disconnected(&mut self) -> Ended {
        self.refused()
    }

    /// The connection is gone, for a while or for good. Returns the join whose session ended with it.
    pub(super) fn engine_lost(&mut self, retrying: bool) -> Option<JoinId> {
        self.had_session = false;
        let ended = if let State::Joined(join) = &self.state { Some(join.join) } else { None };
        self.state = match mem::take(&mut self.state) {
            State::Leaving { then: None } | State::Ended => State::Ended,
            State::Fresh => State::Fresh,
            State::Waiting(join)
            | State::Asking(join)
            | State::Joining { join, .. }
            | State::Joined(join)
            | State::Leaving { then: Some(join) }
                if retrying =>
            {
                State::Waiting(join)
            }
            State::Joined(_) => State::Ended,
            State::Waiting(_)
            | State::Asking(_)
            | State::Joining { .. }
            | State::Leaving { then: Some(_) } => State::Fresh,
        };
        if !retrying {
            self.recovery = None;
        }
        ended
    }

    /// An event came. Until `room` bytes are full it may come before the CONNECT reply, as the events that a
    /// recovered session has missed do (S16).
    pub(super) fn received(&mut self, mut event: Received, room: usize, unix_millis: i64) -> Arrival {
        match &mut self.state {
            State::Joined(join) => {
                let join = join.join;
                self.complete(&mut event, join, unix_millis);
                Arrival::Deliver(event)
            }
            State::Joining { early, .. } if !self.had_session => {
                if early.push(event, room) {
                    return Arrival::Done;
                }
                // The server would send as much again. Another session is better than none.
                self.recovery = None;
                Arrival::Overflow
            }
            _ => Arrival::Done,
        }
    }

    /// Whether a text at the end of an event that comes now is not for the game, but what the
    /// session is to be restored with.
    pub(super) fn is_offset(&self, text: &str, has_others: bool, unix_millis: i64) -> bool {
        self.recovery.as_ref().is_some_and(|recovery| recovery.is_offset(text, has_others, unix_millis))
    }

    /// What the session is to be restored with.
    pub(super) fn private_id(&self) -> Option<&str> {
        self.recovery.as_ref().map(Recovery::private_id)
    }

    /// Fills in what the packet does not say, and takes off what is not for the game.
    fn complete(&mut self, event: &mut Received, join: JoinId, unix_millis: i64) {
        event.join = join;
        event.session = SessionNumber(self.sessions);
        if event.ack.is_none()
            && let Some(recovery) = &mut self.recovery
        {
            recovery.take_offset(&mut event.arguments, unix_millis);
        }
    }

    /// Notes what the new session can be restored with. Returns whether it is the restored old one.
    fn recovers(&mut self, private_id: Option<String>) -> bool {
        let Some(private_id) = private_id else {
            self.recovery = None;
            return false;
        };
        if let Some(recovery) = &mut self.recovery {
            return recovery.accepted(private_id);
        }
        self.recovery = Some(Recovery::new(private_id));
        false
    }

    fn start(&mut self, join: Join) -> Start {
        match &join.auth {
            Auth::Fresh => {
                self.state = State::Asking(join.clone());
                Start::Ask(join)
            }
            Auth::Fixed(auth) => {
                let auth = auth.clone();
                self.connect(join, auth)
            }
        }
    }

    fn connect(&mut self, join: Join, auth: Option<Box<str>>) -> Start {
        self.state = State::Joining { join: join.clone(), early: EarlyEvents::default() };
        let auth = match &self.recovery {
            Some(recovery) => Some(recovery.add_to(auth.as_deref())),
            None => auth,
        };
        Start::Connect { join, auth }
    }

    /// Ends a join that the game gave up, and begins the next one.
    fn give_up(&mut self, then: Option<Join>) -> Option<Start> {
        let Some(join) = then else {
            self.state = State::Ended;
            return None;
        };
        Some(self.start(join))
    }

    /// Nothing of the game's, or of the session that it has left, is wanted any more.
    fn forget(&mut self) {
        self.waiting.clear();
        self.retries.clear();
        self.recovery = None;
    }
}
