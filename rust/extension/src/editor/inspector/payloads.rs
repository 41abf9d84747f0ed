//! What was asked for already: it can be looked at again, also when the game has ended.

use std::collections::VecDeque;

use crate::editor::message::Payload;

/// The most that are kept. Each is up to 256 KiB.
const CAPACITY: usize = 100;

#[derive(Default)]
pub(super) struct Payloads {
    kept: VecDeque<Payload>,
}

impl Payloads {
    pub(super) fn add(&mut self, payload: Payload) {
        if self.kept.len() == CAPACITY {
            self.kept.pop_front();
        }
        self.kept.push_back(payload);
    }

    pub(super) fn get(&self, client: i64, number: i64) -> Option<&Payload> {
        self.kept.iter().rev().find(|payload| (payload.client, payload.number) == (client, number))
    }

    pub(super) fn clear(&mut self) {
        self.kept.clear();
    }
}
