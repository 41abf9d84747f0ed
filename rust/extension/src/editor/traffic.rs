//! What a game has told of its clients. Nothing here knows the engine.

mod client;
mod filter;
mod history;
mod meter;
mod packet;

pub(super) use self::client::{Client, Namespace, State};
pub(super) use self::filter::{Category, Filter, Scope};
pub(super) use self::history::{History, Key};
pub(super) use self::meter::{GRAPH_SECONDS, Reading};
pub(super) use self::packet::{Direction, Kind, Packet};

/// The clients and packets of a game.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    clients: Vec<Client>,
    pub(super) history: History,
}

impl Traffic {
    /// The most clients that are shown. A game has one or two, and tells of 100 at most.
    const MAX_CLIENTS: usize = 100;

    /// All clients that the game has now.
    pub(super) fn clients(&self) -> &[Client] {
        &self.clients
    }

    pub(super) fn client(&self, number: i64) -> Option<&Client> {
        self.clients.iter().find(|client| client.number == number)
    }

    /// Expects a client to report this in seconds.
    pub(super) fn set_added_latency(&mut self, number: i64, seconds: f64) {
        if let Some(client) = self.clients.iter_mut().find(|client| client.number == number) {
            client.added_latency = seconds;
        }
    }

    /// Takes how the game's clients stand at a time in seconds. What was measured of each before stays with it.
    pub(super) fn update_clients(&mut self, reports: Vec<(Client, Reading)>, now: f64) {
        let mut before = std::mem::take(&mut self.clients);
        for (mut client, reading) in reports {
            if self.clients.len() == Self::MAX_CLIENTS || self.client(client.number).is_some() {
                continue;
            }
            if let Some(known) = before.iter_mut().find(|known| known.number == client.number) {
                client.meter = std::mem::take(&mut known.meter);
            }
            client.meter.add(reading, now);
            self.clients.push(client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(number: i64, events_received: u64) -> (Client, Reading) {
        let client = Client { number, ..Client::default() };
        (client, Reading { events_received, ..Reading::default() })
    }

    #[test]
    fn a_client_keeps_what_was_measured_of_it() {
        let mut traffic = Traffic::default();
        traffic.update_clients(vec![report(1, 0), report(2, 0)], 0.0);
        traffic.update_clients(vec![report(2, 10), report(1, 30)], 1.0);
        let rate = |number| traffic.client(number).unwrap().meter.rates().events_received;
        assert_eq!((rate(1), rate(2)), (30.0, 10.0));
    }

    #[test]
    fn a_client_that_is_gone_is_not_shown() {
        let mut traffic = Traffic::default();
        traffic.update_clients(vec![report(1, 0), report(2, 0)], 0.0);
        traffic.update_clients(vec![report(2, 0)], 1.0);
        assert!(traffic.client(1).is_none());
        assert_eq!(traffic.clients().len(), 1);
    }

    #[test]
    fn clients_are_bounded_and_told_apart() {
        let mut traffic = Traffic::default();
        traffic.update_clients((0..1000).map(|number| report(number, 0)).collect(), 0.0);
        assert_eq!(traffic.clients().len(), Traffic::MAX_CLIENTS);
        traffic.update_clients(vec![report(1, 0), report(1, 0)], 1.0);
        assert_eq!(traffic.clients().len(), 1);
    }
}
