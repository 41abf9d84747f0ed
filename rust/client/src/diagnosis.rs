//! What went wrong while connecting, in words that a game developer can act on.

use std::fmt;
use std::io;
use std::net::{Ipv6Addr, SocketAddr};
use std::time::SystemTime;

use socketio_protocol::masking::clean;
use socketio_protocol::{ConnectError, ConnectErrorCode, Detail, Endpoint};

use crate::answer::AnswerError;
use crate::dialer::DialError;
use crate::http::RequestError;
use crate::long_polling::{HandshakeError, PollError};
use crate::refusal::Refusal;
use crate::site::Site;
use crate::tls::{Roots, TlsOptions};
use crate::tls_fault;
use crate::upgrade::UpgradeError;

/// Where the connection was going to, as `host:port`.
pub(crate) struct Peer<'a>(pub(crate) &'a Endpoint);

impl fmt::Display for Peer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, port) = (self.0.name(), self.0.port());
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// The step of connecting that took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Late {
    Name,
    Tcp,
    Tls,
    WebSocket,
    Polling,
}

/// Says which step took too long.
pub(crate) fn late(endpoint: &Endpoint, step: Late) -> String {
    let peer = Peer(endpoint);
    match step {
        Late::Name => format!(
            "The host name of {peer} could not be looked up in time: check the internet connection and its name server"
        ),
        Late::Tcp => format!(
            "{peer} did not answer in time: check the URL's host and port, and that no firewall is in the way"
        ),
        Late::Tls => format!(
            "{peer} did not answer in time: it took the connection, but not the TLS handshake. Check that the port is one \
             for https or wss"
        ),
        Late::WebSocket => format!(
            "{peer} did not answer in time: it took the connection, but not the WebSocket handshake. Check that the port \
             is that of a Socket.IO server, and not one for https or wss"
        ),
        Late::Polling => format!(
            "{peer} did not answer in time: it took the connection, but not the request for long-polling. Check that the \
             port is that of a Socket.IO server, and not one for https or wss"
        ),
    }
}

/// No TCP connection.
pub(crate) fn dial(endpoint: &Endpoint, error: &DialError) -> Box<ConnectError> {
    let peer = Peer(endpoint);
    let attempts = match error {
        DialError::Dns(error) => {
            let message = format!(
                "The host name of {peer} could not be resolved ({error}): check its spelling and the internet \
                 connection (on Android also the INTERNET permission in the export preset)"
            );
            return failure(ConnectErrorCode::Dns, message);
        }
        DialError::Tcp(attempts) => attempts,
    };
    let refused = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    // A refusal says most: the host is there.
    let worst = attempts.iter().find(|(_, error)| refused(error)).or(attempts.last());
    let Some((_, error)) = worst else {
        return failure(ConnectErrorCode::Unknown, format!("{peer} could not be connected to"));
    };
    let tried = tried(attempts);
    match error.kind() {
        io::ErrorKind::ConnectionRefused => failure(
            ConnectErrorCode::Refused,
            format!(
                "{peer} refused the connection{tried}: is the server running, and does it listen on this port?"
            ),
        ),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => failure(
            ConnectErrorCode::Refused,
            format!(
                "{peer} took the connection and broke it off at once{tried}: is the server starting or overloaded, or a \
                 firewall in the way? ({error})"
            ),
        ),
        io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable
        | io::ErrorKind::TimedOut => failure(
            ConnectErrorCode::Unreachable,
            format!("{peer} cannot be reached{tried}: check the address and the network ({error})"),
        ),
        // A link-local address is one of each interface.
        io::ErrorKind::InvalidInput if host_needs_zone(endpoint) => failure(
            ConnectErrorCode::Unreachable,
            format!(
                "{peer} is at no network interface that is known: type its name or number in the URL, such as \
                 \"http://[{}%eth0]:{}\"",
                endpoint.host(),
                endpoint.port()
            ),
        ),
        io::ErrorKind::PermissionDenied => failure(
            ConnectErrorCode::Unreachable,
            format!(
                "The system does not let the game connect to {peer}{tried} ({error}): check the firewall (on \
                 Android the INTERNET permission in the export preset)"
            ),
        ),
        _ => failure(ConnectErrorCode::Unknown, format!("{peer} could not be connected to{tried}: {error}")),
    }
}

fn host_needs_zone(endpoint: &Endpoint) -> bool {
    let is_link_local =
        endpoint.host().parse().is_ok_and(|address: Ipv6Addr| address.is_unicast_link_local());
    is_link_local && endpoint.name() == endpoint.host()
}

/// TLS cannot even begin.
pub(crate) fn tls_setup(options: &TlsOptions, reason: &str) -> Box<ConnectError> {
    let reason = clean(reason);
    let message = match options.roots {
        Roots::Only(_) => format!(
            "The certificates of the TLS options cannot be used: they must be X.509 in PEM format ({reason})"
        ),
        Roots::System => format!("The system's TLS could not be set up ({reason})"),
    };
    failure(ConnectErrorCode::Tls, message)
}

/// The TLS handshake failed.
pub(crate) fn tls(endpoint: &Endpoint, options: &TlsOptions, error: &native_tls::Error) -> Box<ConnectError> {
    failure(ConnectErrorCode::Tls, tls_fault::describe(endpoint, options, error))
}

/// The WebSocket handshake failed.
pub(crate) fn upgrade(site: &Site, error: &UpgradeError) -> Box<ConnectError> {
    match error {
        UpgradeError::NoAnswer(error) => no_answer(site, error),
        UpgradeError::NotWebSocket(what) => failure(
            ConnectErrorCode::NotSocketIo,
            format!(
                "{} is not a WebSocket server: its answer is wrong ({what}). Is a proxy in between?",
                Peer(&site.endpoint)
            ),
        ),
        UpgradeError::Refused(refusal) => refused(site, refusal),
    }
}

/// Long-polling failed.
pub(crate) fn polling(site: &Site, error: HandshakeError) -> Box<ConnectError> {
    match error {
        HandshakeError::Poll(PollError::Request(RequestError::Connect(error))) => error,
        HandshakeError::Poll(PollError::Request(RequestError::Answer(error))) => no_answer(site, &error),
        HandshakeError::Poll(PollError::Refused(refusal)) => refused(site, &refusal),
        HandshakeError::Poll(PollError::Body(error)) => failure(
            ConnectErrorCode::NotSocketIo,
            format!("{} is not a Socket.IO server: {error}", Peer(&site.endpoint)),
        ),
        HandshakeError::NotSocketIo(bytes) => failure(
            ConnectErrorCode::NotSocketIo,
            format!(
                "{} is not a Socket.IO server: it answered {:?}. Check the URL's host, port and path",
                Peer(&site.endpoint),
                quoted(site, &bytes)
            ),
        ),
    }
}

/// Why a Socket.IO server refused long-polling, if it was one. It says more than the refusal of the WebSocket before.
pub(crate) fn polling_refused(site: &Site, error: HandshakeError) -> Option<Box<ConnectError>> {
    let HandshakeError::Poll(PollError::Refused(refusal)) = &error else { return None };
    refusal.is_about_client().then(|| polling(site, error))
}

/// A session by long-polling has broken off.
pub(crate) fn polling_lost(site: &Site, error: &PollError) -> Detail {
    match error {
        PollError::Request(error) => clean(&error.to_string()).into(),
        PollError::Refused(refusal) => {
            Detail { told: "the server answered".to_owned(), said: answered(site, refusal) }
        }
        PollError::Body(error) => clean(&error.to_string()).into(),
    }
}

/// What a server answered, in short.
fn answered(site: &Site, refusal: &Refusal) -> String {
    let text = body_text(&site.secrets().hidden_in(&String::from_utf8_lossy(&refusal.body)));
    let said = if text.is_empty() { String::new() } else { format!(": \"{text}\"") };
    let reason = clean(&site.secrets().hidden_in(&refusal.head.reason));
    let status = format!("HTTP {} {reason}", refusal.head.status);
    format!("{}{said}", status.trim_end())
}

/// The beginning of what came in place of an answer.
fn quoted(site: &Site, bytes: &[u8]) -> String {
    clean(&site.secrets().hidden_in(&String::from_utf8_lossy(bytes)))
}

/// The WebSocket or long-polling got no answer.
fn no_answer(site: &Site, error: &AnswerError) -> Box<ConnectError> {
    let endpoint = &site.endpoint;
    let peer = Peer(endpoint);
    let tls_hint = if endpoint.secure() { "" } else { "; if the server uses TLS, write https:// in the URL" };
    match error {
        AnswerError::Io(error) => failure(
            ConnectErrorCode::NotSocketIo,
            format!("{peer} broke the connection off without an answer ({error}){tls_hint}"),
        ),
        AnswerError::Closed => failure(
            ConnectErrorCode::NotSocketIo,
            format!(
                "{peer} closed the connection without an answer: check that a Socket.IO server answers at the path \
                 {}{}{tls_hint}",
                endpoint.path(),
                namespace_hint(endpoint)
            ),
        ),
        // A TLS alert, or the handshake record of an impatient server.
        AnswerError::NotHttp(bytes) if matches!(bytes.as_slice(), [0x15 | 0x16, 0x03, ..] | [0x15]) => {
            failure(ConnectErrorCode::Tls, format!("{peer} speaks TLS: use https:// in the URL"))
        }
        AnswerError::NotHttp(bytes) => failure(
            ConnectErrorCode::NotSocketIo,
            format!(
                "{peer} is not a web server, it answered {:?}: check the host and the port",
                quoted(site, bytes)
            ),
        ),
        AnswerError::TooLong => failure(
            ConnectErrorCode::NotSocketIo,
            format!("{peer} answered with endless headers: check the host and the port"),
        ),
        AnswerError::BadBody => failure(
            ConnectErrorCode::NotSocketIo,
            format!("{peer} answered with a body that is not as its headers say. Is a proxy in between?"),
        ),
    }
}

/// The official client takes a namespace for the path of the URL.
fn namespace_hint(endpoint: &Endpoint) -> String {
    match endpoint.path().strip_suffix("/socket.io/") {
        None | Some("") => String::new(),
        Some(prefix) => format!(
            "; if \"{prefix}\" is a namespace, leave it out of the URL and join it with create_namespace(\"{prefix}\")"
        ),
    }
}

fn refused(site: &Site, refusal: &Refusal) -> Box<ConnectError> {
    let endpoint = &site.endpoint;
    let peer = Peer(endpoint);
    let path = endpoint.path();
    let is_unsupported = refusal.is_about_version();
    let wants_tls = !endpoint.secure() && refusal.wants_tls();
    let advice = match refusal.head.status {
        _ if is_unsupported => {
            "the server speaks another version: this client needs Socket.IO 3 or later (Engine.IO 4)"
                .to_owned()
        }
        _ if wants_tls => "the server uses TLS: write https:// in the URL".to_owned(),
        300..=399 => match refusal.head.find("Location") {
            Some(location) => {
                format!("the server has moved: connect to {} instead", quoted(site, location.as_bytes()))
            }
            None => "the server has moved, but does not say where to".to_owned(),
        },
        401 | 403 | 407 => {
            "the server does not let this client in: check its credentials, headers and origin \
                            rules"
                .to_owned()
        }
        404 => format!(
            "nothing is at {path}: check the path, and that a Socket.IO server runs there{}",
            namespace_hint(endpoint)
        ),
        426 | 405 | 200..=299 => {
            format!(
                "the answer at {path} is not a WebSocket: check the path, and that a proxy lets WebSocket pass"
            )
        }
        429 => "the server gets too many connections: try again later".to_owned(),
        500..=599 => {
            "the server or the proxy before it is not ready: look at its log, or try again later".to_owned()
        }
        _ => "the server refused the WebSocket connection".to_owned(),
    };
    let code = if is_unsupported {
        ConnectErrorCode::UnsupportedVersion
    } else if wants_tls {
        ConnectErrorCode::Tls
    } else {
        ConnectErrorCode::HttpStatus
    };
    let mut error = failure(code, format!("{peer} answered {}; {advice}", answered(site, refusal)));
    error.http_status = Some(refusal.head.status);
    error.retry_after = refusal.retry_after(SystemTime::now());
    error
}

fn failure(code: ConnectErrorCode, message: String) -> Box<ConnectError> {
    Box::new(ConnectError::new(code, message))
}

/// A refusal's body for a message. Of a web page only the title is worth showing.
fn body_text(text: &str) -> String {
    if !text.trim_start().starts_with('<') {
        return clean(text);
    }
    let title = text.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    title.map(|(title, _)| clean(title)).unwrap_or_default()
}

/// The addresses behind a name, where they are not what the message names already.
fn tried(attempts: &[(SocketAddr, io::Error)]) -> String {
    let addresses: Vec<_> = attempts.iter().map(|(address, _)| address.ip().to_string()).collect();
    match addresses.as_slice() {
        [] | [_] => String::new(),
        addresses => format!(" (tried {})", addresses.join(" and ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_page_is_reduced_to_its_title() {
        assert_eq!(body_text("<html><head><title>502 Bad\nGateway</title></head>"), "502 Bad Gateway");
        assert_eq!(body_text("<html>no title"), "");
        assert_eq!(body_text("Forbidden\n"), "Forbidden");
    }

    #[test]
    fn a_path_that_may_be_a_namespace_is_told_of() {
        let hint = |url| namespace_hint(&Endpoint::parse(url).unwrap());
        assert_eq!(hint("ws://h"), "");
        assert_eq!(
            hint("ws://h/chat"),
            "; if \"/chat\" is a namespace, leave it out of the URL and join it with create_namespace(\"/chat\")"
        );
    }
}
