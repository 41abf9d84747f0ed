//! A non-blocking TCP socket that knows its readiness.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use polling::Event;
use socket2::{Domain, Protocol, Type};

use crate::waker::Waker;

/// How many bytes the system may hold that it cannot send yet. It would take megabytes, many seconds of a slow line, before which
/// nothing could go any more: no answer to a heartbeat, and no volatile event, which would not be known to wait.
#[cfg(any(target_os = "android", target_os = "linux"))]
const UNSENT: u32 = 128 * 1024;

/// A TCP socket registered with the worker's poller.
///
/// It remembers which direction would block, so that a turn of the worker that is about something else makes no
/// system call for it, and the poller is asked for writability only after a write has really blocked.
pub(crate) struct Socket {
    stream: TcpStream,
    waker: Arc<Waker>,
    key: usize,
    readable: bool,
    writable: bool,
    /// What the poller watches. Its registrations are for one event only.
    armed: Option<(bool, bool)>,
}

impl Socket {
    /// Starts to connect; [`Socket::is_connected`] tells the outcome once the socket is writable.
    pub(crate) fn connect(address: SocketAddr, waker: &Arc<Waker>) -> io::Result<Self> {
        let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        // Events are small and wait for nothing.
        socket.set_tcp_nodelay(true)?;
        // Not every system has it, and without it more waits there.
        #[cfg(any(target_os = "android", target_os = "linux"))]
        let _ = socket.set_tcp_notsent_lowat(UNSENT);
        match socket.connect(&address.into()) {
            Ok(()) => {}
            Err(error) if is_in_progress(&error) => {}
            Err(error) => return Err(error),
        }
        Self::register(socket.into(), waker)
    }

    /// The outcome of connecting, `false` while there is none.
    pub(crate) fn is_connected(&mut self) -> io::Result<bool> {
        if !self.writable {
            return Ok(false);
        }
        if let Some(error) = self.stream.take_error()? {
            return Err(error);
        }
        match self.stream.peer_addr() {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                self.writable = false;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Takes in what the poller reports, if it is about this socket.
    pub(crate) fn on_ready(&mut self, event: Event) {
        if event.key != self.key {
            return;
        }
        self.armed = None;
        self.readable |= event.readable;
        self.writable |= event.writable;
    }

    /// Asks the poller for what was found to block. Readability only if it is wanted.
    pub(crate) fn arm(&mut self, want_read: bool) -> io::Result<()> {
        let interest = (want_read && !self.readable, !self.writable);
        // Without an interest the poller would still report a broken connection, at once and again each time.
        if self.armed == Some(interest) || interest == (false, false) {
            return Ok(());
        }
        let event = Event::new(self.key, interest.0, interest.1);
        self.waker.poller().modify(&self.stream, event)?;
        self.armed = Some(interest);
        Ok(())
    }

    /// Lets the next read ask the system, though the poller has not reported anything.
    pub(crate) fn assume_readable(&mut self) {
        self.readable = true;
    }

    /// Ends the outgoing side: the peer reads the end of the stream after what was written.
    pub(crate) fn shut_down_write(&self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)
    }

    fn register(stream: TcpStream, waker: &Arc<Waker>) -> io::Result<Self> {
        // Keys only tell the sockets of one poller apart, so that one counter serves all of them.
        static NEXT_KEY: AtomicUsize = AtomicUsize::new(0);
        let key = NEXT_KEY.fetch_add(1, Ordering::Relaxed) & (usize::MAX >> 1);
        // SAFETY: the stream is owned by the `Socket`, whose drop takes it out of the poller before closing it.
        unsafe { waker.poller().add(&stream, Event::none(key))? };
        let waker = Arc::clone(waker);
        Ok(Self { stream, waker, key, readable: false, writable: false, armed: None })
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.readable {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let result = retry_interrupted(|| self.stream.read(buffer));
        if would_block(&result) {
            self.readable = false;
        }
        result
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.writable {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let result = retry_interrupted(|| self.stream.write(bytes));
        if would_block(&result) {
            self.writable = false;
        }
        result
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = self.waker.poller().delete(&self.stream);
    }
}

fn would_block(result: &io::Result<usize>) -> bool {
    matches!(result, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

fn retry_interrupted(mut operation: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match operation() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Whether a non-blocking connect has merely begun.
fn is_in_progress(error: &io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(libc::EINPROGRESS) {
        return true;
    }
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
