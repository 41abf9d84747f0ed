//! What the bodies of HTTP long-polling hold (S21): any number of Engine.IO packets, joined by a character, with the
//! binary ones in base64.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use memchr::memchr;

use crate::Frame;

/// Stands between the packets of a body.
const SEPARATOR: u8 = 0x1e;
/// The first character of a binary packet.
const BINARY: char = 'b';

/// The most packets that every server takes in one POST. python-engineio drops a body with more, and says that it has
/// taken it.
pub const SAFE_PACKETS: usize = 16;

/// The packets of one POST.
#[derive(Debug)]
pub struct Body {
    text: String,
    packets: usize,
    max_size: u64,
    max_packets: usize,
}

impl Body {
    /// An empty body that is to have at most so many bytes and packets.
    pub fn new(max_size: u64, max_packets: usize) -> Self {
        Self { text: String::new(), packets: 0, max_size, max_packets }
    }

    /// Adds a packet, unless the body would become too large. The first packet always goes: the server shall say itself that
    /// it is too large.
    ///
    /// # Errors
    /// With the packet that does not fit.
    pub fn push(&mut self, frame: Frame) -> Result<(), Frame> {
        if self.packets > 0 {
            let size = self.text.len().saturating_add(1).saturating_add(encoded_len(&frame));
            if self.packets == self.max_packets || u64::try_from(size).is_ok_and(|size| size > self.max_size)
            {
                return Err(frame);
            }
            self.text.push(char::from(SEPARATOR));
        }
        self.packets = self.packets.saturating_add(1);
        match frame {
            Frame::Text(text) if self.text.is_empty() => self.text = text,
            Frame::Text(text) => self.text.push_str(&text),
            Frame::Binary(bytes) => {
                self.text.push(BINARY);
                BASE64_STANDARD.encode_string(bytes, &mut self.text);
            }
        }
        Ok(())
    }

    /// Whether there is no packet in it.
    pub fn is_empty(&self) -> bool {
        self.packets == 0
    }

    /// The bytes to send.
    pub fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

/// How many bytes a packet takes in a body.
pub fn encoded_len(frame: &Frame) -> usize {
    match frame {
        Frame::Text(text) => text.len(),
        Frame::Binary(bytes) => binary_len(bytes.len()),
    }
}

/// How many bytes a binary packet of `size` bytes takes in a body.
pub(crate) fn binary_len(size: usize) -> usize {
    size.div_ceil(3).saturating_mul(4).saturating_add(1)
}

/// Takes the packets out of the body of one answer, piece by piece as it arrives: a body may be larger than
/// anything that should be held at once.
#[derive(Debug)]
pub struct Splitter {
    /// The beginning of a packet whose end has not come.
    partial: Vec<u8>,
    /// The largest packet.
    max_packet: usize,
}

impl Splitter {
    /// For a body whose packets have at most that many bytes once decoded.
    pub fn new(max_packet: usize) -> Self {
        Self { partial: Vec::new(), max_packet }
    }

    /// Changes how large a packet may be.
    pub fn set_max_packet(&mut self, max_packet: usize) {
        self.max_packet = max_packet;
    }

    /// Takes a piece of the body, and gives each packet that has become whole to `packets`.
    ///
    /// # Errors
    /// When a packet is too large, or is neither text nor base64.
    pub fn feed(&mut self, mut piece: &[u8], packets: &mut impl Extend<Frame>) -> Result<(), BodyError> {
        while let Some(end) = memchr(SEPARATOR, piece) {
            let (packet, rest) = piece.split_at(end);
            self.hold(packet)?;
            packets.extend([self.take_packet()?]);
            piece = rest.get(1..).unwrap_or_default();
        }
        self.hold(piece)
    }

    /// The packet that has begun to come, and is not whole.
    pub fn partial(&self) -> &[u8] {
        &self.partial
    }

    /// Ends the body, and gives its last packet. There is none in an empty body.
    ///
    /// # Errors
    /// When the packet is neither text nor base64.
    pub fn finish(mut self) -> Result<Option<Frame>, BodyError> {
        if self.partial.is_empty() { Ok(None) } else { self.take_packet().map(Some) }
    }

    fn hold(&mut self, bytes: &[u8]) -> Result<(), BodyError> {
        if self.partial.len().saturating_add(bytes.len()) > binary_len(self.max_packet) {
            return Err(BodyError::TooLarge(self.max_packet));
        }
        self.partial.extend_from_slice(bytes);
        Ok(())
    }

    fn take_packet(&mut self) -> Result<Frame, BodyError> {
        let packet = std::mem::take(&mut self.partial);
        let frame = if let Some(base64) = packet.strip_prefix(&[BINARY as u8]) {
            let bytes = BASE64_STANDARD.decode(base64).map_err(|_| BodyError::NotBase64)?;
            Frame::Binary(Bytes::from(bytes))
        } else {
            String::from_utf8(packet).map(Frame::Text).map_err(|_| BodyError::NotText)?
        };
        if frame.len() > self.max_packet {
            return Err(BodyError::TooLarge(self.max_packet));
        }
        Ok(frame)
    }
}

/// What is wrong with a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// A packet has more than that many bytes.
    TooLarge(usize),
    /// A packet is not UTF-8.
    NotText,
    /// A binary packet is not base64.
    NotBase64,
    /// There is no packet at all.
    Empty,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(limit) => write!(
                f,
                "a message larger than {limit} bytes came in: raise max_payload_size, or let the server send less at a time"
            ),
            Self::NotText => f.write_str("the server sent a packet that is not UTF-8"),
            Self::NotBase64 => f.write_str("the server sent a binary packet that is not base64"),
            Self::Empty => f.write_str("the server sent an empty answer"),
        }
    }
}

impl std::error::Error for BodyError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Frame {
        Frame::Text(text.to_owned())
    }

    fn binary(bytes: &'static [u8]) -> Frame {
        Frame::Binary(Bytes::from_static(bytes))
    }

    fn body(frames: impl IntoIterator<Item = Frame>) -> Vec<u8> {
        let mut body = Body::new(u64::MAX, usize::MAX);
        frames.into_iter().for_each(|frame| body.push(frame).unwrap());
        body.into_bytes()
    }

    fn split(body: &[u8], piece: usize) -> Result<Vec<Frame>, BodyError> {
        let mut splitter = Splitter::new(1000);
        let mut frames = Vec::new();
        for piece in body.chunks(piece) {
            splitter.feed(piece, &mut frames)?;
        }
        frames.extend(splitter.finish()?);
        Ok(frames)
    }

    #[test]
    fn s21_packets_are_joined_and_binary_ones_are_base64() {
        let frames =
            [text("451-[{\"_placeholder\":true,\"num\":0}]"), binary(b"\x01\x02\x03\x04"), text("2")];
        let whole = b"451-[{\"_placeholder\":true,\"num\":0}]\x1ebAQIDBA==\x1e2";
        assert_eq!(body(frames.clone()), whole);
        for piece in 1..=whole.len() {
            assert_eq!(split(whole, piece).unwrap(), frames, "in pieces of {piece}");
        }
    }

    #[test]
    fn a_single_packet_and_none() {
        assert_eq!(split(b"40", 1).unwrap(), [text("40")]);
        assert_eq!(split(b"", 1).unwrap(), []);
        assert_eq!(body([binary(b"")]), b"b");
        assert_eq!(split(b"b", 1).unwrap(), [binary(b"")]);
    }

    #[test]
    fn s21_a_body_stays_within_the_servers_limit_but_for_its_first_packet() {
        let mut body = Body::new(4, 9);
        body.push(text("123456")).unwrap();
        assert_eq!(body.push(text("1")), Err(text("1")));
        let mut body = Body::new(14, 9);
        body.push(text("123456")).unwrap();
        assert_eq!(body.push(text("1")), Ok(()));
        assert_eq!(body.push(binary(b"abcd")), Err(binary(b"abcd")));
        assert_eq!(body.push(binary(b"abc")), Ok(()));
        assert_eq!(body.into_bytes(), b"123456\x1e1\x1ebYWJj");
    }

    #[test]
    fn a_body_has_no_more_packets_than_the_server_takes() {
        let mut body = Body::new(u64::MAX, 2);
        body.push(text("2")).unwrap();
        body.push(text("2")).unwrap();
        assert_eq!(body.push(text("2")), Err(text("2")));
    }

    #[test]
    fn the_length_of_a_packet_is_known_before_it_is_encoded() {
        for size in 0..10 {
            let frame = Frame::Binary(Bytes::from(vec![7; size]));
            assert_eq!(encoded_len(&frame), body([frame.clone()]).len());
        }
    }

    #[test]
    fn what_no_packet_can_be_is_refused() {
        assert_eq!(split(b"40\x1e\xff\xfe\x1e41", 3), Err(BodyError::NotText));
        assert_eq!(split(b"b!!!", 9), Err(BodyError::NotBase64));
        assert_eq!(split(&[b'4'; 1001], 100), Err(BodyError::TooLarge(1000)));
        assert_eq!(split(&[b'4'; 5000], 100), Err(BodyError::TooLarge(1000)));
        assert_eq!(split(&[b'4'; 1000], 100).unwrap().len(), 1);
        // Base64 has room for two bytes more.
        assert_eq!(split(&body([binary(&[0; 1001])]), 100), Err(BodyError::TooLarge(1000)));
        assert_eq!(split(&body([binary(&[0; 1000])]), 100).unwrap().len(), 1);
    }
}
