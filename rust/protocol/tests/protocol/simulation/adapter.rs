//! The offsets of the official adapters (S16).

use std::time::{Duration, Instant};

use crate::choices::{Choices, Seeded};
use crate::pair::UNIX_TIME;

/// Where the server has its offsets from.
pub struct Adapter {
    form: Form,
    begin: Instant,
    unix_time: Duration,
}

enum Form {
    InMemory,
    RedisStreams,
    MongoDb,
}

impl Adapter {
    /// One whose clock may be another than the client's.
    pub fn new(choices: &mut Seeded, begin: Instant) -> Self {
        let form = match choices.below(3) {
            0 => Form::InMemory,
            1 => Form::RedisStreams,
            _ => Form::MongoDb,
        };
        let ahead = if choices.below(3) == 0 { choices.below(24 * 60 * 60) } else { 0 };
        Self { form, begin, unix_time: UNIX_TIME + Duration::from_secs(ahead) }
    }

    pub fn offset(&self, now: Instant, number: u64) -> String {
        let millis = (self.unix_time + now.duration_since(self.begin)).as_millis();
        match self.form {
            Form::InMemory => format!("{}.{number}", seven_digits(millis)),
            Form::RedisStreams => format!("{millis}-{number}"),
            Form::MongoDb => format!("{:08x}{number:016x}", millis / 1000),
        }
    }
}

fn seven_digits(millis: u128) -> String {
    const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
    (0..7).rev().map(|digit| char::from(DIGITS[(millis >> (6 * digit)) as usize % DIGITS.len()])).collect()
}
