//! Turning a host's name into addresses, on a thread of its own: the system's look-up cannot be interrupted.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::{Receiver, TryRecvError, bounded};

use crate::threads;
use crate::waker::Waker;

/// How many look-ups may be under way in the process, abandoned ones included.
const MAX_LOOK_UPS: usize = 16;

static LOOK_UPS: AtomicUsize = AtomicUsize::new(0);

/// A look-up. Dropping it leaves its thread alone, whose result then goes nowhere.
pub(crate) struct Resolver {
    result: Receiver<io::Result<Vec<SocketAddr>>>,
}

impl Resolver {
    /// Starts to look up a name; the waker is woken when the result is there. An address needs no look-up.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(crate) fn start(host: &str, port: u16, waker: &Arc<Waker>) -> io::Result<Self> {
        let (sender, result) = bounded(1);
        if let Ok(address) = host.parse::<IpAddr>() {
            let _ = sender.send(Ok(vec![SocketAddr::new(address, port)]));
            return Ok(Self { result });
        }
        let place = Place::take()?;
        let (host, waker) = (host.to_owned(), Arc::clone(waker));
        threads::spawn("socketio-dns", None, move || {
            let result = (host.as_str(), port).to_socket_addrs().map(Iterator::collect);
            drop(place);
            // Nobody waits any more when the connection was given up.
            let _ = sender.send(result);
            waker.wake();
        })?;
        Ok(Self { result })
    }

    /// The addresses in the system's order of preference, or `None` while they are not known.
    pub(crate) fn poll(&self) -> Option<io::Result<Vec<SocketAddr>>> {
        match self.result.try_recv() {
            Ok(result) => Some(result),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(io::Error::other("the look-up's thread has failed"))),
        }
    }
}

/// One of the look-ups that may be under way.
struct Place;

impl Place {
    fn take() -> io::Result<Self> {
        if LOOK_UPS.fetch_add(1, Ordering::Relaxed) < MAX_LOOK_UPS {
            return Ok(Self);
        }
        LOOK_UPS.fetch_sub(1, Ordering::Relaxed);
        Err(io::Error::other("too many look-ups are still waiting for an answer"))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        LOOK_UPS.fetch_sub(1, Ordering::Relaxed);
    }
}
