//! A transport that is being opened: address and TCP, TLS, WebSocket handshake.

use std::io;
use std::mem;
use std::sync::Arc;
use std::time::Instant;

use native_tls::{HandshakeError, MidHandshakeTlsStream, TlsConnector, TlsStream};
use polling::Event;
use socketio_protocol::{ConnectError, ConnectErrorCode, Endpoint, Limits};

use crate::diagnosis::{self, Late};
use crate::dialer::Dialer;
use crate::header::check_header;
use crate::socket::Socket;
use crate::stream::Stream;
use crate::tls::TlsOptions;
use crate::transport::Transport;
use crate::upgrade::{self, Upgrade};
use crate::waker::Waker;

/// How to open transports, besides the [`Endpoint`].
#[derive(Debug, Clone, Default)]
pub struct TransportOptions {
    /// TLS settings, for `wss` and `https`.
    pub tls: TlsOptions,
    /// Headers sent with the WebSocket handshake; [`check_header`] tells which can be. `Host`, `User-Agent` and
    /// `Authorization` replace the client's own.
    pub headers: Vec<(String, String)>,
}

/// A transport that is being opened. Dropping it gives it up.
pub(crate) struct Opening {
    endpoint: Endpoint,
    options: TransportOptions,
    limits: Limits,
    connector: Option<TlsConnector>,
    phase: Phase,
}

enum Phase {
    Dialing(Dialer),
    Securing(MidHandshakeTlsStream<Socket>),
    Upgrading(Upgrade),
    /// It has opened or failed.
    Over,
}

/// What a phase comes to.
enum Step {
    /// It waits for a socket.
    Wait(Phase),
    Next(Phase),
    Done(Transport),
}

impl Opening {
    /// Begins to open a transport.
    ///
    /// # Errors
    /// When the options are unusable, or no thread can be started for the look-up.
    pub(crate) fn start(
        endpoint: Endpoint,
        options: TransportOptions,
        limits: Limits,
        waker: &Arc<Waker>,
    ) -> Result<Self, Box<ConnectError>> {
        for (name, value) in &options.headers {
            check_header(name, value)
                .map_err(|error| Box::new(ConnectError::new(ConnectErrorCode::Unknown, error.to_string())))?;
        }
        let dialer = Dialer::start(endpoint.host(), endpoint.port(), waker)
            .map_err(|error| diagnosis::dial(&endpoint, &error))?;
        // After the dialer: the look-up is under way while the system's roots are read.
        let connector = if endpoint.secure() {
            let connector = options.tls.connector();
            Some(connector.map_err(|reason| diagnosis::tls_setup(&options.tls, &reason))?)
        } else {
            None
        };
        Ok(Self { endpoint, options, limits, connector, phase: Phase::Dialing(dialer) })
    }

    /// What it is waiting for, as the message of a time-out.
    pub(crate) fn late(&self) -> String {
        diagnosis::late(
            &self.endpoint,
            match &self.phase {
                Phase::Dialing(dialer) if dialer.is_resolving() => Late::Name,
                Phase::Dialing(_) | Phase::Over => Late::Tcp,
                Phase::Securing(_) => Late::Tls,
                Phase::Upgrading(_) => Late::WebSocket,
            },
        )
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

    fn step(&self, phase: Phase, now: Instant) -> Result<Step, Box<ConnectError>> {
        let step = match phase {
            Phase::Dialing(mut dialer) => {
                match dialer.advance(now).map_err(|error| diagnosis::dial(&self.endpoint, &error))? {
                    None => Step::Wait(Phase::Dialing(dialer)),
                    Some(socket) => match &self.connector {
                        None => self.upgrade(Stream::Plain(socket)),
                        Some(connector) => self.secure(connector.connect(self.server_name(), socket))?,
                    },
                }
            }
            Phase::Securing(handshake) => self.secure(handshake.handshake())?,
            Phase::Upgrading(upgrade) => {
                match upgrade.advance(now).map_err(|error| diagnosis::upgrade(&self.endpoint, &error))? {
                    upgrade::Progress::Pending(upgrade) => Step::Wait(Phase::Upgrading(upgrade)),
                    upgrade::Progress::Done(stream, rest) => {
                        Step::Done(Transport::new(stream, rest, self.limits))
                    }
                }
            }
            Phase::Over => Step::Wait(Phase::Over),
        };
        Ok(step)
    }

    fn secure(
        &self,
        result: Result<TlsStream<Socket>, HandshakeError<Socket>>,
    ) -> Result<Step, Box<ConnectError>> {
        match result {
            Ok(stream) => Ok(self.upgrade(Stream::Tls(Box::new(stream)))),
            Err(HandshakeError::WouldBlock(handshake)) => Ok(Step::Wait(Phase::Securing(handshake))),
            Err(HandshakeError::Failure(error)) => {
                Err(diagnosis::tls(&self.endpoint, &self.options.tls, &error))
            }
        }
    }

    fn upgrade(&self, stream: Stream) -> Step {
        Step::Next(Phase::Upgrading(Upgrade::new(stream, &self.endpoint, &self.options.headers)))
    }

    fn server_name(&self) -> &str {
        self.options.tls.server_name(self.endpoint.host())
    }

    /// When to call [`Opening::advance`] though no socket is ready.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Dialing(dialer) => dialer.deadline(),
            Phase::Securing(_) | Phase::Over => None,
            Phase::Upgrading(upgrade) => upgrade.deadline(),
        }
    }

    pub(crate) fn on_ready(&mut self, event: Event) {
        match &mut self.phase {
            Phase::Dialing(dialer) => dialer.on_ready(event),
            Phase::Securing(handshake) => handshake.get_mut().on_ready(event),
            Phase::Upgrading(upgrade) => upgrade.stream().socket().on_ready(event),
            Phase::Over => {}
        }
    }

    pub(crate) fn arm(&mut self) -> io::Result<()> {
        match &mut self.phase {
            Phase::Dialing(dialer) => dialer.arm(),
            Phase::Securing(handshake) => handshake.get_mut().arm(true),
            Phase::Upgrading(upgrade) => upgrade.stream().socket().arm(true),
            Phase::Over => Ok(()),
        }
    }
}
