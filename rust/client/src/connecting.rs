//! A connection that is being made: address, TCP, TLS.

use std::io;
use std::mem;
use std::sync::Arc;
use std::time::Instant;

use native_tls::{HandshakeError, MidHandshakeTlsStream, TlsStream};
use polling::Event;
use socketio_protocol::ConnectError;

use crate::diagnosis::{self, Late};
use crate::dialer::Dialer;
use crate::site::Site;
use crate::socket::Socket;
use crate::stream::Stream;

/// A connection that is being made. Dropping it gives it up.
pub(crate) struct Connecting {
    site: Arc<Site>,
    phase: Phase,
}

enum Phase {
    Dialing(Dialer),
    Securing(MidHandshakeTlsStream<Socket>),
    /// It is made or has failed.
    Over,
}

impl Connecting {
    /// Begins.
    ///
    /// # Errors
    /// When the TLS settings are unusable, or no thread can be started for the look-up.
    pub(crate) fn start(site: &Arc<Site>) -> Result<Self, Box<ConnectError>> {
        let endpoint = &site.endpoint;
        let dialer = Dialer::start(&endpoint.name(), endpoint.port(), &site.waker)
            .map_err(|error| diagnosis::dial(endpoint, &error))?;
        // After the dialer: the look-up is under way while the system's roots are read.
        if endpoint.secure() {
            site.connector()?;
        }
        Ok(Self { site: Arc::clone(site), phase: Phase::Dialing(dialer) })
    }

    /// What it is waiting for.
    pub(crate) fn late(&self) -> Late {
        match &self.phase {
            Phase::Dialing(dialer) if dialer.is_resolving() => Late::Name,
            Phase::Dialing(_) | Phase::Over => Late::Tcp,
            Phase::Securing(_) => Late::Tls,
        }
    }

    /// Gets on as far as the sockets allow; returns the stream once it is open.
    pub(crate) fn advance(&mut self, now: Instant) -> Result<Option<Stream>, Box<ConnectError>> {
        match mem::replace(&mut self.phase, Phase::Over) {
            Phase::Dialing(mut dialer) => {
                let dialed = dialer.advance(now);
                match dialed.map_err(|error| diagnosis::dial(&self.site.endpoint, &error))? {
                    None => {
                        self.phase = Phase::Dialing(dialer);
                        Ok(None)
                    }
                    Some(socket) if self.site.endpoint.secure() => {
                        let handshake = self.site.connector()?.connect(self.site.server_name(), socket);
                        self.secure(handshake)
                    }
                    Some(socket) => Ok(Some(Stream::Plain(socket))),
                }
            }
            Phase::Securing(handshake) => self.secure(handshake.handshake()),
            Phase::Over => Ok(None),
        }
    }

    fn secure(
        &mut self,
        result: Result<TlsStream<Socket>, HandshakeError<Socket>>,
    ) -> Result<Option<Stream>, Box<ConnectError>> {
        match result {
            Ok(stream) => Ok(Some(Stream::Tls(Box::new(stream)))),
            Err(HandshakeError::WouldBlock(handshake)) => {
                self.phase = Phase::Securing(handshake);
                Ok(None)
            }
            Err(HandshakeError::Failure(error)) => {
                Err(diagnosis::tls(&self.site.endpoint, &self.site.options.tls, &error))
            }
        }
    }

    /// When to call [`Connecting::advance`] though no socket is ready.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        if let Phase::Dialing(dialer) = &self.phase { dialer.deadline() } else { None }
    }

    pub(crate) fn on_ready(&mut self, event: Event) {
        match &mut self.phase {
            Phase::Dialing(dialer) => dialer.on_ready(event),
            Phase::Securing(handshake) => handshake.get_mut().on_ready(event),
            Phase::Over => {}
        }
    }

    pub(crate) fn arm(&mut self) -> io::Result<()> {
        match &mut self.phase {
            Phase::Dialing(dialer) => dialer.arm(),
            Phase::Securing(handshake) => handshake.get_mut().arm(true),
            Phase::Over => Ok(()),
        }
    }
}
