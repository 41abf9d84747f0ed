//! Whole sessions, one behaviour a test.

mod acks;
mod authorizing;
mod closing;
mod connecting;
mod emitting;
mod heartbeat;
mod joining;
mod leaving;
mod limits;
mod losing;
mod pausing;
mod receiving;
mod reconnecting;
mod recovering;
mod reporting;
mod retrying;
mod volatile;
