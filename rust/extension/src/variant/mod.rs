//! Between Godot's values and the wire.

pub(crate) mod data;
pub(crate) mod decode;
pub(crate) mod discarded;
pub(crate) mod encode;
mod encode_error;
mod json;
pub(crate) mod keys;
pub(crate) mod pool;
mod raw;
mod spent;
