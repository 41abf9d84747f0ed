//! What a Variant looks like in memory.
//!
//! It begins with its type; its value follows after eight bytes. A bool, an int and a float stand there as they are, a String, an
//! Array and a Dictionary as a pointer. An Array and a Dictionary point to what those share who hold them, and that begins with
//! the number of the holders, which no function of the engine tells. A String points to its characters, before which their number
//! stands. The engine's own bindings for C# are built on the same (`godot_variant`, `godot_array` and `godot_string` in their
//! `InteropStructs.cs`), and so far it is the same in every version of Godot 4.
//!
//! It is not taken on trust: it is tried out when the library begins to work, on values that are known. In an engine where
//! anything is different the functions of the interface do the work, more slowly, and no value is filled again.

use std::ffi::CStr;
use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicU32, Ordering};

use godot::sys;

use super::entries::{self, Entry};
use super::{Construct, Engine, Local, ToVariant, kind};

type Type = sys::GDExtensionVariantType;
type VariantPtr = sys::GDExtensionVariantPtr;

/// Where the value begins, in bytes.
const VALUE: usize = 8;
/// As long as a Variant is anywhere: with double precision, five words.
pub(super) type Place = [u64; 5];

/// What differs from one version of the engine to another.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    /// How many bytes before the first character of a String the number of its characters stands, a final zero among them.
    length_before: usize,
    /// Where the pointer to the first entry stands in what the holders of a Dictionary share, in bytes.
    first_entry: usize,
}

impl Layout {
    /// The characters of a String.
    ///
    /// # Safety
    /// The pointer must be that of a String, which nothing changes as long as the result lives.
    pub(super) unsafe fn characters<'a>(self, string: sys::GDExtensionConstTypePtr) -> &'a [u32] {
        // SAFETY: as above.
        unsafe {
            let first = string.cast::<*const u32>().read();
            if first.is_null() {
                return &[];
            }
            let length = first.byte_sub(self.length_before).cast::<u64>().read();
            slice::from_raw_parts(first, length.saturating_sub(1) as usize)
        }
    }

    /// The first entry of a Dictionary, if there is any.
    ///
    /// # Safety
    /// The pointer must be that of a Dictionary.
    pub(super) unsafe fn first_entry(self, dictionary: sys::GDExtensionTypePtr) -> Option<Entry> {
        // SAFETY: as above.
        unsafe { entries::first(dictionary, self.first_entry) }
    }
}

/// The type of a Variant.
///
/// # Safety
/// The layout is known, and the pointer that of a Variant.
pub(super) unsafe fn type_of(variant: sys::GDExtensionConstVariantPtr) -> Type {
    // SAFETY: as above.
    unsafe { variant.cast::<Type>().read() }
}

/// Where the value of a Variant is: the pointer to a String, an Array or a Dictionary that the functions for these types take.
///
/// # Safety
/// The layout is known, and the pointer that of a Variant.
pub(super) unsafe fn value(variant: VariantPtr) -> sys::GDExtensionTypePtr {
    // SAFETY: as above.
    unsafe { variant.cast::<u8>().add(VALUE).cast() }
}

/// Writes a value that is no more than its bits over nil or another such value.
///
/// # Safety
/// The layout is known, the pointer that of such a Variant, and the value of that type.
pub(super) unsafe fn write<T>(variant: VariantPtr, kind: Type, new: T) {
    // SAFETY: as above.
    unsafe {
        variant.cast::<Type>().write(kind);
        value(variant).cast::<T>().write(new);
    }
}

/// Makes a place nil, whatever there was.
///
/// # Safety
/// The layout is known, and the pointer that of a Variant, or of one that was moved elsewhere or let go of.
pub(super) unsafe fn write_nil(variant: VariantPtr) {
    // SAFETY: as above.
    unsafe { variant.cast::<Type>().write(kind::NIL) };
}

/// How many hold an Array or a Dictionary.
///
/// # Safety
/// The layout is known, and the pointer that of an Array or a Dictionary.
pub(super) unsafe fn holders(container: sys::GDExtensionTypePtr) -> u32 {
    // SAFETY: as above. The engine changes the number atomically.
    unsafe { (**container.cast::<*const AtomicU32>()).load(Ordering::Acquire) }
}

impl Engine {
    /// Tries out whether the layout is as it is described here, and what is not the same everywhere.
    pub(super) fn try_layout(&self) -> Option<Layout> {
        if !self.has_layout() {
            return None;
        }
        Some(Layout { length_before: self.find_length()?, first_entry: self.find_first_entry()? })
    }

    fn has_layout(&self) -> bool {
        // Nobody has tried it where a pointer has 32 bits.
        size_of::<usize>() == 8
            && size_of::<Type>() == 4
            && self.shows(self.variant_from_bool, kind::BOOL, 1_u8)
            && self.shows(self.variant_from_int, kind::INT, 0x0123_4567_89AB_CDEF_i64)
            && self.shows(self.variant_from_float, kind::FLOAT, -1.25_f64)
            && self.shows_nil()
            && self.counts(self.array_new, self.array_destroy, self.variant_from_array, kind::ARRAY)
            && self.counts(
                self.dictionary_new,
                self.dictionary_destroy,
                self.variant_from_dictionary,
                kind::DICTIONARY,
            )
            && self.shares_characters()
    }

    fn shows<T: Copy + PartialEq>(&self, make: ToVariant, kind: Type, mut given: T) -> bool {
        let mut place = Place::default();
        let variant: VariantPtr = (&raw mut place).cast();
        // SAFETY: the function makes a Variant of the place, which is large enough and owns nothing.
        unsafe {
            make(variant.cast(), (&raw mut given).cast());
            type_of(variant) == kind && value(variant).cast::<T>().read() == given
        }
    }

    fn shows_nil(&self) -> bool {
        let mut place: Place = [u64::MAX; 5];
        let variant: VariantPtr = (&raw mut place).cast();
        // SAFETY: as above.
        unsafe {
            (self.variant_nil)(variant.cast());
            type_of(variant) == kind::NIL
        }
    }

    /// Whether the number of holders is right while more and more hold an empty container, and fewer again.
    fn counts(&self, new: Construct, destroy: super::Destroy, make: ToVariant, kind: Type) -> bool {
        let mut places = [Place::default(); 3];
        // SAFETY: the functions make a container, and Variants that hold it, which are let go of once. That the container begins
        // with a pointer to at least four bytes is so in any engine whose Arrays and Dictionaries are shared.
        unsafe {
            let mut container = Local::new(destroy, |place| new(place, ptr::null()));
            let mut are_right = holders(container.pointer()) == 1;
            for (index, place) in places.iter_mut().enumerate() {
                let variant: VariantPtr = ptr::from_mut(place).cast();
                make(variant.cast(), container.pointer());
                are_right &= holders(container.pointer()) == index as u32 + 2
                    && type_of(variant) == kind
                    && value(variant).cast::<usize>().read() == container.pointer().cast::<usize>().read();
            }
            for (index, place) in places.iter_mut().enumerate() {
                (self.variant_destroy)(ptr::from_mut(place).cast());
                are_right &= holders(container.pointer()) == 3 - index as u32;
            }
            are_right
        }
    }

    /// Where the number of a String's characters stands, if it is as described for any of them.
    fn find_length(&self) -> Option<usize> {
        /// Versions that note how much there is room for as well have it further off.
        const PLACES: [usize; 2] = [8, 16];
        const TEXTS: [&CStr; 4] =
            [c"x", c"characters", c"seventeen of them", c"as many as there are in here"];

        let shows = |text: &CStr, length_before: usize| {
            let expected = text.to_bytes();
            // SAFETY: the function makes a String, which is let go of once. Its characters are read as far as there are any.
            unsafe {
                let mut string = Local::new(self.string_destroy, |place| {
                    (self.string_from_latin1)(place.cast(), text.as_ptr(), expected.len() as i64);
                });
                let first = string.pointer().cast::<*const u32>().read();
                !first.is_null()
                    && first.byte_sub(length_before).cast::<u64>().read() == expected.len() as u64 + 1
                    && expected.iter().enumerate().all(|(index, &byte)| *first.add(index) == u32::from(byte))
            }
        };
        let fits = |place| TEXTS.into_iter().all(|text| shows(text, place)) && self.grows(place);
        PLACES.into_iter().find(|&place| fits(place))
    }

    /// Whether the number is right also where a String that has grown has room for more.
    fn grows(&self, length_before: usize) -> bool {
        // SAFETY: as above.
        unsafe {
            let append = sys::interface_fn!(string_operator_plus_eq_cstr);
            let mut string = Local::new(self.string_destroy, |place| {
                (self.string_from_latin1)(place.cast(), c"x".as_ptr(), 1);
            });
            (1_u64..20).all(|length| {
                let first = string.pointer().cast::<*const u32>().read();
                let is_right = first.byte_sub(length_before).cast::<u64>().read() == length + 1;
                append(string.pointer().cast(), c"y".as_ptr());
                is_right
            })
        }
    }

    /// Whether a String is a pointer to its characters, which a copy of it shares and an equal one does not.
    fn shares_characters(&self) -> bool {
        let [mut one, mut copy, mut equal] = [Place::default(); 3];
        // SAFETY: the functions make Strings, and Variants that hold them, which are let go of once.
        unsafe {
            let new = |place: sys::GDExtensionUninitializedTypePtr| {
                (self.string_from_latin1)(place.cast(), c"characters".as_ptr(), 10);
            };
            let mut first = Local::new(self.string_destroy, new);
            let mut second = Local::new(self.string_destroy, new);
            let [one, copy, equal]: [VariantPtr; 3] =
                [&raw mut one, &raw mut copy, &raw mut equal].map(<*mut Place>::cast);
            (self.variant_from_string)(one.cast(), first.pointer());
            (self.variant_from_string)(copy.cast(), first.pointer());
            (self.variant_from_string)(equal.cast(), second.pointer());
            let [shared, same, other] =
                [one, copy, equal].map(|variant| value(variant).cast::<usize>().read());
            let are_strings = [one, copy, equal].into_iter().all(|variant| type_of(variant) == kind::STRING);
            [one, copy, equal].into_iter().for_each(|variant| (self.variant_destroy)(variant));
            are_strings && shared == same && shared != other
        }
    }
}
