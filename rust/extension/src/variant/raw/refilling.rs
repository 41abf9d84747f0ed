//! Filling values again that an earlier event had, in place of making new ones.
//!
//! To make a Dictionary of six entries and to let go of it takes some ten allocations; to fill it again takes none. An event
//! of the same kind has the same containers as a rule, so that only the numbers and texts in them change.
//!
//! The game may have done anything to them meanwhile. What it still reaches, what it has made constant, and typed containers
//! are left to it. And what it has put into them may be an Object, whose end runs the game's code: that is handed to the
//! main thread, with the container that it is in.
//!
//! That a container has one holder says that nobody else reaches it only if whatever leads to it has one holder as well, and
//! shares its memory with nobody: see [`own_elements`]. So containers are looked at from the outside in, and an Array is made
//! to own its elements before one of them is. The entries of a Dictionary are never shared: a copy of it has its own.

use std::iter;
use std::marker::PhantomData;
use std::slice;

use godot::builtin::{Variant, VariantType};
use godot::sys;
use socketio_protocol::values::MAX_DEPTH;

use super::entries::Entry;
use super::layout::{self, Place};
use super::{Engine, Method, Slot, call, engine, kind, resize, type_of, with_characters};

/// Whether nobody else holds the Array of a Variant. Then nobody else can begin to, and it may be filled again.
pub(in crate::variant) fn is_sole(variant: &Variant) -> bool {
    // SAFETY: the Variant holds an Array, and is not changed.
    engine().uses_layout()
        && unsafe {
            let variant = variant.var_sys().cast_mut();
            layout::type_of(variant) == kind::ARRAY && layout::holders(layout::value(variant)) == 1
        }
}

/// An Array that nobody else holds, and all that is in it: plain data whose end does nothing but give memory back, on whichever
/// thread that is.
pub(in crate::variant) struct PlainArray(#[expect(dead_code, reason = "it only ends")] Variant);

// SAFETY: as said above.
unsafe impl Send for PlainArray {}

impl PlainArray {
    /// The Array itself if it is no such Array.
    pub(in crate::variant) fn of(mut array: Variant) -> Result<Self, Variant> {
        let is_plain = Old::of(&mut array).is_some_and(|old| old.is_memory(0));
        if is_plain { Ok(Self(array)) } else { Err(array) }
    }
}

/// A place with whatever an earlier event or the game has left in it, in a value that nobody else holds.
pub(in crate::variant) struct Old<'a> {
    engine: &'static Engine,
    variant: sys::GDExtensionVariantPtr,
    place: PhantomData<&'a mut Variant>,
}

impl<'a> Old<'a> {
    /// What an earlier event has left, if it is an Array that [nobody else holds](is_sole).
    pub(in crate::variant) fn of(variant: &'a mut Variant) -> Option<Self> {
        is_sole(variant).then(|| Self::new(engine(), variant.var_sys_mut()))
    }

    /// `variant` must be that of a Variant, which nothing else uses as long as this lives, and the layout be known.
    fn new(engine: &'static Engine, variant: sys::GDExtensionVariantPtr) -> Self {
        Self { engine, variant, place: PhantomData }
    }

    /// Makes room for another value. What only the main thread may let go of goes to `foreign`.
    pub(in crate::variant) fn clear(self, foreign: &mut Vec<Variant>) -> Slot<'a> {
        let engine = self.engine;
        // SAFETY: the place is that of a Variant, which is moved out or let go of before it is overwritten with a nil.
        unsafe {
            match self.kind() {
                kind::NIL => {}
                kind::BOOL | kind::INT | kind::FLOAT => layout::write_nil(self.variant),
                _ if self.is_memory(0) => {
                    (engine.variant_destroy)(self.variant);
                    layout::write_nil(self.variant);
                }
                _ => {
                    foreign.push(self.variant.cast::<Variant>().read());
                    layout::write_nil(self.variant);
                }
            }
        }
        Slot::new(engine, self.variant)
    }

    /// Whether it is plain data, in containers that may be filled again: then its end does nothing but give memory back.
    fn is_memory(&self, depth: usize) -> bool {
        let is_memory = |variant| Self::new(self.engine, variant).is_memory(depth + 1);
        match self.kind() {
            kind::NIL | kind::BOOL | kind::INT | kind::FLOAT | kind::STRING | kind::BYTES => true,
            kind::ARRAY if depth < MAX_DEPTH => self.fillable_array().is_some_and(|array| {
                // SAFETY: it is an Array that nobody else holds.
                let elements = unsafe { own_elements(self.engine, array) };
                elements.iter_mut().all(|element| is_memory(element.var_sys_mut()))
            }),
            kind::DICTIONARY if depth < MAX_DEPTH => self
                .fillable_dictionary()
                .is_some_and(|(_, first)| entries_from(first).all(|entry| is_memory(entry.value()))),
            _ => false,
        }
    }

    /// Whether it is a String of these characters.
    pub(in crate::variant) fn is_string(&self, text: &str) -> bool {
        // SAFETY: the place is that of a Variant.
        is_string(unsafe { &*self.variant.cast::<Variant>() }, text)
    }

    /// Its elements, `length` of them, to be filled again; nothing if it has to be replaced.
    pub(in crate::variant) fn array(
        self,
        length: usize,
        foreign: &mut Vec<Variant>,
    ) -> Result<OldArray<'a>, Self> {
        let engine = self.engine;
        let Some(array) = self.fillable_array() else { return Err(self) };
        // SAFETY: it is an Array that nobody else holds.
        unsafe {
            let mut elements = own_elements(engine, array);
            if elements.len() != length {
                for element in elements.iter_mut().skip(length) {
                    Old::new(engine, element.var_sys_mut()).clear(foreign);
                }
                resize(array, engine.array_resize, length);
                elements = own_elements(engine, array);
            }
            let first = elements.as_mut_ptr();
            Ok(OldArray { engine, first, left: length, place: PhantomData })
        }
    }

    /// Its entries, to be filled again; nothing if it has to be replaced.
    pub(in crate::variant) fn dictionary(self) -> Result<OldDictionary<'a>, Self> {
        let engine = self.engine;
        let Some((dictionary, next)) = self.fillable_dictionary() else { return Err(self) };
        Ok(OldDictionary { engine, dictionary, next, place: PhantomData })
    }

    /// Its Array, if it is one that may be filled again.
    fn fillable_array(&self) -> Option<sys::GDExtensionTypePtr> {
        self.container(kind::ARRAY, Some(self.engine.array_is_typed), self.engine.array_is_read_only)
    }

    /// Its Dictionary, if it is one that may be filled again, with the first entry.
    fn fillable_dictionary(&self) -> Option<(sys::GDExtensionTypePtr, Option<Entry>)> {
        let engine = self.engine;
        let dictionary =
            self.container(kind::DICTIONARY, engine.dictionary_is_typed, engine.dictionary_is_read_only)?;
        // SAFETY: it is a Dictionary.
        let first = unsafe { engine.layout?.first_entry(dictionary) };
        // A key that is an Array may not be found again, and one that is an Object may run the game's code at its end.
        // SAFETY: the entries are there.
        let has_text = |entry: Entry| unsafe { layout::type_of(entry.key()) == kind::STRING };
        entries_from(first).all(has_text).then_some((dictionary, first))
    }

    /// Its Array or Dictionary, if it is one that may be filled again.
    fn container(
        &self,
        kind: sys::GDExtensionVariantType,
        is_typed: Option<Method>,
        is_read_only: Method,
    ) -> Option<sys::GDExtensionTypePtr> {
        if self.kind() != kind {
            return None;
        }
        // SAFETY: the layout is known, and the methods are those of the type.
        unsafe {
            let container = layout::value(self.variant);
            let may_be_filled = layout::holders(container) == 1
                && is_typed.is_none_or(|method| call(container, method, 0_u8) == 0)
                && call(container, is_read_only, 0_u8) == 0;
            may_be_filled.then_some(container)
        }
    }

    fn kind(&self) -> sys::GDExtensionVariantType {
        // SAFETY: the layout is known.
        unsafe { layout::type_of(self.variant) }
    }
}

/// The elements of an Array, which no other Array shares afterwards.
///
/// A shallow copy shares the buffer of the original until one of them changes. An element in it counts one holder, although it
/// is reached through both. Asking for a place to write to makes the engine copy a shared buffer, so that each element counts
/// everybody who reaches it.
///
/// # Safety
/// The pointer must be that of an Array that nobody else holds, and that is not read-only. Nothing else may use its elements
/// as long as the result lives.
unsafe fn own_elements<'a>(engine: &Engine, array: sys::GDExtensionTypePtr) -> &'a mut [Variant] {
    // SAFETY: as above; `size` is a method of Arrays. The elements follow each other in memory.
    unsafe {
        match usize::try_from(call(array, engine.array_size, 0_i64)) {
            Ok(length) if length > 0 => {
                slice::from_raw_parts_mut((engine.array_element)(array, 0).cast(), length)
            }
            _ => &mut [],
        }
    }
}

/// The entries of a Dictionary, of which nothing is removed and to which nothing is added meanwhile.
fn entries_from(first: Option<Entry>) -> impl Iterator<Item = Entry> {
    // SAFETY: the entries are there.
    iter::successors(first, |entry| unsafe { entry.next() })
}

/// An Array that is filled again.
pub(in crate::variant) struct OldArray<'a> {
    engine: &'static Engine,
    /// The elements follow each other in memory, and stay where they are as long as nobody else has the Array.
    first: *mut Variant,
    left: usize,
    place: PhantomData<&'a mut Variant>,
}

impl OldArray<'_> {
    /// The next element.
    pub(in crate::variant) fn next(&mut self) -> Option<Old<'_>> {
        self.left = self.left.checked_sub(1)?;
        let element = self.first;
        // SAFETY: there was one more, so that the next one is there or the end.
        self.first = unsafe { element.add(1) };
        Some(Old::new(self.engine, element.cast()))
    }
}

/// A Dictionary that is filled again.
pub(in crate::variant) struct OldDictionary<'a> {
    engine: &'static Engine,
    dictionary: sys::GDExtensionTypePtr,
    /// The next of its entries that has not been filled again.
    next: Option<Entry>,
    place: PhantomData<&'a mut Variant>,
}

impl OldDictionary<'_> {
    /// The place for the value of the next key, if that is the same as before.
    pub(in crate::variant) fn next(&mut self, key: &str) -> Option<Old<'_>> {
        let entry = self.next?;
        // SAFETY: the entry is there: what is removed is none of those that are next.
        unsafe {
            if !is_string(&*entry.key().cast::<Variant>(), key) {
                return None;
            }
            self.next = entry.next();
        }
        Some(Old::new(self.engine, entry.value()))
    }

    /// The place for the value of another key than the [next](Self::next). That one and what follows it are removed, so that
    /// the order of the keys is the new one.
    pub(in crate::variant) fn other(&mut self, key: &Variant, foreign: &mut Vec<Variant>) -> Old<'_> {
        self.remove_rest(foreign);
        // SAFETY: the place is that of a Variant. Nothing is added to the Dictionary as long as it is used.
        let value = unsafe { (self.engine.dictionary_entry)(self.dictionary, key.var_sys()) };
        Old::new(self.engine, value)
    }

    /// Removes the entries that have not been filled again.
    pub(in crate::variant) fn remove_rest(&mut self, foreign: &mut Vec<Variant>) {
        let engine = self.engine;
        while let Some(entry) = self.next {
            Old::new(engine, entry.value()).clear(foreign);
            let (mut place, mut erased) = (Place::default(), 0_u8);
            let key: sys::GDExtensionVariantPtr = (&raw mut place).cast();
            // SAFETY: the entry is there until it is erased, by a copy of its key; `erase` takes a Variant and gives a bool.
            unsafe {
                self.next = entry.next();
                (engine.variant_copy)(key.cast(), entry.key());
                let arguments = [key.cast_const().cast()];
                (engine.dictionary_erase)(self.dictionary, arguments.as_ptr(), (&raw mut erased).cast(), 1);
                (engine.variant_destroy)(key);
            }
        }
    }
}

/// Whether a Variant is a String of these characters.
fn is_string(variant: &Variant, text: &str) -> bool {
    type_of(variant) == VariantType::STRING
        && with_characters(variant, |characters| {
            if characters.len() == text.len() {
                // Then each is one byte, or they are not the same.
                return characters
                    .iter()
                    .zip(text.as_bytes())
                    .all(|(&character, &byte)| byte.is_ascii() && u32::from(byte) == character);
            }
            characters.len() < text.len() && text.chars().map(u32::from).eq(characters.iter().copied())
        })
}
