//! The WebSocket handshake (RFC 6455, section 4).
//!
//! tungstenite has one too, but it takes no `Connection: keep-alive, Upgrade`, which proxies send, and drops the
//! text of a refusal, which is where Socket.IO servers say what is wrong.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use tungstenite::handshake::client::generate_key;
use tungstenite::handshake::derive_accept_key;

use crate::answer::{AnswerError, AnswerReader, Head, Part};
use crate::refusal::Refusal;
use crate::site::Site;
use crate::stream::Stream;

/// How much of a refusal's body is read, in bytes.
const MAX_BODY: usize = 16 * 1024;
const SUBPROTOCOL: &str = "Sec-WebSocket-Protocol";
/// How long to wait for a refusal's body.
const BODY_PATIENCE: Duration = Duration::from_secs(1);

/// A WebSocket handshake under way.
pub(crate) struct Upgrade {
    stream: Stream,
    asked: Box<Asked>,
    request: Vec<u8>,
    sent: usize,
    reply: Reply,
}

/// What the answer is compared with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) key: String,
    /// The subprotocols that the game asks for with a header of its own.
    pub(crate) subprotocols: Vec<String>,
}

/// What the server answers.
#[derive(Default)]
pub(crate) struct Reply {
    answer: AnswerReader,
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
    /// There is no answer.
    NoAnswer(AnswerError),
    /// An answer 101 that does not fit the request.
    NotWebSocket(&'static str),
    /// Any other answer.
    Refused(Refusal),
}

impl UpgradeError {
    /// Whether long-polling may work where this has failed: something answered that does not know WebSocket, or lets none
    /// through.
    pub(crate) fn leaves_polling(&self) -> bool {
        match self {
            Self::NoAnswer(_) => false,
            Self::NotWebSocket(_) => true,
            Self::Refused(refusal) => refusal.leaves_polling(),
        }
    }
}

impl Upgrade {
    /// Asks for the target, with the cookies that the server has set.
    pub(crate) fn new(stream: Stream, site: &Site, target: &str, cookies: Option<&str>) -> Self {
        let key = generate_key();
        let mut headers = vec![
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Key", &key),
            ("Sec-WebSocket-Version", "13"),
        ];
        headers.extend(cookies.map(|cookies| ("Cookie", cookies)));
        let request = site.request("GET", target, &headers).into_bytes();
        let given = site.options.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(SUBPROTOCOL));
        let subprotocols = given.flat_map(|(_, value)| value.split(',')).map(|name| name.trim().to_owned());
        let asked = Box::new(Asked { subprotocols: subprotocols.collect(), key });
        Self { stream, asked, request, sent: 0, reply: Reply::default() }
    }

    pub(crate) fn stream(&mut self) -> &mut Stream {
        &mut self.stream
    }

    /// When to call [`Upgrade::advance`] though the socket is not ready.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.reply.refusal.as_ref().map(|(_, deadline)| *deadline)
    }

    /// Gets on.
    pub(crate) fn advance(mut self, now: Instant) -> Result<Progress, UpgradeError> {
        if !self.send()? {
            return Ok(Progress::Pending(self));
        }
        if !self.reply.accepts(&mut self.stream, &self.asked, now)? {
            return Ok(Progress::Pending(self));
        }
        Ok(Progress::Done(self.stream, self.reply.into_rest()))
    }

    /// Sends the request; `true` when all of it is sent.
    fn send(&mut self) -> Result<bool, UpgradeError> {
        while self.sent < self.request.len() {
            match self.stream.write(&self.request[self.sent..]) {
                Ok(0) => return Err(UpgradeError::NoAnswer(AnswerError::Closed)),
                Ok(written) => self.sent += written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(UpgradeError::NoAnswer(AnswerError::Io(error))),
            }
        }
        Ok(true)
    }
}

impl Reply {
    /// Reads on; `true` when the server has agreed, `false` when there is nothing more to read at present.
    pub(crate) fn accepts(
        &mut self,
        stream: &mut impl Read,
        asked: &Asked,
        now: Instant,
    ) -> Result<bool, UpgradeError> {
        loop {
            match (self.answer.next(stream), &mut self.refusal) {
                (Ok(Some(Part::Head(head))), _) if head.status == 101 => {
                    check_accepted(&head, asked)?;
                    return Ok(true);
                }
                (Ok(Some(Part::Head(head))), _) => {
                    self.refusal = Some((Refusal { head, body: Vec::new() }, now + BODY_PATIENCE));
                }
                (Ok(Some(Part::Body(bytes))), Some((refusal, _))) => {
                    if refusal.add(&bytes) {
                        return Err(UpgradeError::Refused(refusal.clone()));
                    }
                }
                (Ok(None), Some((refusal, deadline))) if now >= *deadline => {
                    return Err(UpgradeError::Refused(refusal.clone()));
                }
                (Ok(None), _) => return Ok(false),
                // What has come of a body is better than nothing.
                (Ok(Some(Part::End)) | Err(_), Some((refusal, _))) => {
                    return Err(UpgradeError::Refused(refusal.clone()));
                }
                (Err(error), None) => return Err(UpgradeError::NoAnswer(error)),
                // No body and no end comes before a head.
                (Ok(Some(Part::Body(_) | Part::End)), None) => {
                    return Err(UpgradeError::NoAnswer(AnswerError::BadBody));
                }
            }
        }
    }

    /// What came after the answer already.
    pub(crate) fn into_rest(self) -> Vec<u8> {
        self.answer.into_rest()
    }
}

impl Refusal {
    /// Adds to the body; `true` when there is enough of it.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> bool {
        let room = MAX_BODY - self.body.len();
        self.body.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.body.len() == MAX_BODY
    }
}

fn check_accepted(head: &Head, asked: &Asked) -> Result<(), UpgradeError> {
    if !head.lists("Upgrade", "websocket") {
        return Err(UpgradeError::NotWebSocket("it has no \"Upgrade: websocket\""));
    }
    if !head.lists("Connection", "upgrade") {
        return Err(UpgradeError::NotWebSocket("it has no \"Connection: Upgrade\""));
    }
    if head.find("Sec-WebSocket-Accept") != Some(derive_accept_key(asked.key.as_bytes()).as_str()) {
        return Err(UpgradeError::NotWebSocket("its Sec-WebSocket-Accept does not belong to the request"));
    }
    if head.all("Sec-WebSocket-Extensions").any(|extensions| !extensions.trim_ascii().is_empty()) {
        return Err(UpgradeError::NotWebSocket("it switches on an extension that was not asked for"));
    }
    let is_asked_for = |chosen: &[u8]| asked.subprotocols.iter().any(|name| name.as_bytes() == chosen);
    if head.all(SUBPROTOCOL).map(<[u8]>::trim_ascii).any(|chosen| !chosen.is_empty() && !is_asked_for(chosen))
    {
        return Err(UpgradeError::NotWebSocket(
            "it chooses a subprotocol that was not asked for, so that it speaks something else than Socket.IO",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::tests::head;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    /// The answer to `KEY` in RFC 6455, section 1.3.
    const ACCEPT: &str = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

    fn check(headers: &str) -> Result<(), UpgradeError> {
        check_asked(headers, &[])
    }

    fn check_asked(headers: &str, subprotocols: &[&str]) -> Result<(), UpgradeError> {
        let subprotocols = subprotocols.iter().map(|&name| name.to_owned()).collect();
        let asked = Asked { key: KEY.into(), subprotocols };
        check_accepted(&head(&format!("101 Switching Protocols\r\n{headers}")), &asked)
    }

    #[test]
    fn the_connection_header_is_a_list_in_any_case() {
        for connection in ["Upgrade", "keep-alive, Upgrade", "UPGRADE ,close", "x\r\nConnection: upgrade"] {
            let answer = check(&format!("upgrade: WebSocket\r\nConnection: {connection}\r\n{ACCEPT}"));
            assert!(answer.is_ok(), "{connection:?} was refused");
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
            assert!(matches!(check(&case), Err(UpgradeError::NotWebSocket(_))), "{case:?} was accepted");
        }
    }

    #[test]
    fn a_subprotocol_must_have_been_asked_for() {
        let agreed = format!("Upgrade: websocket\r\nConnection: Upgrade\r\n{ACCEPT}");
        let choosing = |name: &str| format!("{agreed}sec-websocket-protocol: {name}\r\n");
        for (chosen, asked) in [("mqtt", "mqtt"), ("b", "b"), ("", ""), (" ", "a")] {
            assert!(check_asked(&choosing(chosen), &["a", asked]).is_ok(), "{chosen:?} was refused");
        }
        for chosen in ["mqtt", "A", "a, b", "ab", "a\r\nSec-WebSocket-Protocol: c"] {
            let answer = check_asked(&choosing(chosen), &["a", "b"]);
            assert!(matches!(answer, Err(UpgradeError::NotWebSocket(_))), "{chosen:?} was accepted");
            assert!(check(&choosing(chosen)).is_err());
        }
        assert!(check_asked(&agreed, &["a"]).is_ok(), "the server need not choose");
        let extensions = "Sec-WebSocket-Extensions: \r\nSec-WebSocket-Extensions: permessage-deflate\r\n";
        assert!(check(&format!("{agreed}{extensions}")).is_err(), "the second header was not looked at");
    }

    #[test]
    fn a_refusals_body_is_cut() {
        let mut refusal = Refusal::default();
        assert!(!refusal.add(&[b'x'; 10]));
        assert!(refusal.add(&[b'x'; MAX_BODY]));
        assert_eq!(refusal.body.len(), MAX_BODY);
    }
}
