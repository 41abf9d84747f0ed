//! Whole lives of a client in a network where everything goes wrong, and then well again: in the end every promise is kept.
//!
//! `SIMULATION_SEEDS=N` plays so many lives. `SIMULATION_SEED=N` plays one, and prints all that happens in it.

mod adapter;
mod ledger;
mod network;
mod server;
mod world;

use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use self::world::World;
use crate::choices::Named;
use crate::game::Counts;

const SEEDS: u64 = 100_000;

#[test]
fn every_promise_is_kept_once_the_network_is_well_again() {
    if let Some(seed) = number("SIMULATION_SEED") {
        play(seed, true);
        return;
    }
    let seeds = number("SIMULATION_SEEDS").unwrap_or(SEEDS);
    let (next, total) = (AtomicU64::new(0), Mutex::new(Counts::default()));
    let plays = || {
        let mut counts = Counts::default();
        loop {
            match next.fetch_add(1, Ordering::Relaxed) {
                seed if seed < seeds => counts.add(&play(seed, false)),
                _ => break total.lock().unwrap().add(&counts),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(plays);
        }
    });
    let total = total.into_inner().unwrap();
    assert!(total.least() as u64 > seeds / 2, "{total:?}");
}

fn play(seed: u64, verbose: bool) -> Counts {
    let _named = Named(seed);
    World::new(seed, verbose).run()
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}
