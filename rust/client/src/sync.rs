//! The atomics of what the threads agree by. `tests/handover.rs` has others in their place, which try every order.

pub(crate) use std::sync::atomic;
