//! Which text at the end of an event is an offset of connection state recovery (S16).
//!
//! Where its adapter has recovery, the server adds an offset as an extra last argument to each
//! event that is neither volatile nor asks for an acknowledgement. Nothing marks it: the same text
//! could be the game's own last argument. So an offset is hidden only where it is certain to be
//! one. Where it is not, it stays.
//!
//! - An offset has the form of one of the official adapters, each of which tells when it was made.
//! - Offsets make a series: each is made after the one before, give or take what a cluster delivers
//!   out of order, and none later than the server's clock can be. A text that does not fit begins
//!   a series of its own.
//! - A series of the in-memory adapter is certain from its first text on, if that was made within
//!   five minutes of this device's time: no word and no random id has seven such digits.
//! - Any other series is certain when two events agree, three with MongoDB's form, since
//!   games too have such ids that they have just made. The last one must have been made within five
//!   minutes of this device's time, or by another clock that has run at the same pace for ten seconds.
//! - An event of nothing but that text proves nothing: `emit("spawned", id)` is what games do.
//! - A series is certain when the server has restored the session with a text of it.
//! - An offset comes once. If a text of a series comes again, at the end of an event or anywhere
//!   in one, the series was a mistake: it is given up, and the next one of its form needs more proof.
//! - Of several certain series, the adapter's is the one whose form is the least likely in a game.

mod stamp;

use std::collections::{HashMap, VecDeque};

use self::stamp::{Form, Stamp};
use crate::Values;

/// How far the server's clock may be from this device's, in milliseconds.
const CLOSE: i64 = 5 * 60 * 1000;
/// How much later an offset may be made than those before it let expect: they may have been on
/// their way for so long.
const DELAY: i64 = 60 * 1000;
/// How long a clock that is not this device's must be seen to run.
const PACE: i64 = 10 * 1000;
/// How much is remembered.
const MAX_SERIES: usize = 4;
const MAX_SEEN: usize = 128;

/// What the events of a namespace have told about its offsets.
#[derive(Debug, Clone, Default)]
pub(super) struct Offsets {
    /// The one that got the newest text stands last.
    series: Vec<Series>,
    series_made: u64,
    seen: VecDeque<Seen>,
    /// How many series of a form were mistakes.
    mistakes: HashMap<Form, u32>,
    /// The newest text at the end of an event, whatever it looks like.
    last: Option<String>,
}

#[derive(Debug, Clone)]
struct Series {
    number: u64,
    newest: Stamp,
    /// The newest text of the session that is open now.
    text: Option<String>,
    /// How many events have agreed.
    agreeing: u32,
    /// How many must.
    needed: u32,
    /// How far the server's clock is ahead of this device's, or further.
    ahead: i64,
    /// When the first text was made, and when it came.
    first: (i64, i64),
    is_close: bool,
    is_certain: bool,
}

/// A text that came at the end of an event, in a series, or elsewhere.
#[derive(Debug, Clone, Copy)]
struct Seen {
    stamp: Stamp,
    series: Option<u64>,
}

impl Offsets {
    /// Takes the offset off an event that asks for no acknowledgement. `now` is the time in
    /// milliseconds since 1970.
    pub(super) fn take(&mut self, arguments: &mut Values, now: i64) {
        let last = arguments.last_string();
        let has_others = arguments.len() > 1;
        let is_offset = last.is_some_and(|last| self.take_text(last, has_others, now));
        let stays = last.is_some() && !is_offset;
        if let Some(last) = last {
            self.last = Some(last.to_owned());
        }
        if is_offset {
            arguments.remove_last();
        }
        if self.series.iter().any(|series| series.newest.form != Form::InMemory) {
            let mut others = arguments.strings();
            if stays {
                others.next_back();
            }
            others.take(MAX_SEEN).filter_map(Stamp::of).for_each(|stamp| self.see_elsewhere(stamp));
        }
    }

    /// Whether a text at the end of such an event would be taken off.
    pub(super) fn would_take(&self, text: &str, has_others: bool, now: i64) -> bool {
        self.clone().take_text(text, has_others, now)
    }

    /// What the session is to be restored with. The official client takes the last text for it,
    /// whatever that is.
    pub(super) fn to_send(&self) -> Option<&str> {
        let newest = |accepts: fn(&Series) -> bool| {
            let newest = self.series.iter().rev().filter(|series| accepts(series));
            newest
                .filter_map(|series| Some((series.newest.form, series.text.as_deref()?)))
                .min_by_key(|(form, _)| *form)
        };
        let certain = newest(|series| series.is_certain);
        let likely = || newest(|series| series.is_close || series.agreeing > 1);
        certain.or_else(likely).map(|(_, text)| text).or(self.last.as_deref())
    }

    /// The server has restored the session with [`to_send`](Self::to_send).
    pub(super) fn restored(&mut self) {
        // What came after that text comes again.
        self.seen.clear();
        let sent = self.to_send().map(str::to_owned);
        if let Some(series) = self.series.iter_mut().find(|series| series.text == sent) {
            series.is_certain = true;
        }
    }

    /// Another session begins at the same server, which cannot be restored with what was sent in
    /// the one before.
    pub(super) fn begin_session(&mut self) {
        self.last = None;
        self.series.iter_mut().for_each(|series| series.text = None);
    }

    /// Takes a text in. Returns whether it is certain to be an offset.
    fn take_text(&mut self, text: &str, has_others: bool, now: i64) -> bool {
        let Some(stamp) = Stamp::of(text).filter(|stamp| !self.see_again(*stamp)) else { return false };
        let fits = |series: &Series| series.fits(stamp, now);
        let found = self.series.iter().rposition(|series| series.is_certain && fits(series));
        let mut series = match found.or_else(|| self.series.iter().rposition(fits)) {
            Some(index) => self.series.remove(index),
            None => self.new_series(stamp, now),
        };
        series.add(stamp, text, has_others, now);
        let is_hidden = series.is_certain
            && !self.series.iter().any(|other| other.is_certain && other.newest.form < stamp.form);
        self.remember(stamp, Some(series.number));
        self.series.push(series);
        is_hidden
    }

    fn new_series(&mut self, stamp: Stamp, now: i64) -> Series {
        if self.series.len() == MAX_SERIES {
            let oldest = self.series.iter().position(|series| !series.is_certain);
            self.series.remove(oldest.unwrap_or_default());
        }
        self.series_made = self.series_made.wrapping_add(1);
        Series {
            number: self.series_made,
            newest: stamp,
            text: None,
            agreeing: 0,
            needed: stamp.form.agreeing().saturating_mul(self.mistakes_of(stamp.form).saturating_add(1)),
            ahead: stamp.made.saturating_sub(now),
            first: (stamp.made, now),
            is_close: false,
            is_certain: false,
        }
    }

    fn mistakes_of(&self, form: Form) -> u32 {
        self.mistakes.get(&form).copied().unwrap_or_default()
    }

    fn see_elsewhere(&mut self, stamp: Stamp) {
        if !self.see_again(stamp) {
            self.remember(stamp, None);
        }
    }

    /// Whether the text came before. If it came in a series, that one is the
    /// game's, and was a mistake if it was certain.
    fn see_again(&mut self, stamp: Stamp) -> bool {
        let Some(seen) = self.seen.iter_mut().find(|seen| seen.stamp == stamp) else { return false };
        let mistake = seen.series.take();
        if let Some(index) = self.series.iter().position(|series| Some(series.number) == mistake)
            && self.series.remove(index).is_certain
        {
            let mistakes = self.mistakes.entry(stamp.form).or_default();
            *mistakes = mistakes.saturating_add(1);
        }
        true
    }

    fn remember(&mut self, stamp: Stamp, series: Option<u64>) {
        if self.seen.len() == MAX_SEEN {
            self.seen.pop_front();
        }
        self.seen.push_back(Seen { stamp, series });
    }
}

impl Series {
    fn fits(&self, stamp: Stamp, now: i64) -> bool {
        let expected = now.saturating_add(self.ahead);
        stamp.form == self.newest.form
            && stamp.follows(self.newest)
            && stamp.made <= expected.saturating_add(DELAY)
            // Once it is certain, events may come that were missed long ago.
            && (self.is_certain || stamp.made >= expected.saturating_sub(DELAY))
    }

    fn add(&mut self, stamp: Stamp, text: &str, has_others: bool, now: i64) {
        let ahead = stamp.made.saturating_sub(now);
        self.newest = stamp;
        self.text = Some(text.to_owned());
        if has_others {
            self.agreeing = self.agreeing.saturating_add(1);
        }
        self.ahead = self.ahead.max(ahead);
        self.is_close = ahead.saturating_abs() <= CLOSE;
        let (first_made, first_came) = self.first;
        let came = now.saturating_sub(first_came);
        let made = stamp.made.saturating_sub(first_made);
        let runs = came >= PACE && made >= came / 2 && made / 2 <= came;
        let agree = self.agreeing >= self.needed && (self.is_close || runs);
        let is_likely = stamp.form == Form::InMemory && self.needed == stamp.form.agreeing();
        self.is_certain |= agree || (is_likely && self.is_close && has_others);
    }
}

#[cfg(test)]
mod tests;
