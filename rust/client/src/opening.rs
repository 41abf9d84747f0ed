//! A transport that is being opened.

use std::io;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use polling::Event;
use socketio_protocol::{ConnectError, Limits, TransportName};

use crate::connecting::Connecting;
use crate::diagnosis::{self, Late};
use crate::long_polling::{PollingHandshake, Requests};
use crate::site::Site;
use crate::stream::Stream;
use crate::transport::Transport;
use crate::upgrade::{self, Upgrade, UpgradeError};
use crate::websocket::WebSocketTransport;

/// How long long-polling has to be opened where no WebSocket could be.
const FALLBACK_PATIENCE: Duration = Duration::from_secs(5);

/// A transport that is being opened: a WebSocket, or long-polling where the way lets no WebSocket through. Dropping it
/// gives it up.
pub(crate) struct Opening {
    site: Arc<Site>,
    target: String,
    cookies: Option<String>,
    limits: Limits,
    phase: Phase,
    fallback: Fallback,
}

enum Phase {
    Connecting(Connecting),
    Upgrading(Upgrade),
    Polling(PollingHandshake),
    /// It has opened or failed.
    Over,
}

/// What follows a WebSocket that could not be opened.
enum Fallback {
    Allowed,
    /// The session is there already, on another transport.
    NotAllowed,
    /// It is under way, until then. The error is the WebSocket's.
    Tried(Box<ConnectError>, Instant),
}

/// What a phase comes to.
enum Step {
    /// It waits for a socket.
    Wait(Phase),
    Next(Phase),
    Done(Transport),
}

impl Opening {
    /// Begins to open a transport, with the one of that name first.
    ///
    /// # Errors
    /// When the options are unusable, or no thread can be started for the look-up.
    pub(crate) fn start(
        site: &Arc<Site>,
        first: TransportName,
        limits: Limits,
        now: Instant,
    ) -> Result<Self, Box<ConnectError>> {
        let phase = match first {
            TransportName::WebSocket => Phase::Connecting(Connecting::start(site)?),
            TransportName::Polling => {
                let handshake = PollingHandshake::start(site, limits, now);
                Phase::Polling(handshake.map_err(|error| diagnosis::polling(site, error))?)
            }
        };
        let target = site.endpoint.target(TransportName::WebSocket, None);
        let site = Arc::clone(site);
        Ok(Self { site, target, cookies: None, limits, phase, fallback: Fallback::Allowed })
    }

    /// Begins to open a WebSocket for a session that is there already (S22).
    ///
    /// # Errors
    /// When no thread can be started for the look-up.
    pub(crate) fn upgrade(requests: &Requests, limits: Limits) -> Result<Self, Box<ConnectError>> {
        let site = Arc::clone(requests.site());
        let phase = Phase::Connecting(Connecting::start(&site)?);
        let target = requests.target(TransportName::WebSocket);
        Ok(Self { site, target, cookies: requests.cookies(), limits, phase, fallback: Fallback::NotAllowed })
    }

    /// What it is waiting for, as the message of a time-out.
    pub(crate) fn late(&self) -> String {
        let step = match &self.phase {
            Phase::Connecting(connecting) => connecting.late(),
            Phase::Upgrading(_) => Late::WebSocket,
            Phase::Polling(handshake) => handshake.late(),
            Phase::Over => Late::Tcp,
        };
        diagnosis::late(&self.site.endpoint, step)
    }

    /// Whether the server is there, and has been asked for a transport.
    pub(crate) fn is_asking(&self) -> bool {
        match &self.phase {
            Phase::Connecting(_) | Phase::Over => false,
            Phase::Upgrading(_) => true,
            Phase::Polling(handshake) => handshake.late() == Late::Polling,
        }
    }

    /// Gets on as far as the sockets allow; returns the transport once it is open.
    pub(crate) fn advance(&mut self, now: Instant) -> Result<Option<Transport>, Box<ConnectError>> {
        loop {
            let phase = mem::replace(&mut self.phase, Phase::Over);
            match self.step(phase, now)? {
                Step::Wait(phase) => {
                    self.phase = phase;
                    return Ok(None);
                }
                Step::Next(phase) => self.phase = phase,
                Step::Done(transport) => return Ok(Some(transport)),
            }
        }
    }

    fn step(&mut self, phase: Phase, now: Instant) -> Result<Step, Box<ConnectError>> {
        match phase {
            Phase::Connecting(mut connecting) => Ok(match connecting.advance(now)? {
                None => Step::Wait(Phase::Connecting(connecting)),
                Some(stream) => Step::Next(Phase::Upgrading(self.ask(stream))),
            }),
            Phase::Upgrading(upgrade) => match upgrade.advance(now) {
                Ok(upgrade::Progress::Pending(upgrade)) => Ok(Step::Wait(Phase::Upgrading(upgrade))),
                Ok(upgrade::Progress::Done(stream, rest)) => {
                    let websocket = WebSocketTransport::new(stream, rest, self.limits);
                    Ok(Step::Done(Transport::WebSocket(Box::new(websocket))))
                }
                Err(error) => self.fall_back(&error, now),
            },
            Phase::Polling(handshake) => self.poll(handshake, now),
            Phase::Over => Ok(Step::Wait(Phase::Over)),
        }
    }

    fn ask(&self, stream: Stream) -> Upgrade {
        Upgrade::new(stream, &self.site, &self.target, self.cookies.as_deref())
    }

    /// Goes on with long-polling, where that may be what the way to the server lets through.
    fn fall_back(&mut self, error: &UpgradeError, now: Instant) -> Result<Step, Box<ConnectError>> {
        let diagnosis = diagnosis::upgrade(&self.site, error);
        if !matches!(self.fallback, Fallback::Allowed) || !error.leaves_polling() {
            return Err(diagnosis);
        }
        let Ok(handshake) = PollingHandshake::start(&self.site, self.limits, now) else {
            return Err(diagnosis);
        };
        self.fallback = Fallback::Tried(diagnosis, now + FALLBACK_PATIENCE);
        Ok(Step::Next(Phase::Polling(handshake)))
    }

    fn poll(&mut self, mut handshake: PollingHandshake, now: Instant) -> Result<Step, Box<ConnectError>> {
        let is_late = matches!(self.fallback, Fallback::Tried(_, until) if now >= until);
        let error = match handshake.advance(now) {
            Ok(Some(transport)) => return Ok(Step::Done(Transport::Polling(Box::new(transport)))),
            Ok(None) if !is_late => return Ok(Step::Wait(Phase::Polling(handshake))),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        match (mem::replace(&mut self.fallback, Fallback::NotAllowed), error) {
            // Long-polling was a guess, which tells nothing by being wrong, unless the server itself refuses it.
            (Fallback::Tried(websocket, _), error) => Err(error
                .and_then(|error| diagnosis::polling_refused(&self.site, error))
                .unwrap_or(websocket)),
            (_, Some(error)) => Err(diagnosis::polling(&self.site, error)),
            (_, None) => Ok(Step::Wait(Phase::Polling(handshake))),
        }
    }

    /// When to call [`Opening::advance`] though no socket is ready.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let phase = match &self.phase {
            Phase::Connecting(connecting) => connecting.deadline(),
            Phase::Upgrading(upgrade) => upgrade.deadline(),
            Phase::Polling(handshake) => handshake.deadline(),
            Phase::Over => None,
        };
        let fallback = if let Fallback::Tried(_, until) = self.fallback { Some(until) } else { None };
        phase.into_iter().chain(fallback).min()
    }

    pub(crate) fn on_ready(&mut self, event: Event) {
        match &mut self.phase {
            Phase::Connecting(connecting) => connecting.on_ready(event),
            Phase::Upgrading(upgrade) => upgrade.stream().socket().on_ready(event),
            Phase::Polling(handshake) => handshake.on_ready(event),
            Phase::Over => {}
        }
    }

    pub(crate) fn arm(&mut self) -> io::Result<()> {
        match &mut self.phase {
            Phase::Connecting(connecting) => connecting.arm(),
            Phase::Upgrading(upgrade) => upgrade.stream().socket().arm(true),
            Phase::Polling(handshake) => handshake.arm(),
            Phase::Over => Ok(()),
        }
    }
}
