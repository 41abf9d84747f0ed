//! Whole sessions, one behaviour a test.

mod acks;
mod closing;
mod connecting;
mod emitting;
mod heartbeat;
mod joining;
mod leaving;
mod limits;
mod losing;
mod receiving;
