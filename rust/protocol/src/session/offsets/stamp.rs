//! Texts that have the form of an offset.

/// How much earlier an offset may be made than the one before it, in milliseconds: a cluster does not
/// deliver in order.
const DISORDER: i64 = 5 * 1000;

/// A text that has the form of an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) form: Form,
    /// When it was made, in milliseconds since 1970.
    pub(super) made: i64,
    /// What tells it from others that were made then.
    rest: u64,
}

/// The offsets of the official adapters. The first is the least likely to be a game's own text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Form {
    /// The in-memory adapter's: the milliseconds as seven digits of base 64, and a counter after a
    /// dot where several fall into the same one.
    InMemory,
    /// The Redis streams adapter's: milliseconds, a hyphen and a counter.
    RedisStreams,
    /// The MongoDB adapter's: 24 hexadecimal digits, of which the first eight are the seconds.
    MongoDb,
}

impl Form {
    /// How many texts make a series certain.
    pub(super) fn agreeing(self) -> u32 {
        match self {
            Self::InMemory | Self::RedisStreams => 2,
            Self::MongoDb => 3,
        }
    }
}

impl Stamp {
    pub(super) fn of(text: &str) -> Option<Self> {
        Self::of_in_memory(text).or_else(|| Self::of_redis_streams(text)).or_else(|| Self::of_mongo_db(text))
    }

    fn of_in_memory(text: &str) -> Option<Self> {
        const DIGITS: usize = 7;

        let (time, counter) =
            text.split_once('.').map_or((text, None), |(time, counter)| (time, Some(counter)));
        if time.len() != DIGITS {
            return None;
        }
        // The first text of a millisecond has no counter, the second one's is 0.
        let rest = match counter {
            Some(counter) => base_64(counter)?.checked_add(1)?,
            None => 0,
        };
        Some(Self { form: Form::InMemory, made: i64::try_from(base_64(time)?).ok()?, rest })
    }

    fn of_redis_streams(text: &str) -> Option<Self> {
        let (time, counter) = text.split_once('-')?;
        let number =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
        Some(Self {
            form: Form::RedisStreams,
            made: i64::try_from(number(time)?).ok()?,
            rest: number(counter)?,
        })
    }

    fn of_mongo_db(text: &str) -> Option<Self> {
        const DIGITS: usize = 24;

        if text.len() != DIGITS || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        let (seconds, rest) = text.split_at_checked(8)?;
        let seconds = i64::from_str_radix(seconds, 16).ok()?;
        Some(Self {
            form: Form::MongoDb,
            made: seconds.checked_mul(1000)?,
            rest: u64::from_str_radix(rest, 16).ok()?,
        })
    }

    /// Whether it can be made after that one.
    pub(super) fn follows(self, before: Self) -> bool {
        match self.form {
            // One process makes them all.
            Form::InMemory => (self.made, self.rest) > (before.made, before.rest),
            Form::RedisStreams | Form::MongoDb => self.made >= before.made.saturating_sub(DISORDER),
        }
    }
}

/// The number that up to ten digits make.
fn base_64(text: &str) -> Option<u64> {
    const MAX_DIGITS: usize = 10;

    if text.is_empty() || text.len() > MAX_DIGITS {
        return None;
    }
    text.bytes().try_fold(0_u64, |number, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte.checked_sub(b'0')?,
            b'A'..=b'Z' => byte.checked_sub(b'A')?.checked_add(10)?,
            b'a'..=b'z' => byte.checked_sub(b'a')?.checked_add(36)?,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        number.checked_mul(64)?.checked_add(u64::from(digit))
    })
}
