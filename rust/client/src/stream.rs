//! The bytes of a connection, plain or in TLS.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use native_tls::TlsStream;

use crate::socket::Socket;

/// A peer that takes nothing for so long is stalled.
pub(crate) const STALL: Duration = Duration::from_millis(500);

/// How much one message is read at once, in bytes: a peer that never pauses would else keep the reader for ever, with
/// frames that are empty.
const READ_AT_ONCE: usize = 1024 * 1024;

/// A connected socket, plain or in TLS.
pub(crate) enum Stream {
    Plain(Socket),
    Tls(Box<TlsStream<Socket>>),
}

impl Stream {
    /// The socket below.
    pub(crate) fn socket(&mut self) -> &mut Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => stream.get_mut(),
        }
    }

    /// Ends the outgoing side, in TLS with its close message first. `WouldBlock` asks for another call.
    pub(crate) fn shut_down_write(&mut self) -> io::Result<()> {
        if let Self::Tls(stream) = self {
            match stream.shutdown() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(error),
                // A peer that has gone already needs no close message.
                _ => {}
            }
        }
        self.socket().shut_down_write()
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A stream whose writes never block: they collect here until [`Buffered::transmit`] sends them.
///
/// So tungstenite never sees a blocked write. Its own buffer moves all that is left to the front after each partial
/// write, which is quadratic for a large message on a slow line, and many small messages become one write.
pub(crate) struct Buffered {
    stream: Stream,
    waiting: Vec<u8>,
    /// How much of `waiting` is sent.
    sent: usize,
    /// When the socket took something last, or began to be asked.
    moved: Instant,
    /// How much more may be read at once.
    allowance: usize,
}

impl Buffered {
    /// Capacity that an emptied buffer may keep.
    const KEPT_CAPACITY: usize = 256 * 1024;

    pub(crate) fn new(stream: Stream) -> Self {
        Self { stream, waiting: Vec::new(), sent: 0, moved: Instant::now(), allowance: READ_AT_ONCE }
    }

    /// The socket below.
    pub(crate) fn socket(&mut self) -> &mut Socket {
        self.stream.socket()
    }

    /// The stream below.
    pub(crate) fn stream(&mut self) -> &mut Stream {
        &mut self.stream
    }

    /// The number of bytes not sent yet.
    pub(crate) fn waiting_bytes(&self) -> usize {
        self.waiting.len() - self.sent
    }

    /// Whether something waits of which the socket has taken nothing for a while.
    pub(crate) fn is_stalled(&self, now: Instant) -> bool {
        self.waiting_bytes() > 0 && now.saturating_duration_since(self.moved) >= STALL
    }

    /// Sends what waits, as far as the socket takes it.
    pub(crate) fn transmit(&mut self) -> io::Result<()> {
        while self.sent < self.waiting.len() {
            match self.stream.write(&self.waiting[self.sent..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    self.sent += written;
                    self.moved = Instant::now();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        self.waiting.clear();
        self.waiting.shrink_to(Self::KEPT_CAPACITY);
        self.sent = 0;
        Ok(())
    }

    /// Lets as much be read again as may be at once.
    pub(crate) fn refill(&mut self) {
        self.allowance = READ_AT_ONCE;
    }

    /// Whether the last read was blocked only because enough had been read at once.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.allowance == 0
    }

    /// Forgets what waits.
    pub(crate) fn discard(&mut self) {
        self.waiting = Vec::new();
        self.sent = 0;
    }
}

impl Read for Buffered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.allowance == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let read = self.stream.read(buffer)?;
        self.allowance = self.allowance.saturating_sub(read);
        Ok(read)
    }
}

impl Write for Buffered {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.waiting_bytes() == 0 {
            self.moved = Instant::now();
        }
        self.waiting.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Does nothing: the worker transmits once in each turn.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
