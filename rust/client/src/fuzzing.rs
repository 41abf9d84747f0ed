//! What reads the bytes of any server, without its socket: for the fuzz targets, and no part of the interface.

use std::io::Read;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use socketio_protocol::Endpoint;

use crate::diagnosis;
use crate::site::{Site, TransportOptions};
use crate::upgrade::{Asked, Reply, UpgradeError};
use crate::waker::Waker;

/// Nothing is ever registered with it.
static WAKER: LazyLock<Arc<Waker>> = LazyLock::new(|| Arc::new(Waker::new().expect("a poller")));

/// What a request for a WebSocket came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server agreed, and has sent this after its answer already.
    Accepted(Vec<u8>),
    /// The server refused.
    Refused {
        /// The status of its answer, if that was one for HTTP.
        status: Option<u16>,
        /// What the game hears.
        message: String,
    },
}

/// Reads the answer to a request for a WebSocket with this key, until the stream ends.
pub fn read_answer(stream: &mut impl Read, key: &str, endpoint: &Endpoint) -> Outcome {
    let asked = Asked { key: key.to_owned(), subprotocols: Vec::new() };
    let (mut reply, now) = (Reply::default(), Instant::now());
    loop {
        match reply.accepts(stream, &asked, now) {
            Ok(true) => return Outcome::Accepted(reply.into_rest()),
            Ok(false) => {}
            Err(error) => return refused(endpoint, &error),
        }
    }
}

fn refused(endpoint: &Endpoint, error: &UpgradeError) -> Outcome {
    // Whether long-polling is tried next is decided by the same bytes.
    let _ = error.leaves_polling();
    let status = match error {
        UpgradeError::NoAnswer(_) => None,
        UpgradeError::NotWebSocket(_) => Some(101),
        UpgradeError::Refused(refusal) => Some(refusal.head.status),
    };
    let site =
        Site::new(endpoint.clone(), TransportOptions::default(), &WAKER).expect("no headers to refuse");
    Outcome::Refused { status, message: diagnosis::upgrade(&site, error).message }
}
