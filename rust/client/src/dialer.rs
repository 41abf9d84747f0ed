//! Making a TCP connection to a host with several addresses (Happy Eyeballs, RFC 8305).

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use polling::Event;

use crate::resolver::Resolver;
use crate::socket::Socket;
use crate::waker::Waker;

/// How long an address has for itself until the next one is tried as well (RFC 8305, section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Why no connection could be made.
#[derive(Debug)]
pub(crate) enum DialError {
    /// The name could not be looked up.
    Dns(io::Error),
    /// No address could be connected to. There is at least one.
    Tcp(Vec<(SocketAddr, io::Error)>),
}

/// A TCP connection in the making.
pub(crate) struct Dialer {
    waker: Arc<Waker>,
    state: State,
}

enum State {
    Resolving(Resolver),
    Connecting(Race),
}

/// The attempts for one host. The first success wins, and the others are dropped with the dialer.
#[derive(Default)]
struct Race {
    untried: VecDeque<SocketAddr>,
    running: Vec<(SocketAddr, Socket)>,
    failed: Vec<(SocketAddr, io::Error)>,
    /// When the next address is due though others are still running.
    next: Option<Instant>,
}

impl Dialer {
    /// Starts to connect.
    ///
    /// # Errors
    /// When no thread can be started for the look-up.
    pub(crate) fn start(host: &str, port: u16, waker: &Arc<Waker>) -> Result<Self, DialError> {
        let resolver = Resolver::start(host, port, waker).map_err(DialError::Dns)?;
        Ok(Self { waker: Arc::clone(waker), state: State::Resolving(resolver) })
    }

    /// Gets on; returns the connected socket once there is one.
    pub(crate) fn advance(&mut self, now: Instant) -> Result<Option<Socket>, DialError> {
        if let State::Resolving(resolver) = &self.state {
            let Some(result) = resolver.poll() else { return Ok(None) };
            let addresses = result.map_err(DialError::Dns)?;
            if addresses.is_empty() {
                return Err(DialError::Dns(io::Error::other("the name has no address")));
            }
            self.state = State::Connecting(Race { untried: interleave(addresses), ..Race::default() });
        }
        match &mut self.state {
            State::Resolving(_) => Ok(None),
            State::Connecting(race) => race.advance(now, &self.waker),
        }
    }

    /// Whether the name is still being looked up.
    pub(crate) fn is_resolving(&self) -> bool {
        matches!(self.state, State::Resolving(_))
    }

    /// When to call [`Dialer::advance`] though no socket is ready.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Resolving(_) => None,
            State::Connecting(race) => race.next,
        }
    }

    pub(crate) fn on_ready(&mut self, event: Event) {
        if let State::Connecting(race) = &mut self.state {
            race.running.iter_mut().for_each(|(_, socket)| socket.on_ready(event));
        }
    }

    pub(crate) fn arm(&mut self) -> io::Result<()> {
        match &mut self.state {
            State::Resolving(_) => Ok(()),
            State::Connecting(race) => race.running.iter_mut().try_for_each(|(_, socket)| socket.arm(false)),
        }
    }
}

impl Race {
    fn advance(&mut self, now: Instant, waker: &Arc<Waker>) -> Result<Option<Socket>, DialError> {
        let mut failed_now = false;
        let mut index = 0;
        while let Some((address, socket)) = self.running.get_mut(index) {
            match socket.is_connected() {
                Ok(true) => return Ok(Some(self.running.swap_remove(index).1)),
                Ok(false) => index += 1,
                Err(error) => {
                    self.failed.push((*address, error));
                    self.running.remove(index);
                    failed_now = true;
                }
            }
        }
        let due = failed_now || self.running.is_empty() || self.next.is_some_and(|next| now >= next);
        if due {
            self.try_next(now, waker);
        }
        if self.running.is_empty() {
            return Err(DialError::Tcp(std::mem::take(&mut self.failed)));
        }
        Ok(None)
    }

    /// Starts the next address that does not fail on the spot.
    fn try_next(&mut self, now: Instant, waker: &Arc<Waker>) {
        while let Some(address) = self.untried.pop_front() {
            match Socket::connect(address, waker) {
                Ok(socket) => {
                    self.running.push((address, socket));
                    break;
                }
                Err(error) => self.failed.push((address, error)),
            }
        }
        self.next = (!self.untried.is_empty()).then(|| now + ATTEMPT_DELAY);
    }
}

/// Alternates between IPv6 and IPv4, beginning with the family that the system prefers (RFC 8305, section 4).
fn interleave(addresses: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
    let first_is_ipv6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_ipv6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut order = VecDeque::new();
    loop {
        let pair = (first.next(), second.next());
        if pair == (None, None) {
            return order;
        }
        order.extend(pair.0);
        order.extend(pair.1);
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use polling::Events;

    use super::*;

    /// Drives a dialer to its end, as the worker does.
    fn dial(mut dialer: Dialer) -> Result<Socket, DialError> {
        let waker = Arc::clone(&dialer.waker);
        let mut events = Events::new();
        let give_up = Instant::now() + Duration::from_secs(20);
        while Instant::now() < give_up {
            if let Some(socket) = dialer.advance(Instant::now())? {
                return Ok(socket);
            }
            dialer.arm().unwrap();
            waker.sleep(&mut events, dialer.deadline().or(Some(give_up))).unwrap();
            events.iter().for_each(|event| dialer.on_ready(event));
        }
        panic!("the dialer did not come to an end");
    }

    /// A dialer for a host that has these addresses.
    fn dialer_for(addresses: Vec<SocketAddr>) -> Dialer {
        let race = Race { untried: interleave(addresses), ..Race::default() };
        Dialer { waker: Arc::new(Waker::new().unwrap()), state: State::Connecting(race) }
    }

    fn closed_port() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
    }

    #[test]
    fn families_alternate_beginning_with_the_preferred_one() {
        let parse = |text: &str| text.parse::<SocketAddr>().unwrap();
        let given = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"].map(parse).to_vec();
        let wanted = ["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"].map(parse).to_vec();
        assert_eq!(Vec::from(interleave(given)), wanted);
    }

    #[test]
    fn an_address_that_refuses_is_followed_by_the_next_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let started = Instant::now();
        dial(dialer_for(vec![closed_port(), closed_port(), listener.local_addr().unwrap()])).unwrap();
        assert!(started.elapsed() < ATTEMPT_DELAY, "it waited for the attempt delay");
    }

    #[test]
    fn an_address_that_does_not_answer_is_overtaken() {
        // A listener with a full queue drops what comes in, as a firewall does.
        let silent = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        silent.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
        silent.listen(0).unwrap();
        let silent_address = silent.local_addr().unwrap().as_socket().unwrap();
        let waker = Arc::new(Waker::new().unwrap());
        let _filling: Vec<_> = (0..4).map(|_| Socket::connect(silent_address, &waker).unwrap()).collect();

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let started = Instant::now();
        dial(dialer_for(vec![silent_address, listener.local_addr().unwrap()])).unwrap();
        let took = started.elapsed();
        assert!(took < Duration::from_secs(5), "the silent address held it up for {took:?}");
    }

    #[test]
    fn every_failure_is_reported() {
        let addresses = vec![closed_port(), closed_port()];
        let Err(DialError::Tcp(failed)) = dial(dialer_for(addresses.clone())) else { panic!("it connected") };
        assert_eq!(failed.iter().map(|(address, _)| *address).collect::<Vec<_>>(), addresses);
        assert!(failed.iter().all(|(_, error)| error.kind() == io::ErrorKind::ConnectionRefused));
    }
}
