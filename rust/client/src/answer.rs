//! Reading the answer to an HTTP request (RFC 9112).

use std::io::{self, Read};
use std::mem;

use bytes::{Buf, Bytes, BytesMut};

/// The longest head of an answer, in bytes.
const MAX_HEAD: usize = 64 * 1024;
/// The most headers of an answer.
const MAX_HEADERS: usize = 128;
/// The most answers before the real one.
const MAX_INTERIM_ANSWERS: usize = 8;
/// The longest line before a chunk.
const MAX_CHUNK_LINE: usize = 4 * 1024;
/// How much is read from the stream at once, in bytes.
const READ_SIZE: usize = 16 * 1024;

/// Status and headers of an answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    pub(crate) status: u16,
    /// The words after the status, such as `Not Found`.
    pub(crate) reason: String,
    is_http_1_1: bool,
    headers: Vec<(String, Vec<u8>)>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum AnswerError {
    Io(io::Error),
    /// The connection ended before the answer did.
    Closed,
    /// What came is not HTTP. These are its first bytes.
    NotHttp(Vec<u8>),
    /// The head of the answer is too long.
    TooLong,
    /// The body is not as its head says.
    BadBody,
}

/// A part of an answer.
#[derive(Debug)]
pub(crate) enum Part {
    Head(Head),
    Body(Bytes),
    /// The answer is complete.
    End,
}

/// Reads one answer.
#[derive(Default)]
pub(crate) struct AnswerReader {
    unread: BytesMut,
    interim_answers: usize,
    progress: Progress,
    /// The stream has ended.
    ended: bool,
    keeps_alive: bool,
}

#[derive(Default)]
enum Progress {
    #[default]
    Head,
    Body(Body),
    Over,
}

/// What is left of a body.
enum Body {
    Bytes(u64),
    UntilClosed,
    /// The line with the size of a chunk is next.
    ChunkSize,
    /// So many bytes of a chunk.
    Chunk(u64),
    /// The line break after a chunk.
    ChunkEnd,
    /// The lines after the last chunk, and how many bytes they may have yet.
    Trailer(usize),
}

impl Head {
    /// The value of a header, where it is text.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok().map(str::trim)
    }

    /// The values of a header that may come several times.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.headers
            .iter()
            .filter(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }

    /// Whether a header that is a list has this token, in any case.
    pub(crate) fn lists(&self, name: &str, token: &str) -> bool {
        self.all(name)
            .flat_map(|value| value.split(|byte| *byte == b','))
            .any(|part| part.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    }

    fn body(&self) -> Result<Body, AnswerError> {
        if matches!(self.status, 101 | 204 | 304) {
            return Ok(Body::Bytes(0));
        }
        if self.lists("Transfer-Encoding", "chunked") {
            return Ok(Body::ChunkSize);
        }
        let mut lengths = self.all("Content-Length").flat_map(|value| value.split(|byte| *byte == b','));
        let Some(first) = lengths.next() else { return Ok(Body::UntilClosed) };
        // Which of several is right nobody knows (RFC 9112, section 6.3).
        match read_length(first) {
            Some(length) if lengths.all(|other| read_length(other) == Some(length)) => {
                Ok(Body::Bytes(length))
            }
            _ => Err(AnswerError::BadBody),
        }
    }
}

impl AnswerReader {
    /// The next part of the answer, `None` when the stream has nothing more at present.
    pub(crate) fn next(&mut self, stream: &mut impl Read) -> Result<Option<Part>, AnswerError> {
        loop {
            if let Some(part) = self.take_part()? {
                return Ok(Some(part));
            }
            if self.ended {
                return Err(AnswerError::Closed);
            }
            let mut buffer = [0; READ_SIZE];
            match stream.read(&mut buffer) {
                Ok(0) => self.ended = true,
                Ok(read) => self.unread.extend_from_slice(&buffer[..read]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(AnswerError::Io(error)),
            }
        }
    }

    /// Whether nothing of the answer has come.
    pub(crate) fn is_untouched(&self) -> bool {
        self.unread.is_empty() && self.interim_answers == 0 && matches!(self.progress, Progress::Head)
    }

    /// Whether the connection can be used for another request.
    pub(crate) fn keeps_alive(&self) -> bool {
        self.keeps_alive && self.unread.is_empty() && matches!(self.progress, Progress::Over)
    }

    /// What came after the head of an answer 101 already.
    pub(crate) fn into_rest(self) -> Vec<u8> {
        self.unread.into()
    }

    fn take_part(&mut self) -> Result<Option<Part>, AnswerError> {
        match mem::replace(&mut self.progress, Progress::Over) {
            Progress::Head => self.take_head(),
            Progress::Body(body) => self.take_body(body),
            Progress::Over => Ok(Some(Part::End)),
        }
    }

    fn take_head(&mut self) -> Result<Option<Part>, AnswerError> {
        while let Some((length, head)) = read_head(&self.unread)? {
            self.unread.advance(length);
            if (100..=199).contains(&head.status) && head.status != 101 {
                if self.interim_answers == MAX_INTERIM_ANSWERS {
                    return Err(AnswerError::TooLong);
                }
                self.interim_answers += 1;
                continue;
            }
            let body = head.body()?;
            self.keeps_alive =
                head.is_http_1_1 && !head.lists("Connection", "close") && !matches!(body, Body::UntilClosed);
            self.progress = Progress::Body(body);
            return Ok(Some(Part::Head(head)));
        }
        self.progress = Progress::Head;
        Ok(None)
    }

    fn take_body(&mut self, mut body: Body) -> Result<Option<Part>, AnswerError> {
        loop {
            body = match body {
                Body::Bytes(0) => return Ok(Some(Part::End)),
                Body::UntilClosed if self.unread.is_empty() && self.ended => return Ok(Some(Part::End)),
                Body::Bytes(_) | Body::UntilClosed | Body::Chunk(1..) if self.unread.is_empty() => {
                    self.progress = Progress::Body(body);
                    return Ok(None);
                }
                Body::UntilClosed => {
                    self.progress = Progress::Body(Body::UntilClosed);
                    return Ok(Some(Part::Body(self.unread.split().freeze())));
                }
                Body::Bytes(left) => {
                    let piece = self.split(left);
                    self.progress = Progress::Body(Body::Bytes(left - piece.len() as u64));
                    return Ok(Some(Part::Body(piece)));
                }
                Body::Chunk(0) => Body::ChunkEnd,
                Body::Chunk(left) => {
                    let piece = self.split(left);
                    self.progress = Progress::Body(Body::Chunk(left - piece.len() as u64));
                    return Ok(Some(Part::Body(piece)));
                }
                Body::ChunkSize => match httparse::parse_chunk_size(&self.unread) {
                    Ok(httparse::Status::Complete((start, size))) => {
                        self.unread.advance(start);
                        if size == 0 { Body::Trailer(MAX_HEAD) } else { Body::Chunk(size) }
                    }
                    Ok(httparse::Status::Partial) if self.unread.len() <= MAX_CHUNK_LINE => {
                        self.progress = Progress::Body(Body::ChunkSize);
                        return Ok(None);
                    }
                    _ => return Err(AnswerError::BadBody),
                },
                Body::ChunkEnd => match self.unread.get(..2) {
                    Some(b"\r\n") => {
                        self.unread.advance(2);
                        Body::ChunkSize
                    }
                    Some(_) => return Err(AnswerError::BadBody),
                    None => {
                        self.progress = Progress::Body(Body::ChunkEnd);
                        return Ok(None);
                    }
                },
                Body::Trailer(left) => match self.unread.iter().position(|byte| *byte == b'\n') {
                    Some(end) => {
                        let line = self.unread.split_to(end + 1);
                        if line.trim_ascii().is_empty() {
                            Body::Bytes(0)
                        } else {
                            Body::Trailer(left.checked_sub(line.len()).ok_or(AnswerError::BadBody)?)
                        }
                    }
                    None if self.unread.len() > MAX_CHUNK_LINE => return Err(AnswerError::BadBody),
                    None => {
                        self.progress = Progress::Body(Body::Trailer(left));
                        return Ok(None);
                    }
                },
            };
        }
    }

    /// What is there, but no more than that.
    fn split(&mut self, at_most: u64) -> Bytes {
        let length = usize::try_from(at_most).unwrap_or(usize::MAX).min(self.unread.len());
        self.unread.split_to(length).freeze()
    }
}

/// A number of bytes: digits and nothing else, not even the sign that Rust would read.
fn read_length(value: &[u8]) -> Option<u64> {
    let digits = value.trim_ascii();
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The head of an answer and its length in bytes, once it is whole.
fn read_head(answer: &[u8]) -> Result<Option<(usize, Head)>, AnswerError> {
    const START: &[u8] = b"HTTP/1.";
    let seen = answer.len().min(START.len());
    if answer[..seen] != START[..seen] {
        return Err(AnswerError::NotHttp(answer.to_vec()));
    }
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let length = match response.parse(answer) {
        Ok(httparse::Status::Complete(length)) if length <= MAX_HEAD => length,
        Ok(httparse::Status::Partial) if answer.len() <= MAX_HEAD => return Ok(None),
        Ok(_) | Err(httparse::Error::TooManyHeaders) => return Err(AnswerError::TooLong),
        Err(_) => return Err(AnswerError::NotHttp(answer.to_vec())),
    };
    let owned = |header: &httparse::Header<'_>| (header.name.to_owned(), header.value.to_vec());
    let head = Head {
        status: response.code.unwrap_or_default(),
        reason: response.reason.unwrap_or_default().to_owned(),
        is_http_1_1: response.version == Some(1),
        headers: response.headers.iter().map(owned).collect(),
    };
    Ok(Some((length, head)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The head of an answer that begins like that.
    pub(crate) fn head(lines: &str) -> Head {
        let text = format!("HTTP/1.1 {lines}\r\n");
        read_head(text.as_bytes()).unwrap().unwrap_or_else(|| panic!("{lines:?} is not whole")).1
    }

    /// The outcome of an answer that arrives in pieces of that size, and then ends.
    fn read(answer: &[u8], piece: usize) -> Result<(u16, Vec<u8>, AnswerReader), AnswerError> {
        let mut reader = AnswerReader::default();
        let (mut status, mut body) = (0, Vec::new());
        let mut pieces = answer.chunks(piece);
        loop {
            match reader.take_part()? {
                Some(Part::Head(head)) => status = head.status,
                Some(Part::Body(bytes)) => body.extend_from_slice(&bytes),
                Some(Part::End) => {
                    pieces.for_each(|piece| reader.unread.extend_from_slice(piece));
                    return Ok((status, body, reader));
                }
                None if reader.ended => return Err(AnswerError::Closed),
                None => match pieces.next() {
                    Some(piece) => reader.unread.extend_from_slice(piece),
                    None => reader.ended = true,
                },
            }
        }
    }

    fn expect(answer: &str, status: u16, body: &str, keeps_alive: bool) {
        for piece in 1..=answer.len() {
            let (got_status, got_body, reader) =
                read(answer.as_bytes(), piece).unwrap_or_else(|error| panic!("{answer:?}: {error:?}"));
            assert_eq!(
                (got_status, String::from_utf8_lossy(&got_body).as_ref()),
                (status, body),
                "{answer:?}"
            );
            assert_eq!(reader.keeps_alive(), keeps_alive, "{answer:?}");
        }
    }

    #[test]
    fn a_body_ends_as_its_head_says() {
        expect("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true);
        expect("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", true);
        expect("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true);
        expect("HTTP/1.1 404 Not Found\r\n\r\nnothing", 404, "nothing", false);
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        expect(&format!("{chunked}4\r\nWiki\r\n5;x=y\r\npedia\r\n0\r\n\r\n"), 200, "Wikipedia", true);
        expect(&format!("{chunked}4\r\nWiki\r\n0\r\nX: y\r\n\r\n"), 200, "Wiki", true);
        expect(&format!("{chunked}0\r\n\r\n"), 200, "", true);
    }

    #[test]
    fn a_length_that_makes_no_sense_is_refused() {
        expect(
            "HTTP/1.1 200 OK\r\nContent-Length: 5 , 5\r\ncontent-length: 5\r\n\r\nhello",
            200,
            "hello",
            true,
        );
        for length in
            ["", "-1", "+5", "5.0", "0x5", "5 5", "5,6", "5\r\nContent-Length: 6", "18446744073709551616"]
        {
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nhello");
            assert!(matches!(read(answer.as_bytes(), 64), Err(AnswerError::BadBody)), "{length:?}");
        }
    }

    #[test]
    fn a_connection_is_not_used_again_where_the_server_does_not_want_it() {
        expect("HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 1\r\n\r\nx", 200, "x", false);
        expect("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", false);
        // What belongs to no answer.
        expect("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxyz", 200, "x", false);
    }

    #[test]
    fn an_interim_answer_is_passed_over() {
        let early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
        expect(&format!("{early}{early}HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"), 200, "x", true);
        assert!(matches!(read(early.repeat(9).as_bytes(), 9), Err(AnswerError::TooLong)));
    }

    #[test]
    fn an_answer_that_breaks_off_is_none() {
        for answer in [
            "",
            "HTTP/1.1 200 OK\r\nServer: x",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        ] {
            assert!(matches!(read(answer.as_bytes(), 7), Err(AnswerError::Closed)), "{answer:?}");
        }
    }

    #[test]
    fn chunks_that_make_no_sense_are_refused() {
        let (long_size, long_trailer) = ("1".repeat(MAX_CHUNK_LINE + 1), "X: y\r\n".repeat(MAX_HEAD));
        let endless = format!("0\r\n{long_trailer}");
        for body in ["x\r\n", "4\r\nWikipedia\r\n", "ffffffffffffffffff\r\n", &long_size, &endless] {
            let answer = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
            assert!(matches!(read(answer.as_bytes(), 64), Err(AnswerError::BadBody)), "{body:?}");
        }
    }

    #[test]
    fn what_is_not_http_is_noticed_at_its_first_byte() {
        assert!(matches!(read_head(b"S"), Err(AnswerError::NotHttp(_))));
        assert!(matches!(read_head(b""), Ok(None)));
        assert!(matches!(read_head(b"HTTP/1.1 200 OK\r\nServer:"), Ok(None)));
    }

    #[test]
    fn an_endless_head_is_refused() {
        let long = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(MAX_HEAD));
        assert!(matches!(read_head(long.as_bytes()), Err(AnswerError::TooLong)));
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(MAX_HEADERS + 1));
        assert!(matches!(read_head(many.as_bytes()), Err(AnswerError::TooLong)));
    }

    #[test]
    fn a_list_may_come_in_several_headers_and_in_any_case() {
        let head = head("200 OK\r\nconnection: keep-alive, Upgrade\r\nConnection: x\r\n");
        for token in ["upgrade", "KEEP-ALIVE", "x"] {
            assert!(head.lists("Connection", token), "{token}");
        }
        assert!(!head.lists("Connection", "close") && !head.lists("Upgrade", "x"));
    }
}
