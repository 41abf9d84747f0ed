//! Turning a host's name into addresses, on a thread of its own: the system's look-up cannot be interrupted.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};

use crate::threads;
use crate::waker::Waker;

/// How many look-ups may be under way in the process, abandoned ones included.
const MAX_LOOK_UPS: usize = 16;
/// How old a look-up may be to serve a further client. An older one may be stuck in a network that is gone.
const SHARED_FOR: Duration = Duration::from_secs(1);

/// What is being looked up in the process.
static LOOK_UPS: Mutex<Vec<LookUp>> = Mutex::new(Vec::new());

type Addresses = io::Result<Vec<SocketAddr>>;

/// The wait for a look-up. Dropping it leaves the thread alone, whose result then goes nowhere.
pub(crate) struct Resolver {
    result: Receiver<Addresses>,
}

impl Resolver {
    /// Starts to look up a name; the waker is woken when the result is there. An address needs no look-up, and
    /// clients that ask for the same name together share one.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(crate) fn start(host: &str, port: u16, waker: &Arc<Waker>) -> io::Result<Self> {
        let (sender, result) = bounded(1);
        if let Ok(address) = host.parse::<IpAddr>() {
            let _ = sender.send(Ok(vec![SocketAddr::new(address, port)]));
            return Ok(Self { result });
        }
        let waiter = Waiter { result: sender, waker: Arc::clone(waker) };
        let name = Arc::new((host.to_owned(), port));
        let mut look_ups = look_ups();
        let mut shared = look_ups.iter_mut().filter(|look_up| look_up.started.elapsed() < SHARED_FOR);
        if let Some(look_up) = shared.find(|look_up| look_up.name == name) {
            look_up.waiters.push(waiter);
            return Ok(Self { result });
        }
        if look_ups.len() >= MAX_LOOK_UPS {
            return Err(io::Error::other("too many look-ups are still waiting for an answer"));
        }
        let asked = Arc::clone(&name);
        threads::spawn("socketio-dns", None, move || {
            let result = (asked.0.as_str(), asked.1).to_socket_addrs().map(Iterator::collect);
            finish(&asked, &result);
        })?;
        look_ups.push(LookUp { name, started: Instant::now(), waiters: vec![waiter] });
        Ok(Self { result })
    }

    /// The addresses in the system's order of preference, or `None` while they are not known.
    pub(crate) fn poll(&self) -> Option<Addresses> {
        match self.result.try_recv() {
            Ok(result) => Some(result),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(io::Error::other("the look-up's thread has failed"))),
        }
    }
}

/// A look-up under way.
struct LookUp {
    /// Host and port. Its thread has the same allocation, which tells it from another look-up of the same name.
    name: Arc<(String, u16)>,
    started: Instant,
    waiters: Vec<Waiter>,
}

/// A client that waits for a look-up.
struct Waiter {
    result: Sender<Addresses>,
    waker: Arc<Waker>,
}

fn look_ups() -> MutexGuard<'static, Vec<LookUp>> {
    LOOK_UPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends a look-up, and tells who waits for it.
fn finish(name: &Arc<(String, u16)>, result: &Addresses) {
    let finished: Vec<LookUp> =
        look_ups().extract_if(.., |look_up| Arc::ptr_eq(&look_up.name, name)).collect();
    for waiter in finished.into_iter().flat_map(|look_up| look_up.waiters) {
        let result = match result {
            Ok(addresses) => Ok(addresses.clone()),
            Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
        };
        // Nobody waits any more when the connection was given up.
        let _ = waiter.result.send(result);
        waiter.waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// The look-ups are the process's, so that only one test may have any.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

    fn wait_for(resolver: &Resolver) -> Vec<SocketAddr> {
        let give_up = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(result) = resolver.poll() {
                return result.unwrap();
            }
            assert!(Instant::now() < give_up, "a client was forgotten");
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn names_that_nobody_answers_do_not_take_all_threads() {
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let waker = Arc::new(Waker::new().unwrap());
        let names: Vec<_> =
            (0..MAX_LOOK_UPS).map(|number| Arc::new((format!("{number}.invalid"), 1))).collect();
        look_ups().extend(names.iter().map(|name| LookUp {
            name: Arc::clone(name),
            started: Instant::now(),
            waiters: Vec::new(),
        }));
        let refused = Resolver::start("localhost", 1, &waker).err().expect("one more look-up was begun");
        assert!(refused.to_string().contains("too many look-ups"), "{refused}");
        // Who asks for one of them waits with the others, and an address needs none.
        Resolver::start("0.invalid", 1, &waker).unwrap();
        assert!(Resolver::start("127.0.0.1", 1, &waker).unwrap().poll().unwrap().is_ok());
        let failure = || Err(io::Error::other("nobody has answered"));
        finish(&names[0], &failure());
        wait_for(&Resolver::start("localhost", 1, &waker).unwrap());
        names.iter().for_each(|name| finish(name, &failure()));
    }

    #[test]
    fn an_address_with_a_zone_is_one_of_that_interface() {
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let waker = Arc::new(Waker::new().unwrap());
        let addresses = wait_for(&Resolver::start("fe80::1%1", 3000, &waker).unwrap());
        let scopes: Vec<_> = addresses
            .iter()
            .map(|address| if let SocketAddr::V6(address) = address { address.scope_id() } else { 0 })
            .collect();
        assert!(!scopes.is_empty() && scopes.iter().all(|scope| *scope == 1), "{addresses:?}");
    }

    #[test]
    fn many_clients_that_ask_for_one_name_all_get_its_addresses() {
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let waker = Arc::new(Waker::new().unwrap());
        let resolvers: Vec<_> = (0..100).map(|_| Resolver::start("localhost", 1, &waker).unwrap()).collect();
        for resolver in resolvers {
            let addresses = wait_for(&resolver);
            assert!(addresses.iter().all(|address| address.ip().is_loopback()), "{addresses:?}");
            assert!(!addresses.is_empty());
        }
        assert!(!look_ups().iter().any(|look_up| look_up.name.0 == "localhost"), "a look-up is left over");
    }
}
