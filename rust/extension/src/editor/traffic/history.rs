//! The newest packets, and which of them are shown.

use std::collections::VecDeque;

use super::{Filter, Packet};

/// A packet's place in all that were ever taken. It stays the packet's while older ones go.
pub(in crate::editor) type Key = u64;

/// Bounded: the oldest packet goes when there are too many.
#[derive(Debug, Default)]
pub(in crate::editor) struct History {
    kept: VecDeque<Packet>,
    /// The key of the oldest that is kept.
    first: Key,
    filter: Filter,
    /// Those of the kept ones that the filter lets pass, in order.
    shown: VecDeque<Key>,
    /// How many the game has left out, because there were too many at once.
    skipped: u64,
}

impl History {
    /// The most packets that are kept.
    pub(in crate::editor) const CAPACITY: usize = 5000;

    pub(in crate::editor) fn push(&mut self, packet: Packet) {
        if self.kept.len() == Self::CAPACITY {
            self.kept.pop_front();
            self.shown.pop_front_if(|key| *key == self.first);
            self.first += 1;
        }
        if self.filter.passes(&packet) {
            self.shown.push_back(self.first + self.kept.len() as Key);
        }
        self.kept.push_back(packet);
    }

    pub(in crate::editor) fn skip(&mut self, count: u64) {
        self.skipped = self.skipped.saturating_add(count);
    }

    pub(in crate::editor) fn clear(&mut self) {
        self.first += self.kept.len() as Key;
        self.kept.clear();
        self.shown.clear();
        self.skipped = 0;
    }

    pub(in crate::editor) fn filter(&self) -> &Filter {
        &self.filter
    }

    pub(in crate::editor) fn set_filter(&mut self, filter: Filter) {
        if self.filter == filter {
            return;
        }
        let keys = self.first..;
        self.shown =
            keys.zip(&self.kept).filter(|(_, packet)| filter.passes(packet)).map(|(key, _)| key).collect();
        self.filter = filter;
    }

    /// How many packets are kept.
    pub(in crate::editor) fn len(&self) -> usize {
        self.kept.len()
    }

    pub(in crate::editor) fn skipped(&self) -> u64 {
        self.skipped
    }

    pub(in crate::editor) fn get(&self, key: Key) -> Option<&Packet> {
        self.kept.get(usize::try_from(key.checked_sub(self.first)?).ok()?)
    }

    /// How many packets are shown.
    pub(in crate::editor) fn rows(&self) -> usize {
        self.shown.len()
    }

    /// The packet that is shown in a row.
    pub(in crate::editor) fn row(&self, row: usize) -> Option<(Key, &Packet)> {
        let key = *self.shown.get(row)?;
        Some((key, self.get(key)?))
    }

    /// The row of a packet, or the one where it would be.
    pub(in crate::editor) fn row_of(&self, key: Key) -> Result<usize, usize> {
        self.shown.binary_search(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::super::packet::tests::event;
    use super::super::{Category, Kind};
    use super::*;

    fn shown(history: &History) -> Vec<i64> {
        (0..history.rows()).map(|row| history.row(row).unwrap().1.number).collect()
    }

    #[test]
    fn the_oldest_packets_go() {
        let mut history = History::default();
        for number in 0..History::CAPACITY as i64 + 3 {
            history.push(event(number, "/", "a"));
        }
        assert_eq!((history.len(), history.rows()), (History::CAPACITY, History::CAPACITY));
        assert_eq!(history.row(0).unwrap().1.number, 3);
        assert_eq!(history.get(2), None);
        assert_eq!(history.get(3).unwrap().number, 3);
    }

    #[test]
    fn hidden_packets_go_without_taking_shown_ones_along() {
        let mut history = History::default();
        history.push(event(0, "/", "a"));
        history.push(Packet { kind: Kind::Ping, ..event(1, "", "") });
        for number in 2..History::CAPACITY as i64 + 2 {
            history.push(event(number, "/", "a"));
        }
        assert_eq!(history.row(0).unwrap().1.number, 2);
        assert_eq!(history.rows(), History::CAPACITY);
    }

    #[test]
    fn a_filter_counts_for_old_and_new_packets() {
        let mut history = History::default();
        history.push(event(0, "/", "move"));
        history.push(event(1, "/", "chat"));
        history.set_filter(Filter::default().with_text("move"));
        history.push(event(2, "/", "chat"));
        history.push(event(3, "/", "move"));
        assert_eq!(shown(&history), [0, 3]);
        history.set_filter(Filter::default().with_category(Category::Events, false));
        assert_eq!(shown(&history), [0; 0]);
        history.set_filter(Filter::default());
        assert_eq!(shown(&history), [0, 1, 2, 3]);
    }

    #[test]
    fn a_packet_keeps_its_key_and_not_its_row() {
        let mut history = History::default();
        for number in 0..4 {
            history.push(event(number, "/", if number % 2 == 0 { "even" } else { "odd" }));
        }
        let (key, _) = history.row(3).unwrap();
        history.set_filter(Filter::default().with_text("odd"));
        assert_eq!(history.row_of(key), Ok(1));
        history.set_filter(Filter::default().with_text("even"));
        assert_eq!(history.row_of(key), Err(2));
    }

    #[test]
    fn what_is_cleared_never_comes_back() {
        let mut history = History::default();
        history.push(event(0, "/", "a"));
        history.skip(7);
        let (key, _) = history.row(0).unwrap();
        history.clear();
        history.push(event(1, "/", "a"));
        assert_eq!((history.len(), history.skipped()), (1, 0));
        assert_eq!(history.get(key), None);
        assert_eq!(shown(&history), [1]);
    }
}
