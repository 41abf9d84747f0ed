//! What all connections of one transport have in common.

use std::fmt::{self, Write as _};
use std::sync::{Arc, OnceLock};

use native_tls::TlsConnector;
use socketio_protocol::{ConnectError, ConnectErrorCode, Endpoint, Secrets};

use crate::diagnosis;
use crate::header::check_header;
use crate::tls::TlsOptions;
use crate::waker::Waker;

/// Some firewalls let no request without it pass.
const USER_AGENT: &str = concat!("Socket.IO-Godot/", env!("CARGO_PKG_VERSION"));

/// How to open transports, besides the [`Endpoint`]. Its `Debug` shows the names of the headers only.
#[derive(Clone, Default)]
pub struct TransportOptions {
    /// TLS settings, for `wss` and `https`.
    pub tls: TlsOptions,
    /// Headers sent with every HTTP request; [`check_header`] tells which can be. `Host`, `User-Agent` and
    /// `Authorization` replace the client's own.
    pub headers: Vec<(String, String)>,
}

impl fmt::Debug for TransportOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("TransportOptions").field("tls", &self.tls).field("headers", &names).finish()
    }
}

/// Where connections go, and how they are made.
pub(crate) struct Site {
    pub(crate) endpoint: Endpoint,
    pub(crate) options: TransportOptions,
    pub(crate) waker: Arc<Waker>,
    connector: OnceLock<TlsConnector>,
    secrets: Secrets,
}

impl Site {
    /// # Errors
    /// When a header cannot be sent.
    pub(crate) fn new(
        endpoint: Endpoint,
        options: TransportOptions,
        waker: &Arc<Waker>,
    ) -> Result<Self, Box<ConnectError>> {
        for (name, value) in &options.headers {
            check_header(name, value)
                .map_err(|error| Box::new(ConnectError::new(ConnectErrorCode::Unknown, error.to_string())))?;
        }
        let secrets = Secrets::new(&endpoint, &options.headers);
        Ok(Self { endpoint, options, waker: Arc::clone(waker), connector: OnceLock::new(), secrets })
    }

    /// With other secrets than those of the requests.
    pub(crate) fn with_secrets(self, secrets: Secrets) -> Self {
        Self { secrets, ..self }
    }

    /// What opens TLS streams. Reading the system's roots takes its time, so that it is done once.
    ///
    /// # Errors
    /// When the TLS settings are unusable.
    pub(crate) fn connector(&self) -> Result<&TlsConnector, Box<ConnectError>> {
        if let Some(connector) = self.connector.get() {
            return Ok(connector);
        }
        let connector = self.options.tls.connector();
        let connector = connector.map_err(|reason| diagnosis::tls_setup(&self.options.tls, &reason))?;
        Ok(self.connector.get_or_init(|| connector))
    }

    /// The name that a certificate must have.
    pub(crate) fn server_name(&self) -> &str {
        self.options.tls.server_name(self.endpoint.host())
    }

    /// What a server's text must not bring into an error.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The head of a request, with these headers and those of the game, which replace the client's own.
    pub(crate) fn request(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> String {
        let given = &self.options.headers;
        let is_given = |wanted: &str| given.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let mut request = format!("{method} {target} HTTP/1.1\r\n");
        let mut add = |name: &str, value: &str| {
            // Writing to a string cannot fail.
            let _ = write!(request, "{name}: {value}\r\n");
        };
        if !is_given("Host") {
            add("Host", self.endpoint.host_header());
        }
        for (name, value) in headers {
            add(name, value);
        }
        if !is_given("User-Agent") {
            add("User-Agent", USER_AGENT);
        }
        if let Some(authorization) = self.endpoint.authorization()
            && !is_given("Authorization")
        {
            add("Authorization", authorization);
        }
        for (name, value) in given {
            if !headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)) {
                add(name, value);
            }
        }
        request.push_str("\r\n");
        request
    }
}
