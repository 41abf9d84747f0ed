//! Bytes of the game that other threads read where they are.
//!
//! The holders of a PackedByteArray share its bytes until one of them changes its own: that one gets a copy first. So whoever
//! holds one can read it as long as it likes, on any thread; the number of the holders is counted atomically.

use std::slice;

use godot::builtin::PackedByteArray;
use godot::sys::{self, GodotFfi};

use super::{Local, engine};

/// The bytes of a `PackedByteArray` as they were when this was made, whatever becomes of the array.
pub(in crate::variant) struct SharedBytes {
    /// Keeps them.
    _array: Local,
    first: *const u8,
    length: usize,
}

// SAFETY: nobody changes the bytes as long as it holds them, and its end gives back no more than memory.
unsafe impl Send for SharedBytes {}

impl SharedBytes {
    pub(in crate::variant) fn of(bytes: &PackedByteArray) -> Self {
        let (engine, length) = (engine(), bytes.len());
        let arguments: [sys::GDExtensionConstTypePtr; 1] = [bytes.sys()];
        // SAFETY: the constructor makes a PackedByteArray of the place, which shares the bytes of the one that it takes. The
        // first byte is asked for only if there is any, and stays where it is as long as the new one holds it.
        unsafe {
            let mut array =
                Local::new(engine.bytes_destroy, |place| (engine.bytes_copy)(place, arguments.as_ptr()));
            let first = if length == 0 {
                std::ptr::dangling()
            } else {
                (engine.bytes_element_const)(array.pointer(), 0)
            };
            Self { _array: array, first, length }
        }
    }
}

impl AsRef<[u8]> for SharedBytes {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: the bytes are held, and there are as many.
        unsafe { slice::from_raw_parts(self.first, self.length) }
    }
}
