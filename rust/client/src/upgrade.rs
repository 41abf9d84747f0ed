//! The WebSocket handshake (RFC 6455, section 4).
//!
//! tungstenite has one too, but it takes no `Connection: keep-alive, Upgrade`, which proxies send, and drops the
//! text of a refusal, which is where Socket.IO servers say what is wrong.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use socketio_protocol::Endpoint;
use tungstenite::handshake::client::generate_key;
use tungstenite::handshake::derive_accept_key;

use crate::stream::Stream;

/// The longest head of an answer, in bytes.
const MAX_HEAD: usize = 64 * 1024;
/// The most headers of an answer.
const MAX_HEADERS: usize = 128;
/// The most answers before the real one.
const MAX_INTERIM_ANSWERS: usize = 8;
/// How much of a refusal's body is read, in bytes.
const MAX_BODY: usize = 16 * 1024;
/// How long to wait for a refusal's body.
const BODY_PATIENCE: Duration = Duration::from_secs(1);
/// Some firewalls let no request without it pass.
const USER_AGENT: &str = concat!("Socket.IO-Godot/", env!("CARGO_PKG_VERSION"));

/// A WebSocket handshake under way.
pub(crate) struct Upgrade {
    stream: Stream,
    key: String,
    request: Vec<u8>,
    sent: usize,
    answer: Vec<u8>,
    interim_answers: usize,
    /// The refusal whose body is being read, and how long that may take.
    refusal: Option<(Refusal, Instant)>,
}

/// How far a handshake is.
pub(crate) enum Progress {
    Pending(Upgrade),
    /// Done; the bytes are those that came after the answer already.
    Done(Stream, Vec<u8>),
}

/// Why a handshake failed.
#[derive(Debug)]
pub(crate) enum UpgradeError {
    Io(io::Error),
    /// The connection ended before the answer did.
    Closed,
    /// What came is not HTTP. These are its first bytes.
    NotHttp(Vec<u8>),
    /// The head of the answer is too long.
    TooLong,
    /// An answer 101 that does not fit the request.
    NotWebSocket(&'static str),
    /// Any other answer.
    Refused(Refusal),
}

/// An answer other than 101.
#[derive(Debug, Clone, Default)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// The words after the status, such as `Not Found`.
    pub(crate) reason: String,
    pub(crate) location: Option<String>,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Vec<u8>,
    length: BodyLength,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum BodyLength {
    #[default]
    UntilClosed,
    Bytes(usize),
    Chunked,
}

impl Upgrade {
    /// The headers must have passed [`check_header`](crate::check_header).
    pub(crate) fn new(stream: Stream, endpoint: &Endpoint, headers: &[(String, String)]) -> Self {
        let key = generate_key();
        let request = request(endpoint, headers, &key).into_bytes();
        Self { stream, key, request, sent: 0, answer: Vec::new(), interim_answers: 0, refusal: None }
    }

    pub(crate) fn stream(&mut self) -> &mut Stream {
        &mut self.stream
    }

    /// When to call [`Upgrade::advance`] though the socket is not ready.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.refusal.as_ref().map(|(_, deadline)| *deadline)
    }

    /// Gets on.
    pub(crate) fn advance(mut self, now: Instant) -> Result<Progress, UpgradeError> {
        if !self.send()? {
            return Ok(Progress::Pending(self));
        }
        loop {
            let ended = match self.receive() {
                Ok(0) => true,
                Ok(_) => false,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return match self.refusal {
                        Some((refusal, deadline)) if now >= deadline => {
                            Err(UpgradeError::Refused(refusal.with_body(&self.answer)))
                        }
                        _ => Ok(Progress::Pending(self)),
                    };
                }
                // The answer may have come whole before the connection broke.
                Err(_) if self.refusal.is_some() => true,
                Err(error) => return Err(UpgradeError::Io(error)),
            };
            while self.refusal.is_none() {
                match read_head(&self.answer, &self.key)? {
                    Head::Partial if ended => return Err(UpgradeError::Closed),
                    Head::Partial => break,
                    Head::Interim(_) if self.interim_answers == MAX_INTERIM_ANSWERS => {
                        return Err(UpgradeError::TooLong);
                    }
                    Head::Interim(length) => {
                        self.interim_answers += 1;
                        self.answer.drain(..length);
                    }
                    Head::Accepted(length) => {
                        let rest = self.answer.split_off(length);
                        return Ok(Progress::Done(self.stream, rest));
                    }
                    Head::Refused(length, refusal) => {
                        self.answer.drain(..length);
                        self.refusal = Some((refusal, now + BODY_PATIENCE));
                    }
                }
            }
            if let Some((refusal, _)) = &self.refusal
                && (ended || refusal.is_complete(&self.answer))
            {
                return Err(UpgradeError::Refused(refusal.clone().with_body(&self.answer)));
            }
        }
    }

    /// Sends the request; `true` when all of it is sent.
    fn send(&mut self) -> Result<bool, UpgradeError> {
        while self.sent < self.request.len() {
            match self.stream.write(&self.request[self.sent..]) {
                Ok(0) => return Err(UpgradeError::Closed),
                Ok(written) => self.sent += written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(UpgradeError::Io(error)),
            }
        }
        Ok(true)
    }

    /// Reads more of the answer; 0 at its end.
    fn receive(&mut self) -> io::Result<usize> {
        let mut buffer = [0; 4096];
        let read = self.stream.read(&mut buffer)?;
        self.answer.extend_from_slice(&buffer[..read]);
        Ok(read)
    }
}

impl Refusal {
    fn is_complete(&self, body: &[u8]) -> bool {
        body.len() >= MAX_BODY
            || match self.length {
                BodyLength::UntilClosed => false,
                BodyLength::Bytes(length) => body.len() >= length,
                BodyLength::Chunked => body.ends_with(b"0\r\n\r\n"),
            }
    }

    fn with_body(mut self, body: &[u8]) -> Self {
        let body = &body[..body.len().min(MAX_BODY)];
        self.body = match self.length {
            BodyLength::UntilClosed => body.to_vec(),
            BodyLength::Bytes(length) => body[..body.len().min(length)].to_vec(),
            BodyLength::Chunked => join_chunks(body),
        };
        self
    }
}

fn request(endpoint: &Endpoint, headers: &[(String, String)], key: &str) -> String {
    let is_given = |wanted: &str| headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    let mut request = format!("GET {} HTTP/1.1\r\n", endpoint.target());
    let mut add = |name: &str, value: &str| {
        for part in [name, ": ", value, "\r\n"] {
            request.push_str(part);
        }
    };
    if !is_given("Host") {
        add("Host", endpoint.host_header());
    }
    add("Upgrade", "websocket");
    add("Connection", "Upgrade");
    add("Sec-WebSocket-Key", key);
    add("Sec-WebSocket-Version", "13");
    if !is_given("User-Agent") {
        add("User-Agent", USER_AGENT);
    }
    if let Some(authorization) = endpoint.authorization()
        && !is_given("Authorization")
    {
        add("Authorization", authorization);
    }
    for (name, value) in headers {
        add(name, value);
    }
    request.push_str("\r\n");
    request
}

/// The head of an answer, with its length in bytes.
enum Head {
    Partial,
    /// A 1xx before the real answer.
    Interim(usize),
    Accepted(usize),
    Refused(usize, Refusal),
}

fn read_head(answer: &[u8], key: &str) -> Result<Head, UpgradeError> {
    const START: &[u8] = b"HTTP/1.";
    let seen = answer.len().min(START.len());
    if answer[..seen] != START[..seen] {
        return Err(UpgradeError::NotHttp(answer.to_vec()));
    }
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let length = match response.parse(answer) {
        Ok(httparse::Status::Complete(length)) if length <= MAX_HEAD => length,
        Ok(httparse::Status::Partial) if answer.len() <= MAX_HEAD => return Ok(Head::Partial),
        Ok(_) | Err(httparse::Error::TooManyHeaders) => return Err(UpgradeError::TooLong),
        Err(_) => return Err(UpgradeError::NotHttp(answer.to_vec())),
    };
    match response.code {
        Some(101) => check_accepted(response.headers, key).map(|()| Head::Accepted(length)),
        Some(100..=199) => Ok(Head::Interim(length)),
        status => {
            let header = |name| find(response.headers, name).map(str::to_owned);
            let refusal = Refusal {
                status: status.unwrap_or_default(),
                reason: response.reason.unwrap_or_default().to_owned(),
                location: header("Location"),
                retry_after: header("Retry-After"),
                body: Vec::new(),
                length: body_length(response.headers),
            };
            Ok(Head::Refused(length, refusal))
        }
    }
}

fn check_accepted(headers: &[httparse::Header<'_>], key: &str) -> Result<(), UpgradeError> {
    if !lists(headers, "Upgrade", "websocket") {
        return Err(UpgradeError::NotWebSocket("it has no \"Upgrade: websocket\""));
    }
    if !lists(headers, "Connection", "upgrade") {
        return Err(UpgradeError::NotWebSocket("it has no \"Connection: Upgrade\""));
    }
    if find(headers, "Sec-WebSocket-Accept") != Some(derive_accept_key(key.as_bytes()).as_str()) {
        return Err(UpgradeError::NotWebSocket("its Sec-WebSocket-Accept does not belong to the request"));
    }
    if find(headers, "Sec-WebSocket-Extensions").is_some_and(|extensions| !extensions.is_empty()) {
        return Err(UpgradeError::NotWebSocket("it switches on an extension that was not asked for"));
    }
    Ok(())
}

fn body_length(headers: &[httparse::Header<'_>]) -> BodyLength {
    if lists(headers, "Transfer-Encoding", "chunked") {
        return BodyLength::Chunked;
    }
    match find(headers, "Content-Length").map(str::parse) {
        Some(Ok(length)) => BodyLength::Bytes(length),
        _ => BodyLength::UntilClosed,
    }
}

/// The value of a header, where it is text.
fn find<'a>(headers: &[httparse::Header<'a>], name: &str) -> Option<&'a str> {
    let header = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
    std::str::from_utf8(header.value).ok().map(str::trim)
}

/// Whether a header that is a list has this token, in any case; such a header may come several times.
fn lists(headers: &[httparse::Header<'_>], name: &str, token: &str) -> bool {
    headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case(name))
        .flat_map(|header| header.value.split(|byte| *byte == b','))
        .any(|part| part.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
}

/// The content of a chunked body, as far as it is there.
fn join_chunks(mut body: &[u8]) -> Vec<u8> {
    let mut joined = Vec::new();
    while let Ok(httparse::Status::Complete((start, size))) = httparse::parse_chunk_size(body) {
        let rest = &body[start..];
        let size = usize::try_from(size).unwrap_or(usize::MAX).min(rest.len());
        if size == 0 {
            break;
        }
        joined.extend_from_slice(&rest[..size]);
        body = rest[size..].strip_prefix(b"\r\n").unwrap_or_default();
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    /// The answer to `KEY` in RFC 6455, section 1.3.
    const ACCEPT: &str = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

    fn head(lines: &str) -> Result<Head, UpgradeError> {
        read_head(format!("HTTP/1.1 {lines}\r\n").as_bytes(), KEY)
    }

    #[test]
    fn the_connection_header_is_a_list_in_any_case() {
        for connection in ["Upgrade", "keep-alive, Upgrade", "UPGRADE ,close", "x\r\nConnection: upgrade"] {
            let answer = head(&format!(
                "101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: {connection}\r\n{ACCEPT}"
            ));
            assert!(matches!(answer, Ok(Head::Accepted(_))), "{connection:?} was refused");
        }
    }

    #[test]
    fn an_answer_101_must_fit_the_request() {
        let cases = [
            format!("Connection: Upgrade\r\n{ACCEPT}"),
            format!("Upgrade: websocket\r\nConnection: close\r\n{ACCEPT}"),
            "Upgrade: websocket\r\nConnection: Upgrade\r\n".to_owned(),
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n".to_owned(),
            format!(
                "Upgrade: websocket\r\nConnection: Upgrade\r\n{ACCEPT}Sec-WebSocket-Extensions: permessage-deflate\r\n"
            ),
        ];
        for case in cases {
            let answer = head(&format!("101 Switching Protocols\r\n{case}"));
            assert!(matches!(answer, Err(UpgradeError::NotWebSocket(_))), "{case:?} was accepted");
        }
    }

    #[test]
    fn an_interim_answer_is_passed_over() {
        assert!(matches!(head("103 Early Hints\r\nLink: </a>\r\n"), Ok(Head::Interim(_))));
    }

    #[test]
    fn what_is_not_http_is_noticed_at_its_first_byte() {
        assert!(matches!(read_head(b"S", KEY), Err(UpgradeError::NotHttp(_))));
        assert!(matches!(read_head(b"", KEY), Ok(Head::Partial)));
        assert!(matches!(read_head(b"HTTP/1.1 200 OK\r\nServer:", KEY), Ok(Head::Partial)));
    }

    #[test]
    fn an_endless_head_is_refused() {
        let long = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(MAX_HEAD));
        assert!(matches!(read_head(long.as_bytes(), KEY), Err(UpgradeError::TooLong)));
        let many = format!("200 OK\r\n{}", "X: y\r\n".repeat(MAX_HEADERS + 1));
        assert!(matches!(head(&many), Err(UpgradeError::TooLong)));
    }

    #[test]
    fn a_chunked_body_is_put_together() {
        assert_eq!(join_chunks(b"4\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\n"), b"Wikipedia");
        assert_eq!(join_chunks(b"4\r\nWiki\r\n5\r\nped"), b"Wikiped");
        assert_eq!(join_chunks(b"ffffffffffffffff\r\nrest"), b"rest");
        assert_eq!(join_chunks(b"no chunk"), b"");
    }
}
