//! The entries of a Dictionary where they stand in memory.
//!
//! A Dictionary is a hash table whose entries are linked in their order. An entry begins with the pointers to the next and to the
//! one before; its key and its value, two Variants, follow. What the holders of a Dictionary share has a pointer to the
//! first entry and, behind it, one to the last (`HashMap` and `DictionaryPrivate` in the engine's source): nobody need ask for an
//! Array of the keys, or look a key up, to go through them all.

use std::ptr;

use godot::builtin::Variant;
use godot::sys;

use super::layout::{self, Place};
use super::{Engine, Local, kind};

/// Where the key stands in an entry, and where its value does.
const KEY: usize = 16;
const VALUE: usize = KEY + size_of::<Variant>();
/// In which words of what the holders share the pointer to the first entry is looked for. Before them stand the number of the
/// holders and what makes it constant; all of them, and the word behind the last, are in there in any version.
const WORDS: std::ops::RangeInclusive<usize> = 2..=5;

/// An entry, as long as nothing is added to its Dictionary or removed from it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry(*mut u8);

impl Entry {
    /// # Safety
    /// The pointer must be null or that of an entry.
    unsafe fn new(pointer: *mut u8) -> Option<Self> {
        (!pointer.is_null()).then_some(Self(pointer))
    }

    pub(super) fn key(self) -> sys::GDExtensionConstVariantPtr {
        self.0.wrapping_add(KEY).cast_const().cast()
    }

    pub(super) fn value(self) -> sys::GDExtensionVariantPtr {
        self.0.wrapping_add(VALUE).cast()
    }

    /// # Safety
    /// The entry must be there.
    pub(super) unsafe fn next(self) -> Option<Self> {
        // SAFETY: as above.
        unsafe { Self::new(self.0.cast::<*mut u8>().read()) }
    }
}

/// The first entry of a Dictionary, if there is any, for `offset` as [`Engine::find_first_entry`] has found it.
///
/// # Safety
/// The pointer must be that of a Dictionary.
pub(super) unsafe fn first(dictionary: sys::GDExtensionTypePtr, offset: usize) -> Option<Entry> {
    // SAFETY: as above.
    unsafe { Entry::new(shared(dictionary).byte_add(offset).cast::<*mut u8>().read()) }
}

/// # Safety
/// The pointer must be that of a Dictionary.
unsafe fn shared(dictionary: sys::GDExtensionTypePtr) -> *const usize {
    // SAFETY: as above.
    unsafe { *dictionary.cast::<*const usize>() }
}

impl Engine {
    /// Finds out by trying where the pointer to the first entry is, in bytes; nothing if entries are not as described here.
    /// That a Variant shows its type and value must be known.
    ///
    /// No link is followed before the Dictionary itself has been seen to point to the entries that are linked.
    pub(super) fn find_first_entry(&self) -> Option<usize> {
        // SAFETY: the functions make a Dictionary, whose entries are looked at while it is there, and let go of it.
        unsafe {
            let mut local =
                Local::new(self.dictionary_destroy, |place| (self.dictionary_new)(place, ptr::null()));
            let dictionary = local.pointer();
            let entries = [7, -8, 9].map(|key| self.add_entry(dictionary, key));
            let [Some(first), Some(second), Some(third)] = entries else {
                return None;
            };
            let word = WORDS.into_iter().find(|&word| {
                let pointer = shared(dictionary).add(word).cast::<*mut u8>();
                pointer.read() == first.0 && pointer.add(1).read() == third.0
            })?;
            let are_linked =
                first.next() == Some(second) && second.next() == Some(third) && third.next().is_none();
            let offset = word * size_of::<usize>();
            self.erase_entry(dictionary, 7);
            let follows = self::first(dictionary, offset) == Some(second) && second.next() == Some(third);
            self.erase_entry(dictionary, 9);
            let ends = self::first(dictionary, offset) == Some(second) && second.next().is_none();
            self.erase_entry(dictionary, -8);
            let is_empty = self::first(dictionary, offset).is_none();
            (are_linked && follows && ends && is_empty).then_some(offset)
        }
    }

    /// # Safety
    /// The pointer must be that of a Dictionary.
    unsafe fn add_entry(&self, dictionary: sys::GDExtensionTypePtr, mut key: i64) -> Option<Entry> {
        let mut place = Place::default();
        let variant: sys::GDExtensionVariantPtr = (&raw mut place).cast();
        // SAFETY: as above. An int owns nothing. The new value is a nil, with its key before it.
        unsafe {
            (self.variant_from_int)(variant.cast(), (&raw mut key).cast());
            let value = (self.dictionary_entry)(dictionary, variant);
            if layout::type_of(value) != kind::NIL {
                return None;
            }
            let entry = Entry(value.cast::<u8>().wrapping_sub(VALUE));
            let stands_there = layout::type_of(entry.key()) == kind::INT
                && layout::value(entry.key().cast_mut()).cast::<i64>().read() == key;
            stands_there.then_some(entry)
        }
    }

    /// # Safety
    /// The pointer must be that of a Dictionary.
    unsafe fn erase_entry(&self, dictionary: sys::GDExtensionTypePtr, mut key: i64) {
        let mut place = Place::default();
        let (variant, mut erased) = ((&raw mut place).cast::<std::ffi::c_void>(), 0_u8);
        // SAFETY: as above.
        unsafe {
            (self.variant_from_int)(variant.cast(), (&raw mut key).cast());
            let arguments = [variant.cast_const().cast()];
            (self.dictionary_erase)(dictionary, arguments.as_ptr(), (&raw mut erased).cast(), 1);
        }
    }
}
