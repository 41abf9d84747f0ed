//! The properties of a client: their defaults, what they may be, and what they are for the worker.

use std::time::Duration;

use godot::builtin::AnyDictionary;
use socketio_client::{TlsOptions, TransportOptions, check_header};
use socketio_protocol::{Endpoint, Limits, Reconnection, Settings};

/// The longest time that is told apart from for ever, in seconds: some thirty years.
const LONGEST: f64 = 1e9;

/// The properties of a client, as the game set them.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) path: String,
    /// Made when somebody asks for it, as the other dictionary.
    pub(crate) query: Option<AnyDictionary>,
    pub(crate) extra_headers: Option<AnyDictionary>,
    pub(crate) reconnection: bool,
    pub(crate) reconnection_attempts: i64,
    pub(crate) reconnection_delay: f64,
    pub(crate) reconnection_delay_max: f64,
    pub(crate) randomization_factor: f64,
    pub(crate) connect_timeout: f64,
    pub(crate) connect_main_namespace: bool,
    pub(crate) max_payload_size: i64,
    pub(crate) max_attachments: i64,
    pub(crate) max_buffered_size: i64,
    pub(crate) poll_budget_usec: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            path: Endpoint::DEFAULT_PATH.to_owned(),
            query: None,
            extra_headers: None,
            reconnection: true,
            reconnection_attempts: 0,
            reconnection_delay: 1.0,
            reconnection_delay_max: 5.0,
            randomization_factor: 0.5,
            connect_timeout: 20.0,
            connect_main_namespace: true,
            max_payload_size: 64 << 20,
            max_attachments: 10,
            max_buffered_size: 64 << 20,
            poll_budget_usec: 0,
        }
    }
}

impl Options {
    /// Where and how to connect, for the next attempt. The game's dictionaries may hold objects, so its code may run
    /// meanwhile.
    ///
    /// # Errors
    /// What an edit of `extra_headers` in place has made wrong, as the end of a sentence.
    pub(crate) fn settings(
        &self,
        endpoint: &Endpoint,
        tls: &TlsOptions,
    ) -> Result<(Settings, TransportOptions), String> {
        let headers = self.extra_headers.as_ref().map_or_else(|| Ok(Vec::new()), check_headers);
        let headers = headers.map_err(|problem| format!("extra_headers: {problem}"))?;
        let query = self.query.as_ref().map(pairs).unwrap_or_default();
        let endpoint = endpoint.clone().with_path(&self.path).with_query(query);
        let settings = Settings {
            endpoint,
            timeout: duration(self.connect_timeout),
            limits: Limits {
                max_payload: size(self.max_payload_size),
                max_attachments: size(self.max_attachments),
                max_early: self.max_buffered(),
            },
            reconnection: Reconnection {
                enabled: self.reconnection,
                attempts: (self.reconnection_attempts > 0)
                    .then(|| u32::try_from(self.reconnection_attempts).unwrap_or(u32::MAX)),
                delay: duration(self.reconnection_delay),
                delay_max: duration(self.reconnection_delay_max),
                randomization_factor: self.randomization_factor,
            },
        };
        Ok((settings, TransportOptions { tls: tls.clone(), headers }))
    }

    /// The most attachments that an event may have.
    pub(crate) fn max_attachments(&self) -> usize {
        size(self.max_attachments)
    }

    /// The bytes that may wait in either direction.
    pub(crate) fn max_buffered(&self) -> usize {
        size(self.max_buffered_size)
    }

    /// The time that one dispatch may take.
    pub(crate) fn poll_budget(&self) -> Option<Duration> {
        u64::try_from(self.poll_budget_usec).ok().filter(|budget| *budget > 0).map(Duration::from_micros)
    }
}

/// The pairs of a dictionary as text.
fn pairs(dictionary: &AnyDictionary) -> Vec<(String, String)> {
    dictionary
        .iter_shared()
        .map(|(name, value)| (name.stringify().to_string(), value.stringify().to_string()))
        .collect()
}

/// The headers in a dictionary.
///
/// # Errors
/// Which of them cannot be sent, as the end of a sentence.
pub(crate) fn check_headers(dictionary: &AnyDictionary) -> Result<Vec<(String, String)>, String> {
    let headers = pairs(dictionary);
    for (name, value) in &headers {
        check_header(name, value).map_err(|error| error.to_string())?;
    }
    Ok(headers)
}

/// A path of a URL.
///
/// # Errors
/// As the end of a sentence.
pub(crate) fn check_path(path: &str) -> Result<String, String> {
    match path.chars().find(|letter| letter.is_control()) {
        Some(unfit) => Err(format!("{path:?} is not possible: a path cannot hold {unfit:?}")),
        None => Ok(path.to_owned()),
    }
}

/// A time that may be zero.
///
/// # Errors
/// As the end of a sentence.
pub(crate) fn check_time(seconds: f64) -> Result<f64, String> {
    if seconds.is_finite() && seconds >= 0.0 {
        return Ok(seconds);
    }
    Err(format!("{seconds} is not a time: it takes seconds, 0 or more"))
}

/// A time that must be there.
///
/// # Errors
/// As the end of a sentence.
pub(crate) fn check_positive_time(seconds: f64) -> Result<f64, String> {
    if seconds.is_finite() && seconds > 0.0 {
        return Ok(seconds);
    }
    Err(format!("{seconds} is not possible: it takes seconds, more than 0"))
}

/// A part of a whole.
///
/// # Errors
/// As the end of a sentence.
pub(crate) fn check_part(part: f64) -> Result<f64, String> {
    if (0.0..=1.0).contains(&part) {
        return Ok(part);
    }
    Err(format!("{part} is not possible: it takes 0 to 1"))
}

/// A number that must be at least `least`.
///
/// # Errors
/// As the end of a sentence.
pub(crate) fn check_number(number: i64, least: i64) -> Result<i64, String> {
    if number >= least {
        return Ok(number);
    }
    Err(format!("{number} is not possible: it takes {least} or more"))
}

fn size(number: i64) -> usize {
    usize::try_from(number.max(0)).unwrap_or(usize::MAX)
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.min(LONGEST)).unwrap_or_default()
}
