use std::io::{self, Read};

use arbitrary::{Arbitrary, Unstructured};
use socketio_client::fuzzing::{Outcome, read_answer};
use socketio_protocol::Endpoint;

/// The key of RFC 6455, section 1.3, where its answer is too.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// The longest error about an answer, in characters: those of it that a server has written are fewer.
const MAX_MESSAGE: usize = 1200;

/// What a server sends to a client that asks for a WebSocket or polls.
#[derive(Arbitrary, Debug)]
struct Answer<'a> {
    /// The length of the pieces that it comes in, but for 1.
    piece: u8,
    bytes: &'a [u8],
}

/// An answer means the same in whatever pieces it comes, and what a game hears of it can be printed.
pub fn http(data: &[u8]) {
    let Ok(answer) = Answer::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let whole = read(answer.bytes, usize::MAX);
    match (&whole, read(answer.bytes, usize::from(answer.piece) + 1)) {
        // What is no HTTP is noticed early, and quoted as far as it has come.
        (Outcome::Refused { status: None, .. }, Outcome::Refused { status: None, .. }) => {}
        (_, pieces) => assert_eq!(whole, pieces, "{answer:?}"),
    }
    let message = match whole {
        Outcome::Accepted(rest) => return assert!(answer.bytes.ends_with(&rest), "{answer:?}"),
        Outcome::Refused { message, .. } => message,
    };
    let printable = !message.chars().any(char::is_control);
    assert!(printable && message.chars().count() < MAX_MESSAGE, "{answer:?}: {message:?}");
}

fn read(answer: &[u8], piece: usize) -> Outcome {
    let mut pieces = Pieces { left: answer, piece, pause: false };
    let endpoint = Endpoint::parse("ws://localhost:3000").unwrap();
    match read_answer(&mut pieces, KEY, &endpoint) {
        Outcome::Accepted(rest) => Outcome::Accepted([&rest, pieces.left].concat()),
        refused => refused,
    }
}

/// A stream that brings its bytes piece by piece, with nothing in between.
struct Pieces<'a> {
    left: &'a [u8],
    piece: usize,
    pause: bool,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.pause = !self.pause;
        if self.pause && !self.left.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let (piece, left) = self.left.split_at(self.piece.min(self.left.len()).min(buffer.len()));
        self.left = left;
        buffer[..piece.len()].copy_from_slice(piece);
        Ok(piece.len())
    }
}
